// One file that holds everything of a person: written, and put back (BACKUPS.md).

#include "app/sentences.h"
#include "app/verb_parts.h"
#include "core/identity/words.h"

namespace nlbd::app::verbs {

namespace {

constexpr Millis kPatience{600'000}; // an old disk, much text

/// Asks the loop and waits for how it went; nothing if the time passed.
std::optional<FileDesk::Answer> answerTo(Runtime &runtime, const api::LobbyCommand &command)
{
    const auto before = runtime.ask<std::uint64_t>(
        [command](Loop &loop) {
            const std::uint64_t count = loop.files().answers();
            loop.take(command);
            return count;
        },
        UINT64_MAX);
    if (before == UINT64_MAX)
        return std::nullopt;
    const auto isThere = [before](Loop &loop) { return loop.files().answers() > before; };
    if (!waitUntil(runtime, isThere, kPatience))
        return std::nullopt;
    return runtime.ask<std::optional<FileDesk::Answer>>(
        [](Loop &loop) { return std::optional(loop.files().answer()); }, std::nullopt);
}

VerbReply refusal(const std::optional<FileDesk::Answer> &answer)
{
    const auto *trouble = answer ? std::get_if<api::LobbyTrouble>(&*answer) : nullptr;
    return trouble != nullptr ? failure(exitOf(*trouble), sentenceOf(*trouble)) : ending();
}

} // namespace

VerbReply backUp(Runtime &runtime, const Request &request)
{
    const auto answer =
        answerTo(runtime, api::BackUp{request.get("file"), request.get("passphrase")});
    const auto *done = answer ? std::get_if<api::BackedUp>(&*answer) : nullptr;
    if (done == nullptr)
        return refusal(answer);
    return {Exit::Ok,
            {lineOf({{"ok", true},
                     {"file", done->file},
                     {"bytes", done->bytes},
                     {"workspaces", done->workspaces},
                     {"say",
                      "Wrote " + done->file + " (" + std::to_string(done->bytes) + " bytes, "
                          + counted(done->workspaces, "workspace")
                          + ") and read it again. Only the passphrase opens it, and whoever has "
                            "both is you. \"restore\" in an empty profile puts it back."}})}};
}

VerbReply restoreBackup(Runtime &runtime, const Request &request)
{
    const auto answer =
        answerTo(runtime, api::RestoreBackup{request.get("file"), request.get("passphrase")});
    const auto *done = answer ? std::get_if<api::BackupRestored>(&*answer) : nullptr;
    if (done == nullptr)
        return refusal(answer);
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

} // namespace nlbd::app::verbs
