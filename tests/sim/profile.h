#pragma once

#include "core/base/random.h"
#include "core/base/time.h"
#include "tests/sim/scheme.h"

#include <optional>
#include <string>
#include <vector>

namespace nlbd::sim {

/// What kind of world a seed draws. Chances are per 10,000.
struct Profile {
    std::string name;
    std::size_t peers = 4;
    std::size_t hostile = 0; ///< the last devices of the table
    bool hasTwins = false;   ///< each hostile device runs twice: natural forks and double acks
    bool isSplit = false;    ///< two halves of the honest, each with all hostile seats for itself
    bool isRealCrypto = false;
    bool isWatched = true;   ///< false: no invariant is looked at, for benches
    Millis active{20'000};   ///< people type, things break
    Millis quietMax{60'000}; ///< after it everything must be equal (PROTOCOL D4, I3)

    Millis latencyMin{5};
    Millis latencyMax{80};
    std::uint64_t stragglers = 100; ///< frames that take up to `latencyStraggler`
    Millis latencyStraggler{300};
    std::uint64_t silentLoss = 0; ///< frames that vanish and nobody is told
    std::uint64_t announcedLoss =
        0; ///< frames that vanish, followed by Overflowed or a new session
    std::uint64_t duplicates = 0;
    bool isReordering = false; ///< frames of one link overtake each other

    Millis partitionEvery{0};    ///< mean, 0: never
    Millis partitionLasts{3000}; ///< mean
    Millis linkDropEvery{0};     ///< mean per group, 0: never

    Millis diskMin{0};
    Millis diskMax{8};
    std::uint64_t diskFailures = 0; ///< commits that fail at first
    Millis crashEvery{0};           ///< mean per group, 0: never
    Millis clockJumpEvery{0};       ///< mean per group, 0: never; wall clocks only
    Millis clockSkewMax{0};

    Millis editEvery{500};       ///< mean pause between two bursts of one person
    Millis attackEvery{0};       ///< mean per hostile device, 0: only what twins do
    std::vector<Scheme> schemes; ///< of all the hostile
    bool hasForgers = false; ///< hostile seats say other things about decisions to each second one
    Millis proposeEvery{0};  ///< mean per group, 0: nobody asks for a decision
    std::uint32_t checkpointEvery = 0; ///< changes, 0: as the policy says, which no run reaches

    // Computers beside power cuts (happenings.h); means per group, 0: never.
    Millis sleepEvery{0};
    Millis diskFullEvery{0};
    Millis diskSlowEvery{0};
    std::size_t putBack = 0; ///< honest seats that get an older disk: they may fall silent for ever
    std::size_t clones = 0;  ///< honest folders that run on a second computer as well
    std::size_t newcomers = 0;           ///< who are invited while it runs
    bool hasOfficeHours = false;         ///< soak.h
    std::uint64_t eventsMax = 2'000'000; ///< beyond it something talks to itself without end
};

/// Names that --profile takes.
[[nodiscard]] std::vector<std::string> profileNames();

/// People ask for decisions and answer. Apart from the rest, so that a seed's story without them
/// stays the same.
void addDecisions(Profile &profile, Random &random);

/// The soak's length; two days if nobody says.
void setDays(Profile &profile, std::uint32_t days);

/// Strategies of the hostile beside what they do anyway; none if nobody is hostile.
void addStrategies(Profile &profile, Random &random);

/// The profile of that name, its figures drawn from `random`; an empty name draws the name as well.
[[nodiscard]] std::optional<Profile> drawProfile(const std::string &name, std::size_t peers,
                                                 Random &random);

} // namespace nlbd::sim
