#pragma once

#include "figure.h"
#include "wire_series.h"

namespace nlbd::bench {

/// What came out of all repetitions of one table at one pace.
struct Outcome {
    std::string peer;
    std::string name;
    std::string mergedName;
    std::string trace;
    std::vector<std::vector<std::uint32_t>> gapsUs; ///< per repetition
    std::vector<Latencies> latencies;               ///< to the view, per repetition
    std::vector<Latencies> merged;                  ///< into the text; none if not told
};

/// Medians over the repetitions. The moment at which nlbd's view can show a key has the best
/// foreign value of the same pace as goal. That at which it is merged has what PROTOCOL C3
/// promises; keys that followed a pause, which are signed at once, are shown by themselves as well.
[[nodiscard]] std::vector<Figure> figuresOf(const std::vector<Outcome> &outcomes);

} // namespace nlbd::bench
