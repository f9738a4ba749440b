#include "tests/sim/network.h"

#include <utility>

namespace nlbd::sim {

Network::Network(World &world, std::vector<std::unique_ptr<PeerShell>> &peers)
    : m_world(world)
    , m_peers(peers)
    , m_groups(peers.size(), 0)
{
}

void Network::start()
{
    for (std::size_t a = 0; a < m_peers.size(); ++a) {
        for (std::size_t b = a + 1; b < m_peers.size(); ++b)
            connectSoon(a, b);
    }
    if (m_world.profile.partitionEvery > Millis(0))
        partitionLater();
    if (m_world.profile.linkDropEvery > Millis(0))
        dropLinkLater();
}

Network::Pair &Network::pairOf(std::size_t a, std::size_t b)
{
    return m_pairs[std::minmax(a, b)];
}

bool Network::mayTalk(std::size_t a, std::size_t b)
{
    return m_peers[a]->isReachable() && m_peers[b]->isReachable() && m_groups[a] == m_groups[b]
        && !pairOf(a, b).isForbidden && isKnownTo(a, b) && isKnownTo(b, a);
}

/// Whoever holds an invitation dials anybody; members let in whom a decision admitted.
bool Network::isKnownTo(std::size_t a, std::size_t b) const
{
    const engine::Engine &asked = m_peers[b]->engine();
    return !m_peers[a]->isNewcomer() || (m_peers[b]->isNewcomer() && asked.myDevice() == nullptr)
        || asked.knownConfiguration().indexOf(m_peers[a]->key()).has_value();
}

void Network::connectSoon(std::size_t a, std::size_t b)
{
    Pair &pair = pairOf(a, b);
    if (pair.isConnecting || pair.session)
        return;
    pair.isConnecting = true;
    const MonoTime when =
        std::max(pair.blockedUntil, m_world.queue.now() + m_world.between(Millis(5), Millis(400)));
    m_world.queue.at(when, [this, a, b] {
        Pair &now = pairOf(a, b);
        now.isConnecting = false;
        if (now.session || !mayTalk(a, b))
            return;
        if (now.blockedUntil > m_world.queue.now())
            connectSoon(a, b);
        else
            open(a, b);
    });
}

void Network::open(std::size_t a, std::size_t b)
{
    auto session = std::make_shared<Session>();
    session->isOpen = true;
    pairOf(a, b).session = session;
    for (std::size_t i = 0; i < 2; ++i) {
        End &end = session->ends[i];
        end.peer = i == 0 ? a : b;
        end.id = PeerId(m_nextId++);
        const Millis delay = latency();
        end.arrivals = m_world.queue.now() + delay;
        m_sessions[end.id] = {session, i};
        const DeviceIndex other = m_peers[i == 0 ? b : a]->device();
        const PublicKey key = m_peers[i == 0 ? b : a]->key();
        m_world.queue.after(delay, [this, session, i, other, key] {
            End &mine = session->ends[i];
            if (!session->isOpen)
                return;
            mine.isTold = true;
            m_world.note(mine.peer, "up", other.value);
            m_peers[mine.peer]->step(engine::PeerUp{mine.id, key});
        });
    }
}

void Network::close(std::size_t a, std::size_t b, Millis noticedWithin)
{
    Pair &pair = pairOf(a, b);
    const std::shared_ptr<Session> session = std::exchange(pair.session, nullptr);
    if (!session)
        return;
    session->isOpen = false;
    for (std::size_t i = 0; i < 2; ++i) {
        const Millis delay = m_world.between(Millis(0), noticedWithin);
        m_world.queue.after(delay, [this, session, i] {
            End &mine = session->ends[i];
            m_sessions.erase(mine.id);
            if (!std::exchange(mine.isTold, false))
                return;
            m_world.note(mine.peer, "down", mine.id.value);
            m_peers[mine.peer]->step(engine::PeerDown{mine.id});
        });
    }
    m_world.queue.after(noticedWithin + Millis(1), [this, a, b] { connectSoon(a, b); });
}

Millis Network::latency()
{
    const Profile &p = m_world.profile;
    if (m_world.chance(p.stragglers))
        return m_world.between(p.latencyMax, std::max(p.latencyMax, p.latencyStraggler));
    return m_world.between(p.latencyMin, p.latencyMax);
}

std::optional<std::size_t> Network::peerBehind(std::size_t from, PeerId session) const
{
    const auto found = m_sessions.find(session);
    if (found == m_sessions.end() || !found->second.first->isOpen)
        return std::nullopt;
    const auto &[shared, end] = found->second;
    return shared->ends[end].peer == from ? std::optional(shared->ends[1 - end].peer)
                                          : std::nullopt;
}

std::optional<PeerId> Network::sessionWith(std::size_t from, std::size_t to) const
{
    const auto pair = m_pairs.find(std::minmax(from, to));
    if (pair == m_pairs.end() || !pair->second.session)
        return std::nullopt;
    const Session &session = *pair->second.session;
    const End &mine = session.ends[session.ends[0].peer == from ? 0 : 1];
    return mine.isTold ? std::optional(mine.id) : std::nullopt;
}

void Network::send(std::size_t from, PeerId to, std::uint8_t kind, Bytes body)
{
    const auto found = m_sessions.find(to);
    if (found == m_sessions.end() || !found->second.first->isOpen)
        return;
    const auto [session, mine] = found->second;
    const std::size_t theirs = 1 - mine;
    if (session->ends[mine].peer != from)
        return;
    ++m_framesSent;
    m_bytesSent += body.size();
    const Profile &p = m_world.profile;
    if (m_world.isActive && m_world.chance(p.silentLoss))
        return;
    if (m_world.isActive && m_world.chance(p.announcedLoss)) {
        loseLoudly(from, to, session->ends[theirs].peer);
        return;
    }
    if (m_world.isActive && m_world.chance(p.duplicates))
        deliver(session, theirs, kind, body);
    deliver(session, theirs, kind, std::move(body));
}

void Network::deliver(const std::shared_ptr<Session> &session, std::size_t to, std::uint8_t kind,
                      Bytes body)
{
    End &end = session->ends[to];
    MonoTime when = std::max(m_world.queue.now() + latency(), end.arrivals);
    if (!m_world.profile.isReordering)
        end.arrivals = when;
    m_world.queue.at(when, [this, session, to, kind, body = std::move(body)]() mutable {
        End &mine = session->ends[to];
        if (!mine.isTold || !session->isOpen)
            return;
        m_world.note(mine.peer, "frame", kind);
        if (m_tap && !m_tap(session->ends[1 - to].peer, mine.peer, kind, body))
            return;
        m_peers[mine.peer]->step(engine::FrameIn{mine.id, kind, std::move(body)});
    });
}

void Network::loseLoudly(std::size_t from, PeerId session, std::size_t to)
{
    const Millis later = m_world.between(Millis(10), Millis(500));
    if (m_world.random.below(2) == 0) {
        m_world.queue.after(later, [this, from, to] { close(from, to, Millis(200)); });
        return;
    }
    m_world.queue.after(later, [this, from, session] {
        if (peerBehind(from, session))
            m_peers[from]->step(engine::Overflowed{session});
    });
}

void Network::disconnect(std::size_t from, PeerId session, Millis pause)
{
    const std::optional<std::size_t> other = peerBehind(from, session);
    if (!other)
        return;
    pairOf(from, *other).blockedUntil = m_world.queue.now() + pause;
    close(from, *other, Millis(50));
}

void Network::peerStopped(std::size_t peer)
{
    for (std::size_t other = 0; other < m_peers.size(); ++other) {
        if (other == peer)
            continue;
        if (const auto session = pairOf(peer, other).session) {
            for (End &end : session->ends) {
                if (end.peer == peer)
                    end.isTold = false; // its engine is gone
            }
        }
        close(peer, other, Millis(2000));
    }
}

void Network::peerSlept(std::size_t peer)
{
    for (std::size_t other = 0; other < m_peers.size(); ++other)
        if (other != peer)
            close(peer, other, Millis(2000));
}

void Network::peerStarted(std::size_t peer)
{
    for (std::size_t other = 0; other < m_peers.size(); ++other) {
        if (other != peer)
            connectSoon(std::min(peer, other), std::max(peer, other));
    }
}

void Network::reach(std::size_t from, const PublicKey &device)
{
    for (std::size_t other = 0; other < m_peers.size(); ++other)
        if (other != from && m_peers[other]->key() == device)
            connectSoon(std::min(from, other), std::max(from, other));
}

void Network::forbid(std::size_t a, std::size_t b, bool isForbidden)
{
    pairOf(a, b).isForbidden = isForbidden;
    if (isForbidden)
        close(a, b, Millis(50));
    else
        connectSoon(a, b);
}

void Network::partitionLater()
{
    m_world.queue.after(m_world.around(m_world.profile.partitionEvery), [this] {
        if (!m_world.isActive)
            return;
        const std::uint64_t groups = 2 + m_world.random.below(2);
        for (std::size_t &group : m_groups)
            group = m_world.random.below(groups);
        m_world.note(0, "partition", groups);
        for (std::size_t a = 0; a < m_peers.size(); ++a) {
            for (std::size_t b = a + 1; b < m_peers.size(); ++b) {
                if (m_groups[a] != m_groups[b])
                    close(a, b, Millis(1500));
            }
        }
        m_world.queue.after(m_world.around(m_world.profile.partitionLasts), [this] {
            if (m_world.isActive) {
                heal();
                partitionLater();
            }
        });
    });
}

void Network::heal()
{
    m_world.note(0, "heal");
    std::ranges::fill(m_groups, 0);
    for (std::size_t peer = 0; peer < m_peers.size(); ++peer)
        peerStarted(peer);
}

void Network::dropLinkLater()
{
    m_world.queue.after(m_world.around(m_world.profile.linkDropEvery), [this] {
        if (!m_world.isActive)
            return;
        const std::size_t a = m_world.random.below(m_peers.size());
        const std::size_t b = m_world.random.below(m_peers.size());
        if (a != b)
            close(a, b, Millis(500));
        dropLinkLater();
    });
}

} // namespace nlbd::sim
