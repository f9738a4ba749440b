#include "crdt_replay.h"

#include "core/base/check.h"
#include "crdt_bytes.h"
#include "crdt_floor.h"

#include <ctime>
#include <malloc.h>

namespace nlbd::bench {

namespace {

using test::Trace;

ChangeHandle handleOf(std::size_t change)
{
    return ChangeHandle(static_cast<std::uint32_t>(change + 1));
}

/// The edits of one change, as its author makes them.
void type(crdt::Document &document, const TextPatches &patches, crdt::Draft &draft)
{
    for (const TextPatch &patch : patches) {
        if (patch.removed > 0)
            document.erase(patch.at, patch.removed, draft);
        if (!patch.inserted.empty())
            document.insert(patch.at, patch.inserted, draft);
    }
}

void receive(crdt::Document &document, const PlannedHistory &history, std::size_t number,
             const Bytes &bytes)
{
    const ChangeHandle change = handleOf(number);
    static crdt::Ops room;
    auto ops = crdt::decodeOps(bytes, history.own(change), history, 0, std::move(room));
    CHECK(ops.has_value());
    const auto isInPast = [&](ChangeHandle it) { return history.isInPast(it, change); };
    CHECK(document.check(change, *ops, isInPast).has_value());
    document.integrate(change, *ops);
    room = std::move(*ops);
}

} // namespace

double cpuMs()
{
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

std::size_t heapBytes()
{
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

double replayOnFloor(const Trace &trace)
{
    const std::optional<Trace> converted =
        isAscii(trace) ? std::nullopt : std::optional<Trace>(inBytes(trace));
    const Trace &edits = converted ? *converted : trace;
    const double start = cpuMs();
    Floor floor;
    for (const Trace::Transaction &transaction : edits.transactions)
        for (const TextPatch &patch : transaction.patches) {
            if (patch.removed > 0)
                floor.erase(patch.at, patch.removed);
            if (!patch.inserted.empty())
                floor.insert(patch.at, patch.inserted);
        }
    const double end = cpuMs();
    CHECK(floor.text() == trace.endContent);
    return end - start;
}

double replayLocally(const Plan &plan, const PlannedHistory &history)
{
    const double start = cpuMs();
    crdt::Document document(history);
    crdt::Draft draft;
    for (std::size_t i = 0; i < plan.trace.transactions.size(); ++i) {
        draft.restart(handleOf(i));
        type(document, plan.trace.transactions[i].patches, draft);
    }
    const double end = cpuMs();
    CHECK(document.text() == plan.trace.endContent);
    return end - start;
}

Exchange exchangeLive(const Plan &plan, const PlannedHistory &history)
{
    Exchange result;
    result.changes.resize(plan.trace.transactions.size());
    std::vector<crdt::Document> lanes;
    for (std::size_t lane = 0; lane < plan.trace.agentCount; ++lane)
        lanes.emplace_back(history);
    const double start = cpuMs();
    for (std::size_t i = 0; i < plan.trace.transactions.size(); ++i) {
        const Trace::Transaction &transaction = plan.trace.transactions[i];
        crdt::Document &document = lanes[transaction.agent];
        for (const std::size_t change : plan.deliveries[i])
            receive(document, history, change, result.changes[change]);
        crdt::Draft draft{handleOf(i), {}, 0};
        type(document, transaction.patches, draft);
        result.changes[i] = crdt::encodeOps(draft.ops, history.own(draft.change), history);
    }
    for (std::size_t lane = 0; lane < lanes.size(); ++lane)
        for (const std::size_t change : plan.missing[lane])
            receive(lanes[lane], history, change, result.changes[change]);
    result.ms = cpuMs() - start;
    result.isAsRecorded = std::ranges::all_of(lanes, [&](const crdt::Document &document) {
        return document.text() == plan.trace.endContent;
    });
    return result;
}

std::string readAndEdit(crdt::Document &document, std::size_t changes)
{
    std::string text = document.text();
    crdt::Draft draft{handleOf(changes), {}, 0};
    document.insert(document.length() / 2, "x", draft);
    return text;
}

Taken takeAll(const Plan &plan, const PlannedHistory &history, const Recorded &changes)
{
    Taken result;
    const std::size_t before = heapBytes();
    const double start = cpuMs();
    crdt::Document document(history);
    for (std::size_t i = 0; i < changes.size(); ++i)
        receive(document, history, i, changes[i]);
    const std::string text = readAndEdit(document, changes.size());
    result.ms = cpuMs() - start;
    result.bytesKept = heapBytes() - before - text.capacity();
    result.isAsRecorded = text == plan.trace.endContent;
    return result;
}

Taken takeOneByOne(const Plan &plan, const PlannedHistory &history, const Recorded &changes)
{
    return takeAll(plan, history, changes);
}

} // namespace nlbd::bench
