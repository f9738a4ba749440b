#include "crdt_plan.h"

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/utf8.h"

#include <set>
#include <utility>

namespace nlbd::bench {

namespace {

using test::Trace;

bool isAncestor(const Trace &trace, std::size_t target, std::vector<std::size_t> heads)
{
    std::set<std::size_t> visited;
    while (!heads.empty()) {
        const std::size_t next = heads.back();
        heads.pop_back();
        if (next == target)
            return true;
        if (next < target || !visited.insert(next).second)
            continue;
        const auto &parents = trace.transactions[next].parents;
        heads.insert(heads.end(), parents.begin(), parents.end());
    }
    return false;
}

/// Gives each transaction its lane as agent: that of a parent that nobody went on from, else of a
/// lane whose end it has seen, else a new one.
void assignLanes(Trace &trace)
{
    std::vector<std::size_t> lastOfLane;
    std::vector<char> isContinued(trace.transactions.size(), 0);
    std::vector<std::size_t> agents;
    for (const Trace::Transaction &transaction : trace.transactions)
        agents.push_back(transaction.agent);
    for (std::size_t i = 0; i < trace.transactions.size(); ++i) {
        Trace::Transaction &transaction = trace.transactions[i];
        std::optional<std::size_t> before;
        for (const std::size_t parent : transaction.parents) {
            const bool isOwn = agents[parent] == agents[i];
            if (isContinued[parent] == 0 && (!before || (isOwn && agents[*before] != agents[i])))
                before = parent;
        }
        std::size_t lane = lastOfLane.size();
        if (before) {
            lane = trace.transactions[*before].agent;
        } else {
            const auto found = std::ranges::find_if(lastOfLane, [&](std::size_t last) {
                return isAncestor(trace, last, transaction.parents);
            });
            lane = static_cast<std::size_t>(found - lastOfLane.begin());
        }
        if (lane == lastOfLane.size())
            lastOfLane.push_back(i);
        else
            isContinued[lastOfLane[lane]] = 1;
        lastOfLane[lane] = i;
        transaction.agent = lane;
    }
    trace.agentCount = lastOfLane.size();
}

/// What the edits of a change can come to at most: an op for each letter that goes, if each was
/// written in a change of its own.
struct Weight {
    std::size_t ops = 0;
    std::size_t bytes = 0;

    explicit Weight(const Trace::Transaction &transaction)
    {
        for (const TextPatch &patch : transaction.patches) {
            ops += patch.removed + 1;
            bytes += patch.inserted.size();
        }
    }
    [[nodiscard]] bool fitsWith(const Weight &other) const
    {
        return ops + other.ops <= limits::kOpsMax && bytes + other.bytes <= kTextBytes;
    }
    static constexpr std::size_t kTextBytes = limits::kPayloadBytesMax / 2;
};

/// Parts of a patch that fit a change each, one after the other.
TextPatches partsOf(const TextPatch &patch)
{
    constexpr TextOffset kMany = limits::kOpsMax / 2;
    constexpr TextOffset kManyLetters = Weight::kTextBytes / 4; // of up to four bytes each
    TextPatches parts;
    TextPatch rest = patch;
    for (; rest.removed > kMany; rest.removed -= kMany)
        parts.push_back({rest.at, kMany, {}});
    while (rest.inserted.size() > Weight::kTextBytes) {
        const std::size_t bytes = utf8::bytePosition(rest.inserted, kManyLetters);
        parts.push_back({rest.at, rest.removed, rest.inserted.substr(0, bytes)});
        rest = {rest.at + utf8::length(parts.back().inserted), 0, rest.inserted.substr(bytes)};
    }
    parts.push_back(std::move(rest));
    return parts;
}

/// As an author does who keeps the limits of a change: a larger transaction becomes several.
Trace withinLimits(const Trace &trace)
{
    Trace result = trace;
    result.transactions.clear();
    std::vector<std::size_t> lastOf;
    for (const Trace::Transaction &transaction : trace.transactions) {
        Trace::Transaction change{{}, transaction.agent, {}};
        for (const std::size_t parent : transaction.parents)
            change.parents.push_back(lastOf[parent]);
        for (const TextPatch &patch : transaction.patches)
            for (TextPatch &part : partsOf(patch)) {
                Trace::Transaction next{{}, transaction.agent, {std::move(part)}};
                if (!change.patches.empty() && !Weight(change).fitsWith(Weight(next))) {
                    next.parents.push_back(result.transactions.size());
                    result.transactions.push_back(std::exchange(change, std::move(next)));
                } else {
                    change.patches.push_back(std::move(next.patches.front()));
                }
            }
        lastOf.push_back(result.transactions.size());
        result.transactions.push_back(std::move(change));
    }
    return result;
}

/// Joins what one lane did in a row.
Trace joined(const Trace &trace, std::size_t editsMax)
{
    std::vector<std::size_t> children(trace.transactions.size(), 0);
    for (const Trace::Transaction &transaction : trace.transactions)
        for (const std::size_t parent : transaction.parents)
            ++children[parent];
    Trace result;
    result.isConcurrent = trace.isConcurrent;
    result.agentCount = trace.agentCount;
    result.endContent = trace.endContent;
    std::vector<std::size_t> changeOf;
    std::vector<std::size_t> tails;
    for (std::size_t i = 0; i < trace.transactions.size(); ++i) {
        const Trace::Transaction &transaction = trace.transactions[i];
        const auto &parents = transaction.parents;
        if (parents.size() == 1 && children[parents[0]] == 1) {
            const std::size_t change = changeOf[parents[0]];
            Trace::Transaction &before = result.transactions[change];
            const bool fits = before.patches.size() + transaction.patches.size() <= editsMax
                && Weight(before).fitsWith(Weight(transaction));
            if (fits && tails[change] == parents[0] && before.agent == transaction.agent) {
                before.patches.insert(before.patches.end(), transaction.patches.begin(),
                                      transaction.patches.end());
                changeOf.push_back(change);
                tails[change] = i;
                continue;
            }
        }
        changeOf.push_back(result.transactions.size());
        tails.push_back(i);
        Trace::Transaction change{{}, transaction.agent, transaction.patches};
        for (const std::size_t parent : parents)
            change.parents.push_back(changeOf[parent]);
        result.transactions.push_back(std::move(change));
    }
    return result;
}

} // namespace

Plan planFor(const Trace &trace, std::size_t editsMax)
{
    Trace lanes = withinLimits(trace);
    assignLanes(lanes);
    Plan plan{joined(lanes, editsMax), {}, {}};
    const std::size_t count = plan.trace.transactions.size();
    std::vector<std::vector<char>> isKnown(plan.trace.agentCount, std::vector<char>(count, 0));
    const auto deliver = [&](std::size_t lane, const std::vector<std::size_t> &heads) {
        auto missing = test::missingHistory(plan.trace, heads, isKnown[lane]);
        for (const std::size_t change : missing)
            isKnown[lane][change] = 1;
        return missing;
    };
    for (std::size_t i = 0; i < count; ++i) {
        const Trace::Transaction &transaction = plan.trace.transactions[i];
        plan.deliveries.push_back(deliver(transaction.agent, transaction.parents));
        isKnown[transaction.agent][i] = 1;
    }
    std::vector<std::size_t> all(count);
    for (std::size_t i = 0; i < count; ++i)
        all[i] = i;
    for (std::size_t lane = 0; lane < plan.trace.agentCount; ++lane)
        plan.missing.push_back(deliver(lane, all));
    return plan;
}

PlannedHistory::PlannedHistory(const Plan &plan, Ties ties)
    : m_ties(ties)
    , m_lanes(plan.trace.agentCount)
    , m_bySeq(m_lanes)
{
    const auto &transactions = plan.trace.transactions;
    m_changes.resize(transactions.size());
    m_seen.resize(transactions.size() * m_lanes);
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        Change &change = m_changes[i];
        change.lane = static_cast<std::uint32_t>(transactions[i].agent);
        m_bySeq[change.lane].push_back(ChangeHandle(static_cast<std::uint32_t>(i + 1)));
        change.seq = static_cast<std::uint32_t>(m_bySeq[change.lane].size());
        for (const std::size_t parent : transactions[i].parents) {
            change.lamport = std::max(change.lamport, m_changes[parent].lamport);
            for (std::size_t lane = 0; lane < m_lanes; ++lane) {
                std::uint32_t &seen = m_seen[i * m_lanes + lane];
                seen = std::max(seen, m_seen[parent * m_lanes + lane]);
            }
        }
        ++change.lamport;
        m_seen[i * m_lanes + change.lane] = change.seq;
    }
}

bool PlannedHistory::isBefore(ChangeHandle a, ChangeHandle b) const
{
    const Change &left = at(a);
    const Change &right = at(b);
    if (left.lamport != right.lamport)
        return left.lamport < right.lamport;
    return m_ties == Ties::LowLaneFirst ? left.lane < right.lane : right.lane < left.lane;
}

bool PlannedHistory::isInPast(ChangeHandle past, ChangeHandle change) const
{
    const Change &earlier = at(past);
    return m_seen[(change.value - 1) * m_lanes + earlier.lane] >= earlier.seq;
}

crdt::ChangeName PlannedHistory::nameOf(ChangeHandle change) const
{
    return {DeviceIndex(static_cast<std::uint16_t>(at(change).lane)), Seq(at(change).seq), 0};
}

std::optional<ChangeHandle> PlannedHistory::resolve(const crdt::ChangeName &name) const
{
    if (name.device.value >= m_lanes || name.branch != 0)
        return std::nullopt;
    const auto &changes = m_bySeq[name.device.value];
    if (name.seq.value == 0 || name.seq.value > changes.size())
        return std::nullopt;
    return changes[name.seq.value - 1];
}

crdt::OwnChange PlannedHistory::own(ChangeHandle change) const
{
    const crdt::ChangeName name = nameOf(change);
    return {change, name.device, name.seq};
}

} // namespace nlbd::bench
