// nlbd-sim: runs seeds of the simulator, one or many, and says which contradicted an invariant.

#include "tests/sim/simulation.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <unistd.h>

namespace {

using namespace nlbd;

volatile std::uint64_t runningSeed = 0;

/// A failed CHECK or a sanitizer ends the process: the seed must be known all the same.
void onDeath(int number)
{
    char line[96];
    const int length =
        std::snprintf(line, sizeof line, "\nFAILED seed %llu: the program ended itself\n",
                      static_cast<unsigned long long>(runningSeed));
    static_cast<void>(!write(STDOUT_FILENO, line, static_cast<std::size_t>(length)));
    std::signal(number, SIG_DFL);
    std::raise(number);
}

struct Arguments {
    std::uint64_t first = 1;
    std::uint64_t count = 1;
    std::uint64_t step = 1;
    double secondsMax = 0;
    std::string list; ///< file with seeds
    sim::Options options;
    bool showsHashes = false;    ///< of what each seed came to
    bool runsTwice = false;      ///< each seed, not each 50th
    bool isStoppedEarly = false; ///< at the first failure
    bool isBad = false;
};

Arguments parse(int argc, char **argv)
{
    Arguments a;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        const auto value = [&]() -> const char * { return i + 1 < argc ? argv[++i] : ""; };
        if (name == "--seed") {
            a.first = std::strtoull(value(), nullptr, 10);
        } else if (name == "--count") {
            a.count = std::strtoull(value(), nullptr, 10);
        } else if (name == "--step") {
            a.step = std::strtoull(value(), nullptr, 10);
        } else if (name == "--seconds") {
            a.secondsMax = std::strtod(value(), nullptr);
        } else if (name == "--list") {
            a.list = value();
        } else if (name == "--peers") {
            a.options.peers = std::strtoull(value(), nullptr, 10);
        } else if (name == "--profile") {
            a.options.profile = value();
        } else if (name == "--days") {
            a.options.days = static_cast<std::uint32_t>(std::strtoul(value(), nullptr, 10));
        } else if (name == "--virtual") {
            a.options.active = std::chrono::seconds(std::strtoul(value(), nullptr, 10));
        } else if (name == "--stop") {
            a.isStoppedEarly = true;
        } else if (name == "--twice") {
            a.runsTwice = true;
        } else if (name == "--hashes") {
            a.showsHashes = true;
        } else if (name == "--trace") {
            a.options.isTraced = true;
        } else {
            a.isBad = true;
        }
    }
    return a;
}

/// Lines "seed [peers [profile]]"; # begins a comment.
std::vector<sim::Options> optionsOf(const Arguments &a)
{
    std::vector<sim::Options> all;
    if (!a.list.empty()) {
        std::ifstream file(a.list);
        for (std::string line; std::getline(file, line);) {
            char profile[48] = "";
            unsigned long long seed = 0;
            unsigned long long peers = 4;
            if (std::sscanf(line.c_str(), "%llu %llu %47s", &seed, &peers, profile) >= 1)
                all.push_back({seed, peers, profile, false, 0, a.options.active});
        }
        return all;
    }
    for (std::uint64_t i = 0; i < a.count; ++i) {
        all.push_back(a.options);
        all.back().seed = a.first + i * a.step;
    }
    return all;
}

struct Totals {
    std::uint64_t seeds = 0;
    std::uint64_t failed = 0;
    double activeSeconds = 0;
    double equalSeconds = 0;
    double equalMax = 0;
    std::uint64_t events = 0;
    std::uint64_t changes = 0;
    std::size_t joined = 0;
    std::size_t copies = 0;
    std::size_t conflicts = 0;
};

void report(const sim::Options &options, const sim::Result &result, Totals &totals)
{
    ++totals.seeds;
    totals.activeSeconds += static_cast<double>(result.active.count()) / 1000;
    const double equal = static_cast<double>(result.untilEqual.count()) / 1000;
    totals.equalSeconds += equal;
    totals.equalMax = std::max(totals.equalMax, equal);
    totals.events += result.events;
    totals.changes += result.changes;
    totals.joined += result.joined;
    totals.copies += result.copies;
    totals.conflicts += result.conflicts;
    if (result.failure) {
        ++totals.failed;
        const auto seconds = options.active.count() / 1000;
        const std::string length =
            seconds == 0 ? std::string() : " --virtual " + std::to_string(seconds);
        std::printf("FAILED seed %llu (%s%s): %s\n  again: nlbd-sim --seed %llu --peers %zu%s%s%s "
                    "--trace\n",
                    static_cast<unsigned long long>(options.seed), result.profile.c_str(),
                    result.isRealCrypto ? ", Ed25519" : "", result.failure->c_str(),
                    static_cast<unsigned long long>(options.seed), options.peers,
                    options.profile.empty() ? "" : " --profile ", options.profile.c_str(),
                    length.c_str());
        std::fflush(stdout);
    }
}

} // namespace

int main(int argc, char **argv)
{
    const Arguments a = parse(argc, argv);
    if (a.isBad || a.options.peers < 2 || a.options.peers > 128) {
        std::fputs("nlbd-sim --seed N [--count K] [--step S] [--seconds T] [--peers N] [--profile "
                   "P] [--days D] [--virtual SECONDS] [--hashes] [--twice] [--stop] [--trace]\n"
                   "nlbd-sim --list FILE\nprofiles:",
                   stderr);
        for (const std::string &name : sim::profileNames())
            std::fprintf(stderr, " %s", name.c_str());
        std::fputs("\n", stderr);
        return 2;
    }
    std::signal(SIGABRT, onDeath);
    std::signal(SIGSEGV, onDeath);
    const auto begin = std::chrono::steady_clock::now();
    const auto elapsed = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    Totals totals;
    for (const sim::Options &options : optionsOf(a)) {
        if ((a.secondsMax > 0 && elapsed() > a.secondsMax)
            || (a.isStoppedEarly && totals.failed > 0))
            break;
        runningSeed = options.seed;
        sim::Result result = sim::run(options);
        const bool isRepeated = !result.failure && (a.runsTwice || options.seed % 50 == 0);
        if (isRepeated && !(sim::run(options).trace == result.trace))
            result.failure = "the same seed gave another history";
        report(options, result, totals);
        if (a.showsHashes)
            std::printf("%llu %s\n", static_cast<unsigned long long>(options.seed),
                        result.trace.hex().c_str());
    }
    const double processorSeconds = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
    const double seeds = static_cast<double>(std::max<std::uint64_t>(totals.seeds, 1));
    std::printf("{\"seeds\":%llu,\"failed\":%llu,\"seconds\":%.2f,\"seedsPerMinute\":%.0f,"
                "\"seedsPerMinuteAndCore\":%.0f,\"virtualSecondsPerSeed\":%.1f,\"untilEqual\":%.2f,"
                "\"untilEqualMax\":%.2f,\"eventsPerSeed\":%.0f,\"changesPerSeed\":%.0f,"
                "\"joined\":%zu,\"copies\":%zu,\"conflicts\":%zu}\n",
                static_cast<unsigned long long>(totals.seeds),
                static_cast<unsigned long long>(totals.failed), elapsed(), seeds / elapsed() * 60,
                seeds / processorSeconds * 60, (totals.activeSeconds + totals.equalSeconds) / seeds,
                totals.equalSeconds / seeds, totals.equalMax,
                static_cast<double>(totals.events) / seeds,
                static_cast<double>(totals.changes) / seeds, totals.joined, totals.copies,
                totals.conflicts);
    return totals.failed == 0 ? 0 : 1;
}
