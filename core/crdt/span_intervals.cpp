#include "core/crdt/span_intervals.h"

#include <algorithm>
#include <utility>

namespace nlbd::crdt {

namespace {

/// Where the letters of borders stand in a leaf: many borders are at one letter.
class Locator {
public:
    explicit Locator(const SpanLeaf &leaf)
        : m_leaf(&leaf)
    {
    }
    struct Place {
        std::uint32_t slot = 0;
        std::uint32_t offset = 0;
        friend auto operator<=>(const Place &, const Place &) = default;
    };
    [[nodiscard]] Place placeOf(LocalId letter) noexcept
    {
        if (letter - m_leaf->spans[m_place.slot].first != m_place.offset) {
            m_place.slot = m_leaf->slotOf(letter);
            m_place.offset = letter - m_leaf->spans[m_place.slot].first;
        }
        return m_place;
    }

private:
    const SpanLeaf *m_leaf;
    Place m_place;
};

} // namespace

/// In the order of the text. Leaves are all equally deep.
bool SpanIntervals::isBefore(const SpanTree::Spot &a, const SpanTree::Spot &b) noexcept
{
    if (a.leaf == b.leaf)
        return std::tuple(a.slot, a.offset) < std::tuple(b.slot, b.offset);
    const SpanNode *left = a.leaf;
    const SpanNode *right = b.leaf;
    while (left->parent != right->parent) {
        left = left->parent;
        right = right->parent;
    }
    return left->place < right->place;
}

/// Who formats what was just typed begins a little before the place of the last edit.
SpanTree::Spot SpanIntervals::spotOf(LocalId letter) const noexcept
{
    constexpr std::uint32_t kNear = 8;
    SpanLeaf &hot = *m_tree->m_hot;
    const std::uint32_t from = m_tree->m_nearSlot;
    for (std::uint32_t back = 0; back < kNear && back <= from; ++back) {
        const Span &span = hot.spans[from - back];
        if (letter - span.first < span.length)
            return {&hot, from - back, letter - span.first};
    }
    return m_tree->spotOf(letter);
}

std::uint32_t SpanIntervals::add(const Interval &interval)
{
    findWaiting();
    if (interval.to.isRight())
        m_rightEnds.add(interval.to.letter());
    return lists().add(interval);
}

std::uint32_t SpanIntervals::add(const Anchor &from, const Anchor &to, Located &located)
{
    const auto find = [&](OpId id) { return located.take(id, *m_numbers).first; };
    const Border start = borderOf(from, find);
    return add({start, borderOf(to, find)});
}

/// `find` tells the local id of a letter.
template <typename Find>
Border SpanIntervals::borderOf(const Anchor &anchor, Find find)
{
    if (anchor.id == kRoot)
        return anchor.side == Side::Left ? Border::textEnd() : Border::of(kRootId, Side::Right);
    return Border::of(find(anchor.id), anchor.side);
}

void SpanIntervals::findWaiting() const
{
    constexpr std::size_t kKept = 64;
    const auto find = [this](OpId id) {
        const auto letter = m_numbers->find(id);
        CHECK(letter.has_value());
        return letter->first;
    };
    for (const Waiting &it : m_waiting) {
        const Border to = borderOf(it.to, find);
        if (to.isRight())
            m_rightEnds.add(to.letter());
        m_tree->m_lists.add({borderOf(it.from, find), to});
    }
    m_areEndsWaiting = false;
    m_waiting.clear();
    if (m_waiting.capacity() > kKept)
        m_waiting = {};
}

void SpanIntervals::placeWaiting() const
{
    findWaiting();
    const std::uint32_t count = lists().count();
    while (m_placed < count)
        place(m_placed++);
}

void SpanIntervals::place(std::uint32_t number) const
{
    const Interval interval = at(number);
    if (interval.from.isTextEnd())
        return;
    IntervalLists &lists = m_tree->m_lists;
    const SpanTree::Spot from = spotOf(interval.from.letter());
    if (interval.to.isTextEnd()) {
        lists.pushBorder(from.leaf->borders, number, false);
        lists.push(from.leaf->passing, number);
        cover(from.leaf, nullptr, number);
        return;
    }
    const SpanTree::Spot to = spotOf(interval.to.letter());
    const bool isSameLetter = interval.from.letter() == interval.to.letter();
    const bool isLetter = !interval.from.isRight() && interval.to.isRight();
    if (isSameLetter ? !isLetter : !isBefore(from, to))
        return;
    lists.pushBorder(from.leaf->borders, number, false);
    lists.pushBorder(to.leaf->borders, number, true);
    if (from.leaf == to.leaf)
        return;
    lists.push(from.leaf->passing, number);
    lists.push(to.leaf->arriving, number);
    cover(from.leaf, to.leaf, number);
}

/// Writes an interval down at the highest nodes between two leaves, or between one and the end.
void SpanIntervals::cover(SpanNode *from, SpanNode *to, std::uint32_t interval) const
{
    IntervalLists &lists = m_tree->m_lists;
    while (from->parent != nullptr) {
        const bool isTop = to != nullptr && from->parent == to->parent;
        const std::uint32_t end = isTop ? to->place : from->parent->count;
        for (std::uint32_t i = from->place + 1U; i < end; ++i)
            lists.push(from->parent->children[i]->covers, interval);
        if (isTop)
            return;
        for (std::uint32_t i = 0; to != nullptr && i < to->place; ++i)
            lists.push(to->parent->children[i]->covers, interval);
        from = from->parent;
        to = to == nullptr ? nullptr : to->parent;
    }
}

/// Calls visit(interval) for what covers the start of a leaf.
template <typename Visit>
void SpanIntervals::forEachAtStart(const SpanLeaf &leaf, Visit visit) const
{
    lists().forEach(leaf.arriving, visit);
    for (const SpanNode *node = &leaf; node != nullptr; node = node->parent)
        lists().forEachCover(node->covers, visit);
}

std::vector<SpanIntervals::Event> SpanIntervals::eventsIn(TextOffset from, TextOffset to) const
{
    std::vector<Event> events;
    if (from >= to || count() == 0)
        return events;
    placeWaiting();
    const SpanLeaf *leaf = &m_tree->leafFor(from);
    forEachAtStart(*leaf, [&](std::uint32_t it) { events.push_back({from, false, it}); });
    for (TextOffset start = m_tree->m_hotStart; leaf != nullptr && start < to; leaf = leaf->next) {
        Locator places(*leaf);
        lists().forEachBorder(leaf->borders, [&](std::uint32_t it, Border border, bool isEnd) {
            const auto [slot, offset] = places.placeOf(border.letter());
            const bool isSeen = leaf->spans[slot].hidden == 0;
            const TextOffset at = start + leaf->visibleBefore(slot)
                + (isSeen ? offset + (border.isRight() ? 1U : 0U) : 0U);
            if (at < to)
                events.push_back({std::max(at, from), isEnd, it});
        });
        start += leaf->visible;
    }
    std::ranges::sort(events);
    return events;
}

std::vector<std::uint32_t> SpanIntervals::behind(const SpanTree::Spot &letter) const
{
    return coversOf(letter, true);
}

std::vector<std::uint32_t> SpanIntervals::over(const SpanTree::Spot &letter) const
{
    return coversOf(letter, false);
}

std::vector<std::uint32_t> SpanIntervals::coversOf(const SpanTree::Spot &letter,
                                                   bool isBehind) const
{
    std::vector<std::uint32_t> begun;
    std::vector<std::uint32_t> ended;
    if (count() == 0)
        return begun;
    placeWaiting();
    forEachAtStart(*letter.leaf, [&](std::uint32_t it) { begun.push_back(it); });
    Locator places(*letter.leaf);
    const Locator::Place here{letter.slot, letter.offset};
    lists().forEachBorder(letter.leaf->borders, [&](std::uint32_t it, Border border, bool isEnd) {
        const Locator::Place at = places.placeOf(border.letter());
        if (at < here || (at == here && (isBehind || !border.isRight())))
            (isEnd ? ended : begun).push_back(it);
    });
    std::ranges::sort(begun);
    std::ranges::sort(ended);
    std::vector<std::uint32_t> active;
    std::ranges::set_difference(begun, ended, std::back_inserter(active));
    return active;
}

TextOffset SpanIntervals::offsetOf(Border border) const
{
    if (border.isTextEnd())
        return m_tree->length();
    const SpanTree::Spot spot = m_tree->spotOf(border.letter());
    return m_tree->offsetOf(spot) + (border.isRight() && spot.span().hidden == 0 ? 1 : 0);
}

/// The last letter of a span with an end on its right side. What is noted of intervals that end
/// before they begin is wrong, which is found out here, once.
std::optional<LocalId> SpanIntervals::lastEndIn(const SpanLeaf &leaf, const Span &span) const
{
    while (const auto found = m_rightEnds.lastIn(span.first, span.end())) {
        if (m_sureEnds.has(*found))
            return found;
        placeWaiting();
        bool isEnd = false;
        lists().forEachBorder(leaf.borders, [&](std::uint32_t, Border border, bool isEndThere) {
            isEnd = isEnd || (isEndThere && border.isRight() && border.letter() == *found);
        });
        if (isEnd) {
            m_sureEnds.add(*found);
            return found;
        }
        m_rightEnds.remove(*found);
    }
    return std::nullopt;
}

SpanTree::Spot SpanIntervals::lastRightEnd(const SpanTree::Spot &letter) const
{
    SpanTree::Spot last = letter;
    SpanLeaf *leaf = letter.leaf;
    std::uint32_t slot = letter.slot + 1;
    for (; leaf != nullptr; leaf = leaf->next, slot = 0) {
        bool isSomeHere = false;
        std::uint32_t end = slot;
        for (; end < leaf->count && leaf->spans[end].hidden != 0; ++end)
            isSomeHere |= m_rightEnds.mayBeIn(leaf->spans[end].first, leaf->spans[end].end());
        const bool isSeen = end < leaf->count;
        while (isSomeHere && end-- > slot) { // Seldom anything is.
            const Span &span = leaf->spans[end];
            if (const auto found = lastEndIn(*leaf, span)) {
                last = {leaf, end, *found - span.first};
                break;
            }
        }
        if (isSeen)
            return last;
    }
    return last;
}

/// Compares with what the borders' places say. Quadratic.
void SpanIntervals::checkInvariants() const
{
    placeWaiting();
    const std::uint32_t count = lists().count();
    using List = std::vector<std::uint32_t>;
    const auto sorted = [](List list) {
        std::ranges::sort(list);
        return list;
    };
    std::vector<bool> isOpen(count);
    std::vector<bool> isListed(count);
    for (const SpanLeaf *leaf = &m_tree->m_leaves.front(); leaf != nullptr; leaf = leaf->next) {
        List atStart;
        forEachAtStart(*leaf, [&](std::uint32_t it) { atStart.push_back(it); });
        List expected;
        for (std::uint32_t it = 0; it < count; ++it) {
            if (isOpen[it])
                expected.push_back(it);
        }
        CHECK(sorted(atStart) == expected);
        List starts;
        List ends;
        lists().forEachBorder(leaf->borders, [&](std::uint32_t it, Border border, bool isEnd) {
            CHECK(leaf->slotOf(border.letter()) < leaf->count);
            (isEnd ? ends : starts).push_back(it);
            CHECK(!isEnd || !border.isRight() || m_rightEnds.has(border.letter()));
        });
        starts = sorted(starts);
        ends = sorted(ends);
        List passing;
        List arriving;
        std::ranges::set_difference(starts, ends, std::back_inserter(expected = {}));
        lists().forEach(leaf->passing, [&](std::uint32_t it) { passing.push_back(it); });
        CHECK(sorted(passing) == expected);
        std::ranges::set_difference(ends, starts, std::back_inserter(expected = {}));
        lists().forEach(leaf->arriving, [&](std::uint32_t it) { arriving.push_back(it); });
        CHECK(sorted(arriving) == expected);
        for (const std::uint32_t it : starts) {
            CHECK(!isListed[it]);
            isListed[it] = isOpen[it] = true;
        }
        for (const std::uint32_t it : ends) {
            CHECK(isOpen[it]);
            isOpen[it] = false;
        }
    }
    for (std::uint32_t it = 0; it < count; ++it)
        CHECK(!isOpen[it] || lists().at(it).to.isTextEnd());
}

} // namespace nlbd::crdt
