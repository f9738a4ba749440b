// News: pushed, announced, asked for (PROTOCOL C18).

#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/intake.h"
#include "core/history/change_codec.h"

namespace nlbd::engine {

namespace {

// Announcements of one moment share a frame. Not of the same length for all: who speaks first
// spares the others the word back.
struct Delay {
    Millis least{0};
    std::uint64_t spread = 0; // milliseconds
    [[nodiscard]] Millis draw(Random &random) const
    {
        return least + Millis(random.below(spread + 1));
    }
    [[nodiscard]] Millis most() const { return least + Millis(spread); }
};
constexpr Delay kHaveDelay{Millis(10), 20};
// Where so many have it from its author, who tells of it only mends: that may wait for more.
constexpr Delay kHaveDelayOfMany{Millis(300), 600};
constexpr std::uint64_t kWantGapMax = 64; // larger ones are pulled in causal order, as one

} // namespace

// ---- told ---------------------------------------------------------------------------------------

void Exchange::changeTaken(const history::Change &change, std::optional<PeerId> from,
                           PersistToken token)
{
    m_frontierRoot.reset();
    if (m_state.isLoading)
        return;
    m_lastNews = m_state.now.mono;
    const auto &header = change.header();
    settleWants(header.device);
    std::vector<PeerId> targets = sessions();
    std::erase_if(targets, [&](PeerId peer) { return m_peers.at(peer).device == header.device; });
    const gossip::Fanout fanout = gossip::fanoutOf(m_state.seatCount(), m_peers.size());
    gossip::Spreading::News news{
        {header.device, header.seq, gossip::headPrefix(change.hash())}, from, false};
    // What is caught up on is old: whoever lacks it as well pulls all of it, not each change.
    const bool isPaid = from && m_arrival == Arrival::Pushed;
    const bool mayPush = !from || (fanout.push > 0 && m_arrival != Arrival::CaughtUp);
    const bool isPushed =
        mayPush && (isPaid || authorBudget(header.device).take(1, m_state.now.mono));
    const Bytes record = isPushed ? history::encodeShort(change.raw()) : Bytes();
    news.mayPush = isPushed && record.size() <= limits::kPushBytesMax;
    const std::size_t all = targets.size();
    targets = m_spreading.fresh(news, std::move(targets), fanout, m_state.config.random);
    if (!targets.empty()) {
        const Bytes body = gossip::encode(gossip::Push{{record}});
        for (const PeerId target : targets)
            m_state.out.sendEncoded(target, gossip::Kind::Push, body, token, false);
    }
    if (targets.size() == all)
        return;
    const Delay &delay = from && isClustered() ? kHaveDelayOfMany : kHaveDelay;
    if (!m_haveDue || *m_haveDue > m_state.now.mono + delay.most())
        m_haveDue = m_state.now.mono + delay.draw(m_state.config.random);
}

gossip::Budget &Exchange::authorBudget(DeviceIndex device)
{
    return m_authorBudgets
        .try_emplace(device,
                     gossip::Budget(limits::kAuthorChangesPerSecond, limits::kAuthorChangesBurst))
        .first->second;
}

void Exchange::announceHave()
{
    m_haveDue.reset();
    for (auto &[peer, places] :
         m_spreading.announce(sessions(), gossip::fanoutOf(m_state.seatCount(), m_peers.size()),
                              m_state.config.random)) {
        std::erase_if(places, [device = m_peers.at(peer).device](const auto &place) {
            return place.device == device; // who wrote it has it
        });
        if (!places.empty())
            m_state.out.send(peer, gossip::Have{std::move(places)}, m_state.lastChangePersist);
    }
}

// ---- heard --------------------------------------------------------------------------------------

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
        m_spreading.holds(from, {place->first, place->second, gossip::headPrefix(change->hash)});
        m_state.evidence->refuse({Code::DUPLICATE,
                                  "It was known already.",
                                  peer.device,
                                  change->header.device,
                                  change->header.seq,
                                  {}});
        return;
    }
    const bool isWithinBudget = authorBudget(place->first).take(1, m_state.now.mono);
    if (change && isWithinBudget && m_state.intake->receiveRebuilt(*change, source))
        return;
    // Over the budget, parents missing, or rebuilt wrongly: the full form is pulled and judged.
    // So it is at a place that is taken: only the full form says whether it is another change.
    const bool isOccupied = !m_state.graph.at(place->first, place->second).empty();
    const bool isAskedNow = (change || isOccupied) && isWithinBudget;
    if (isAskedNow)
        m_state.out.send(from,
                         gossip::PullRanges{newRequest(from),
                                            {{place->first, place->second, place->second, 0}}});
    else
        hearOf({place->first, place->second, 0}, from,
               isWithinBudget ? gossip::Wants::kPatienceMin : gossip::Wants::kPatienceMax);
}

void Exchange::on(PeerId from, Peer &, const gossip::Have &message)
{
    for (const gossip::HeadPlace &place : message.places) {
        m_spreading.holds(from, place);
        hearOf(place, from, gossip::Wants::kPatienceMax);
    }
}

/// What exists and does not stand here is asked for by and by. Announced for ever, it costs a
/// request each time and no room: one entry per device and peer.
void Exchange::hearOf(const gossip::HeadPlace &place, PeerId from, Millis patience)
{
    if (!m_peers.contains(from) || isHeld(place)
        || m_state.configuration.device(place.device) == nullptr || m_state.isDisputed(place.device)
        || m_state.isClosedDevice(place.device))
        return;
    m_wants.heard(place, from, m_state.now.mono, patience);
}

void Exchange::settleWants(DeviceIndex device)
{
    m_wants.settle(device, [this](const gossip::HeadPlace &place) {
        return isHeld(place) || isWaiting({place.device, place.seq, place.seq, place.head});
    });
}

// ---- asked for ----------------------------------------------------------------------------------

void Exchange::askForWants()
{
    for (const auto &[number, peer, places] : m_wants.due(m_state.now.mono, m_lastRequest)) {
        gossip::PullRanges message{number, {}};
        std::vector<gossip::Range> distant;
        for (const gossip::HeadPlace &place : places) {
            const Seq height = heightOf(place.device);
            const Seq first = place.seq > height ? height.next() : place.seq;
            const bool isDistant = place.seq.value - first.value >= kWantGapMax;
            (isDistant ? distant : message.ranges)
                .push_back({place.device, first, place.seq, place.head});
        }
        pullFrom(peer, std::move(distant));
        if (message.ranges.empty()) {
            m_wants.dropped(number);
        } else {
            remember(peer, number);
            m_state.out.send(peer, message);
        }
    }
}

/// Who has nothing to give for what it announced is not asked for that again; who has too much to
/// do says that more is to come.
void Exchange::wantAnswered(PeerId from, const gossip::Changes &message, bool isEmpty)
{
    const auto places = m_wants.answered(from, message.request, m_state.now.mono);
    if (!places)
        return;
    if (!isEmpty)
        m_wants.useful(from);
    for (const gossip::HeadPlace &place : *places) {
        settleWants(place.device);
        if (isEmpty && message.next.empty())
            m_wants.undelivered(from, place, m_state.now.mono);
    }
}

} // namespace nlbd::engine
