#include "core/crdt/span_tree.h"

#include <numeric>

/// How SpanTree grows: leaves and inner nodes that are full become two.
namespace nlbd::crdt {

/// Makes sure that two more spans and so many bytes fit into the leaf of the gap.
void SpanTree::makeRoom(Spot &gap, std::uint32_t bytes)
{
    SpanLeaf &leaf = *gap.leaf;
    if (hasRoom(leaf, bytes))
        return;
    const bool hasTextRoom = leaf.text.bytes() + bytes <= LeafText::kBytesMax;
    const bool isAtEnd = gap.slot + 1U == leaf.count && gap.offset == leaf.spans[gap.slot].length;
    if (hasTextRoom && !(isAtEnd && leaf.next == nullptr)) {
        const std::uint32_t keep = leaf.count / 2U;
        SpanLeaf &right = splitLeaf({&leaf, keep, 0});
        if (gap.slot >= keep)
            gap = {&right, gap.slot - keep, gap.offset};
        return;
    }
    SpanLeaf &right = splitLeaf(gap);
    const Spot leftEnd = leaf.count == 0
        ? Spot{&leaf, 0, 0}
        : Spot{&leaf, leaf.count - 1U, leaf.spans[leaf.count - 1U].length};
    if (!isAtEnd && hasRoom(leaf, bytes))
        gap = leftEnd;
    else if (hasRoom(right, bytes))
        gap = {&right, 0, 0};
    else
        gap = {&splitLeaf(leftEnd), 0, 0};
}

/// All from the gap on goes to a new leaf. Behind the last letter that is nothing: then the caller
/// puts what it inserts there.
SpanLeaf &SpanTree::splitLeaf(const Spot &gap)
{
    SpanLeaf &leaf = *gap.leaf;
    m_typing.leaf = nullptr;
    makeHot(leaf);
    settle();
    m_nearSlot = 0;
    m_nearBefore = 0;
    SpanLeaf &right = m_leaves.emplace_back();
    right.isLeaf = true;
    right.number = static_cast<std::uint32_t>(m_leaves.size() - 1);
    right.next = leaf.next;
    leaf.next = &right;
    Span &cut = leaf.spans[gap.slot];
    const TextOffset before =
        leaf.visibleBefore(gap.slot) + (cut.hidden == 0 ? gap.offset : TextOffset(0));
    leaf.text.splitInto(right.text, leaf.byteAt(before));
    std::uint32_t slot = gap.slot;
    std::uint32_t moved = 0;
    if (gap.offset > 0) {
        if (gap.offset < cut.length)
            right.spans[moved++] = {cut.first + gap.offset, cut.length - gap.offset, cut.hidden};
        cut.length = gap.offset;
        ++slot;
    }
    for (std::uint32_t i = slot; i < leaf.count; ++i)
        right.spans[moved++] = leaf.spans[i];
    leaf.count = static_cast<std::uint16_t>(slot);
    right.count = static_cast<std::uint16_t>(moved);
    right.visible = leaf.visible - before;
    leaf.visible = before;
    m_hotKnown = before;
    tellIndex(right);
    m_lists.part(leaf, right);
    insertBesideNode(leaf, right, right.visible);
    return right;
}

/// That the ids of a leaf are in it now. Mostly spans were cut from each other, with little between
/// them: their ids are named together.
void SpanTree::tellIndex(const SpanLeaf &leaf)
{
    constexpr std::size_t kOpen = 4;
    std::array<Letters, kOpen> open{};
    std::size_t oldest = 0;
    for (std::uint32_t slot = 0; slot < leaf.count; ++slot) {
        const Span &it = leaf.spans[slot];
        const auto before = std::ranges::find_if(open, [&](const Letters &letters) {
            return letters.first + letters.count == it.first;
        });
        if (before != open.end()) {
            before->count += it.length;
            continue;
        }
        Letters &place = open[oldest++ % kOpen];
        m_index.assign(place.first, place.count, leaf.number);
        place = {it.first, it.length};
    }
    for (const Letters &letters : open)
        m_index.assign(letters.first, letters.count, leaf.number);
}

/// `right` takes what it holds from `left`, the node before it.
void SpanTree::insertBesideNode(SpanNode &left, SpanNode &right, TextOffset rightVisible)
{
    SpanNode *before = &left;
    SpanNode *added = &right;
    TextOffset moved = rightVisible;
    while (SpanInner *parent = before->parent) {
        parent->visible[before->place] -= moved;
        SpanInner *spill = nullptr;
        if (parent->count == SpanInner::kChildrenMax) {
            const bool isLast = before->place + 1U == SpanInner::kChildrenMax;
            spill = spillOf(*parent,
                            isLast ? SpanInner::kChildrenMax - 1 : SpanInner::kChildrenMax / 2);
        }
        SpanInner *target = before->parent; // may be the spill now
        for (std::uint32_t i = target->count; i > before->place + 1U; --i) {
            target->children[i] = target->children[i - 1];
            target->visible[i] = target->visible[i - 1];
            target->children[i]->place = static_cast<std::uint16_t>(i);
        }
        added->place = static_cast<std::uint16_t>(before->place + 1);
        added->parent = target;
        target->children[added->place] = added;
        target->visible[added->place] = moved;
        ++target->count;
        if (spill == nullptr)
            return;
        moved = std::accumulate(spill->visible.begin(), spill->visible.begin() + spill->count,
                                TextOffset(0));
        before = parent;
        added = spill;
    }
    growRoot(*before, *added, moved);
}

/// The children of a full node from `keep` on, in a node of their own.
SpanInner *SpanTree::spillOf(SpanInner &full, std::uint32_t keep)
{
    SpanInner &spill = m_inners.emplace_back();
    for (std::uint32_t i = keep; i < full.count; ++i) {
        SpanNode *child = full.children[i];
        spill.children[spill.count] = child;
        spill.visible[spill.count] = full.visible[i];
        child->parent = &spill;
        child->place = spill.count++;
    }
    full.count = static_cast<std::uint16_t>(keep);
    spill.covers = full.covers;
    return &spill;
}

void SpanTree::growRoot(SpanNode &left, SpanNode &right, TextOffset rightVisible)
{
    SpanInner &root = m_inners.emplace_back();
    root.count = 2;
    root.children[0] = &left;
    root.children[1] = &right;
    root.visible[0] = m_settled - rightVisible;
    root.visible[1] = rightVisible;
    left.parent = &root;
    right.parent = &root;
    right.place = 1;
    m_root = &root;
}

/// Makes sure that two more spans and so many bytes fit into the leaf of a letter.
void SpanTree::makeRoomAt(Spot &letter, std::uint32_t bytes)
{
    for (;;) {
        SpanLeaf &leaf = *letter.leaf;
        const LocalId id = letter.id();
        if (leaf.count + 2U > SpanLeaf::kSpansMax)
            static_cast<void>(splitLeaf({&leaf, leaf.count / 2U, 0}));
        else if (leaf.text.bytes() + bytes > LeafText::kBytesMax)
            static_cast<void>(splitLeaf(middleOf(leaf)));
        else
            return;
        letter = spotOf(id);
    }
}

/// A gap with about as much of the text before it as behind it. It never cuts what is hidden.
SpanTree::Spot SpanTree::middleOf(SpanLeaf &leaf) noexcept
{
    TextOffset rest = leaf.visible / 2;
    std::uint32_t slot = 0;
    for (; rest >= leaf.spans[slot].visible(); ++slot)
        rest -= leaf.spans[slot].visible();
    return {&leaf, slot, rest};
}

} // namespace nlbd::crdt
