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

/// What is sealed to the device, by a configuration that it stands in.
[[nodiscard]] CareKey careKeyOf(const identity::Device &device);

/// Everyone who may read in the next epoch, in the order of the boxes. A care key that this very
/// decision turns counts for its offer if the maker of the offer had heard of it: sealed to the key
/// before, the box is good as well. Else every word of a device about its key would make the offers
/// that are there worthless, and who has several devices could put a removal off for ever.
[[nodiscard]] std::vector<keys::Recipient> recipientsOf(const identity::Configuration &now,
                                                        const identity::Configuration &next);

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
openOfferedKey(const OfferedKey &offer, const identity::Configuration &now,
               const identity::Configuration &next, const keys::KeyHolder &me,
               const keys::WorkspaceKey &presentKey);

} // namespace nlbd::consensus
