// nlbd-dissemination: how fast, how often and how dearly one change reaches everybody. Prints a
// line of JSON for each figure, as the benches do; plots/dissemination.py draws them.

#include "tests/sim/dissemination.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

using namespace nlbd;
using sim::NewsOptions;

constexpr const char *kUsage =
    "nlbd-dissemination [--engines | --stubs] [--peers N]... [--loss PERCENT]... [--silent 0|1]\n"
    "                   [--records N] [--seed N] [--have N] [--push-only] [--idle] [--classic]\n"
    "Without --peers, --loss and --silent: the whole table.\n";

struct Arguments {
    std::vector<std::size_t> peers;
    std::vector<std::uint64_t> losses;
    std::vector<bool> silents;
    NewsOptions options;
    bool hasEngines = true;
    bool hasStubs = true;
    bool isIdle = false;
    bool isClassic = false;
    bool isBad = false;
};

bool flag(Arguments &a, std::string_view name)
{
    if (name == "--engines")
        a.hasStubs = false;
    else if (name == "--stubs")
        a.hasEngines = false;
    else if (name == "--push-only")
        a.options.scheme = NewsOptions::Scheme::PushOnly;
    else if (name == "--idle")
        a.isIdle = true;
    else if (name == "--classic")
        a.isClassic = true;
    else
        return false;
    return true;
}

Arguments parse(int argc, char **argv)
{
    Arguments a;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (flag(a, name))
            continue;
        char *end = nullptr;
        const std::uint64_t value = i + 1 < argc ? std::strtoull(argv[++i], &end, 10) : 0;
        a.isBad = a.isBad || end == nullptr || *end != '\0' || end == argv[i];
        if (name == "--peers" && value >= 4 && value <= 10'000)
            a.peers.push_back(value);
        else if (name == "--loss" && value < 100)
            a.losses.push_back(value);
        else if (name == "--silent")
            a.silents.push_back(value != 0);
        else if (name == "--records" && value >= 1)
            a.options.records = value;
        else if (name == "--seed")
            a.options.seed = value;
        else if (name == "--have")
            a.options.have = value;
        else
            a.isBad = true;
    }
    return a;
}

void print(const std::string &name, double value, const char *unit)
{
    std::printf("{\"name\": \"%s\", \"value\": %.3f, \"unit\": \"%s\"}\n", name.c_str(), value,
                unit);
    std::fflush(stdout);
}

void print(const std::string &what, const NewsOptions &options, const sim::NewsSpread &spread)
{
    const std::string name = "news_" + what + "_of_" + std::to_string(options.peers) + "_loss_"
        + std::to_string(options.lossPercent)
        + (options.isThirdSilent ? "_silent_33" : "_silent_0");
    print(name + "_missing", static_cast<double>(spread.missing), "peers");
    print(name + "_p50", sim::quantile(spread.milliseconds, 0.5), "ms");
    print(name + "_p99", sim::quantile(spread.milliseconds, 0.99), "ms");
    print(name + "_max", sim::quantile(spread.last, 1), "ms");
    print(name + "_all_p50", sim::quantile(spread.last, 0.5), "ms");
    if (!spread.rounds.empty()) {
        print(name + "_rounds_p50", sim::quantile(spread.rounds, 0.5), "frames");
        print(name + "_rounds_p99", sim::quantile(spread.rounds, 0.99), "frames");
        print(name + "_rounds_all_p50", sim::quantile(spread.lastRounds, 0.5), "frames");
    }
    print(name + "_copies", spread.copies, "copies");
    for (const auto &[kind, frames] : spread.frames)
        print(name + "_frames_" + kind, frames, "frames");
    for (const auto &[kind, bytes] : spread.bytes)
        print(name + "_bytes_" + kind, bytes, "B");
}

void classic(std::size_t peers, std::uint64_t seed)
{
    constexpr std::size_t kRuns = 25;
    double rounds = 0;
    for (std::size_t run = 0; run < kRuns; ++run)
        rounds += static_cast<double>(sim::classicRounds(peers, seed + run)) / kRuns;
    const auto n = static_cast<double>(peers);
    print("news_classic_of_" + std::to_string(peers) + "_rounds", rounds, "rounds");
    print("news_theory_of_" + std::to_string(peers) + "_rounds", std::log2(n) + std::log(n),
          "rounds");
}

} // namespace

int main(int argc, char **argv)
{
    Arguments a = parse(argc, argv);
    if (a.isBad) {
        std::fputs(kUsage, stderr);
        return 2;
    }
    if (a.peers.empty())
        a.peers = {4, 8, 12, 16, 32, 64, 100, 128, 1'000, 10'000};
    if (a.losses.empty())
        a.losses = {0, 10, 30};
    if (a.silents.empty())
        a.silents = {false, true};
    std::size_t missing = 0;
    for (const std::size_t peers : a.peers) {
        a.options.peers = peers;
        if (a.isClassic)
            classic(peers, a.options.seed);
        if (a.isIdle && peers <= 128)
            print("news_idle_of_" + std::to_string(peers) + "_per_hour_and_member",
                  sim::idleBytesPerHour(peers, a.options.seed), "B");
        if (a.isIdle || a.isClassic)
            continue;
        for (const bool isThirdSilent : a.silents) {
            for (const std::uint64_t loss : a.losses) {
                a.options.lossPercent = loss;
                a.options.isThirdSilent = isThirdSilent;
                const auto add = [&](const char *what, const sim::NewsSpread &spread) {
                    print(what, a.options, spread);
                    missing += spread.missing;
                };
                if (a.hasStubs)
                    add("stubs", sim::spreadStubs(a.options));
                if (a.hasEngines && peers <= 128 && a.options.scheme == NewsOptions::Scheme::Whole)
                    add("engines", sim::spreadEngines(a.options));
            }
        }
    }
    return missing == 0 || a.options.scheme == NewsOptions::Scheme::PushOnly ? 0 : 1;
}
