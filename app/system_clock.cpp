#include "app/system_clock.h"

namespace nlbd::app {

Now readClocks()
{
    // The zero of the steady clock is arbitrary, as that of MonoTime is.
    const auto mono = std::chrono::steady_clock::now().time_since_epoch();
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {MonoTime(std::chrono::duration_cast<Millis>(mono)),
            WallTime(std::chrono::duration_cast<Millis>(wall))};
}

} // namespace nlbd::app
