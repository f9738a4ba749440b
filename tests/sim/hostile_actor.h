#pragma once

#include "tests/sim/network.h"
#include "tests/support/hostile.h"

namespace nlbd::sim {

class Checker;

/// What a hostile member does besides running an engine: its own engine keeps up appearances, while
/// this forges, forks, replays, mutes and floods over the same sessions (PROTOCOL D3).
class HostileActor {
public:
    HostileActor(World &world, Checker &checker, Network &network, PeerShell &shell);

    void start();

    /// The engine's own frames pass here: some victims get nothing for a while.
    [[nodiscard]] bool lets(std::size_t victim) const;
    /// Now and then a byte of what it relays is another.
    void distort(Bytes &body);
    void heard(std::uint8_t kind, const Bytes &body);
    void stores(const store::Rows &rows);

private:
    void attackLater();
    void attack();
    void fork(std::size_t victim);
    void sendOld(std::size_t victim, bool isTampered);
    void doubleAck(std::size_t victim);
    void flood(std::size_t victim);
    void announceFalsely(std::size_t victim);
    void frameUp(std::size_t victim);
    void mount(std::size_t victim);
    void send(std::size_t victim, const hostile::Frame &frame);
    [[nodiscard]] std::size_t someVictim();

    World &m_world;
    Checker &m_checker;
    Network &m_network;
    PeerShell &m_shell;
    hostile::Pen m_pen;
    std::vector<hostile::Frame> m_old;
    std::size_t m_oldest = 0;
    std::map<std::size_t, MonoTime> m_mutedUntil;
};

} // namespace nlbd::sim
