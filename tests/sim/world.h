#pragma once

#include "core/base/random.h"
#include "tests/sim/event_queue.h"
#include "tests/sim/profile.h"
#include "tests/support/group.h"

#include <cstdio>
#include <string_view>

namespace nlbd::sim {

/// What every part of a simulation shares: time, chance, the profile and the founded group.
struct World {
    World(std::uint64_t seed, Profile drawn, const identity::SignatureScheme &signatures,
          test::FoundedGroup founded, bool isTracing)
        : random(seed ^ 0x5EED'0000'0000'0001U)
        , profile(std::move(drawn))
        , scheme(signatures)
        , group(std::move(founded))
        , isTraced(isTracing)
    {
    }

    EventQueue queue;
    SeededRandom random;
    Profile profile;
    const identity::SignatureScheme &scheme;
    test::FoundedGroup group;
    bool isTraced = false;
    bool isActive = true; ///< false in the quiet phase: nothing breaks any more
    std::uint64_t history = 1469598103934665603U; ///< FNV-1a over all that happened

    [[nodiscard]] bool chance(std::uint64_t perTenThousand)
    {
        return perTenThousand > 0 && random.below(10'000) < perTenThousand;
    }
    [[nodiscard]] Millis between(Millis low, Millis high)
    {
        const auto width = static_cast<std::uint64_t>((high - low).count());
        return low + Millis(static_cast<std::int64_t>(random.below(width + 1)));
    }
    /// A pause with the given mean, between a tenth and twice of it.
    [[nodiscard]] Millis around(Millis mean) { return between(mean / 10, mean * 19 / 10); }

    /// Enters something into the history, and prints it with --trace.
    void note(std::size_t peer, std::string_view what, std::uint64_t detail = 0)
    {
        mix(static_cast<std::uint64_t>(queue.now().time_since_epoch().count()));
        mix(peer);
        mix(detail);
        for (const char c : what)
            mix(static_cast<unsigned char>(c));
        if (isTraced) {
            std::printf("%8lld ms  peer %zu  %.*s %llu\n",
                        static_cast<long long>(queue.now().time_since_epoch().count()), peer,
                        static_cast<int>(what.size()), what.data(),
                        static_cast<unsigned long long>(detail));
        }
    }

private:
    void mix(std::uint64_t value) { history = (history ^ value) * 1099511628211U; }
};

} // namespace nlbd::sim
