#include "core/crdt/op.h"

#include "core/base/utf8.h"

namespace nlbd::crdt {

std::uint32_t idsTakenBy(const Op &op) noexcept
{
    if (const auto *insert = std::get_if<InsertText>(&op))
        return utf8::length(insert->text);
    return isFormat(op) ? 0 : 1;
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

} // namespace nlbd::crdt
