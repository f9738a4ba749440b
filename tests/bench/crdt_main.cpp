#include "crdt_disk.h"
#include "crdt_growth.h"
#include "crdt_huge.h"
#include "crdt_peers.h"
#include "crdt_replay.h"
#include "crdt_rich.h"
#include "crdt_time.h"
#include "figure.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <span>

using namespace nlbd;
using namespace nlbd::bench;

namespace {

struct Options {
    std::filesystem::path trace;
    std::filesystem::path reference = NLBD_TRACES "/automerge-paper.json.gz";
    std::size_t repetitions = 9;
    bool isJson = false;
    bool isQuick = false;
    bool isStrict = false;
    bool hasPeers = false;
    std::string only; ///< nothing else is replayed; for a profiler

    [[nodiscard]] bool wants(std::string_view figure) const
    {
        return only.empty() || only == figure;
    }
};

constexpr std::string_view kUsage =
    "bench_crdt --trace FILE [--json] [--quick] [--strict] [--peers] [--reference FILE]\n"
    "           [--repetitions N] [--only local|whole|each|live|disk|batch|rich|time|growth|huge]\n"
    "What core/crdt needs for a recording of real writing, in CPU time.\n"
    "  --trace FILE      gzipped, as tests/vectors/traces/README.md says\n"
    "  --json            one JSON line per figure instead of a table\n"
    "  --quick           one repetition, no growth\n"
    "  --only FIGURE     replays nothing else, for a profiler; growth then goes to 16 times\n"
    "                    the history, huge (ten million edits) is done only so\n"
    "  --repetitions N   whose medians are shown (9)\n"
    "  --strict          exit code 1 if a goal is not met\n"
    "  --peers           libraries from npm on the same trace, installed when first needed\n"
    "  --reference FILE  sequential trace that the floor of concurrent ones is measured on\n";

/// Nothing if an argument is not understood.
std::optional<Options> readOptions(std::span<char *const> arguments)
{
    Options options;
    std::size_t repetitions = 0;
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string_view word = arguments[at];
        const bool hasNext = at + 1 < arguments.size();
        if (word == "--json")
            options.isJson = true;
        else if (word == "--quick")
            options.isQuick = true;
        else if (word == "--strict")
            options.isStrict = true;
        else if (word == "--peers")
            options.hasPeers = true;
        else if (word == "--trace" && hasNext)
            options.trace = arguments[++at];
        else if (word == "--reference" && hasNext)
            options.reference = arguments[++at];
        else if (word == "--only" && hasNext)
            options.only = arguments[++at];
        else if (word == "--repetitions" && hasNext)
            repetitions = std::strtoul(arguments[++at], nullptr, 10);
        else
            return std::nullopt;
    }
    if (options.trace.empty())
        return std::nullopt;
    if (options.isQuick)
        options.repetitions = 1;
    if (repetitions > 0)
        options.repetitions = repetitions;
    return options;
}

void complain(const std::string &sentence)
{
    std::fprintf(stderr, "bench_crdt: %s\n", sentence.c_str());
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// How many edits an author signs at once where nobody else writes in between.
constexpr std::size_t kEditsPerChange = 100;

/// A trace with what is replayed of it, recorded once and not timed.
struct Course {
    test::Trace trace;
    Plan live;  ///< every transaction a change
    Plan whole; ///< kEditsPerChange
    PlannedHistory liveHistory;
    PlannedHistory wholeHistory;
    Recorded liveChanges;
    Recorded wholeChanges;

    Course(test::Trace theTrace, PlannedHistory::Ties ties)
        : trace(std::move(theTrace))
        , live(planFor(trace, 1))
        , whole(planFor(trace, kEditsPerChange))
        , liveHistory(live, ties)
        , wholeHistory(whole, ties)
    {
    }

    /// False if the texts do not come out as the trace says.
    bool record()
    {
        Exchange each = exchangeLive(live, liveHistory);
        Exchange joined = exchangeLive(whole, wholeHistory);
        liveChanges = std::move(each.changes);
        wholeChanges = std::move(joined.changes);
        return each.isAsRecorded && joined.isAsRecorded;
    }
};

/// Ties between people who typed at one place at once fall by hash; one of two orders is the
/// trace's.
std::unique_ptr<Course> courseOf(const test::Trace &trace)
{
    for (const auto ties :
         {PlannedHistory::Ties::LowLaneFirst, PlannedHistory::Ties::HighLaneFirst}) {
        auto course = std::make_unique<Course>(trace, ties);
        if (course->record())
            return course;
    }
    return nullptr;
}

struct Samples {
    std::vector<double> floor;
    std::vector<double> local;
    std::vector<double> whole;
    std::vector<double> each;
    std::vector<double> live;
    std::vector<double> bytesKept;
    std::vector<double> bytesKeptEach;
    std::vector<double> save;
    std::vector<double> readable;
    std::vector<double> edit;
    double bytesSaved = 0;
    std::vector<double> batch;
    double bytesOfBatch = 0;
};

/// All in turns, so that a busy moment of the machine falls on all of them. False if a text was
/// wrong.
bool measure(const Course &course, const test::Trace &reference, const Options &options,
             Samples &samples)
{
    bool isAsRecorded = true;
    const auto take = [&](const Taken &taken, std::vector<double> &times,
                          std::vector<double> &bytes) {
        times.push_back(taken.ms);
        bytes.push_back(static_cast<double>(taken.bytesKept));
        isAsRecorded = isAsRecorded && taken.isAsRecorded;
    };
    const bool isAlone = course.live.trace.agentCount == 1;
    const crdt::Document document = documentOf(course.wholeHistory, course.wholeChanges);
    const Bytes batch = batchOf(course.wholeHistory, course.wholeChanges);
    samples.bytesOfBatch = static_cast<double>(batch.size());
    const auto open = [&] {
        const Disk disk = saveAndOpen(course.whole, course.wholeHistory, document);
        samples.save.push_back(disk.saveMs);
        samples.readable.push_back(disk.readableMs);
        samples.edit.push_back(disk.editMs);
        samples.bytesSaved = static_cast<double>(disk.bytes);
        isAsRecorded = isAsRecorded && disk.isAsRecorded;
    };
    for (std::size_t i = 0; i < options.repetitions && isAsRecorded; ++i) {
        samples.floor.push_back(replayOnFloor(reference));
        if (options.wants("whole"))
            take(takeAll(course.whole, course.wholeHistory, course.wholeChanges), samples.whole,
                 samples.bytesKept);
        if (options.wants("disk"))
            open();
        if (options.wants("batch")) {
            std::vector<double> kept;
            take(takeBatch(course.whole, course.wholeHistory, batch), samples.batch, kept);
        }
        if (options.wants("each"))
            take(takeOneByOne(course.live, course.liveHistory, course.liveChanges), samples.each,
                 samples.bytesKeptEach);
        if (options.wants("local") && isAlone)
            samples.local.push_back(replayLocally(course.whole, course.wholeHistory));
        if (options.wants("live") && !isAlone) {
            const Exchange live = exchangeLive(course.live, course.liveHistory);
            samples.live.push_back(live.ms);
            isAsRecorded = isAsRecorded && live.isAsRecorded;
        }
    }
    return isAsRecorded;
}

struct Goals {
    std::optional<double> local;
    std::optional<double> whole;
    std::optional<double> each;
    std::optional<double> live;
    std::optional<double> keptMib;
    std::optional<double> bytesSaved;
};

/// Multiples of the floor; what has none is to be ahead of all others in one run.
Goals goalsOf(const std::string &trace)
{
    if (trace == "friendsforever")
        return {{}, 0.6, {}, 9.0, {}, {}};
    if (trace == "node_nodecc")
        return {{}, 4.0, {}, 40.0, {}, {}};
    if (trace == "automerge-paper")
        return {2.0, 2.0, 60.0, {}, 1.7, 93'001};
    return {};
}

std::vector<Figure> figuresOf(const std::string &trace, const Course &course,
                              const Samples &samples)
{
    constexpr double kMib = 1024.0 * 1024.0;
    const Goals goals = goalsOf(trace);
    std::vector<Figure> figures;
    const double floor = median(samples.floor);
    const auto add = [&](const std::string &name, double value, const std::string &unit,
                         std::optional<double> goal) {
        figures.push_back({name, value, unit, goal, "nlbd", trace});
    };
    figures.push_back({"crdt_floor", floor, "ms", {}, "rope and log", trace});
    const auto addTimes = [&](const std::string &name, const std::vector<double> &times,
                              std::optional<double> goal) {
        if (times.empty())
            return;
        add(name, median(times) / floor, "x floor", goal);
        add(name + "_cpu", median(times), "ms", {});
    };
    addTimes("crdt_local", samples.local, goals.local);
    addTimes("crdt_remote_whole", samples.whole, goals.whole);
    addTimes("crdt_remote_each", samples.each, goals.each);
    addTimes("crdt_live", samples.live, goals.live);
    addTimes("crdt_batch_whole", samples.batch, goals.whole);
    const bool hasDiskGoals = goals.bytesSaved.has_value();
    const auto ofDisk = [&](double goal) {
        return hasDiskGoals ? std::optional(goal) : std::nullopt;
    };
    addTimes("crdt_open_readable", samples.readable, ofDisk(0.1));
    addTimes("crdt_open_edit", samples.edit, ofDisk(0.4));
    addTimes("crdt_save", samples.save, ofDisk(0.25));
    if (!samples.save.empty())
        add("crdt_bytes_saved", samples.bytesSaved, "B", goals.bytesSaved);
    add("crdt_bytes_of_batch", samples.bytesOfBatch, "B", {});
    const auto bytes = [](const Recorded &changes) {
        double sum = 0;
        for (const Bytes &change : changes)
            sum += static_cast<double>(change.size());
        return sum;
    };
    if (!samples.bytesKept.empty())
        add("crdt_heap_kept", median(samples.bytesKept) / kMib, "MiB", goals.keptMib);
    if (!samples.bytesKeptEach.empty())
        add("crdt_heap_kept_each", median(samples.bytesKeptEach) / kMib, "MiB", {});
    add("crdt_changes", static_cast<double>(course.wholeChanges.size()), "changes", {});
    add("crdt_bytes_of_changes", bytes(course.wholeChanges), "B", {});
    add("crdt_bytes_of_changes_each", bytes(course.liveChanges), "B", {});
    return figures;
}

/// A slider moves at 60 frames a second; ten times the writing is there to be seen.
void addTime(const std::string &name, const Course &course, bool hasTimesTen,
             std::vector<Figure> &figures)
{
    constexpr double kFrameMs = 1000.0 / 60;
    const auto add = [&](const Course &it, const std::string &ending, std::optional<double> goal) {
        const auto measured =
            measureTime(name, ending, it.live, it.liveHistory, it.liveChanges, goal);
        figures.insert(figures.end(), measured.begin(), measured.end());
    };
    add(course, "", kFrameMs);
    const auto larger = hasTimesTen ? courseOf(repeated(course.trace, 10)) : nullptr;
    if (larger)
        add(*larger, "_x10", std::nullopt);
}

/// What is done with writing of one author only; false if a text does not come out.
bool addOfSequential(const std::string &name, const Course &course, const Options &options,
                     std::vector<Figure> &figures)
{
    constexpr std::size_t kTimesShort = 4;
    constexpr std::size_t kTimesLong = 16;
    bool isAsWritten = true;
    const auto add = [&](const std::optional<std::vector<Figure>> &measured) {
        isAsWritten = isAsWritten && measured.has_value();
        if (measured)
            figures.insert(figures.end(), measured->begin(), measured->end());
    };
    if (options.only == "growth" || (options.only.empty() && !options.isQuick))
        add(measureGrowth(name, course.whole.trace, options.only.empty() ? kTimesShort : kTimesLong,
                          options.repetitions));
    if (options.wants("rich"))
        add(measureRich(name, course.whole, course.wholeHistory, course.wholeChanges,
                        options.repetitions,
                        name == "automerge-paper" ? std::optional(1.5) : std::nullopt));
    if (options.only == "huge")
        add(measureHuge(name, course.whole.trace));
    return isAsWritten;
}

/// The goal of what has no other: less than the best of the others in this run.
void addGoalsOf(const std::vector<Figure> &others, std::vector<Figure> &figures)
{
    for (Figure &figure : figures) {
        std::optional<double> best;
        for (const Figure &other : others)
            if (other.name == figure.name && other.unit == figure.unit)
                best = std::min(best.value_or(other.value), other.value);
        if (!figure.goal)
            figure.goal = best;
    }
}

void print(const Figure &figure, bool isJson)
{
    if (isJson) {
        std::printf("%s\n", lineOf(figure).c_str());
        return;
    }
    std::printf("%-16s %-28s %12.3f %-10s", figure.peer.c_str(), figure.name.c_str(), figure.value,
                figure.unit.c_str());
    if (figure.goal)
        std::printf(" goal %.3f %s", *figure.goal, figure.isMissed() ? "MISSED" : "met");
    std::printf("\n");
}

int run(const Options &options)
{
    const auto trace = test::readTrace(options.trace.string());
    const auto reference = test::readTrace(options.reference.string());
    if (!trace || !reference) {
        complain(trace ? reference.error() : trace.error());
        return 2;
    }
    std::string name = options.trace.filename().string();
    name = name.substr(0, name.find('.'));
    const auto course = courseOf(*trace);
    Samples samples;
    // Batched as the local edits are, so that both read it from memory in the same way.
    const test::Trace floor =
        planFor(trace->isConcurrent ? *reference : *trace, kEditsPerChange).trace;
    if (!course || !measure(*course, floor, options, samples)) {
        complain("the text that came out is not the trace's own");
        return 2;
    }
    std::vector<Figure> figures = figuresOf(name, *course, samples);
    const bool isAlone = course->live.trace.agentCount == 1;
    if (isAlone && !addOfSequential(name, *course, options, figures)) {
        complain("the text that came out is not what was written");
        return 2;
    }
    if (options.wants("time"))
        addTime(name, *course, !trace->isConcurrent && !options.isQuick, figures);
    if (options.hasPeers) {
        const auto peers = measurePeers(options.trace, name, options.repetitions);
        if (peers) {
            addGoalsOf(*peers, figures);
            figures.insert(figures.end(), peers->begin(), peers->end());
        } else {
            complain("going on without the others: " + peers.error());
        }
    }
    bool isMet = true;
    for (const Figure &figure : figures) {
        print(figure, options.isJson);
        isMet = isMet && !figure.isMissed();
    }
    return isMet || !options.isStrict ? 0 : 1;
}

} // namespace

int main(int argc, char **argv)
{
    const auto options =
        readOptions(std::span<char *const>(argv + 1, static_cast<std::size_t>(argc - 1)));
    if (!options) {
        std::fputs(kUsage.data(), stderr);
        return 2;
    }
    return run(*options);
}
