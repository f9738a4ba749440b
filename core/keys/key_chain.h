#pragma once

#include "core/keys/payload_cipher.h"

namespace nlbd::keys {

/// The key before, under the key after: whoever has the newest key can read back to the first
/// (PROTOCOL C17, admission). secretbox(K_before) with a nonce of zeros under keyed
/// BLAKE2b-256(`rt1.seal`, K_after, "past"), which seals nothing else. Deterministic, so that every
/// voter recomputes it before it votes.
using PastKey = ByteArray<48>;

[[nodiscard]] PastKey sealPastKey(const WorkspaceKey &after, const WorkspaceKey &before);

/// Errors: E_KEY_OFFER (altered, or another key), E_KEY_COMMIT (not the key that was decided).
[[nodiscard]] std::expected<WorkspaceKey, Code>
openPastKey(const WorkspaceKey &after, const PastKey &sealed, const Hash &commitmentBefore);

} // namespace nlbd::keys
