// Meeting whoever made an invitation, and being let into a workspace that is there.

#include "app/sentences.h"
#include "app/verb_parts.h"

#include <algorithm>

namespace nlbd::app::verbs {

namespace {

constexpr Millis kPatience{15'000};

VerbReply meet(Runtime &runtime, const std::string &text, const PublicKey &inviter)
{
    const auto device = std::make_shared<PublicKey>(inviter);
    const auto before = runtime.ask<std::uint64_t>(
        [text](Loop &loop) {
            const std::uint64_t known = loop.troubleCount();
            loop.take(api::LobbyCommand(api::UseInvitation{text}));
            return known;
        },
        0);
    const auto isDecided = [device, before](Loop &loop) {
        const auto near = loop.neighbours();
        return loop.troubleCount() > before
            || std::ranges::find(near, *device, &api::Neighbour::device) != near.end();
    };
    if (!waitUntil(runtime, isDecided, kPatience))
        return failure(Exit::Network,
                       sentenceOf(api::LobbyTrouble{api::LobbyTrouble::Kind::NoAnswer, {}}));
    return runtime.ask<VerbReply>(
        [device, before](Loop &loop) -> VerbReply {
            if (const auto trouble = newTrouble(loop, before); trouble)
                return failure(exitOf(*trouble), sentenceOf(*trouble));
            const auto near = loop.neighbours();
            const auto found = std::ranges::find(near, *device, &api::Neighbour::device);
            if (found == near.end())
                return failure(Exit::Network, "The other computer went away.");
            return {Exit::Ok,
                    {lineOf({{"ok", true},
                             {"name", found->name},
                             {"words", found->words},
                             {"say",
                              "You have met " + found->name + " (" + found->words
                                  + "), who sees you as a neighbour now."}})}};
        },
        failure(Exit::Failed, "The program is ending."));
}

std::string sentenceOf(const api::JoinInfo &join)
{
    using State = api::JoinInfo::State;
    const std::string room = "\"" + plainLine(join.name) + "\"";
    switch (join.state) {
    case State::Asking:
        return join.inviter + " was not met yet. Your question about " + room
            + " is kept, and asked while this program runs.";
    case State::Waiting:
        return join.inviter + " sees that you ask to be let into " + room
            + ". Somebody there has to put it to the vote.";
    case State::Voting:
        return "The members of " + room + " vote: " + std::to_string(join.yes) + " of "
            + std::to_string(join.needed) + " say yes.";
    case State::Returning:
        return "You are a member of " + room
            + " by another computer. The members are told that this one votes for you from now "
              "on, and that the other may not write any more; its texts come once they have "
              "decided it.";
    case State::Inside:
    case State::Refused:
        break;
    }
    return "You are in " + room + ".";
}

VerbReply replyOf(const Loop &loop, const WorkspaceId &workspace, const std::string &name)
{
    api::JoinInfo info{workspace, name, {}, api::JoinInfo::State::Inside, 0, 0};
    for (const api::JoinInfo &join : loop.joins())
        if (join.workspace == workspace)
            info = join;
    const bool isUnmet = info.state == api::JoinInfo::State::Asking;
    return {isUnmet ? Exit::Network : Exit::Ok,
            {lineOf({{"ok", !isUnmet},
                     {"workspace", workspace.hex()},
                     {"name", name},
                     {"state", static_cast<int>(info.state)},
                     {"say", sentenceOf(info)}})}};
}

VerbReply enter(Runtime &runtime, const std::string &text, const identity::InvitedRoom &room)
{
    const auto asked = runtime.ask<std::optional<std::uint64_t>>(
        [text](Loop &loop) -> std::optional<std::uint64_t> {
            if (loop.profile().self() == nullptr)
                return std::nullopt;
            const std::uint64_t known = loop.troubleCount();
            loop.take(api::LobbyCommand(api::UseInvitation{text}));
            return known;
        },
        0);
    if (!asked)
        return failure(Exit::NotFound,
                       "There is no identity in this profile yet. \"init NAME\" makes one.");
    const std::uint64_t before = *asked;
    const auto isAnswered = [before, id = room.workspace](Loop &loop) {
        const auto isUnmet = [&id](const api::JoinInfo &join) {
            return join.workspace == id && join.state == api::JoinInfo::State::Asking;
        };
        return loop.troubleCount() > before || std::ranges::none_of(loop.joins(), isUnmet);
    };
    static_cast<void>(waitUntil(runtime, isAnswered, kPatience));
    return runtime.ask<VerbReply>(
        [before, room](Loop &loop) -> VerbReply {
            if (const auto trouble = newTrouble(loop, before); trouble)
                return failure(exitOf(*trouble), app::sentenceOf(*trouble));
            return replyOf(loop, room.workspace, room.name);
        },
        failure(Exit::Failed, "The program is ending."));
}

} // namespace

VerbReply join(Runtime &runtime, const Request &request)
{
    const std::string text = request.get("invitation");
    const auto invitation = identity::readInvitation(text, identity::Ed25519{});
    if (invitation && invitation->room)
        return enter(runtime, text, *invitation->room);
    return meet(runtime, text, invitation ? invitation->device : PublicKey());
}

VerbReply requests(Runtime &runtime, const Request &)
{
    return runtime.ask<VerbReply>(
        [](Loop &loop) -> VerbReply {
            VerbReply reply;
            for (const api::JoinRequest &asks : loop.requests()) {
                const WorkspaceHost *room = loop.host(asks.workspace);
                const std::string name =
                    room == nullptr ? "?" : room->engine().configuration().name;
                reply.lines.push_back(
                    lineOf({{"name", asks.name},
                            {"words", asks.words},
                            {"device", asks.device.hex()},
                            {"identity", asks.identity.hex()},
                            {"workspace", asks.workspace.hex()},
                            {"say",
                             plainLine(asks.name) + " (" + asks.words + ") asks to be let into \""
                                 + plainLine(name) + "\". \"propose admit "
                                 + asks.device.hex().substr(0, 12) + "\" puts it to the vote."}}));
            }
            for (const api::JoinInfo &join : loop.joins())
                reply.lines.push_back(lineOf({{"joining", join.name},
                                              {"workspace", join.workspace.hex()},
                                              {"inviter", join.inviter},
                                              {"state", static_cast<int>(join.state)},
                                              {"yes", join.yes},
                                              {"needed", join.needed},
                                              {"say", sentenceOf(join)}}));
            if (reply.lines.empty())
                reply.lines.push_back(
                    lineOf({{"ok", true}, {"say", "Nobody asks to be let in here."}}));
            return reply;
        },
        failure(Exit::Failed, "The program is ending."));
}

std::expected<api::Wish, std::string> readAdmission(const Loop &loop, const WorkspaceId &workspace,
                                                    const std::string &whom)
{
    api::Wish wish;
    wish.kind = api::Wish::Kind::Admit;
    if (const auto card = readCard(whom)) {
        wish.identity = card->person.identity;
        wish.name = card->person.name;
        wish.key = card->person.device;
        wish.certificate = card->person.certificate;
        return wish;
    }
    std::size_t found = 0;
    for (const api::JoinRequest &asks : loop.requests()) {
        const bool isMeant = !whom.empty() && asks.workspace == workspace
            && (asks.name == whom || asks.device.hex().starts_with(whom));
        if (!isMeant)
            continue;
        ++found;
        wish.identity = asks.identity;
        wish.name = asks.name;
        wish.key = asks.device;
        wish.certificate = asks.certificate;
    }
    if (found == 1)
        return wish;
    return std::unexpected(
        found == 0
            ? "Nobody called \"" + plainLine(whom)
                + "\" asks to be let in here, and it is no card. Nothing was asked for; "
                  "\"requests\" lists who asks."
            : "Several of that name ask to be let in. Nothing was asked for; name one by the "
              "first digits of the device that \"requests --json\" shows.");
}

} // namespace nlbd::app::verbs
