// Acknowledgements and evidence: sent, compared, asked for (PROTOCOL C5, C18).

#include "core/engine/attestor.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"

namespace nlbd::engine {

namespace {

// Where everybody reaches half of all by himself: most of four would have heard it already, and
// comparing finds whom it missed.
constexpr std::size_t kRelaysAmongMany = 2;

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

} // namespace

void Exchange::ackSigned(SeatIndex seat, PersistToken token)
{
    m_lastNews = m_state.now.mono;
    relayAck(seat, token, sessions());
}

void Exchange::relayAck(SeatIndex seat, PersistToken after, const std::vector<PeerId> &targets)
{
    for (const PeerId target : targets)
        sendAck(target, seat, after);
}

void Exchange::sendAck(PeerId to, SeatIndex seat, PersistToken after)
{
    const Attestor::Held *held = m_state.attestor->of(seat);
    const auto device = deviceOf(to);
    if (held == nullptr || !device)
        return;
    const auto theirSeat = m_state.configuration.seatOf(*device);
    const Attestor::Held *theirs = theirSeat ? m_state.attestor->of(*theirSeat) : nullptr;
    gossip::AckMessage message;
    if (theirs != nullptr && theirs->ack.root == held->ack.root) {
        message.ack = held->ack.encode();
        message.form = gossip::AckMessage::Form::Bare;
    } else {
        message = asChange(*held);
    }
    m_state.out.send(to, message, after);
}

void Exchange::on(PeerId from, Peer &peer, const gossip::AckMessage &message)
{
    const Attestor::Outcome outcome = m_state.attestor->receive(message, peer.device, from);
    if (outcome.offence) {
        cut(from, *outcome.offence);
        return;
    }
    const auto ack = trust::Ack::decode(message.ack);
    if (outcome.wantsFull && ack)
        m_state.out.send(from, gossip::PullAcks{{ack->seat}});
    if (!outcome.isNew || isWide() || !ack)
        return;
    std::vector<PeerId> targets = sessions();
    std::erase(targets, from);
    const bool areMany = m_peers.size() * 2 >= m_state.seatCount();
    relayAck(ack->seat, m_state.out.lastToken(),
             gossip::choosePartners(std::move(targets),
                                    areMany ? kRelaysAmongMany : limits::kEagerPeers,
                                    m_state.config.random));
}

void Exchange::on(PeerId from, Peer &, const gossip::PullAcks &message)
{
    for (const SeatIndex seat : message.seats) {
        const Attestor::Held *held = m_state.attestor->of(seat);
        if (held != nullptr && !answer(from, inFull(*held), m_state.out.lastToken()))
            return;
    }
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
                                     AckRumour{place.no, m_state.now.mono + limits::kOnItsWay});
    }
    if (!pull.seats.empty())
        m_state.out.send(from, pull);
    for (const auto &[seat, held] : m_state.attestor->all()) {
        const std::uint64_t known = theirs[seat].no;
        const bool isMissed =
            held.ack.no > known && held.since + limits::kOnItsWay <= m_state.now.mono;
        if (isMissed
            && !answer(from, known == held.baseNo ? asChange(held) : inFull(held),
                       m_state.out.lastToken()))
            return;
    }
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
