#include "core/engine/arrival.h"

#include "core/base/check.h"
#include "core/engine/council.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"

namespace nlbd::engine {

namespace {

constexpr Millis kAskPause{1'000};
constexpr Millis kCutPause{1'000};
constexpr std::size_t kGuidesMax = 16; // more tell nothing that these do not
// A full group's decisions of ten years, one a day: a quorum signed each of them.
constexpr std::size_t kHeldBytesMax = 64 * 1024 * 1024;

} // namespace

Arrival::Arrival(Engine::State &state)
    : m_state(state)
    , m_isOver(!state.config.anchor.has_value())
{
}

bool Arrival::isReached(const consensus::DecisionLog &log) const
{
    return log.contains(m_state.config.anchor->decision);
}

void Arrival::loaded()
{
    if (!m_isOver)
        m_isOver = isReached(m_state.council->log());
}

std::unique_ptr<consensus::DecisionLog> Arrival::freshLog() const
{
    return std::make_unique<consensus::DecisionLog>(
        m_state.config.genesis.genesis.configuration(), m_state.config.scheme,
        consensus::quorumCertificates(m_state.config.scheme));
}

void Arrival::peerUp(PeerId peer, const PublicKey &device)
{
    if (m_guides.contains(peer) || m_guides.size() >= kGuidesMax)
        return;
    Guide &guide =
        m_guides
            .emplace(peer,
                     Guide{device,
                           freshLog(),
                           gossip::Budget(limits::kPeerBytesPerSecond, limits::kPeerBytesBurst),
                           {},
                           0})
            .first->second;
    ask(peer, guide);
}

void Arrival::peerDown(PeerId peer)
{
    m_guides.erase(peer);
}

void Arrival::ask(PeerId peer, Guide &guide) const
{
    guide.askAt = m_state.now.mono + kAskPause;
    m_state.out.send(peer, gossip::PullDecisions{guide.log->now().epoch});
}

void Arrival::tick()
{
    for (auto &[peer, guide] : m_guides)
        if (guide.askAt <= m_state.now.mono)
            ask(peer, guide);
}

std::optional<MonoTime> Arrival::nextDeadline() const
{
    std::optional<MonoTime> next;
    for (const auto &[peer, guide] : m_guides)
        next = next ? std::min(*next, guide.askAt) : guide.askAt;
    return next;
}

void Arrival::frame(const FrameIn &frame)
{
    const auto found = m_guides.find(frame.peer);
    if (found == m_guides.end() || !found->second.bytes.take(frame.body.size(), m_state.now.mono))
        return;
    const auto message = gossip::decode(frame.kind, frame.body);
    if (!message) {
        cut(frame.peer, message.error(), "The message is not in the one form that messages have.",
            frame.body);
        return;
    }
    // All else speaks of what cannot be judged before the members are known; it comes again.
    const auto *told = std::get_if<gossip::Decisions>(&*message);
    if (told == nullptr)
        return;
    Guide &guide = found->second;
    for (const Bytes &record : told->decisions)
        if (!take(frame.peer, guide, record))
            return;
    if (!isReached(*guide.log)) {
        ask(frame.peer, guide);
        return;
    }
    const auto log = std::move(guide.log);
    takeOver(*log);
}

bool Arrival::take(PeerId peer, Guide &guide, ByteView record)
{
    const Anchor &anchor = *m_state.config.anchor;
    const auto decision = consensus::Decision::decode(record);
    guide.held += record.size();
    const auto added = !decision ? std::unexpected(decision.error())
        : guide.held > kHeldBytesMax
        ? std::expected<consensus::DecisionLog::Added, Code>(std::unexpected(Code::E_BOUNDS))
        : guide.log->append(*decision);
    if (!added && (added.error() == Code::BUFFERED || added.error() == Code::E_NOT_MEMBER))
        return true; // out of turn: it is asked for again
    if (!added) {
        cut(peer, added.error(),
            "The decision does not follow from the one before, or no quorum signed it.", record);
        return false;
    }
    if (guide.log->now().epoch == anchor.epoch && !isReached(*guide.log)) {
        cut(peer, Code::E_STRUCT, "Its decisions do not lead to the one that the invitation names.",
            record);
        return false;
    }
    return true;
}

void Arrival::cut(PeerId peer, Code code, std::string rule, ByteView record)
{
    m_state.evidence->refuse({code, std::move(rule), {}, {}, Seq(), record});
    m_state.out.disconnect(peer, code, kCutPause);
    m_guides.erase(peer);
}

void Arrival::takeOver(const consensus::DecisionLog &log)
{
    m_isOver = true;
    m_state.council->begin(log);
    const auto guides = std::exchange(m_guides, {});
    for (const auto &[peer, guide] : guides)
        m_state.exchange->peerUp(peer, guide.device);
}

} // namespace nlbd::engine
