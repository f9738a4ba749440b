#pragma once

#include "tests/sim/network.h"

namespace nlbd::sim {

class Checker;

/// Nobody types then, so that there are hours in which nothing happens. Days begin with the work.
[[nodiscard]] inline bool isLunch(MonoTime now)
{
    using std::chrono::hours;
    const auto intoDay = now.time_since_epoch() % hours(24);
    return intoDay >= hours(4) && intoDay < hours(5);
}

/// Weeks of an office (PROTOCOL D2.4): people come in the morning, type a little now and then,
/// close their notebooks in the evening, are away on weekends, and one of them for two weeks. What
/// must not grow is looked at once a day (D4, I11).
class Soak {
public:
    using Peers = std::vector<std::unique_ptr<PeerShell>>;

    Soak(World &world, Checker &checker, Network &network, Peers &peers);

    void start();

private:
    void dayOf(std::size_t peer, std::uint32_t day);
    void arrive(std::size_t peer);
    void leave(std::size_t peer);
    [[nodiscard]] bool isAway(std::size_t peer, std::uint32_t day) const;
    void lookEachHour();
    void lookEachDay(std::uint32_t day);

    World &m_world;
    Checker &m_checker;
    Network &m_network;
    Peers &m_peers;
    std::size_t m_traveller = 0; ///< who is away for two weeks
    struct Hour {
        std::size_t changes = 0;
        std::size_t epochs = 0;
        std::uint64_t bytes = 0;
    } m_hour; ///< as it began
};

} // namespace nlbd::sim
