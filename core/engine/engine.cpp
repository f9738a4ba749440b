#include "core/engine/engine.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/consensus/decision_file.h"
#include "core/engine/agreed_times.h"
#include "core/engine/apart.h"
#include "core/engine/archivist.h"
#include "core/engine/arrival.h"
#include "core/engine/attestor.h"
#include "core/engine/author.h"
#include "core/engine/authors.h"
#include "core/engine/blobs.h"
#include "core/engine/board.h"
#include "core/engine/care_keys.h"
#include "core/engine/caretaker.h"
#include "core/engine/checkpoints.h"
#include "core/engine/comments.h"
#include "core/engine/council.h"
#include "core/engine/drafts.h"
#include "core/engine/engine_state.h"
#include "core/engine/epochs.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/farewell.h"
#include "core/engine/intake.h"
#include "core/engine/key_desk.h"
#include "core/engine/landing.h"
#include "core/engine/past_book.h"
#include "core/engine/past_editor.h"
#include "core/engine/presence.h"
#include "core/engine/scrubber.h"
#include "core/engine/self_guard.h"
#include "core/engine/suggestions.h"
#include "core/engine/views.h"
#include "core/history/change_codec.h"

namespace nlbd::engine {

namespace {

constexpr std::size_t kSignaturesPerStep =
    8; // background work between two events, about a millisecond
constexpr std::size_t kSignaturesMeanwhile = 1; // while more comes in, which runs vouch for
constexpr Millis kBackgroundPause{5};

std::optional<Bytes> decisionFileOf(const Engine::State &state, Epoch closed)
{
    const consensus::DecisionLog &log = state.council->log();
    if (!log.decision(closed))
        return std::nullopt;
    std::vector<Bytes> decisions;
    for (Epoch epoch = log.first(); epoch <= closed; epoch = epoch.next())
        decisions.push_back(copyOf(*log.decision(epoch)));
    return consensus::encodeDecisionFile(state.config.genesis, decisions);
}

void tellDecision(Engine::State &state, Epoch closed)
{
    std::optional<Bytes> file = decisionFileOf(state, closed);
    if (!file || file->size() > consensus::kChainFileBytesMax)
        file.emplace();
    state.out.notify(api::DecisionRead{closed, std::move(*file)});
}

/// One function per command.
struct CommandHandler {
    Engine::State &state;

    void operator()(const api::EditText &c) const { state.author->edit(c); }
    void operator()(const api::OpenDocument &c) const { state.views->open(c.doc, c.view); }
    void operator()(const api::CloseDocument &c) const { state.views->close(c.doc, c.view); }
    void operator()(const api::CreateDocument &c) const { state.author->create(c); }
    void operator()(const api::RenameDocument &c) const { state.author->rename(c); }
    void operator()(const api::Undo &c) const { state.author->undo(c.doc); }
    void operator()(const api::Redo &c) const { state.author->redo(c.doc); }
    void operator()(const api::TakeBack &c) const { state.author->takeBackOf(c); }
    void operator()(const api::PutBack &c) const { state.author->putBack(c); }
    void operator()(const api::ReadRejected &c) const { state.board->rejections().read(c); }
    void operator()(const api::ReviewDevice &c) const { state.author->review(c); }
    void operator()(const api::Flush &) const
    {
        state.author->endGroup();
        state.author->flush();
    }
    void operator()(const api::MoveCaret &c) const { state.presence->moved(c); }
    void operator()(const api::CheckEvidence &c) const { state.evidence->checkAgain(c.evidence); }
    void operator()(const api::AcknowledgeRefusals &) const
    {
        state.evidence->acknowledgeRefusals();
    }
    void operator()(const api::RetryStore &) const {} // the shell's own
    void operator()(const api::Propose &c) const { state.council->propose(c); }
    void operator()(const api::Vote &c) const { state.council->vote(c); }
    void operator()(const api::Consider &c) const { state.council->consider(c); }
    void operator()(const api::ReadDecision &c) const { tellDecision(state, c.closed); }
    void operator()(const api::AttachFile &) const {} // the shell's: it ends in BlobSealed
    void operator()(const api::DetachFile &c) const { state.author->detach(c); }
    void operator()(const api::FetchAttachment &c) const { state.blobs->fetch(c); }
    void operator()(const api::SaveAttachment &) const {} // the shell's
    void operator()(const api::ReadAttachment &) const {} // the shell's
    void operator()(const api::AskAuthors &c) const { state.authors->tell(c); }
    void operator()(const api::AskWhoHas &c) const { state.authors->tell(c); }
    void operator()(const api::StartThread &c) const { state.comments->start(c); }
    void operator()(const api::AnswerThread &c) const { state.comments->answer(c); }
    void operator()(const api::EditComment &c) const { state.comments->edit(c); }
    void operator()(const api::DeleteComment &c) const { state.comments->remove(c); }
    void operator()(const api::ResolveThread &c) const { state.comments->resolve(c); }
    void operator()(const api::DecideSuggestions &c) const { state.author->decide(c); }
    void operator()(const api::AskPast &c) const { state.pastBook->ask(c); }
    void operator()(const api::AskPastText &c) const { state.pastBook->ask(c); }
    void operator()(const api::RestorePast &c) const { state.pastBook->ask(c); }
    void operator()(const api::AskApart &c) const { state.apart->tell(c); }
    void operator()(const api::EndApart &c) const { state.apart->end(c.doc); }
};

/// One function per event.
struct EventHandler {
    Engine::State &state;

    void operator()(const Tick &) const {}
    void operator()(const PeerUp &e) const
    {
        state.apart->peerUp(e.peer, e.device);
        if (!state.arrival->isOver())
            state.arrival->peerUp(e.peer, e.device);
        else if (!state.farewell->peerUp(e.peer, e.device))
            state.exchange->peerUp(e.peer, e.device);
        state.board->peopleChanged();
    }
    void operator()(const PeerDown &e) const
    {
        state.apart->peerDown(e.peer);
        state.exchange->peerDown(e.peer);
        state.arrival->peerDown(e.peer);
        state.farewell->peerDown(e.peer);
        state.board->peopleChanged();
    }
    void operator()(const FrameIn &e) const
    {
        if (!state.arrival->isOver())
            state.arrival->frame(e);
        else if (!state.farewell->frame(e))
            state.exchange->frame(e);
    }
    void operator()(const Overflowed &e) const { state.exchange->overflowed(e.peer); }
    void operator()(const api::Command &e) const
    {
        if (!state.guard->defer(e))
            std::visit(CommandHandler{state}, e);
    }
    void operator()(const Subscribe &) const
    {
        state.out.setListener(true);
        state.views->closeAll();
        state.board->sendAll();
        state.evidence->sendAll();
        state.council->sendAll();
        state.guard->sendAll();
        state.careKeys->sendAll();
        state.blobs->sendAll();
        state.comments->sendAll();
        state.scrubber->sendAll();
        state.apart->sendAll();
    }
    void operator()(const Persisted &e) const
    {
        state.board->persisted();
        state.presence->persisted(e.token);
        state.council->persisted(e.token);
        state.careKeys->persisted(e.token);
        state.archivist->persisted(e.token);
    }
    void operator()(const PersistFailed &e) const { state.board->persistFailed(e.error); }
    void operator()(const EditAsOf &e) const
    {
        if (!state.guard->defer(e))
            state.pastEditor->edit(e);
    }
    void operator()(const KeychainCounter &e) const { state.guard->counterRead(e); }
    void operator()(const CounterKept &e) const { state.guard->counterKept(e); }
    void operator()(const ProposalSigned &e) const { state.council->offer(e.proposal); }
    void operator()(const ContinueAs &e) const { state.guard->continueAs(e); }
    void operator()(const BlobsStored &e) const { state.blobs->stored(e); }
    void operator()(const BlobSealed &e) const { state.blobs->sealed(e); }
    void operator()(const PieceRead &e) const { state.blobs->pieceRead(e); }
    void operator()(const PieceKept &e) const { state.blobs->pieceKept(e); }
    void operator()(const PiecesLost &e) const { state.blobs->piecesLost(e); }
    void operator()(const RowsRead &e) const { state.scrubber->rowsRead(e); }
};

void wake(Engine::State &state, std::optional<MonoTime> ackDue, bool hasBackgroundWork)
{
    MonoTime next = state.exchange->nextDeadline();
    const auto consider = [&next](std::optional<MonoTime> when) {
        if (when)
            next = std::min(next, *when);
    };
    consider(state.author->nextDeadline());
    consider(state.views->nextDeadline());
    consider(state.comments->nextDeadline());
    consider(state.suggestions->nextDeadline());
    consider(state.presence->nextDeadline());
    consider(state.board->nextDeadline());
    consider(state.council->nextDeadline());
    consider(state.keyDesk->nextDeadline());
    consider(state.arrival->nextDeadline());
    consider(state.farewell->nextDeadline());
    consider(state.landing->nextDeadline());
    consider(state.guard->nextDeadline());
    consider(state.blobs->nextDeadline());
    consider(state.scrubber->nextDeadline());
    consider(state.apart->nextDeadline());
    consider(state.agreedTimes->nextDeadline());
    consider(ackDue);
    if (hasBackgroundWork)
        consider(state.now.mono + kBackgroundPause);
    state.out.wakeAt(next);
}

/// What every step ends with: timers, acknowledgements, news for the view.
Actions finish(Engine::State &state)
{
    state.guard->tick();
    for (const SelfGuard::Deferred &wish : state.guard->takeDeferred())
        std::visit(EventHandler{state}, wish);
    state.drafts->releaseArrived();
    const bool hasPast = state.pastBook->work();
    state.author->flushIfDue();
    state.arrival->tick();
    state.farewell->tick();
    state.exchange->tick();
    state.landing->tick();
    state.caretaker->tick();
    state.council->tick();
    state.keyDesk->tick();
    state.careKeys->tick();
    state.scrubber->tick();
    const auto ackDue = state.attestor->signIfDue();
    if (state.attestor->settleRatified()) {
        state.views->allMarksChanged();
        state.comments->standingsChanged();
        state.board->peopleChanged();
    }
    state.presence->sendIfDue();
    state.blobs->tick();
    const bool hasUntried = state.intake->checkSignatures(
        state.exchange->isCatchingUp() ? kSignaturesMeanwhile : kSignaturesPerStep);
    const bool hasWork = state.archivist->putAway() || hasUntried || hasPast;
    state.evidence->sendNews();
    state.council->sendNews();
    state.views->findLost();
    state.author->settleContests();
    state.views->sendMarksIfDue();
    state.comments->sendIfDue();
    state.suggestions->sendIfDue();
    state.apart->sendIfDue();
    state.agreedTimes->keepIfDue();
    state.board->sendIfDue();
    wake(state, ackDue, hasWork);
    return state.out.take();
}

} // namespace

Engine::Engine(EngineConfig config)
    : m_state(std::make_unique<State>(std::move(config)))
{
}
Engine::~Engine() = default;
Engine::Engine(Engine &&) noexcept = default;

Actions Engine::load(const store::StoredWorkspace &stored, Now now)
{
    State &state = *m_state;
    CHECK(state.graph.size() == 0);
    state.now = now;
    state.isLoading = true;
    for (const store::MetaRow &row : stored.meta)
        m_state->loadKey(row);
    state.guard->load(stored);
    state.careKeys->load(stored);
    const auto closings = state.council->loadDecisions(stored);
    state.arrival->loaded();
    state.keyDesk->loaded();
    state.archivist->restore(stored.changes);
    for (const store::JournalRow &row : stored.journal) {
        const auto plane = static_cast<trust::SignJournal::Plane>(row.plane);
        static_cast<void>(
            state.journal.enter({{plane, row.epoch, row.round, row.phase}, row.bytes}));
        // What was signed but had not reached the text database is made whole from here.
        if (plane == trust::SignJournal::Plane::Edit && state.intake->restoreOwn(row.bytes))
            restoreRow(row.bytes);
    }
    state.evidence->load(stored.evidence, stored.refusals);
    state.epochs->load(closings);
    state.checkpoints->handlesChanged();
    state.attestor->load(stored.acks, stored.journal);
    state.council->loadRecords(stored);
    state.caretaker->load(stored);
    state.drafts->load(stored.meta);
    state.board->rejections().load(stored.meta);
    state.apart->load(stored.meta);
    state.agreedTimes->load(stored.meta);
    state.blobs->load(stored.meta);
    state.isLoading = false;
    return finish(state);
}

void Engine::restoreRow(const Bytes &record)
{
    const auto change = history::decodeFull(record);
    CHECK(change.has_value());
    const auto &header = change->header;
    m_state->lastChangePersist = m_state->out.persist(
        {store::ChangeRow{change->hash, header.device, header.seq, header.doc, true, record}},
        store::Sync::Lazy);
}

Actions Engine::step(Event event, Now now)
{
    m_state->now = now;
    std::visit(EventHandler{*m_state}, event);
    return finish(*m_state);
}

std::optional<Bytes> Engine::decisionFile(Epoch closed) const
{
    return decisionFileOf(*m_state, closed);
}

} // namespace nlbd::engine
