#pragma once

#include "crdt_replay.h"
#include "figure.h"

namespace nlbd::bench {

/// A trace as rich text: a mark over what was just typed every 50 edits, and every 200 a line break
/// that is said to be a heading, an item, a task ... Local and as a whole history from another, as
/// multiples of the plain trace in the same run, and what the disk takes. All changes of `plan`
/// must be in one row. Nothing if a text or a format does not come out.
[[nodiscard]] std::optional<std::vector<Figure>>
measureRich(const std::string &trace, const Plan &plan, const PlannedHistory &history,
            const Recorded &changes, std::size_t repetitions, std::optional<double> goal);

} // namespace nlbd::bench
