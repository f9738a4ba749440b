#include "core/engine/attestor.h"
#include "core/engine/council.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/intake.h"
#include "core/engine/key_desk.h"
#include "core/engine/landing.h"
#include "core/engine/presence.h"
#include "core/engine/self_guard.h"
#include "core/history/change_codec.h"

namespace nlbd::engine {

namespace {

constexpr Millis kHaveDelay{50};
constexpr Millis kRumourPatience{60}; // the author's own push is usually faster (NET_NOTES 5)
constexpr Millis kParentPatience{20};
constexpr std::size_t kHashesAskedMax = 256;
constexpr Millis kPullTurn{10'000}; // then another peer may be quicker

} // namespace

bool Exchange::isHeld(const gossip::HeadPlace &place) const
{
    for (const ChangeHandle change : m_state.graph.at(place.device, place.seq))
        if (place.head == 0 || gossip::headPrefix(m_state.graph.entry(change).hash) == place.head)
            return true;
    return false;
}

bool Exchange::isWaiting(const gossip::Range &range) const
{
    return std::ranges::any_of(m_state.intake->orphans().at(range.device, range.last),
                               [&range](const history::UnverifiedChange *waiting) {
                                   return gossip::headPrefix(waiting->hash) == range.head;
                               });
}

Seq Exchange::heightOf(DeviceIndex device) const
{
    Seq height;
    for (const history::ChainId chain : m_state.graph.chainsOf(device)) {
        const ChangeHandle head = m_state.graph.headOf(chain);
        if (head != ChangeHandle())
            height = std::max(height, m_state.graph.entry(head).seq);
    }
    return height;
}

// ---- news ---------------------------------------------------------------------------------------

void Exchange::changeTaken(const history::Change &change, std::optional<PeerId> from,
                           PersistToken token)
{
    m_frontierRoot.reset();
    if (m_state.isLoading)
        return;
    m_lastNews = m_state.now.mono;
    const auto &header = change.header();
    const gossip::HeadPlace place{header.device, header.seq, gossip::headPrefix(change.hash())};
    auto [budget, isNew] = m_authorBudgets.try_emplace(
        header.device,
        gossip::Budget(limits::kAuthorChangesPerSecond, limits::kAuthorChangesBurst));
    const bool isMine = header.device == m_state.me;
    const bool isPushed =
        (isMine || !isSmall()) && (!isMine || budget->second.take(1, m_state.now.mono));
    Bytes record = isPushed ? history::encodeShort(change.raw()) : Bytes();
    std::vector<PeerId> targets = sessions();
    if (from)
        std::erase(targets, *from);
    if (isPushed && record.size() <= limits::kPushBytesMax) {
        if (!isMine)
            targets = gossip::choosePartners(std::move(targets), limits::kEagerPeers,
                                             m_state.config.random);
        const Bytes body = gossip::encode(gossip::Push{{std::move(record)}});
        for (const PeerId target : targets)
            m_state.out.sendEncoded(target, gossip::Kind::Push, body, token, false);
        return;
    }
    for (const PeerId target : targets) {
        Peer &peer = m_peers.at(target);
        if (peer.device != header.device)
            peer.have.push_back(place);
    }
    if (!m_haveDue)
        m_haveDue = m_state.now.mono + kHaveDelay;
}

void Exchange::announceHave()
{
    m_haveDue.reset();
    for (auto &[id, peer] : m_peers) {
        // Only the newest per device: it stands for all before it.
        std::map<DeviceIndex, gossip::HeadPlace> newest;
        for (const gossip::HeadPlace &place : std::exchange(peer.have, {}))
            if (newest[place.device].seq < place.seq)
                newest[place.device] = place;
        gossip::Have message;
        for (const auto &[device, place] : newest)
            message.places.push_back(place);
        if (!message.places.empty())
            m_state.out.send(id, message, m_state.lastChangePersist);
    }
}

void Exchange::hearOf(const gossip::HeadPlace &place, PeerId from, Millis patience)
{
    if (isHeld(place) || m_state.configuration.device(place.device) == nullptr
        || m_state.isDisputed(place.device) || m_state.isClosedDevice(place.device))
        return;
    if (!isAskable(from))
        return; // its rumour would stand in the way of another's
    const auto known = m_rumours.find(place.device);
    if (known == m_rumours.end() || known->second.place.seq < place.seq
        || !isAskable(known->second.from))
        m_rumours[place.device] = {place, from};
    const MonoTime due = m_state.now.mono + patience;
    m_rumoursDue = m_rumoursDue ? std::min(*m_rumoursDue, due) : due;
}

void Exchange::pullRumours()
{
    m_rumoursDue.reset();
    if (m_pull) {
        m_rumoursDue = m_state.now.mono + kRumourPatience;
        return;
    }
    std::erase_if(m_rumours, [this](const auto &rumour) {
        return isHeld(rumour.second.place) || !isAskable(rumour.second.from);
    });
    if (m_rumours.empty())
        return;
    const PeerId from = m_rumours.begin()->second.from;
    std::vector<gossip::Range> ranges;
    for (const auto &[device, rumour] : m_rumours) {
        const Seq height = heightOf(device);
        const Seq first = rumour.place.seq > height ? height.next() : rumour.place.seq;
        if (rumour.from == from)
            ranges.push_back({device, first, rumour.place.seq, rumour.place.head});
    }
    std::erase_if(m_rumours, [from](const auto &rumour) { return rumour.second.from == from; });
    pullFrom(from, std::move(ranges));
    if (!m_rumours.empty())
        m_rumoursDue = m_state.now.mono + kRumourPatience;
}

void Exchange::parentsMissing(const std::vector<history::DepRef> &missing, PeerId from)
{
    std::vector<Hash> branches;
    for (const history::DepRef &dep : missing) {
        const bool isOccupied = !m_state.graph.at(dep.device, dep.seq).empty();
        if (isOccupied || m_state.isDisputed(dep.device) || m_state.isClosedDevice(dep.device))
            branches.push_back(dep.hash);
        else
            hearOf({dep.device, dep.seq, gossip::headPrefix(dep.hash)}, from, kParentPatience);
    }
    pullHashes(from, std::move(branches));
}

void Exchange::pullHashes(PeerId peer, std::vector<Hash> hashes)
{
    const auto found = m_peers.find(peer);
    if (found == m_peers.end())
        return;
    std::erase_if(hashes, [&](const Hash &hash) {
        return m_state.graph.find(hash) != ChangeHandle()
            || m_state.intake->orphans().contains(hash) || found->second.asked.contains(hash);
    });
    if (hashes.empty())
        return;
    if (hashes.size() > kHashesAskedMax)
        hashes.resize(kHashesAskedMax);
    found->second.asked.insert(hashes.begin(), hashes.end());
    m_state.out.send(peer, gossip::PullHashes{++m_lastRequest, std::move(hashes)});
}

void Exchange::fetchBranches(PeerId peer)
{
    std::vector<Hash> hashes;
    for (const trust::FrontierEntry &claim : m_state.attestor->claimedAndMissing())
        hashes.push_back(claim.head);
    for (const Hash &head : m_state.council->closingMissing())
        hashes.push_back(head);
    m_state.intake->claimedAre({hashes.begin(), hashes.end()});
    for (const history::DepRef &dep : m_state.intake->missing())
        if (!m_state.graph.at(dep.device, dep.seq).empty() || m_state.isDisputed(dep.device)
            || m_state.isClosedDevice(dep.device))
            hashes.push_back(dep.hash);
    const auto found = m_peers.find(peer);
    if (found != m_peers.end())
        found->second.asked.clear(); // a tick is patience enough
    pullHashes(peer, std::move(hashes));
}

void Exchange::on(PeerId from, Peer &, const gossip::Push &message)
{
    for (const Bytes &record : message.changes) {
        const auto peer = m_peers.find(from);
        if (peer == m_peers.end())
            return; // cut by the record before
        pushOne(from, peer->second, record);
    }
}

void Exchange::pushOne(PeerId from, Peer &peer, ByteView record)
{
    const auto parent = [this](DeviceIndex device, Seq seq) -> std::optional<history::KnownParent> {
        const auto held = m_state.graph.at(device, seq);
        if (held.size() != 1)
            return std::nullopt;
        const auto &entry = m_state.graph.entry(held.front());
        return history::KnownParent{entry.hash, entry.lamport};
    };
    const auto admittedBy = [this](DeviceIndex device) -> std::optional<Hash> {
        const identity::Device *known = m_state.configuration.device(device);
        return known == nullptr ? std::nullopt : std::optional(known->admittedBy);
    };
    auto change = history::decodeShort(record, parent, admittedBy);
    const auto place = history::placeOfShort(record);
    if (!change && (change.error() != Code::BUFFERED || !place)) {
        m_state.evidence->refuse({change.error(),
                                  "The change is not in the one form that changes have.",
                                  peer.device,
                                  {},
                                  Seq(),
                                  record});
        cut(from, change.error());
        return;
    }
    const Intake::Source source{from, peer.device, history::SignatureNeed::Check};
    if (change && m_state.graph.find(change->hash) != ChangeHandle()) {
        m_state.evidence->refuse({Code::DUPLICATE,
                                  "It was known already.",
                                  peer.device,
                                  change->header.device,
                                  change->header.seq,
                                  {}});
        return;
    }
    auto [budget, isNew] = m_authorBudgets.try_emplace(
        place->first, gossip::Budget(limits::kAuthorChangesPerSecond, limits::kAuthorChangesBurst));
    const bool isWithinBudget = budget->second.take(1, m_state.now.mono);
    if (change && isWithinBudget && m_state.intake->receiveRebuilt(*change, source))
        return;
    // Over the budget, parents missing, or rebuilt wrongly: the full form is pulled and judged.
    // So it is at a place that is taken: only the full form says whether it is another change.
    const bool isOccupied = !m_state.graph.at(place->first, place->second).empty();
    const bool isAskedNow = (change || isOccupied) && isWithinBudget;
    if (isAskedNow)
        m_state.out.send(
            from,
            gossip::PullRanges{++m_lastRequest, {{place->first, place->second, place->second, 0}}});
    else
        hearOf({place->first, place->second, 0}, from,
               isWithinBudget ? kParentPatience : kRumourPatience);
}

void Exchange::on(PeerId from, Peer &, const gossip::Have &message)
{
    for (const gossip::HeadPlace &place : message.places)
        hearOf(place, from, kRumourPatience);
}

// ---- carets ------------------------------------------------------------------------------------

void Exchange::on(PeerId from, Peer &, const gossip::Presence &message)
{
    if (const auto code = m_state.presence->receive(message, from))
        cut(from, *code);
}

// ---- my own last word ---------------------------------------------------------------------------

void Exchange::on(PeerId from, Peer &, const gossip::AskOwn &message)
{
    m_state.guard->asked(from, message);
}

void Exchange::on(PeerId from, Peer &, const gossip::Own &message)
{
    m_state.guard->answered(from, message);
}

// ---- what was asked for -------------------------------------------------------------------------

void Exchange::on(PeerId from, Peer &peer, const gossip::Changes &message)
{
    std::vector<history::UnverifiedChange> changes;
    const DeviceIndex device = peer.device;
    for (const Bytes &record : message.changes) {
        auto change = history::decodeFull(record);
        if (!change) {
            m_state.evidence->refuse({change.error(),
                                      "The change is not in the one form that changes have.",
                                      device,
                                      {},
                                      Seq(),
                                      record});
            cut(from, change.error());
            return;
        }
        peer.asked.erase(change->hash);
        changes.push_back(std::move(*change));
    }
    const auto taken = m_state.intake->receive(std::move(changes), {from, device});
    if (!taken) {
        cut(from, taken.error());
        return;
    }
    if (m_pull && m_pull->peer == from && m_pull->request == message.request)
        continuePull(from, message.isLast);
}

void Exchange::continuePull(PeerId from, bool isLast)
{
    const std::vector<gossip::Range> asked = std::move(m_pull->ranges);
    const MonoTime begun = m_pull->begun;
    m_pull.reset();
    m_peers.at(from).failures = 0;
    std::vector<gossip::Range> rest;
    bool hasProgress = false;
    for (const gossip::Range &range : asked) {
        const Seq height = heightOf(range.device);
        hasProgress = hasProgress || height >= range.first;
        if (height < range.last)
            rest.push_back(
                {range.device, std::max(height.next(), range.first), range.last, range.head});
    }
    if (!isLast && hasProgress && m_state.now.mono < begun + kPullTurn)
        pullFrom(from, std::move(rest), begun);
    else if (!isLast && hasProgress)
        m_nextTick = m_state.now.mono;
    else if (!pullNext() && !m_rumours.empty())
        pullRumours();
}

bool Exchange::pullNext()
{
    if (m_pull || !m_nextPull)
        return false;
    auto [from, ranges] = *std::exchange(m_nextPull, std::nullopt);
    for (gossip::Range &range : ranges)
        range.first = std::max(range.first, heightOf(range.device).next());
    std::erase_if(ranges, [](const gossip::Range &range) { return range.first > range.last; });
    pullFrom(from, std::move(ranges));
    return m_pull.has_value();
}

bool Exchange::vouches(std::optional<DeviceIndex> bringer, DeviceIndex author) const
{
    const std::size_t branches = m_state.graph.chainsOf(author).size();
    return bringer && *bringer != author && !m_state.isDisputed(*bringer)
        && branches <= m_state.seatCount();
}

// ---- snapshots ----------------------------------------------------------------------------------

void Exchange::on(PeerId from, Peer &, const gossip::PullSnapshot &message)
{
    m_state.landing->receive(from, message);
}

void Exchange::on(PeerId from, Peer &, const gossip::SnapshotPiece &message)
{
    m_state.landing->receive(from, message);
}

// ---- keys ---------------------------------------------------------------------------------------

void Exchange::on(PeerId from, Peer &, const gossip::PullKey &message)
{
    m_state.keyDesk->receive(from, message);
}

void Exchange::on(PeerId from, Peer &, const gossip::SealedKey &message)
{
    m_state.keyDesk->receive(from, message);
}

} // namespace nlbd::engine
