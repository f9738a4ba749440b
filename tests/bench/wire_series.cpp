#include "wire_series.h"

#include "core/base/check.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace nlbd::bench {

namespace {

constexpr Millis kSlack{30'000}; ///< for the last keys to arrive

/// "FIRST TIME TIME ..." as times.
std::expected<std::vector<std::int64_t>, std::string>
readTimes(std::string_view line, std::size_t first, std::size_t count)
{
    std::vector<std::int64_t> numbers;
    for (const char *at = line.data(), *end = at + line.size(); at < end; ++at) {
        std::int64_t number = 0;
        const auto read = std::from_chars(at, end, number);
        if (read.ec != std::errc())
            return std::unexpected("no number in \"" + std::string(at, end) + '"');
        numbers.push_back(number);
        at = read.ptr;
    }
    if (numbers.size() != count + 1 || numbers.front() != static_cast<std::int64_t>(first))
        return std::unexpected("times of " + std::to_string(numbers.size())
                               + " keys, not of these");
    numbers.erase(numbers.begin());
    return numbers;
}

std::expected<std::vector<std::int64_t>, std::string>
hearTimes(Child &child, std::string_view word, std::size_t first, std::size_t count, Millis timeout)
{
    const auto line = child.hear(word, timeout);
    if (!line)
        return std::unexpected(line.error());
    return readTimes(*line, first, count);
}

} // namespace

std::int64_t Pace::durationMs() const
{
    return std::accumulate(gapsUs.begin(), gapsUs.end(), std::int64_t{0}) / 1000;
}

Pace humanPace(std::size_t keys, std::mt19937 &random)
{
    constexpr double kFloorUs = 40'000;
    constexpr double kRestUs = 160'000;
    constexpr double kLongestUs = 2'000'000;
    Pace pace{"human-200ms", {}};
    // By hand: std::exponential_distribution gives different numbers with different libraries.
    for (std::size_t key = 0; key < keys; ++key) {
        const double share = (static_cast<double>(random()) + 0.5) / 4294967296.0;
        const double gap = std::min(kFloorUs - kRestUs * std::log(share), kLongestUs);
        pace.gapsUs.push_back(static_cast<std::uint32_t>(gap));
    }
    return pace;
}

Pace briskPace(std::size_t keys)
{
    return {"steady-80ms", std::vector<std::uint32_t>(keys, 80'000)};
}

std::expected<Series, std::string> runSeries(Table &table, const Pace &pace)
{
    CHECK(table.typist.size() == 1 && !table.readers.empty());
    const std::size_t first = table.typed;
    const std::size_t count = pace.gapsUs.size();
    CHECK(first + count <= kKeysMax);
    table.typed += count;
    Child &typist = table.typist.front();
    std::string order = "type " + std::to_string(first);
    for (const std::uint32_t gap : pace.gapsUs)
        order += ' ' + std::to_string(gap);
    for (Child &reader : table.readers)
        if (!reader.say("expect " + std::to_string(first) + ' ' + std::to_string(count)))
            return std::unexpected("a reader is gone");
    if (!typist.say(std::move(order)))
        return std::unexpected("the typist is gone");
    const auto typed = hearTimes(typist, "typed", first, count, Millis(pace.durationMs()) + kSlack);
    if (!typed)
        return std::unexpected(typed.error());
    Series result{Latencies(count, 0), Latencies(table.mergedName.empty() ? 0 : count, 0)};
    const auto hear = [&](Child &reader, std::string_view word,
                          Latencies &into) -> std::expected<void, std::string> {
        if (into.empty())
            return {};
        const auto times = hearTimes(reader, word, first, count, kSlack);
        if (!times)
            return std::unexpected(times.error());
        for (std::size_t key = 0; key < count; ++key)
            into[key] =
                std::max(into[key], static_cast<double>((*times)[key] - (*typed)[key]) / 1e6);
        return {};
    };
    for (Child &reader : table.readers) {
        if (auto heard = hear(reader, "seen", result.visible); !heard)
            return std::unexpected(heard.error());
        if (auto heard = hear(reader, "merged", result.merged); !heard)
            return std::unexpected(heard.error());
    }
    return result;
}

double percentile(std::vector<double> values, double share)
{
    CHECK(!values.empty());
    std::ranges::sort(values);
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

} // namespace nlbd::bench
