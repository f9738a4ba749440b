#include "wire_report.h"

#include "core/base/limits.h"

#include <algorithm>

namespace nlbd::bench {

namespace {

constexpr double kMedian = 0.5;
constexpr double kTail = 0.99;
constexpr std::string_view kOurs = "nlbd";
/// A letter is signed when it is 400 ms old at the latest; the disk and the way take the rest.
constexpr double kMergedGoalMs = limits::kFlushAge.count() + 50;

double medianOver(const std::vector<Latencies> &repetitions, double share)
{
    std::vector<double> values;
    for (const Latencies &latencies : repetitions)
        values.push_back(percentile(latencies, share));
    return percentile(std::move(values), kMedian);
}

/// Only the keys that followed a pause in typing.
std::vector<Latencies> afterPause(const Outcome &outcome)
{
    const auto idle =
        std::chrono::duration_cast<std::chrono::microseconds>(limits::kFlushIdle).count();
    std::vector<Latencies> result;
    for (std::size_t i = 0; i < outcome.merged.size(); ++i) {
        Latencies chosen;
        for (std::size_t key = 0; key < outcome.merged[i].size(); ++key)
            if (outcome.gapsUs[i][key] > idle)
                chosen.push_back(outcome.merged[i][key]);
        if (!chosen.empty())
            result.push_back(std::move(chosen));
    }
    return result;
}

std::optional<double> bestForeign(const std::vector<Outcome> &outcomes, const std::string &trace,
                                  double share)
{
    std::optional<double> best;
    for (const Outcome &outcome : outcomes) {
        if (outcome.peer == kOurs || outcome.trace != trace || outcome.latencies.empty())
            continue;
        const double value = medianOver(outcome.latencies, share);
        best = std::min(best.value_or(value), value);
    }
    return best;
}

} // namespace

std::vector<Figure> figuresOf(const std::vector<Outcome> &outcomes)
{
    std::vector<Figure> result;
    for (const Outcome &outcome : outcomes) {
        if (outcome.latencies.empty())
            continue;
        const bool isOurs = outcome.peer == kOurs;
        const auto add = [&](const std::string &name, double value, std::optional<double> goal) {
            result.push_back({name, value, "ms", goal, outcome.peer, outcome.trace});
        };
        for (const auto &[ending, share] : {std::pair("_p50", kMedian), std::pair("_p99", kTail)})
            add(outcome.name + ending, medianOver(outcome.latencies, share),
                isOurs ? bestForeign(outcomes, outcome.trace, share) : std::nullopt);
        if (outcome.merged.empty())
            continue;
        add(outcome.mergedName + "_p50", medianOver(outcome.merged, kMedian), std::nullopt);
        add(outcome.mergedName + "_p99", medianOver(outcome.merged, kTail), kMergedGoalMs);
        const auto rested = afterPause(outcome);
        if (rested.empty())
            continue;
        add(outcome.mergedName + "_after_pause_p50", medianOver(rested, kMedian), std::nullopt);
        add(outcome.mergedName + "_after_pause_p99", medianOver(rested, kTail), std::nullopt);
    }
    return result;
}

} // namespace nlbd::bench
