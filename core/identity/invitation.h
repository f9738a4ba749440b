#pragma once

#include "core/base/time.h"
#include "core/identity/signature_scheme.h"

#include <expected>

namespace nlbd::identity {

/// The workspace that an invitation leads to, and where trust in what others tell of it begins: the
/// newest decision that the inviter knew (PROTOCOL C12).
struct InvitedRoom {
    WorkspaceId workspace;
    Epoch epoch;
    Hash decision; ///< of epoch 0: the workspace's own hash
    std::string name;
    friend bool operator==(const InvitedRoom &, const InvitedRoom &) = default;
};

/// Where and whom to meet, as text that is handed over by any other way: `nlbd:join/` and the bytes
/// below in URL-safe base64. It admits nobody: it lets its user knock at the inviter's computer.
///
///     u8  version (1: to meet the inviter; 2: to ask to be let into a workspace)
///     32  device key | 32 identity key | 64 certificate of the device
///     text name
///     varint count (1 to 8), then text host:port each
///     16  secret, good for one use
///     i64 expiry, wall clock in ms
///     version 2: 32 workspace | u32 epoch | 32 decision that began it | text name of the workspace
///     64  signature by the device over everything before it
///     4   checksum: a digest of everything before it, so that a slip of copying is told from a
///     forgery
struct Invitation {
    PublicKey device;
    PublicKey identity;
    Signature certificate;              ///< by identity, see certifyDevice()
    std::string name;                   ///< of the inviter, valid by name_rules
    std::vector<std::string> addresses; ///< host:port, best first; the dialler judges them
    ByteArray<16> secret{};
    WallTime expires;
    std::optional<InvitedRoom> room{}; ///< nothing: only to meet
    Signature signature;
    friend bool operator==(const Invitation &, const Invitation &) = default;

    /// What the device signs.
    [[nodiscard]] Hash hash() const;
    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] std::string text() const;
};

inline constexpr std::size_t kInvitationAddressesMax = 8; ///< a machine's interfaces, IPv4 and IPv6
inline constexpr std::size_t kAddressBytesMax = 262;      ///< a DNS name of 255 bytes, colon, port

enum class InvitationError : std::uint8_t {
    NotAnInvitation, ///< does not start with `nlbd:join/`
    Damaged,         ///< cut short, or a character is wrong
    WrongVersion,    ///< made by another version of the format
    BadSignature,    ///< complete, but not made by the device or the person that it names
};

/// Fills in the signature.
[[nodiscard]] Invitation signInvitation(const SignatureScheme &scheme, const SecretKey &device,
                                        Invitation invitation);

/// Bytes as encode() makes them; every check but expiry.
[[nodiscard]] std::expected<Invitation, InvitationError>
decodeInvitation(ByteView bytes, const SignatureScheme &scheme);

/// The text form. White space anywhere in it is what mail programs put there, and is passed over.
[[nodiscard]] std::expected<Invitation, InvitationError>
readInvitation(std::string_view text, const SignatureScheme &scheme);

[[nodiscard]] bool isExpired(const Invitation &invitation, WallTime now) noexcept;

} // namespace nlbd::identity
