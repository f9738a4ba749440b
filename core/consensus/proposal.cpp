#include "core/consensus/proposal.h"

#include "core/base/mutant.h"
#include "core/consensus/parts_codec.h"
#include "core/consensus/record_domains.h"
#include "core/identity/genesis.h"
#include "core/identity/name_rules.h"
#include "core/keys/care_key.h"

namespace nlbd::consensus {

namespace {

constexpr std::uint8_t kRemovalWithReason = 13;
constexpr std::uint8_t kTurnKey = 14;

/// The content of each kind, after its number.
struct WishWriter {
    Writer &out;

    void operator()(const Admit &wish) const
    {
        out.fixedBytes(wish.identity);
        out.text(wish.name);
        out.fixedBytes(wish.device);
        out.fixedBytes(wish.certificate);
        out.u8(static_cast<std::uint8_t>(wish.role));
    }
    void operator()(const ChangeRole &wish) const
    {
        out.u16(wish.member.value);
        out.u8(static_cast<std::uint8_t>(wish.role));
    }
    void operator()(const SetPolicy &wish) const { writePolicy(out, wish.policy); }
    void operator()(const MoveSeat &wish) const
    {
        out.fixedBytes(wish.device);
        out.fixedBytes(wish.certificate);
    }
    void operator()(const MakeDormant &wish) const { out.u16(wish.member.value); }
    void operator()(const RemoveMember &wish) const
    {
        out.u16(wish.member.value);
        if (!wish.reason.empty())
            out.text(wish.reason);
    }
    void operator()(const RemoveDevice &wish) const { out.u16(wish.device.value); }
    void operator()(const Fence &wish) const
    {
        out.u16(wish.device.value);
        out.blob(wish.evidence);
    }
    void operator()(const TurnKey &wish) const
    {
        out.u16(wish.device.value);
        out.fixedBytes(wish.key);
    }
    void operator()(const Wake &) const {}
    void operator()(const Leave &) const {}
    void operator()(const TakeCheckpoint &) const {}
    void operator()(const Rekey &) const {}
};

Admit readAdmit(Reader &in)
{
    Admit wish;
    wish.identity = in.fixedBytes<PublicKey>();
    wish.name = in.text(limits::kNameBytesMax);
    wish.device = in.fixedBytes<PublicKey>();
    wish.certificate = in.fixedBytes<Signature>();
    wish.role = readRole(in);
    if (!identity::isValidName(wish.name))
        in.fail();
    return wish;
}

ChangeRole readChangeRole(Reader &in)
{
    ChangeRole wish;
    wish.member = MemberIndex(in.u16());
    wish.role = readRole(in);
    return wish;
}

MoveSeat readMoveSeat(Reader &in)
{
    MoveSeat wish;
    wish.device = in.fixedBytes<PublicKey>();
    wish.certificate = in.fixedBytes<Signature>();
    return wish;
}

Fence readFence(Reader &in)
{
    Fence wish;
    wish.device = DeviceIndex(in.u16());
    wish.evidence = copyOf(in.blob(kFenceEvidenceBytesMax));
    return wish;
}

/// One without a reason has a kind of its own, so that each removal is written in one way.
RemoveMember readRemovalWithReason(Reader &in)
{
    RemoveMember wish;
    wish.member = MemberIndex(in.u16());
    wish.reason = in.text(kReasonBytesMax);
    if (wish.reason.empty())
        in.fail();
    return wish;
}

TurnKey readTurnKey(Reader &in)
{
    TurnKey wish;
    wish.device = DeviceIndex(in.u16());
    wish.key = in.fixedBytes<CareKey>();
    return wish;
}

Wish readWish(Reader &in)
{
    switch (in.u8()) {
    case 1:
        return readAdmit(in);
    case 2:
        return readChangeRole(in);
    case 3:
        return SetPolicy{readPolicy(in)};
    case 4:
        return readMoveSeat(in);
    case 5:
        return MakeDormant{MemberIndex(in.u16())};
    case 6:
        return Wake{};
    case 7:
        return Leave{};
    case 8:
        return RemoveMember{MemberIndex(in.u16())};
    case 9:
        return RemoveDevice{DeviceIndex(in.u16())};
    case 10:
        return readFence(in);
    case 11:
        return TakeCheckpoint{};
    case 12:
        return Rekey{};
    case kRemovalWithReason:
        return readRemovalWithReason(in);
    case kTurnKey:
        return readTurnKey(in);
    default:
        in.fail();
        return Wake{};
    }
}

Bytes signedPart(const Proposal &proposal)
{
    Writer out;
    out.raw(proposal.nonce);
    out.u32(proposal.lastEpoch.value);
    out.u16(proposal.author.value);
    out.u8(proposal.device ? 1 : 0);
    if (proposal.device)
        out.u16(proposal.device->value);
    out.u8(proposal.kind());
    std::visit(WishWriter{out}, proposal.wish);
    return std::move(out).take();
}

/// A device that nobody can seal a key to would stand in the way of every later key.
bool canReceiveKeys(const Proposal &proposal)
{
    const PublicKey *key = nullptr;
    if (const auto *admit = std::get_if<Admit>(&proposal.wish))
        key = &admit->device;
    else if (const auto *move = std::get_if<MoveSeat>(&proposal.wish))
        key = &move->device;
    return key == nullptr || identity::transportKeyOf(*key).has_value();
}

bool areCertified(const Proposal &proposal, const identity::Configuration &configuration,
                  const identity::SignatureScheme &scheme)
{
    if (const auto *admit = std::get_if<Admit>(&proposal.wish))
        return identity::isCertified(scheme, admit->identity, admit->device, admit->certificate);
    if (const auto *move = std::get_if<MoveSeat>(&proposal.wish))
        return identity::isCertified(scheme, configuration.members[proposal.author.value].identity,
                                     move->device, move->certificate);
    return true;
}

bool namesKnownRows(const Proposal &proposal, const identity::Configuration &configuration)
{
    const auto isMember = [&](MemberIndex member) {
        return member.value < configuration.members.size();
    };
    const auto isDevice = [&](DeviceIndex device) {
        return configuration.device(device) != nullptr;
    };
    if (const auto *wish = std::get_if<ChangeRole>(&proposal.wish))
        return isMember(wish->member);
    if (const auto *wish = std::get_if<MakeDormant>(&proposal.wish))
        return isMember(wish->member);
    if (const auto *wish = std::get_if<RemoveMember>(&proposal.wish))
        return isMember(wish->member);
    if (const auto *wish = std::get_if<RemoveDevice>(&proposal.wish))
        return isDevice(wish->device);
    if (const auto *wish = std::get_if<Fence>(&proposal.wish))
        return isDevice(wish->device);
    if (const auto *wish = std::get_if<TurnKey>(&proposal.wish))
        return isDevice(wish->device);
    return true;
}

/// A care key is the word of its own device or of the identity key: a companion in a thief's hand
/// must not keep its owner's other computers from the next keys.
bool isByItsDevice(const Proposal &proposal, const TurnKey &wish,
                   const identity::Configuration &configuration)
{
    if (NLBD_MUTANT("care-any-companion"))
        return true;
    return proposal.device ? proposal.device == wish.device
                           : configuration.devices[wish.device.value].member == proposal.author;
}

} // namespace

Need Proposal::need(const identity::Configuration &configuration) const noexcept
{
    if (std::holds_alternative<Fence>(wish) && !NLBD_MUTANT("fence-voted"))
        return Need::Evidence;
    const bool isOwn = std::holds_alternative<Leave>(wish) || std::holds_alternative<MoveSeat>(wish)
        || std::holds_alternative<Wake>(wish) || std::holds_alternative<TurnKey>(wish);
    const auto *removal = std::get_if<RemoveDevice>(&wish);
    const identity::Device *removed =
        removal == nullptr ? nullptr : configuration.device(removal->device);
    const bool isOwnDevice = removed != nullptr && removed->member == author && !device;
    return isOwn || isOwnDevice ? Need::Author : Need::Approvals;
}

Origin Proposal::origin() const noexcept
{
    const bool isNoticed = std::holds_alternative<MakeDormant>(wish)
        || std::holds_alternative<TakeCheckpoint>(wish) || std::holds_alternative<Fence>(wish)
        || std::holds_alternative<TurnKey>(wish);
    return isNoticed ? Origin::Computer : Origin::Person;
}

std::uint8_t Proposal::kind() const noexcept
{
    const auto *removal = std::get_if<RemoveMember>(&wish);
    if (removal != nullptr && !removal->reason.empty())
        return kRemovalWithReason;
    if (std::holds_alternative<TurnKey>(wish))
        return kTurnKey;
    return static_cast<std::uint8_t>(wish.index() + 1);
}

Hash Proposal::hash() const
{
    return digest(domains::kProposal, signedPart(*this));
}

Bytes Proposal::encode() const
{
    Writer out;
    out.raw(signedPart(*this));
    out.fixedBytes(signature);
    return std::move(out).take();
}

std::expected<Proposal, Code> Proposal::decode(ByteView bytes)
{
    if (bytes.size() > kProposalBytesMax)
        return std::unexpected(Code::E_BOUNDS);
    Reader in(bytes);
    Proposal proposal;
    const ByteView nonce = in.raw(proposal.nonce.size());
    if (in.ok())
        std::ranges::copy(nonce, proposal.nonce.begin());
    proposal.lastEpoch = Epoch(in.u32());
    proposal.author = MemberIndex(in.u16());
    if (readFlag(in))
        proposal.device = DeviceIndex(in.u16());
    proposal.wish = readWish(in);
    proposal.signature = in.fixedBytes<Signature>();
    if (!in.done())
        return std::unexpected(Code::E_CANON);
    return proposal;
}

Proposal signProposal(const identity::SignatureScheme &scheme, const identity::SecretKey &key,
                      const WorkspaceId &workspace, Proposal proposal)
{
    proposal.signature = scheme.sign(key, domains::kProposal, workspace, proposal.hash());
    return proposal;
}

std::expected<void, Code> verify(const Proposal &proposal,
                                 const identity::Configuration &configuration,
                                 const identity::SignatureScheme &scheme)
{
    if (proposal.author.value >= configuration.members.size()
        || !namesKnownRows(proposal, configuration))
        return std::unexpected(Code::E_NOT_MEMBER);
    PublicKey signer = configuration.members[proposal.author.value].identity;
    if (proposal.device) {
        const identity::Device *device = configuration.device(*proposal.device);
        if (device == nullptr || device->member != proposal.author)
            return std::unexpected(Code::E_NOT_MEMBER);
        signer = device->key;
    }
    if (!scheme.verify(signer, domains::kProposal, configuration.workspace, proposal.hash(),
                       proposal.signature)
        || !areCertified(proposal, configuration, scheme))
        return std::unexpected(Code::E_SIG);
    const bool isMovedByDevice =
        std::holds_alternative<MoveSeat>(proposal.wish) && proposal.device.has_value();
    if (isMovedByDevice || !canReceiveKeys(proposal))
        return std::unexpected(Code::E_STRUCT);
    if (const auto *turn = std::get_if<TurnKey>(&proposal.wish)) {
        if (!isByItsDevice(proposal, *turn, configuration))
            return std::unexpected(Code::E_STRUCT);
        if (!keys::isUsable(turn->key))
            return std::unexpected(Code::E_KEY_OFFER);
    }
    return {};
}

} // namespace nlbd::consensus
