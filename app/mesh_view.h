#pragma once

#include "app/loop_input.h"
#include "app/reaching.h"
#include "net/mesh_report.h"

namespace nlbd::app {

/// What the loop keeps to tell people what the mesh does (loop_connections.cpp). Whoever asks waits
/// for a fresh report, a few at most; where there is no network to ask, nobody waits.
struct MeshView {
    static constexpr std::size_t kWaitersMax = 64;

    net::MeshReport report; ///< the last one
    std::vector<std::function<void(Loop &)>> waiters;
    bool isWatched = false;
    bool isPortWanted = false; ///< the router is to be asked
    Reaching reaching;
};

} // namespace nlbd::app
