#pragma once

#include "core/base/codec.h"

namespace nlbd::gossip {

inline void writeBool(Writer &out, bool value)
{
    out.u8(value ? 1 : 0);
}

[[nodiscard]] inline bool readBool(Reader &in)
{
    const std::uint8_t value = in.u8();
    if (value > 1)
        in.fail();
    return value == 1;
}

/// Counted lists: `minBytes` is what one element takes at least, so that a count which cannot be
/// true fails before memory is taken.
template <typename T, typename Read>
[[nodiscard]] std::vector<T> readList(Reader &in, std::size_t max, std::size_t minBytes, Read read)
{
    const auto count = static_cast<std::size_t>(in.varint(max));
    std::vector<T> list;
    if (!in.ok() || count > in.left() / minBytes) {
        in.fail();
        return list;
    }
    list.reserve(count);
    for (std::size_t i = 0; i < count && in.ok(); ++i)
        list.push_back(read(in));
    return list;
}

} // namespace nlbd::gossip
