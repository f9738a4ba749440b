#pragma once

#include "figure.h"
#include "tests/support/trace.h"

#include <vector>

namespace nlbd::bench {

/// A document of ten million edits and a million letters: the trace written again and again at the
/// end, and the oldest copy deleted. What a key, a change of somebody else and a look-up cost there
/// by the clock, median and 99th percentile, and what the document holds. `trace` is sequential.
[[nodiscard]] std::vector<Figure> measureHuge(const std::string &name, const test::Trace &trace);

} // namespace nlbd::bench
