#pragma once

#include "core/base/codec.h"
#include "core/base/limits.h"

#include <expected>

namespace nlbd::net {

/// One ZeroMQ message is one frame of one part. Every frame begins with 10 bytes, little-endian:
///
///     0   u8   version of this header, 1
///     1   u8   kind
///     2   u16  flags: bit 0 = bulk (the receiver answers with credit); the rest must be 0
///     4   u32  length of the body; must be exactly what follows the header
///     8   u16  alias of the workspace that the sender proved (handshake.h); 0 = none
///     10  body
inline constexpr std::uint8_t kFrameVersion = 1;
inline constexpr std::size_t kFrameHeaderBytes = 10;
inline constexpr std::size_t kFrameBodyBytesMax = limits::kFrameBytesMax - kFrameHeaderBytes;

/// Kinds below kWorkspaceFirst are the mesh's own, see handshake.h and sessions.h.
inline constexpr std::uint8_t kWorkspaceFirst = 0x10; ///< up to 0x6F: belong to a workspace
inline constexpr std::uint8_t kLobbyFirst = 0x70;     ///< up to 0x7F: founding; no workspace
inline constexpr std::uint8_t kLobbyLast = 0x7F;

enum class OwnKind : std::uint8_t {
    Hello = 0x01,   ///< dialler's first word
    Welcome = 0x02, ///< listener's answer, with proofs
    Proof = 0x03,   ///< dialler's proofs
    Ready = 0x04,   ///< listener: the session is up
    Proofs = 0x05,  ///< more proofs, for workspaces opened later
    Bye = 0x06,     ///< u8 EndReason; the sender closes
    Ping = 0x07,    ///< empty
    Pong = 0x08,    ///< empty
    Credit = 0x09,  ///< u32: bytes of bulk frames taken since the last Credit
};

/// Two lanes per peer: live frames overtake bulk.
enum class Lane : std::uint8_t { Live, Bulk };

struct Frame {
    std::uint8_t kind = 0;
    Lane lane = Lane::Live;
    std::uint16_t alias = 0;
    ByteView body; ///< borrowed from the message
};

enum class FrameError : std::uint8_t {
    Version, ///< another header version: an older or newer program
    Bounds,  ///< shorter than a header or larger than a frame may be
    Canon,   ///< unknown flag, wrong length, or an alias where none belongs
};

/// @pre body.size() <= kFrameBodyBytesMax
[[nodiscard]] Bytes encodeFrame(const Frame &frame);

[[nodiscard]] std::expected<Frame, FrameError> decodeFrame(ByteView message) noexcept;

[[nodiscard]] constexpr bool isOwn(std::uint8_t kind) noexcept
{
    return kind > 0 && kind < kWorkspaceFirst;
}
[[nodiscard]] constexpr bool isWorkspace(std::uint8_t kind) noexcept
{
    return kind >= kWorkspaceFirst && kind < kLobbyFirst;
}
[[nodiscard]] constexpr bool isLobby(std::uint8_t kind) noexcept
{
    return kind >= kLobbyFirst && kind <= kLobbyLast;
}

} // namespace nlbd::net
