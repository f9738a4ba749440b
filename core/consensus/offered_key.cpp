#include "core/consensus/offered_key.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/limits.h"
#include "core/base/mutant.h"
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

CareKey careKeyOf(const identity::Device &device)
{
    return device.careKey && !NLBD_MUTANT("care-first-key")
        ? *device.careKey
        : keys::firstCareKeyOf(device.key).value_or(CareKey{});
}

std::vector<keys::Recipient> recipientsOf(const identity::Configuration &now,
                                          const identity::Configuration &next)
{
    std::vector<keys::Recipient> recipients;
    for (DeviceIndex reader : next.readers()) {
        const identity::Device &row = next.devices[reader.value];
        keys::Recipient recipient{row.key, careKeyOf(row)};
        const identity::Device *known = now.device(reader);
        if (known != nullptr && known->careKey != row.careKey)
            recipient.before = careKeyOf(*known);
        recipients.push_back(recipient);
    }
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
    auto boxes = keys::offerKey(nextKey, recipientsOf(now, next));
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
                                                       const identity::Configuration &now,
                                                       const identity::Configuration &next,
                                                       const keys::KeyHolder &me,
                                                       const keys::WorkspaceKey &presentKey)
{
    auto key = keys::openOffer(offer.boxes, recipientsOf(now, next), me, offer.commitment);
    if (!key)
        return std::unexpected(key.error());
    if (keys::sealPastKey(*key, presentKey) != offer.pastKey)
        return std::unexpected(Code::E_KEY_OFFER);
    return key;
}

} // namespace nlbd::consensus
