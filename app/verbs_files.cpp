// What takes long of attachments: a file is attached, or one is saved.

#include "app/blob_desk.h"
#include "app/verbs_attachments.h"
#include "core/base/blob_limits.h"

#include <charconv>

namespace nlbd::app::verbs {

namespace {

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

std::string named(const api::FileProgress &progress)
{
    const std::string what =
        progress.what == api::FileProgress::What::Attach ? "Attaching " : "Writing ";
    return what + plainLine(std::filesystem::path(progress.file).filename().string()) + ": "
        + sizeText(progress.done) + " of " + sizeText(progress.size) + ".";
}

VerbReply stillAt(const WorkspaceId &workspace, BlobDesk::Ticket ticket,
                  const api::FileProgress &progress)
{
    VerbReply reply{Exit::Ok,
                    {lineOf({{"ok", true},
                             {"isDone", false},
                             {"done", progress.done},
                             {"size", progress.size},
                             {"say",
                              progress.size == 0 ? "Other files are written before this one."
                                                 : named(progress)}})}};
    reply.next = Request{"file-progress",
                         {{"workspace", workspace.hex()}, {"ticket", std::to_string(ticket)}}};
    return reply;
}

VerbReply replyTo(Runtime &runtime, const WorkspaceId &workspace, const BlobDesk::Answer &answer)
{
    if (const auto *failed = std::get_if<api::AttachmentFailed>(&answer))
        return refusalOf(*failed);
    if (const auto *saved = std::get_if<api::AttachmentSaved>(&answer))
        return {Exit::Ok,
                {lineOf({{"ok", true},
                         {"id", saved->blob.hex()},
                         {"file", saved->file},
                         {"say", "Wrote " + plainLine(saved->file) + "."}})}};
    const auto &done = std::get<api::FileAttached>(answer);
    return whenStored(
        runtime, workspace,
        {{"ok", true},
         {"id", done.blob.hex()},
         {"document", done.doc.value},
         {"name", done.name},
         {"say",
          "Attached " + plainLine(done.name) + ", " + done.blob.hex().substr(0, kStartShown)
              + ". Others fetch it from here: by themselves if it is small."}});
}

/// What a person asked the desk for: how it ended, or how far it is.
VerbReply follow(Runtime &runtime, const WorkspaceId &workspace, BlobDesk::Ticket ticket)
{
    struct Seen {
        bool isThere = false;
        std::optional<BlobDesk::Answer> answer;
        api::FileProgress progress;
    };
    const auto look = [workspace, ticket](Loop &loop) -> Seen {
        const WorkspaceHost *host = loop.host(workspace);
        if (host == nullptr)
            return {};
        return {true, host->blobs()->answerTo(ticket), host->blobs()->progressOf(ticket)};
    };
    (void)waitUntil(
        runtime,
        [look](Loop &loop) {
            const Seen seen = look(loop);
            return !seen.isThere || seen.answer;
        },
        kMoment);
    const Seen seen = runtime.ask<Seen>(look, {});
    if (!seen.isThere)
        return ending();
    return seen.answer ? replyTo(runtime, workspace, *seen.answer)
                       : stillAt(workspace, ticket, seen.progress);
}

/// Gives the desk of the named workspace something to do, and follows it.
using Give = std::function<std::expected<BlobDesk::Ticket, VerbReply>(WorkspaceHost &)>;
VerbReply giveToDesk(Runtime &runtime, const Request &request, const Give &give)
{
    if (!whenReady(runtime))
        return ending();
    struct Asked {
        WorkspaceId workspace;
        std::expected<BlobDesk::Ticket, VerbReply> ticket = std::unexpected(ending());
    };
    const auto asked = runtime.ask<Asked>(
        [request, give](Loop &loop) -> Asked {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return {{}, std::unexpected(host.error())};
            return {(*host)->id(), give(**host)};
        },
        {});
    return asked.ticket ? follow(runtime, asked.workspace, *asked.ticket) : asked.ticket.error();
}

} // namespace

VerbReply fileProgress(Runtime &runtime, const Request &request)
{
    const auto workspace = workspaceFrom(request.get("workspace"));
    BlobDesk::Ticket ticket = 0;
    const std::string digits = request.get("ticket");
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), ticket);
    if (!workspace || read.ec != std::errc{} || ticket == 0)
        return failure(Exit::Usage, "This is no request.");
    return follow(runtime, *workspace, ticket);
}

VerbReply attach(Runtime &runtime, const Request &request)
{
    if (!request.has("document"))
        return failure(Exit::Usage, "attach needs --document; see --help. Nothing was changed.");
    return giveToDesk(runtime, request,
                      [request](WorkspaceHost &host) -> std::expected<BlobDesk::Ticket, VerbReply> {
                          const auto doc = findDocument(host, request);
                          if (!doc)
                              return std::unexpected(doc.error());
                          return host.blobs()->attach({*doc, request.get("file")});
                      });
}

VerbReply saveAttachment(Runtime &runtime, const Request &request)
{
    return giveToDesk(runtime, request,
                      [request](WorkspaceHost &host) -> std::expected<BlobDesk::Ticket, VerbReply> {
                          const auto info = findAttachment(host, request);
                          if (!info)
                              return std::unexpected(info.error());
                          return host.blobs()->save({info->doc, info->blob, request.get("file")});
                      });
}

} // namespace nlbd::app::verbs
