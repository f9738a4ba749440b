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

// What a disk holds beside the texts. A few open wishes with everybody's answers, and the records
// of one epoch; each of these goes with it.
constexpr std::size_t kControlRowsPerSeat = 64;
constexpr std::size_t kWritesWaitingMax = 64;

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
        for (const auto &peer : m_peers)
            if (peer->isHonest() && peer->isReachable())
                checkQueues(*peer);
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
            checkDisk(*peer);
            bytes = std::max(bytes, peer->diskBytes());
        }
        m_world.note(day, "day; bytes on the largest disk", bytes);
        if (m_world.isActive)
            lookEachDay(day + 1);
    });
}

void Soak::checkQueues(PeerShell &peer)
{
    const engine::Snapshot now = peer.engine().snapshot();
    if (now.orphans > limits::kOrphansPerDevice * m_peers.size())
        m_checker.fail("I11", &peer, "holds too many changes that wait for others");
    if (peer.writesWaiting() > kWritesWaitingMax)
        m_checker.fail("I11", &peer, "has a disk that does not follow");
    if (peer.engine().decisions().open.size() > 4 * m_peers.size())
        m_checker.fail("I11", &peer, "holds too many open wishes");
}

void Soak::checkDisk(PeerShell &peer)
{
    const auto stored = peer.store().load();
    const std::size_t seats = m_checker.epochs().newest().seats.size();
    if (stored->control.size() > kControlRowsPerSeat * seats)
        m_checker.fail("I11", &peer,
                       "stores " + std::to_string(stored->control.size())
                           + " records about one decision");
    if (stored->acks.size() > m_peers.size() || stored->refusals.size() > limits::kRefusalsMax
        || stored->evidence.size() > limits::kEvidenceMax)
        m_checker.fail("I11", &peer, "stores more than the limits say");
    // The journal has a row for whatever this device signed, and nothing else.
    std::size_t mine = 0;
    for (const store::ChangeRow &row : stored->changes)
        mine += row.device == peer.device() ? 1 : 0;
    if (stored->changes.size() > m_checker.changesSeen() || mine > stored->journal.size())
        m_checker.fail("I11", &peer, "stores changes that nobody made");
}

} // namespace nlbd::sim
