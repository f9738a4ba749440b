#pragma once

#include "core/base/codes.h"
#include "core/base/limits.h"
#include "core/identity/secret_key.h"

#include <expected>

namespace nlbd::keys {

/// The symmetric key of a key epoch. Its commitment is decided, so there is exactly one key that a
/// reader may use (PROTOCOL C17).
class WorkspaceKey {
public:
    [[nodiscard]] static WorkspaceKey generate(Random &random);
    [[nodiscard]] static WorkspaceKey from(std::span<const std::byte, 32> bytes);

    [[nodiscard]] std::span<const std::byte, 32> view() const { return m_key.view32(); }

    /// BLAKE2b("rt1.kcommit", K).
    [[nodiscard]] Hash commitment() const;

    /// The key of beacons and handshake proofs.
    [[nodiscard]] ByteArray<32> discoveryKey() const;

    [[nodiscard]] WorkspaceKey clone() const { return from(view()); }

private:
    identity::SecretBytes m_key;
};

/// What a payload is bound to besides its key.
struct PayloadContext {
    DocIndex doc;
    DeviceIndex device;
    Seq seq;
    Hash associated; ///< digest of the header without its payload hash
};

/// nonce (24) | ciphertext. XChaCha20-Poly1305 under KDF(K, doc); the nonce is a keyed digest of
/// the plaintext and the whole context, so that a restored copy cannot reuse one for other words;
/// the first 16 bytes of plaintext commit to key and nonce. Deterministic: the same input gives the
/// same bytes. Precondition: kPlaintextBytesMax.
[[nodiscard]] Bytes sealPayload(const WorkspaceKey &key, const PayloadContext &context,
                                ByteView plaintext);

/// Errors: E_KEY_COMMIT (wrong key or committing prefix), E_PAYLOAD_HASH (altered), E_BOUNDS.
[[nodiscard]] std::expected<Bytes, Code>
openPayload(const WorkspaceKey &key, const PayloadContext &context, ByteView payload);

/// Bytes that sealing adds: nonce, committing prefix, tag.
inline constexpr std::size_t kPayloadOverhead = 24 + 16 + 16;
/// What fits into one change.
inline constexpr std::size_t kPlaintextBytesMax = limits::kPayloadBytesMax - kPayloadOverhead;

} // namespace nlbd::keys
