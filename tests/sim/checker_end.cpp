#include "tests/sim/checker.h"

#include "core/base/check.h"
#include "tests/sim/rebuild.h"

namespace nlbd::sim {

namespace {

std::string placesMissingIn(const history::CausalGraph &here, const history::CausalGraph &there)
{
    std::string places;
    for (std::uint32_t i = 1; i <= here.size() && places.size() < 120; ++i) {
        const auto &entry = here.entry(ChangeHandle(i));
        if (there.find(entry.hash) == ChangeHandle()) {
            places += " (" + std::to_string(entry.device.value) + ", "
                + std::to_string(entry.seq.value) + ", " + entry.hash.hex().substr(0, 6) + ")";
        }
    }
    return places.empty() ? " nothing" : places;
}

std::string differenceOf(const history::CausalGraph &one, const history::CausalGraph &other)
{
    return " and the first differ: only here" + placesMissingIn(one, other) + "; only there"
        + placesMissingIn(other, one);
}

} // namespace

// ---- quiet ---------------------------------------------------------------------------------

bool Checker::mustBeRatified(const Hash &hash)
{
    const auto known = m_mustBeRatified.find(hash);
    if (known != m_mustBeRatified.end())
        return known->second;
    // Iterative depth first: a change stands on a fork if a parent does.
    std::vector<Hash> open{hash};
    while (!open.empty()) {
        const Hash next = open.back();
        const auto change = m_changes.find(next);
        if (m_mustBeRatified.contains(next) || change == m_changes.end()) {
            open.pop_back();
            continue;
        }
        const history::ChangeHeader &header = change->second.header;
        std::vector<Hash> parents;
        if (header.seq > Seq(1))
            parents.push_back(header.prev);
        for (const history::DepRef &dep : header.deps)
            parents.push_back(dep.hash);
        const auto isOpen = [&](const Hash &p) {
            return !m_mustBeRatified.contains(p) && m_changes.contains(p);
        };
        const std::size_t before = open.size();
        std::ranges::copy_if(parents, std::back_inserter(open), isOpen);
        if (open.size() > before)
            continue;
        open.pop_back();
        const bool isForked = m_places[{header.device, header.seq}].size() > 1;
        const auto isFree = [&](const Hash &p) { return m_mustBeRatified[p]; };
        m_mustBeRatified[next] = !isForked && std::ranges::all_of(parents, isFree);
    }
    return m_mustBeRatified[hash];
}

bool Checker::knowsFork(const PeerShell &peer, DeviceIndex device)
{
    return std::ranges::any_of(peer.engine().evidence(), [device](const api::EvidenceInfo &proof) {
        return proof.code == Code::EV_FORK && proof.accused == device;
    });
}

/// A folder that was put back may find that it is a copy; then it reads, and writes no more.
bool Checker::isReady(const PeerShell &peer)
{
    using Standing = engine::Engine::Standing;
    if (!peer.isReachable() || !peer.isDiskIdle())
        return false;
    const Standing standing = peer.engine().standing();
    return peer.folder() == PeerShell::Folder::Own ? standing == Standing::Ready
                                                   : standing != Standing::Starting;
}

bool Checker::isShutOut(const PeerShell &peer)
{
    return peer.folder() != PeerShell::Folder::Own && peer.isUp() && peer.engine().lacksKeySecret();
}

bool Checker::knowsConflict(const PeerShell &peer)
{
    return std::ranges::any_of(peer.engine().evidence(), [](const api::EvidenceInfo &proof) {
        return proof.code == Code::EV_CONFLICT_DECISION;
    });
}

std::optional<std::string> Checker::unfinished(const Peers &peers)
{
    if (m_world.profile.isSplit)
        return unaccounted(peers);
    const PeerShell *first = nullptr;
    engine::Snapshot expected;
    m_mustBeRatified.clear();
    for (const auto &peer : peers) {
        if (!peer->isHonest() || !stays(*peer))
            continue;
        const std::string who = "peer " + std::to_string(peer->number());
        if (!isReady(*peer))
            return who + " is not ready";
        if (isShutOut(*peer))
            continue;
        const engine::Snapshot snapshot = peer->engine().snapshot();
        // More hostile seats than are tolerated may end an epoch twice; then both sides prove it.
        const bool isApart = first != nullptr && !isWithinTolerance()
            && peer->engine().configuration().decision != first->engine().configuration().decision;
        if (isApart && knowsConflict(*peer) && knowsConflict(*first))
            continue;
        if (first == nullptr) {
            first = peer.get();
            expected = snapshot;
        } else if (snapshot.frontierRoot != expected.frontierRoot) {
            return who + differenceOf(peer->engine().graph(), first->engine().graph());
        } else if (peer->engine().configuration().decision
                   != first->engine().configuration().decision) {
            return who + " knows of other decisions";
        } else if (snapshot.documents != expected.documents) {
            fail("I2", peer.get(), "shows another text than somebody else with the same records");
            return who + " shows another text";
        }
        if (const auto lack = lacksIn(*peer))
            return who + *lack;
    }
    return std::nullopt;
}

std::optional<std::string> Checker::lacksIn(PeerShell &peer)
{
    const engine::Engine &engine = peer.engine();
    const history::CausalGraph &graph = engine.graph();
    const identity::Configuration &configuration = engine.configuration();
    for (std::size_t i = 0; i < m_world.profile.peers; ++i) {
        const DeviceIndex device(static_cast<std::uint16_t>(i));
        if (graph.isForked(device) && !knowsFork(peer, device) && !configuration.devices[i].penEnd)
            return " holds two branches of " + std::to_string(i) + " and no proof of it";
    }
    if (lostOwn(peer))
        return " lacks a change of its own that was durable";
    if (!isWithinTolerance())
        return std::nullopt;
    for (std::uint32_t i = 1; i <= graph.size(); ++i) {
        const auto &entry = graph.entry(ChangeHandle(i));
        if (isHonest(entry.device) && !engine.isRatified(ChangeHandle(i))
            && !EpochsSeen::isBeyond(configuration, entry.device, entry.seq)
            && mustBeRatified(entry.hash))
            return " misses the agreement on (" + std::to_string(entry.device.value) + ", "
                + std::to_string(entry.seq.value) + ") in epoch "
                + std::to_string(configuration.epoch.value);
    }
    for (const api::ProposalInfo &proposal : engine.decisions().open)
        if (proposal.isEligible)
            return " waits for a decision in epoch " + std::to_string(configuration.epoch.value);
    return std::nullopt;
}

void Checker::finish(const Peers &peers)
{
    for (const auto &peer : peers) {
        if (!peer->isHonest() || !peer->isUp())
            continue;
        checkEvidence(*peer);
        checkQueues(*peer);
        checkDisk(*peer);
        peer->engine().graph().checkInvariants();
        checkRemoved(*peer);
        if (!stays(*peer) || isShutOut(*peer))
            continue;
        checkSecrets(*peer);
        checkSnapshot(*peer);
        checkRatified(*peer);
        checkRoot(*peer);
        entered(*peer);
        checkGhosts(*peer);
    }
    checkCovered();
    if (m_world.profile.isSplit)
        return; // the rest is promised to a group that holds together
    std::size_t one = m_world.random.below(m_world.profile.peers - m_world.profile.hostile);
    while (!stays(*peers[one]) || isShutOut(*peers[one])) // somebody does: those who remove stay
        one = (one + 1) % (m_world.profile.peers - m_world.profile.hostile);
    CHECK(peers[one]->isUp()); // unfinished() saw to that
    checkRebuilt(*peers[one]);
    if (m_world.random.below(6) == 0)
        checkOrders(*peers[one]);
}

void Checker::checkCovered()
{
    for (const Hash &hash : m_covered) {
        if (!m_followed.contains(hash))
            fail("I1", nullptr, "nothing signed vouches for a change that was taken unsigned");
    }
}

void Checker::cut(PeerShell &peer, const PeerShell &other, Code code)
{
    const identity::Device *row = peer.engine().knownConfiguration().device(other.device());
    const bool wasRemoved = code == Code::E_NOT_MEMBER && (row == nullptr || !row->mayRead);
    if (peer.isHonest() && other.isHonest() && !wasRemoved)
        fail("blame", &peer, "cut an honest member: " + std::string(codeName(code)));
}

// ---- what is looked at once, at the end --------------------------------------------------------

void Checker::checkRoot(PeerShell &peer)
{
    if (peer.engine().configuration().checkpoint && !peer.engine().checkpoint())
        fail("I14", &peer, "does not hold the state that was decided");
}

void Checker::checkEvidence(PeerShell &peer)
{
    for (const api::EvidenceInfo &evidence : peer.engine().evidence()) {
        // Two decisions accuse nobody alone; whoever signed both stands in proofs of their own.
        const bool isOfSeveral = evidence.code == Code::EV_CONFLICT_DECISION;
        if (isOfSeveral && isWithinTolerance())
            fail("I6", &peer, "holds a proof of two decisions about one epoch");
        if (!isOfSeveral && (!evidence.accused || isHonest(*evidence.accused)))
            fail("I9", &peer, "holds a proof against an honest device: " + evidence.rule);
    }
}

void Checker::checkRebuilt(PeerShell &peer)
{
    const Rebuilt rebuilt = rebuild(m_epochs, peer.engine().configuration(), m_world.scheme,
                                    m_changes, peer.engine().graph());
    if (!rebuilt.fault.empty())
        fail("I1", &peer, rebuilt.fault);
    for (const auto &document : peer.engine().snapshot().documents) {
        const auto text = rebuilt.texts.find(document.doc);
        if (text != rebuilt.texts.end() && text->second != document.text)
            fail("I1", &peer, "shows a text that its changes do not give");
    }
}

void Checker::checkOrders(PeerShell &peer)
{
    std::vector<history::UnverifiedChange> records = m_hostile;
    for (const auto &[hash, change] : m_changes)
        records.push_back(change);
    if (records.size() > 250)
        return;
    // m_changes is unordered: a fixed order makes a run repeatable on every standard library.
    std::ranges::sort(records, {}, [](const history::UnverifiedChange &c) {
        return std::tuple(c.hash, c.signature, c.payload);
    });
    const auto fault = differsByOrder(m_epochs, peer.engine().configuration(), m_world.scheme,
                                      records, 3, m_world.random);
    if (fault)
        fail("I13", &peer, *fault);
}

} // namespace nlbd::sim
