#include "core/consensus/close.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/consensus/record_domains.h"
#include "core/consensus/short_close.h"

namespace nlbd::consensus {

namespace {

constexpr std::size_t kFrontierBytesMax = 4 + limits::kDevicesMax * (2 + 10 + 32);

void writePlace(Writer &out, Epoch epoch, SeatIndex seat, std::uint64_t lastAckNo)
{
    out.u32(epoch.value);
    out.u16(seat.value);
    out.u64(lastAckNo);
}

} // namespace

Hash Close::hashOf(Epoch epoch, SeatIndex seat, std::uint64_t lastAckNo, const Hash &root)
{
    Writer out;
    writePlace(out, epoch, seat, lastAckNo);
    out.fixedBytes(root);
    return digest(domains::kClose, out.bytes());
}

Bytes Close::encode() const
{
    Writer out;
    writePlace(out, epoch, seat, lastAckNo);
    out.blob(trust::encodeFrontier(frontier));
    out.fixedBytes(signature);
    return std::move(out).take();
}

std::expected<Close, Code> Close::decode(ByteView bytes)
{
    Reader in(bytes);
    Close close;
    close.epoch = Epoch(in.u32());
    close.seat = SeatIndex(in.u16());
    close.lastAckNo = in.u64();
    const ByteView entries = in.blob(kFrontierBytesMax);
    close.signature = in.fixedBytes<Signature>();
    if (!in.done())
        return std::unexpected(Code::E_CANON);
    auto frontier = trust::decodeFrontier(entries);
    if (!frontier)
        return std::unexpected(frontier.error());
    close.frontier = std::move(*frontier);
    return close;
}

Close signClose(const identity::SignatureScheme &scheme, const identity::SecretKey &key,
                const identity::Configuration &configuration, SeatIndex seat,
                std::uint64_t lastAckNo, trust::Frontier frontier)
{
    CHECK(seat.value < configuration.seats.size());
    Close close{configuration.epoch, seat, lastAckNo, std::move(frontier), {}};
    close.signature = scheme.sign(key, domains::kClose, configuration.workspace, close.hash());
    return close;
}

std::expected<void, Code> verify(const Close &close, const identity::Configuration &configuration,
                                 const identity::SignatureScheme &scheme)
{
    const auto held = verify(shortened(close, close.frontier), configuration, scheme);
    if (!held)
        return held;
    const auto mayWrite = [&](const trust::FrontierEntry &entry) {
        const identity::Device *device = configuration.device(entry.device);
        return device != nullptr && device->mayWrite;
    };
    if (!std::ranges::all_of(close.frontier, mayWrite))
        return std::unexpected(Code::E_STRUCT);
    return {};
}

} // namespace nlbd::consensus
