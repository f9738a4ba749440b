#include "core/crdt/op.h"

#include "core/base/utf8.h"

namespace nlbd::crdt {

std::uint32_t idsTakenBy(const Op &op) noexcept
{
    if (const auto *insert = std::get_if<InsertText>(&op))
        return utf8::length(insert->text);
    return 1;
}

std::uint32_t idsTakenBy(const Ops &ops) noexcept
{
    std::uint32_t count = 0;
    for (const Op &op : ops)
        count += idsTakenBy(op);
    return count;
}

std::size_t textBytesOf(const Op &op) noexcept
{
    struct Visitor {
        std::size_t operator()(const InsertText &it) { return it.text.size(); }
        std::size_t operator()(const SetField &it) { return it.key.size() + it.value.text.size(); }
        std::size_t operator()(const SetMark &it) { return of(it.key, it.value); }
        std::size_t operator()(const SetAttribute &it) { return of(it.key, it.value); }
        std::size_t operator()(const InsertItem &it) { return it.value.text.size(); }
        std::size_t operator()(const DeleteText &) { return 0; }
        std::size_t operator()(const DeleteItem &) { return 0; }
        std::size_t operator()(const Increment &) { return 0; }
        static std::size_t of(const std::string &key, const std::optional<std::string> &value)
        {
            return key.size() + (value ? value->size() : 0);
        }
    };
    return std::visit(Visitor{}, op);
}

std::uint32_t appendOp(Ops &ops, Op op, ChangeHandle change, std::uint32_t next)
{
    Op *last = ops.empty() ? nullptr : &ops.back();
    if (const auto *deletion = std::get_if<DeleteText>(&op)) {
        auto *before = std::get_if<DeleteText>(last);
        if (before != nullptr && joinDeletion(*before, *deletion))
            return next;
    }
    const std::uint32_t after = next + idsTakenBy(op);
    if (const auto *insertion = std::get_if<InsertText>(&op)) {
        auto *before = std::get_if<InsertText>(last);
        const bool isNext = before != nullptr && insertion->side == Side::Right
            && insertion->parent == OpId{change, next - 1};
        if (isNext) {
            before->text += insertion->text;
            return after;
        }
    }
    ops.push_back(std::move(op));
    return after;
}

void Draft::append(InsertText op)
{
    const std::uint32_t count = utf8::length(op.text);
    auto *last = ops.empty() ? nullptr : std::get_if<InsertText>(&ops.back());
    const bool isNext =
        last != nullptr && op.side == Side::Right && op.parent == OpId{change, next - 1};
    if (isNext)
        last->text += op.text;
    else
        ops.emplace_back(std::move(op));
    next += count;
}

} // namespace nlbd::crdt
