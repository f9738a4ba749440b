#include "core/crdt/interval_lists.h"

#include "core/crdt/growth.h"
#include "core/crdt/leaf_index.h"
#include "core/crdt/span_nodes.h"

#include <functional>
#include <utility>

namespace nlbd::crdt {

std::uint32_t IntervalLists::add(const Interval &interval)
{
    CHECK(m_intervals.size() < UINT32_MAX >> 2U);
    pushSlowly(m_intervals, interval);
    return count() - 1;
}

IntervalLists::Head IntervalLists::linkTo(std::uint32_t value, Head next)
{
    CHECK(m_links.size() < kListBit);
    pushSlowly(m_links, Link{value, next});
    return static_cast<Head>(m_links.size() - 1);
}

void IntervalLists::pushList(Head &covers, Head list)
{
    if (list != kNone)
        covers = linkTo(list | kListBit, covers);
}

/// Those of a list that shall be kept. Behind the last that shall not, it is the same list.
template <typename Keep>
IntervalLists::Head IntervalLists::filtered(Head list, Keep keep)
{
    Head shared = list;
    for (Head it = list; it != kNone; it = m_links[it].next) {
        if (!keep(m_links[it].value))
            shared = m_links[it].next;
    }
    Head result = shared;
    for (Head it = list; it != shared; it = m_links[it].next) {
        if (keep(m_links[it].value))
            result = linkTo(m_links[it].value, result);
    }
    return result;
}

/// Deals the borders out; returns the intervals that had both in the leaf and now have not.
std::vector<std::uint32_t> IntervalLists::partBorders(SpanLeaf &left, SpanLeaf &right,
                                                      const LeafIndex &leaves)
{
    std::vector<std::uint32_t> parted;
    LocalId asked = kRootId; // many borders are at one letter
    bool isAskedRight = leaves.leafOf(kRootId) == right.number;
    const auto isRight = [&](Border border) {
        if (border.isTextEnd())
            return false;
        if (border.letter() != asked) {
            asked = border.letter();
            isAskedRight = leaves.leafOf(asked) == right.number;
        }
        return isAskedRight;
    };
    Head next = std::exchange(left.borders, kNone);
    while (next != kNone) {
        const Head link = next;
        next = m_links[link].next;
        const std::uint32_t value = m_links[link].value;
        const Interval &it = m_intervals[value >> 2U];
        const bool isEnd = (value & kEndBit) != 0;
        if (!isEnd && !isRight(it.from) && isRight(it.to))
            parted.push_back(value >> 2U);
        Head &borders = isRight(isEnd ? it.to : it.from) ? right.borders : left.borders;
        m_links[link].next = std::exchange(borders, link);
    }
    return parted;
}

void IntervalLists::part(SpanLeaf &left, SpanLeaf &right, const LeafIndex &leaves)
{
    right.covers = left.covers;
    if (left.borders == kNone)
        return;
    const std::vector<std::uint32_t> parted = partBorders(left, right, leaves);
    const Head passing = left.passing;
    const Head arriving = left.arriving;
    if (left.borders == kNone) {
        right.passing = std::exchange(left.passing, kNone);
        right.arriving = std::exchange(left.arriving, kNone);
    } else if (right.borders != kNone) {
        const auto startsRight = [&](std::uint32_t it) {
            return leaves.leafOf(m_intervals[it].from.letter()) == right.number;
        };
        const auto endsRight = [&](std::uint32_t it) {
            return leaves.leafOf(m_intervals[it].to.letter()) == right.number;
        };
        right.passing = filtered(passing, startsRight);
        left.passing = filtered(passing, std::not_fn(startsRight));
        right.arriving = filtered(arriving, endsRight);
        left.arriving = filtered(arriving, std::not_fn(endsRight));
    }
    pushList(right.covers, left.passing);
    pushList(left.covers, right.arriving);
    for (const std::uint32_t it : parted) {
        push(left.passing, it);
        push(right.arriving, it);
    }
}

} // namespace nlbd::crdt
