// Files that are attached to documents: listed, fetched, taken off.

#include "app/verbs_attachments.h"
#include "app/blob_desk.h"
#include "core/base/blob_limits.h"

namespace nlbd::app::verbs {

namespace {

using Json = nlohmann::json;
using State = api::AttachmentInfo::State;

std::vector<std::string> namesOf(const engine::Engine &engine,
                                 const std::vector<DeviceIndex> &devices)
{
    std::vector<std::string> names;
    for (const DeviceIndex device : devices) {
        const std::string &name = engine.knownConfiguration().memberOf(device)->name;
        if (names.empty() || names.back() != name) // two computers of one person
            names.push_back(name);
    }
    return names;
}

std::string joined(const std::vector<std::string> &names)
{
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + plainLine(names[i]);
    return text;
}

const char *wordOf(State state)
{
    switch (state) {
    case State::Here:
        return "here";
    case State::Fetching:
        return "fetching";
    case State::Waiting:
        return "waiting";
    case State::Elsewhere:
        return "elsewhere";
    case State::Nowhere:
        return "nowhere";
    }
    return "nowhere";
}

std::string sayState(const engine::Engine &engine, const api::AttachmentInfo &info)
{
    const std::string part = sizeText(info.held) + " of " + sizeText(info.size);
    switch (info.state) {
    case State::Here:
        return info.holders.empty() ? "here"
                                    : "here, and with " + joined(namesOf(engine, info.holders));
    case State::Fetching:
        return info.from.empty()
            ? "being fetched, " + part
            : "being fetched, " + part + ", from " + joined(namesOf(engine, info.from));
    case State::Waiting:
        return "not all here yet, " + part + "; nobody who is connected has more of it";
    case State::Elsewhere:
        return info.holders.empty()
            ? "not on this computer yet; others have parts of it"
            : "not on this computer yet; with " + joined(namesOf(engine, info.holders));
    case State::Nowhere:
        return "not on this computer, and nobody who is connected has it";
    }
    return {};
}

std::string sayObstacle(const api::AttachmentInfo &info)
{
    switch (info.obstacle) {
    case api::AttachmentInfo::Obstacle::None:
        return {};
    case api::AttachmentInfo::Obstacle::TooMuchOfMember:
        return "; so much of what this member attached is here already that no more is taken";
    case api::AttachmentInfo::Obstacle::DiskRefuses:
        return "; the disk is full or not writable, it is tried again";
    }
    return {};
}

Json jsonOf(const engine::Engine &engine, const api::AttachmentInfo &info)
{
    Json line{{"id", info.blob.hex()},
              {"document", info.doc.value},
              {"name", info.name},
              {"type", info.mediaType},
              {"size", info.size},
              {"by", engine.knownConfiguration().memberOf(info.by)->name},
              {"when", timeText(info.when)},
              {"state", wordOf(info.state)},
              {"held", info.held},
              {"holders", namesOf(engine, info.holders)},
              {"from", namesOf(engine, info.from)}};
    if (info.obstacle == api::AttachmentInfo::Obstacle::TooMuchOfMember)
        line["obstacle"] = "too much of this member";
    else if (info.obstacle == api::AttachmentInfo::Obstacle::DiskRefuses)
        line["obstacle"] = "disk";
    return line;
}

/// The last line of a list.
Json summaryOf(const engine::Engine &engine, bool isEmpty)
{
    const auto leaving = engine.attachmentsLeaving();
    std::string say = isEmpty ? "Nothing is attached." : "";
    if (!leaving.empty())
        say += (say.empty() ? "" : " ") + counted(leaving.size(), "file")
            + " that no document names any more: on the disk for "
            + std::to_string(limits::kBlobRetentionDays) + " days of use.";
    return {{"ok", true},
            {"fetched", engine.attachmentBytesFetched()},
            {"leaving", leaving.size()},
            {"say", say}};
}

} // namespace

std::expected<api::AttachmentInfo, VerbReply> findAttachment(const WorkspaceHost &host,
                                                             const Request &request)
{
    const std::string start = request.get("attachment");
    std::optional<DocIndex> doc;
    if (request.has("document")) {
        const auto named = findDocument(host, request);
        if (!named)
            return std::unexpected(named.error());
        doc = *named;
    }
    std::optional<api::AttachmentInfo> found;
    for (const api::AttachmentInfo &info : host.engine().attachments()) {
        if ((doc && info.doc != *doc) || start.size() < kStartMin
            || !info.blob.hex().starts_with(start))
            continue;
        if (found && found->blob != info.blob)
            return std::unexpected(failure(
                Exit::Usage, "Several attachments begin with these digits. Give more of them."));
        if (!found)
            found = info;
    }
    if (found)
        return *found;
    return std::unexpected(failure(Exit::NotFound,
                                   "There is no such attachment. \"attachments\" lists those there "
                                   "are; four of their first digits name one."));
}

bool whenReady(Runtime &runtime)
{
    constexpr Millis kPatience{60'000};
    return waitUntil(
        runtime,
        [](Loop &loop) {
            return std::ranges::all_of(loop.hosts(), [](const auto &entry) {
                return entry.second->blobs() == nullptr || entry.second->blobs()->isReady();
            });
        },
        kPatience);
}

VerbReply attachments(Runtime &runtime, const Request &request)
{
    if (!whenReady(runtime))
        return ending();
    return runtime.ask<VerbReply>(
        [request](Loop &loop) -> VerbReply {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return host.error();
            std::optional<DocIndex> doc;
            if (request.has("document")) {
                const auto named = findDocument(**host, request);
                if (!named)
                    return named.error();
                doc = *named;
            }
            VerbReply reply;
            const engine::Engine &engine = (*host)->engine();
            for (const api::AttachmentInfo &info : engine.attachments()) {
                if (doc && info.doc != *doc)
                    continue;
                Json line = jsonOf(engine, info);
                line["say"] = info.blob.hex().substr(0, kStartShown) + "  " + plainLine(info.name)
                    + "  (" + sizeText(info.size) + ", " + plainLine(line["by"].get<std::string>())
                    + ")  " + sayState(engine, info) + sayObstacle(info);
                reply.lines.push_back(lineOf(line));
            }
            reply.lines.push_back(lineOf(summaryOf(engine, reply.lines.empty())));
            return reply;
        },
        ending());
}

VerbReply detach(Runtime &runtime, const Request &request)
{
    const auto done = runtime.ask<std::expected<WorkspaceId, VerbReply>>(
        [request](Loop &loop) -> std::expected<WorkspaceId, VerbReply> {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return std::unexpected(host.error());
            const auto info = findAttachment(**host, request);
            if (!info)
                return std::unexpected(info.error());
            loop.step((*host)->id(), api::Command(api::DetachFile{info->doc, info->blob}));
            if ((*host)->engine().attachment(info->doc, info->blob))
                return std::unexpected(failure(
                    Exit::Failed, "You may not write here at the moment. Nothing was changed."));
            return (*host)->id();
        },
        std::unexpected(ending()));
    if (!done)
        return done.error();
    return whenStored(runtime, *done,
                      {{"ok", true},
                       {"say",
                        "It is attached no more. What is in it goes from the disks by itself, "
                            + std::to_string(limits::kBlobRetentionDays)
                            + " days after no document names it any more."}});
}

VerbReply fetch(Runtime &runtime, const Request &request)
{
    if (!whenReady(runtime))
        return ending();
    return runtime.ask<VerbReply>(
        [request](Loop &loop) -> VerbReply {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return host.error();
            const auto before = findAttachment(**host, request);
            if (!before)
                return before.error();
            loop.step((*host)->id(),
                      api::Command(api::FetchAttachment{before->blob, !request.has("stop")}));
            const auto info = findAttachment(**host, request);
            if (!info)
                return info.error();
            const engine::Engine &engine = (*host)->engine();
            Json line = jsonOf(engine, *info);
            const bool isRefused = info->obstacle == api::AttachmentInfo::Obstacle::TooMuchOfMember;
            line["ok"] = !isRefused;
            line["say"] = plainLine(info->name) + ": " + sayState(engine, *info)
                + sayObstacle(*info) + ". \"attachments\" tells how it goes.";
            return {isRefused ? Exit::Failed : Exit::Ok, {lineOf(line)}};
        },
        ending());
}

} // namespace nlbd::app::verbs
