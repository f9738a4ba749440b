#include "core/crdt/interval_lists.h"

#include "core/crdt/growth.h"
#include "core/crdt/span_nodes.h"

#include <functional>
#include <utility>

namespace nlbd::crdt {

std::uint32_t IntervalLists::add(const Interval &interval)
{
    CHECK(m_intervals.size() < kListBit);
    m_intervals.push_back(interval);
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

namespace {

/// The letters of a leaf that was just written, by their ids: a split asks for so many that sorting
/// its spans costs less than to look for each in the index.
class LettersOf {
public:
    explicit LettersOf(const SpanLeaf &leaf)
    {
        for (; m_count < leaf.count; ++m_count) {
            const Span &added = leaf.spans[m_count];
            std::uint32_t at = m_count; // mostly they were typed one after the other
            for (; at > 0 && m_spans[at - 1].first > added.first; --at)
                m_spans[at] = m_spans[at - 1];
            m_spans[at] = {added.first, added.length};
        }
    }

    [[nodiscard]] bool hold(LocalId letter) const noexcept
    {
        const Piece *from = m_spans.data(); // No jumps: nobody could foresee them.
        for (std::uint32_t rest = m_count; rest > 1;) {
            const std::uint32_t half = rest / 2;
            from += from[half].first <= letter ? half : 0;
            rest -= half;
        }
        return letter - from->first < from->length;
    }

private:
    struct Piece {
        LocalId first = 0;
        std::uint32_t length = 0;
    };
    std::array<Piece, SpanLeaf::kSpansMax> m_spans;
    std::uint32_t m_count = 0;
};

} // namespace

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

void IntervalLists::part(SpanLeaf &left, SpanLeaf &right)
{
    right.covers = left.covers;
    if (left.borders == kNone)
        return;
    if (right.count == 0) { // somebody writes on behind the last letter
        pushList(right.covers, left.passing);
        return;
    }
    const LettersOf moved(right);
    const auto isRight = [&](Border border) {
        return !border.isTextEnd() && moved.hold(border.letter());
    };
    std::vector<std::uint32_t> parted;
    partBorders(left.borders, right.borders, isRight, parted);
    const Head passing = left.passing;
    const Head arriving = left.arriving;
    const bool isNoneLeft = left.borders == kNone;
    const bool isNoneRight = right.borders == kNone;
    if (isNoneLeft) {
        right.passing = std::exchange(left.passing, kNone);
        right.arriving = std::exchange(left.arriving, kNone);
    } else if (!isNoneRight) {
        const auto startsRight = [&](std::uint32_t it) { return isRight(m_intervals[it].from); };
        const auto endsRight = [&](std::uint32_t it) { return isRight(m_intervals[it].to); };
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
