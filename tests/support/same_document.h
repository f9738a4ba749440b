#pragma once

#include "core/base/check.h"
#include "tests/support/object_pen.h"

/// Contradictions between two documents abort.
namespace nlbd::test {

/// Both show the same text, formats and blocks.
inline void compareText(const crdt::Document &a, const crdt::Document &b)
{
    const TextOffset end = a.length();
    CHECK(b.text() == a.text() && b.length() == end);
    CHECK(b.runs(0, end) == a.runs(0, end));
    CHECK(b.styledRuns(0, end) == a.styledRuns(0, end));
    CHECK(b.blocks(0, end) == a.blocks(0, end));
    CHECK(b.content(0, end) == a.content(0, end));
    for (TextOffset at = 0; at <= end; ++at) {
        CHECK(b.attributes(at) == a.attributes(at));
        CHECK(b.marksForTyping(at) == a.marksForTyping(at));
        CHECK(b.anchorAt(at) == a.anchorAt(at));
    }
}

/// Both hold the same in all of these objects.
inline void compareObjects(const crdt::Document &a, const crdt::Document &b,
                           const ObjectPen::Made &made)
{
    for (const crdt::OpId map : made.maps) {
        CHECK(b.keys(map) == a.keys(map));
        for (const std::string &key : a.keys(map))
            CHECK(b.entries(map, key) == a.entries(map, key));
    }
    for (const crdt::OpId list : made.lists)
        CHECK(b.items(list) == a.items(list));
    for (const crdt::OpId counter : made.counters)
        CHECK(b.counter(counter) == a.counter(counter));
    for (const auto &[list, items] : made.items)
        for (const crdt::OpId item : items)
            CHECK(b.entries(item, "") == a.entries(item, ""));
}

} // namespace nlbd::test
