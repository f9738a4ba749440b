#pragma once

#include "core/keys/care_key.h"
#include "core/keys/payload_cipher.h"

namespace nlbd::keys {

/// Whom a box is for, and what it is sealed to.
struct Recipient {
    PublicKey device;
    CareKey key; ///< zeros, to which nothing can be sealed, if its signing key is no point
    /// Its key so far, where this very decision turns it: a box that was sealed to that one is good
    /// as well, because its maker may not have heard of the newer one.
    std::optional<CareKey> before{};
};

/// A workspace key sealed to each member by boxes that every recipient can recompute: nobody can
/// be given a bad box unnoticed (PROTOCOL C17). 32 + 48 n bytes.
///
/// e = KDF(K, "eph"), E = e*G; box_j = secretbox(KDF(X25519(e, PK_j), E, PK_j), K), PK_j the care
/// key of device j, or its signing key, converted.
struct KeyOffer {
    ByteArray<32> ephemeral{};
    std::vector<ByteArray<48>> boxes; ///< in the order of the recipients

    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static std::expected<KeyOffer, Code> decode(ByteView bytes);
};

/// Devices that never turned a key.
[[nodiscard]] std::vector<Recipient> recipientsAt(const std::vector<PublicKey> &devices);

/// Errors: E_KEY_OFFER if a recipient's key is unusable.
[[nodiscard]] std::expected<KeyOffer, Code> offerKey(const WorkspaceKey &key,
                                                     const std::vector<Recipient> &recipients);

/// Opens my box only: enough for whoever votes no more on it. Errors: E_KEY_OFFER, E_KEY_COMMIT.
[[nodiscard]] std::expected<WorkspaceKey, Code> openOwnBox(const KeyOffer &offer,
                                                           const std::vector<Recipient> &recipients,
                                                           const KeyHolder &me,
                                                           const Hash &commitment);

/// Opens my box and recomputes all of them. Errors: E_KEY_OFFER, E_KEY_COMMIT.
[[nodiscard]] std::expected<WorkspaceKey, Code> openOffer(const KeyOffer &offer,
                                                          const std::vector<Recipient> &recipients,
                                                          const KeyHolder &me,
                                                          const Hash &commitment);

} // namespace nlbd::keys
