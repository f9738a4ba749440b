// Acknowledgements and evidence: sent, compared, asked for (PROTOCOL C5, C18).

#include "core/engine/attestor.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"

#include <cmath>

namespace nlbd::engine {

namespace {

// Where everybody reaches half of all by himself: most of four would have heard it already, and
// comparing finds whom it missed.
constexpr std::size_t kRelaysAmongMany = 2;

// With more seats than this, words go to one of each cluster, who gathers what comes to him so.
constexpr std::size_t kOneByOneMax = 32;
constexpr Millis kGathering{700};

gossip::AckMessage inFull(const Attestor::Held &held)
{
    gossip::AckMessage message;
    message.ack = held.ack.encode();
    message.entries = trust::encodeFrontier(held.frontier);
    return message;
}

/// For one who holds the seat's ack before: of a hundred seats a thirtieth of all of it.
gossip::AckMessage asChange(const Attestor::Held &held)
{
    if (held.baseNo == 0 || held.changed.size() * 2 >= held.frontier.size())
        return inFull(held);
    gossip::AckMessage message;
    message.ack = held.ack.encode();
    message.form = gossip::AckMessage::Form::Delta;
    message.baseNo = held.baseNo;
    message.entries = trust::encodeFrontier(held.changed);
    return message;
}

/// What is live overtakes between two.
std::vector<gossip::Acks> inFrames(std::vector<gossip::AckMessage> acks)
{
    std::vector<gossip::Acks> frames;
    std::size_t bytes = gossip::kAnswerFrameBytes;
    for (gossip::AckMessage &ack : acks) {
        if (bytes >= gossip::kAnswerFrameBytes) {
            frames.emplace_back();
            bytes = 0;
        }
        bytes += ack.ack.size() + ack.entries.size();
        frames.back().acks.push_back(std::move(ack));
    }
    return frames;
}

} // namespace

// ---- told ---------------------------------------------------------------------------------------

bool Exchange::isClustered() const
{
    return m_state.seatCount() > kOneByOneMax && isWide();
}

/// All of a configuration agree on it. @complexity O(1).
std::size_t Exchange::clusterOf(DeviceIndex device) const
{
    const auto devices = static_cast<double>(m_state.configuration.devices.size());
    return device.value % static_cast<std::size_t>(std::lround(std::sqrt(devices)));
}

/// One of each cluster, drawn anew each time: who withholds has no place of his own to do it from.
std::vector<PeerId> Exchange::carriers()
{
    std::map<std::size_t, std::vector<PeerId>> clusters;
    for (const auto &[id, peer] : m_peers)
        clusters[clusterOf(peer.device)].push_back(id);
    std::vector<PeerId> chosen;
    for (const auto &[cluster, peers] : clusters)
        chosen.push_back(peers[m_state.config.random.below(peers.size())]);
    return chosen;
}

Millis Exchange::gatheringTime() const
{
    return isClustered() ? kGathering : Millis{0};
}

/// How long a seat's word may be on its way to somebody who lacks it.
Millis Exchange::ackPatience() const
{
    return limits::kOnItsWay + gatheringTime();
}

void Exchange::ackSigned(SeatIndex seat, PersistToken token)
{
    m_lastNews = m_state.now.mono;
    relayAck(seat, token, isClustered() ? carriers() : sessions());
}

void Exchange::lastAckSigned(SeatIndex seat, PersistToken token)
{
    m_lastNews = m_state.now.mono;
    // As several, which nobody passes on.
    for (const auto &[id, peer] : m_peers)
        m_state.out.send(id, gossip::Acks{{ackFor(peer.device, seat)}}, token);
}

void Exchange::relayAck(SeatIndex seat, PersistToken after, const std::vector<PeerId> &targets)
{
    if (m_state.attestor->of(seat) == nullptr)
        return;
    for (const PeerId target : targets)
        if (const auto device = deviceOf(target))
            m_state.out.send(target, ackFor(*device, seat), after);
}

/// Bare if that device is believed to hold the same.
gossip::AckMessage Exchange::ackFor(DeviceIndex device, SeatIndex seat) const
{
    const Attestor::Held &held = *m_state.attestor->of(seat);
    const auto theirSeat = m_state.configuration.seatOf(device);
    const Attestor::Held *theirs = theirSeat ? m_state.attestor->of(*theirSeat) : nullptr;
    if (theirs == nullptr || theirs->ack.root != held.ack.root)
        return asChange(held);
    gossip::AckMessage message;
    message.ack = held.ack.encode();
    message.form = gossip::AckMessage::Form::Bare;
    return message;
}

/// What seats said to me for all of my cluster: one frame to each of it. n members say their word
/// in about 2 n sqrt(n) frames, and it comes once to each; one by one it takes n * n.
void Exchange::carry()
{
    m_carryDue.reset();
    const std::set<SeatIndex> seats = std::exchange(m_carried, {});
    const std::size_t cluster = clusterOf(m_state.me);
    for (const auto &[id, peer] : m_peers) {
        if (clusterOf(peer.device) != cluster)
            continue;
        std::vector<gossip::AckMessage> acks;
        for (const SeatIndex seat : seats)
            if (m_state.attestor->of(seat) != nullptr
                && m_state.configuration.seats[seat.value] != peer.device)
                acks.push_back(ackFor(peer.device, seat));
        for (const gossip::Acks &message : inFrames(std::move(acks)))
            m_state.out.send(id, message, m_state.out.lastToken());
    }
}

// ---- heard --------------------------------------------------------------------------------------

Exchange::TakenAck Exchange::takeAck(PeerId from, DeviceIndex bringer,
                                     const gossip::AckMessage &message, gossip::PullAcks &pull)
{
    const Attestor::Outcome outcome = m_state.attestor->receive(message, bringer, from);
    if (outcome.offence) {
        cut(from, *outcome.offence);
        return {true, std::nullopt};
    }
    const auto ack = trust::Ack::decode(message.ack);
    if (outcome.wantsFull && ack)
        pull.seats.push_back(ack->seat);
    return {false, outcome.isNew && ack ? std::optional(ack->seat) : std::nullopt};
}

/// One that its own seat tells is for others of my cluster, too; several are for me.
void Exchange::on(PeerId from, Peer &peer, const gossip::AckMessage &message)
{
    const DeviceIndex bringer = peer.device;
    gossip::PullAcks pull;
    const TakenAck taken = takeAck(from, bringer, message, pull);
    if (taken.isCut)
        return;
    if (!pull.seats.empty())
        m_state.out.send(from, pull);
    if (!taken.news)
        return;
    const bool isTheirs = m_state.configuration.seats[taken.news->value] == bringer;
    if (isTheirs && isClustered()) {
        m_carried.insert(*taken.news);
        m_carryDue = m_carryDue.value_or(m_state.now.mono + kGathering);
        return;
    }
    if (!isWide())
        passOn(*taken.news, from);
}

void Exchange::on(PeerId from, Peer &peer, const gossip::Acks &message)
{
    const DeviceIndex bringer = peer.device;
    gossip::PullAcks pull;
    for (const gossip::AckMessage &one : message.acks) {
        const TakenAck taken = takeAck(from, bringer, one, pull);
        if (taken.isCut)
            return;
        if (taken.news && !isWide())
            passOn(*taken.news, from);
    }
    if (!pull.seats.empty())
        m_state.out.send(from, pull);
}

void Exchange::passOn(SeatIndex seat, PeerId from)
{
    std::vector<PeerId> targets = sessions();
    std::erase(targets, from);
    const bool areMany = m_peers.size() * 2 >= m_state.seatCount();
    relayAck(seat, m_state.out.lastToken(),
             gossip::choosePartners(std::move(targets),
                                    areMany ? kRelaysAmongMany : limits::kEagerPeers,
                                    m_state.config.random));
}

// ---- asked for ----------------------------------------------------------------------------------

/// Beyond what the peer may ask for it has to ask again.
void Exchange::answerAcks(PeerId to, std::vector<gossip::AckMessage> acks)
{
    for (const gossip::Acks &message : inFrames(std::move(acks)))
        if (!answer(to, message, m_state.out.lastToken()))
            return;
}

void Exchange::on(PeerId from, Peer &, const gossip::PullAcks &message)
{
    std::vector<gossip::AckMessage> acks;
    for (const SeatIndex seat : std::set(message.seats.begin(), message.seats.end()))
        if (const Attestor::Held *held = m_state.attestor->of(seat))
            acks.push_back(inFull(*held));
    answerAcks(from, std::move(acks));
}

/// Among many no two hold the same acks while somebody types, and a list of all costs as much as
/// six of them: one difference in six is looked into. Drawn, so that who asks without end takes
/// nobody else's turn.
bool Exchange::isAckCompareDue()
{
    constexpr std::uint64_t kOneIn = 6;
    return !isClustered() || m_state.config.random.below(kOneIn) == 0;
}

void Exchange::sendAckNumbers(PeerId to, bool isReply)
{
    gossip::AckNumbers message{{}, isReply};
    for (const auto &[seat, held] : m_state.attestor->all())
        message.places.push_back({seat, held.ack.no, gossip::headPrefix(held.ack.root)});
    answer(to, message, {});
}

void Exchange::on(PeerId from, Peer &, const gossip::AckNumbers &message)
{
    std::map<SeatIndex, gossip::AckPlace> theirs;
    for (const gossip::AckPlace &place : message.places)
        theirs[place.seat] = place;
    gossip::PullAcks pull;
    for (const auto &[seat, place] : theirs) {
        const Attestor::Held *mine = m_state.attestor->of(seat);
        const bool contradicts = mine != nullptr && mine->ack.no == place.no
            && gossip::headPrefix(mine->ack.root) != place.root;
        if (contradicts)
            pull.seats.push_back(seat);
        else if (seat.value < m_state.seatCount() && (mine == nullptr || place.no > mine->ack.no))
            m_ackRumours.try_emplace({seat, from},
                                     AckRumour{place.no, m_state.now.mono + ackPatience()});
    }
    if (!pull.seats.empty())
        m_state.out.send(from, pull);
    std::vector<gossip::AckMessage> missed;
    for (const auto &[seat, held] : m_state.attestor->all()) {
        const std::uint64_t known = theirs[seat].no;
        if (held.ack.no > known && held.since + ackPatience() <= m_state.now.mono)
            missed.push_back(known == held.baseNo ? asChange(held) : inFull(held));
    }
    answerAcks(from, std::move(missed));
}

void Exchange::pullAcksDue()
{
    std::map<PeerId, gossip::PullAcks> pulls;
    std::erase_if(m_ackRumours, [&](const auto &entry) {
        const auto &[place, rumour] = entry;
        const auto [seat, from] = place;
        const Attestor::Held *mine = m_state.attestor->of(seat);
        if (!m_peers.contains(from) || (mine != nullptr && mine->ack.no >= rumour.no))
            return true;
        if (rumour.due > m_state.now.mono)
            return false;
        pulls[from].seats.push_back(seat);
        return true;
    });
    for (const auto &[peer, pull] : pulls)
        m_state.out.send(peer, pull);
}

void Exchange::sendEvidenceIds(PeerId to, bool isReply)
{
    answer(to, gossip::EvidenceIds{m_state.evidence->ids(), isReply}, {});
}

void Exchange::on(PeerId from, Peer &, const gossip::EvidenceIds &message)
{
    const std::vector<Hash> mine = m_state.evidence->ids();
    for (const Hash &id : mine)
        if (!std::ranges::binary_search(message.ids, id)
            && !answer(from, gossip::EvidenceMessage{*m_state.evidence->find(id)},
                       m_state.out.lastToken()))
            return;
    const auto isUnknown = [&mine](const Hash &id) {
        return !std::ranges::binary_search(mine, id);
    };
    if (!message.isReply && std::ranges::any_of(message.ids, isUnknown))
        sendEvidenceIds(from, true);
}

void Exchange::on(PeerId from, Peer &peer, const gossip::EvidenceMessage &message)
{
    const DeviceIndex device = peer.device;
    const auto taken = m_state.evidence->receive(message.evidence, from, device);
    if (!taken)
        cut(from, taken.error());
}

} // namespace nlbd::engine
