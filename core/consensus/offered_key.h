#pragma once

#include "core/identity/configuration.h"
#include "core/identity/signature_scheme.h"
#include "core/keys/key_chain.h"
#include "core/keys/sealing.h"

namespace nlbd::consensus {

/// A seat's offer of the next workspace key (PROTOCOL C17): sealed to everyone who may read in the
/// next epoch, with the present key under it, so that newcomers can go back. Everything in it can
/// be recomputed by whoever opens it.
struct OfferedKey {
    Epoch epoch; ///< the epoch that its decision would close
    SeatIndex seat;
    Hash commitment;
    keys::PastKey pastKey{};
    keys::KeyOffer boxes; ///< by readers() of the next configuration
    Signature signature;

    [[nodiscard]] Hash hash() const; ///< H("rt1.offer", all but the signature)
    [[nodiscard]] Bytes encode() const;
    /// Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<OfferedKey, Code> decode(ByteView bytes);
};

/// Device keys of everyone who may read, in the order of the boxes.
[[nodiscard]] std::vector<PublicKey> recipientsOf(const identity::Configuration &next);

/// Errors: E_KEY_OFFER if a recipient's key is unusable.
[[nodiscard]] std::expected<OfferedKey, Code>
offerNextKey(const identity::SignatureScheme &scheme, const identity::SecretKey &device,
             const identity::Configuration &now, SeatIndex seat,
             const identity::Configuration &next, const keys::WorkspaceKey &nextKey,
             const keys::WorkspaceKey &presentKey);

/// Errors: E_NOT_MEMBER, E_SIG.
[[nodiscard]] std::expected<void, Code> verify(const OfferedKey &offer,
                                               const identity::Configuration &now,
                                               const identity::SignatureScheme &scheme);

/// Opens my box and recomputes everybody's and the past key. Errors: E_KEY_OFFER, E_KEY_COMMIT.
[[nodiscard]] std::expected<keys::WorkspaceKey, Code>
openOfferedKey(const OfferedKey &offer, const identity::Configuration &next,
               const identity::SecretKey &me, const keys::WorkspaceKey &presentKey);

} // namespace nlbd::consensus
