#pragma once

#include "core/keys/payload_cipher.h"

namespace nlbd::keys {

/// A workspace key sealed to each member by boxes that every recipient can recompute: nobody can
/// be given a bad box unnoticed (PROTOCOL C17). 32 + 48 n bytes.
///
/// e = KDF(K, "eph"), E = e*G; box_j = secretbox(KDF(X25519(e, PK_j), E, PK_j), K), PK_j the
/// transport key of device j.
struct KeyOffer {
    ByteArray<32> ephemeral{};
    std::vector<ByteArray<48>> boxes; ///< in the order of the recipients

    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static std::expected<KeyOffer, Code> decode(ByteView bytes);
};

/// Errors: E_KEY_OFFER if a recipient's key is unusable.
[[nodiscard]] std::expected<KeyOffer, Code> offerKey(const WorkspaceKey &key,
                                                     const std::vector<PublicKey> &recipients);

/// Opens my box only: enough for whoever votes no more on it. Errors: E_KEY_OFFER, E_KEY_COMMIT.
[[nodiscard]] std::expected<WorkspaceKey, Code> openOwnBox(const KeyOffer &offer,
                                                           const std::vector<PublicKey> &recipients,
                                                           const identity::SecretKey &me,
                                                           const Hash &commitment);

/// Opens my box and recomputes all of them. Errors: E_KEY_OFFER, E_KEY_COMMIT.
[[nodiscard]] std::expected<WorkspaceKey, Code> openOffer(const KeyOffer &offer,
                                                          const std::vector<PublicKey> &recipients,
                                                          const identity::SecretKey &me,
                                                          const Hash &commitment);

} // namespace nlbd::keys
