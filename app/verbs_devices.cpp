// Devices: whose there are, going on in a copied folder, giving one up, a new key for one.

#include "app/device_desk.h"
#include "app/sentences.h"
#include "app/system_clock.h"
#include "app/verb_parts.h"
#include "core/base/limits.h"

namespace nlbd::app::verbs {

namespace {

using Answer = api::DeviceAnswered::Answer;

struct Asked {
    WorkspaceId workspace;
    std::string say;
    std::optional<VerbReply> refusal;
    std::string line; ///< to be carried to another computer
};

Asked refused(VerbReply reply)
{
    return {{}, {}, std::move(reply), {}};
}

VerbReply refusalOf(Answer answer)
{
    switch (answer) {
    case Answer::NothingWrong:
        return failure(Exit::Failed,
                       "This folder may write with the key that it has. Nothing was changed.");
    case Answer::GoneAlready:
        return failure(Exit::Failed, "That is so already. Nothing was changed.");
    case Answer::IsHere:
        return failure(Exit::Failed,
                       "This folder signs with that key. Nothing was changed. If you want to go, "
                       "\"propose leave\" says so.");
    case Answer::UsedToConnect:
        return failure(Exit::Failed,
                       "This program still meets the others under that key, and would lock itself "
                       "out. Nothing was changed. Once all workspaces of this profile are renewed, "
                       "end the program, start it again, then say this once more.");
    case Answer::HasSeat:
        return failure(Exit::Failed, "That device votes already. Nothing was changed.");
    case Answer::CannotVote:
        return failure(Exit::Failed,
                       "That device may not write any more, so it cannot vote either. Nothing was "
                       "changed. \"devices\" shows which may.");
    case Answer::NotThePerson:
        return failure(Exit::Failed, app::sentenceOf({api::LobbyTrouble::Kind::NotThePerson, {}}));
    case Answer::Asked:
    case Answer::AskPerson:
    case Answer::NotMine:
    case Answer::NoWorkspace:
        break;
    }
    return failure(Exit::NotFound,
                   "No device of yours has a key that begins so; four digits at least. "
                   "Nothing was changed. \"devices\" lists them.");
}

Asked renew(Loop &loop, const Request &request)
{
    const auto host = findWorkspace(loop, request);
    if (!host)
        return refused(host.error());
    const auto answered = renewDevice(loop, (*host)->id());
    if (answered.answer == Answer::AskPerson)
        return {(*host)->id(),
                answered.line
                    + "\nA new key was made. On your first computer, while it is online: nlbd-peer "
                      "devices link with this line; the members' computers then let it write. What "
                      "is typed here until then stays here. The old key can be given up there with "
                      "\"devices revoke\" once this program was started anew.",
                std::nullopt, answered.line};
    if (answered.answer != Answer::Asked)
        return refused(refusalOf(answered.answer));
    std::string say =
        "A new key was made, and the members are asked to let it write and vote in place of the "
        "old one, whose right ends. What is typed until then stays here. Should the old folder "
        "still be in use somewhere, it can read on, but not write.";
    const std::size_t seats = (*host)->engine().configuration().seats.size();
    if (seats - 1 < identity::quorumOf(seats)) // 2 or 3: nothing is decided without anyone
        say += " With so few members every vote is needed, also that of the old key: it can be "
               "given only where the folder is in use. If it is in use nowhere, found anew.";
    return {(*host)->id(), std::move(say), std::nullopt, {}};
}

/// The one device of mine whose key begins so.
std::optional<DeviceIndex> findOwn(const engine::Engine &engine, const std::string &start)
{
    std::optional<DeviceIndex> found;
    for (const api::DeviceInfo &device : engine.devices()) {
        if (!device.isMine || start.size() < 4 || !device.key.hex().starts_with(start))
            continue;
        if (found)
            return std::nullopt;
        found = device.device;
    }
    return found;
}

Asked revoke(Loop &loop, const Request &request)
{
    const auto host = findWorkspace(loop, request);
    if (!host)
        return refused(host.error());
    const auto device = findOwn((*host)->engine(), request.get("argument"));
    if (!device)
        return refused(refusalOf(Answer::NotMine));
    const auto answered = revokeDevice(loop, (*host)->id(), *device);
    if (answered.answer != Answer::Asked)
        return refused(refusalOf(answered.answer));
    return {(*host)->id(),
            "The members are told that the device may no longer write nor read. What it wrote "
            "until they decide stays; a new key follows.",
            std::nullopt,
            {}};
}

Asked seat(Loop &loop, const Request &request)
{
    const auto host = findWorkspace(loop, request);
    if (!host)
        return refused(host.error());
    const engine::Engine &engine = (*host)->engine();
    const auto device = findOwn(engine, request.get("argument"));
    if (!device)
        return refused(refusalOf(Answer::NotMine));
    const identity::Device *here = engine.configuration().device(engine.me());
    const identity::Device *next = engine.configuration().device(*device);
    const bool endsHere = here != nullptr && here->hasSeat && !next->hasSeat;
    if (endsHere && !request.has("anyway"))
        return refused(failure(Exit::Failed,
                               "This computer votes for you. With this, the other one does, and "
                               "this one may not write any more. Nothing was changed. If you want "
                               "it, say it again with --anyway."));
    const auto answered = giveSeat(loop, (*host)->id(), *device);
    if (answered.answer != Answer::Asked)
        return refused(refusalOf(answered.answer));
    return {(*host)->id(),
            "The members are told that this device votes for you from now on. The one that did so "
            "before may read on, but not write.",
            std::nullopt,
            {}};
}

VerbReply refusalToTurn(Code code)
{
    switch (code) {
    case Code::DUPLICATE:
        return failure(Exit::Failed,
                       "A new key of this computer's is told already, and waits for the next "
                       "decision. Nothing was changed.");
    case Code::E_RATE:
        return failure(Exit::Failed,
                       "This computer drew three keys within a day, which is as many as are "
                       "decided. Nothing was changed.");
    default:
        return failure(Exit::Failed,
                       "This folder may not sign, or belongs to the workspace no more. Nothing was "
                       "changed.");
    }
}

Asked rotateKey(Loop &loop, const Request &request)
{
    const auto host = findWorkspace(loop, request);
    if (!host)
        return refused(host.error());
    api::Wish wish;
    wish.kind = api::Wish::Kind::TurnKey;
    (*host)->step(api::Command{api::Propose{0, wish}}, readClocks());
    if (const auto answered = (*host)->engine().lastAnswer(); answered.refused)
        return refused(refusalToTurn(*answered.refused));
    return {(*host)->id(),
            "This computer drew a new key. With the next decision, whatever it is about, new keys "
            "of the workspace come to it under that one. If somebody may have had the old one, let "
            "the members change the workspace's key now: \"propose key\".",
            std::nullopt,
            {}};
}

std::string sentenceOf(const api::DeviceInfo &device, const std::string &name,
                       const std::string &does)
{
    return device.key.hex().substr(0, 8) + "  " + plainLine(name) + "  " + does
        + (device.isHere ? ", this folder" : "")
        + (device.isCopy ? " (a copy: it signs nothing with this key)" : "");
}

VerbReply listed(Loop &loop, const Request &request)
{
    const auto host = findWorkspace(loop, request);
    if (!host)
        return host.error();
    const engine::Engine &engine = (*host)->engine();
    VerbReply reply;
    std::size_t mine = 0;
    for (const api::DeviceInfo &device : engine.devices()) {
        mine += device.isMine && device.mayRead ? 1 : 0;
        const std::string &name = engine.configuration().members[device.member.value].name;
        const std::string does = !device.mayRead ? "revoked"
            : !device.mayWrite                   ? "reads"
            : device.hasSeat                     ? "writes and votes"
                                                 : "writes";
        reply.lines.push_back(lineOf({{"device", device.device.value},
                                      {"key", device.key.hex()},
                                      {"member", name},
                                      {"does", does},
                                      {"seat", device.hasSeat},
                                      {"mine", device.isMine},
                                      {"here", device.isHere},
                                      {"copy", device.isCopy},
                                      {"say", sentenceOf(device, name, does)}}));
    }
    if (mine >= 1 + limits::kCompanionsMax)
        reply.lines.push_back(
            lineOf({{"full", true},
                    {"say",
                     "You have " + std::to_string(mine)
                         + " computers here, and no more may come in: neither a second one nor, "
                           "by recovery words or a backup, one in place of a lost one. End those "
                           "that you have no more: \"devices revoke START\"."}}));
    return reply;
}

} // namespace

namespace {

VerbReply toldOf(const Loop &loop, std::uint64_t before)
{
    const auto trouble = newTrouble(loop, before);
    return trouble ? failure(exitOf(*trouble), app::sentenceOf(*trouble))
                   : failure(Exit::Failed, "It was refused. Nothing was changed.");
}

/// On the new computer, first.
VerbReply showDevice(Loop &loop)
{
    const std::uint64_t before = loop.troubleCount();
    const auto line = loop.lineToLink();
    if (!line)
        return toldOf(loop, before);
    return {Exit::Ok,
            {lineOf({{"ok", true},
                     {"line", *line},
                     {"say",
                      *line
                          + "\nOn your first computer, while it is online: nlbd-peer devices link "
                            "with this line."}})}};
}

/// On the first computer.
VerbReply makePass(Loop &loop, const std::string &text)
{
    const std::uint64_t before = loop.troubleCount();
    const auto pass = loop.passFor(text);
    if (!pass)
        return toldOf(loop, before);
    return {Exit::Ok,
            {lineOf({{"ok", true},
                     {"pass", *pass},
                     {"say",
                      *pass
                          + "\nThat computer is yours now, and the members' computers are asked to "
                            "let it in. There: nlbd-peer devices link with this line. It is of "
                            "use to that computer only, for a day."}})}};
}

/// On the new computer, last.
VerbReply takePass(Loop &loop, const std::string &text)
{
    const std::uint64_t before = loop.troubleCount();
    loop.take(api::LobbyCommand(api::UsePass{text}));
    if (loop.troubleCount() > before || loop.profile().self() == nullptr)
        return toldOf(loop, before);
    const Self &self = *loop.profile().self();
    return {Exit::Ok,
            {lineOf({{"ok", true},
                     {"name", self.name},
                     {"device", self.device.publicKey().hex()},
                     {"workspaces", loop.joins().size()},
                     {"say",
                      "This computer writes as " + self.name
                          + " now, and does not vote. Its workspaces come while it is online."}})}};
}

VerbReply link(Runtime &runtime, const std::string &text)
{
    return runtime.ask<VerbReply>(
        [text](Loop &loop) {
            return text.empty()                  ? showDevice(loop)
                : text.starts_with("nlbd:pass/") ? takePass(loop, text)
                                                 : makePass(loop, text);
        },
        ending());
}

} // namespace

VerbReply devices(Runtime &runtime, const Request &request)
{
    const std::string what = request.get("what");
    if (what.empty())
        return runtime.ask<VerbReply>([request](Loop &loop) { return listed(loop, request); },
                                      ending());
    if (what == "link")
        return link(runtime, request.get("argument"));
    if (what != "renew" && what != "revoke" && what != "seat" && what != "rotate-key")
        return failure(Exit::Usage,
                       "devices takes nothing, link, renew, revoke, rotate-key or seat; see "
                       "--help.");
    const bool isRenewed = what == "renew";
    if (auto refusal = whenMaySign(runtime, request); refusal && !isRenewed)
        return std::move(*refusal);
    const auto asked = runtime.ask<Asked>(
        [request, what](Loop &loop) {
            return what == "renew"     ? renew(loop, request)
                : what == "rotate-key" ? rotateKey(loop, request)
                : what == "seat"       ? seat(loop, request)
                                       : revoke(loop, request);
        },
        refused(ending()));
    if (asked.refusal)
        return *asked.refusal;
    nlohmann::json line{{"ok", true}, {"say", asked.say}};
    if (!asked.line.empty())
        line["line"] = asked.line;
    return whenStored(runtime, asked.workspace, line);
}

} // namespace nlbd::app::verbs
