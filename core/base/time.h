#pragma once

#include <chrono>

namespace nlbd {

using Millis = std::chrono::milliseconds;

/// Tag of the clock that only grows. Never read inside the core: the shell passes its value in.
struct MonotonicClock {
    using duration = Millis;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonotonicClock>;
    static constexpr bool is_steady = true;
};

/// Drives timers and budgets. Its zero is arbitrary.
using MonoTime = std::chrono::time_point<MonotonicClock, Millis>;

/// Civil time in UTC. Advisory everywhere: no rule of the protocol rests on it.
using WallTime = std::chrono::sys_time<Millis>;

/// Both clocks, read together by the shell.
struct Now {
    MonoTime mono;
    WallTime wall;
};

} // namespace nlbd
