#include "core/crdt/span_tree.h"

#include "core/base/check.h"
#include "core/base/utf8.h"

#include <numeric>

namespace nlbd::crdt {

namespace {

constexpr std::uint32_t kPieceBytes = LeafText::kBytesMax / 2;

/// As much of valid UTF-8 as a leaf takes at once, whole scalars.
std::string_view firstPiece(std::string_view text) noexcept
{
    if (text.size() <= kPieceBytes)
        return text;
    std::size_t end = kPieceBytes;
    while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

} // namespace

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
    // Near is the span where something was last done, and the one behind it.
    for (std::uint32_t slot = m_nearSlot; slot < m_hot->count && slot < m_nearSlot + 2; ++slot) {
        const Span &it = m_hot->spans[slot];
        if (letter - it.first < it.length)
            return {m_hot, slot, letter - it.first};
    }
    auto &leaf = const_cast<SpanLeaf &>(m_leaves[m_index.leafOf(letter)]);
    const std::uint32_t slot = leaf.slotOf(letter);
    CHECK(slot < leaf.count);
    return {&leaf, slot, letter - leaf.spans[slot].first};
}

TextOffset SpanTree::offsetOf(const Spot &spot) const
{
    const TextOffset inside = spot.span().hidden == 0 ? spot.offset : 0;
    return startOf(*spot.leaf) + spot.leaf->visibleBefore(spot.slot) + inside;
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
    Spot gap = letter;
    if (side == Side::Right)
        ++gap.offset;
    if (utf8.size() <= kPieceBytes) {
        insertPiece(gap, added, utf8);
        return;
    }
    Span rest = added;
    while (rest.length > 0) {
        const std::string_view text = firstPiece(utf8);
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
void SpanTree::insertPiece(Spot gap, const Span &added, std::string_view utf8)
{
    const auto bytes = added.hidden == 0 ? static_cast<std::uint32_t>(utf8.size()) : 0U;
    makeRoom(gap, bytes);
    SpanLeaf &leaf = *gap.leaf;
    const TextOffset before = leaf.count == 0 ? 0 : seenBefore(gap);
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
    std::copy(fresh, fresh + count, begin + slot);
    leaf.count = static_cast<std::uint16_t>(leaf.count + count - old);
}

// ---- What is seen

void SpanTree::setHidden(Spot spot, std::uint32_t count, std::uint32_t hidden,
                         std::string_view utf8)
{
    CHECK(count > 0 && count <= spot.span().length - spot.offset);
    m_typing.leaf = nullptr;
    if (hidden != 0 || utf8.size() <= kPieceBytes) {
        setPieceHidden(spot, count, hidden, utf8);
        return;
    }
    for (LocalId next = spot.id(); !utf8.empty();) {
        const std::string_view text = firstPiece(utf8);
        const TextOffset length = utf8::length(text);
        setPieceHidden(spotOf(next), length, 0, text);
        utf8.remove_prefix(text.size());
        next += length;
    }
}

bool SpanTree::hideAtBorder(const Spot &spot, std::uint32_t count, std::uint32_t hidden)
{
    SpanLeaf &leaf = *spot.leaf;
    Span &it = leaf.spans[spot.slot];
    if (it.hidden != 0 || it.length == count)
        return false;
    if (spot.offset + count == it.length) {
        if (spot.slot + 1U == leaf.count)
            return false;
        Span &next = leaf.spans[spot.slot + 1];
        if (next.hidden != hidden || next.first != it.end())
            return false;
        next.first -= count;
        next.length += count;
    } else {
        if (spot.offset != 0 || spot.slot == 0)
            return false;
        Span &last = leaf.spans[spot.slot - 1];
        if (last.hidden != hidden || last.end() != it.first)
            return false;
        last.length += count;
        it.first += count;
    }
    it.length -= count;
    m_typing.leaf = nullptr;
    const TextOffset before = spot.before == kUnknown ? leaf.visibleBefore(spot.slot) : spot.before;
    const std::uint32_t byte = leaf.byteAt(before + spot.offset);
    leaf.text.erase(byte, leaf.byteAt(before + spot.offset + count) - byte);
    addVisible(leaf, TextOffset(0) - count);
    m_nearSlot = spot.slot; // the leaf is hot now
    m_nearBefore = before;
    return true;
}

void SpanTree::setPieceHidden(Spot spot, std::uint32_t count, std::uint32_t hidden,
                              std::string_view utf8)
{
    const bool shows = hidden == 0;
    if (!shows && hideAtBorder(spot, count, hidden))
        return;
    makeRoomAt(spot, shows ? static_cast<std::uint32_t>(utf8.size()) : 0);
    SpanLeaf &leaf = *spot.leaf;
    const Span old = spot.span();
    if (old.hidden == hidden)
        return;
    const TextOffset before = seenBefore(spot);
    if (shows) {
        leaf.text.insert(leaf.byteAt(before), utf8);
        addVisible(leaf, count);
    } else if (old.hidden == 0) {
        const std::uint32_t byte = leaf.byteAt(before);
        leaf.text.erase(byte, leaf.byteAt(before + count) - byte);
        addVisible(leaf, TextOffset(0) - count);
    }
    const Span changed{old.first + spot.offset, count, hidden};
    Span fresh[3];
    std::uint32_t parts = 0;
    std::uint32_t from = spot.slot;
    std::uint32_t replaced = 1;
    if (spot.offset > 0) {
        fresh[parts++] = {old.first, spot.offset, old.hidden};
        fresh[parts++] = changed;
    } else if (from > 0 && leaf.spans[from - 1].isContinuedBy(changed)) {
        --from;
        ++replaced;
        fresh[parts] = leaf.spans[from];
        fresh[parts++].length += count;
    } else {
        fresh[parts++] = changed;
    }
    if (changed.end() < old.end()) {
        fresh[parts++] = {changed.end(), old.end() - changed.end(), old.hidden};
    } else if (spot.slot + 1U < leaf.count
               && fresh[parts - 1].isContinuedBy(leaf.spans[spot.slot + 1])) {
        fresh[parts - 1].length += leaf.spans[spot.slot + 1].length;
        ++replaced;
    }
    if (m_hot == &leaf) {
        const bool isPassed = from < spot.slot && shows;
        m_nearSlot = from;
        m_nearBefore = spot.before - (isPassed ? leaf.spans[from].length : 0);
    }
    replace(leaf, from, replaced, fresh, parts);
}

// ---- Reading

void SpanTree::appendText(TextOffset from, TextOffset to, std::string &text) const
{
    if (from >= to)
        return;
    const SpanLeaf *leaf = &leafFor(from);
    for (TextOffset start = m_hotStart; leaf != nullptr && start < to; leaf = leaf->next) {
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
