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

} // namespace nlbd::crdt
