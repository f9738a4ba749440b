#include "crdt_time.h"

#include "core/base/check.h"

#include <algorithm>

namespace nlbd::bench {

namespace {

constexpr std::uint32_t kPlaces = 8;

double medianOf(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

} // namespace

std::vector<Figure> measureTime(const std::string &trace, const std::string &ending,
                                const Plan &plan, const PlannedHistory &history,
                                const Recorded &changes, std::optional<double> goal)
{
    crdt::Document document(history);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const ChangeHandle change(static_cast<std::uint32_t>(i + 1));
        const auto ops = crdt::decodeOps(changes[i], history.own(change), history);
        CHECK(ops.has_value());
        document.integrate(change, *ops);
    }
    // What stands before is in the past: the order of a plan is causal.
    const auto upTo = [&](std::uint32_t place) {
        const auto last = static_cast<std::uint32_t>(changes.size() * place / kPlaces);
        return [last](ChangeHandle change) { return change.value <= last; };
    };
    std::vector<double> texts;
    std::vector<double> contents;
    std::vector<double> differences;
    std::size_t bytes = 0;
    for (std::uint32_t place = 1; place <= kPlaces; ++place) {
        const double start = cpuMs();
        bytes = document.textAt(upTo(place)).size();
        const double textDone = cpuMs();
        const crdt::Delta content = document.contentAt(upTo(place));
        const double contentDone = cpuMs();
        const auto steps = document.difference(upTo(place - 1), upTo(place));
        const double end = cpuMs();
        CHECK(!content.empty() && !steps.empty());
        texts.push_back(textDone - start);
        contents.push_back(contentDone - textDone);
        differences.push_back(end - contentDone);
    }
    CHECK(bytes == plan.trace.endContent.size());
    const auto figure = [&](const char *name, const std::vector<double> &times) {
        return Figure{name + ending, medianOf(times), "ms", goal, "nlbd", trace};
    };
    return {figure("crdt_time_travel_text", texts), figure("crdt_time_travel", contents),
            figure("crdt_difference", differences)};
}

} // namespace nlbd::bench
