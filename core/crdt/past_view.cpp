#include "core/crdt/past_view.h"

namespace nlbd::crdt {

PastView::PastView(const Text &text, InPast isThen)
    : m_text(&text)
    , m_isThen(std::move(isThen))
    , m_shown(text.numbers().next())
{
    ask();
    findShown();
}

PastView::PastView(const Text &text)
    : m_text(&text)
    , m_ranges{{text.numbers().next(), false}}
    , m_shown(text.numbers().next())
{
}

/// Which ids are there, as few ranges as possible.
void PastView::ask()
{
    m_ranges.push_back({1, false}); // the root, which never shows
    m_text->numbers().forEachPiece([&](const Numbers::PieceView &piece) {
        const bool isHeld = piece.earlier ? m_answers[*piece.earlier]
                                          : !m_text->isVoid(piece.change) && m_isThen(piece.change);
        m_answers.push_back(isHeld);
        if (m_ranges.back().isHeld == isHeld)
            m_ranges.back().end = piece.end;
        else
            m_ranges.push_back({piece.end, isHeld});
    });
}

/// A letter shows if its own change is there and none that deleted it. Deletions have higher
/// numbers than what they delete, hence one pass.
void PastView::findShown()
{
    Cursor cursor(m_ranges);
    m_text->log().forEach(
        1, m_text->numbers().next(),
        [&](const OpLog::Insertion &run) {
            const LocalId end = run.first + run.count;
            for (LocalId id = run.first; id < end;) {
                const Range &range = cursor.at(id);
                const LocalId stop = std::min(end, range.end);
                if (range.isHeld)
                    m_shown.set(id, stop);
                id = stop;
            }
        },
        [&](const OpLog::Deletion &deletion) {
            if (cursor.at(deletion.id).isHeld)
                m_shown.clear(deletion.target, deletion.target + deletion.length);
        });
}

bool PastView::holds(ChangeHandle change) const
{
    if (!m_isThen)
        return false;
    if (const auto piece = m_text->numbers().firstPieceOf(change))
        return m_answers[*piece];
    if (const std::uint32_t *known = m_others.find(change.value))
        return *known != 0;
    const bool isHeld = !m_text->isVoid(change) && m_isThen(change);
    m_others.insert(change.value, isHeld ? 1 : 0);
    return isHeld;
}

std::string PastView::text() const
{
    std::string result;
    forEachShown([&](LocalId first, std::uint32_t count) {
        m_text->log().appendText(first, count, result);
    });
    return result;
}

std::vector<ChangeHandle> PastView::removers(const PastView &before, const PastView &after,
                                             const ChangeOrder &order)
{
    std::vector<ChangeHandle> removers;
    Cursor then(before.m_ranges);
    Cursor now(after.m_ranges);
    const Text &text = *before.m_text;
    text.log().forEach(
        1, text.numbers().next(), [](const OpLog::Insertion &) {},
        [&](const OpLog::Deletion &deletion) {
            if (then.at(deletion.id).isHeld || !now.at(deletion.id).isHeld)
                return;
            removers.resize(text.numbers().next());
            const ChangeHandle change = text.numbers().idOf(deletion.id).change;
            for (LocalId id = deletion.target; id < deletion.target + deletion.length; ++id) {
                ChangeHandle &first = removers[id];
                if (first == ChangeHandle() || order.isBefore(change, first))
                    first = change;
            }
        });
    return removers;
}

} // namespace nlbd::crdt
