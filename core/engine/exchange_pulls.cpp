// What was asked for and how it comes in: frame by frame, with the next request under way.

#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/intake.h"
#include "core/history/change_codec.h"

namespace nlbd::engine {

namespace {

constexpr Millis kPullPatience{3000};     // something is due; then another peer is asked
constexpr Millis kPullTurn{10'000};       // then another peer may be quicker
constexpr std::size_t kPullsAhead = 2;    // one arrives, one is on its way
constexpr std::size_t kRequestsKept = 64; // of a peer: answers that come late are known again

} // namespace

// ---- requests -----------------------------------------------------------------------------------

std::uint32_t Exchange::newRequest(PeerId peer)
{
    remember(peer, ++m_lastRequest);
    return m_lastRequest;
}

void Exchange::remember(PeerId peer, std::uint32_t request)
{
    auto &requests = m_peers.at(peer).requests;
    requests.emplace(request, 0);
    if (requests.size() > kRequestsKept)
        requests.erase(requests.begin());
}

/// One of the frames of an answer that is not over. Each frame brings a change at least: what goes
/// on beyond as many as an answer has was not asked for.
bool Exchange::wasAskedFor(Peer &peer, const gossip::Changes &message)
{
    const auto found = peer.requests.find(message.request);
    if (found == peer.requests.end())
        return false;
    if (message.isLast || ++found->second == limits::kRangeChangesMax)
        peer.requests.erase(found);
    return true;
}

// ---- answers ------------------------------------------------------------------------------------

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
    const bool wasAsked = wasAskedFor(peer, message);
    const bool isOver = message.isLast || !peer.requests.contains(message.request);
    const bool isEmpty = changes.empty();
    const auto pulled = wasAsked ? pulledBy(from, message.request) : nullptr;
    if (pulled != nullptr && !answerBegins(*pulled, message)) {
        cut(from, Code::E_CANON);
        return;
    }
    const std::size_t before = m_state.graph.size();
    m_arrival = pulled != nullptr ? Arrival::CaughtUp : Arrival::Told;
    const auto taken = m_state.intake->receive(std::move(changes), {from, device});
    m_arrival = Arrival::Pushed;
    if (!taken)
        cut(from, taken.error());
    else if (pulled != nullptr)
        continuePull(from, message.request, isOver, m_state.graph.size() > before);
    else if (wasAsked && isOver)
        wantAnswered(from, message, isEmpty);
}

// ---- the one pull under way ---------------------------------------------------------------------

bool Exchange::isAskable(PeerId peer) const
{
    return m_peers.contains(peer) && m_wants.isAskable(peer, m_state.now.mono);
}

void Exchange::pullFrom(PeerId peer, std::vector<gossip::Range> ranges)
{
    if (m_pull || ranges.empty() || !isAskable(peer))
        return; // the next comparison finds it again
    m_pull = Pull{peer, m_state.now.mono, m_state.now.mono + kPullPatience, {}, {}, false};
    askOn(std::move(ranges));
}

void Exchange::askOn(std::vector<gossip::Range> ranges)
{
    if (ranges.size() > limits::kRangeChangesMax)
        ranges.resize(limits::kRangeChangesMax);
    const gossip::PullRanges message{newRequest(m_pull->peer), std::move(ranges)};
    m_state.out.send(m_pull->peer, message);
    m_pull->asked.push_back({message.request, message.ranges});
}

Exchange::Pull::Asked *Exchange::pulledBy(PeerId peer, std::uint32_t request)
{
    if (!m_pull || m_pull->peer != peer)
        return nullptr;
    const auto found = std::ranges::find(m_pull->asked, request, &Pull::Asked::request);
    return found == m_pull->asked.end() ? nullptr : &*found;
}

/// Its first frame tells where to ask on. False if that is no answer to what was asked.
bool Exchange::answerBegins(Pull::Asked &asked, const gossip::Changes &message)
{
    if (std::exchange(asked.hasBegun, true))
        return true;
    if (!message.next.empty() && message.next.size() != asked.ranges.size())
        return false;
    std::vector<gossip::Range> rest;
    bool isFurther = false;
    for (std::size_t i = 0; i < message.next.size(); ++i) {
        gossip::Range range = asked.ranges[i];
        isFurther = isFurther || message.next[i] > range.first;
        range.first = std::max(range.first, message.next[i]);
        if (range.first <= range.last)
            rest.push_back(range);
    }
    // What gives nothing now has given enough: the next comparison asks again.
    m_pull->rest = isFurther ? std::move(rest) : std::vector<gossip::Range>();
    return true;
}

void Exchange::continuePull(PeerId from, std::uint32_t request, bool isOver, bool hasProgress)
{
    if (pulledBy(from, request) == nullptr)
        return; // it ended while its changes were taken
    const MonoTime now = m_state.now.mono;
    const MonoTime turnEnd = m_pull->begun + kPullTurn;
    m_pull->hasProgress = m_pull->hasProgress || hasProgress;
    if (hasProgress) {
        m_pull->deadline = std::min(now, turnEnd) + kPullPatience;
        m_wants.useful(from);
    }
    if (isOver)
        std::erase_if(m_pull->asked,
                      [request](const Pull::Asked &asked) { return asked.request == request; });
    const bool isTurn = now < turnEnd && m_pull->hasProgress;
    if (isTurn && !m_pull->rest.empty() && m_pull->asked.size() < kPullsAhead)
        askOn(std::exchange(m_pull->rest, {}));
    if (!m_pull->asked.empty())
        return;
    const bool isMore = !m_pull->rest.empty() && m_pull->hasProgress;
    m_wants.useful(from);
    m_pull.reset();
    if (isMore)
        m_nextTick = now; // another peer may be quicker
    else
        static_cast<void>(pullNext());
}

void Exchange::dropPull()
{
    // Who lets a request go unanswered would hold up everything else that is to be pulled.
    const bool hadItsTurn = m_pull->hasProgress && m_state.now.mono >= m_pull->begun + kPullTurn;
    if (m_peers.contains(m_pull->peer) && !hadItsTurn)
        m_wants.silent(m_pull->peer, m_state.now.mono);
    m_pull.reset();
    if (!pullNext())
        m_nextTick = m_state.now.mono; // ask somebody else now
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

} // namespace nlbd::engine
