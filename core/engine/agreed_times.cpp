#include "core/engine/agreed_times.h"

#include "core/base/codec.h"
#include "core/engine/attestor.h"

#include <algorithm>
#include <charconv>

namespace nlbd::engine {

namespace {

constexpr std::string_view kPrefix = "agreed."; // device, dot, number of the row
constexpr std::int64_t kMinuteMax = INT32_MAX;
constexpr Millis kPause{10'000}; // what is agreed together is written together

std::int64_t minuteOf(WallTime time)
{
    return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
}

/// Device and number of a row; nothing if the name is of another kind.
std::optional<std::pair<std::uint16_t, std::uint16_t>> placeOf(std::string_view key)
{
    if (!key.starts_with(kPrefix))
        return std::nullopt;
    std::uint16_t device = 0;
    std::uint16_t row = 0;
    const char *end = key.data() + key.size();
    const auto first = std::from_chars(key.data() + kPrefix.size(), end, device);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.')
        return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, row);
    if (second.ec != std::errc() || second.ptr != end)
        return std::nullopt;
    return std::pair(device, row);
}

} // namespace

void AgreedTimes::add(DeviceIndex device, Seq upTo, std::int64_t minute)
{
    Known &known = m_known[device];
    if (!known.steps.empty()) {
        Step &last = known.steps.back();
        if (upTo <= last.upTo)
            return;
        minute = std::max(minute, last.minute); // a clock that was put back
        if (minute == last.minute) {
            last.upTo = upTo;
            known.kept = std::min(known.kept, known.steps.size() - 1);
            return;
        }
    }
    known.steps.push_back({upTo, minute});
}

void AgreedTimes::agreed(ChangeHandle change)
{
    if (m_state.isAlone() || m_state.isLoading)
        return;
    const auto &entry = m_state.graph.entry(change);
    add(entry.device, entry.seq, minuteOf(m_state.now.wall));
    if (!m_due)
        m_due = m_state.now.mono + kPause;
}

std::optional<WallTime> AgreedTimes::of(ChangeHandle change) const
{
    const auto &entry = m_state.graph.entry(change);
    const auto known = m_known.find(entry.device);
    if (known == m_known.end())
        return std::nullopt;
    const Steps &steps = known->second.steps;
    const auto step = std::ranges::lower_bound(steps, entry.seq, {}, &Step::upTo);
    if (step == steps.end() || step->minute == kUnknown)
        return std::nullopt;
    return std::min(WallTime(std::chrono::minutes(step->minute)), m_state.now.wall);
}

// ---- on the disk --------------------------------------------------------------------------------

store::MetaRow AgreedTimes::rowOf(DeviceIndex device, const Steps &steps, std::size_t row)
{
    Writer out;
    Step before{Seq(), 0};
    const std::size_t end = std::min(steps.size(), (row + 1) * kRowSteps);
    for (std::size_t i = row * kRowSteps; i < end; ++i) {
        out.varint(steps[i].upTo.value - before.upTo.value);
        out.varint(static_cast<std::uint64_t>(steps[i].minute - before.minute));
        before = steps[i];
    }
    return {std::string(kPrefix) + std::to_string(device.value) + "." + std::to_string(row),
            std::move(out).take()};
}

/// The rows are as many as before, or fewer: those that are over go.
void AgreedTimes::thin(DeviceIndex device, Known &known)
{
    const std::size_t rows = (known.steps.size() + kRowSteps - 1) / kRowSteps;
    Steps rest;
    for (std::size_t i = known.steps.size() % 2 == 0 ? 1 : 0; i < known.steps.size(); i += 2)
        rest.push_back(known.steps[i]);
    known.steps = std::move(rest);
    known.kept = 0;
    store::Rows over;
    for (std::size_t row = (known.steps.size() + kRowSteps - 1) / kRowSteps; row < rows; ++row)
        over.emplace_back(store::MetaRow{rowOf(device, {}, row).key, {}});
    m_state.out.persist(std::move(over), store::Sync::Lazy);
}

void AgreedTimes::keepIfDue()
{
    if (!m_due || m_state.now.mono < *m_due)
        return;
    m_due.reset();
    store::Rows rows;
    for (auto &[device, known] : m_known) {
        if (known.steps.size() > kStepsMax)
            thin(device, known);
        if (known.kept == known.steps.size())
            continue;
        for (std::size_t row = known.kept / kRowSteps; row * kRowSteps < known.steps.size(); ++row)
            rows.emplace_back(rowOf(device, known.steps, row));
        known.kept = known.steps.size();
    }
    if (!rows.empty())
        m_state.out.persist(std::move(rows), store::Sync::Lazy);
}

void AgreedTimes::load(const std::vector<store::MetaRow> &meta)
{
    std::map<std::pair<std::uint16_t, std::uint16_t>, const Bytes *> rows; // in order
    for (const store::MetaRow &row : meta)
        if (const auto place = placeOf(row.key))
            rows.emplace(*place, &row.value);
    for (const auto &[place, value] : rows) {
        const DeviceIndex device(place.first);
        Reader in(*value);
        Step step{Seq(), 0};
        for (std::size_t i = 0; in.left() > 0 && i < kRowSteps; ++i) {
            step.upTo = Seq(step.upTo.value + in.varint());
            step.minute += static_cast<std::int64_t>(in.varint(kMinuteMax));
            if (in.ok() && step.minute <= kMinuteMax) // what a bad row takes is a hint, no text
                add(device, step.upTo, step.minute);
        }
        Known &known = m_known[device];
        known.kept = known.steps.size();
    }
    for (std::size_t i = 0; i < m_state.graph.chainCount(); ++i) {
        const history::ChainId chain(static_cast<std::uint16_t>(i));
        const Seq height = m_state.attestor->ratification().ratifiedHeight(chain);
        if (height == Seq() || m_state.isAlone())
            continue;
        // Of the last moments before a crash it is known now, at the latest.
        const DeviceIndex device = m_state.graph.deviceOf(chain);
        add(device, height, m_known[device].steps.empty() ? kUnknown : minuteOf(m_state.now.wall));
    }
}

} // namespace nlbd::engine
