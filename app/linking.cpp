#include "app/linking.h"

#include "core/base/codec.h"
#include "core/base/digest.h"
#include "core/base/limits.h"
#include "core/identity/genesis.h"
#include "core/identity/name_rules.h"

#include <algorithm>

namespace nlbd::app {

namespace {

constexpr std::string_view kDevicePrefix = "nlbd:device/";
constexpr std::string_view kPassPrefix = "nlbd:pass/";
constexpr std::size_t kTextBytesMax = 128UL * 1024; // 16 invitations with all their addresses
constexpr std::size_t kInvitationBytesMax = 4096;
constexpr std::size_t kChecksumBytes = 4;
constexpr Domain kCheck{"rt1.line"};

std::string lineOf(std::string_view prefix, Writer out)
{
    const Hash check = digest(kCheck, out.bytes());
    out.raw(ByteView(check.value).first(kChecksumBytes));
    return std::string(prefix) + toBase64Url(out.bytes());
}

/// What stands before the checksum.
std::optional<Bytes> contentOf(std::string_view prefix, std::string_view text)
{
    if (text.size() > kTextBytesMax)
        return std::nullopt;
    std::string compact(text);
    std::erase_if(compact, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    if (!compact.starts_with(prefix))
        return std::nullopt;
    auto bytes = fromBase64Url(std::string_view(compact).substr(prefix.size()));
    if (!bytes || bytes->size() <= kChecksumBytes)
        return std::nullopt;
    const ByteView content = ByteView(*bytes).first(bytes->size() - kChecksumBytes);
    const Hash check = digest(kCheck, content);
    if (!std::ranges::equal(ByteView(check.value).first(kChecksumBytes),
                            ByteView(*bytes).last(kChecksumBytes)))
        return std::nullopt;
    bytes->resize(content.size());
    return bytes;
}

} // namespace

std::string deviceLine(const PublicKey &device)
{
    Writer out;
    out.fixedBytes(device);
    return lineOf(kDevicePrefix, std::move(out));
}

std::optional<PublicKey> readDeviceLine(std::string_view text)
{
    const auto content = contentOf(kDevicePrefix, text);
    if (!content)
        return std::nullopt;
    Reader in(*content);
    const auto device = in.fixedBytes<PublicKey>();
    return in.done() ? std::optional(device) : std::nullopt;
}

std::string passLine(const Pass &pass)
{
    Writer out;
    out.fixedBytes(pass.person);
    out.text(pass.name);
    out.fixedBytes(pass.device);
    out.fixedBytes(pass.certificate);
    out.varint(pass.invitations.size());
    for (const identity::Invitation &invitation : pass.invitations)
        out.blob(invitation.encode());
    return lineOf(kPassPrefix, std::move(out));
}

std::optional<Pass> readPass(std::string_view text)
{
    const identity::Ed25519 scheme;
    const auto content = contentOf(kPassPrefix, text);
    if (!content)
        return std::nullopt;
    Reader in(*content);
    Pass pass;
    pass.person = in.fixedBytes<PublicKey>();
    pass.name = in.text(limits::kNameBytesMax);
    pass.device = in.fixedBytes<PublicKey>();
    pass.certificate = in.fixedBytes<Signature>();
    for (std::uint64_t left = in.varint(kPassInvitationsMax); left > 0 && in.ok(); --left) {
        auto invitation = identity::decodeInvitation(in.blob(kInvitationBytesMax), scheme);
        if (!invitation || !invitation->room || invitation->identity != pass.person)
            return std::nullopt;
        pass.invitations.push_back(std::move(*invitation));
    }
    if (!in.done() || !identity::isValidName(pass.name)
        || !isCertified(scheme, pass.person, pass.device, pass.certificate))
        return std::nullopt;
    return pass;
}

} // namespace nlbd::app
