#include "mesh_figures.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <net/if.h>
#include <sched.h>
#include <span>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace nlbd;
using namespace nlbd::bench;

namespace {

constexpr std::string_view kUsage =
    "bench_mesh [--json] [--quick] [--strict] [--hostile | --crowd N | --links | --peers] "
    "[--members N] [--keys N]\n"
    "           [--idle S]\n"
    "Real programs on this computer's loopback device.\n"
    "  --json       one line for each figure; always so\n"
    "  --quick      4 members, 25 keys, 5 s of silence\n"
    "  --strict     exit code 1 if a goal is not met\n"
    "  --hostile    two who type while others attack them\n"
    "  --crowd N    so many in one process, 3 to 128: everybody, and with a third of them silent\n"
    "  --links      slow, lossy and cut cables; a whole document that somebody lacks\n"
    "  --peers      npm's ws, y-websocket and automerge-repo beside us, --runs times in turns\n"
    "  --runs N     1 to 9 (3): medians\n"
    "  --trace FILE that document: a recording (tests/vectors/traces)\n"
    "  --members N  3 to 16 (10)\n"
    "  --keys N     per series, 10 to 1000 (100)\n"
    "  --idle S     how long is looked at what they say when nobody types, 1 to 3600 (30)\n";

struct Asked {
    MeshOptions options;
    bool isStrict = false;
    bool isHostile = false;
    bool isCrowd = false;
    bool hasLinks = false;
    bool hasPeers = false;
    std::size_t runs = 3;
    bool isQuick = false;
};

std::optional<Asked> read(std::span<char *const> arguments)
{
    Asked asked;
    const auto number = [&](std::size_t &at, unsigned long min,
                            unsigned long max) -> std::optional<unsigned long> {
        const unsigned long value =
            ++at < arguments.size() ? std::strtoul(arguments[at], nullptr, 10) : 0;
        return value >= min && value <= max ? std::optional(value) : std::nullopt;
    };
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string_view word = arguments[at];
        std::optional<unsigned long> value = 0;
        if (word == "--quick") {
            asked.isQuick = asked.options.isQuick = true;
            asked.options.members = 4;
            asked.options.keys = 25;
            asked.options.idle = Millis{5000};
        } else if (word == "--strict") {
            asked.isStrict = true;
        } else if (word == "--hostile") {
            asked.isHostile = true;
        } else if (word == "--links") {
            asked.hasLinks = true;
        } else if (word == "--peers") {
            asked.hasPeers = true;
        } else if (word == "--runs" && (value = number(at, 1, 9))) {
            asked.runs = *value;
        } else if (word == "--trace" && at + 1 < arguments.size()) {
            asked.options.trace = arguments[++at];
        } else if (word == "--crowd" && (value = number(at, 3, 128))) {
            asked.isCrowd = true;
            asked.options.crowd = *value;
        } else if (word == "--members" && (value = number(at, 3, 16))) {
            asked.options.members = *value;
        } else if (word == "--keys" && (value = number(at, 10, 1000))) {
            asked.options.keys = *value;
        } else if (word == "--idle" && (value = number(at, 1, 3600))) {
            asked.options.idle = Millis{static_cast<std::int64_t>(*value) * 1000};
        } else if (word != "--json") {
            return std::nullopt;
        }
    }
    return asked;
}

/// A network of our own, with nothing in it but a loopback device, whose bytes are all ours. False
/// where that right is missing.
bool moveToOwnNetwork()
{
    const std::string user = std::to_string(getuid());
    const std::string group = std::to_string(getgid());
    if (unshare(CLONE_NEWNET) != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
            return false;
        std::ofstream("/proc/self/setgroups") << "deny";
        std::ofstream("/proc/self/uid_map") << user << ' ' << user << " 1";
        std::ofstream("/proc/self/gid_map") << group << ' ' << group << " 1";
    }
    const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq loopback{};
    std::strncpy(loopback.ifr_name, "lo", sizeof loopback.ifr_name - 1);
    loopback.ifr_flags = IFF_UP | IFF_RUNNING;
    const bool isUp = ioctl(any, SIOCSIFFLAGS, &loopback) == 0;
    close(any);
    return isUp;
}

/// Each measured so often, in turns: the median of those of one name and peer.
std::vector<Figure> mediansOf(const std::vector<Figure> &all)
{
    std::vector<Figure> medians;
    for (const Figure &figure : all) {
        const auto isSame = [&figure](const Figure &other) {
            return other.name == figure.name && other.peer == figure.peer;
        };
        if (std::ranges::any_of(medians, isSame))
            continue;
        std::vector<double> values;
        for (const Figure &other : all)
            if (isSame(other) && other.absent.empty())
                values.push_back(other.value);
        medians.push_back(figure);
        if (values.empty())
            continue;
        medians.back().absent.clear();
        medians.back().value = percentile(values, 0.5);
    }
    return medians;
}

/// Ours and the others', one after the other, each so often.
Figures measureBesideOthers(MeshOptions options, std::size_t runs)
{
    if (const auto installed = installPeers(NLBD_PEERS_TARGET); !installed)
        options.peersTrouble = installed.error();
    std::vector<Figure> all;
    const std::filesystem::path folder = options.folder;
    for (std::size_t run = 0; run < runs; ++run) {
        options.folder = folder / std::to_string(run);
        for (const auto measure : {measureTable, measureColdCatchUp}) {
            const auto ours = measure(options);
            if (!ours)
                return ours;
            all.insert(all.end(), ours->begin(), ours->end());
        }
        const auto theirs = measureOthers(options);
        all.insert(all.end(), theirs.begin(), theirs.end());
    }
    return mediansOf(all);
}

/// False if there were none.
bool print(const Figures &figures, bool &isMet)
{
    if (!figures) {
        std::fprintf(stderr, "bench_mesh: %s\n", figures.error().c_str());
        return false;
    }
    for (const Figure &figure : *figures) {
        std::printf("%s\n", lineOf(figure).c_str());
        isMet = isMet && !figure.isMissed();
    }
    std::fflush(stdout);
    return true;
}

/// What was asked for, a line at a time. False if something could not be measured.
bool measure(const Asked &asked, bool &isMet)
{
    constexpr std::size_t kQuickTimes = 3;
    constexpr std::size_t kTimes = 20;
    const MeshOptions &options = asked.options;
    if (asked.isHostile)
        return print(measureHostile(options), isMet);
    if (asked.isCrowd)
        return print(measureCrowd(options, Silence::Nobody), isMet)
            && print(measureCrowd(options, Silence::Third), isMet);
    if (asked.hasLinks)
        return print(measureColdCatchUp(options), isMet) && print(measureLinks(options), isMet);
    if (asked.hasPeers)
        return print(measureBesideOthers(options, asked.runs), isMet);
    return print(measureFinding(asked.isQuick ? kQuickTimes : kTimes), isMet)
        && print(measureTable(options), isMet);
}

} // namespace

int main(int argc, char **argv)
{
    std::signal(SIGPIPE, SIG_IGN); // a child that is gone is an answer, not an end
    if (argc == 4 && std::string_view(argv[1]) == "--member")
        return runMember(argv[2], argv[3]);
    auto asked = read(std::span<char *const>(argv + 1, static_cast<std::size_t>(argc - 1)));
    if (!asked) {
        std::fputs(kUsage.data(), stderr);
        return 2;
    }
    if (asked->hasPeers) // what npm fetches is not on a network of our own
        static_cast<void>(installPeers(NLBD_PEERS_TARGET));
    if (!moveToOwnNetwork())
        std::fputs("bench_mesh: no network of its own; bytes of others are counted too.\n", stderr);
    // A pattern for mkdtemp; beside the build, as /tmp may be memory, where a sync costs nothing.
    std::string folder = NLBD_BENCH_FOLDER "/bench_mesh.XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) {
        std::fprintf(stderr, "bench_mesh: %s: %s\n", folder.c_str(), std::strerror(errno));
        return 2;
    }
    asked->options.folder = folder;
    bool isMet = true;
    const bool isDone = measure(*asked, isMet);
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (!isDone)
        return 2;
    return isMet || !asked->isStrict ? 0 : 1;
}
