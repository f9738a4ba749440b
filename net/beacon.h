#pragma once

#include "core/identity/secret_key.h"
#include "net/mesh_event.h"

namespace nlbd::net {

/// What travels in one UDP datagram. All begin with "nlbd" | u8 version 1 | u8 kind.
///
/// Card, sent only while the user lets others see him:
///     text name | 32 device | 32 identity | 64 certificate | u16 port | u16 version min | u16 max
///     | 8 boot | 64 signature by the device over all before it
/// Goodbye: 32 device | 8 boot | 64 signature.
/// Ask, to a typed address: u16 port asked for | zeros up to 512 bytes, so that nobody is made to
/// send more than he was sent. Answered with a card.
/// Sealed, for members only: 24 nonce | four slots of 126 bytes, each
///     XChaCha20-Poly1305(discovery key, nonce, 32 device | u16 port | 8 boot | u32 counter | 64
///     signature)
/// Slots that are not used are random. Without a discovery key every beacon is noise: no workspace,
/// no person, nothing that two beacons share (NET_NOTES 4.3).
inline constexpr std::size_t kDatagramMax = 600;
inline constexpr std::size_t kAskBytes = 512;
inline constexpr std::size_t kSealedSlots = 4;

struct CardBeacon {
    Card card;
    std::uint16_t port = 0;
    VersionRange versions = kProtocolVersions;
    BootId boot;
};
struct GoodbyeBeacon {
    PublicKey device;
    BootId boot;
};
struct AskBeacon {
    std::uint16_t port = 0;
};
/// Still closed: openSealed() tries a key.
struct SealedBeacon {
    ByteArray<24> nonce{};
    std::vector<Bytes> slots;
};
using Beacon = std::variant<CardBeacon, GoodbyeBeacon, AskBeacon, SealedBeacon>;

/// A member's beacon, opened and checked.
struct MemberBeacon {
    PublicKey device;
    std::uint16_t port = 0;
    BootId boot;
    std::uint32_t counter = 0;
};

[[nodiscard]] Bytes encodeCard(const identity::SecretKey &device, const CardBeacon &beacon);
[[nodiscard]] Bytes encodeGoodbye(const identity::SecretKey &device, const BootId &boot);
[[nodiscard]] Bytes encodeAsk(std::uint16_t port);

/// At most kSealedSlots keys; the rest of the slots is noise.
[[nodiscard]] Bytes encodeSealed(const identity::SecretKey &device, const MemberBeacon &beacon,
                                 const std::vector<ByteArray<32>> &discoveryKeys, Random &random);

/// Reads a datagram from anybody. Cards and goodbyes come out only with a good signature and, for
/// cards, a valid name. Nothing for everything else.
[[nodiscard]] std::optional<Beacon> decodeBeacon(ByteView datagram);

/// The member who sealed a slot for this key; nothing if no slot opens or its signature is bad.
[[nodiscard]] std::optional<MemberBeacon> openSealed(const SealedBeacon &beacon,
                                                     const ByteArray<32> &discoveryKey);

} // namespace nlbd::net
