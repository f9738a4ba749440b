// bench_agreement: how long agreement takes and what it costs, beside PROTOCOL C5 and C11.4.

#include "agreement_world.h"
#include "figure.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numeric>
#include <span>

using namespace nlbd;
using namespace nlbd::bench;

namespace {

struct Options {
    bool isQuick = false;
    bool isStrict = false;
    std::size_t only = 0; ///< members
    bool isBad = false;
};

/// A line of the tables: -1 where they have none.
struct Promise {
    std::size_t members = 0;
    Others others = Others::Honest;
    double ratifiedMean = -1; // C5
    double ratifiedP99 = -1;
    double decidedMedian = -1; // C11.4
    double decidedP99 = -1;
};

// C11.4 has 100 seats for silent ones beyond 16; of 128 it says nothing.
constexpr Promise kPromises[] = {
    {4, Others::Honest, 1.2, 2.0, 1.8, 3.9},   {4, Others::Silent, 1.4, 2.9, 3.7, 6.6},
    {4, Others::Attacking, -1, -1, 3.5, 12.2}, {16, Others::Honest, 1.7, 2.2, 1.8, 3.9},
    {16, Others::Silent, 2.6, 3.8, 6.7, 8.8},  {16, Others::Attacking, -1, -1, 6.6, 31},
    {64, Others::Honest, 2.1, 2.5, 1.8, 3.9},  {64, Others::Silent, 3.6, 4.6, 9.3, 9.8},
    {64, Others::Attacking, -1, -1, 8.3, 40},  {128, Others::Honest, 2.3, 2.6, 1.8, 3.9},
    {128, Others::Silent, 4.1, 5.3, 9.3, 9.8}, {128, Others::Attacking, -1, -1, 8.3, 40},
};

/// What a wave and a decision cost with everybody honest (C5, C11.6).
struct Cost {
    std::size_t members = 0;
    double records = 0;
    double waveKilobytes = 0;
    double verifyMs = 0;
    double decisionKilobytes = -1;
};
constexpr Cost kCosts[] = {
    {4, 2.7, 0.6, 0.3, -1}, {16, 14, 3.3, 1.8, 14}, {64, 62, 14, 7.7, 55}, {128, 125, 29, 16, 109}};

constexpr double kSlack = 1.2; // PROTOCOL's figures within a fifth

std::size_t missed = 0;

void print(const std::string &name, double value, const char *unit, double promised,
           const char *table)
{
    Figure figure{"agreement_" + name, value, unit, std::nullopt, "", ""};
    if (promised >= 0) {
        char beside[64];
        std::snprintf(beside, sizeof beside, "PROTOCOL %s: %g", table, promised);
        figure.goal = promised * kSlack;
        figure.peer = beside;
    }
    missed += figure.isMissed() ? 1 : 0;
    std::printf("%s\n", lineOf(figure).c_str());
    std::fflush(stdout);
}

double mean(const std::vector<double> &values)
{
    return std::accumulate(values.begin(), values.end(), 0.0)
        / static_cast<double>(std::max<std::size_t>(values.size(), 1));
}

double quantile(std::vector<double> values, double share)
{
    std::ranges::sort(values);
    const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
    return values.empty() ? 0 : values[std::min(at, values.size() - 1)];
}

std::string nameOf(std::string kind)
{
    std::ranges::replace(kind, ' ', '_');
    return kind;
}

const char *nameOf(Others others)
{
    switch (others) {
    case Others::Honest:
        return "honest";
    case Others::Silent:
        return "silent";
    case Others::Attacking:
        break;
    }
    return "attack";
}

/// Milliseconds that one Ed25519 verification takes here and now.
double verifyMilliseconds()
{
    SystemRandom random;
    const identity::Ed25519 scheme;
    const auto key = identity::SecretKey::generate(random);
    const WorkspaceId workspace;
    const Hash hash = digest(domains::kAck, bytesOf("bench"));
    const Signature signature = scheme.sign(key, domains::kAck, workspace, hash);
    std::vector<double> times;
    for (int i = 0; i < 201; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        const bool isGood =
            scheme.verify(key.publicKey(), domains::kAck, workspace, hash, signature);
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - begin;
        times.push_back(isGood ? took.count() : 1e9);
    }
    return quantile(times, 0.5);
}

struct Series {
    std::vector<double> seconds;
    Measured sum;
    std::size_t count = 0;

    void add(const Measured &one)
    {
        seconds.insert(seconds.end(), one.seconds.begin(), one.seconds.end());
        sum.records += one.records;
        sum.recordBytes += one.recordBytes;
        sum.allBytes += one.allBytes;
        sum.copies += one.copies;
        for (const auto &[kind, total] : one.byKind)
            sum.byKind[kind] += total;
        sum.verifications += one.verifications;
        ++count;
    }
    [[nodiscard]] double each(double total) const { return total / static_cast<double>(count); }
};

std::size_t repetitionsFor(std::size_t members, bool isQuick)
{
    const std::size_t full = members <= 4 ? 60 : members <= 16 ? 30 : members <= 64 ? 8 : 5;
    return isQuick ? 3 : full;
}

/// Reports speak of everybody who wrote.
void benchWritten(std::size_t members, bool isQuick, const std::string &tail)
{
    Series decisions;
    AgreementWorld world(members, Others::Honest, Weather::Stragglers, 3);
    for (std::size_t i = repetitionsFor(members, isQuick); i > 0; --i) {
        world.write();
        decisions.add(world.decide());
    }
    print("written_decided_p50" + tail, quantile(decisions.seconds, 0.5), "s", -1, "");
    print("written_decision_bytes_in" + tail, decisions.each(decisions.sum.recordBytes) / 1000,
          "KB", -1, "");
    for (const auto &[kind, total] : decisions.sum.byKind)
        print("written_decision_bytes_in_" + nameOf(kind) + tail, decisions.each(total) / 1000,
              "KB", -1, "");
}

void benchOne(const Promise &promise, bool isQuick, double verifyMs)
{
    const auto cost = std::ranges::find(kCosts, promise.members, &Cost::members);
    const bool isPlain = promise.others == Others::Honest;
    const std::string tail = "_n" + std::to_string(promise.members) + "_" + nameOf(promise.others);
    Series waves;
    Series decisions;
    AgreementWorld even(promise.members, promise.others, Weather::Even, 1);
    AgreementWorld rough(promise.members, promise.others, Weather::Stragglers, 2);
    for (std::size_t i = repetitionsFor(promise.members, isQuick); i > 0; --i) {
        waves.add(even.wave());
        decisions.add(rough.decide());
    }
    if (isPlain)
        benchWritten(promise.members, isQuick, tail);
    print("ratified_mean" + tail, mean(waves.seconds), "s", promise.ratifiedMean, "C5");
    print("ratified_p99" + tail, quantile(waves.seconds, 0.99), "s", promise.ratifiedP99, "C5");
    print("decided_mean" + tail, mean(decisions.seconds), "s", -1, "");
    print("decided_p50" + tail, quantile(decisions.seconds, 0.5), "s", promise.decidedMedian,
          "C11.4");
    print("decided_p99" + tail, quantile(decisions.seconds, 0.99), "s", promise.decidedP99,
          "C11.4");
    print("wave_records_in" + tail, waves.each(waves.sum.records), "records",
          isPlain ? cost->records : -1, "C5");
    print("wave_copies_in" + tail, waves.each(waves.sum.copies), "records", -1, "");
    print("wave_bytes_in" + tail, waves.each(waves.sum.recordBytes) / 1000, "KB",
          isPlain ? cost->waveKilobytes : -1, "C5");
    print("wave_all_bytes_in" + tail, waves.each(waves.sum.allBytes) / 1000, "KB", -1, "");
    print("wave_verify" + tail, waves.each(waves.sum.verifications) * verifyMs, "ms",
          isPlain ? cost->verifyMs : -1, "C5");
    print("decision_records_in" + tail, decisions.each(decisions.sum.records), "records", -1, "");
    print("decision_bytes_in" + tail, decisions.each(decisions.sum.recordBytes) / 1000, "KB",
          isPlain ? cost->decisionKilobytes : -1, "C11.6");
    print("decision_copies_in" + tail, decisions.each(decisions.sum.copies), "records", -1, "");
    for (const auto &[kind, total] : decisions.sum.byKind)
        print("decision_bytes_in_" + nameOf(kind) + tail, decisions.each(total) / 1000, "KB", -1,
              "");
    print("decision_verify" + tail, decisions.each(decisions.sum.verifications) * verifyMs, "ms",
          -1, "");
}

Options parse(std::span<char *const> arguments)
{
    Options options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view word = arguments[i];
        if (word == "--quick")
            options.isQuick = true;
        else if (word == "--strict")
            options.isStrict = true;
        else if (word == "--members" && i + 1 < arguments.size())
            options.only = std::strtoul(arguments[++i], nullptr, 10);
        else if (word != "--json") // there is no other form
            options.isBad = true;
    }
    return options;
}

} // namespace

int main(int argc, char **argv)
{
    const Options options =
        parse(std::span<char *const>(argv, static_cast<std::size_t>(argc)).subspan(1));
    if (options.isBad) {
        std::fputs("bench_agreement [--json] [--quick] [--strict] [--members 4|16|64|128]\n",
                   stderr);
        return 2;
    }
    const double verifyMs = verifyMilliseconds();
    print("verify_one", verifyMs, "ms", -1, "");
    for (const Promise &promise : kPromises) {
        const bool isWanted = options.only == 0 ? !options.isQuick || promise.members <= 16
                                                : promise.members == options.only;
        if (isWanted)
            benchOne(promise, options.isQuick, verifyMs);
    }
    return options.isStrict && missed > 0 ? 1 : 0;
}
