#pragma once

#include "core/crdt/numbers.h"
#include "core/crdt/paged_list.h"

#include <vector>

namespace nlbd::crdt {

struct SpanLeaf;

/// One side of a letter, where an interval begins or ends; or the end of the text.
class Border {
public:
    Border() = default;
    static constexpr Border textEnd() noexcept { return Border(UINT32_MAX); }
    static constexpr Border of(LocalId letter, Side side) noexcept
    {
        return Border(letter << 1U | static_cast<std::uint32_t>(side));
    }
    [[nodiscard]] bool isTextEnd() const noexcept { return m_code == UINT32_MAX; }
    [[nodiscard]] LocalId letter() const noexcept { return m_code >> 1U; }
    [[nodiscard]] bool isRight() const noexcept { return !isTextEnd() && (m_code & 1U) != 0; }

private:
    constexpr explicit Border(std::uint32_t code) noexcept
        : m_code(code)
    {
    }
    std::uint32_t m_code = UINT32_MAX;
};

/// The letters between two borders, also those that will come there.
struct Interval {
    Border from;
    Border to;
};

/// What begins, ends or covers where in a span tree: the lists at its nodes, in one pool.
///
/// A leaf lists the borders at its letters and, apart from each other, the intervals that it has
/// the start of but not the end ("passing") and the reverse ("arriving"). A node lists what covers
/// it wholly, as the canonical nodes of a segment tree do: an interval with its borders in two
/// leaves covers the highest nodes between them. So an interval covers the start of a leaf if it
/// arrives there or covers the leaf or a node above it.
///
/// A list is known by its head; whoever puts something before it changes nothing for others who
/// have the same one. A node that splits gives its covers to its new half by giving the head away,
/// and a leaf gives all that passes it as one entry: that a place has many marks costs nothing
/// again when it grows.
class IntervalLists {
public:
    using Head = std::uint32_t;
    static constexpr Head kNone = 0;

    /// Intervals are numbered from 0 on. This puts it into no list.
    std::uint32_t add(const Interval &interval);
    [[nodiscard]] std::uint32_t count() const noexcept
    {
        return static_cast<std::uint32_t>(m_intervals.size());
    }
    [[nodiscard]] const Interval &at(std::uint32_t number) const noexcept
    {
        return m_intervals[number];
    }

    void push(Head &list, std::uint32_t interval) { list = linkTo(interval, list); }
    void pushBorder(Head &borders, std::uint32_t interval, bool isEnd)
    {
        borders = linkTo(interval << 1U | (isEnd ? 1U : 0U), borders);
    }

    /// Calls visit(interval) for a list of what passes or arrives.
    template <typename Visit>
    void forEach(Head list, Visit visit) const
    {
        for (; list != kNone; list = m_links[list].next)
            visit(m_links[list].value);
    }
    /// The same for a list of covers.
    template <typename Visit>
    void forEachCover(Head list, Visit visit) const
    {
        for (; list != kNone; list = m_links[list].next) {
            const std::uint32_t value = m_links[list].value;
            if ((value & kListBit) == 0)
                visit(value);
            else
                forEach(value & ~kListBit, visit);
        }
    }
    /// Calls visit(interval, border, isEnd).
    template <typename Visit>
    void forEachBorder(Head borders, Visit visit) const
    {
        forEach(borders, [&](std::uint32_t value) {
            const bool isEnd = (value & 1U) != 0;
            const Interval &it = m_intervals[value >> 1U];
            visit(value >> 1U, isEnd ? it.to : it.from, isEnd);
        });
    }

    /// Parts what belongs to a leaf that just gave its last letters to a new one.
    /// @complexity O(borders at its letters).
    void part(SpanLeaf &left, SpanLeaf &right);

private:
    struct Link {
        std::uint32_t value = 0; ///< with kListBit, the head of a list
        Head next = kNone;
    };
    static constexpr std::uint32_t kListBit = 0x8000'0000U;

    [[nodiscard]] Head linkTo(std::uint32_t value, Head next);
    void pushList(Head &covers, Head list);
    template <typename IsRight>
    void partBorders(Head &left, Head &right, IsRight isRight, std::vector<std::uint32_t> &parted);
    template <typename Keep>
    [[nodiscard]] Head filtered(Head list, Keep keep);

    PagedList<Interval> m_intervals;
    std::vector<Link> m_links{Link{}};
};

} // namespace nlbd::crdt
