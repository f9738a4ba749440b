#include "app/connection_words.h"
#include "app/verb_parts.h"
#include "app/wish_words.h"

#include "app/sentences.h"
#include "core/api/refusal_kind.h"
#include "core/base/utf8.h"

#include <algorithm>
#include <set>

namespace nlbd::app::verbs {

using Json = nlohmann::json;

namespace {

const char *nameOf(api::FoundingInfo::Answer answer)
{
    switch (answer) {
    case api::FoundingInfo::Answer::Waiting:
        return "waiting";
    case api::FoundingInfo::Answer::Accepted:
        return "accepted";
    case api::FoundingInfo::Answer::Declined:
        return "declined";
    case api::FoundingInfo::Answer::Unreachable:
        return "unreachable";
    }
    return "waiting";
}

Json foundingJson(const api::FoundingInfo &info)
{
    Json founders = Json::array();
    for (const auto &founder : info.founders)
        founders.push_back({{"name", founder.name},
                            {"words", founder.words},
                            {"answer", nameOf(founder.answer)},
                            {"isMe", founder.isMe}});
    return {{"draft", info.draft.hex()},
            {"workspace", info.workspace},
            {"mine", info.isMine},
            {"founders", std::move(founders)}};
}

/// What is attached, once each, and who has all of it.
Json filesJson(const engine::Engine &engine)
{
    constexpr std::size_t kShownMax = 256;
    Json shown = Json::array();
    std::set<Hash> seen;
    std::uint64_t here = 0;
    for (const api::AttachmentInfo &info : engine.attachments()) {
        if (!seen.insert(info.blob).second)
            continue;
        const bool isHere = info.state == api::AttachmentInfo::State::Here;
        here += isHere ? 1 : 0;
        if (shown.size() == kShownMax)
            continue;
        Json holders = Json::array();
        for (const DeviceIndex device : info.holders)
            holders.push_back(engine.knownConfiguration().memberOf(device)->name);
        shown.push_back({{"id", info.blob.hex()},
                         {"name", info.name},
                         {"size", info.size},
                         {"here", isHere},
                         {"holders", std::move(holders)}});
    }
    return {{"named", seen.size()},
            {"here", here},
            {"leaving", engine.attachmentsLeaving().size()},
            {"files", std::move(shown)}};
}

std::string sayFiles(const Json &files)
{
    const auto named = files["named"].get<std::uint64_t>();
    return named == 0 ? ""
                      : " " + counted(named, "file") + " attached, "
            + std::to_string(files["here"].get<std::uint64_t>()) + " here.";
}

Json workspaceJson(const WorkspaceHost &host)
{
    const engine::Engine &engine = host.engine();
    const engine::Snapshot now = engine.snapshot();
    Json members = Json::array();
    const auto &configuration = engine.configuration();
    for (std::size_t i = 0; i < configuration.devices.size(); ++i) {
        const DeviceIndex device(static_cast<std::uint16_t>(i));
        if (!configuration.devices[i].mayRead)
            continue; // no member any more
        const bool isOnline = std::ranges::any_of(host.peers(), [&](const auto &peer) {
            return peer.second == configuration.devices[i].key;
        });
        members.push_back({{"name", configuration.memberOf(device)->name},
                           {"device", i},
                           {"isMe", device == engine.me()},
                           {"isOnline", isOnline || device == engine.me()}});
        if (const auto seat = configuration.seatOf(device))
            members.back()["behind"] = engine.behind(*seat); // changes that it has not signed for
    }
    const identity::Device *mine = engine.myDevice();
    const bool isMember = mine == nullptr || mine->mayRead;
    const Json wayOut =
        isMember ? Json() : Json(wayOutOf(engine.decisions().made, mine->member, engine.me()));
    Json json = {{"id", host.id().hex()},
                 {"name", configuration.name},
                 {"isMember", isMember},
                 {"wayOut", wayOut},
                 {"members", std::move(members)},
                 {"documents", now.documents.size()},
                 {"changes", now.changes},
                 {"ratified", now.ratified},
                 {"packed", engine.packed()},
                 {"orphans", now.orphans},
                 {"frontier", now.frontierRoot.hex()},
                 {"evidence", engine.evidence().size()},
                 {"online", host.peers().size()},
                 {"stored", host.isStored()},
                 {"attachments", filesJson(engine)}};
    json.update(countsOf(engine.refusals()));
    return json;
}

std::string sayWorkspace(const Json &json)
{
    std::set<std::string> people; // some have several computers
    for (const Json &member : json["members"])
        people.insert(member["name"].get<std::string>());
    return "\"" + json["name"].get<std::string>() + "\": " + counted(people.size(), "member") + ", "
        + counted(json["online"].get<std::size_t>(), "other") + " online; "
        + std::to_string(json["ratified"].get<std::size_t>()) + " of "
        + std::to_string(json["changes"].get<std::size_t>()) + " changes agreed; "
        + std::to_string(json["refused"].get<std::uint64_t>()) + " refused; "
        + counted(json["evidence"].get<std::size_t>(), "proof") + " of wrongdoing."
        + sayFiles(json["attachments"])
        + (json["isMember"].get<bool>()
               ? ""
               : " " + std::string(sentenceOfWayOut(json["wayOut"].get<std::string>()))
                   + " What is here stays yours to read and to export.");
}

} // namespace

namespace {

VerbReply statusOf(Loop &loop)
{
    Json line{{"ok", true}, {"port", loop.port()}, {"sessions", loop.sessionCount()}};
    std::string say;
    const Self *self = loop.profile().self();
    line["name"] = self != nullptr ? self->name : "";
    say = self != nullptr ? "You are " + self->name + "." : "There is no identity yet.";
    line["workspaces"] = Json::array();
    for (const auto &[id, host] : loop.hosts()) {
        line["workspaces"].push_back(workspaceJson(*host));
        say += "\n" + sayWorkspace(line["workspaces"].back());
        line["workspaces"].back()["repairs"] = host->repairs();
        for (const std::string &repair : host->repairs())
            say += "\n" + repair;
        if (host->storeError())
            say +=
                "\n" + sentenceOf(*host->storeError(), loop.isPassing() ? Fate::Gone : Fate::Kept);
    }
    line["foundings"] = Json::array();
    for (const api::FoundingInfo &info : loop.foundings()) {
        line["foundings"].push_back(foundingJson(info));
        say += "\nFounding \"" + info.workspace + "\":";
        for (const auto &founder : info.founders)
            say += " " + founder.name + " (" + founder.words + ") " + nameOf(founder.answer) + ";";
    }
    line["neighbours"] = Json::array();
    for (const api::Neighbour &near : loop.neighbours()) {
        line["neighbours"].push_back({{"name", near.name},
                                      {"words", near.words},
                                      {"device", near.device.hex()},
                                      {"address", near.address}});
        say += "\nNearby: " + near.name + " (" + near.words + ").";
    }
    line["refusedByMesh"] = Json::object();
    std::uint64_t turnedAway = 0;
    for (const auto &[code, count] : loop.refusedByMesh()) {
        line["refusedByMesh"][std::string(codeName(code))] = count;
        turnedAway += count;
    }
    if (turnedAway > 0)
        say += "\nTurned away " + counted(turnedAway, "connection")
            + " that no member makes. Nothing in your documents changed.";
    const api::ConnectionsChanged connections = loop.connections();
    line["connections"] = jsonOf(connections);
    say += textOf(connections);
    const net::PortMapped &mapped = loop.portMapped();
    if (mapped.result == net::PortMapped::Result::Mapped)
        line["outside"] = mapped.outside.text();
    if (const std::string router = sentenceOf(mapped); !router.empty()) {
        line["router"] = router;
        say += "\n" + router;
    }
    line["troubles"] = Json::array();
    for (const api::LobbyTrouble &trouble : loop.troubles()) {
        line["troubles"].push_back(sentenceOf(trouble));
        say += "\n" + sentenceOf(trouble);
    }
    line["say"] = say;
    return {Exit::Ok, {lineOf(line)}};
}

} // namespace

/// With what the mesh counts now; if it does not say so in time, with what it said last.
VerbReply status(Runtime &runtime, const Request &)
{
    constexpr Millis kPatience{3000};
    const auto answer = std::make_shared<Answer<VerbReply>>();
    runtime.post([answer](Loop &loop) {
        loop.whenReported([answer](Loop &now) { answer->set(statusOf(now)); });
    });
    VerbReply reply;
    return answer->wait(kPatience, reply) ? reply : runtime.ask<VerbReply>(statusOf, ending());
}

VerbReply list(Runtime &runtime, const Request &)
{
    return runtime.ask<VerbReply>(
        [](Loop &loop) -> VerbReply {
            VerbReply reply;
            for (const auto &[id, host] : loop.hosts()) {
                const std::string name = host->engine().configuration().name;
                reply.lines.push_back(
                    lineOf({{"workspace", id.hex()},
                            {"name", name},
                            {"say", name + "  (" + id.hex().substr(0, 12) + ")"}}));
                for (const auto &document : host->engine().snapshot().documents) {
                    const auto length = utf8::length(document.text);
                    const std::string origin = host->engine().origin(document.doc);
                    Json line{
                        {"workspace", id.hex()},
                        {"document", document.doc.value},
                        {"title", document.title},
                        {"scalars", length},
                        {"say",
                         "  " + std::to_string(document.doc.value) + "  "
                             + (document.title.empty() ? "Untitled" : plainLine(document.title))
                             + "  (" + std::to_string(length) + " characters"
                             + (origin.empty() ? "" : ", from " + plainLine(origin.substr(0, 17)))
                             + ")"}};
                    if (!origin.empty())
                        line["origin"] = origin;
                    reply.lines.push_back(lineOf(line));
                }
            }
            for (const auto &[id, trouble] : loop.closed()) {
                reply.exit = exitOf(trouble);
                const std::string sentence = sentenceOf(trouble);
                reply.lines.push_back(lineOf({{"ok", false},
                                              {"workspace", id.hex()},
                                              {"error", sentence},
                                              {"say", sentence}}));
            }
            if (reply.lines.empty())
                reply.lines.push_back(
                    lineOf({{"ok", true}, {"say", "There is no workspace yet."}}));
            return reply;
        },
        ending());
}

VerbReply log(Runtime &runtime, const Request &request)
{
    return runtime.ask<VerbReply>(
        [request](Loop &loop) -> VerbReply {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return host.error();
            std::optional<DocIndex> wanted;
            if (request.has("document")) {
                const auto doc = findDocument(**host, request);
                if (!doc)
                    return doc.error();
                wanted = *doc;
            }
            VerbReply reply;
            const engine::Engine &engine = (*host)->engine();
            for (std::uint32_t i = 1; i <= engine.graph().size(); ++i) {
                const auto &entry = engine.graph().entry(ChangeHandle(i));
                if (wanted && entry.doc != *wanted)
                    continue;
                const std::string author = engine.knownConfiguration().memberOf(entry.device)->name;
                const bool isAgreed = engine.isRatified(ChangeHandle(i));
                reply.lines.push_back(lineOf(
                    {{"hash", entry.hash.hex()},
                     {"author", author},
                     {"device", entry.device.value},
                     {"seq", entry.seq.value},
                     {"document", entry.doc.value},
                     {"ratified", isAgreed},
                     {"when", timeText(WallTime(Millis(entry.wallMs)))},
                     {"say",
                      entry.hash.hex().substr(0, 12) + "  "
                          + timeText(WallTime(Millis(entry.wallMs))) + "  " + author + " #"
                          + std::to_string(entry.seq.value) + (isAgreed ? "" : "  (in pencil)")}}));
            }
            return reply;
        },
        ending());
}

VerbReply blame(Runtime &runtime, const Request &request)
{
    return runtime.ask<VerbReply>(
        [request](Loop &loop) -> VerbReply {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return host.error();
            const auto doc = findDocument(**host, request);
            if (!doc)
                return doc.error();
            VerbReply reply;
            const engine::Engine &engine = (*host)->engine();
            const std::string text = engine.text(*doc).value_or("");
            std::size_t byte = 0; // runs come in order: one walk over the text
            for (const auto &run : engine.blame(*doc)) {
                const std::string_view rest = std::string_view(text).substr(byte);
                const std::size_t length = utf8::bytePosition(rest, run.length);
                const std::string piece(rest.substr(0, length));
                byte += length;
                const std::string author = engine.knownConfiguration().memberOf(run.author)->name;
                Json line{
                    {"from", run.from},
                    {"length", run.length},
                    {"author", author},
                    {"text", piece},
                    {"say",
                     (run.quoted.empty() ? author
                                         : plainLine(run.quoted) + " (so says " + author + ")")
                         + ": " + piece}};
                if (!run.quoted.empty())
                    line["quoted"] = run.quoted;
                if (run.change != engine.graph().nextHandle()) { // else not signed yet
                    const auto &entry = engine.graph().entry(run.change);
                    line["seq"] = entry.seq.value;
                    line["hash"] = entry.hash.hex();
                }
                reply.lines.push_back(lineOf(line));
            }
            return reply;
        },
        ending());
}

VerbReply verify(Runtime &runtime, const Request &request)
{
    if (request.has("archive"))
        return verifyArchive(runtime, request);
    return runtime.ask<VerbReply>(
        [request](Loop &loop) -> VerbReply {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return host.error();
            // Loading has checked every record that the store gave: signature or run, causes, key,
            // ops.
            Json line = workspaceJson(**host);
            const bool isSound = (*host)->repairs().empty();
            line["ok"] = isSound;
            line["repairs"] = (*host)->repairs();
            std::string say = isSound ? "Every stored record holds. " : "Something was repaired. ";
            for (const std::string &repair : (*host)->repairs())
                say += repair + " ";
            line["say"] = say + sayWorkspace(line);
            return {isSound ? Exit::Ok : Exit::Failed, {lineOf(line)}};
        },
        ending());
}

VerbReply evidence(Runtime &runtime, const Request &request)
{
    return runtime.ask<VerbReply>(
        [request](Loop &loop) -> VerbReply {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return host.error();
            VerbReply reply;
            const engine::Engine &engine = (*host)->engine();
            for (const api::EvidenceInfo &info : engine.evidence()) {
                const std::string accused = info.accused
                    ? engine.knownConfiguration().memberOf(*info.accused)->name
                    : "several";
                reply.lines.push_back(lineOf(
                    {{"id", info.id.hex()},
                     {"code", codeName(info.code)},
                     {"accused", accused},
                     {"when", timeText(info.when)},
                     {"rule", info.rule},
                     {"advice", adviceOn(info.code, accused)},
                     {"file", toBase64Url(info.file)},
                     {"say",
                      info.id.hex().substr(0, 12) + "  " + std::string(codeName(info.code)) + "  "
                          + accused + ": " + info.rule + " " + adviceOn(info.code, accused)}}));
            }
            for (const api::Refusal &refusal : engine.refusals())
                reply.lines.push_back(
                    lineOf({{"refusal", refusal.number},
                            {"code", codeName(refusal.code)},
                            {"count", refusal.count},
                            {"when", timeText(refusal.when)},
                            {"rule", refusal.rule},
                            {"say",
                             (api::isTurnedAway(refusal.code) ? "refused " : "noted ")
                                 + std::to_string(refusal.count) + " x  "
                                 + std::string(codeName(refusal.code)) + ": " + refusal.rule}}));
            if (reply.lines.empty())
                reply.lines.push_back(lineOf({{"ok", true}, {"say", "Nothing was refused."}}));
            return reply;
        },
        ending());
}

} // namespace nlbd::app::verbs
