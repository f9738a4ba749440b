#include "core/consensus/short_close.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/mutant.h"
#include "core/consensus/record_domains.h"

namespace nlbd::consensus {

namespace {

constexpr std::size_t kEntriesBytesMax = 4 + limits::kDevicesMax * (2 + 10 + 32);

} // namespace

Hash ShortClose::hash() const
{
    return Close::hashOf(epoch, seat, lastAckNo, root);
}

Bytes ShortClose::encode() const
{
    Writer out;
    out.u32(epoch.value);
    out.u16(seat.value);
    out.u64(lastAckNo);
    out.fixedBytes(root);
    out.blob(trust::encodeFrontier(entries));
    out.fixedBytes(signature);
    return std::move(out).take();
}

std::expected<ShortClose, Code> ShortClose::decode(ByteView bytes)
{
    Reader in(bytes);
    ShortClose close;
    close.epoch = Epoch(in.u32());
    close.seat = SeatIndex(in.u16());
    close.lastAckNo = in.u64();
    close.root = in.fixedBytes<Hash>();
    const ByteView entries = in.blob(kEntriesBytesMax);
    close.signature = in.fixedBytes<Signature>();
    if (!in.done())
        return std::unexpected(Code::E_CANON);
    auto read = trust::decodeFrontier(entries);
    if (!read)
        return std::unexpected(read.error());
    close.entries = std::move(*read);
    return close;
}

std::optional<Close> ShortClose::whole(const trust::Frontier &base) const
{
    Close close{epoch, seat, lastAckNo, trust::withChanges(base, entries), signature};
    const bool isOfRoot = close.root() == root || NLBD_MUTANT("short-any-root");
    if (close.frontier.size() > limits::kDevicesMax || !isOfRoot)
        return std::nullopt;
    return close;
}

ShortClose shortened(const Close &close, const trust::Frontier &base)
{
    return {close.epoch,
            close.seat,
            close.lastAckNo,
            close.root(),
            trust::changedEntries(base, close.frontier),
            close.signature};
}

std::expected<void, Code> verify(const ShortClose &close,
                                 const identity::Configuration &configuration,
                                 const identity::SignatureScheme &scheme)
{
    if (close.epoch != configuration.epoch || close.seat.value >= configuration.seats.size())
        return std::unexpected(Code::E_NOT_MEMBER);
    const identity::Device *seat = configuration.device(configuration.seats[close.seat.value]);
    CHECK(seat != nullptr);
    if (!scheme.verify(seat->key, domains::kClose, configuration.workspace, close.hash(),
                       close.signature))
        return std::unexpected(Code::E_SIG);
    return {};
}

} // namespace nlbd::consensus
