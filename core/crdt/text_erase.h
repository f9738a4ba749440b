#pragma once

#include "core/crdt/text.h"

namespace nlbd::crdt {

template <typename Done>
void Text::eraseLocally(TextOffset at, TextOffset count, OpId id, Done done)
{
    CHECK(at <= length() && count <= length() - at && !isVoid(id.change));
    DeleteText op{{}, 0};
    while (count > 0) {
        const SpanTree::Spot spot = m_tree.find(at);
        const Numbers::Run run = m_numbers.runFrom(spot.id());
        const DeleteText piece{
            run.first,
            std::min({count, spot.span().length - spot.offset, run.length}),
        };
        if (op.length > 0 && !isFollowedBy(op, piece.first)) {
            id.index = done(op);
            op.length = 0;
        }
        logDeletion(spot.id(), piece.length, op.length > 0 ? std::nullopt : std::optional(id));
        op = {op.length > 0 ? op.first : piece.first, op.length + piece.length};
        m_tree.setHidden(spot, piece.length, kOneDeleter, {});
        count -= piece.length;
    }
    if (op.length > 0)
        id.index = done(op);
}

} // namespace nlbd::crdt
