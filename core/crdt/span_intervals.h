#pragma once

#include "core/crdt/letter_bits.h"
#include "core/crdt/located.h"
#include "core/crdt/span_tree.h"

namespace nlbd::crdt {

/// Intervals between letters of a span tree and what they cover; IntervalLists says how they are
/// kept. Numbered from 0 on, never taken away.
///
/// They are written down in the tree when somebody first asks what they cover: borders are letters,
/// which no change moves past each other, and whoever takes a whole history in asks for nothing.
class SpanIntervals {
public:
    SpanIntervals(SpanTree &tree, const Numbers &numbers)
        : m_tree(&tree)
        , m_numbers(&numbers)
    {
    }

    /// What ends before it begins has a number and covers nothing.
    /// @complexity O(1); the first reading after it, O(depth * children of a node).
    std::uint32_t add(const Anchor &from, const Anchor &to)
    {
        m_areEndsWaiting = m_areEndsWaiting || (to.id != kRoot && to.side == Side::Right);
        m_waiting.push_back({from, to});
        return count() - 1;
    }
    /// The same; `located` knows the letters, or nothing of them.
    std::uint32_t add(const Anchor &from, const Anchor &to, Located &located);
    /// The same for one that is known to end behind its beginning.
    std::uint32_t addOrdered(const Interval &interval)
    {
        if (interval.to.isRight())
            m_sureEnds.add(interval.to.letter());
        return add(interval);
    }
    [[nodiscard]] const Interval &at(std::uint32_t number) const
    {
        if (number >= lists().count()) [[unlikely]]
            placeWaiting();
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
    /// has the end of an interval on its right side; else the letter itself. Precondition: that is
    /// seen, or the root.
    /// @complexity linear in the spans between the two and in their letters / 4096, O(1) if no
    /// interval ends so anywhere.
    [[nodiscard]] SpanTree::Spot behindEnds(const SpanTree::Spot &letter) const
    {
        const bool isInside = letter.offset + 1 < letter.span().length; // the next is seen, too
        if (isInside)
            return letter;
        if (m_areEndsWaiting) [[unlikely]]
            findWaiting();
        return m_rightEnds.isEmpty() ? letter : lastRightEnd(letter);
    }

    /// Compares with what the borders' places say. Contradictions abort. Quadratic.
    void checkInvariants() const;

private:
    [[nodiscard]] IntervalLists &lists() noexcept { return m_tree->m_lists; }
    [[nodiscard]] const IntervalLists &lists() const noexcept { return m_tree->m_lists; }
    [[nodiscard]] static bool isBefore(const SpanTree::Spot &a, const SpanTree::Spot &b) noexcept;
    [[nodiscard]] SpanTree::Spot spotOf(LocalId letter) const noexcept;
    std::uint32_t add(const Interval &interval);
    [[nodiscard]] std::uint32_t count() const noexcept
    {
        return lists().count() + static_cast<std::uint32_t>(m_waiting.size());
    }
    template <typename Find>
    [[nodiscard]] static Border borderOf(const Anchor &anchor, Find find);
    void findWaiting() const;
    [[gnu::noinline]] void placeWaiting() const;
    void place(std::uint32_t number) const;
    void cover(SpanNode *from, SpanNode *to, std::uint32_t interval) const;
    [[nodiscard]] std::vector<std::uint32_t> coversOf(const SpanTree::Spot &letter,
                                                      bool isBehind) const;
    [[nodiscard]] std::optional<LocalId> lastEndIn(const SpanLeaf &leaf, const Span &span) const;
    [[nodiscard]] SpanTree::Spot lastRightEnd(const SpanTree::Spot &letter) const;
    template <typename Visit>
    void forEachAtStart(const SpanLeaf &leaf, Visit visit) const;

    struct Waiting {
        Anchor from;
        Anchor to;
    };

    SpanTree *m_tree;
    const Numbers *m_numbers;
    mutable std::vector<Waiting> m_waiting; ///< the latest, whose letters nobody looked up yet
    mutable std::uint32_t m_placed = 0;     ///< so many are written down in the tree
    mutable bool m_areEndsWaiting = false;  ///< of those some end on a right side
    mutable LetterBits m_rightEnds; ///< letters with the end of one on their right side, or more
    mutable LetterBits m_sureEnds;  ///< of those, some of which it is known
};

} // namespace nlbd::crdt
