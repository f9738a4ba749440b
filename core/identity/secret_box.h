#pragma once

#include "core/base/bytes.h"

#include <optional>
#include <span>

namespace nlbd::identity {

/// XChaCha20-Poly1305 with a nonce of the caller's: for small sealed things such as beacons, whose
/// nonce is drawn at random for each. 16 bytes longer than the plaintext.
[[nodiscard]] Bytes sealBox(std::span<const std::byte, 32> key,
                            std::span<const std::byte, 24> nonce, ByteView plaintext);

/// Nothing if key, nonce or bytes are not those that were sealed.
[[nodiscard]] std::optional<Bytes> openBox(std::span<const std::byte, 32> key,
                                           std::span<const std::byte, 24> nonce, ByteView box);

} // namespace nlbd::identity
