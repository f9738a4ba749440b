#pragma once

#include "core/base/ids.h"

#include <deque>

namespace nlbd::crdt {

/// A span inside its document: dense, never reused. 0 is the root that stands before every text.
using SpanIndex = Strong<struct SpanIndexTag, std::uint32_t>;
inline constexpr SpanIndex kRootSpan{0};

/// The spans of a document in text order, tombstones included: a B+tree whose nodes know how many
/// visible scalars lie below them. It knows nothing of ids or texts: a span is a number with a
/// weight, and the weight is what a reader sees of it.
///
/// Spans come and never go, so nodes split and never join. The leaf of the last query is kept with
/// the offset at which it begins: the next key usually lands there.
class SpanTree {
public:
    /// Holds the root alone, with weight 0.
    SpanTree();
    ~SpanTree();
    SpanTree(const SpanTree &) = delete;
    SpanTree &operator=(const SpanTree &) = delete;

    /// Sum of all weights.
    [[nodiscard]] TextOffset length() const noexcept { return m_length; }

    /// Places a span next to one that is in the tree. @complexity O(log n).
    void insertAfter(SpanIndex existing, SpanIndex added, TextOffset weight);
    void insertBefore(SpanIndex existing, SpanIndex added, TextOffset weight);

    /// @complexity O(log n).
    void setWeight(SpanIndex span, TextOffset weight);
    [[nodiscard]] TextOffset weight(SpanIndex span) const noexcept;

    /// A span and the visible scalars before it.
    struct Hit {
        SpanIndex span;
        TextOffset start = 0;
    };
    /// The span that holds the visible scalar `at`. Precondition: at < length(). @complexity O(log
    /// n).
    [[nodiscard]] Hit find(TextOffset at) const;

    /// The visible scalars before a span. @complexity O(log n).
    [[nodiscard]] TextOffset offsetOf(SpanIndex span) const;

    /// The next span in text order, of whatever weight; kRootSpan after the last. @complexity O(1).
    [[nodiscard]] SpanIndex next(SpanIndex span) const noexcept;

    /// Calls visit(span, start) for the spans of weight > 0 that touch [from, to), in order.
    /// @complexity O(log n + spans visited): stretches of tombstones are jumped over.
    template <typename Visit>
    void forEachVisible(TextOffset from, TextOffset to, Visit visit) const
    {
        while (from < to && from < m_length) {
            Walk walk = walkFrom(from);
            from = walk.start;
            for (; walk.slot < walk.count && from < to; ++walk.slot) {
                const TextOffset weight = walk.weights[walk.slot];
                if (weight > 0)
                    visit(SpanIndex(walk.spans[walk.slot]), from);
                from += weight;
            }
        }
    }

    /// Contradictions abort. Linear.
    void checkInvariants() const;

private:
    struct Node;
    struct Leaf;
    struct Inner;

    /// A leaf opened at the span that holds an offset.
    struct Walk {
        const std::uint32_t *spans;
        const TextOffset *weights;
        std::uint32_t slot;
        std::uint32_t count;
        TextOffset start; ///< visible scalars before the span at `slot`
    };
    [[nodiscard]] Walk walkFrom(TextOffset at) const;

    [[nodiscard]] Leaf &leafFor(TextOffset at) const;
    [[nodiscard]] TextOffset startOf(const Leaf &leaf) const;
    void insertAt(Leaf &leaf, std::uint32_t slot, SpanIndex added, TextOffset weight);
    [[nodiscard]] Leaf &splitLeaf(Leaf &leaf, std::uint32_t keep);
    void insertBeside(Node &left, Node &right, TextOffset rightWeight);
    void growRoot(Node &left, Node &right, TextOffset rightWeight);
    void addWeight(Leaf &leaf, std::uint32_t slot, TextOffset weight);

    std::deque<Leaf> m_leaves;
    std::deque<Inner> m_inners;
    std::vector<Leaf *> m_leafOf; ///< by span
    Node *m_root = nullptr;
    TextOffset m_length = 0;
    mutable Leaf *m_warm = nullptr; ///< leaf of the last query, or none
    mutable TextOffset m_warmStart = 0;
};

} // namespace nlbd::crdt
