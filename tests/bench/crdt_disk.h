#pragma once

#include "core/crdt/columns.h"
#include "crdt_replay.h"

namespace nlbd::bench {

/// A document with a whole history, written to memory and opened again.
struct Disk {
    double saveMs = 0;
    double readableMs = 0; ///< from bytes to the text in a string of its own
    double editMs = 0;     ///< from bytes until the first letter is typed
    std::size_t bytes = 0;
    bool isAsRecorded = false;
};
[[nodiscard]] Disk saveAndOpen(const Plan &plan, const PlannedHistory &history,
                               const crdt::Document &document);

/// The document of a whole history.
[[nodiscard]] crdt::Document documentOf(const PlannedHistory &history, const Recorded &changes);

/// All changes as one batch.
[[nodiscard]] Bytes batchOf(const PlannedHistory &history, const Recorded &changes,
                            crdt::ColumnPacker::Effort effort = crdt::ColumnPacker::Effort::Small);

/// A fresh replica that takes them: decoded, checked and integrated.
[[nodiscard]] Taken takeBatch(const Plan &plan, const PlannedHistory &history, const Bytes &batch);

} // namespace nlbd::bench
