#include "net/frame.h"

#include "core/base/check.h"

namespace nlbd::net {

namespace {
constexpr std::uint16_t kBulkFlag = 1;
}

Bytes encodeFrame(const Frame &frame)
{
    CHECK(frame.body.size() <= kFrameBodyBytesMax);
    Writer out;
    out.u8(kFrameVersion);
    out.u8(frame.kind);
    out.u16(frame.lane == Lane::Bulk ? kBulkFlag : 0);
    out.u32(static_cast<std::uint32_t>(frame.body.size()));
    out.u16(frame.alias);
    out.raw(frame.body);
    return std::move(out).take();
}

std::expected<Frame, FrameError> decodeFrame(ByteView message) noexcept
{
    if (message.size() < kFrameHeaderBytes || message.size() > limits::kFrameBytesMax)
        return std::unexpected(FrameError::Bounds);
    Reader in(message);
    if (in.u8() != kFrameVersion)
        return std::unexpected(FrameError::Version);
    Frame frame;
    frame.kind = in.u8();
    const std::uint16_t flags = in.u16();
    const std::uint32_t length = in.u32();
    frame.alias = in.u16();
    if (length != in.left())
        return std::unexpected(FrameError::Canon);
    frame.body = in.raw(length);
    const bool isKnownKind = isOwn(frame.kind) || isWorkspace(frame.kind) || isLobby(frame.kind);
    const bool isFlagKnown = flags == 0 || (flags == kBulkFlag && isWorkspace(frame.kind));
    const bool isAliasRight = (frame.alias != 0) == isWorkspace(frame.kind);
    if (!isKnownKind || !isFlagKnown || !isAliasRight)
        return std::unexpected(FrameError::Canon);
    frame.lane = flags == kBulkFlag ? Lane::Bulk : Lane::Live;
    return frame;
}

} // namespace nlbd::net
