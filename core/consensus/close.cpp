#include "core/consensus/close.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/consensus/record_domains.h"

namespace nlbd::consensus {

namespace {

constexpr std::size_t kFrontierBytesMax = 4 + limits::kDevicesMax * (2 + 10 + 32);

void writePlace(Writer &out, const Close &close)
{
    out.u32(close.epoch.value);
    out.u16(close.seat.value);
    out.u64(close.lastAckNo);
}

Close readPlace(Reader &in)
{
    Close close;
    close.epoch = Epoch(in.u32());
    close.seat = SeatIndex(in.u16());
    close.lastAckNo = in.u64();
    return close;
}

} // namespace

Hash Close::hash() const
{
    Writer out;
    writePlace(out, *this);
    out.fixedBytes(root());
    return digest(domains::kClose, out.bytes());
}

Bytes Close::encode() const
{
    Writer out;
    writePlace(out, *this);
    out.blob(trust::encodeFrontier(frontier));
    out.fixedBytes(signature);
    return std::move(out).take();
}

std::expected<Close, Code> Close::decode(ByteView bytes)
{
    Reader in(bytes);
    Close close = readPlace(in);
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

Bytes Close::encodeAgainst(const trust::Frontier &base) const
{
    Writer out;
    writePlace(out, *this);
    out.fixedBytes(root());
    out.blob(trust::encodeFrontier(trust::changedEntries(base, frontier)));
    out.fixedBytes(signature);
    return std::move(out).take();
}

std::expected<Close, Code> Close::decodeAgainst(const trust::Frontier &base, ByteView bytes)
{
    Reader in(bytes);
    Close close = readPlace(in);
    const auto root = in.fixedBytes<Hash>();
    const ByteView entries = in.blob(kFrontierBytesMax);
    close.signature = in.fixedBytes<Signature>();
    if (!in.done())
        return std::unexpected(Code::E_CANON);
    const auto changes = trust::decodeFrontier(entries);
    if (!changes)
        return std::unexpected(changes.error());
    close.frontier = trust::withChanges(base, *changes);
    if (close.frontier.size() > limits::kDevicesMax || close.root() != root)
        return std::unexpected(Code::BUFFERED);
    // Entries that say what the base says already would make a second spelling.
    if (trust::changedEntries(base, close.frontier) != *changes)
        return std::unexpected(Code::E_CANON);
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
    if (close.epoch != configuration.epoch || close.seat.value >= configuration.seats.size())
        return std::unexpected(Code::E_NOT_MEMBER);
    const identity::Device *seat = configuration.device(configuration.seats[close.seat.value]);
    CHECK(seat != nullptr);
    if (!scheme.verify(seat->key, domains::kClose, configuration.workspace, close.hash(),
                       close.signature))
        return std::unexpected(Code::E_SIG);
    const auto mayWrite = [&](const trust::FrontierEntry &entry) {
        const identity::Device *device = configuration.device(entry.device);
        return device != nullptr && device->mayWrite;
    };
    if (!std::ranges::all_of(close.frontier, mayWrite))
        return std::unexpected(Code::E_STRUCT);
    return {};
}

} // namespace nlbd::consensus
