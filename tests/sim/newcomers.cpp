#include "tests/sim/newcomers.h"

#include "core/identity/genesis.h"
#include "tests/sim/checker.h"

namespace nlbd::sim {

namespace {

constexpr Millis kAskAgain{3'000}; // a wish may be lost with its author's power
constexpr Millis kDialEvery{400};

} // namespace

Newcomers::Newcomers(World &world, Checker &checker, Peers &peers, Start start)
    : m_world(world)
    , m_checker(checker)
    , m_peers(peers)
    , m_start(std::move(start))
{
}

std::unique_ptr<PeerShell> Newcomers::make()
{
    m_guests.push_back({m_peers.size(), identity::SecretKey::generate(m_world.random)});
    return std::make_unique<PeerShell>(m_world, m_checker, m_peers.size(),
                                       identity::SecretKey::generate(m_world.random));
}

void Newcomers::start(Network &network)
{
    m_network = &network;
    for (std::size_t i = 0; i < m_guests.size(); ++i)
        inviteLater(i, m_world.between(Millis(1000), m_world.profile.active / 2));
}

api::Wish Newcomers::admission(const Guest &guest) const
{
    api::Wish wish;
    wish.kind = api::Wish::Kind::Admit;
    wish.identity = guest.identity.publicKey();
    wish.name = std::string(kGuestName) + " " + std::to_string(guest.peer);
    wish.key = m_peers[guest.peer]->key();
    wish.certificate = identity::certifyDevice(m_world.scheme, guest.identity, wish.key);
    return wish;
}

PeerShell *Newcomers::someHost()
{
    std::vector<PeerShell *> hosts;
    for (const auto &peer : m_peers) {
        const bool isHost = peer->isHonest() && !peer->isNewcomer() && peer->isReachable()
            && m_checker.stays(*peer)
            && peer->engine().standing() == engine::Engine::Standing::Ready;
        if (isHost)
            hosts.push_back(peer.get());
    }
    return hosts.empty() ? nullptr : hosts[m_world.random.below(hosts.size())];
}

void Newcomers::inviteLater(std::size_t guest, Millis pause)
{
    m_world.queue.after(pause, [this, guest] {
        if (m_world.isActive)
            invite(guest);
    });
}

void Newcomers::invite(std::size_t guest)
{
    PeerShell &shell = *m_peers[m_guests[guest].peer];
    if (m_checker.stays(shell))
        return; // it is in
    inviteLater(guest, m_world.around(kAskAgain));
    PeerShell *host = someHost();
    if (host == nullptr)
        return;
    const identity::Configuration &now = host->engine().configuration();
    host->step(api::Command(api::Propose{++m_requests, admission(m_guests[guest])}));
    if (shell.isInvited())
        return;
    m_world.note(shell.number(), "invited", now.epoch.value);
    shell.setAnchor({now.epoch, now.decision});
    m_start(shell.number());
    dialLater(guest);
}

/// Whoever is a stranger to the one dialled gets no session.
void Newcomers::dialLater(std::size_t guest)
{
    m_world.queue.after(kDialEvery, [this, guest] {
        m_network->peerStarted(m_guests[guest].peer);
        dialLater(guest);
    });
}

} // namespace nlbd::sim
