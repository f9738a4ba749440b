#include "wire_disk.h"
#include "wire_report.h"
#include "wire_table.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>

using namespace nlbd;
using namespace nlbd::bench;

namespace {

struct Options {
    std::size_t keys = 200;
    std::size_t repetitions = 5;
    bool isStrict = false;
    bool hasPeers = true;
};

constexpr std::string_view kUsage =
    "bench_wire [--quick] [--strict] [--no-peers] [--keys N] [--repetitions N]\n"
    "From a key to visible text at another process of this computer, in milliseconds.\n"
    "  --quick        one repetition of 40 keys\n"
    "  --strict       exit code 1 if a goal is not met\n"
    "  --no-peers     nlbd alone: no goals\n"
    "  --keys N       keys per series, 1 to 1000 (200)\n"
    "  --repetitions N  series per figure, whose median is shown, 1 to 9 (5)\n";

/// Nothing if an argument is not understood.
std::optional<Options> readOptions(std::span<char *const> arguments)
{
    Options options;
    const auto number = [&](std::size_t &at, std::size_t max, std::size_t &into) {
        if (++at >= arguments.size())
            return false;
        into = std::strtoul(arguments[at], nullptr, 10);
        return into >= 1 && into <= max;
    };
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string_view word = arguments[at];
        bool isKnown = true;
        if (word == "--quick") {
            options.keys = 40;
            options.repetitions = 1;
        } else if (word == "--strict") {
            options.isStrict = true;
        } else if (word == "--no-peers") {
            options.hasPeers = false;
        } else if (word == "--keys") {
            isKnown = number(at, 1000, options.keys);
        } else if (word == "--repetitions") {
            isKnown = number(at, 9, options.repetitions);
        } else {
            isKnown = false;
        }
        if (!isKnown)
            return std::nullopt;
    }
    return options;
}

void complain(const std::string &sentence)
{
    std::fprintf(stderr, "bench_wire: %s\n", sentence.c_str());
}

/// Adds the table if it could be set up. What is ours must be.
bool addTable(std::vector<Table> &tables, std::expected<Table, std::string> table)
{
    if (!table)
        complain(table.error());
    else
        tables.push_back(std::move(*table));
    return table.has_value();
}

bool setUp(std::vector<Table> &tables, const std::filesystem::path &folder, const Options &options)
{
    for (const std::size_t members : {2, 4})
        if (!addTable(tables, nlbdTable(folder / std::to_string(members), members)))
            return false;
    if (!options.hasPeers)
        return true;
    const std::filesystem::path peers = NLBD_PEERS_TARGET;
    if (const auto installed = installPeers(peers); !installed) {
        complain("going on without the others: " + installed.error());
        return true;
    }
    addTable(tables, yjsTable(peers));
    addTable(tables, automergeTable(peers));
    return true;
}

/// All tables take turns, so that a busy minute of the machine falls on all of them. Nothing if one
/// of ours failed; another's is left out from then on.
std::optional<std::vector<Outcome>> measure(std::vector<Table> &tables, const Options &options)
{
    constexpr std::size_t kWarmUpKeys = 5;
    std::mt19937 random(20'040); // the same gaps in every run
    std::vector<Outcome> outcomes;
    for (const Table &table : tables)
        for (const Pace &pace : {humanPace(0, random), briskPace(0)})
            outcomes.push_back({table.peer, table.name, table.mergedName, pace.trace, {}, {}, {}});
    std::vector<bool> isOut(tables.size(), false);
    for (std::size_t repetition = 0; repetition <= options.repetitions; ++repetition) {
        const bool isWarmUp = repetition == 0;
        const std::size_t keys = isWarmUp ? kWarmUpKeys : options.keys;
        const Pace paces[] = {humanPace(keys, random), briskPace(keys)};
        for (std::size_t p = 0; p < std::size(paces); ++p)
            for (std::size_t t = 0; t < tables.size(); ++t) {
                auto series = isOut[t] ? Series{} : runSeries(tables[t], paces[p]);
                if (!series) {
                    complain(series.error());
                    if (tables[t].peer == "nlbd")
                        return std::nullopt;
                    isOut[t] = true;
                }
                if (isWarmUp || isOut[t])
                    continue;
                Outcome &outcome = outcomes[t * std::size(paces) + p];
                outcome.gapsUs.push_back(paces[p].gapsUs);
                outcome.latencies.push_back(std::move(series->visible));
                if (!series->merged.empty())
                    outcome.merged.push_back(std::move(series->merged));
            }
    }
    return outcomes;
}

int run(const std::filesystem::path &folder, const Options &options)
{
    constexpr std::size_t kSyncsMax = 50;
    const auto syncs = storeSyncs(folder / "disk", std::min(options.keys, kSyncsMax));
    if (!syncs) {
        complain(syncs.error());
        return 2;
    }
    std::vector<Table> tables;
    if (!setUp(tables, folder, options))
        return 2;
    const auto outcomes = measure(tables, options);
    for (Table &table : tables) // readers may not wait for a typist who is gone
        table.typist.clear();
    if (!outcomes)
        return 2;
    std::vector<Figure> figures = figuresOf(*outcomes);
    figures.push_back({"wire_store_sync_p50", percentile(*syncs, 0.5), "ms", {}, "nlbd", {}});
    figures.push_back({"wire_store_sync_p99", percentile(*syncs, 0.99), "ms", {}, "nlbd", {}});
    bool isMet = true;
    for (const Figure &figure : figures) {
        std::printf("%s\n", lineOf(figure).c_str());
        isMet = isMet && (!figure.goal || figure.value < *figure.goal);
    }
    return isMet || !options.isStrict ? 0 : 1;
}

} // namespace

int main(int argc, char **argv)
{
    std::signal(SIGPIPE, SIG_IGN); // a child that is gone is an answer, not an end
    if (argc == 4 && std::string_view(argv[1]) == "--member")
        return runMember(argv[2], argv[3]);
    const auto options =
        readOptions(std::span<char *const>(argv + 1, static_cast<std::size_t>(argc - 1)));
    if (!options) {
        std::fputs(kUsage.data(), stderr);
        return 2;
    }
    std::error_code error;
    std::string folder =
        NLBD_BENCH_FOLDER "/bench_wire.XXXXXX"; // /tmp may be memory, where a sync costs nothing
    if (mkdtemp(folder.data()) == nullptr) {
        complain(folder + ": " + std::strerror(errno));
        return 2;
    }
    const int result = run(folder, *options);
    std::filesystem::remove_all(folder, error);
    return result;
}
