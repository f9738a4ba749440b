#include "core/engine/exchange.h"

#include "core/base/codec.h"
#include "core/engine/attestor.h"
#include "core/engine/blobs.h"
#include "core/engine/care_keys.h"
#include "core/engine/council.h"
#include "core/engine/evidence_book.h"
#include "core/engine/intake.h"
#include "core/engine/key_desk.h"
#include "core/engine/landing.h"
#include "core/engine/presence.h"
#include "core/engine/self_guard.h"

namespace nlbd::engine {

namespace {

constexpr Millis kDisputeDelay{50};   // others hear of it too: then they know whom to ask
constexpr Millis kQuietAfter{30'000}; // without news for so long the ticks slow down
constexpr Millis kOffencePause{250};  // grows with every offence of a device
constexpr Millis kOffencePauseMax{10'000};
/// What a newcomer takes while it waits for the key or for the snapshot.
bool isForKeyless(std::uint8_t kind)
{
    using Kind = gossip::Kind;
    return kind == static_cast<std::uint8_t>(Kind::Digest)
        || kind == static_cast<std::uint8_t>(Kind::Decisions)
        || kind == static_cast<std::uint8_t>(Kind::PullDecisions)
        || kind == static_cast<std::uint8_t>(Kind::SealedKey)
        || kind == static_cast<std::uint8_t>(Kind::SnapshotPiece);
}

} // namespace

// ---- sessions -----------------------------------------------------------------------------------

void Exchange::peerUp(PeerId peer, const PublicKey &device)
{
    const identity::Configuration &known = m_state.known();
    const auto index = known.indexOf(device);
    if (!index || m_peers.contains(peer) || !known.device(*index)->mayRead)
        return;
    m_peers.emplace(peer, Peer(*index));
    ++m_online[*index];
    m_lastHeard[*index] = m_state.now.wall;
    m_lastNews = m_state.now.mono;
    sendDigest(peer, false);
    m_state.council->sessionsChanged();
    m_state.presence->peerUp(*index);
    m_state.blobs->peerUp(peer);
    m_state.guard->peerUp(peer);
}

void Exchange::peerDown(PeerId peer)
{
    const auto device = deviceOf(peer);
    m_peers.erase(peer);
    if (device && --m_online[*device] == 0)
        m_online.erase(*device);
    m_wants.gone(peer, m_state.now.mono);
    m_spreading.gone(peer);
    m_state.council->sessionsChanged();
    if (device && !isOnline(*device))
        m_state.presence->disconnected(*device);
    if (m_pull && m_pull->peer == peer)
        m_pull.reset();
    m_state.landing->peerDown(peer);
    m_state.blobs->peerDown(peer);
}

void Exchange::overflowed(PeerId peer)
{
    if (m_peers.contains(peer))
        sendDigest(peer, false);
}

std::optional<DeviceIndex> Exchange::deviceOf(PeerId peer) const
{
    const auto found = m_peers.find(peer);
    return found == m_peers.end() ? std::nullopt : std::optional(found->second.device);
}

bool Exchange::isOnline(DeviceIndex device) const
{
    return m_online.contains(device);
}

std::optional<WallTime> Exchange::lastHeard(DeviceIndex device) const
{
    const auto found = m_lastHeard.find(device);
    return found == m_lastHeard.end() ? std::nullopt : std::optional(found->second);
}

std::vector<PeerId> Exchange::sessions() const
{
    std::vector<PeerId> sessions;
    for (const auto &[id, peer] : m_peers)
        sessions.push_back(id);
    return sessions;
}

bool Exchange::isSmall() const
{
    return m_state.seatCount() <= limits::kFullMeshMax;
}

bool Exchange::isWide() const
{
    return isSmall() || m_peers.size() + 1 >= identity::quorumOf(m_state.seatCount());
}

void Exchange::publish(const gossip::Message &message, PersistToken after)
{
    if (m_state.isLoading)
        return;
    const Bytes body = gossip::encode(message);
    for (const auto &[target, peer] : m_peers)
        m_state.out.sendEncoded(target, gossip::kindOf(message), body, after, false);
}

void Exchange::tellEpoch()
{
    if (isSmall())
        for (const auto &[target, peer] : m_peers)
            sendDigest(target, false);
    else
        compareNow();
}

void Exchange::broadcast(const gossip::Message &message, PersistToken after,
                         std::optional<PeerId> except)
{
    std::vector<PeerId> targets = sessions();
    if (except)
        std::erase(targets, *except);
    spread(message, after, std::move(targets));
}

void Exchange::tellOnlookers(const Bytes &decision, PersistToken after)
{
    if (m_state.isLoading)
        return;
    const auto &devices = m_state.council->log().now().devices;
    for (const PeerId session : sessions())
        if (const auto device = deviceOf(session); device && !devices[device->value].hasSeat)
            m_state.out.send(session, gossip::Decisions{{decision}}, after);
}

void Exchange::spread(const gossip::Message &message, PersistToken after,
                      std::vector<PeerId> targets)
{
    if (m_state.isLoading)
        return;
    if (!isSmall())
        targets =
            gossip::choosePartners(std::move(targets), limits::kEagerPeers, m_state.config.random);
    const Bytes body = gossip::encode(message);
    for (const PeerId target : targets)
        m_state.out.sendEncoded(target, gossip::kindOf(message), body, after, false);
}

void Exchange::cut(PeerId from, Code code)
{
    const auto found = m_peers.find(from);
    if (found == m_peers.end())
        return;
    const auto count =
        static_cast<int>(std::min<std::uint32_t>(++m_offences[found->second.device], 1000));
    m_state.out.disconnect(from, code, std::min(kOffencePause * count, kOffencePauseMax));
    peerDown(from);
}

// ---- frames -------------------------------------------------------------------------------------

void Exchange::frame(const FrameIn &frame)
{
    const auto found = m_peers.find(frame.peer);
    if (found == m_peers.end())
        return;
    Peer &peer = found->second;
    m_lastHeard[peer.device] = m_state.now.wall;
    const auto refuse = [&](Code code, std::string rule) {
        m_state.evidence->refuse({code, std::move(rule), peer.device, {}, Seq(), frame.body});
    };
    const bool isEarly = !m_state.keyDesk->isReady() || m_state.landing->isHolding();
    // Whoever lost the secret that keys come sealed to tells of another one: that needs no texts.
    const bool isAboutKeys = frame.kind == static_cast<std::uint8_t>(gossip::Kind::ControlSummary)
        && m_state.careKeys->isLost();
    if (isEarly && !isForKeyless(frame.kind) && !isAboutKeys)
        return; // texts cannot be judged yet; they come again
    if (!m_state.blobs->isAwaiting(frame)
        && !peer.bytes.take(frame.body.size() + kFrameOverhead, m_state.now.mono)) {
        refuse(Code::E_RATE, "It sends faster than is taken; the rest is fetched later.");
        return;
    }
    const auto message = gossip::decode(frame.kind, frame.body);
    if (!message) {
        refuse(message.error(), "The message is not in the one form that messages have.");
        cut(frame.peer, message.error());
        return;
    }
    std::visit([&](const auto &m) { on(frame.peer, peer, m); }, *message);
}

/// All that is about decisions.
template <typename Control>
void Exchange::on(PeerId from, Peer &, const Control &message)
{
    m_state.council->receive(from, message);
}

// ---- digests: for ever, with three random members -----------------------------------------------

Millis Exchange::tickLength()
{
    const bool isQuiet = m_state.now.mono - m_lastNews > kQuietAfter;
    const Millis base = isQuiet ? limits::kTickIdle : limits::kTickActive;
    const auto jitter = static_cast<std::int64_t>(
        m_state.config.random.below(static_cast<std::uint64_t>(base.count() / 2) + 1));
    return base - base / 4 + Millis(jitter);
}

void Exchange::tick()
{
    const MonoTime now = m_state.now.mono;
    if (m_pull && now >= m_pull->deadline)
        dropPull();
    if (m_haveDue && now >= *m_haveDue)
        announceHave();
    if (const auto due = m_wants.deadline(); due && now >= *due)
        askForWants();
    if (!m_ackRumours.empty())
        pullAcksDue();
    if (m_carryDue && now >= *m_carryDue)
        carry();
    if (now < m_nextTick)
        return;
    m_nextTick = now + tickLength();
    compareAgain();
}

void Exchange::compareAgain()
{
    std::vector<gossip::Candidate> candidates;
    for (const auto &[id, peer] : m_peers)
        candidates.push_back({id, peer.compared, peer.device});
    const auto &rows = m_state.known().devices;
    std::vector<DeviceIndex> known;
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (const DeviceIndex device(static_cast<std::uint16_t>(i));
            rows[i].mayRead && device != m_state.me)
            known.push_back(device);
    const gossip::Partners partners =
        gossip::drawPartners(candidates, known, limits::kPullPeers, m_state.config.random);
    for (const PeerId partner : partners.compare) {
        sendDigest(partner, false);
        fetchBranches(partner);
    }
    for (const DeviceIndex device : partners.reach)
        m_state.out.reach(rows[device.value].key);
}

void Exchange::compareWholly()
{
    constexpr std::size_t kHeadsMax = 32;
    m_frontierRoot.reset();
    for (const PeerId partner : gossip::choosePartners(sessions(), 1, m_state.config.random)) {
        sendSummary(partner, false);
        sendAckNumbers(partner, false);
        sendEvidenceIds(partner, false);
        m_state.council->sendSummary(partner, false);
        gossip::PullRanges heads{newRequest(partner), {}};
        const std::vector<gossip::HeadPlace> all = myHeads();
        for (std::size_t i = 0; i < std::min(kHeadsMax, all.size()); ++i) {
            const gossip::HeadPlace &place = all[m_state.config.random.below(all.size())];
            heads.ranges.push_back({place.device, place.seq, place.seq, place.head});
        }
        if (!heads.ranges.empty())
            m_state.out.send(partner, heads);
    }
}

MonoTime Exchange::nextDeadline() const
{
    MonoTime next = m_nextTick;
    if (m_pull)
        next = std::min(next, m_pull->deadline);
    if (m_haveDue)
        next = std::min(next, *m_haveDue);
    if (const auto due = m_wants.deadline())
        next = std::min(next, *due);
    if (m_carryDue)
        next = std::min(next, *m_carryDue);
    for (const auto &[place, rumour] : m_ackRumours)
        next = std::min(next, rumour.due);
    return next;
}

std::vector<gossip::HeadPlace> Exchange::myHeads() const
{
    std::vector<gossip::HeadPlace> heads;
    for (std::size_t i = 0; i < m_state.graph.chainCount(); ++i) {
        const auto head = m_state.graph.headOf(history::ChainId(static_cast<std::uint16_t>(i)));
        if (head == ChangeHandle())
            continue;
        const auto &entry = m_state.graph.entry(head);
        heads.push_back({entry.device, entry.seq, gossip::headPrefix(entry.hash)});
    }
    std::ranges::sort(heads);
    return heads;
}

Hash Exchange::frontierRoot() const
{
    if (!m_frontierRoot) {
        std::vector<history::DepRef> heads;
        for (std::size_t i = 0; i < m_state.graph.chainCount(); ++i) {
            const auto head = m_state.graph.headOf(history::ChainId(static_cast<std::uint16_t>(i)));
            if (head != ChangeHandle()) {
                const auto &entry = m_state.graph.entry(head);
                heads.push_back({entry.device, entry.seq, entry.hash});
            }
        }
        std::ranges::sort(heads);
        Writer out;
        for (const history::DepRef &head : heads) {
            out.varint(head.device.value);
            out.varint(head.seq.value);
            out.fixedBytes(head.hash);
        }
        m_frontierRoot = digest(domains::kFront, out.bytes());
    }
    return *m_frontierRoot;
}

void Exchange::sendDigest(PeerId to, bool isReply)
{
    if (const auto peer = m_peers.find(to); peer != m_peers.end())
        peer->second.compared = m_state.now.mono;
    m_state.out.send(to,
                     gossip::Digest{m_state.council->knownEpoch(), m_state.council->knownDecision(),
                                    frontierRoot(), m_state.attestor->ackRoot(), controlRoot(),
                                    isReply});
}

bool Exchange::answer(PeerId to, const gossip::Message &message, PersistToken after, bool isBulk)
{
    const auto peer = m_peers.find(to);
    if (peer == m_peers.end())
        return false;
    Bytes body = gossip::encode(message);
    if (!peer->second.answers.take(body.size() + kFrameOverhead, m_state.now.mono))
        return false;
    m_state.out.sendEncoded(to, gossip::kindOf(message), std::move(body), after, isBulk);
    return true;
}

void Exchange::sendSummary(PeerId to, bool isReply)
{
    answer(to, gossip::Summary{myHeads(), isReply}, {});
}

Hash Exchange::controlRoot() const
{
    Writer out;
    out.fixedBytes(m_state.evidence->controlRoot());
    out.fixedBytes(m_state.council->controlRoot());
    return digest(domains::kControl, out.bytes());
}

void Exchange::on(PeerId from, Peer &peer, const gossip::Digest &message)
{
    peer.compared = m_state.now.mono;
    const Epoch known = m_state.council->knownEpoch();
    m_state.council->heardOf(from, message.epoch, message.decision);
    if (message.epoch < known && !message.isReply)
        sendDigest(from, true);
    if (message.frontierRoot != frontierRoot())
        sendSummary(from, false);
    if (message.ackRoot != m_state.attestor->ackRoot() && isAckCompareDue())
        sendAckNumbers(from, false);
    if (message.controlRoot != controlRoot()) {
        sendEvidenceIds(from, false);
        if (message.epoch == known)
            m_state.council->sendSummary(from, false);
    }
}

void Exchange::on(PeerId from, Peer &peer, const gossip::Summary &message)
{
    const gossip::Heads mine = gossip::headsByDevice(myHeads());
    gossip::Difference difference = gossip::compare(
        mine, message.heads, [this](const gossip::HeadPlace &place) { return isHeld(place); });
    // Of a device that writes no more all that counts is here; ghosts come with what names them.
    const auto isRefused = [&](DeviceIndex device) {
        return (m_state.isDisputed(device) && !vouches(peer.device, device))
            || m_state.isClosedDevice(device);
    };
    // What waits for its parents is not pulled again: of a disputed device these are asked for by
    // their hashes.
    std::erase_if(difference.pull, [&](const gossip::Range &range) {
        return isRefused(range.device) || (m_state.isDisputed(range.device) && isWaiting(range));
    });
    if (m_pull && !difference.pull.empty() && isAskable(from))
        m_nextPull.emplace(from, std::move(difference.pull));
    else
        pullFrom(from, std::move(difference.pull));
    gossip::PullRanges probe;
    for (const gossip::HeadPlace &place : difference.probe)
        if (!isRefused(place.device))
            probe.ranges.push_back({place.device, place.seq, place.seq, place.head});
    if (!probe.ranges.empty()) {
        probe.request = newRequest(from);
        m_state.out.send(from, probe);
    }
    if (difference.peerLacks && !message.isReply)
        sendSummary(from, true);
}

// ---- epochs, disputes, pulls --------------------------------------------------------------------

void Exchange::epochBegins()
{
    historyChanged();
    m_ackRumours.clear();
    m_carried.clear();
    // What was wanted on the strength of acks that count no more would come as a loose end.
    std::set<Hash> wanted;
    for (const trust::FrontierEntry &claim : m_state.attestor->claimedAndMissing())
        wanted.insert(claim.head);
    for (const Hash &head : m_state.council->closingMissing())
        wanted.insert(head);
    m_state.intake->claimedAre(std::move(wanted));
    // Others decide about now as well: whoever does not by then is told.
    m_nextTick = std::min(m_nextTick, m_state.now.mono + limits::kOnItsWay);
    for (const PeerId peer : sessions()) {
        const DeviceIndex device = *deviceOf(peer);
        m_wants.forget(device);
        const identity::Device *row = m_state.configuration.device(device);
        if (row != nullptr && !row->mayRead)
            cut(peer, Code::E_NOT_MEMBER);
    }
}

void Exchange::deviceDisputed(DeviceIndex device)
{
    m_wants.forget(device);
    m_nextTick = std::min(m_nextTick, m_state.now.mono + kDisputeDelay);
}

} // namespace nlbd::engine
