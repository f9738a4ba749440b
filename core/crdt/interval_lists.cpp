#include "core/crdt/interval_lists.h"

#include "core/crdt/growth.h"
#include "core/crdt/leaf_index.h"
#include "core/crdt/span_nodes.h"

#include <functional>
#include <utility>

namespace nlbd::crdt {

std::uint32_t IntervalLists::add(const Interval &interval)
{
    CHECK(m_intervals.size() < kListBit);
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

/// Deals a list of borders out. The starts that stay while the ends go are `parted`.
template <typename IsRight>
void IntervalLists::partBorders(Head &left, Head &right, IsRight isRight,
                                std::vector<std::uint32_t> &parted)
{
    Head next = std::exchange(left, kNone);
    while (next != kNone) {
        const Head link = next;
        next = m_links[link].next;
        const std::uint32_t value = m_links[link].value;
        const Interval &it = m_intervals[value >> 1U];
        const bool isEnd = (value & 1U) != 0;
        Head &side = isRight(isEnd ? it.to : it.from) ? right : left;
        m_links[link].next = std::exchange(side, link);
        if (!isEnd && &side == &left && isRight(it.to))
            parted.push_back(value >> 1U);
    }
}

void IntervalLists::part(SpanLeaf &left, SpanLeaf &right, const LeafIndex &leaves)
{
    right.covers = left.covers;
    if (left.borders == kNone && left.rightEnds == kNone)
        return;
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
    std::vector<std::uint32_t> parted;
    partBorders(left.borders, right.borders, isRight, parted);
    partBorders(left.rightEnds, right.rightEnds, isRight, parted);
    const Head passing = left.passing;
    const Head arriving = left.arriving;
    const bool isNoneLeft = left.borders == kNone && left.rightEnds == kNone;
    const bool isNoneRight = right.borders == kNone && right.rightEnds == kNone;
    if (isNoneLeft) {
        right.passing = std::exchange(left.passing, kNone);
        right.arriving = std::exchange(left.arriving, kNone);
    } else if (!isNoneRight) {
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
