#include "crdt_growth.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <cmath>

namespace nlbd::bench {

namespace {

struct Size {
    std::size_t times = 0;
    Plan plan;
    PlannedHistory history;
    Recorded changes;
    std::vector<double> local;
    std::vector<double> whole;

    Size(const test::Trace &trace, std::size_t theTimes)
        : times(theTimes)
        , plan(planFor(repeated(trace, theTimes), 1))
        , history(plan, PlannedHistory::Ties::LowLaneFirst)
    {
    }
};

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

} // namespace

test::Trace repeated(const test::Trace &trace, std::size_t times)
{
    test::Trace result;
    TextOffset start = 0;
    for (std::size_t i = 0; i < times; ++i) {
        for (test::Trace::Transaction transaction : trace.transactions) {
            for (TextPatch &patch : transaction.patches)
                patch.at += start;
            transaction.parents.clear();
            if (!result.transactions.empty())
                transaction.parents.push_back(result.transactions.size() - 1);
            result.transactions.push_back(std::move(transaction));
        }
        result.endContent += trace.endContent;
        start += utf8::length(trace.endContent);
    }
    return result;
}

std::optional<std::vector<Figure>> measureGrowth(const std::string &name, const test::Trace &trace,
                                                 std::size_t timesMax, std::size_t repetitions)
{
    constexpr double kNoise = 1.15;
    constexpr double kNsPerMs = 1e6;
    double edits = 0;
    for (const test::Trace::Transaction &transaction : trace.transactions)
        edits += static_cast<double>(transaction.patches.size());
    std::vector<std::unique_ptr<Size>> sizes;
    for (std::size_t times = 1; times <= timesMax; times *= 2) {
        Size &size = *sizes.emplace_back(std::make_unique<Size>(trace, times));
        Exchange written = exchangeLive(size.plan, size.history);
        if (!written.isAsRecorded)
            return std::nullopt;
        size.changes = std::move(written.changes);
    }
    for (std::size_t i = 0; i < repetitions; ++i)
        for (const auto &size : sizes) {
            // Whoever comes after the largest pays for what that gave back to the system.
            static_cast<void>(replayLocally(sizes.front()->plan, sizes.front()->history));
            size->local.push_back(replayLocally(size->plan, size->history));
            const Taken taken = takeAll(size->plan, size->history, size->changes);
            if (!taken.isAsRecorded)
                return std::nullopt;
            size->whole.push_back(taken.ms);
        }
    std::vector<Figure> figures;
    const auto add = [&](const char *what, const Size &size, std::vector<double> Size::*samples) {
        const auto times = static_cast<double>(size.times);
        const std::string ending = "_x" + std::to_string(size.times);
        const double ms = median(size.*samples) / times;
        const double once = median((*sizes.front()).*samples);
        const double goal = kNoise * std::log(edits * times) / std::log(edits);
        if (size.times > 1)
            figures.push_back({std::string("crdt_growth_") + what + ending, ms / once, "x per edit",
                               goal, "nlbd", name});
        figures.push_back({std::string("crdt_edit_") + what + ending, ms / edits * kNsPerMs, "ns",
                           std::nullopt, "nlbd", name});
    };
    for (const auto &size : sizes) {
        const auto times = static_cast<double>(size->times);
        figures.push_back({"crdt_edits_x" + std::to_string(size->times), edits * times, "edits",
                           std::nullopt, "nlbd", name});
        add("local", *size, &Size::local);
        add("whole", *size, &Size::whole);
    }
    return figures;
}

} // namespace nlbd::bench
