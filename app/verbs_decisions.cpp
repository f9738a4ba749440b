// What is decided together: asking, answering, looking.

#include "app/system_clock.h"
#include "app/verb_parts.h"
#include "app/wish_words.h"
#include "core/consensus/decision_file.h"

#include <algorithm>
#include <charconv>

namespace nlbd::app::verbs {

using Json = nlohmann::json;

namespace {

using Kind = api::Wish::Kind;

std::string sentenceOf(const api::ProposalInfo &info, const identity::Configuration &configuration)
{
    std::string say = info.id.hex().substr(0, 12) + "  " + nameOf(configuration, info.author)
        + " asks to " + wordsOf(info.wish, configuration, configuration.policy);
    if (info.needed > 0)
        say += ": " + std::to_string(info.yes) + " of " + std::to_string(info.needed) + " say yes ("
            + namesOf(info.saidYes, configuration) + "), " + std::to_string(info.no) + " no"
            + (info.saidNo.empty() ? "" : " (" + namesOf(info.saidNo, configuration) + ")");
    return say + (info.isEligible ? "; it will stand in the next decision." : ".");
}

/// Members by name; two may not bear names that look alike.
std::optional<MemberIndex> findMember(const identity::Configuration &configuration,
                                      std::string_view name)
{
    for (std::size_t i = 0; i < configuration.members.size(); ++i)
        if (configuration.members[i].name == name
            && configuration.members[i].standing != identity::Standing::Gone)
            return MemberIndex(static_cast<std::uint16_t>(i));
    return std::nullopt;
}

std::expected<api::Wish, std::string> readDevice(const identity::Configuration &configuration,
                                                 Kind kind, const std::string &start)
{
    api::Wish wish;
    wish.kind = kind;
    std::size_t found = 0;
    for (std::size_t i = 0; i < configuration.devices.size(); ++i)
        if (start.size() >= 4 && configuration.devices[i].key.hex().starts_with(start)) {
            wish.device = DeviceIndex(static_cast<std::uint16_t>(i));
            wish.member = configuration.devices[i].member;
            ++found;
        }
    if (found == 1)
        return wish;
    return std::unexpected("No device, or more than one, has a key that begins so; four digits at "
                           "least. Nothing was asked for; \"devices\" lists them.");
}

/// What to say before four become three (PROTOCOL C16).
std::optional<VerbReply> warningOf(const Request &request, std::size_t seats, std::size_t after)
{
    if (request.has("anyway") || api::protectionOf(seats) != api::Protection::Quorum
        || api::protectionOf(after) == api::Protection::Quorum)
        return std::nullopt;
    return failure(Exit::Failed,
                   "With this, " + std::to_string(seats) + " who decide become "
                       + std::to_string(after)
                       + ": every one of them is needed for each decision then, and none may be "
                         "hostile. Protection begins at four. Nothing was changed. If you want "
                         "it, say it again with --anyway.");
}

std::expected<api::Wish, std::string> readWish(const Loop &loop, const Request &request,
                                               const engine::Engine &engine)
{
    const identity::Configuration &configuration = engine.configuration();
    const std::string what = request.get("what");
    const std::string argument = request.get("argument");
    if (what == "admit")
        return readAdmission(loop, configuration.workspace, argument);
    api::Wish wish;
    if (const identity::Device *mine = configuration.device(engine.me()))
        wish.member = mine->member;
    const bool isAboutMember =
        what == "remove" || what == "reader" || what == "writer" || what == "dormant";
    if (isAboutMember) {
        const auto member = findMember(configuration, argument);
        if (!member)
            return std::unexpected("No member is called \"" + plainLine(argument)
                                   + "\". Nothing was asked for; \"members\" lists them.");
        const bool isMe = wish.member == *member && what == "remove";
        if (isMe)
            return std::unexpected(
                "Nobody has a say in his own removal; \"propose leave\" needs no "
                "vote. Nothing was asked for.");
        wish.member = *member;
    }
    wish.isReader = what == "reader";
    if (what == "device" || what == "fence")
        return readDevice(configuration, what == "fence" ? Kind::Fence : Kind::RemoveDevice,
                          argument);
    if (what == "limits") {
        const auto limits = readLimits(argument, configuration.policy);
        if (!limits)
            return std::unexpected(limits.error());
        wish.kind = Kind::SetPolicy;
        wish.text = configuration.policy.text;
        wish.limits = *limits;
        return wish;
    }
    if (what == "seat")
        return std::unexpected("Which computer votes for you is said with \"devices seat\". "
                               "Nothing was asked for.");
    if (what == "remove") {
        wish.kind = Kind::RemoveMember;
        wish.text = request.get("because");
    } else if (what == "reader" || what == "writer")
        wish.kind = Kind::ChangeRole;
    else if (what == "dormant")
        wish.kind = Kind::MakeDormant;
    else if (what == "wake")
        wish.kind = Kind::Wake;
    else if (what == "leave")
        wish.kind = Kind::Leave;
    else if (what == "key")
        wish.kind = Kind::NewKey;
    else if (what == "checkpoint")
        wish.kind = Kind::Checkpoint;
    else if (what == "rule" && request.has("argument")) { // an empty one drops the rule
        wish.kind = Kind::SetPolicy;
        wish.text = argument;
    } else
        return std::unexpected("This can't be asked for; see --help. Nothing was asked for.");
    return wish;
}

std::string refusalOf(Code code)
{
    switch (code) {
    case Code::E_RATE:
        return "Three wishes of yours are open already. Nothing was asked for.";
    case Code::E_NAME_CONFUSABLE:
        return "The name looks like that of a member. Nothing was asked for.";
    case Code::E_ROLE:
        return whyNobodyNew();
    case Code::E_CANON:
    case Code::E_BOUNDS:
        return "A rule is a text of 4,096 bytes at most, a reason of 512. Nothing was asked for.";
    case Code::UNREPRESENTABLE:
        return "No proof against that device is held here. Nothing was asked for; \"evidence\" "
               "lists those there are.";
    case Code::DUPLICATE:
        return "That would change nothing: it is so already, or this computer can't ask for it. "
               "Nothing was asked for.";
    case Code::E_NOT_MEMBER:
        return "No such proposal is open, or you have no seat. Nothing was changed.";
    default:
        return "It was refused (" + std::string(codeName(code)) + "). Nothing was changed.";
    }
}

} // namespace

namespace {

/// What the loop did, or why not.
struct Done {
    WorkspaceId workspace;
    Json line;
    std::optional<VerbReply> refusal;
};

Done refused(VerbReply reply)
{
    return {{}, {}, std::move(reply)};
}

Done ask(Loop &loop, const Request &request)
{
    const auto host = findWorkspace(loop, request);
    if (!host)
        return refused(host.error());
    const engine::Engine &engine = (*host)->engine();
    const auto wish = readWish(loop, request, engine);
    if (!wish)
        return refused(failure(Exit::Usage, wish.error()));
    if (auto warning =
            warningOf(request, engine.configuration().seats.size(), engine.seatsAfter(*wish)))
        return refused(std::move(*warning));
    (*host)->step(api::Command{api::Propose{0, *wish}}, readClocks());
    const api::ProposalAnswered answered = engine.lastAnswer();
    if (answered.refused)
        return refused(failure(Exit::Failed, refusalOf(*answered.refused)));
    const std::string id = answered.proposal.hex();
    return {
        (*host)->id(),
        {{"ok", true},
         {"id", id},
         {"say",
          "You asked to " + wordsOf(*wish, engine.configuration(), engine.configuration().policy)
              + " (" + id.substr(0, 12) + "). The others hear of it when they meet."}},
        std::nullopt};
}

Done answer(Loop &loop, const Request &request)
{
    const auto host = findWorkspace(loop, request);
    if (!host)
        return refused(host.error());
    const engine::Engine &engine = (*host)->engine();
    const std::string id = request.get("proposal");
    const std::string yesOrNo = request.get("answer");
    for (const api::ProposalInfo &info : engine.decisions().open) {
        if (id.empty() || !info.id.hex().starts_with(id))
            continue;
        if (auto warning = warningOf(request, engine.configuration().seats.size(), info.seatsAfter);
            warning && yesOrNo == "yes")
            return refused(std::move(*warning));
        (*host)->step(api::Command{api::Vote{0, info.id, yesOrNo == "yes"}}, readClocks());
        if (const auto answered = engine.lastAnswer(); answered.refused)
            return refused(failure(Exit::Failed, refusalOf(*answered.refused)));
        return {(*host)->id(),
                {{"ok", true},
                 {"id", info.id.hex()},
                 {"say",
                  "You say " + yesOrNo + ": "
                      + wordsOf(info.wish, engine.configuration(), engine.configuration().policy)
                      + "."}},
                std::nullopt};
    }
    return refused(failure(Exit::NotFound,
                           "No open proposal begins with \"" + plainLine(id)
                               + "\". \"decisions\" lists them."));
}

VerbReply finish(Runtime &runtime, const Done &done)
{
    return done.refusal ? *done.refusal : whenStored(runtime, done.workspace, done.line);
}

} // namespace

VerbReply propose(Runtime &runtime, const Request &request)
{
    return finish(
        runtime,
        runtime.ask<Done>([request](Loop &loop) { return ask(loop, request); }, refused(ending())));
}

VerbReply vote(Runtime &runtime, const Request &request)
{
    if (request.get("answer") != "yes" && request.get("answer") != "no")
        return failure(Exit::Usage, "vote needs a proposal and yes or no; see --help.");
    return finish(runtime,
                  runtime.ask<Done>([request](Loop &loop) { return answer(loop, request); },
                                    refused(ending())));
}

namespace {

Json namesIn(const std::vector<MemberIndex> &members, const identity::Configuration &configuration)
{
    Json names = Json::array();
    for (const MemberIndex member : members)
        names.push_back(nameOf(configuration, member));
    return names;
}

/// Decisions are counted from 1: number N made epoch N.
Json decisionJson(const api::DecisionInfo &info, const identity::Configuration &configuration)
{
    std::string words;
    for (const api::Wish &wish : info.wishes)
        words += (words.empty() ? "" : "; ") + wordsOf(wish, configuration, {});
    const std::uint32_t number = info.closed.next().value;
    return {{"closed", info.closed.value},
            {"number", number},
            {"decision", info.id.hex()},
            {"round", info.round},
            {"signatures", info.signatures},
            {"signers", namesIn(info.signers, configuration)},
            {"asked", words},
            {"say",
             "decision " + std::to_string(number) + ", by " + counted(info.signatures, "signature")
                 + " (" + namesOf(info.signers, configuration) + ") in round "
                 + std::to_string(info.round + 1) + ": " + (words.empty() ? "nothing" : words)
                 + "."}};
}

/// A decision by its number, as a file for anyone.
VerbReply decisionFile(const engine::Engine &engine, const std::string &id)
{
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    const bool isNumber = error == std::errc{} && end == id.data() + id.size();
    const auto file =
        isNumber && number > 0 ? engine.decisionFile(Epoch(number - 1)) : std::nullopt;
    if (!file)
        return failure(Exit::NotFound,
                       "There is no decision with that number. \"decisions\" lists them.");
    if (file->size() > consensus::kChainFileBytesMax)
        return failure(Exit::Failed, "The decisions that led to it do not fit in a file.");
    return {Exit::Ok,
            {lineOf({{"ok", true},
                     {"number", number},
                     {"file", toBase64Url(*file)},
                     {"say",
                      "Decision " + std::to_string(number)
                          + ": say --output FILE to write it to a file."}})}};
}

} // namespace

VerbReply decisions(Runtime &runtime, const Request &request)
{
    return runtime.ask<VerbReply>(
        [request](Loop &loop) -> VerbReply {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return host.error();
            const engine::Engine &engine = (*host)->engine();
            if (request.has("id"))
                return decisionFile(engine, request.get("id"));
            const auto &configuration = engine.configuration();
            const api::DecisionsChanged now = engine.decisions();
            VerbReply reply;
            for (const api::ProposalInfo &info : now.open)
                reply.lines.push_back(
                    lineOf({{"id", info.id.hex()},
                            {"kind", static_cast<int>(info.wish.kind)},
                            {"author", nameOf(configuration, info.author)},
                            {"asks", wordsOf(info.wish, configuration, configuration.policy)},
                            {"yes", info.yes},
                            {"no", info.no},
                            {"saidYes", namesIn(info.saidYes, configuration)},
                            {"saidNo", namesIn(info.saidNo, configuration)},
                            {"until", info.lastEpoch.value},
                            {"mine", info.mine ? Json(*info.mine ? "yes" : "no") : Json()},
                            {"needed", info.needed},
                            {"eligible", info.isEligible},
                            {"say", sentenceOf(info, configuration)}}));
            for (const api::DecisionInfo &info : now.made)
                reply.lines.push_back(lineOf(decisionJson(info, configuration)));
            if (reply.lines.empty())
                reply.lines.push_back(
                    lineOf({{"ok", true}, {"say", "Nothing is open and nothing was decided."}}));
            return reply;
        },
        ending());
}

namespace {

/// What a number of seats is good for, without promises that it cannot keep (PROTOCOL C16).
std::string wordsOfSeats(std::size_t seats)
{
    switch (api::protectionOf(seats)) {
    case api::Protection::OnlyYou:
        return "1 seat: only you. Everything counts as agreed at once, which says nothing.";
    case api::Protection::Everyone:
        return counted(seats, "seat") + ": agreement needs all of them. Nobody can be outvoted, or "
            + "removed against their will, and if one is gone for ever nothing is decided any "
              "more. Protection against a hostile member begins at four.";
    case api::Protection::Quorum:
        break;
    }
    return counted(seats, "seat") + ": " + std::to_string(identity::quorumOf(seats))
        + " decide, up to " + std::to_string(identity::toleratedFaults(seats)) + " may be hostile.";
}

} // namespace

VerbReply members(Runtime &runtime, const Request &request)
{
    return runtime.ask<VerbReply>(
        [request](Loop &loop) -> VerbReply {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return host.error();
            const auto &configuration = (*host)->engine().configuration();
            VerbReply reply;
            for (std::size_t i = 0; i < configuration.members.size(); ++i) {
                const identity::Member &member = configuration.members[i];
                const char *standing = member.standing == identity::Standing::Gone ? "gone"
                    : member.standing == identity::Standing::Dormant               ? "away"
                    : member.role == identity::Role::Reader                        ? "reads"
                                                                                   : "writes";
                std::size_t devices = 0;
                bool hasSeat = false;
                for (const identity::Device &device : configuration.devices) {
                    devices += device.member.value == i && device.mayRead ? 1 : 0;
                    hasSeat = hasSeat || (device.member.value == i && device.hasSeat);
                }
                reply.lines.push_back(
                    lineOf({{"member", i},
                            {"name", member.name},
                            {"standing", standing},
                            {"devices", devices},
                            {"seat", hasSeat},
                            {"say",
                             member.name + "  " + standing + (hasSeat ? ", votes, " : ", ")
                                 + counted(devices, "device")}}));
            }
            const identity::Policy &policy = configuration.policy;
            reply.lines.push_back(lineOf({{"rule", policy.text},
                                          {"silentDays", policy.dormantDays},
                                          {"keyDays", policy.rekeyDays},
                                          {"checkpointChanges", policy.checkpointChanges},
                                          {"checkpointBytes", policy.checkpointBytes},
                                          {"say", sentenceOfRule(policy)}}));
            const std::size_t seats = configuration.seats.size();
            reply.lines.push_back(lineOf({{"epoch", configuration.epoch.value},
                                          {"seats", seats},
                                          {"quorum", identity::quorumOf(seats)},
                                          {"tolerated", identity::toleratedFaults(seats)},
                                          {"say", wordsOfSeats(seats)}}));
            return reply;
        },
        ending());
}

} // namespace nlbd::app::verbs
