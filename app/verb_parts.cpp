#include "app/verb_parts.h"

#include "app/sentences.h"
#include "app/system_clock.h"
#include "core/api/refusal_kind.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <thread>

namespace nlbd::app {

nlohmann::json countsOf(const std::vector<api::Refusal> &refusals)
{
    using Json = nlohmann::json;
    std::uint64_t refused = 0;
    Json refusedByCode = Json::object();
    Json notedByCode = Json::object();
    for (const api::Refusal &refusal : refusals) {
        const bool isRefused = api::isTurnedAway(refusal.code);
        refused += isRefused ? refusal.count : 0;
        Json &counts = isRefused ? refusedByCode : notedByCode;
        const std::string code(codeName(refusal.code));
        counts[code] = counts.value(code, std::uint64_t{0}) + refusal.count;
    }
    return {{"refused", refused},
            {"refusedByCode", std::move(refusedByCode)},
            {"notedByCode", std::move(notedByCode)}};
}

VerbReply ending()
{
    return failure(Exit::Failed, "The program is ending.");
}

std::expected<WorkspaceHost *, VerbReply> findWorkspace(Loop &loop, const Request &request)
{
    const std::string wanted = request.get("workspace");
    WorkspaceHost *found = nullptr;
    for (const auto &[id, host] : loop.hosts()) {
        const bool isWanted = wanted.empty() || host->engine().configuration().name == wanted
            || (wanted.size() >= 4 && id.hex().starts_with(wanted));
        if (!isWanted)
            continue;
        if (found != nullptr)
            return std::unexpected(
                failure(Exit::Usage,
                        "There are several workspaces of that name; name one with "
                        "--workspace and the start of its id."));
        found = host.get();
    }
    if (found != nullptr)
        return found;
    if (!loop.closed().empty()) { // whose name nobody can read
        const api::LobbyTrouble &trouble = loop.closed().begin()->second;
        return std::unexpected(failure(exitOf(trouble), sentenceOf(trouble)));
    }
    return std::unexpected(failure(Exit::NotFound,
                                   "There is no such workspace. \"list\" shows those there are; "
                                   "\"found --name NAME\" makes one."));
}

std::expected<DocIndex, VerbReply> findDocument(const WorkspaceHost &host, const Request &request)
{
    const std::string wanted = request.get("document");
    const std::vector<DocIndex> named = host.engine().documentsNamed(wanted);
    if (named.size() == 1)
        return named.front();
    if (named.size() > 1) {
        std::string numbers;
        for (const DocIndex doc : named)
            numbers += (numbers.empty() ? "" : ", ") + std::to_string(doc.value);
        return std::unexpected(failure(Exit::Usage,
                                       "There are several documents \"" + plainLine(wanted)
                                           + "\". Name one by its number: " + numbers + "."));
    }
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
    if (error == std::errc{} && end == wanted.data() + wanted.size()
        && host.engine().text(DocIndex(number)))
        return DocIndex(number);
    return std::unexpected(failure(Exit::NotFound,
                                   "There is no document \"" + plainLine(wanted)
                                       + "\". \"list\" shows those "
                                         "there are."));
}

std::optional<WorkspaceId> workspaceFrom(const std::string &digits)
{
    const auto bytes = fromHex(digits);
    return bytes ? WorkspaceId::from(*bytes) : std::nullopt;
}

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

bool waitUntil(Runtime &runtime, const std::function<bool(Loop &)> &question, Millis timeout)
{
    const MonoTime end = readClocks().mono + timeout;
    for (;;) {
        if (runtime.ask<bool>(question, false))
            return true;
        if (readClocks().mono >= end)
            return false;
        std::this_thread::sleep_for(Millis{5});
    }
}

std::optional<VerbReply> whenMaySign(Runtime &runtime, const Request &request)
{
    using Standing = engine::Engine::Standing;
    constexpr Millis kPatience{15'000}; // the question to the others takes ten seconds at most
    const auto standing = [request](Loop &loop) {
        const auto host = findWorkspace(loop, request);
        return host ? (*host)->engine().standing() : Standing::Ready; // the verb says what is wrong
    };
    // A disk that refuses the mark of this start refuses the change as well.
    const auto refusal = [request](Loop &loop) -> std::optional<VerbReply> {
        const auto host = findWorkspace(loop, request);
        if (!host || !(*host)->storeError())
            return std::nullopt;
        return failure(
            Exit::Disk,
            sentenceOf(*(*host)->storeError(), loop.isPassing() ? Fate::Gone : Fate::Kept));
    };
    const bool isKnown = waitUntil(
        runtime, [&](Loop &loop) { return standing(loop) != Standing::Starting || refusal(loop); },
        kPatience);
    const auto found = runtime.ask<Standing>(standing, Standing::Ready);
    if (found == Standing::Ready)
        return std::nullopt;
    if (found == Standing::Starting && isKnown)
        return runtime.ask<std::optional<VerbReply>>(refusal, std::nullopt);
    if (found == Standing::Starting)
        return failure(
            Exit::Failed,
            "Whether this folder was copied or restored cannot be told: the place outside of it "
            "where starts are counted cannot be used, and nobody answers. Nothing was changed. Try "
            "again when somebody else is online.");
    return failure(
        Exit::Failed,
        "This folder is a copy, or was restored from one: to write on with its key would "
        "contradict what you wrote since. Your texts are safe. Nothing was changed. "
        "\"devices renew\" asks the members to let it write with a key of its own.");
}

VerbReply whenStored(Runtime &runtime, const WorkspaceId &workspace, nlohmann::json line)
{
    constexpr Millis kPatience{10'000};
    const auto isDone = [workspace](Loop &loop) {
        const WorkspaceHost *host = loop.host(workspace);
        return host == nullptr || host->isStored() || host->storeError();
    };
    if (!waitUntil(runtime, isDone, kPatience))
        return failure(
            Exit::Disk,
            "The disk has not answered yet. The change is in memory and is stored as soon as "
            "it does.");
    const auto refusal = runtime.ask<std::optional<VerbReply>>(
        [workspace](Loop &loop) -> std::optional<VerbReply> {
            const WorkspaceHost *host = loop.host(workspace);
            if (host == nullptr || !host->storeError())
                return std::nullopt;
            return failure(
                Exit::Disk,
                sentenceOf(*host->storeError(), loop.isPassing() ? Fate::Gone : Fate::Kept));
        },
        std::nullopt);
    return refusal ? *refusal : VerbReply{Exit::Ok, {lineOf(line)}};
}

VerbReply storeLast(Runtime &runtime)
{
    constexpr Millis kPatience{5'000};
    using Failure = std::optional<store::StoreError>;
    const auto isSettled = [](Loop &loop) {
        return std::ranges::all_of(loop.hosts(), [](const auto &entry) {
            return entry.second->isStored() || entry.second->storeError();
        });
    };
    runtime.post([](Loop &loop) {
        for (const auto &[id, host] : loop.hosts())
            loop.step(id, api::Command(api::Flush{}));
    });
    const bool hasAnswered = waitUntil(runtime, isSettled, kPatience);
    const auto refused = runtime.ask<Failure>(
        [](Loop &loop) -> Failure {
            for (const auto &[id, host] : loop.hosts())
                if (!host->isStored() && host->storeError())
                    return host->storeError();
            return std::nullopt;
        },
        std::nullopt);
    if (refused)
        return failure(Exit::Disk, sentenceOf(*refused, Fate::Ending));
    const store::StoreError silent{store::StoreError::Kind::Failed, "it does not answer"};
    return hasAnswered ? VerbReply{} : failure(Exit::Disk, sentenceOf(silent, Fate::Ending));
}

std::vector<std::string> notesOf(Runtime &runtime)
{
    return runtime.ask<std::vector<std::string>>(
        [](Loop &loop) {
            std::vector<std::string> notes;
            for (const auto &[id, host] : loop.hosts())
                for (const std::string &repair : host->repairs())
                    notes.push_back("\"" + host->engine().configuration().name + "\": " + repair);
            for (const auto &[id, trouble] : loop.closed())
                notes.push_back(sentenceOf(trouble));
            return notes;
        },
        {});
}

std::optional<api::LobbyTrouble> newTrouble(const Loop &loop, std::uint64_t before)
{
    return loop.troubleCount() > before ? std::optional(loop.troubles().back()) : std::nullopt;
}

std::string sayStuck(const std::vector<std::string> &workspaces)
{
    if (workspaces.empty())
        return {};
    std::string names;
    for (const std::string &name : workspaces)
        names += (names.empty() ? "" : ", ") + plainLine(name);
    return " Not so in " + names
        + ": fewer than four decide there, so nothing is decided without the computer that is "
          "lost, and no other can take its place. Read on there, and begin again with the texts: "
          "\"found-anew\".";
}

Exit exitOf(const api::LobbyTrouble &trouble)
{
    using Kind = api::LobbyTrouble::Kind;
    switch (trouble.kind) {
    case Kind::PortInUse:
    case Kind::ProfileInUse:
        return Exit::InUse;
    case Kind::NoNetwork:
    case Kind::NoAnswer:
    case Kind::WrongAnswer:
    case Kind::WrongVersion:
    case Kind::Flooded:
        return Exit::Network;
    case Kind::BadAddress:
    case Kind::BadName:
    case Kind::NamesAlike:
    case Kind::BadLink:
    case Kind::BadWords:
        return Exit::Usage;
    case Kind::BackupFailed:
    case Kind::BadBackup:
        return Exit::Failed;
    case Kind::DiskFull:
    case Kind::DiskReadOnly:
    case Kind::DiskFailed:
    case Kind::StoreDamaged:
        return Exit::Disk;
    case Kind::NotAMember:
    case Kind::BadInvitation:
    case Kind::InvitationExpired:
    case Kind::InvitationUsed:
    case Kind::NameTaken:
    case Kind::AsksTwice:
    case Kind::DoorCrowded:
    case Kind::NotThePerson:
    case Kind::HasIdentity:
    case Kind::FoundingFailed:
    case Kind::ClockOff:
        return Exit::Failed;
    }
    return Exit::Failed;
}

std::string plainLine(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        result += byte < 0x20 || byte == 0x7F ? ' ' : c; // a terminal obeys control characters
    }
    return result;
}

std::string counted(std::uint64_t count, std::string_view what)
{
    return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string timeText(WallTime when)
{
    const std::time_t seconds = std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(when));
    std::tm parts{};
    if (gmtime_r(&seconds, &parts) == nullptr)
        return "unknown";
    std::array<char, 32> text{};
    const std::size_t length =
        std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
    return {text.data(), length};
}

} // namespace nlbd::app
