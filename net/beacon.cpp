#include "net/beacon.h"

#include "core/base/check.h"
#include "core/identity/name_rules.h"
#include "core/identity/secret_box.h"
#include "core/identity/signature_scheme.h"

namespace nlbd::net {

namespace {

constexpr std::string_view kMagic = "nlbd";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kSlotBytes = 126;

enum class Kind : std::uint8_t { Card = 1, Goodbye = 2, Ask = 3, Sealed = 4 };

Writer begin(Kind kind)
{
    Writer out;
    out.raw(bytesOf(kMagic));
    out.u8(kVersion);
    out.u8(static_cast<std::uint8_t>(kind));
    return out;
}

Signature sign(const identity::SecretKey &device, ByteView bytes)
{
    return identity::Ed25519().sign(device, domains::kBeacon, WorkspaceId{},
                                    digest(domains::kBeacon, bytes));
}

bool isSigned(const PublicKey &device, ByteView bytes, const Signature &signature)
{
    return identity::Ed25519().verify(device, domains::kBeacon, WorkspaceId{},
                                      digest(domains::kBeacon, bytes), signature);
}

/// The bytes that the signature at the end of a datagram covers.
ByteView signedPart(ByteView datagram)
{
    return datagram.first(datagram.size() - std::min(datagram.size(), Signature::kSize));
}

std::optional<Beacon> readCard(Reader &in, ByteView datagram)
{
    CardBeacon beacon;
    beacon.card.name = in.text(limits::kNameBytesMax);
    beacon.card.device = in.fixedBytes<PublicKey>();
    beacon.card.identity = in.fixedBytes<PublicKey>();
    beacon.card.certificate = in.fixedBytes<Signature>();
    beacon.port = in.u16();
    beacon.versions.min = in.u16();
    beacon.versions.max = in.u16();
    beacon.boot = in.fixedBytes<BootId>();
    const auto signature = in.fixedBytes<Signature>();
    if (!in.done() || beacon.port == 0 || !identity::isValidName(beacon.card.name)
        || !isSigned(beacon.card.device, signedPart(datagram), signature))
        return std::nullopt;
    return beacon;
}

std::optional<Beacon> readGoodbye(Reader &in, ByteView datagram)
{
    GoodbyeBeacon beacon;
    beacon.device = in.fixedBytes<PublicKey>();
    beacon.boot = in.fixedBytes<BootId>();
    const auto signature = in.fixedBytes<Signature>();
    if (!in.done() || !isSigned(beacon.device, signedPart(datagram), signature))
        return std::nullopt;
    return beacon;
}

std::optional<Beacon> readAsk(Reader &in, ByteView datagram)
{
    const AskBeacon beacon{in.u16()};
    const ByteView padding = in.raw(in.left());
    const bool isZero = std::ranges::all_of(padding, [](std::byte b) { return b == std::byte{0}; });
    if (datagram.size() != kAskBytes || beacon.port == 0 || !isZero)
        return std::nullopt;
    return beacon;
}

std::optional<Beacon> readSealed(Reader &in)
{
    SealedBeacon beacon;
    const ByteView nonce = in.raw(beacon.nonce.size());
    for (std::size_t i = 0; i < kSealedSlots; ++i)
        beacon.slots.push_back(copyOf(in.raw(kSlotBytes)));
    if (!in.done())
        return std::nullopt;
    std::ranges::copy(nonce, beacon.nonce.begin());
    return beacon;
}

/// What a member signs inside a slot: the nonce too, so that a slot cannot be put into another
/// beacon.
Bytes slotFields(const MemberBeacon &beacon, std::span<const std::byte, 24> nonce)
{
    Writer out;
    out.raw(nonce);
    out.fixedBytes(beacon.device);
    out.u16(beacon.port);
    out.fixedBytes(beacon.boot);
    out.u32(beacon.counter);
    return std::move(out).take();
}

} // namespace

Bytes encodeCard(const identity::SecretKey &device, const CardBeacon &beacon)
{
    Writer out = begin(Kind::Card);
    out.text(beacon.card.name);
    out.fixedBytes(beacon.card.device);
    out.fixedBytes(beacon.card.identity);
    out.fixedBytes(beacon.card.certificate);
    out.u16(beacon.port);
    out.u16(beacon.versions.min);
    out.u16(beacon.versions.max);
    out.fixedBytes(beacon.boot);
    out.fixedBytes(sign(device, out.bytes()));
    CHECK(out.size() <= kDatagramMax);
    return std::move(out).take();
}

Bytes encodeGoodbye(const identity::SecretKey &device, const BootId &boot)
{
    Writer out = begin(Kind::Goodbye);
    out.fixedBytes(device.publicKey());
    out.fixedBytes(boot);
    out.fixedBytes(sign(device, out.bytes()));
    return std::move(out).take();
}

Bytes encodeAsk(std::uint16_t port)
{
    Writer out = begin(Kind::Ask);
    out.u16(port);
    Bytes datagram = std::move(out).take();
    datagram.resize(kAskBytes);
    return datagram;
}

Bytes encodeSealed(const identity::SecretKey &device, const MemberBeacon &beacon,
                   const std::vector<ByteArray<32>> &discoveryKeys, Random &random)
{
    CHECK(discoveryKeys.size() <= kSealedSlots);
    ByteArray<24> nonce{};
    random.fill(nonce);
    Writer out = begin(Kind::Sealed);
    out.raw(nonce);
    const Bytes fields = slotFields(beacon, nonce);
    Writer slot;
    slot.raw(ByteView(fields).subspan(nonce.size()));
    slot.fixedBytes(sign(device, fields));
    for (const ByteArray<32> &key : discoveryKeys)
        out.raw(identity::sealBox(key, nonce, slot.bytes()));
    for (std::size_t i = discoveryKeys.size(); i < kSealedSlots; ++i) {
        ByteArray<kSlotBytes> noise{};
        random.fill(noise);
        out.raw(noise);
    }
    return std::move(out).take();
}

std::optional<Beacon> decodeBeacon(ByteView datagram)
{
    if (datagram.size() > kDatagramMax)
        return std::nullopt;
    Reader in(datagram);
    if (viewOf(in.raw(kMagic.size())) != kMagic || in.u8() != kVersion)
        return std::nullopt;
    switch (static_cast<Kind>(in.u8())) {
    case Kind::Card:
        return readCard(in, datagram);
    case Kind::Goodbye:
        return readGoodbye(in, datagram);
    case Kind::Ask:
        return readAsk(in, datagram);
    case Kind::Sealed:
        return readSealed(in);
    }
    return std::nullopt;
}

std::optional<MemberBeacon> openSealed(const SealedBeacon &beacon,
                                       const ByteArray<32> &discoveryKey)
{
    for (const Bytes &slot : beacon.slots) {
        const auto plain = identity::openBox(discoveryKey, beacon.nonce, slot);
        if (!plain)
            continue;
        Reader in(*plain);
        MemberBeacon member;
        member.device = in.fixedBytes<PublicKey>();
        member.port = in.u16();
        member.boot = in.fixedBytes<BootId>();
        member.counter = in.u32();
        const auto signature = in.fixedBytes<Signature>();
        if (in.done() && member.port != 0
            && isSigned(member.device, slotFields(member, beacon.nonce), signature))
            return member;
    }
    return std::nullopt;
}

} // namespace nlbd::net
