#include "core/trust/ack.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/limits.h"

namespace nlbd::trust {

namespace {

bool areSorted(const Frontier &frontier)
{
    const auto isMisplaced = [](const FrontierEntry &a, const FrontierEntry &b) {
        return a.device >= b.device;
    };
    return std::ranges::adjacent_find(frontier, isMisplaced) == frontier.end();
}

Bytes signedPart(const Ack &ack)
{
    Writer out;
    out.u32(ack.epoch.value);
    out.u16(ack.seat.value);
    out.u64(ack.no);
    out.fixedBytes(ack.root);
    return std::move(out).take();
}

} // namespace

Hash rootOf(const Frontier &frontier)
{
    return rootOfEncoded(encodeFrontier(frontier));
}

Hash rootOfEncoded(ByteView frontier)
{
    return digest(domains::kFront, frontier);
}

Frontier changedEntries(const Frontier &before, const Frontier &now)
{
    CHECK(areSorted(before) && areSorted(now));
    Frontier result;
    std::ranges::set_difference(now, before, std::back_inserter(result));
    return result;
}

Frontier withChanges(Frontier before, const Frontier &changes)
{
    CHECK(areSorted(before));
    for (const FrontierEntry &change : changes) {
        const auto place =
            std::ranges::lower_bound(before, change.device, {}, &FrontierEntry::device);
        if (place != before.end() && place->device == change.device)
            *place = change;
        else
            before.insert(place, change);
    }
    return before;
}

Hash Ack::hash() const
{
    return digest(domains::kAck, signedPart(*this));
}

Bytes Ack::encode() const
{
    Writer out;
    out.raw(signedPart(*this));
    out.fixedBytes(signature);
    return std::move(out).take();
}

std::expected<Ack, Code> Ack::decode(ByteView bytes)
{
    Reader in(bytes);
    Ack ack;
    ack.epoch = Epoch(in.u32());
    ack.seat = SeatIndex(in.u16());
    ack.no = in.u64();
    ack.root = in.fixedBytes<Hash>();
    ack.signature = in.fixedBytes<Signature>();
    if (!in.done() || ack.no == 0)
        return std::unexpected(Code::E_CANON);
    return ack;
}

Ack signAck(const identity::SignatureScheme &scheme, const identity::SecretKey &key,
            const identity::Configuration &configuration, SeatIndex seat, std::uint64_t no,
            const Hash &root)
{
    CHECK(no > 0 && seat.value < configuration.seats.size());
    Ack ack{configuration.epoch, seat, no, root, {}};
    ack.signature = scheme.sign(key, domains::kAck, configuration.workspace, ack.hash());
    return ack;
}

bool isSigned(const identity::SignatureScheme &scheme, const identity::Configuration &configuration,
              const Ack &ack)
{
    if (ack.epoch != configuration.epoch || ack.seat.value >= configuration.seats.size())
        return false;
    const identity::Device *device = configuration.device(configuration.seats[ack.seat.value]);
    return device != nullptr
        && scheme.verify(device->key, domains::kAck, configuration.workspace, ack.hash(),
                         ack.signature);
}

Bytes encodeFrontier(const Frontier &frontier)
{
    CHECK(areSorted(frontier));
    Writer out;
    out.varint(frontier.size());
    for (const FrontierEntry &entry : frontier) {
        out.u16(entry.device.value);
        out.varint(entry.seq.value);
        out.fixedBytes(entry.head);
    }
    return std::move(out).take();
}

std::expected<Frontier, Code> decodeFrontier(ByteView bytes)
{
    Reader in(bytes);
    const std::uint64_t count = in.varint();
    if (in.ok() && count > limits::kDevicesMax)
        return std::unexpected(Code::E_BOUNDS);
    Frontier frontier;
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        FrontierEntry entry;
        entry.device = DeviceIndex(in.u16());
        entry.seq = Seq(in.varint());
        entry.head = in.fixedBytes<Hash>();
        if (entry.seq == Seq(0))
            in.fail();
        frontier.push_back(entry);
    }
    if (!in.done() || !areSorted(frontier))
        return std::unexpected(Code::E_CANON);
    return frontier;
}

} // namespace nlbd::trust
