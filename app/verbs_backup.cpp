// One file that holds everything of a person: written, and put back (BACKUPS.md).

#include "app/sentences.h"
#include "app/verbs_attachments.h"
#include "core/identity/words.h"

#include <charconv>

namespace nlbd::app::verbs {

namespace {

/// Gives it to the loop: how many ended before this one. Nothing: the program ends.
std::optional<std::uint64_t> begin(Runtime &runtime, const api::LobbyCommand &command)
{
    return runtime.ask<std::optional<std::uint64_t>>(
        [command](Loop &loop) -> std::optional<std::uint64_t> {
            const std::uint64_t count = loop.files().answers();
            loop.take(command);
            return count;
        },
        std::nullopt);
}

/// How it went, if it is over.
std::optional<FileDesk::Answer> answerAfter(Runtime &runtime, std::uint64_t before)
{
    const auto isThere = [before](Loop &loop) { return loop.files().answers() > before; };
    if (!waitUntil(runtime, isThere, kMoment))
        return std::nullopt;
    return runtime.ask<std::optional<FileDesk::Answer>>(
        [](Loop &loop) { return std::optional(loop.files().answer()); }, std::nullopt);
}

VerbReply stillAt(std::string verb, std::uint64_t before, const std::string &say)
{
    VerbReply reply{Exit::Ok, {lineOf({{"ok", true}, {"isDone", false}, {"say", say}})}};
    reply.next = Request{std::move(verb), {{"before", std::to_string(before)}}};
    return reply;
}

std::optional<std::uint64_t> beforeOf(const Request &request)
{
    const std::string digits = request.get("before");
    std::uint64_t before = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), before);
    return read.ec == std::errc{} ? std::optional(before) : std::nullopt;
}

VerbReply refusal(const FileDesk::Answer &answer)
{
    const auto *trouble = std::get_if<api::LobbyTrouble>(&answer);
    return trouble != nullptr ? failure(exitOf(*trouble), sentenceOf(*trouble)) : ending();
}

/// Which attachments are not in it, as they are not on this computer.
std::string sayMissing(const api::BackedUp &done)
{
    if (done.missingCount == 0)
        return {};
    std::string names;
    for (const std::string &name : done.missing)
        names += (names.empty() ? "" : ", ") + plainLine(name);
    const bool isOne = done.missingCount == 1;
    return " Not in it, because not on this computer: " + counted(done.missingCount, "attachment")
        + " (" + names + (done.missing.size() < done.missingCount ? " and others" : "")
        + "). \"fetch\" " + (isOne ? "it" : "them") + " first, if a backup shall hold "
        + (isOne ? "it." : "them.");
}

} // namespace

namespace {

VerbReply followBackUp(Runtime &runtime, std::uint64_t before)
{
    const auto answer = answerAfter(runtime, before);
    if (!answer)
        return stillAt("backup-progress", before, "The backup is being written and read again.");
    const auto *done = std::get_if<api::BackedUp>(&*answer);
    if (done == nullptr)
        return refusal(*answer);
    return {Exit::Ok,
            {lineOf({{"ok", true},
                     {"file", done->file},
                     {"bytes", done->bytes},
                     {"workspaces", done->workspaces},
                     {"attachments", done->attachments},
                     {"missing", done->missing},
                     {"missingCount", done->missingCount},
                     {"say",
                      "Wrote " + done->file + " (" + std::to_string(done->bytes) + " bytes, "
                          + counted(done->workspaces, "workspace") + ", "
                          + counted(done->attachments, "attachment")
                          + ") and read it again. Only the passphrase opens it, and whoever has "
                            "both is you. \"restore\" in an empty profile puts it back."
                          + sayMissing(*done)}})}};
}

VerbReply followRestoring(Runtime &runtime, std::uint64_t before)
{
    const auto answer = answerAfter(runtime, before);
    if (!answer)
        return stillAt("restore-progress", before, "The backup is being opened.");
    const auto *done = std::get_if<api::BackupRestored>(&*answer);
    if (done == nullptr)
        return refusal(*answer);
    const auto words = runtime.ask<std::string>(
        [](Loop &loop) { return identity::fourWords(loop.profile().self()->person()); }, {});
    return {Exit::Ok,
            {lineOf({{"ok", true},
                     {"name", done->name},
                     {"words", words},
                     {"stuck", done->stuck},
                     {"say",
                      "You are " + done->name + " (" + words
                          + "), and all texts of the backup can be read. What was written since "
                            "comes from the members: \"run\". A backup is older than what you "
                            "signed, so this computer signs nothing with the key in it: for each "
                            "workspace say \"devices renew\", and it goes on with a key of its "
                            "own, as soon as enough members have met."
                          + sayStuck(done->stuck)}})}};
}

} // namespace

VerbReply backUp(Runtime &runtime, const Request &request)
{
    if (!whenReady(runtime))
        return ending(); // what is not on this computer is told
    const auto before = begin(runtime, api::BackUp{request.get("file"), request.get("passphrase")});
    return before ? followBackUp(runtime, *before) : ending();
}

VerbReply backUpProgress(Runtime &runtime, const Request &request)
{
    const auto before = beforeOf(request);
    return before ? followBackUp(runtime, *before) : failure(Exit::Usage, "This is no request.");
}

VerbReply restoreBackup(Runtime &runtime, const Request &request)
{
    const auto before =
        begin(runtime, api::RestoreBackup{request.get("file"), request.get("passphrase")});
    return before ? followRestoring(runtime, *before) : ending();
}

VerbReply restoreProgress(Runtime &runtime, const Request &request)
{
    const auto before = beforeOf(request);
    return before ? followRestoring(runtime, *before) : failure(Exit::Usage, "This is no request.");
}

} // namespace nlbd::app::verbs
