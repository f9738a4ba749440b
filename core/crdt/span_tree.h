#pragma once

#include "core/crdt/leaf_index.h"
#include "core/crdt/span_nodes.h"

#include <deque>
#include <span>

namespace nlbd::crdt {

/// The letters of a document in text order, seen or not, as spans in a counted B+tree, and the text
/// that is seen beside them: offsets and local ids lead to each other in O(log n), reading passes
/// over what is deleted leaf by leaf. It knows nothing of who hangs at whom.
///
/// The leaf of the last edit is "hot": its ancestors hear what changed in it only when another leaf
/// becomes hot, and where the last insertion ended is kept, so that the next key there touches one
/// leaf and nothing else.
class SpanTree {
public:
    SpanTree(); ///< holds the root, which nobody sees
    ~SpanTree();
    SpanTree(const SpanTree &) = delete;
    SpanTree &operator=(const SpanTree &) = delete;
    static constexpr std::uint32_t kRootHidden = UINT32_MAX; ///< what hides it

    /// Scalars that are seen.
    [[nodiscard]] TextOffset length() const noexcept { return m_settled + unheard(); }

    static constexpr TextOffset kUnknown = UINT32_MAX;
    /// A letter: the `offset`th of a span. Until the next change of the tree. Handed on by
    /// reference: to copy what was just written part by part makes a processor wait.
    struct Spot {
        SpanLeaf *leaf = nullptr;
        std::uint32_t slot = 0;
        std::uint32_t offset = 0;
        TextOffset before = kUnknown; ///< what is seen in the leaf before the span

        [[nodiscard]] const Span &span() const noexcept { return leaf->spans[slot]; }
        [[nodiscard]] LocalId id() const noexcept { return span().first + offset; }
    };
    /// The letter seen at `at`. Precondition: at < length(). @complexity O(log n), O(1) in the hot
    /// leaf.
    [[nodiscard]] Spot find(TextOffset at) const
    {
        SpanLeaf &leaf = leafFor(at);
        const TextOffset inside = at - m_hotStart;
        // The next edit is mostly near the one before.
        while (inside < m_nearBefore)
            m_nearBefore -= leaf.spans[--m_nearSlot].visible();
        for (;; ++m_nearSlot) {
            const TextOffset here = leaf.spans[m_nearSlot].visible();
            if (inside - m_nearBefore < here)
                return {&leaf, m_nearSlot, inside - m_nearBefore, m_nearBefore};
            m_nearBefore += here;
        }
    }

    /// The place of a letter. @complexity O(log 256), O(1) in the leaf of the last one.
    [[nodiscard]] Spot spotOf(LocalId letter) const noexcept;

    /// What is seen before a letter. @complexity O(log n).
    [[nodiscard]] TextOffset offsetOf(const Spot &spot) const;

    /// The letter after this one, seen or not; kRootId after the last.
    [[nodiscard]] LocalId after(const Spot &spot) const noexcept;

    // ---- Changes -------------------------------------------------------------------------------

    /// New letters with ids higher than all before, directly before or after a letter; `utf8` is
    /// their text whether they are seen or not.
    void insertBeside(const Spot &letter, Side side, const Span &added, std::string_view utf8);

    /// True if the last insertion ended at `at` with the letter before `next`, is seen, and nothing
    /// else happened since, also no reading that made another leaf hot or went beyond it in this
    /// one: then `extend` makes it go on.
    [[nodiscard]] bool isTyping(TextOffset at, LocalId next) const noexcept
    {
        return m_typing.leaf == m_hot && m_typing.at == at && m_typing.next == next
            && m_nearSlot <= m_typing.slot;
    }
    void extend(std::uint32_t count, std::string_view utf8);
    void endTyping() noexcept { m_typing.leaf = nullptr; }

    /// The same for one ASCII letter, if nothing has to be made for it.
    [[nodiscard]] bool hasRoomForLetter() const noexcept
    {
        return m_typing.leaf->text.hasRoom(1) && !LeafIndex::isPageStart(m_typing.next);
    }
    void pushLetter(char letter) noexcept
    {
        SpanLeaf &leaf = *m_typing.leaf; // is hot
        leaf.text.pushAtGap(letter);
        ++leaf.spans[m_typing.slot].length;
        ++leaf.visible;
        ++m_typing.at;
        ++m_typing.next;
    }

    /// Letters of one span become hidden, or seen with this text, or change the reason. `count`
    /// from the spot on, within its span.
    void setHidden(const Spot &spot, std::uint32_t count, std::uint32_t hidden,
                   std::string_view utf8);

    /// The same for letters that are seen and stand, by id too, beside others that are hidden like
    /// that: the key that deletes moves a border. False, and nothing done, if it is not so.
    [[nodiscard]] bool hideAtBorder(const Spot &spot, std::uint32_t count, std::uint32_t hidden);

    /// Letters with consecutive local ids.
    struct Letters {
        LocalId first = 0;
        std::uint32_t count = 0;
    };
    struct Hidden {
        std::size_t pieces = 0; ///< of which nothing is left to hide
        TextOffset seen = 0;    ///< letters that were seen
    };
    /// Adds to what hides whole spans of one leaf that stand one after the other, from the start of
    /// one on: of so many pieces as come next there, but for what is hidden between them. What is
    /// left of a piece stays in it. At least the first span goes.
    /// Precondition: the first piece holds the span of the spot.
    Hidden hideSpans(const Spot &from, std::span<Letters> pieces, std::uint32_t delta);

    /// All spans in order, the bytes of each one's text, and the spans by their ids. None has more
    /// text than half a leaf takes.
    struct Laid {
        std::vector<Span> spans;
        std::vector<std::uint32_t> bytes; ///< of its text, whether it is seen or not
        std::vector<std::uint32_t> byId;
    };
    /// Fills a new tree at once. @complexity linear.
    void build(const Laid &laid, std::string_view text);

    // ---- Reading -------------------------------------------------------------------------------

    /// Appends what is seen in [from, to); to <= length().
    void appendText(TextOffset from, TextOffset to, std::string &text) const;

    /// Calls visit(first letter, offset, length) for the seen parts of spans in [from, to), in
    /// order. @complexity O(log n + spans of the leaves met).
    template <typename Visit>
    void forEachVisible(TextOffset from, TextOffset to, Visit visit) const
    {
        if (from >= to || from >= length())
            return;
        const SpanLeaf *leaf = &leafFor(from);
        TextOffset start = m_hotStart;
        for (; leaf != nullptr && start < to; leaf = leaf->next) {
            if (leaf->visible == 0)
                continue;
            for (std::uint32_t slot = 0; slot < leaf->count && start < to; ++slot) {
                const Span &it = leaf->spans[slot];
                const TextOffset end = start + it.visible();
                if (end > from && end > start) {
                    const TextOffset skipped = from > start ? from - start : 0;
                    visit(it.first + skipped, start + skipped,
                          std::min(end, to) - (start + skipped));
                }
                start = end;
            }
        }
    }

    /// The leaves are a list.
    [[nodiscard]] const SpanLeaf &firstLeaf() const noexcept { return m_leaves.front(); }

    /// Calls visit(span) for all spans in order.
    template <typename Visit>
    void forEach(Visit visit) const
    {
        for (const SpanLeaf *leaf = &m_leaves.front(); leaf != nullptr; leaf = leaf->next)
            for (std::uint32_t slot = 0; slot < leaf->count; ++slot)
                visit(leaf->spans[slot]);
    }

    /// Contradictions abort. Linear.
    void checkInvariants() const;

private:
    /// Where the next key would go on.
    struct Typing {
        SpanLeaf *leaf = nullptr;
        std::uint32_t slot = 0;
        TextOffset at = 0; ///< the gap of the leaf's text is there
        LocalId next = 0;
    };

    /// What is seen in the leaf before the span of a letter or gap.
    [[nodiscard]] static TextOffset seenBeforeSpan(const Spot &spot) noexcept
    {
        return spot.before == kUnknown ? spot.leaf->visibleBefore(spot.slot) : spot.before;
    }
    /// What the ancestors of the hot leaf have not heard yet. Wraps, as less may be seen.
    [[nodiscard]] TextOffset unheard() const noexcept { return m_hot->visible - m_hotKnown; }
    void makeHot(SpanLeaf &leaf) const noexcept;
    void settle() const noexcept;
    [[nodiscard]] TextOffset startOf(SpanLeaf &leaf) const noexcept;
    [[nodiscard]] static bool findIn(const SpanLeaf &leaf, LocalId letter, std::uint32_t end,
                                     std::uint32_t &slot, TextOffset &before,
                                     std::uint32_t &offset) noexcept;
    /// The leaf that holds what is seen at `at`; it becomes hot and its start known.
    [[nodiscard]] SpanLeaf &leafFor(TextOffset at) const
    {
        const bool isNear =
            m_isHotStartKnown && at >= m_hotStart && at - m_hotStart < m_hot->visible;
        return isNear ? *m_hot : descendTo(at);
    }
    [[nodiscard]] SpanLeaf &descendTo(TextOffset at) const;
    void addVisible(SpanLeaf &leaf, TextOffset delta) noexcept;

    void buildInner();
    /// Leaves nothing to be relied on in `gap`.
    void insertPiece(Spot &gap, const Span &added, std::string_view utf8);
    void makeRoom(Spot &gap, std::uint32_t bytes);
    [[nodiscard]] SpanLeaf &splitLeaf(const Spot &gap);
    void tellIndex(const SpanLeaf &leaf);
    void insertBesideNode(SpanNode &left, SpanNode &right, TextOffset rightVisible);
    [[nodiscard]] SpanInner *spillOf(SpanInner &full, std::uint32_t keep);
    void growRoot(SpanNode &left, SpanNode &right, TextOffset rightVisible);
    void replace(SpanLeaf &leaf, std::uint32_t slot, std::uint32_t old, const Span *fresh,
                 std::uint32_t count) noexcept;
    [[nodiscard]] static bool hasRoom(const SpanLeaf &leaf, std::uint32_t bytes) noexcept
    {
        return leaf.count + 2U <= SpanLeaf::kSpansMax
            && leaf.text.bytes() + bytes <= LeafText::kBytesMax;
    }
    void makeRoomAt(Spot &letter, std::uint32_t bytes);
    [[nodiscard]] static Spot middleOf(SpanLeaf &leaf) noexcept;
    void setPieceHidden(const Spot &spot, std::uint32_t count, std::uint32_t hidden,
                        std::string_view utf8);
    void changePiece(const Spot &spot, std::uint32_t count, std::uint32_t hidden,
                     std::string_view utf8);

    friend class SpanIntervals;

    std::deque<SpanLeaf> m_leaves;
    std::deque<SpanInner> m_inners;
    SpanNode *m_root = nullptr;
    LeafIndex m_index;
    IntervalLists m_lists;            ///< see SpanIntervals
    mutable TextOffset m_settled = 0; ///< what is seen in all, as far as the root knows
    Typing m_typing;
    mutable SpanLeaf *m_hot;
    mutable TextOffset m_hotKnown = 0; ///< what its ancestors believe to be seen in it
    mutable TextOffset m_hotStart = 0; ///< what is seen before it
    mutable bool m_isHotStartKnown = false;
    mutable std::uint32_t m_nearSlot = 0; ///< of the hot leaf, where something was last done
    mutable TextOffset m_nearBefore = 0;  ///< what is seen in the leaf before it
};

} // namespace nlbd::crdt
