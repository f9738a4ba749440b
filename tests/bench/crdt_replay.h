#pragma once

#include "core/crdt/document.h"
#include "crdt_plan.h"

namespace nlbd::bench {

/// CPU time of this process in milliseconds.
[[nodiscard]] double cpuMs();

/// What the process holds on the heap, in bytes, the allocator's own share included.
[[nodiscard]] std::size_t heapBytes();

/// The changes of a plan as they travel.
using Recorded = std::vector<Bytes>;

/// The edits of a trace on the floor, in milliseconds.
[[nodiscard]] double replayOnFloor(const test::Trace &trace);

/// Every edit by itself as a local one, nothing encoded; milliseconds. The text must come out.
[[nodiscard]] double replayLocally(const Plan &plan, const PlannedHistory &history);

/// Live replicas that edit, encode and exchange as the event graph says, until all have all.
struct Exchange {
    double ms = 0;
    Recorded changes;
    bool isAsRecorded = false; ///< all replicas hold the trace's own final text
};
[[nodiscard]] Exchange exchangeLive(const Plan &plan, const PlannedHistory &history);

/// The text, and a letter typed into the middle of it by a change to come: what a replica put off
/// is done then.
[[nodiscard]] std::string readAndEdit(crdt::Document &document, std::size_t changes);

/// A fresh replica that takes all changes in one go, to editable text.
struct Taken {
    double ms = 0;
    std::size_t bytesKept = 0;
    bool isAsRecorded = false;
};
[[nodiscard]] Taken takeAll(const Plan &plan, const PlannedHistory &history,
                            const Recorded &changes);

/// The same when each change comes by itself, as from the network.
[[nodiscard]] Taken takeOneByOne(const Plan &plan, const PlannedHistory &history,
                                 const Recorded &changes);

} // namespace nlbd::bench
