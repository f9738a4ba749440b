#include "core/identity/invitation.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/identity/genesis.h"
#include "core/identity/name_rules.h"

namespace nlbd::identity {

namespace {

constexpr std::uint8_t kToMeet = 1;
constexpr std::uint8_t kToEnter = 2;
constexpr std::string_view kPrefix = "nlbd:join/";
constexpr Domain kChecksum{"rt1.invsum"};
constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kTextBytesMax = 8192; ///< three times the largest invitation's text

ByteArray<kChecksumBytes> checksumOf(ByteView bytes)
{
    const Hash full = digest(kChecksum, bytes);
    ByteArray<kChecksumBytes> result;
    std::copy_n(full.value.begin(), result.size(), result.begin());
    return result;
}

Bytes signedPart(const Invitation &invitation)
{
    Writer out;
    out.u8(invitation.room ? kToEnter : kToMeet);
    out.fixedBytes(invitation.device);
    out.fixedBytes(invitation.identity);
    out.fixedBytes(invitation.certificate);
    out.text(invitation.name);
    out.varint(invitation.addresses.size());
    for (const std::string &address : invitation.addresses)
        out.text(address);
    out.raw(invitation.secret);
    out.i64(invitation.expires.time_since_epoch().count());
    if (invitation.room) {
        out.fixedBytes(invitation.room->workspace);
        out.u32(invitation.room->epoch.value);
        out.fixedBytes(invitation.room->decision);
        out.text(invitation.room->name);
    }
    return std::move(out).take();
}

/// Printable ASCII without spaces: host names, numeric addresses in brackets, and their port.
bool isAddressText(std::string_view address)
{
    const auto isAllowed = [](char c) { return c > ' ' && c < '\x7F'; };
    return !address.empty() && std::ranges::all_of(address, isAllowed)
        && address.find(':') != std::string_view::npos;
}

std::optional<InvitedRoom> readRoom(Reader &in)
{
    InvitedRoom room;
    room.workspace = in.fixedBytes<WorkspaceId>();
    room.epoch = Epoch(in.u32());
    room.decision = in.fixedBytes<Hash>();
    room.name = in.text(limits::kNameBytesMax);
    const bool isBeginning = room.decision.value == room.workspace.value;
    if (!isValidName(room.name) || isBeginning != (room.epoch == Epoch(0)))
        in.fail();
    return room;
}

Invitation readFields(Reader &in, std::uint8_t version)
{
    Invitation result;
    result.device = in.fixedBytes<PublicKey>();
    result.identity = in.fixedBytes<PublicKey>();
    result.certificate = in.fixedBytes<Signature>();
    result.name = in.text(limits::kNameBytesMax);
    const std::uint64_t count = in.varint(kInvitationAddressesMax);
    for (std::uint64_t i = 0; i < count && in.ok(); ++i)
        result.addresses.emplace_back(in.text(kAddressBytesMax));
    const ByteView secret = in.raw(result.secret.size());
    if (in.ok())
        std::ranges::copy(secret, result.secret.begin());
    result.expires = WallTime(Millis(in.i64()));
    if (version == kToEnter)
        result.room = readRoom(in);
    result.signature = in.fixedBytes<Signature>();
    if (!isValidName(result.name) || result.addresses.empty()
        || !std::ranges::all_of(result.addresses, isAddressText))
        in.fail();
    return result;
}

bool isSpace(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

} // namespace

Hash Invitation::hash() const
{
    return digest(domains::kInvite, signedPart(*this));
}

Bytes Invitation::encode() const
{
    CHECK(addresses.size() <= kInvitationAddressesMax);
    Writer out;
    out.raw(signedPart(*this));
    out.fixedBytes(signature);
    const auto checksum = checksumOf(out.bytes());
    out.raw(checksum);
    return std::move(out).take();
}

std::string Invitation::text() const
{
    return std::string(kPrefix) + toBase64Url(encode());
}

Invitation signInvitation(const SignatureScheme &scheme, const SecretKey &device,
                          Invitation invitation)
{
    CHECK(invitation.device == device.publicKey());
    invitation.signature = scheme.sign(device, domains::kInvite, WorkspaceId{}, invitation.hash());
    return invitation;
}

std::expected<Invitation, InvitationError> decodeInvitation(ByteView bytes,
                                                            const SignatureScheme &scheme)
{
    if (bytes.size() <= kChecksumBytes)
        return std::unexpected(InvitationError::Damaged);
    const auto version = static_cast<std::uint8_t>(bytes[0]);
    if (version != kToMeet && version != kToEnter)
        return std::unexpected(InvitationError::WrongVersion);
    const ByteView body = bytes.first(bytes.size() - kChecksumBytes);
    if (!std::ranges::equal(checksumOf(body), bytes.last(kChecksumBytes)))
        return std::unexpected(InvitationError::Damaged);
    Reader in(body.subspan(1));
    Invitation result = readFields(in, version);
    if (!in.done())
        return std::unexpected(InvitationError::Damaged);
    if (!isCertified(scheme, result.identity, result.device, result.certificate)
        || !scheme.verify(result.device, domains::kInvite, WorkspaceId{}, result.hash(),
                          result.signature))
        return std::unexpected(InvitationError::BadSignature);
    return result;
}

std::expected<Invitation, InvitationError> readInvitation(std::string_view text,
                                                          const SignatureScheme &scheme)
{
    if (text.size() > kTextBytesMax)
        return std::unexpected(InvitationError::NotAnInvitation);
    std::string compact(text);
    std::erase_if(compact, isSpace);
    if (!compact.starts_with(kPrefix))
        return std::unexpected(InvitationError::NotAnInvitation);
    const auto bytes = fromBase64Url(std::string_view(compact).substr(kPrefix.size()));
    if (!bytes)
        return std::unexpected(InvitationError::Damaged);
    return decodeInvitation(*bytes, scheme);
}

bool isExpired(const Invitation &invitation, WallTime now) noexcept
{
    return now >= invitation.expires;
}

} // namespace nlbd::identity
