#include "core/blobs/piece_set.h"

#include "core/base/check.h"

namespace nlbd::blobs {

PieceSet PieceSet::from(std::uint32_t pieces, ByteView bytes)
{
    PieceSet result(pieces);
    for (std::uint32_t i = 0; i < pieces && i / 8 < bytes.size(); ++i)
        if ((static_cast<unsigned>(bytes[i / 8]) >> (i % 8) & 1U) != 0)
            result.set(i);
    return result;
}

Bytes PieceSet::encode() const
{
    Bytes bytes((m_bits.size() + 7) / 8);
    for (std::size_t i = 0; i < m_bits.size(); ++i)
        if (m_bits[i])
            bytes[i / 8] |= static_cast<std::byte>(1U << (i % 8));
    while (!bytes.empty() && bytes.back() == std::byte{0})
        bytes.pop_back();
    return bytes;
}

void PieceSet::set(std::uint32_t index)
{
    CHECK(index < m_bits.size());
    m_count += m_bits[index] ? 0 : 1;
    m_bits[index] = true;
}

void PieceSet::clear(std::uint32_t index)
{
    CHECK(index < m_bits.size());
    m_count -= m_bits[index] ? 1 : 0;
    m_bits[index] = false;
}

} // namespace nlbd::blobs
