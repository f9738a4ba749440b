#include "tests/sim/soak.h"

#include "tests/sim/checker.h"

namespace nlbd::sim {

namespace {

constexpr Millis kHour{3'600'000};
constexpr Millis kDay = 24 * kHour;
constexpr std::uint32_t kTravelFrom = 4;
constexpr std::uint32_t kTravelUntil = 20;

// An equal pair of computers says so in a digest. A tick lasts three quarters of kTickIdle at
// least; a session that came up makes more, hence twice of it.
constexpr std::uint64_t kDigestBytes = 160;
constexpr std::uint64_t kIdleBytesPerHour =
    2 * limits::kPullPeers * kDigestBytes * std::uint64_t(kHour / (limits::kTickIdle * 3 / 4));

// Whoever has a document open says every four seconds where his caret is, to everybody.
constexpr std::uint64_t kCaretBytes = 120;
constexpr std::uint64_t kCaretBytesPerHour =
    kCaretBytes * std::uint64_t(kHour / (limits::kCaretLife * 2 / 5));

} // namespace

Soak::Soak(World &world, Checker &checker, Network &network, Peers &peers)
    : m_world(world)
    , m_checker(checker)
    , m_network(network)
    , m_peers(peers)
{
}

void Soak::start()
{
    m_traveller = m_world.random.below(m_world.profile.peers - m_world.profile.hostile);
    for (std::size_t i = 0; i < m_peers.size(); ++i)
        dayOf(i, 0);
    lookEachHour();
    lookEachDay(0);
}

bool Soak::isAway(std::size_t peer, std::uint32_t day) const
{
    const bool isWeekend = day % 7 >= 5;
    return isWeekend || (peer == m_traveller && day >= kTravelFrom && day < kTravelUntil);
}

/// Virtual time begins when the first day's work does.
void Soak::dayOf(std::size_t peer, std::uint32_t day)
{
    const MonoTime morning(kDay * day);
    if (!isAway(peer, day)) {
        if (day > 0)
            m_world.queue.at(morning + m_world.between(Millis(0), kHour),
                             [this, peer] { arrive(peer); });
        m_world.queue.at(morning + 7 * kHour + m_world.between(Millis(0), 2 * kHour),
                         [this, peer] { leave(peer); });
    }
    m_world.queue.at(morning + kDay - Millis(1), [this, peer, day] {
        if (m_world.isActive)
            dayOf(peer, day + 1);
    });
}

void Soak::arrive(std::size_t peer)
{
    if (!m_world.isActive)
        return;
    m_peers[peer]->wake(m_world.random.below(2) == 0);
    m_network.peerStarted(peer);
    if (m_world.random.below(4) == 0)
        m_peers[peer]->crash(); // starts it anew, as people do
}

void Soak::leave(std::size_t peer)
{
    if (!m_world.isActive || !m_peers[peer]->isReachable())
        return;
    m_peers[peer]->sleep();
    m_network.peerSlept(peer);
}

// ---- what must not grow -------------------------------------------------------------------------

void Soak::lookEachHour()
{
    m_world.queue.after(kHour, [this] {
        const Hour now{m_checker.changesSeen(), m_checker.epochs().newest().epoch.value,
                       m_network.bytesSent()};
        const bool isIdle = now.changes == m_hour.changes && now.epochs == m_hour.epochs;
        const std::uint64_t others = m_peers.size() - 1;
        const std::uint64_t most =
            (kIdleBytesPerHour + kCaretBytesPerHour * others) * m_peers.size();
        if (isIdle && m_world.profile.hostile == 0 && now.bytes - m_hour.bytes > most)
            m_checker.fail("I11", nullptr,
                           std::to_string(now.bytes - m_hour.bytes)
                               + " bytes were sent in an hour in which nothing happened");
        m_hour = now;
        if (m_world.isActive)
            lookEachHour();
    });
}

void Soak::lookEachDay(std::uint32_t day)
{
    m_world.queue.after(kDay, [this, day] {
        std::size_t bytes = 0;
        for (const auto &peer : m_peers) {
            if (!peer->isHonest())
                continue;
            m_checker.checkDisk(*peer);
            bytes = std::max(bytes, peer->diskBytes());
        }
        m_world.note(day, "day; bytes on the largest disk", bytes);
        if (m_world.isActive)
            lookEachDay(day + 1);
    });
}

} // namespace nlbd::sim
