#include "tests/sim/simulation.h"

#include "core/base/check.h"
#include "tests/support/fast_signatures.h"
#include "tests/support/remembering_signatures.h"

namespace nlbd::sim {

namespace {

constexpr Millis kLookEvery{250};

/// For --trace: where a computer stands in what is to be decided.
std::string stateOf(PeerShell &peer)
{
    if (!peer.isUp())
        return "a computer is off";
    const api::DecisionsChanged decisions = peer.engine().decisions();
    std::string text = "peer " + std::to_string(peer.number()) + " (device "
        + std::to_string(peer.device().value) + "): epoch " + std::to_string(decisions.epoch.value)
        + ", seats " + std::to_string(peer.engine().configuration().seats.size())
        + (decisions.round ? ", round " + std::to_string(*decisions.round) : ", open");
    for (const api::ProposalInfo &proposal : decisions.open)
        text += "; " + proposal.id.hex().substr(0, 6) + " kind "
            + std::to_string(static_cast<int>(proposal.wish.kind)) + " by "
            + std::to_string(proposal.author.value) + " yes " + std::to_string(proposal.yes)
            + " no " + std::to_string(proposal.no) + (proposal.isEligible ? " eligible" : "");
    return text;
}

class Simulation {
public:
    Simulation(const Options &options, Profile profile, const identity::SignatureScheme &scheme,
               test::FoundedGroup group)
        : m_world(options.seed, std::move(profile), scheme, std::move(group), options.isTraced)
        , m_checker(m_world)
        , m_plan(Plan::drawn(m_world))
        , m_newcomers(m_world, m_checker, m_peers, [this](std::size_t i) { startPeer(i); })
    {
        makePeers();
    }

    void live()
    {
        const Profile &p = m_world.profile;
        const std::size_t others = p.clones + p.newcomers; // who start later
        for (std::size_t i = 0; i < m_peers.size() - others; ++i)
            m_world.queue.after(m_world.between(Millis(0), Millis(500)),
                                [this, i] { startPeer(i); });
        m_network->start();
        m_happenings->start(m_peers.size() - others);
        m_newcomers.start(*m_network);
        if (p.hasOfficeHours)
            m_soak->start();
        for (auto &[number, actor] : m_actors)
            actor->start();
        for (auto &[number, schemer] : m_schemers)
            schemer->start();
        assignTwinsLater();
        proposeLater();
        crashLater();
        jumpLater();
        runUntil(MonoTime(m_world.profile.active));
    }

    /// Returns how long it took until all were equal.
    Millis settle()
    {
        m_world.isActive = false;
        m_world.note(0, "quiet");
        m_isHostileSilent = m_world.random.below(2) == 0;
        for (std::size_t i = 0; i < m_users.size(); ++i) {
            m_users[i]->rest();
            m_peers[i]->disarmCrash();
        }
        m_network->heal();
        m_happenings->calm();
        if (m_world.profile.isSplit)
            partTwins(false);
        const MonoTime begin = m_world.queue.now();
        std::optional<std::string> why;
        do {
            runUntil(m_world.queue.now() + kLookEvery);
            why = m_checker.unfinished(m_peers);
        } while (why && !m_checker.failure()
                 && m_world.queue.now() < begin + m_world.profile.quietMax);
        if (why && m_world.isTraced)
            for (const auto &peer : m_peers)
                std::printf("%s\n", stateOf(*peer).c_str());
        if (why)
            m_checker.fail("I3", nullptr, "not equal and agreed after the quiet time: " + *why);
        const Millis took = m_world.queue.now() - begin;
        runUntil(m_world.queue.now() + Millis(500)); // what is in the mailboxes of the views
        return took;
    }

    void finish()
    {
        if (m_checker.failure())
            return;
        for (std::size_t i = 0; i < m_users.size(); ++i) {
            // The others' computers need not be quiet.
            if (m_peers[i]->isHonest() && m_checker.stays(*m_peers[i])
                && m_peers[i]->folder() == PeerShell::Folder::Own)
                m_users[i]->checkView();
        }
        m_checker.finish(m_peers);
    }

    [[nodiscard]] Hash trace()
    {
        Hash all = digest(domains::kFront, bytesOf(std::to_string(m_world.history)));
        for (const auto &peer : m_peers) {
            if (peer->isUp())
                all = digest(domains::kFront, {all.view(), peer->engine().traceHash().view()});
        }
        return all;
    }

    /// How much of what the world was made for did happen.
    void count(Result &result) const
    {
        result.conflicts = Checker::conflicts(m_peers);
        for (const auto &peer : m_peers) {
            if (!peer->isUp())
                continue;
            result.joined += peer->isNewcomer() && peer->engine().myDevice() != nullptr ? 1 : 0;
            result.copies += peer->engine().standing() == engine::Engine::Standing::Copy ? 1 : 0;
        }
    }

    [[nodiscard]] const Checker &checker() const { return m_checker; }
    [[nodiscard]] const World &world() const { return m_world; }
    [[nodiscard]] const Network &network() const { return *m_network; }

private:
    void makePeers()
    {
        const Profile &p = m_world.profile;
        for (std::size_t i = 0; i < p.peers; ++i)
            addPeer(DeviceIndex(static_cast<std::uint16_t>(i)), i < p.peers - p.hostile);
        for (std::size_t i = p.peers - p.hostile; p.hasTwins && i < p.peers; ++i)
            addPeer(DeviceIndex(static_cast<std::uint16_t>(i)), false);
        for (std::size_t i = 0; i < p.clones; ++i)
            addPeer(Happenings::originalOf(p, i), true);
        for (std::size_t i = 0; i < p.newcomers; ++i)
            m_peers.push_back(m_newcomers.make());
        m_network = std::make_unique<Network>(m_world, m_peers);
        for (std::size_t i = 0; i < m_peers.size(); ++i) {
            m_users.push_back(std::make_unique<SimUser>(*m_peers[i], m_checker));
            m_voters.push_back(std::make_unique<SimVoter>(*m_peers[i], m_plan));
            if (!m_peers[i]->isHonest() && p.hasForgers)
                m_forgers.emplace(i, VoteForger(m_world, m_peers[i]->device()));
            if (!m_peers[i]->isHonest())
                m_actors[i] =
                    std::make_unique<HostileActor>(m_world, m_checker, *m_network, *m_peers[i]);
            if (!m_peers[i]->isHonest() && !p.schemes.empty())
                m_schemers[i] =
                    std::make_unique<Schemer>(m_world, m_checker, *m_network, *m_peers[i]);
            wire(i);
        }
        m_happenings = std::make_unique<Happenings>(m_world, m_checker, *m_network, m_peers,
                                                    [this](std::size_t i) { startPeer(i); });
        m_soak = std::make_unique<Soak>(m_world, m_checker, *m_network, m_peers);
        m_network->setTap(
            [this](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body) {
                if (const auto actor = m_actors.find(to); actor != m_actors.end())
                    actor->second->heard(kind, body);
                const auto schemer = m_schemers.find(to);
                return schemer == m_schemers.end() || schemer->second->heard(from, kind, body);
            });
    }

    void addPeer(DeviceIndex device, bool isHonest)
    {
        m_peers.push_back(
            std::make_unique<PeerShell>(m_world, m_checker, m_peers.size(), device, isHonest));
    }

    void wire(std::size_t i)
    {
        PeerShell::Outlet outlet;
        outlet.send = [this, i](PeerId to, std::uint8_t kind, Bytes body) {
            if (const auto actor = m_actors.find(i); actor != m_actors.end())
                actor->second->distort(body);
            if (mayLeave(i, to))
                sendOrForge(i, to, kind, std::move(body));
        };
        outlet.disconnect = [this, i](PeerId peer, Code code, Millis pause) {
            if (const auto other = m_network->peerBehind(i, peer))
                m_checker.cut(*m_peers[i], *m_peers[*other], code);
            m_network->disconnect(i, peer, pause);
        };
        outlet.reach = [this, i](const PublicKey &device) { m_network->reach(i, device); };
        outlet.notify = [this, i](const api::Event &event) {
            m_users[i]->receive(event);
            m_voters[i]->receive(event);
        };
        outlet.crashed = [this, i] { peerCrashed(i); };
        if (m_actors.contains(i))
            outlet.stores = [this, i](const store::Rows &rows) {
                m_actors.at(i)->stores(rows);
                if (const auto schemer = m_schemers.find(i); schemer != m_schemers.end())
                    schemer->second->stores(rows);
            };
        m_peers[i]->setOutlet(std::move(outlet));
    }

    void sendOrForge(std::size_t from, PeerId to, std::uint8_t kind, Bytes body)
    {
        const auto forger = m_forgers.find(from);
        const auto schemer = m_schemers.find(from);
        if (forger == m_forgers.end() && schemer == m_schemers.end()) {
            m_network->send(from, to, kind, std::move(body));
            return;
        }
        std::optional<Bytes> sent = std::move(body);
        const auto victim = m_network->peerBehind(from, to);
        if (forger != m_forgers.end() && victim && m_world.isActive && m_peers[from]->isUp())
            sent = forger->second.forged(*victim, kind, std::move(*sent),
                                         m_peers[from]->engine().configuration());
        if (!sent || schemer == m_schemers.end() || !victim) {
            if (sent)
                m_network->send(from, to, kind, std::move(*sent));
            return;
        }
        auto passed = schemer->second->passed(*victim, kind, std::move(*sent));
        if (passed && passed->later > Millis(0))
            m_world.queue.after(passed->later,
                                [this, from, to, kind, body = std::move(passed->body)]() mutable {
                                    m_network->send(from, to, kind, std::move(body));
                                });
        else if (passed)
            m_network->send(from, to, kind, std::move(passed->body));
    }

    [[nodiscard]] bool mayLeave(std::size_t from, PeerId to) const
    {
        const auto actor = m_actors.find(from);
        if (actor == m_actors.end())
            return true;
        if (m_isHostileSilent)
            return false;
        const auto victim = m_network->peerBehind(from, to);
        return !victim || actor->second->lets(*victim);
    }

    void startPeer(std::size_t i)
    {
        m_happenings->beforeStart(i);
        m_peers[i]->start();
        if (!m_peers[i]->isUp())
            return; // power went again
        m_network->peerStarted(i);
        m_users[i]->start();
    }

    void peerCrashed(std::size_t i)
    {
        m_users[i]->crashed();
        m_network->peerStopped(i);
        m_world.queue.after(m_world.between(Millis(100), Millis(3000)),
                            [this, i] { startPeer(i); });
    }

    void crashLater()
    {
        if (m_world.profile.crashEvery == Millis(0))
            return;
        m_world.queue.after(m_world.around(m_world.profile.crashEvery), [this] {
            if (!m_world.isActive)
                return;
            PeerShell &victim = *m_peers[m_world.random.below(m_peers.size())];
            if (victim.isUp() && m_world.random.below(3) != 0)
                victim.armCrash();
            else
                victim.crash();
            crashLater();
        });
    }

    void proposeLater()
    {
        if (m_world.profile.proposeEvery == Millis(0))
            return;
        m_world.queue.after(m_world.around(m_world.profile.proposeEvery), [this] {
            if (!m_world.isActive)
                return;
            const std::size_t a = m_world.random.below(m_voters.size());
            const std::size_t b = m_world.random.below(m_voters.size());
            const bool isKnown = m_peers[b]->device() != PeerShell::kNobody;
            if (m_world.random.below(6) == 0 && isKnown
                && m_peers[a]->device() != m_peers[b]->device()) {
                m_voters[a]->askAway(m_peers[b]->device()); // each wants the other gone
                m_voters[b]->askAway(m_peers[a]->device());
            } else {
                m_voters[a]->ask();
            }
            proposeLater();
        });
    }

    void jumpLater()
    {
        if (m_world.profile.clockJumpEvery == Millis(0))
            return;
        m_world.queue.after(m_world.around(m_world.profile.clockJumpEvery), [this] {
            const Millis most = m_world.profile.clockSkewMax;
            m_peers[m_world.random.below(m_peers.size())]->jumpClock(m_world.between(-most, most));
            if (m_world.isActive)
                jumpLater();
        });
    }

    /// The first twins and the first half of the honest hear nothing of the others.
    void partTwins(bool isApart)
    {
        const Profile &p = m_world.profile;
        const std::size_t honest = p.peers - p.hostile;
        const auto isFirst = [&p, honest](std::size_t i) {
            return i < honest ? i < honest / 2 : i < p.peers;
        };
        for (std::size_t a = 0; a < m_peers.size(); ++a)
            for (std::size_t b = a + 1; b < m_peers.size(); ++b)
                if (isFirst(a) != isFirst(b))
                    m_network->forbid(a, b,
                                      isApart || m_peers[a]->device() == m_peers[b]->device());
    }

    /// Each twin of a device talks with some of the others, now these, now those.
    void assignTwinsLater()
    {
        const Profile &p = m_world.profile;
        if (!p.hasTwins)
            return;
        if (p.isSplit) {
            partTwins(true);
            return;
        }
        for (std::size_t k = 0; k < p.hostile; ++k) {
            const std::size_t first = p.peers - p.hostile + k;
            const std::size_t second = p.peers + k;
            m_network->forbid(first, second, true);
            for (std::size_t victim = 0; victim < first; ++victim) {
                const bool isFirst = m_world.random.below(2) == 0;
                m_network->forbid(victim, first, !isFirst);
                m_network->forbid(victim, second, isFirst);
            }
        }
        m_world.queue.after(m_world.around(Millis(6000)), [this] {
            if (m_world.isActive)
                assignTwinsLater();
        });
    }

    void runUntil(MonoTime until)
    {
        while (!m_checker.failure() && m_world.queue.runNext(until)) {
            if (m_world.queue.ran() > m_world.profile.eventsMax)
                m_checker.fail("I11", nullptr, "more events than a run can have");
        }
    }

    World m_world;
    Checker m_checker;
    std::vector<std::unique_ptr<PeerShell>> m_peers;
    std::unique_ptr<Network> m_network;
    std::vector<std::unique_ptr<SimUser>> m_users;
    Plan m_plan;
    Newcomers m_newcomers;
    std::unique_ptr<Happenings> m_happenings;
    std::unique_ptr<Soak> m_soak;
    std::vector<std::unique_ptr<SimVoter>> m_voters;
    std::map<std::size_t, std::unique_ptr<HostileActor>> m_actors;
    std::map<std::size_t, VoteForger> m_forgers;
    std::map<std::size_t, std::unique_ptr<Schemer>> m_schemers;
    bool m_isHostileSilent = false;
};

/// Seeds below keep the worlds that they had before there were strategies: some of them failed.
constexpr std::uint64_t kStrategiesFrom = 10'000;

/// Cuts the suffix off if it is there.
bool takeSuffix(std::string &name, std::string_view suffix)
{
    const bool isThere = name.ends_with(suffix);
    if (isThere)
        name.resize(name.size() - suffix.size());
    return isThere;
}

/// A name may end in "+decisions", then in "+strategies"; half of the seeds that draw a profile
/// have the one, and half the other.
std::optional<Profile> drawnProfile(const Options &options, Random &random)
{
    constexpr std::string_view kSuffix = "+decisions";
    constexpr std::string_view kStrategies = "+strategies";
    std::string name = options.profile;
    const bool hasStrategies = takeSuffix(name, kStrategies);
    const bool isAsked = takeSuffix(name, kSuffix);
    std::optional<Profile> profile = drawProfile(name, options.peers, random);
    SeededRandom apart(options.seed ^ 0xDEC1'DEDU);
    const bool isDrawn = options.profile.empty() && apart.below(2) == 0;
    if (profile && profile->name != "overrun" && (isAsked || isDrawn)) {
        addDecisions(*profile, apart);
        profile->name += kSuffix;
    }
    if (profile && profile->hasOfficeHours && options.days > 0)
        setDays(*profile, options.days);
    if (profile && options.active > Millis(0)) {
        // Everybody tells everybody: of 64 some 30 for each pair and second.
        constexpr std::uint64_t kEventsPerPairAndSecond = 100;
        profile->active = options.active;
        profile->eventsMax =
            std::max(profile->eventsMax,
                     kEventsPerPairAndSecond * profile->peers * profile->peers
                         * static_cast<std::uint64_t>(options.active.count()) / 1000);
    }
    const bool doesScheme =
        options.profile.empty() && options.seed >= kStrategiesFrom && apart.below(2) == 0;
    if (profile && profile->hostile > 0 && profile->name != "overrun"
        && (hasStrategies || doesScheme)) {
        addStrategies(*profile, apart);
        profile->name += kStrategies;
    }
    return profile;
}

} // namespace

Result run(const Options &options)
{
    Result result;
    SeededRandom random(options.seed);
    std::optional<Profile> profile = drawnProfile(options, random);
    if (!profile) {
        result.failure = "there is no such profile";
        return result;
    }
    const identity::Ed25519 ed25519;
    const test::RememberingSignatures real(ed25519);
    const test::FastSignatures fast(random);
    const identity::SignatureScheme &scheme =
        profile->isRealCrypto ? static_cast<const identity::SignatureScheme &>(real) : fast;
    Simulation simulation(options, *profile, scheme,
                          test::FoundedGroup::found(options.peers, scheme, random));
    simulation.live();
    result.profile = profile->name;
    result.isRealCrypto = profile->isRealCrypto;
    result.active = profile->active;
    if (!simulation.checker().failure())
        result.untilEqual = simulation.settle();
    simulation.finish();
    result.failure = simulation.checker().failure();
    result.trace = simulation.trace();
    result.events = simulation.world().queue.ran();
    result.frames = simulation.network().framesSent();
    result.changes = simulation.checker().changesSeen();
    simulation.count(result);
    return result;
}

} // namespace nlbd::sim
