// Random concurrent runs by the million: documents against the naive oracle.
//
//     crdt_worlds [--worlds N] [--seconds N] [--rich] [--steps N] [--seed N] [--tell]
//
// Ends after so many worlds or seconds, whatever comes first. Each world is a script of random
// steps of its own seed. A contradiction aborts and names the seed; `--worlds 1 --seed N --tell`
// says what happened in it.

#include "core/base/random.h"
#include "tests/support/script.h"

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>

#include <unistd.h>

using namespace nlbd;
using test::Width;

namespace {

struct Options {
    std::uint64_t worlds = 1000;
    std::uint64_t seconds = 0; ///< 0: as long as it takes
    std::uint64_t steps = 16;
    std::uint64_t seed = 1;
    Width width = Width::Plain;
    bool tells = false;
};

std::optional<Options> readOptions(std::span<char *const> arguments)
{
    Options options;
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string_view word = arguments[at];
        std::uint64_t *number = word == "--worlds" ? &options.worlds
            : word == "--seconds"                  ? &options.seconds
            : word == "--steps"                    ? &options.steps
            : word == "--seed"                     ? &options.seed
                                                   : nullptr;
        if (word == "--rich") {
            options.width = Width::Rich;
        } else if (word == "--tell") {
            options.tells = true;
        } else if (number != nullptr && at + 1 < arguments.size()) {
            const std::string_view value = arguments[++at];
            const auto [end, error] =
                std::from_chars(value.data(), value.data() + value.size(), *number);
            if (error != std::errc() || end != value.data() + value.size())
                return std::nullopt;
        } else {
            return std::nullopt;
        }
    }
    return options;
}

std::uint64_t g_seed = 0;

/// A broken CHECK aborts: the seed says which world it was. Only what a signal handler may call.
void nameSeed(int)
{
    char line[32] = "seed ";
    const auto [end, error] = std::to_chars(line + 5, line + sizeof line - 1, g_seed);
    *end = '\n';
    const ssize_t written = write(STDERR_FILENO, line, std::size_t(end + 1 - line));
    (void)written; // nothing is left to be done
}

/// Two to four people, most steps of the kinds that make and move text.
test::ScriptCounts run(const Options &options)
{
    SeededRandom random(g_seed);
    const std::size_t people = 2 + random.below(3);
    test::Script script(1 + random.below(2 * options.steps));
    const auto byte = [&] { return static_cast<std::uint8_t>(random.below(256)); };
    for (test::Step &step : script)
        step = {byte(), byte(), byte(), byte(), byte()};
    return runScript(people, options.width, script, test::Care::Each,
                     options.tells ? stderr : nullptr);
}

} // namespace

int main(int argc, char **argv)
{
    const auto options = readOptions(std::span(argv, std::size_t(argc)).subspan(1));
    if (!options) {
        std::fputs(
            "crdt_worlds [--worlds N] [--seconds N] [--rich] [--steps N] [--seed N] [--tell]\n",
            stderr);
        return 2;
    }
    std::signal(SIGABRT, nameSeed);
    const auto start = std::chrono::steady_clock::now();
    test::ScriptCounts sum;
    const auto secondsPassed = [start] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    std::uint64_t done = 0;
    for (; done < options->worlds; ++done) {
        if (options->seconds > 0 && secondsPassed() >= double(options->seconds))
            break;
        g_seed = options->seed + done;
        const test::ScriptCounts counts = run(*options);
        sum.changes += counts.changes;
        sum.ops += counts.ops;
        sum.letters += counts.letters;
        sum.comparisons += counts.comparisons;
    }
    std::printf(
        "%llu %s worlds agree with the oracle: %llu changes, %llu ops, %llu letters, "
        "%llu comparisons in %.0f s\n",
        static_cast<unsigned long long>(done), options->width == Width::Rich ? "rich" : "plain",
        static_cast<unsigned long long>(sum.changes), static_cast<unsigned long long>(sum.ops),
        static_cast<unsigned long long>(sum.letters),
        static_cast<unsigned long long>(sum.comparisons), secondsPassed());
    return 0;
}
