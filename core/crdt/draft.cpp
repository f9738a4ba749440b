#include "core/crdt/draft.h"

#include "core/base/utf8.h"

namespace nlbd::crdt {

void Draft::append(Op op)
{
    if (auto *insertion = std::get_if<InsertText>(&op))
        return append(std::move(*insertion));
    if (const auto *deletion = std::get_if<DeleteText>(&op))
        return append(*deletion);
    ops.push_back(std::move(op));
    if (isFormat(ops.back())) {
        ++formats;
        return;
    }
    ++next;
    behindLast = ops.size();
}

void Draft::append(InsertText op)
{
    const std::uint32_t count = utf8::length(op.text);
    auto *before = last<InsertText>();
    const bool isNext =
        before != nullptr && op.side == Side::Right && op.parent == OpId{change, next - 1};
    if (isNext) {
        before->text += op.text;
    } else {
        ops.emplace_back(std::move(op));
        behindLast = ops.size();
    }
    next += count;
}

} // namespace nlbd::crdt
