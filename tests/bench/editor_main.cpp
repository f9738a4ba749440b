// bench_editor: how quick the page is while others write, beside a bare QPlainTextEdit.

#include "editor_page.h"
#include "editor_start.h"
#include "figure.h"

#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

using namespace nlbd;
using namespace nlbd::bench;

namespace {

constexpr const char *kUsage =
    "bench_editor [--json] [--quick] [--strict] [--keys N] [--repetitions N] [--only PART]\n"
    "The window of one of eight people, before real engines: keys while all type, beside the same\n"
    "keys in a bare QPlainTextEdit; opening, scrolling, many edits at once; the program's start.\n"
    "Draws into memory, no display is needed.\n"
    "  --keys N          of one repetition (100)\n"
    "  --repetitions N   medians are of so many (5)\n"
    "  --only PART       rich, million or start\n"
    "  --quick           small documents: only to see that it works\n"
    "  --strict          exit 1 if a goal is missed\n";

struct Options {
    Pace pace;
    Paper rich{"Rich", 100'000, 36, 0, true};
    Paper million{"Million", 12'500, 79, 2'000, false};
    std::size_t startLetters = 20'000; ///< of each of ten documents
    std::string only;
    bool isStrict = false;

    [[nodiscard]] bool has(const char *part) const { return only.empty() || only == part; }
};

std::optional<Options> readOptions(std::span<char *const> words)
{
    Options options;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        const bool hasNext = i + 1 < words.size();
        if (word == "--json") {
            continue; // there is no other form
        } else if (word == "--strict") {
            options.isStrict = true;
        } else if (word == "--quick") {
            options.pace = {1, 10, 5, 100, 30};
            options.rich.paragraphs = 1'000;
            options.million.paragraphs = 400;
            options.million.touches = 40;
            options.startLetters = 2'000;
        } else if (word == "--keys" && hasNext) {
            options.pace.keys = std::strtoul(words[++i], nullptr, 10);
        } else if (word == "--repetitions" && hasNext) {
            options.pace.repetitions = std::strtoul(words[++i], nullptr, 10);
        } else if (word == "--only" && hasNext) {
            options.only = words[++i];
        } else {
            return std::nullopt;
        }
    }
    return options.pace.keys > 0 && options.pace.repetitions > 0 ? std::optional(options)
                                                                 : std::nullopt;
}

std::size_t missed = 0;

void say(const std::string &name, double value, const char *unit,
         std::optional<double> goal = std::nullopt)
{
    const Figure figure{"editor_" + name, value, unit, goal, "", ""};
    missed += figure.isMissed() ? 1 : 0;
    std::printf("%s\n", lineOf(figure).c_str());
    std::fflush(stdout);
}

void sayKeys(const std::string &paper, const KeyTimes &times, std::optional<double> median,
             double late)
{
    constexpr double kOver = 2; // times the bare widget
    say("key_" + paper + "_p50", times.median.wall, "ms", median);
    say("key_" + paper + "_p99", times.late.wall, "ms", late);
    say("key_" + paper + "_over_bare", times.over, "times", kOver);
    say("key_" + paper + "_cpu_p50", times.median.cpu, "ms");
    say("key_" + paper + "_cpu_p99", times.late.cpu, "ms");
    say("key_" + paper + "_cpu_over_bare", times.overCpu, "times");
    say("bare_" + paper + "_p50", times.bareMedian.wall, "ms");
    say("bare_" + paper + "_p99", times.bareLate.wall, "ms");
    say("bare_" + paper + "_cpu_p50", times.bareMedian.cpu, "ms");
    say("typing_" + paper + "_thread_busy", times.busy, "percent");
}

void sayRich(Desk &desk, DocIndex doc, const Pace &pace)
{
    constexpr double kEdits = 16;
    static_cast<void>(desk.open(doc));
    desk.wait();
    sayKeys("rich", desk.type(doc, pace), 3, 8);
    const Desk::AtOnce atOnce = desk.takeAtOnce(doc, pace);
    const std::string name = "edits_" + std::to_string(pace.edits);
    say(name + "_cpu", atOnce.all, "ms", kEdits);
    say(name + "_longest_turn", atOnce.longest, "ms", kEdits);
    say(name + "_bare_cpu", atOnce.bare, "ms");
}

void sayMillion(Desk &desk, DocIndex doc, DocIndex other, const Pace &pace)
{
    constexpr double kFirstPaint = 100;
    constexpr double kFrame = 1000.0 / 60;
    std::vector<double> openings;
    std::vector<double> openingsCpu;
    for (std::size_t i = 0; i < pace.repetitions; ++i) {
        static_cast<void>(desk.open(other));
        desk.wait();
        const Took opening = desk.open(doc);
        openings.push_back(opening.wall);
        openingsCpu.push_back(opening.cpu);
        desk.wait();
    }
    say("open_million_first_paint", quantile(openings, 0.5), "ms", kFirstPaint);
    say("open_million_cpu", quantile(openingsCpu, 0.5), "ms");
    sayKeys("million", desk.type(doc, pace), std::nullopt, 16);
    for (const bool isByScreen : {false, true}) {
        const auto [middle, late] = desk.scroll(pace, isByScreen);
        const std::string name = isByScreen ? "scroll_screens_" : "scroll_lines_";
        say(name + "p50", middle.wall, "ms");
        say(name + "p99", late.wall, "ms", kFrame);
        say(name + "cpu_p99", late.cpu, "ms");
    }
}

bool sayStart(const Options &options)
{
    constexpr double kUsable = 300;
    constexpr double kMegabytes = 120;
    const auto starts = startOften(options.pace.repetitions, options.startLetters);
    if (!starts) {
        std::fprintf(stderr, "%s\n", qPrintable(starts.error()));
        return false;
    }
    say("start_to_usable", quantile(starts->milliseconds, 0.5), "ms", kUsable);
    say("resident_with_ten_documents", quantile(starts->megabytes, 0.5), "MiB", kMegabytes);
    return true;
}

} // namespace

int main(int argc, char **argv)
{
    const auto options =
        readOptions(std::span<char *const>(argv + 1, static_cast<std::size_t>(argc - 1)));
    if (!options) {
        std::fputs(kUsage, stderr);
        return 2;
    }
    qputenv("QT_QPA_PLATFORM", "offscreen");
    PaintClock clock(argc, argv);
    if (options->has("start") && !sayStart(*options))
        return 1;
    if (options->has("rich") || options->has("million")) {
        Room room;
        const DocIndex small = room.write({"Small", 60, 60, 0, false});
        const DocIndex rich = options->has("rich") ? room.write(options->rich) : small;
        const DocIndex million = options->has("million") ? room.write(options->million) : small;
        Desk desk(clock, room);
        if (options->has("rich"))
            sayRich(desk, rich, options->pace);
        if (options->has("million"))
            sayMillion(desk, million, small, options->pace);
    }
    return options->isStrict && missed > 0 ? 1 : 0;
}
