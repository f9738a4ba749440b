// Files that are attached to documents: listed, attached, fetched, saved, taken off.

#include "app/blob_desk.h"
#include "app/verb_parts.h"
#include "core/base/blob_limits.h"

namespace nlbd::app::verbs {

namespace {

using Json = nlohmann::json;
using State = api::AttachmentInfo::State;

constexpr Millis kFilePatience{600'000}; // a gibibyte on a slow disk
constexpr std::size_t kStartMin = 4;     // digits that name one
constexpr std::size_t kStartShown = 12;

std::string sizeText(std::uint64_t bytes)
{
    constexpr std::uint64_t kThousand = 1000;
    if (bytes < kThousand)
        return counted(bytes, "byte");
    std::uint64_t tenths = bytes / 100;
    const char *unit = "kB";
    for (const char *next : {"MB", "GB"}) {
        if (tenths < 10 * kThousand)
            break;
        tenths /= kThousand;
        unit = next;
    }
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " " + unit;
}

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

VerbReply refusalOf(const api::AttachmentFailed &failed)
{
    using Why = api::AttachmentFailed::Why;
    const std::string file = "\"" + plainLine(failed.file) + "\" ";
    const bool isSaving = failed.what == api::AttachmentFailed::What::Save;
    switch (failed.why) {
    case Why::NoSuchFile:
        return failure(Exit::NotFound, file + "is no file that can be read. Nothing was changed.");
    case Why::TooLarge:
        return failure(Exit::Usage,
                       file + "is larger than " + sizeText(limits::kBlobBytesMax)
                           + ". Nothing was changed.");
    case Why::Changed:
        return failure(Exit::Failed,
                       file
                           + "was changed while it was read. Nothing was attached. Try again when "
                             "nobody writes it.");
    case Why::NotHere:
        return failure(Exit::NotFound,
                       "Not all of it is on this computer. \"fetch\" asks the others for it.");
    case Why::Damaged:
        return failure(Exit::Disk,
                       "What is on the disk is not what was attached: what is damaged is fetched "
                       "again. Nothing was written. If that does not help, ask who attached it.");
    case Why::DiskRefuses:
        return failure(Exit::Disk,
                       isSaving ? file + "cannot be written. A file that was there is as before."
                                : "The disk is full or not writable. Nothing was attached.");
    case Why::MayNotWrite:
        return failure(Exit::Failed, "You may not write here at the moment. Nothing was attached.");
    case Why::Busy:
        return failure(Exit::Failed, "Too many files at once. Try again in a while.");
    }
    return ending();
}

struct Asked {
    WorkspaceId workspace;
    BlobDesk::Ticket ticket = 0;
    std::optional<VerbReply> refusal;
};

/// Waits for what a person asked the desk for.
std::expected<BlobDesk::Answer, VerbReply> answerTo(Runtime &runtime, const Asked &asked)
{
    if (asked.refusal)
        return std::unexpected(*asked.refusal);
    const auto look = [asked](Loop &loop) -> std::optional<BlobDesk::Answer> {
        const WorkspaceHost *host = loop.host(asked.workspace);
        return host == nullptr ? std::nullopt : host->blobs()->answerTo(asked.ticket);
    };
    const auto isThere = [look](Loop &loop) { return look(loop).has_value(); };
    if (!waitUntil(runtime, isThere, kFilePatience))
        return std::unexpected(ending());
    const auto answer = runtime.ask<std::optional<BlobDesk::Answer>>(look, std::nullopt);
    if (!answer)
        return std::unexpected(ending());
    if (const auto *failed = std::get_if<api::AttachmentFailed>(&*answer))
        return std::unexpected(refusalOf(*failed));
    return *answer;
}

/// By the first digits of what names it; in the document of --document, if one is named.
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

/// What is on the disk is known a moment after a start.
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

} // namespace

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
            reply.lines.push_back(
                lineOf({{"ok", true},
                        {"fetched", engine.attachmentBytesFetched()},
                        {"say", reply.lines.empty() ? "Nothing is attached." : ""}}));
            return reply;
        },
        ending());
}

VerbReply attach(Runtime &runtime, const Request &request)
{
    if (!request.has("document"))
        return failure(Exit::Usage, "attach needs --document; see --help. Nothing was changed.");
    if (!whenReady(runtime))
        return ending();
    const auto asked = runtime.ask<Asked>(
        [request](Loop &loop) -> Asked {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return {{}, 0, host.error()};
            const auto doc = findDocument(**host, request);
            if (!doc)
                return {{}, 0, doc.error()};
            return {(*host)->id(), (*host)->blobs()->attach({*doc, request.get("file")}),
                    std::nullopt};
        },
        Asked{{}, 0, ending()});
    const auto answer = answerTo(runtime, asked);
    if (!answer)
        return answer.error();
    const auto &done = std::get<api::FileAttached>(*answer);
    return whenStored(
        runtime, asked.workspace,
        {{"ok", true},
         {"id", done.blob.hex()},
         {"document", done.doc.value},
         {"name", done.name},
         {"say",
          "Attached " + plainLine(done.name) + ", " + done.blob.hex().substr(0, kStartShown)
              + ". Others fetch it from here: by themselves if it is small."}});
}

VerbReply detach(Runtime &runtime, const Request &request)
{
    const auto asked = runtime.ask<Asked>(
        [request](Loop &loop) -> Asked {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return {{}, 0, host.error()};
            const auto info = findAttachment(**host, request);
            if (!info)
                return {{}, 0, info.error()};
            loop.step((*host)->id(), api::Command(api::DetachFile{info->doc, info->blob}));
            if ((*host)->engine().attachment(info->doc, info->blob))
                return {{},
                        0,
                        failure(Exit::Failed,
                                "You may not write here at the moment. Nothing was changed.")};
            return {(*host)->id(), 0, std::nullopt};
        },
        Asked{{}, 0, ending()});
    if (asked.refusal)
        return *asked.refusal;
    return whenStored(
        runtime, asked.workspace,
        {{"ok", true}, {"say", "It is attached no more. Whoever has what is in it keeps that."}});
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

VerbReply saveAttachment(Runtime &runtime, const Request &request)
{
    if (!whenReady(runtime))
        return ending();
    const auto asked = runtime.ask<Asked>(
        [request](Loop &loop) -> Asked {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return {{}, 0, host.error()};
            const auto info = findAttachment(**host, request);
            if (!info)
                return {{}, 0, info.error()};
            return {(*host)->id(),
                    (*host)->blobs()->save({info->doc, info->blob, request.get("file")},
                                           (*host)->engine()),
                    std::nullopt};
        },
        Asked{{}, 0, ending()});
    const auto answer = answerTo(runtime, asked);
    if (!answer)
        return answer.error();
    const auto &done = std::get<api::AttachmentSaved>(*answer);
    return {Exit::Ok,
            {lineOf({{"ok", true},
                     {"id", done.blob.hex()},
                     {"file", done.file},
                     {"say", "Wrote " + plainLine(done.file) + "."}})}};
}

} // namespace nlbd::app::verbs
