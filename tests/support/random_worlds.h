#pragma once

#include "tests/support/fake_history.h"

#include <QtGlobal>

#include <csignal>
#include <cstdio>

/// What tests of random worlds have in common.
namespace nlbd::test {

inline std::uint64_t runningSeed = 0;

/// A broken CHECK aborts: the seed says which world it was.
inline void nameSeed(int)
{
    std::fprintf(stderr, "seed %llu\n", static_cast<unsigned long long>(runningSeed));
}

/// Calls run(seed) for so many worlds. NLBD_STRESS=1000 runs a thousand times as many.
template <typename Run>
void runWorlds(int people, int steps, int cases, Run run)
{
    std::signal(SIGABRT, nameSeed);
    cases *= std::max(1, qEnvironmentVariableIntValue("NLBD_STRESS"));
    for (int i = 0; i < cases; ++i) {
        runningSeed = std::uint64_t(people * 1'000 + steps) << 32U | std::uint64_t(i);
        run(runningSeed);
    }
}

/// Calls visit(change) for all in a random order that respects causality; below(n) draws.
template <typename Below, typename Visit>
void inCausalOrder(const FakeHistory &history, std::vector<ChangeHandle> waiting, Below below,
                   Visit visit)
{
    while (!waiting.empty()) {
        const std::size_t pick = below(waiting.size());
        const ChangeHandle change = waiting[pick];
        const bool isReady = std::ranges::none_of(waiting, [&](ChangeHandle other) {
            return other != change && history.isInPast(other, change);
        });
        if (!isReady)
            continue;
        visit(change);
        waiting.erase(waiting.begin() + std::ptrdiff_t(pick));
    }
}

} // namespace nlbd::test
