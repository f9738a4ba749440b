#pragma once

#include "core/base/codes.h"
#include "core/base/ids.h"
#include "core/base/limits.h"
#include "core/identity/genesis.h"
#include "net/endpoint.h"

#include <variant>

namespace nlbd::app {

/// What computers say to each other outside of any workspace. Kinds 0x70 to 0x7F, bodies:
///
///     70 Offer     blob genesis record without signatures | blob key offer | addresses
///     71 Reply     32 draft | u8 1 accepts, 0 declines | 64 signature (zeros if declined)
///     72 Seal      blob signed genesis record | blob key offer | addresses
///     73 Withdraw  32 draft
///     74 Knock     contact | 16 secret of an invitation, zeros: only to say who I am
///     75 Welcome   u8 verdict | contact (if the verdict is 0)
///     76 Met       addresses of members that both ends share a workspace with
///     77 Ask       32 workspace | contact | 16 secret of an invitation: let me in
///     78 DoorAnswer    32 workspace | u8 verdict | u16 yes | u16 needed (zeros unless it is voted
///     on) 79 Entry     blob signed genesis record | 32 discovery key | addresses of members
///     7A Known     32 workspace | u16 member | u32 epoch: who asks is that member, with another
///     device 7B Claim     32 workspace | blob proposal by which that member moves its seat
///
///     addresses:  varint count (at most 512), then 32 device | text host:port each
///     contact:    32 identity | text name | 32 device | 64 certificate | addresses of that device
///     draft:      hash of the genesis record, which is the workspace's name later
///
/// Addresses are hints: whoever answers there must hold the device's key.
struct Hint {
    PublicKey device;
    net::Endpoint endpoint;
    friend bool operator==(const Hint &, const Hint &) = default;
};
using Hints = std::vector<Hint>;

struct Contact {
    identity::Founder person; ///< the certificate is not checked by decode
    std::vector<net::Endpoint> endpoints;
    friend bool operator==(const Contact &, const Contact &) = default;
};

struct Offer {
    Bytes genesis;
    Bytes keyOffer;
    Hints hints;
    friend bool operator==(const Offer &, const Offer &) = default;
};
struct Reply {
    Hash draft;
    bool accepts = false;
    Signature signature;
    friend bool operator==(const Reply &, const Reply &) = default;
};
struct Seal {
    Bytes genesis; ///< signed
    Bytes keyOffer;
    Hints hints;
    friend bool operator==(const Seal &, const Seal &) = default;
};
struct Withdraw {
    Hash draft;
    friend bool operator==(const Withdraw &, const Withdraw &) = default;
};
struct Knock {
    Contact contact;
    ByteArray<16> secret{};
    friend bool operator==(const Knock &, const Knock &) = default;
};
struct Welcome {
    enum class Verdict : std::uint8_t {
        Come = 0,
        Expired = 1,
        Used = 2,
        Unknown = 3
    } verdict = Verdict::Come;
    Contact contact;
    friend bool operator==(const Welcome &, const Welcome &) = default;
};
struct Met {
    Hints hints;
    friend bool operator==(const Met &, const Met &) = default;
};

struct Ask {
    WorkspaceId workspace;
    Contact contact;
    ByteArray<16> secret{};
    friend bool operator==(const Ask &, const Ask &) = default;
};
struct DoorAnswer {
    WorkspaceId workspace;
    enum class Verdict : std::uint8_t {
        Waiting = 0,   ///< members see it; nobody asked for a vote
        Voting = 1,    ///< and now they vote
        Expired = 2,   ///< the invitation
        Used = 3,      ///< by another computer
        Unknown = 4,   ///< no invitation of mine, or into another workspace
        NotHere = 5,   ///< I am no member there any more, or on my way in myself
        NameTaken = 6, ///< a member's name looks like it
        Gone = 7,      ///< this device or person was here: the device cannot come back
        TooMany = 8,   ///< ask again later
        Twice = 9,     ///< another computer of the same person asks already
    } verdict = Verdict::Waiting;
    std::uint16_t yes = 0;
    std::uint16_t needed = 0;
    friend bool operator==(const DoorAnswer &, const DoorAnswer &) = default;
};
/// For an admitted device: with it the workspace is found and joined. All that it says is checked
/// against the invitation, or by whoever answers there.
struct Entry {
    Bytes genesis; ///< signed
    ByteArray<32> discoveryKey{};
    Hints hints;
    friend bool operator==(const Entry &, const Entry &) = default;
};

/// To somebody who asks and is a member by another device, which may be lost: what is needed to
/// sign for one's seat. A lie makes a claim that nobody takes.
struct Known {
    WorkspaceId workspace;
    MemberIndex member;
    Epoch epoch;
    friend bool operator==(const Known &, const Known &) = default;
};
/// The member's word, by its identity key, that its seat moves to the device that asks. No secret:
/// all members get to see it.
struct Claim {
    WorkspaceId workspace;
    Bytes proposal; ///< consensus::MoveSeat, encoded
    friend bool operator==(const Claim &, const Claim &) = default;
};

using LobbyFrame = std::variant<Offer, Reply, Seal, Withdraw, Knock, Welcome, Met, Ask, DoorAnswer,
                                Entry, Known, Claim>;

/// More founders at once would not fit a lobby frame of 64 KiB with names of full length; who comes
/// later is admitted by vote.
inline constexpr std::size_t kFoundersMax = 64;
inline constexpr std::size_t kHintsMax = 512;
inline constexpr std::size_t kClaimBytesMax = 256; ///< it takes 184

[[nodiscard]] std::uint8_t kindOf(const LobbyFrame &frame) noexcept;
[[nodiscard]] Bytes encode(const LobbyFrame &frame);

/// Strict. Errors: E_CANON.
[[nodiscard]] std::expected<LobbyFrame, Code> decodeLobbyFrame(std::uint8_t kind, ByteView body);

/// The line that `nlbd-peer card` prints: `nlbd:card/` and a contact in URL-safe base64.
[[nodiscard]] std::string cardText(const Contact &contact);
/// Reads and checks one: valid name, certificate holds.
[[nodiscard]] std::optional<Contact> readCard(std::string_view text);

} // namespace nlbd::app
