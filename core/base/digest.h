#pragma once

#include "core/base/ids.h"

namespace nlbd {

/// What a hash or signature is about: record kind and format level in 16 bytes, zero-padded. A
/// record of one kind can therefore never pass for one of another (PROTOCOL C2).
struct Domain {
    ByteArray<16> value{};

    consteval explicit Domain(std::string_view name)
    {
        if (name.size() > 16)
            throw "a domain has at most 16 bytes";
        for (std::size_t i = 0; i < name.size(); ++i)
            value[i] = static_cast<std::byte>(name[i]);
    }
    friend constexpr bool operator==(const Domain &, const Domain &) = default;
};

namespace domains {
inline constexpr Domain kGenesis{"rt1.genesis"};
inline constexpr Domain kFound{"rt1.found"};   ///< a founder's signature under the genesis record
inline constexpr Domain kDevice{"rt1.device"}; ///< a member's certificate for a device
inline constexpr Domain kChange{"rt1.change"};
inline constexpr Domain kPayload{"rt1.payload"};
inline constexpr Domain kAssociated{
    "rt1.ad"}; ///< header without its payload hash, bound by the AEAD
inline constexpr Domain kNonce{"rt1.nonce"};
inline constexpr Domain kCommit{"rt1.kcommit"};
inline constexpr Domain kDocumentKey{"rt1.kdoc"};
inline constexpr Domain kFront{"rt1.front"};
inline constexpr Domain kAck{"rt1.ack"};
inline constexpr Domain kEvidence{"rt1.evidence"};
inline constexpr Domain kControl{"rt1.control"}; ///< what is held about the next decision
inline constexpr Domain kPresence{"rt1.presence"};
inline constexpr Domain kHello{"rt1.hello"};
inline constexpr Domain kInvite{"rt1.invite"};
inline constexpr Domain kBeacon{"rt1.beacon"};
inline constexpr Domain kDiscovery{"rt1.disc"};
inline constexpr Domain kSeal{"rt1.seal"};
inline constexpr Domain kPropose{"rt1.propose"};
inline constexpr Domain kPrevote{"rt1.prevote"};
inline constexpr Domain kPrecommit{"rt1.precommit"};
inline constexpr Domain kSeatOrder{"rt1.order"}; ///< who breaks ties in which round
} // namespace domains

/// BLAKE2b-256 of the parts in sequence, with the domain as personalisation.
/// @complexity linear in the bytes, about 1 ns each.
[[nodiscard]] Hash digest(const Domain &domain, std::initializer_list<ByteView> parts);
[[nodiscard]] Hash digest(const Domain &domain, ByteView bytes);

/// The same keyed with 32 bytes: a PRF, for sealing, proofs and beacons.
[[nodiscard]] Hash keyedDigest(const Domain &domain, std::span<const std::byte, 32> key,
                               std::initializer_list<ByteView> parts);

} // namespace nlbd
