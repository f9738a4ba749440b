#include "core/consensus/offered_key.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/limits.h"
#include "core/consensus/record_domains.h"

namespace nlbd::consensus {

namespace {

constexpr std::size_t kBoxesBytesMax = 32 + limits::kDevicesMax * 48;

Bytes signedPart(const OfferedKey &offer)
{
    Writer out;
    out.u32(offer.epoch.value);
    out.u16(offer.seat.value);
    out.fixedBytes(offer.commitment);
    out.raw(offer.pastKey);
    out.blob(offer.boxes.encode());
    return std::move(out).take();
}

} // namespace

Hash OfferedKey::hash() const
{
    return digest(domains::kOffer, signedPart(*this));
}

Bytes OfferedKey::encode() const
{
    Writer out;
    out.raw(signedPart(*this));
    out.fixedBytes(signature);
    return std::move(out).take();
}

std::expected<OfferedKey, Code> OfferedKey::decode(ByteView bytes)
{
    Reader in(bytes);
    OfferedKey offer;
    offer.epoch = Epoch(in.u32());
    offer.seat = SeatIndex(in.u16());
    offer.commitment = in.fixedBytes<Hash>();
    const ByteView past = in.raw(offer.pastKey.size());
    const ByteView boxes = in.blob(kBoxesBytesMax);
    offer.signature = in.fixedBytes<Signature>();
    if (!in.done())
        return std::unexpected(Code::E_CANON);
    std::ranges::copy(past, offer.pastKey.begin());
    auto decoded = keys::KeyOffer::decode(boxes);
    if (!decoded)
        return std::unexpected(decoded.error());
    offer.boxes = std::move(*decoded);
    return offer;
}

std::vector<PublicKey> recipientsOf(const identity::Configuration &next)
{
    std::vector<PublicKey> recipients;
    for (DeviceIndex reader : next.readers())
        recipients.push_back(next.devices[reader.value].key);
    return recipients;
}

std::expected<OfferedKey, Code> offerNextKey(const identity::SignatureScheme &scheme,
                                             const identity::SecretKey &device,
                                             const identity::Configuration &now, SeatIndex seat,
                                             const identity::Configuration &next,
                                             const keys::WorkspaceKey &nextKey,
                                             const keys::WorkspaceKey &presentKey)
{
    CHECK(seat.value < now.seats.size());
    auto boxes = keys::offerKey(nextKey, recipientsOf(next));
    if (!boxes)
        return std::unexpected(boxes.error());
    OfferedKey offer{.epoch = now.epoch,
                     .seat = seat,
                     .commitment = nextKey.commitment(),
                     .pastKey = keys::sealPastKey(nextKey, presentKey),
                     .boxes = std::move(*boxes),
                     .signature = {}};
    offer.signature = scheme.sign(device, domains::kOffer, now.workspace, offer.hash());
    return offer;
}

std::expected<void, Code> verify(const OfferedKey &offer, const identity::Configuration &now,
                                 const identity::SignatureScheme &scheme)
{
    if (offer.epoch != now.epoch || offer.seat.value >= now.seats.size())
        return std::unexpected(Code::E_NOT_MEMBER);
    const identity::Device *device = now.device(now.seats[offer.seat.value]);
    CHECK(device != nullptr);
    if (!scheme.verify(device->key, domains::kOffer, now.workspace, offer.hash(), offer.signature))
        return std::unexpected(Code::E_SIG);
    return {};
}

std::expected<keys::WorkspaceKey, Code> openOfferedKey(const OfferedKey &offer,
                                                       const identity::Configuration &next,
                                                       const identity::SecretKey &me,
                                                       const keys::WorkspaceKey &presentKey)
{
    auto key = keys::openOffer(offer.boxes, recipientsOf(next), me, offer.commitment);
    if (!key)
        return std::unexpected(key.error());
    if (keys::sealPastKey(*key, presentKey) != offer.pastKey)
        return std::unexpected(Code::E_KEY_OFFER);
    return key;
}

} // namespace nlbd::consensus
