#include "core/crdt/span_tree.h"

#include "core/base/check.h"
#include "core/base/utf8.h"

#include <numeric>

namespace nlbd::crdt {

SpanTree::SpanTree()
{
    SpanLeaf &leaf = m_leaves.emplace_back();
    leaf.isLeaf = true;
    leaf.count = 1;
    leaf.spans[0] = {kRootId, 1, kRootHidden};
    m_index.append(kRootId, 1, 0);
    m_root = &leaf;
    m_hot = &leaf;
}

SpanTree::~SpanTree() = default;

// ---- The hot leaf

/// Tells the ancestors of the hot leaf what changed in it.
void SpanTree::settle() const noexcept
{
    const TextOffset delta = unheard();
    if (delta == 0)
        return;
    const SpanNode *child = m_hot;
    while (SpanInner *parent = child->parent) {
        parent->visible[child->place] += delta;
        child = parent;
    }
    m_settled += delta;
    m_hotKnown = m_hot->visible;
}

void SpanTree::makeHot(SpanLeaf &leaf) const noexcept
{
    if (m_hot == &leaf)
        return;
    settle();
    m_hot = &leaf;
    m_hotKnown = leaf.visible;
    m_isHotStartKnown = false;
    m_nearSlot = 0;
    m_nearBefore = 0;
}

/// What is seen before a leaf, which becomes hot.
TextOffset SpanTree::startOf(SpanLeaf &leaf) const noexcept
{
    makeHot(leaf);
    if (m_isHotStartKnown)
        return m_hotStart;
    m_hotStart = 0;
    const SpanNode *child = &leaf;
    while (const SpanInner *parent = child->parent) {
        m_hotStart += std::accumulate(parent->visible.begin(),
                                      parent->visible.begin() + child->place, TextOffset(0));
        child = parent;
    }
    m_isHotStartKnown = true;
    return m_hotStart;
}

SpanLeaf &SpanTree::descendTo(TextOffset at) const
{
    CHECK(at < length());
    settle();
    SpanNode *node = m_root;
    TextOffset rest = at;
    while (!node->isLeaf) {
        const auto &inner = static_cast<const SpanInner &>(*node);
        std::uint32_t slot = 0;
        for (; rest >= inner.visible[slot]; ++slot)
            rest -= inner.visible[slot];
        node = inner.children[slot];
    }
    m_hot = static_cast<SpanLeaf *>(node);
    m_hotKnown = m_hot->visible;
    m_nearSlot = 0;
    m_nearBefore = 0;
    m_hotStart = at - rest;
    m_isHotStartKnown = true;
    return *m_hot;
}

void SpanTree::addVisible(SpanLeaf &leaf, TextOffset delta) noexcept
{
    makeHot(leaf);
    leaf.visible += delta;
}

// ---- Finding

SpanTree::Spot SpanTree::spotOf(LocalId letter) const noexcept
{
    // Ops come mostly in the order of the text, and many concern one leaf. Beyond a few spans it
    // costs no more to look the leaf up.
    constexpr std::uint32_t kNearSpans = 8;
    SpanLeaf *leaf = m_hot;
    std::uint32_t slot = m_nearSlot;
    TextOffset before = m_nearBefore;
    std::uint32_t offset = 0;
    const std::uint32_t end = std::min<std::uint32_t>(slot + kNearSpans, leaf->count);
    if (!findIn(*leaf, letter, end, slot, before, offset)) {
        leaf = const_cast<SpanLeaf *>(&m_leaves[m_index.leafOf(letter)]);
        slot = 0;
        before = 0;
        CHECK(findIn(*leaf, letter, leaf->count, slot, before, offset));
    }
    return {leaf, slot, offset, before};
}

/// Looks for a letter in a leaf, from `slot` on that `before` letters are seen before, up to `end`.
inline bool SpanTree::findIn(const SpanLeaf &leaf, LocalId letter, std::uint32_t end,
                             std::uint32_t &slot, TextOffset &before,
                             std::uint32_t &offset) noexcept
{
    for (; slot < end; ++slot) {
        const Span &it = leaf.spans[slot];
        offset = letter - it.first;
        if (offset < it.length)
            return true;
        before += it.visible();
    }
    return false;
}

TextOffset SpanTree::offsetOf(const Spot &spot) const
{
    const TextOffset inside = spot.span().hidden == 0 ? spot.offset : 0;
    const TextOffset before = seenBeforeSpan(spot);
    return startOf(*spot.leaf) + before + inside;
}

LocalId SpanTree::after(const Spot &spot) const noexcept
{
    if (spot.offset + 1 < spot.span().length)
        return spot.id() + 1;
    if (spot.slot + 1U < spot.leaf->count)
        return spot.leaf->spans[spot.slot + 1].first;
    return spot.leaf->next == nullptr ? kRootId : spot.leaf->next->spans[0].first;
}

// ---- Insertion

void SpanTree::insertBeside(const Spot &letter, Side side, const Span &added, std::string_view utf8)
{
    Spot gap{letter.leaf, letter.slot, letter.offset + (side == Side::Right ? 1 : 0),
             letter.before};
    if (utf8.size() <= LeafText::kPieceBytes) {
        insertPiece(gap, added, utf8);
        return;
    }
    Span rest = added;
    while (rest.length > 0) {
        const std::string_view text = LeafText::firstPiece(utf8);
        const Span piece{rest.first, utf8::length(text), rest.hidden};
        insertPiece(gap, piece, text);
        utf8.remove_prefix(text.size());
        rest.first += piece.length;
        rest.length -= piece.length;
        gap = spotOf(piece.end() - 1);
        ++gap.offset;
    }
}

/// `gap` is a place before a letter of a span or behind its last.
void SpanTree::insertPiece(Spot &gap, const Span &added, std::string_view utf8)
{
    const auto bytes = added.hidden == 0 ? static_cast<std::uint32_t>(utf8.size()) : 0U;
    makeRoom(gap, bytes);
    SpanLeaf &leaf = *gap.leaf;
    TextOffset before = 0;
    if (leaf.count != 0) {
        gap.before = seenBeforeSpan(gap);
        before = gap.before + (gap.span().hidden == 0 ? gap.offset : 0);
    }
    if (gap.offset == 0 && gap.slot > 0) {
        --gap.slot;
        gap.offset = leaf.spans[gap.slot].length;
        gap.before -= leaf.spans[gap.slot].visible();
    }
    const Span it = leaf.count == 0 ? Span{} : leaf.spans[gap.slot];
    std::uint32_t slot = gap.slot + 1;
    if (gap.offset == 0) {
        replace(leaf, gap.slot, 0, &added, 1);
        slot = gap.slot;
    } else if (gap.offset < it.length) {
        const Span parts[] = {{it.first, gap.offset, it.hidden},
                              added,
                              {it.first + gap.offset, it.length - gap.offset, it.hidden}};
        replace(leaf, gap.slot, 1, parts, 3);
    } else if (it.isContinuedBy(added)) {
        leaf.spans[gap.slot].length += added.length;
        slot = gap.slot;
    } else {
        replace(leaf, gap.slot + 1, 0, &added, 1);
    }
    m_index.append(added.first, added.length, leaf.number);
    m_typing.leaf = nullptr;
    if (m_hot == &leaf) {
        m_nearSlot = gap.slot;
        m_nearBefore = leaf.count == 1 ? 0 : gap.before;
    }
    if (added.hidden != 0)
        return;
    const std::uint32_t byte = leaf.byteAt(before);
    leaf.text.insert(byte, utf8);
    const bool isStartKnown = m_hot == &leaf && m_isHotStartKnown;
    addVisible(leaf, added.length);
    if (isStartKnown)
        m_typing = {&leaf, slot, m_hotStart + before + added.length, added.end()};
}

void SpanTree::extend(std::uint32_t count, std::string_view utf8)
{
    SpanLeaf &leaf = *m_typing.leaf;
    if (!leaf.text.hasRoom(utf8.size())) {
        const Spot last{&leaf, m_typing.slot, leaf.spans[m_typing.slot].length - 1};
        insertBeside(last, Side::Right, {m_typing.next, count, 0}, utf8);
        return;
    }
    for (const char byte : utf8)
        leaf.text.pushAtGap(byte);
    m_index.append(m_typing.next, count, leaf.number);
    leaf.spans[m_typing.slot].length += count;
    leaf.visible += count; // the leaf is hot
    m_typing.at += count;
    m_typing.next += count;
}

/// Puts `count` spans in the place of `old` ones. There is room.
void SpanTree::replace(SpanLeaf &leaf, std::uint32_t slot, std::uint32_t old, const Span *fresh,
                       std::uint32_t count) noexcept
{
    const auto begin = leaf.spans.begin();
    if (count > old)
        std::move_backward(begin + slot + old, begin + leaf.count,
                           begin + leaf.count + (count - old));
    else if (count < old)
        std::move(begin + slot + old, begin + leaf.count, begin + slot + count);
    for (std::uint32_t i = 0; i < count; ++i)
        leaf.spans[slot + i] = fresh[i];
    leaf.count = static_cast<std::uint16_t>(leaf.count + count - old);
}

// ---- Reading

void SpanTree::appendText(TextOffset from, TextOffset to, std::string &text) const
{
    if (from >= to)
        return;
    const SpanLeaf *leaf = &leafFor(from);
    for (TextOffset start = m_hotStart; leaf != nullptr && start < to; leaf = leaf->next) {
        if (leaf->next != nullptr) { // of which nothing else is asked first
            leaf->next->text.fetch();
            __builtin_prefetch(leaf->next->next);
        }
        const TextOffset first = from > start ? from - start : 0;
        const TextOffset last = std::min(leaf->visible, to - start);
        leaf->text.appendTo(text, leaf->byteAt(first), leaf->byteAt(last));
        start += leaf->visible;
    }
}

void SpanTree::checkInvariants() const
{
    CHECK(m_nearSlot < m_hot->count && m_nearBefore == m_hot->visibleBefore(m_nearSlot));
    if (m_typing.leaf != nullptr) {
        const Span &typed = m_typing.leaf->spans[m_typing.slot];
        CHECK(m_typing.slot < m_typing.leaf->count);
        CHECK(typed.end() == m_typing.next && typed.hidden == 0);
    }
    settle();
    TextOffset start = 0;
    std::size_t leaves = 0;
    for (const SpanLeaf *leaf = &m_leaves.front(); leaf != nullptr; leaf = leaf->next, ++leaves) {
        CHECK(leaf->count > 0 && leaf->count <= SpanLeaf::kSpansMax);
        CHECK(startOf(const_cast<SpanLeaf &>(*leaf)) == start);
        CHECK(leaf->visible == leaf->visibleBefore(leaf->count));
        CHECK(leaf->text.bytes() <= LeafText::kBytesMax);
        CHECK(&m_leaves[leaf->number] == leaf);
        std::string text;
        leaf->text.appendTo(text, 0, leaf->text.bytes());
        CHECK(utf8::isValid(text) && utf8::length(text) == leaf->visible);
        for (std::uint32_t slot = 0; slot < leaf->count; ++slot) {
            const Span &it = leaf->spans[slot];
            CHECK(it.length > 0);
            for (LocalId id = it.first; id < it.end(); ++id)
                CHECK(m_index.leafOf(id) == leaf->number);
        }
        start += leaf->visible;
    }
    CHECK(start == m_settled && start == length());
    CHECK(leaves == m_leaves.size());
    for (const SpanInner &inner : m_inners) {
        const TextOffset sum = std::accumulate(inner.visible.begin(),
                                               inner.visible.begin() + inner.count, TextOffset(0));
        if (inner.parent != nullptr)
            CHECK(inner.parent->visible[inner.place] == sum);
        for (std::uint32_t slot = 0; slot < inner.count; ++slot) {
            CHECK(inner.children[slot]->parent == &inner);
            CHECK(inner.children[slot]->place == slot);
        }
    }
}

} // namespace nlbd::crdt
