#pragma once

#include "tests/sim/peer_shell.h"

#include <set>

namespace nlbd::sim {

/// What people will let happen in a run, so that no more hostile seats than tolerated are left
/// after any of the removals that they may agree on.
struct Plan {
    std::set<DeviceIndex> mayGo;   ///< all hostile, and some of the honest
    std::set<DeviceIndex> mayFall; ///< from writer to reader

    [[nodiscard]] static Plan drawn(World &world);
};

/// A person at one computer as one who decides: asks for changes of the group and answers what
/// others ask, sometimes no, sometimes another answer later.
class SimVoter {
public:
    SimVoter(PeerShell &shell, const Plan &plan);

    void ask();
    void askAway(DeviceIndex other);
    void receive(const api::Event &event);

private:
    [[nodiscard]] api::Wish someWish();
    [[nodiscard]] bool likes(const api::Wish &wish) const;
    void propose(api::Wish wish);
    void answer(const Hash &proposal, bool isYes, Millis within);
    [[nodiscard]] World &world() { return m_shell.world(); }
    [[nodiscard]] bool isInTheMoodToTurn() { return m_turns.below(5) == 0; }

    PeerShell &m_shell;
    const Plan &m_plan;
    SeededRandom m_turns; ///< of its own: what else happens in a world stays the same
    std::uint64_t m_requests = 0;
    std::set<Hash> m_heard;
};

} // namespace nlbd::sim
