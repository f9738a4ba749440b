#pragma once

#include "core/crdt/text.h"

/// How Text visits what one change did: apart, because it is long and text.h is read often.
namespace nlbd::crdt {

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
