#pragma once

#include "core/crdt/text.h"

/// What of Text is in line and long: apart, because text.h is read often.
namespace nlbd::crdt {

inline bool Text::eraseOn(TextOffset at, TextOffset count, DeleteText &latest, OpId id)
{
    if (count == 0 || !m_numbers.isLatest(id) || isVoid(id.change))
        return false;
    const SpanTree::Spot spot = m_tree.find(at);
    const LocalId first = spot.id();
    const Numbers::Run run = m_numbers.runFrom(first);
    if (count > spot.span().length - spot.offset || count > run.length)
        return false;
    DeleteText joined = latest;
    if (!joinDeletion(joined, {run.first, count}) || !m_log.joinDeletion(first, count))
        return false;
    latest = joined;
    if (!m_tree.hideAtBorder(spot, count, kOneDeleter))
        m_tree.setHidden(spot, count, kOneDeleter, {});
    return true;
}

template <typename OnLetters, typename OnDeleted>
void Text::forEachSpanOf(ChangeHandle change, OnLetters onLetters, OnDeleted onDeleted) const
{
    const auto walk = [this](LocalId next, std::uint32_t count, auto &visit) {
        for (const LocalId end = next + count; next < end;) {
            const SpanTree::Spot spot = m_tree.spotOf(next);
            const auto here = std::min(end - next, spot.span().length - spot.offset);
            visit(spot, here);
            next += here;
        }
    };
    m_numbers.forEachRange(change, [&](LocalId begin, LocalId end) {
        m_log.forEach(
            begin, end, [&](const OpLog::Insertion &run) { walk(run.first, run.count, onLetters); },
            [&](const OpLog::Deletion &it) {
                if constexpr (!std::is_null_pointer_v<OnDeleted>)
                    walk(it.target, it.length, onDeleted);
            });
    });
}

} // namespace nlbd::crdt
