#pragma once

#include "crdt_replay.h"
#include "figure.h"

namespace nlbd::bench {

/// The same writing again at the end of itself.
[[nodiscard]] test::Trace repeated(const test::Trace &trace, std::size_t times);

/// What an edit costs in 2, 4 ... `timesMax` times the history against what it costs in the trace,
/// local and as a whole history: no more than a logarithm grows, and what the machine's noise adds.
/// `trace` is sequential, its transactions are changes. Nothing if a text does not come out.
[[nodiscard]] std::optional<std::vector<Figure>> measureGrowth(const std::string &name,
                                                               const test::Trace &trace,
                                                               std::size_t timesMax,
                                                               std::size_t repetitions);

} // namespace nlbd::bench
