#pragma once

#include "figure.h"
#include "wire_table.h"

/// What bench_mesh measures (README.md). Every function gives its figures, or a sentence that says
/// why there are none.
namespace nlbd::bench {

struct MeshOptions {
    std::filesystem::path folder; ///< for profiles
    std::size_t members = 10;
    std::size_t keys = 100;
    Millis idle{30'000}; ///< how long nobody types
};
using Figures = std::expected<std::vector<Figure>, std::string>;

/// Ten processes: from a key to the last of them, bytes per edit, memory per session, and what they
/// say when nobody types.
[[nodiscard]] Figures measureTable(const MeshOptions &options);

/// From the moment at which somebody begins to show himself to the moment at which he is seen.
[[nodiscard]] Figures measureFinding(std::size_t repetitions);

/// Two who type, undisturbed and then under each attack of tests/support/offenders.h.
[[nodiscard]] Figures measureHostile(const MeshOptions &options);

/// Resident bytes of a process, now and at most since the peak was last forgotten.
struct Resident {
    std::size_t now = 0;
    std::size_t peak = 0;
};
[[nodiscard]] Resident residentOf(pid_t process);
void forgetPeak(pid_t process);

} // namespace nlbd::bench
