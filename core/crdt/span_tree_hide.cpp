#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/crdt/span_tree.h"

/// How SpanTree hides letters and shows them again.
namespace nlbd::crdt {

void SpanTree::setHidden(const Spot &spot, std::uint32_t count, std::uint32_t hidden,
                         std::string_view utf8)
{
    CHECK(count > 0 && count <= spot.span().length - spot.offset);
    m_typing.leaf = nullptr;
    if (hidden != 0 || utf8.size() <= LeafText::kPieceBytes) {
        setPieceHidden(spot, count, hidden, utf8);
        return;
    }
    for (LocalId next = spot.id(); !utf8.empty();) {
        const std::string_view text = LeafText::firstPiece(utf8);
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
    const TextOffset before = seenBeforeSpan(spot);
    const std::uint32_t byte = leaf.byteAt(before + spot.offset);
    leaf.text.erase(byte, leaf.byteAt(before + spot.offset + count) - byte);
    addVisible(leaf, TextOffset(0) - count);
    m_nearSlot = spot.slot; // the leaf is hot now
    m_nearBefore = before;
    return true;
}

void SpanTree::setPieceHidden(const Spot &spot, std::uint32_t count, std::uint32_t hidden,
                              std::string_view utf8)
{
    if (hidden != 0 && hideAtBorder(spot, count, hidden))
        return;
    const std::uint32_t bytes = hidden == 0 ? static_cast<std::uint32_t>(utf8.size()) : 0;
    if (hasRoom(*spot.leaf, bytes))
        return changePiece(spot, count, hidden, utf8);
    Spot roomy = spot;
    makeRoomAt(roomy, bytes);
    changePiece(roomy, count, hidden, utf8);
}

/// There is room in the leaf.
void SpanTree::changePiece(const Spot &spot, std::uint32_t count, std::uint32_t hidden,
                           std::string_view utf8)
{
    const bool shows = hidden == 0;
    SpanLeaf &leaf = *spot.leaf;
    const Span old = spot.span();
    if (old.hidden == hidden)
        return;
    const TextOffset beforeSpan = seenBeforeSpan(spot);
    const TextOffset before = beforeSpan + (old.hidden == 0 ? spot.offset : 0);
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
        m_nearBefore = beforeSpan - (isPassed ? leaf.spans[from].length : 0);
    }
    replace(leaf, from, replaced, fresh, parts);
}

/// Whole spans of a leaf: the text of all goes at once, the spans move together in one pass.
SpanTree::Hidden SpanTree::hideSpans(const Spot &from, std::span<Letters> pieces,
                                     std::uint32_t delta)
{
    CHECK(from.offset == 0);
    SpanLeaf &leaf = *from.leaf;
    m_typing.leaf = nullptr;
    makeHot(leaf);
    const TextOffset before = from.before == kUnknown ? leaf.visibleBefore(from.slot) : from.before;
    Hidden result;
    std::uint32_t kept = from.slot; // spans that stand where they stay
    std::uint32_t slot = from.slot;
    for (; slot < leaf.count; ++slot) {
        Span it = leaf.spans[slot];
        const bool isDone = result.pieces == pieces.size();
        Letters *piece = isDone ? nullptr : &pieces[result.pieces];
        if (!isDone && it.first == piece->first && it.length <= piece->count) {
            result.seen += it.visible();
            it.hidden += delta;
            piece->first += it.length;
            piece->count -= it.length;
            result.pieces += piece->count == 0 ? 1 : 0;
        } else if (it.hidden == 0 || isDone) {
            break;
        }
        if (kept > 0 && leaf.spans[kept - 1].isContinuedBy(it))
            leaf.spans[kept - 1].length += it.length;
        else
            leaf.spans[kept++] = it;
    }
    if (slot < leaf.count && kept > 0 && leaf.spans[kept - 1].isContinuedBy(leaf.spans[slot]))
        leaf.spans[kept - 1].length += leaf.spans[slot++].length;
    if (kept != slot) {
        std::move(leaf.spans.begin() + slot, leaf.spans.begin() + leaf.count,
                  leaf.spans.begin() + kept);
        leaf.count = static_cast<std::uint16_t>(leaf.count - (slot - kept));
    }
    // Of a span that joined the one before, nothing is seen.
    m_nearSlot = std::min(from.slot, kept - 1);
    m_nearBefore = before;
    const std::uint32_t byte = leaf.byteAt(before);
    leaf.text.erase(byte, leaf.byteAt(before + result.seen) - byte);
    leaf.visible -= result.seen;
    return result;
}

} // namespace nlbd::crdt
