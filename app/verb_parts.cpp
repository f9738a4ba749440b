#include "app/verb_parts.h"

#include "app/sentences.h"
#include "app/system_clock.h"

#include <charconv>
#include <ctime>
#include <thread>

namespace nlbd::app {

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
    if (!loop.troubles().empty())
        return std::unexpected(failure(Exit::Disk, sentenceOf(loop.troubles().back())));
    return std::unexpected(failure(Exit::NotFound,
                                   "There is no such workspace. \"list\" shows those there are; "
                                   "\"found --name NAME\" makes one."));
}

std::expected<DocIndex, VerbReply> findDocument(const WorkspaceHost &host, const Request &request)
{
    const std::string wanted = request.get("document");
    if (const auto doc = host.engine().findDocument(wanted); doc)
        return *doc;
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
    if (error == std::errc{} && end == wanted.data() + wanted.size()
        && host.engine().text(DocIndex(number)))
        return DocIndex(number);
    return std::unexpected(failure(Exit::NotFound,
                                   "There is no document \"" + wanted
                                       + "\". \"list\" shows those "
                                         "there are."));
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
    const auto error = runtime.ask<std::optional<store::StoreError>>(
        [workspace](Loop &loop) {
            const WorkspaceHost *host = loop.host(workspace);
            return host != nullptr ? host->storeError() : std::nullopt;
        },
        std::nullopt);
    if (error)
        return failure(Exit::Disk, sentenceOf(*error));
    return {Exit::Ok, {lineOf(line)}};
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
