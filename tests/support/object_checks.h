#pragma once

#include "core/base/check.h"
#include "tests/support/object_oracle.h"

namespace nlbd::test {

/// The letters that are seen, and the root for the last block.
[[nodiscard]] inline std::vector<crdt::OpId> lettersOf(const crdt::Document &document)
{
    std::vector<crdt::OpId> ids;
    for (const crdt::Document::Run &run : document.runs(0, document.length())) {
        for (std::uint32_t i = 0; i < run.length; ++i)
            ids.push_back({run.first.change, run.first.index + i});
    }
    ids.push_back(crdt::kRoot);
    return ids;
}

/// Aborts unless the attributes of all letters and the blocks are those of the oracle.
inline void checkBlocks(const crdt::Document &document, const ObjectOracle &oracle)
{
    const std::vector<crdt::OpId> ids = lettersOf(document);
    std::vector<crdt::Block> blocks;
    TextOffset start = 0;
    for (TextOffset at = 0; at < ids.size(); ++at) {
        const crdt::Attributes attributes = oracle.attributes(ids[at]);
        CHECK(document.attributes(at) == attributes);
        if (at == document.length() || document.text(at, 1) == "\n") {
            blocks.push_back({start, at - start, attributes});
            start = at + 1;
        }
    }
    CHECK(document.blocks(0, document.length()) == blocks);
    for (const crdt::Block &block : blocks) {
        CHECK(document.blocks(block.from, block.from) == std::vector{block});
        const TextOffset end = block.from + block.length;
        CHECK(document.blocks(end, end) == std::vector{block});
    }
}

/// The same for maps that have these keys, lists and counters.
inline void checkObjects(const crdt::Document &document, const ObjectOracle &oracle,
                         const std::vector<std::string> &keys)
{
    using Kind = crdt::Value::Kind;
    std::vector<crdt::OpId> maps = oracle.objects(Kind::Map);
    maps.push_back(crdt::kRoot);
    for (const crdt::OpId map : maps) {
        CHECK(document.keys(map) == oracle.keys(map));
        for (const std::string &key : keys)
            CHECK(document.entries(map, key) == oracle.entries(map, key));
    }
    for (const crdt::OpId list : oracle.objects(Kind::List)) {
        CHECK(document.items(list) == oracle.items(list));
        for (const crdt::OpId item : oracle.allItems(list))
            CHECK(document.entries(item, "") == oracle.entries(item, ""));
    }
    for (const crdt::OpId counter : oracle.objects(Kind::Counter))
        CHECK(document.counter(counter) == oracle.counter(counter));
}

} // namespace nlbd::test
