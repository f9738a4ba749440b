#pragma once

#include "crdt_replay.h"
#include "figure.h"

namespace nlbd::bench {

/// What a slider over the history asks for, in milliseconds of CPU a call, medians over eight
/// places: all at a frontier, and what leads from one to the next.
[[nodiscard]] std::vector<Figure> measureTime(const std::string &trace, const std::string &ending,
                                              const Plan &plan, const PlannedHistory &history,
                                              const Recorded &changes, std::optional<double> goal);

} // namespace nlbd::bench
