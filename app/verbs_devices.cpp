// Devices: whose there are, going on in a copied folder, giving one up.

#include "app/system_clock.h"
#include "app/verb_parts.h"
#include "core/consensus/proposal.h"
#include "core/identity/genesis.h"

namespace nlbd::app::verbs {

namespace {

constexpr std::uint32_t kLastsFor = 8; // epochs that a wish stays open

struct Asked {
    WorkspaceId workspace;
    std::string say;
    std::optional<VerbReply> refusal;
};

Asked refused(VerbReply reply)
{
    return {{}, {}, std::move(reply)};
}

VerbReply ending()
{
    return failure(Exit::Failed, "The program is ending.");
}

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
    return consensus::signProposal(identity::Ed25519{}, self.identity, configuration.workspace,
                                   std::move(proposal))
        .encode();
}

Asked renew(Loop &loop, const Request &request)
{
    const auto host = findWorkspace(loop, request);
    if (!host)
        return refused(host.error());
    const engine::Engine &engine = (*host)->engine();
    const identity::Configuration &configuration = engine.configuration();
    const identity::Device &mine = configuration.devices[engine.me().value];
    if (engine.standing() != engine::Engine::Standing::Copy && mine.mayWrite)
        return refused(failure(Exit::Failed,
                               "This folder may write with the key that it has. Nothing was "
                               "changed."));
    const Self &self = *loop.profile().self();
    SystemRandom random;
    auto device = identity::SecretKey::generate(random);
    const consensus::MoveSeat wish{
        device.publicKey(),
        identity::certifyDevice(identity::Ed25519{}, self.identity, device.publicKey())};
    const Bytes proposal = signedByPerson(self, configuration, mine.member, wish);
    (*host)->step(engine::ContinueAs{std::move(device), proposal}, readClocks());
    std::string say =
        "A new key was made, and the members are asked to let it write and vote in place of the "
        "old one, whose right ends. What is typed until then stays here. Should the old folder "
        "still be in use somewhere, it can read on, but not write.";
    const std::size_t seats = configuration.seats.size();
    if (seats - 1 < identity::quorumOf(seats)) // 2 or 3: nothing is decided without anyone
        say += " With so few members every vote is needed, also that of the old key: it can be "
               "given only where the folder is in use. If it is in use nowhere, found anew.";
    return {(*host)->id(), std::move(say), std::nullopt};
}

std::optional<DeviceIndex> findOwn(const identity::Configuration &configuration, MemberIndex member,
                                   const std::string &start)
{
    std::optional<DeviceIndex> found;
    for (std::size_t i = 0; i < configuration.devices.size(); ++i) {
        const identity::Device &device = configuration.devices[i];
        if (device.member != member || start.size() < 4 || !device.key.hex().starts_with(start))
            continue;
        if (found)
            return std::nullopt;
        found = DeviceIndex(static_cast<std::uint16_t>(i));
    }
    return found;
}

Asked revoke(Loop &loop, const Request &request)
{
    const auto host = findWorkspace(loop, request);
    if (!host)
        return refused(host.error());
    const engine::Engine &engine = (*host)->engine();
    const identity::Configuration &configuration = engine.configuration();
    const MemberIndex me = configuration.devices[engine.me().value].member;
    const auto device = findOwn(configuration, me, request.get("argument"));
    if (!device)
        return refused(failure(Exit::NotFound,
                               "No device of yours has a key that begins so; four digits at least. "
                               "Nothing was changed. \"devices\" lists them."));
    if (!configuration.devices[device->value].mayRead)
        return refused(failure(Exit::Failed, "That is so already. Nothing was changed."));
    const Bytes proposal =
        signedByPerson(*loop.profile().self(), configuration, me, consensus::RemoveDevice{*device});
    (*host)->step(engine::ProposalSigned{proposal}, readClocks());
    return {(*host)->id(),
            "The members are told that the device may no longer write nor read. What it wrote "
            "until they decide stays; a new key follows.",
            std::nullopt};
}

} // namespace

namespace {

VerbReply listed(Loop &loop, const Request &request)
{
    const auto host = findWorkspace(loop, request);
    if (!host)
        return host.error();
    const engine::Engine &engine = (*host)->engine();
    const identity::Configuration &configuration = engine.configuration();
    VerbReply reply;
    for (std::size_t i = 0; i < configuration.devices.size(); ++i) {
        const identity::Device &device = configuration.devices[i];
        const bool isHere = engine.me().value == i;
        const bool isCopied = isHere && engine.standing() == engine::Engine::Standing::Copy;
        const std::string does = !device.mayRead ? "revoked"
            : !device.mayWrite                   ? "reads"
            : device.hasSeat                     ? "writes and votes"
                                                 : "writes";
        reply.lines.push_back(lineOf(
            {{"device", i},
             {"key", device.key.hex()},
             {"member", configuration.members[device.member.value].name},
             {"does", does},
             {"seat", device.hasSeat},
             {"here", isHere},
             {"copy", isCopied},
             {"say",
              device.key.hex().substr(0, 8) + "  " + configuration.members[device.member.value].name
                  + "  " + does + (isHere ? ", this folder" : "")
                  + (isCopied ? " (a copy: it signs nothing with this key)" : "")}}));
    }
    return reply;
}

} // namespace

VerbReply devices(Runtime &runtime, const Request &request)
{
    const std::string what = request.get("what");
    if (what.empty())
        return runtime.ask<VerbReply>([request](Loop &loop) { return listed(loop, request); },
                                      ending());
    if (what != "renew" && what != "revoke")
        return failure(Exit::Usage, "devices takes nothing, renew or revoke; see --help.");
    const bool isRenewed = what == "renew";
    if (auto refusal = whenMaySign(runtime, request); refusal && !isRenewed)
        return std::move(*refusal);
    const auto asked = runtime.ask<Asked>(
        [request, isRenewed](Loop &loop) {
            return isRenewed ? renew(loop, request) : revoke(loop, request);
        },
        refused(ending()));
    return asked.refusal ? *asked.refusal
                         : whenStored(runtime, asked.workspace, {{"ok", true}, {"say", asked.say}});
}

} // namespace nlbd::app::verbs
