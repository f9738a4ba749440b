#include "core/engine/landing.h"

#include "core/base/check.h"
#include "core/engine/arrival.h"
#include "core/engine/attestor.h"
#include "core/engine/blobs.h"
#include "core/engine/board.h"
#include "core/engine/checkpoints.h"
#include "core/engine/comments.h"
#include "core/engine/council.h"
#include "core/engine/drafts.h"
#include "core/engine/epochs.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/intake.h"
#include "core/engine/views.h"
#include "core/gossip/anti_entropy.h"
#include "core/history/checkpoint.h"

namespace nlbd::engine {

namespace {

constexpr Millis kPiecePatience{2'000};
constexpr std::uint64_t kAskedAhead = 256 * 1024; // so that the cable is never idle
constexpr int kUnansweredMax = 3;
constexpr Millis kRefusedPause{3'600'000}; // who gave another may have been mistaken, not soon
constexpr Millis kSlowAfter{10'000};
constexpr std::uint64_t kBytesPerSecondMin = 16 * 1024; // slower: others may be faster
constexpr Millis kInVainPause{30'000};                  // who has none today may have one then
constexpr Millis kStuckPatience{15'000};                // pulling what is missing goes first
constexpr std::size_t kRowsPerBatch = 256;

} // namespace

bool Landing::isBehind() const
{
    const auto &checkpoint = m_state.known().checkpoint;
    return m_state.arrival->isOver() && checkpoint && !m_state.wasLetGo()
        && m_state.configuration.epoch <= checkpoint->epoch;
}

bool Landing::isNew() const
{
    return m_state.configuration.device(m_state.me) == nullptr;
}

bool Landing::isWanted() const
{
    return isBehind()
        && (isNew() || (m_stuckSince && m_state.now.mono >= *m_stuckSince + kStuckPatience));
}

bool Landing::isHolding() const
{
    return isBehind() && isNew() && (m_fetch || somebody());
}

std::optional<PeerId> Landing::somebody() const
{
    std::vector<PeerId> peers = m_state.exchange->sessions();
    std::erase_if(peers, [this](PeerId peer) {
        const auto device = m_state.exchange->deviceOf(peer);
        const auto known = device ? m_inVain.find(*device) : m_inVain.end();
        return known != m_inVain.end() && m_state.now.mono < known->second;
    });
    peers = gossip::choosePartners(std::move(peers), 1, m_state.config.random);
    return peers.empty() ? std::nullopt : std::optional(peers.front());
}

void Landing::tick()
{
    const std::pair place{m_state.configuration.epoch, m_state.graph.size()};
    if (!isBehind())
        m_stuckSince.reset();
    else if (!m_stuckSince || m_stuckAt != place)
        m_stuckSince = m_state.now.mono;
    m_stuckAt = place;
    if (!isWanted() || (m_fetch && m_fetch->epoch != m_state.known().checkpoint->epoch))
        m_fetch.reset();
    if (!isWanted())
        return;
    if (m_fetch && m_state.now.mono >= m_fetch->deadline) {
        m_fetch->asked = m_fetch->held.size();
        if (++m_fetch->unanswered < kUnansweredMax)
            ask(); // perhaps it had given enough for the moment
        else
            giveUp(kInVainPause);
    }
    if (m_fetch)
        return;
    if (const auto peer = somebody()) {
        m_fetch =
            Fetch{*peer, m_state.known().checkpoint->epoch, 0, {}, 0, m_state.now.mono, {}, 0};
        ask();
    }
}

std::optional<MonoTime> Landing::nextDeadline() const
{
    if (m_fetch)
        return m_fetch->deadline;
    if (!isBehind() || m_state.exchange->sessions().empty())
        return std::nullopt;
    return m_state.now.mono + kPiecePatience;
}

void Landing::ask()
{
    m_fetch->deadline = m_state.now.mono + kPiecePatience;
    // How long it is the first piece tells.
    const std::uint64_t end =
        m_fetch->held.empty() ? 1 : std::min(m_fetch->size, m_fetch->held.size() + kAskedAhead);
    for (; m_fetch->asked < end; m_fetch->asked += gossip::kSnapshotPieceBytes)
        m_state.out.send(m_fetch->peer, gossip::PullSnapshot{m_fetch->epoch, m_fetch->asked});
}

void Landing::giveUp(Millis pause)
{
    if (const auto device = m_state.exchange->deviceOf(m_fetch->peer))
        m_inVain[*device] = m_state.now.mono + pause;
    m_fetch.reset();
}

void Landing::peerDown(PeerId peer)
{
    if (m_fetch && m_fetch->peer == peer)
        m_fetch.reset();
}

void Landing::receive(PeerId from, const gossip::PullSnapshot &message)
{
    gossip::SnapshotPiece piece{message.epoch, 0, 0, {}};
    const Bytes *snapshot = m_state.checkpoints->snapshot(message.epoch);
    if (snapshot != nullptr && snapshot->size() <= gossip::kSnapshotBytesMax
        && message.from < snapshot->size()) {
        piece.size = snapshot->size();
        piece.from = message.from;
        const ByteView rest = ByteView(*snapshot).subspan(message.from);
        piece.bytes = copyOf(rest.first(std::min(rest.size(), gossip::kSnapshotPieceBytes)));
    }
    // Above its budget it hears nothing, and asks again.
    static_cast<void>(m_state.exchange->answer(from, piece, {}, true));
}

void Landing::receive(PeerId from, const gossip::SnapshotPiece &message)
{
    if (!m_fetch || from != m_fetch->peer || message.epoch != m_fetch->epoch)
        return; // asked before, of another
    const bool isOther = !m_fetch->held.empty() && message.size != m_fetch->size;
    if (message.size == 0 || isOther) { // it has none, or packed anew meanwhile
        giveUp(kInVainPause);
        return;
    }
    if (message.from != m_fetch->held.size())
        return; // the answer to a question that was asked twice
    // Whoever drips would keep a newcomer waiting for ever.
    const std::uint64_t rest = message.size - message.from;
    if (isTooSlow()
        || message.bytes.size() != std::min<std::uint64_t>(rest, gossip::kSnapshotPieceBytes)) {
        giveUp(kInVainPause);
        return;
    }
    m_fetch->size = message.size;
    m_fetch->unanswered = 0;
    m_fetch->held.insert(m_fetch->held.end(), message.bytes.begin(), message.bytes.end());
    if (m_fetch->held.size() < m_fetch->size)
        ask();
    else
        finish();
}

bool Landing::isTooSlow() const
{
    const auto passed = m_state.now.mono - m_fetch->begun;
    return passed > kSlowAfter
        && m_fetch->held.size() * 1000
        < kBytesPerSecondMin * static_cast<std::uint64_t>(passed.count());
}

void Landing::finish()
{
    const Fetch fetch = std::move(*m_fetch);
    giveUp(kRefusedPause);
    const auto at = m_state.council->log().at(fetch.epoch);
    CHECK(at.has_value());
    const auto changes =
        history::openCheckpoint(fetch.held, *at, m_state.known().checkpoint->stateRoot);
    if (changes) {
        land(*changes, *at);
        return;
    }
    m_state.evidence->refuse({changes.error(),
                              "The snapshot it gave is not the one that was decided.",
                              m_state.exchange->deviceOf(fetch.peer),
                              {},
                              Seq(),
                              {}});
    m_state.exchange->cut(fetch.peer, changes.error());
}

void Landing::land(const std::vector<history::DecidedChange> &changes,
                   const identity::Configuration &at)
{
    std::vector<identity::ChainHeads> closings;
    const consensus::DecisionLog &log = m_state.council->log();
    for (Epoch epoch = log.first(); epoch < at.epoch; epoch = epoch.next()) {
        const auto decision = consensus::Decision::decode(*log.decision(epoch));
        CHECK(decision.has_value());
        closings.push_back(decision->closing);
    }
    m_state.council->skipTo(at);
    const Drafts::Texts texts = m_state.drafts->textsUnder();
    take(changes);
    m_state.drafts->textsReplaced(texts);
    m_state.epochs->load(closings);
    m_state.attestor->epochBegins();
    m_state.checkpoints->handlesChanged();
    m_state.exchange->epochBegins();
    m_state.views->reopenAll(); // what came was not told change by change
    m_state.blobs->historyChanged();
    m_state.comments->historyChanged();
    m_state.board->documentsChanged();
    m_state.board->peopleChanged();
}

void Landing::take(const std::vector<history::DecidedChange> &changes)
{
    store::Rows rows;
    const auto keep = [&] {
        if (!rows.empty())
            m_state.lastChangePersist =
                m_state.out.persist(std::exchange(rows, {}), store::Sync::Lazy);
    };
    const bool wasLoading = std::exchange(m_state.isLoading, true);
    for (const history::DecidedChange &change : changes) {
        if (m_state.graph.find(change.hash) != ChangeHandle())
            continue; // with its signature, which is more
        const Bytes record = history::encodeDecided(change);
        CHECK(m_state.intake->restore(record, true));
        const auto &header = change.header;
        rows.emplace_back(
            store::ChangeRow{change.hash, header.device, header.seq, header.doc, true, record});
        if (rows.size() == kRowsPerBatch)
            keep();
    }
    keep();
    m_state.isLoading = wasLoading;
}

} // namespace nlbd::engine
