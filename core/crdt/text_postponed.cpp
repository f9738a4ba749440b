#include "core/base/utf8.h"
#include "core/crdt/text.h"
#include "core/crdt/text_layout.h"

/// A text that was only written down, and how it is laid out when somebody wants to look.
namespace nlbd::crdt {

void Text::layOut()
{
    CHECK(m_isPostponed);
    m_isPostponed = false;
    if (isNew())
        return;
    TextOutline outline(m_numbers.next());
    const OpLog::Counts counts = m_log.counts();
    outline.reserve(counts.insertions, counts.deletions);
    std::size_t runs = 1;
    std::size_t deletions = 0;
    m_log.forEachWritten([&](const OpLog::Written &it) {
        outline.put(it, runs, deletions);
        runs += it.isInsertion ? 1 : 0;
        deletions += it.isInsertion ? 0 : 1;
    });
    outline.finish(runs, deletions);
    if (!m_void.empty())
        m_numbers.forEachPiece([&](const Numbers::PieceView &it) {
            if (isVoid(it.change))
                outline.addVoid(it.first, it.end);
        });
    SpanTree::Laid laid = crdt::layOut(
        outline, m_log, [this](LocalId a, LocalId b) { return isSiblingBefore(a, b); }, m_children);
    const std::string seen = cutText(laid);
    m_tree.build(laid, seen);
}

/// How many bytes each span takes, and the text that is seen.
std::string Text::cutText(SpanTree::Laid &laid) const
{
    std::string all;
    m_log.appendAll(all);
    const std::string_view text = all;
    std::size_t letters = 0;
    std::size_t visible = 0;
    for (const Span &span : laid.spans) {
        letters += span.length;
        visible += span.visible();
    }
    const bool isAscii = letters == text.size();
    laid.bytes.resize(laid.spans.size());
    std::vector<std::uint32_t> starts(laid.spans.size());
    std::size_t at = 0;
    for (const std::uint32_t i : laid.byId) {
        const std::uint32_t length = laid.spans[i].length;
        const std::size_t bytes = isAscii ? length : utf8::bytePosition(text.substr(at), length);
        starts[i] = static_cast<std::uint32_t>(at);
        laid.bytes[i] = static_cast<std::uint32_t>(bytes);
        at += bytes;
    }
    CHECK(at == text.size());
    std::string seen;
    seen.reserve(visible);
    for (std::size_t i = 0; i < laid.spans.size(); ++i)
        if (laid.spans[i].hidden == 0)
            seen.append(text, starts[i], laid.bytes[i]);
    return seen;
}

} // namespace nlbd::crdt
