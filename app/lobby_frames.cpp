#include "app/lobby_frames.h"

#include "core/base/codec.h"
#include "core/identity/name_rules.h"

namespace nlbd::app {

namespace {

constexpr std::size_t kEndpointBytesMax = 300;
constexpr std::size_t kContactAddressesMax = 8;
constexpr std::size_t kPartBytesMax = 64 * 1024;
constexpr std::string_view kCardPrefix = "nlbd:card/";

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};

void write(Writer &out, const Hints &hints)
{
    out.varint(hints.size());
    for (const Hint &hint : hints) {
        out.fixedBytes(hint.device);
        out.text(hint.endpoint.text());
    }
}

std::optional<net::Endpoint> readEndpoint(Reader &in)
{
    // People may write an address in several ways, a frame in one.
    const std::string text(in.text(kEndpointBytesMax));
    auto endpoint = net::parseEndpoint(text);
    if (!endpoint || endpoint->text() != text) {
        in.fail();
        return std::nullopt;
    }
    return std::move(*endpoint);
}

Hints readHints(Reader &in)
{
    Hints result;
    const auto count = in.varint(kHintsMax);
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        const auto device = in.fixedBytes<PublicKey>();
        if (auto endpoint = readEndpoint(in); endpoint)
            result.push_back({device, std::move(*endpoint)});
    }
    return result;
}

void write(Writer &out, const Contact &contact)
{
    out.fixedBytes(contact.person.identity);
    out.text(contact.person.name);
    out.fixedBytes(contact.person.device);
    out.fixedBytes(contact.person.certificate);
    out.varint(std::min(contact.endpoints.size(), kContactAddressesMax));
    for (std::size_t i = 0; i < contact.endpoints.size() && i < kContactAddressesMax; ++i)
        out.text(contact.endpoints[i].text());
}

Contact readContact(Reader &in)
{
    Contact result;
    result.person.identity = in.fixedBytes<PublicKey>();
    result.person.name = in.text(limits::kNameBytesMax);
    result.person.device = in.fixedBytes<PublicKey>();
    result.person.certificate = in.fixedBytes<Signature>();
    const auto count = in.varint(kContactAddressesMax);
    for (std::uint64_t i = 0; i < count && in.ok(); ++i)
        if (auto endpoint = readEndpoint(in); endpoint)
            result.endpoints.push_back(std::move(*endpoint));
    if (!identity::isValidName(result.person.name))
        in.fail();
    return result;
}

Offer readOffer(Reader &in)
{
    Offer result;
    result.genesis = copyOf(in.blob(kPartBytesMax));
    result.keyOffer = copyOf(in.blob(kPartBytesMax));
    result.hints = readHints(in);
    return result;
}

Reply readReply(Reader &in)
{
    Reply result;
    result.draft = in.fixedBytes<Hash>();
    const std::uint8_t answer = in.u8();
    result.accepts = answer == 1;
    result.signature = in.fixedBytes<Signature>();
    if (answer > 1 || (answer == 0 && !result.signature.isZero()))
        in.fail();
    return result;
}

Welcome readWelcome(Reader &in)
{
    Welcome result;
    const std::uint8_t verdict = in.u8();
    if (verdict > 3)
        in.fail();
    result.verdict = static_cast<Welcome::Verdict>(verdict);
    if (verdict == 0)
        result.contact = readContact(in);
    return result;
}

Ask readAsk(Reader &in)
{
    Ask result;
    result.workspace = in.fixedBytes<WorkspaceId>();
    result.contact = readContact(in);
    const ByteView secret = in.raw(result.secret.size());
    if (in.ok())
        std::ranges::copy(secret, result.secret.begin());
    return result;
}

DoorAnswer readAnswer(Reader &in)
{
    DoorAnswer result;
    result.workspace = in.fixedBytes<WorkspaceId>();
    const std::uint8_t verdict = in.u8();
    if (verdict > static_cast<std::uint8_t>(DoorAnswer::Verdict::Twice))
        in.fail();
    result.verdict = static_cast<DoorAnswer::Verdict>(verdict);
    result.yes = in.u16();
    result.needed = in.u16();
    if (result.verdict != DoorAnswer::Verdict::Voting && (result.yes != 0 || result.needed != 0))
        in.fail();
    return result;
}

Entry readEntry(Reader &in)
{
    Entry result;
    result.genesis = copyOf(in.blob(kPartBytesMax));
    const ByteView key = in.raw(result.discoveryKey.size());
    if (in.ok())
        std::ranges::copy(key, result.discoveryKey.begin());
    result.hints = readHints(in);
    return result;
}

Known readKnown(Reader &in)
{
    Known result;
    result.workspace = in.fixedBytes<WorkspaceId>();
    result.member = MemberIndex(in.u16());
    result.epoch = Epoch(in.u32());
    return result;
}

Claim readClaim(Reader &in)
{
    Claim result;
    result.workspace = in.fixedBytes<WorkspaceId>();
    result.proposal = copyOf(in.blob(kClaimBytesMax));
    return result;
}

Knock readKnock(Reader &in)
{
    Knock result;
    result.contact = readContact(in);
    const ByteView secret = in.raw(result.secret.size());
    if (in.ok())
        std::ranges::copy(secret, result.secret.begin());
    return result;
}

} // namespace

std::uint8_t kindOf(const LobbyFrame &frame) noexcept
{
    return static_cast<std::uint8_t>(0x70 + frame.index());
}

Bytes encode(const LobbyFrame &frame)
{
    Writer out;
    std::visit(Overloaded{
                   [&out](const Offer &f) {
                       out.blob(f.genesis);
                       out.blob(f.keyOffer);
                       write(out, f.hints);
                   },
                   [&out](const Reply &f) {
                       out.fixedBytes(f.draft);
                       out.u8(f.accepts ? 1 : 0);
                       out.fixedBytes(f.signature);
                   },
                   [&out](const Seal &f) {
                       out.blob(f.genesis);
                       out.blob(f.keyOffer);
                       write(out, f.hints);
                   },
                   [&out](const Withdraw &f) { out.fixedBytes(f.draft); },
                   [&out](const Knock &f) {
                       write(out, f.contact);
                       out.raw(f.secret);
                   },
                   [&out](const Welcome &f) {
                       out.u8(static_cast<std::uint8_t>(f.verdict));
                       if (f.verdict == Welcome::Verdict::Come)
                           write(out, f.contact);
                   },
                   [&out](const Met &f) { write(out, f.hints); },
                   [&out](const Ask &f) {
                       out.fixedBytes(f.workspace);
                       write(out, f.contact);
                       out.raw(f.secret);
                   },
                   [&out](const DoorAnswer &f) {
                       out.fixedBytes(f.workspace);
                       out.u8(static_cast<std::uint8_t>(f.verdict));
                       out.u16(f.yes);
                       out.u16(f.needed);
                   },
                   [&out](const Entry &f) {
                       out.blob(f.genesis);
                       out.raw(f.discoveryKey);
                       write(out, f.hints);
                   },
                   [&out](const Known &f) {
                       out.fixedBytes(f.workspace);
                       out.u16(f.member.value);
                       out.u32(f.epoch.value);
                   },
                   [&out](const Claim &f) {
                       out.fixedBytes(f.workspace);
                       out.blob(f.proposal);
                   },
               },
               frame);
    return std::move(out).take();
}

std::expected<LobbyFrame, Code> decodeLobbyFrame(std::uint8_t kind, ByteView body)
{
    Reader in(body);
    std::optional<LobbyFrame> result;
    switch (kind) {
    case 0x70:
        result = readOffer(in);
        break;
    case 0x71:
        result = readReply(in);
        break;
    case 0x72: {
        Offer parts = readOffer(in);
        result = Seal{std::move(parts.genesis), std::move(parts.keyOffer), std::move(parts.hints)};
        break;
    }
    case 0x73:
        result = Withdraw{in.fixedBytes<Hash>()};
        break;
    case 0x74:
        result = readKnock(in);
        break;
    case 0x75:
        result = readWelcome(in);
        break;
    case 0x76:
        result = Met{readHints(in)};
        break;
    case 0x77:
        result = readAsk(in);
        break;
    case 0x78:
        result = readAnswer(in);
        break;
    case 0x79:
        result = readEntry(in);
        break;
    case 0x7A:
        result = readKnown(in);
        break;
    case 0x7B:
        result = readClaim(in);
        break;
    default:
        break;
    }
    if (!result || !in.done())
        return std::unexpected(Code::E_CANON);
    return std::move(*result);
}

std::string cardText(const Contact &contact)
{
    Writer out;
    write(out, contact);
    return std::string(kCardPrefix) + toBase64Url(out.bytes());
}

std::optional<Contact> readCard(std::string_view text)
{
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.remove_suffix(1);
    if (!text.starts_with(kCardPrefix) || text.size() > kPartBytesMax)
        return std::nullopt;
    const auto bytes = fromBase64Url(text.substr(kCardPrefix.size()));
    if (!bytes)
        return std::nullopt;
    Reader in(*bytes);
    Contact result = readContact(in);
    const identity::Founder &person = result.person;
    if (!in.done()
        || !isCertified(identity::Ed25519{}, person.identity, person.device, person.certificate))
        return std::nullopt;
    return result;
}

} // namespace nlbd::app
