#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nlbd::sim {

/// One short story of an agreement in lock-step phases (PROTOCOL D2.1), in the style of Twins
/// (Bano et al., 2021): in each phase the honest seats are torn into one to three groups, hostile
/// ones say something else to each, records come late or never, computers crash; then all heals.
struct ScenarioOptions {
    std::uint64_t seed = 1;
    std::size_t seats = 0; ///< 4, 5, 6, 7 or 10; 0: drawn
    bool isTraced = false; ///< prints what everybody says
};

struct ScenarioResult {
    std::optional<std::string> failure; ///< which invariant, who, where
    std::size_t seats = 0;
    bool isOverrun = false;   ///< more hostile seats than tolerated
    bool isConflict = false;  ///< overrun, and two values were decided
    bool isEarly = false;     ///< decided before all healed
    std::uint32_t rounds = 0; ///< the latest that an honest seat was in
    std::size_t votes = 0;
    std::size_t crashes = 0;
    std::size_t proofs = 0;  ///< accusations that held
    std::uint64_t trace = 0; ///< digest of all that was said
};

[[nodiscard]] ScenarioResult runScenario(const ScenarioOptions &options);

} // namespace nlbd::sim
