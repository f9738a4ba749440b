// The same work by what others use: npm's ws, y-websocket, automerge-repo. They have a server in
// the middle, store nothing, sign nothing and seal nothing.
#include "mesh_figures.h"

#include <sstream>

namespace nlbd::bench {

namespace {

constexpr Millis kStart{60'000};
constexpr double kMiB = 1024.0 * 1024.0;

struct Other {
    std::string peer;
    std::string driver;
    bool hasDocument; ///< and so can catch up
};
const Other kOthers[] = {
    {"ws", "ws", false}, {"y-websocket", "yjs", true}, {"automerge-repo", "automerge", true}};

/// One who types and so many who read: key to the last of them, and bytes.
Figures typeBesideOthers(const Other &other, const std::filesystem::path &peers,
                         const MeshOptions &options)
{
    const std::size_t readers = options.members - 1;
    auto table = nodeTable(peers, other.peer, other.driver, readers);
    if (!table)
        return std::unexpected(table.error());
    if (const auto warm = runSeries(*table, briskPace(5)); !warm)
        return std::unexpected(warm.error());
    const std::uint64_t before = carriedByLoopback();
    const Pace pace = briskPace(options.keys);
    const auto series = runSeries(*table, pace);
    if (!series)
        return std::unexpected(series.error());
    const auto bytes = static_cast<double>(carriedByLoopback() - before);
    const double readings = static_cast<double>(options.keys * readers);
    const std::string at = "_of_" + std::to_string(options.members);
    const auto server = static_cast<double>(residentOf(table->servers.front().process()).now);
    table->typist.clear();
    return std::vector<Figure>{
        {"mesh_key_to_visible" + at + "_p50",
         percentile(series->visible, 0.5),
         "ms",
         {},
         other.peer,
         pace.trace},
        {"mesh_key_to_visible" + at + "_p99",
         percentile(series->visible, 0.99),
         "ms",
         {},
         other.peer,
         pace.trace},
        {"mesh_wire_per_key_and_member" + at, bytes / readings, "B", {}, other.peer, pace.trace},
        {"mesh_memory_process" + at, server / kMiB, "MiB", {}, other.peer, {}}};
}

/// From the start of a client's connection until its text is the recorded one.
Figures catchUpAsOthers(const Other &other, const std::filesystem::path &peers,
                        const MeshOptions &options)
{
    constexpr Millis kLong{600'000};
    const auto script = [&](const std::string &name) {
        return (peers / (other.driver + name)).string();
    };
    auto server = Child::start({"node", script("_server.mjs")});
    const auto address = server ? server->hear("ready", kStart) : std::unexpected(server.error());
    if (!address)
        return std::unexpected(address.error());
    const auto client = [&](const std::string &role) {
        std::vector<std::string> arguments{"node", script("_catch_up.mjs"), role};
        std::istringstream words(*address);
        for (std::string word; words >> word;)
            arguments.push_back(word);
        arguments.push_back(options.trace);
        return Child::start(arguments);
    };
    auto writer = client("writer");
    const auto written = writer ? writer->hear("ready", kLong) : std::unexpected(writer.error());
    if (!written)
        return std::unexpected(written.error());
    const std::uint64_t before = carriedByLoopback();
    auto reader = client("reader");
    const auto caught = reader ? reader->hear("caught", kLong) : std::unexpected(reader.error());
    if (!caught)
        return std::unexpected(caught.error());
    const auto bytes = static_cast<double>(carriedByLoopback() - before);
    const std::string trace = std::filesystem::path(options.trace).filename().string();
    return std::vector<Figure>{
        {"mesh_cold_catch_up", std::strtod(caught->c_str(), nullptr), "ms", {}, other.peer, trace},
        {"mesh_cold_catch_up_wire", bytes / kMiB, "MiB", {}, other.peer, trace}};
}

Figure absent(const std::string &name, const Other &other, std::string reason)
{
    return {name, 0, "ms", {}, other.peer, {}, std::move(reason)};
}

} // namespace

std::vector<Figure> measureOthers(const MeshOptions &options)
{
    const std::filesystem::path peers = NLBD_PEERS_TARGET;
    const bool isInstalled = options.peersTrouble.empty();
    std::vector<Figure> all;
    const auto add = [&](const std::string &name, const Other &other, const Figures &figures) {
        if (figures)
            all.insert(all.end(), figures->begin(), figures->end());
        else
            all.push_back(absent(name, other, figures.error()));
    };
    const Figures none = std::unexpected(options.peersTrouble);
    for (const Other &other : kOthers) {
        add("mesh_key_to_visible", other,
            isInstalled ? typeBesideOthers(other, peers, options) : none);
        if (other.hasDocument && !options.trace.empty())
            add("mesh_cold_catch_up", other,
                isInstalled ? catchUpAsOthers(other, peers, options) : none);
    }
    return all;
}

} // namespace nlbd::bench
