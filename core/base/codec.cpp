#include "core/base/codec.h"

#include "core/base/utf8.h"

namespace nlbd {

namespace {

/// Most records are longer; growing byte by byte would take memory six times for the first of them.
constexpr std::size_t kFirstBytes = 128;

} // namespace

void Writer::grow(std::size_t count)
{
    m_bytes.resize(std::max({kFirstBytes, m_bytes.size() * 2, m_size + count}));
}

std::uint64_t Reader::longVarint(std::uint64_t max) noexcept
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto byte = static_cast<std::uint64_t>(u8());
        if (!m_ok)
            return 0;
        const std::uint64_t bits = byte & 0x7FU;
        const bool isOverflow = shift == 63 && bits > 1;
        const bool isPadded = shift > 0 && byte == 0;
        if (isOverflow || isPadded)
            break;
        value |= bits << shift;
        if ((byte & 0x80U) == 0) {
            if (value > max)
                break;
            return value;
        }
    }
    fail();
    return 0;
}

ByteView Reader::blob(std::size_t max) noexcept
{
    return raw(static_cast<std::size_t>(varint(max)));
}

std::string_view Reader::text(std::size_t maxBytes) noexcept
{
    const std::string_view view = viewOf(blob(maxBytes));
    if (!utf8::isValid(view)) {
        fail();
        return {};
    }
    return view;
}

} // namespace nlbd
