// nlbd-scenarios: short stories of the agreement, many of them. See scenario.h.

#include "tests/sim/scenario.h"

#include "core/base/mutant.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <unistd.h>

#ifdef NLBD_MUTANTS
namespace {
std::string_view activeMutant;
std::uint64_t timesReached = 0;
} // namespace

bool nlbd::isMutant(std::string_view name) noexcept
{
    const bool isActive = name == activeMutant;
    timesReached += isActive ? 1 : 0;
    return isActive;
}
#endif

namespace {

using namespace nlbd;

volatile std::uint64_t runningSeed = 0;
volatile std::uint64_t seedsDone = 0;

/// A failed CHECK or a sanitizer ends the process: the seed must be known all the same.
void onDeath(int number)
{
    char line[128];
    const int length = std::snprintf(
        line, sizeof line, "\nFAILED seed %llu after %llu scenarios: the program ended itself\n",
        static_cast<unsigned long long>(runningSeed), static_cast<unsigned long long>(seedsDone));
    static_cast<void>(!write(STDOUT_FILENO, line, static_cast<std::size_t>(length)));
    std::signal(number, SIG_DFL);
    std::raise(number);
}

struct Arguments {
    sim::ScenarioOptions options;
    std::uint64_t count = 1;
    double secondsMax = 0;
    bool isStoppedEarly = false; ///< at the first failure
    bool isBad = false;
};

Arguments parse(int argc, char **argv)
{
    Arguments a;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        const auto value = [&]() -> const char * { return i + 1 < argc ? argv[++i] : ""; };
        if (name == "--seed")
            a.options.seed = std::strtoull(value(), nullptr, 10);
        else if (name == "--count")
            a.count = std::strtoull(value(), nullptr, 10);
        else if (name == "--seconds")
            a.secondsMax = std::strtod(value(), nullptr);
        else if (name == "--seats")
            a.options.seats = std::strtoull(value(), nullptr, 10);
        else if (name == "--trace")
            a.options.isTraced = true;
        else if (name == "--stop")
            a.isStoppedEarly = true;
#ifdef NLBD_MUTANTS
        else if (name == "--mutant")
            activeMutant = value();
#endif
        else
            a.isBad = true;
    }
    a.isBad = a.isBad || a.options.seats == 1 || a.options.seats > 10;
    return a;
}

struct Totals {
    std::uint64_t scenarios = 0;
    std::uint64_t failed = 0;
    std::uint64_t overrun = 0;
    std::uint64_t conflicts = 0;
    std::uint64_t early = 0;
    std::uint64_t votes = 0;
    std::uint64_t crashes = 0;
    std::uint64_t proofs = 0;
    std::uint64_t rounds = 0;
    std::uint32_t roundsMax = 0;

    void add(const sim::ScenarioResult &result)
    {
        ++scenarios;
        failed += result.failure ? 1 : 0;
        overrun += result.isOverrun ? 1 : 0;
        conflicts += result.isConflict ? 1 : 0;
        early += result.isEarly ? 1 : 0;
        votes += result.votes;
        crashes += result.crashes;
        proofs += result.proofs;
        rounds += result.rounds;
        roundsMax = std::max(roundsMax, result.rounds);
    }
};

void printFailure(const sim::ScenarioOptions &options, const sim::ScenarioResult &result)
{
    std::printf("FAILED seed %llu (n = %zu) after %llu scenarios: %s\n"
                "  again: nlbd-scenarios --seed %llu --seats %zu --trace\n",
                static_cast<unsigned long long>(options.seed), result.seats,
                static_cast<unsigned long long>(seedsDone + 1), result.failure->c_str(),
                static_cast<unsigned long long>(options.seed), options.seats);
    std::fflush(stdout);
}

void print(const Totals &t, double seconds)
{
    // A busy machine makes the clock on the wall say little about the program.
    const double coreSeconds =
        std::max(static_cast<double>(std::clock()), 1.0) / static_cast<double>(CLOCKS_PER_SEC);
    const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
    std::printf("{\"scenarios\":%llu,\"failed\":%llu,\"seconds\":%.2f,\"perCoreSecond\":%.0f,"
                "\"overrun\":%llu,\"conflicts\":%llu,\"early\":%llu,\"votes\":%llu,"
                "\"crashes\":%llu,\"proofs\":%llu,\"rounds\":%.2f,\"roundsMax\":%u}\n",
                number(t.scenarios), number(t.failed), seconds,
                static_cast<double>(t.scenarios) / coreSeconds, number(t.overrun),
                number(t.conflicts), number(t.early), number(t.votes), number(t.crashes),
                number(t.proofs),
                static_cast<double>(t.rounds)
                    / static_cast<double>(std::max<std::uint64_t>(1, t.scenarios)),
                t.roundsMax);
}

} // namespace

int main(int argc, char **argv)
{
    const Arguments a = parse(argc, argv);
    if (a.isBad) {
        std::fputs("nlbd-scenarios --seed N [--count K] [--seconds T] [--seats 2..10] [--stop] "
                   "[--trace]\n",
                   stderr);
        return 2;
    }
    std::signal(SIGABRT, onDeath);
    std::signal(SIGSEGV, onDeath);
    const auto begin = std::chrono::steady_clock::now();
    const auto elapsed = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    Totals totals;
    for (std::uint64_t i = 0; i < a.count; ++i) {
        if (a.secondsMax > 0 && elapsed() > a.secondsMax)
            break;
        sim::ScenarioOptions options = a.options;
        options.seed += i;
        runningSeed = options.seed;
        seedsDone = i;
        sim::ScenarioResult result = sim::runScenario(options);
        if (options.seed % 50 == 0 && !result.failure
            && sim::runScenario(options).trace != result.trace)
            result.failure = "the same seed gave another story";
        totals.add(result);
        if (result.failure)
            printFailure(options, result);
        if (result.failure && a.isStoppedEarly)
            break;
    }
    print(totals, elapsed());
#ifdef NLBD_MUTANTS
    if (!activeMutant.empty() && timesReached == 0) {
        std::puts("the mutant's place was never reached");
        return 3;
    }
#endif
    return totals.failed == 0 ? 0 : 1;
}
