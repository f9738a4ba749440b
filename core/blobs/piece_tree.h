#pragma once

#include "core/base/blob_limits.h"
#include "core/base/ids.h"

#include <vector>

namespace nlbd::blobs {

/// What sealing adds to each piece (core/keys/blob_cipher).
inline constexpr std::size_t kSealBytes = 16;

/// How a blob of so many bytes is cut: pieces of kBlobPieceBytes, the last one shorter. An empty
/// blob has one piece, of no bytes.
class Shape {
public:
    /// @pre size <= kBlobBytesMax.
    explicit Shape(std::uint64_t size);

    [[nodiscard]] std::uint64_t size() const noexcept { return m_size; }
    [[nodiscard]] std::uint32_t pieces() const noexcept { return m_pieces; }
    /// Of a piece in the clear. @pre index < pieces(), as below.
    [[nodiscard]] std::size_t plainBytes(std::uint32_t index) const noexcept;
    [[nodiscard]] std::size_t sealedBytes(std::uint32_t index) const noexcept
    {
        return plainBytes(index) + kSealBytes;
    }
    /// Of the branch that leads from a piece to the root.
    [[nodiscard]] std::size_t branchBytes(std::uint32_t index) const noexcept;
    /// Branch and sealed piece, as they travel and lie on the disk.
    [[nodiscard]] std::size_t provedBytes(std::uint32_t index) const noexcept
    {
        return branchBytes(index) + sealedBytes(index);
    }
    /// The largest of them.
    [[nodiscard]] std::size_t provedBytesMax() const noexcept { return provedBytes(0); }

    friend bool operator==(const Shape &, const Shape &) = default;

private:
    std::uint64_t m_size;
    std::uint32_t m_pieces;
};

/// What names a blob: its size is part of it, so that nobody can give one name to two sizes.
[[nodiscard]] Hash rootOf(std::uint64_t size, const Hash &top);
[[nodiscard]] Hash leafOf(std::uint32_t index, ByteView sealed);

/// The Merkle tree over the sealed pieces of a blob (R. Merkle, "A Digital Signature Based on a
/// Conventional Encryption Function", 1987): whoever knows the root tries each piece by itself.
class PieceTree {
public:
    /// @pre as many leaves as the shape has pieces.
    PieceTree(const Shape &shape, std::vector<Hash> leaves);

    [[nodiscard]] const Hash &top() const noexcept { return m_levels.back().front(); }
    /// The neighbours on the way from a piece up to the top.
    [[nodiscard]] Bytes branch(std::uint32_t index) const;

private:
    std::vector<std::vector<Hash>> m_levels;
};

/// The sealed piece inside a proved one, borrowed; empty if it is not what the root says.
/// @complexity linear in its bytes, about 40 microseconds.
[[nodiscard]] ByteView openProved(const Hash &root, const Shape &shape, std::uint32_t index,
                                  ByteView proved);

} // namespace nlbd::blobs
