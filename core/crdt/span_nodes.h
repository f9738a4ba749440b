#pragma once

#include "core/crdt/interval_lists.h"
#include "core/crdt/leaf_text.h"

#include <array>

namespace nlbd::crdt {

/// Letters with consecutive local ids that stand one after the other in the text and are seen or
/// not seen for the same reasons.
struct Span {
    LocalId first = 0;
    std::uint32_t length = 0;
    std::uint32_t hidden = 0; ///< 0: seen. Else see Text

    [[nodiscard]] LocalId end() const noexcept { return first + length; }
    [[nodiscard]] TextOffset visible() const noexcept
    {
        // No jump: which spans are hidden is as good as random.
        return length & (0U - static_cast<TextOffset>(hidden == 0));
    }
    [[nodiscard]] bool isContinuedBy(const Span &next) const noexcept
    {
        return end() == next.first && hidden == next.hidden;
    }
};

// The nodes of SpanTree, a counted B+tree.

struct SpanInner;

struct SpanNode {
    SpanInner *parent = nullptr;
    std::uint16_t place = 0; ///< in the parent
    std::uint16_t count = 0;
    bool isLeaf = false;
    IntervalLists::Head covers = IntervalLists::kNone; ///< see IntervalLists
};

/// Spans side by side with what is seen of them.
struct SpanLeaf : SpanNode {
    static constexpr std::uint32_t kSpansMax = 64; ///< of 16 to 96 the fastest, measured

    std::uint32_t number = 0; ///< in the tree, for LeafIndex
    TextOffset visible = 0;   ///< scalars of the text
    SpanLeaf *next = nullptr;
    LeafText text;
    std::array<Span, kSpansMax> spans;
    IntervalLists::Head borders = IntervalLists::kNone;
    IntervalLists::Head passing = IntervalLists::kNone;
    IntervalLists::Head arriving = IntervalLists::kNone;

    [[nodiscard]] std::uint32_t slotOf(LocalId id) const noexcept
    {
        std::uint32_t slot = 0;
        while (slot < count && id - spans[slot].first >= spans[slot].length)
            ++slot;
        return slot;
    }
    [[nodiscard]] TextOffset visibleBefore(std::uint32_t slot) const noexcept
    {
        TextOffset sum = 0;
        for (std::uint32_t i = 0; i < slot; ++i)
            sum += spans[i].visible();
        return sum;
    }
    /// For who reads leaf by leaf: has memory send the spans of the next one.
    void fetchNext() const noexcept
    {
        constexpr std::size_t kLine = 64;
        if (next == nullptr)
            return;
        const char *const later = reinterpret_cast<const char *>(next->spans.data());
        for (std::size_t byte = 0; byte < sizeof spans; byte += kLine)
            __builtin_prefetch(later + byte);
    }
    [[nodiscard]] std::uint32_t byteAt(TextOffset offset) const noexcept
    {
        return text.byteAt(offset, visible);
    }
};

struct SpanInner : SpanNode {
    static constexpr std::uint32_t kChildrenMax = 32;

    std::array<SpanNode *, kChildrenMax> children{};
    std::array<TextOffset, kChildrenMax> visible{};
};

} // namespace nlbd::crdt
