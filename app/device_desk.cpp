#include "app/device_desk.h"

#include "app/system_clock.h"
#include "core/consensus/proposal.h"
#include "core/identity/genesis.h"

namespace nlbd::app {

namespace {

using Said = api::DeviceAnswered::Answer;

constexpr std::uint32_t kLastsFor = 8; // epochs that a wish stays open

/// A proposal in the name of the person, not of a device: for when a device is lost, stolen or
/// copied.
Bytes signedByPerson(const Self &self, const identity::Configuration &configuration,
                     MemberIndex author, consensus::Wish wish)
{
    SystemRandom random;
    consensus::Proposal proposal;
    random.fill(proposal.nonce);
    proposal.lastEpoch = Epoch(configuration.epoch.value + kLastsFor);
    proposal.author = author;
    proposal.wish = std::move(wish);
    return consensus::signProposal(identity::Ed25519{}, *self.identity, configuration.workspace,
                                   std::move(proposal))
        .encode();
}

bool isWell(const WorkspaceHost &host)
{
    const identity::Device *mine = host.engine().myDevice();
    return host.engine().standing() != engine::Engine::Standing::Copy && mine != nullptr
        && mine->mayRead && mine->key == host.engine().signer();
}

/// One key for all workspaces of a folder that was copied as a whole: then it can connect as well.
identity::SecretKey keyToGoOnWith(const Loop &loop, const WorkspaceHost &copied)
{
    for (const auto &[id, host] : loop.hosts())
        if (const auto &key = host->ownKey(); host.get() != &copied && key
            && host->engine().standing() != engine::Engine::Standing::Copy)
            return key->clone();
    for (const auto &[id, host] : loop.hosts())
        if (const auto &key = host->ownKey(); host.get() != &copied && host->isRenewing())
            return key->clone();
    SystemRandom random;
    return identity::SecretKey::generate(random);
}

/// With the key that is drawn already, if the line was asked for before: it may be on its way.
api::DeviceAnswered renewCompanion(Loop &loop, WorkspaceHost &host)
{
    auto device =
        host.ownKey() && host.isRenewing() ? host.ownKey()->clone() : keyToGoOnWith(loop, host);
    std::string line = deviceLine(device.publicKey());
    if (!host.isRenewing())
        host.step(engine::ContinueAs{std::move(device), {}}, readClocks());
    return {host.id(), Said::AskPerson, std::move(line)};
}

} // namespace

api::DeviceAnswered renewDevice(Loop &loop, const WorkspaceId &id)
{
    WorkspaceHost *host = loop.host(id);
    if (host == nullptr)
        return {id, Said::NoWorkspace};
    const engine::Engine &engine = host->engine();
    const identity::Device *mine = engine.configuration().device(engine.me());
    if (mine == nullptr)
        return {id, Said::NotMine};
    if (engine.standing() != engine::Engine::Standing::Copy && mine->mayWrite)
        return {id, Said::NothingWrong};
    const Self &self = *loop.profile().self();
    if (!self.identity)
        return renewCompanion(loop, *host);
    auto device = keyToGoOnWith(loop, *host);
    const consensus::MoveSeat wish{
        device.publicKey(),
        identity::certifyDevice(identity::Ed25519{}, *self.identity, device.publicKey())};
    const Bytes proposal = signedByPerson(self, engine.configuration(), mine->member, wish);
    host->step(engine::ContinueAs{std::move(device), proposal}, readClocks());
    return {id, Said::Asked};
}

api::DeviceAnswered revokeDevice(Loop &loop, const WorkspaceId &id, DeviceIndex device)
{
    WorkspaceHost *host = loop.host(id);
    if (host == nullptr)
        return {id, Said::NoWorkspace};
    if (!loop.profile().self()->identity)
        return {id, Said::NotThePerson};
    const engine::Engine &engine = host->engine();
    const identity::Configuration &configuration = engine.configuration();
    const identity::Device *here = configuration.device(engine.me());
    const identity::Device *lost = configuration.device(device);
    if (here == nullptr || lost == nullptr || lost->member != here->member)
        return {id, Said::NotMine};
    if (!lost->mayRead)
        return {id, Said::GoneAlready};
    if (device == engine.me() || lost->key == engine.signer())
        return {id, Said::IsHere};
    const Self &self = *loop.profile().self();
    if (lost->key == self.device.publicKey())
        return {id, Said::UsedToConnect};
    const Bytes proposal =
        signedByPerson(self, configuration, here->member, consensus::RemoveDevice{device});
    host->step(engine::ProposalSigned{proposal}, readClocks());
    return {id, Said::Asked};
}

api::DeviceAnswered giveSeat(Loop &loop, const WorkspaceId &id, DeviceIndex device)
{
    WorkspaceHost *host = loop.host(id);
    if (host == nullptr)
        return {id, Said::NoWorkspace};
    const Self &self = *loop.profile().self();
    if (!self.identity)
        return {id, Said::NotThePerson};
    const engine::Engine &engine = host->engine();
    const identity::Configuration &configuration = engine.configuration();
    const identity::Device *here = configuration.device(engine.me());
    const identity::Device *next = configuration.device(device);
    if (here == nullptr || next == nullptr || next->member != here->member)
        return {id, Said::NotMine};
    if (next->hasSeat)
        return {id, Said::HasSeat};
    if (!next->mayRead || next->penEnd)
        return {id, Said::CannotVote};
    const consensus::MoveSeat wish{
        next->key, identity::certifyDevice(identity::Ed25519{}, *self.identity, next->key)};
    host->step(engine::ProposalSigned{signedByPerson(self, configuration, here->member, wish)},
               readClocks());
    return {id, Said::Asked};
}

std::optional<identity::Invitation> askForCompanion(Loop &loop, WorkspaceHost &host,
                                                    const Pass &pass)
{
    const engine::Engine &engine = host.engine();
    const identity::Device *mine = engine.configuration().device(engine.me());
    if (mine == nullptr || !mine->mayRead)
        return std::nullopt;
    auto invitation = loop.makeInvitation(host.id());
    if (!invitation || engine.configuration().indexOf(pass.device))
        return invitation; // the pass was asked for again
    const identity::Member &me = engine.configuration().members[mine->member.value];
    const consensus::Admit wish{me.identity, me.name, pass.device, pass.certificate, me.role};
    host.step(engine::ProposalSigned{signedByPerson(*loop.profile().self(), engine.configuration(),
                                                    mine->member, wish)},
              readClocks());
    return invitation;
}

std::optional<Signature> certificateOf(Loop &loop, const PublicKey &device)
{
    const PublicKey person = loop.profile().self()->person();
    for (const auto &[id, host] : loop.hosts())
        for (const api::DecisionInfo &made : host->engine().decisions().made)
            for (const api::Wish &wish : made.wishes)
                if (wish.kind == api::Wish::Kind::Admit && wish.key == device
                    && identity::isCertified(identity::Ed25519{}, person, device, wish.certificate))
                    return wish.certificate;
    return std::nullopt;
}

std::optional<identity::SecretKey> renewedKey(Loop &loop)
{
    const identity::SecretKey *common = nullptr;
    for (const auto &[id, host] : loop.hosts()) {
        const auto &key = host->ownKey();
        const bool isOther =
            !key || !isWell(*host) || (common && key->publicKey() != common->publicKey());
        if (isOther)
            return std::nullopt;
        common = &*key;
    }
    if (common == nullptr || common->publicKey() == loop.profile().self()->device.publicKey())
        return std::nullopt;
    return common->clone();
}

} // namespace nlbd::app
