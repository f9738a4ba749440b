#pragma once

#include "tests/sim/checker.h"
#include "tests/sim/happenings.h"
#include "tests/sim/hostile_actor.h"
#include "tests/sim/newcomers.h"
#include "tests/sim/schemer.h"
#include "tests/sim/sim_user.h"
#include "tests/sim/sim_voter.h"
#include "tests/sim/soak.h"
#include "tests/sim/vote_forger.h"

namespace nlbd::sim {

struct Options {
    std::uint64_t seed = 0;
    std::size_t peers = 4;
    std::string profile; ///< empty: the seed draws one
    bool isTraced = false;
    std::uint32_t days = 0; ///< of a soak; 0: as long as the profile says
    Millis active{0};       ///< in which people type and things break; 0: as the profile draws
};

struct Result {
    std::optional<std::string> failure;
    std::string profile;
    bool isRealCrypto = false;
    Hash trace;           ///< over everything that happened: the same seed gives the same
    Millis active{0};     ///< virtual time in which people typed and things broke
    Millis untilEqual{0}; ///< virtual time from then on until all were equal and agreed
    std::uint64_t events = 0;
    std::uint64_t frames = 0;
    std::size_t changes = 0;
    std::size_t joined = 0;    ///< newcomers who are members at the end
    std::size_t copies = 0;    ///< folders that know themselves to be copies
    std::size_t conflicts = 0; ///< decisions that another one contradicts
};

/// One world from a seed: founds a group, lets it live, waits for quiet, checks.
[[nodiscard]] Result run(const Options &options);

} // namespace nlbd::sim
