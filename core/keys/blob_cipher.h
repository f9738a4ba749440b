#pragma once

#include "core/base/codes.h"
#include "core/base/ids.h"

#include <expected>

namespace nlbd::keys {

/// The key that the pieces of one blob are sealed with. Drawn for this blob alone: the number of
/// the piece is then nonce enough.
using BlobKey = std::span<const std::byte, 32>;

/// XChaCha20-Poly1305; 16 bytes longer than the piece. Binds the place of the piece and the size of
/// the whole. Deterministic.
[[nodiscard]] Bytes sealPiece(BlobKey key, std::uint32_t index, std::uint64_t size, ByteView plain);

/// Errors: E_PAYLOAD_HASH: another key, place or size, or altered.
[[nodiscard]] std::expected<Bytes, Code> openPiece(BlobKey key, std::uint32_t index,
                                                   std::uint64_t size, ByteView sealed);

} // namespace nlbd::keys
