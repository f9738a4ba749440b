#pragma once

#include "core/base/bytes.h"

#include <vector>

namespace nlbd::blobs {

/// Which pieces of a blob somebody holds.
class PieceSet {
public:
    PieceSet() = default;
    explicit PieceSet(std::uint32_t pieces, bool areAll = false)
        : m_bits(pieces, areAll)
        , m_count(areAll ? pieces : 0)
    {
    }

    /// A bit per piece, the first lowest, without zero bytes at the end. Bits beyond the pieces
    /// count for nothing.
    [[nodiscard]] static PieceSet from(std::uint32_t pieces, ByteView bytes);
    [[nodiscard]] Bytes encode() const;

    [[nodiscard]] bool has(std::uint32_t index) const
    {
        return index < m_bits.size() && m_bits[index];
    }
    void set(std::uint32_t index);
    void clear(std::uint32_t index);

    [[nodiscard]] std::uint32_t pieces() const noexcept
    {
        return static_cast<std::uint32_t>(m_bits.size());
    }
    [[nodiscard]] std::uint32_t count() const noexcept { return m_count; }
    [[nodiscard]] bool isFull() const noexcept { return m_count == m_bits.size(); }

    friend bool operator==(const PieceSet &, const PieceSet &) = default;

private:
    std::vector<bool> m_bits;
    std::uint32_t m_count = 0;
};

} // namespace nlbd::blobs
