#pragma once

#include "core/crdt/span_tree.h"

namespace nlbd::crdt {

/// Intervals between letters of a span tree and what they cover; IntervalLists says how they are
/// kept. Numbered from 0 on, never taken away.
class SpanIntervals {
public:
    explicit SpanIntervals(SpanTree &tree)
        : m_tree(&tree)
    {
    }

    /// What ends before it begins has a number and covers nothing.
    /// @complexity O(depth * children of a node).
    std::uint32_t add(const Interval &interval);
    /// The same when it is known where its letters stand.
    std::uint32_t add(const Interval &interval, const SpanTree::Spot &from,
                      const SpanTree::Spot &to);
    [[nodiscard]] const Interval &at(std::uint32_t number) const noexcept
    {
        return lists().at(number);
    }

    /// An interval begins or ends at what is seen at `at`.
    struct Event {
        TextOffset at = 0;
        bool isEnd = false;
        std::uint32_t interval = 0;
        friend auto operator<=>(const Event &, const Event &) = default;
    };
    /// All that happens on the way from one offset to another, in order, beginnings first; what
    /// covers `from`, or ends there, begins there.
    /// @complexity O(depth + leaves, covers and borders met), and sorting the result.
    [[nodiscard]] std::vector<Event> eventsIn(TextOffset from, TextOffset to) const;

    /// What covers the gap right behind a letter.
    [[nodiscard]] std::vector<std::uint32_t> behind(const SpanTree::Spot &letter) const;

    /// What covers a letter itself.
    [[nodiscard]] std::vector<std::uint32_t> over(const SpanTree::Spot &letter) const;

    /// What is seen before a border.
    [[nodiscard]] TextOffset offsetOf(Border border) const;

    /// The last letter that is not seen, stands between this one and the next that is seen, and
    /// has the end of an interval on its right side; else the letter itself.
    /// @complexity linear in the leaves between the two, O(1) if no interval ends so anywhere.
    [[nodiscard]] SpanTree::Spot behindEnds(const SpanTree::Spot &letter) const
    {
        const bool isInside = letter.offset + 1 < letter.span().length; // the next is seen, too
        return m_rightEnds == 0 || isInside ? letter : lastRightEnd(letter);
    }

    /// Compares with what the borders' places say. Contradictions abort. Quadratic.
    void checkInvariants() const;

private:
    [[nodiscard]] IntervalLists &lists() noexcept { return m_tree->m_lists; }
    [[nodiscard]] const IntervalLists &lists() const noexcept { return m_tree->m_lists; }
    [[nodiscard]] static bool isBefore(const SpanTree::Spot &a, const SpanTree::Spot &b) noexcept;
    [[nodiscard]] SpanTree::Spot spotOf(LocalId letter) const noexcept;
    void cover(SpanNode *from, SpanNode *to, std::uint32_t interval);
    [[nodiscard]] std::vector<std::uint32_t> coversOf(const SpanTree::Spot &letter,
                                                      bool isBehind) const;
    [[nodiscard]] SpanTree::Spot lastRightEnd(const SpanTree::Spot &letter) const;
    template <typename Visit>
    void forEachBorder(const SpanLeaf &leaf, Visit visit) const;
    template <typename Visit>
    void forEachAtStart(const SpanLeaf &leaf, Visit visit) const;

    SpanTree *m_tree;
    std::uint32_t m_rightEnds = 0; ///< intervals that end on the right side of a letter
};

} // namespace nlbd::crdt
