#pragma once

#include "app/runtime.h"
#include "app/trace.h"
#include "app/verbs.h"

namespace nlbd::app {

/// One agent of a recorded session, played by this member.
struct ReplayOptions {
    std::string workspace;           ///< as --workspace
    std::string title;               ///< of the document; made by the first agent
    std::size_t agent = 0;           ///< whom this process plays
    std::vector<std::string> agents; ///< members' names, by agent
    Millis patience{600'000};
};

/// Plays until the whole trace is held here, ratified, and compared with its known end; goes on
/// where an earlier run of the same replay stopped. Which change stands for which transaction
/// follows from the trace alone, so that all players name the same pasts. `isOver` ends it early.
[[nodiscard]] VerbReply replay(Runtime &runtime, const Trace &trace, const ReplayOptions &options,
                               const std::function<bool()> &isOver);

} // namespace nlbd::app
