#include "core/crdt/text.h"

/// What is deleted, and what is void.
namespace nlbd::crdt {

/// Writes down a deletion, by a new number or, without one, by the latest.
inline void Text::logDeletion(LocalId first, std::uint32_t count, std::optional<OpId> id)
{
    if (id)
        m_log.addDeletion(number(*id, 1), first, count);
    else if (!m_log.joinDeletion(first, count))
        m_log.addDeletion(m_numbers.next() - 1, first, count);
}

void Text::eraseLocally(TextOffset at, TextOffset count, Draft &draft)
{
    CHECK(at <= length() && count <= length() - at && !isVoid(draft.change));
    if (count == 0)
        return;
    const SpanTree::Spot spot = m_tree.find(at);
    const Numbers::Run run = m_numbers.runFrom(spot.id());
    if (count > spot.span().length - spot.offset || count > run.length)
        return eraseBatch(at, count, draft);
    logDeletion(spot.id(), count, OpId{draft.change, draft.next});
    draft.append(DeleteText{run.first, count});
    m_tree.setHidden(spot, count, kOneDeleter, {});
}

void Text::eraseBatch(TextOffset at, TextOffset count, Draft &draft)
{
    m_tree.forEachVisible(at, at + count, [this](LocalId first, TextOffset, TextOffset length) {
        m_going.push_back({first, length});
    });
    DeleteText op{{}, 0};
    for (const SpanTree::Letters &piece : m_going) {
        LocalId next = piece.first;
        m_numbers.forEachPiece(piece.first, piece.count, [&](OpId first, std::uint32_t length) {
            const bool isNext = op.length > 0 && op.first.change == first.change
                && op.first.index + op.length == first.index;
            if (op.length > 0 && !isNext)
                draft.append(op);
            const OpId id{draft.change, draft.next};
            logDeletion(next, length, isNext ? std::nullopt : std::optional(id));
            op = isNext ? DeleteText{op.first, op.length + length} : DeleteText{first, length};
            next += length;
        });
    }
    draft.append(op);
    finishErasing(nullptr);
}

void Text::erase(const DeleteText &op, OpId id, Located &located)
{
    const LocalId own = number(id, 1);
    const bool isSeen = !m_isPostponed && !isVoid(id.change);
    OpId next = op.first;
    for (std::uint32_t left = op.length; left > 0;) {
        const Numbers::LocalRun run = located.take(next, m_numbers);
        const std::uint32_t count = std::min(left, run.length);
        m_log.addDeletion(own, run.first, count);
        next.index += count;
        left -= count;
        if (!isSeen)
            continue;
        if (!m_going.empty() && m_going.back().first + m_going.back().count == run.first)
            m_going.back().count += count;
        else
            m_going.push_back({run.first, count});
    }
}

void Text::hideGoing(PatchLog *log)
{
    for (std::size_t i = 0; i < m_going.size();) {
        SpanTree::Letters &piece = m_going[i];
        const SpanTree::Spot spot = m_tree.spotOf(piece.first);
        const std::uint32_t length = spot.span().length;
        const bool isLast = i + 1 == m_going.size() && piece.count <= length;
        if (isLast || spot.offset > 0 || piece.count < length) {
            const std::uint32_t here = std::min(piece.count, length - spot.offset);
            addHidden(piece.first, here, kOneDeleter, log);
            piece.first += here;
            piece.count -= here;
            i += piece.count == 0 ? 1 : 0;
            continue;
        }
        const TextOffset at = log == nullptr ? 0 : m_tree.offsetOf(spot);
        const auto hidden = m_tree.hideSpans(spot, std::span(m_going).subspan(i), kOneDeleter);
        if (log != nullptr && hidden.seen > 0)
            log->removed(at, hidden.seen);
        i += hidden.pieces;
    }
    m_going.clear();
}

/// Adds to what hides letters; `delta` may be the complement of what is taken away.
void Text::addHidden(LocalId first, std::uint32_t count, std::uint32_t delta, PatchLog *log)
{
    std::string text;
    while (count > 0) {
        const SpanTree::Spot spot = m_tree.spotOf(first);
        const std::uint32_t here = std::min(count, spot.span().length - spot.offset);
        const std::uint32_t was = spot.span().hidden;
        const std::uint32_t hidden = was + delta;
        text.clear();
        if (hidden == 0)
            m_log.appendText(first, here, text);
        if (log != nullptr && was == 0)
            log->removed(m_tree.offsetOf(spot), here);
        else if (log != nullptr && hidden == 0)
            log->inserted(m_tree.offsetOf(spot), text, here);
        m_tree.setHidden(spot, here, hidden, text);
        first += here;
        count -= here;
    }
}

void Text::setVoid(ChangeHandle change, bool isVoid, PatchLog &log)
{
    CHECK(change != kRoot.change);
    if (isVoid ? !m_void.insert(change).second : m_void.erase(change) == 0)
        return;
    const auto signedBy = [&](std::uint32_t delta) { return isVoid ? delta : 0U - delta; };
    m_numbers.forEachRange(change, [&](LocalId begin, LocalId end) {
        m_log.forEach(
            begin, end,
            [&](const OpLog::Insertion &run) {
                addHidden(run.first, run.count, signedBy(kVoidBit), &log);
            },
            [&](const OpLog::Deletion &deletion) {
                addHidden(deletion.target, deletion.length, 0U - signedBy(kOneDeleter), &log);
            });
    });
}

} // namespace nlbd::crdt
