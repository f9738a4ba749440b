#include "core/engine/engine.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/consensus/decision_file.h"
#include "core/engine/archivist.h"
#include "core/engine/arrival.h"
#include "core/engine/attestor.h"
#include "core/engine/author.h"
#include "core/engine/blobs.h"
#include "core/engine/board.h"
#include "core/engine/care_keys.h"
#include "core/engine/caretaker.h"
#include "core/engine/checkpoints.h"
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
#include "core/engine/past_editor.h"
#include "core/engine/presence.h"
#include "core/engine/scrubber.h"
#include "core/engine/self_guard.h"
#include "core/engine/views.h"
#include "core/history/change_codec.h"

namespace nlbd::engine {

namespace {

constexpr std::size_t kSignaturesPerStep =
    8; // background work between two events, about a millisecond
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
};

/// One function per event.
struct EventHandler {
    Engine::State &state;

    void operator()(const Tick &) const {}
    void operator()(const PeerUp &e) const
    {
        if (!state.arrival->isOver())
            state.arrival->peerUp(e.peer, e.device);
        else if (!state.farewell->peerUp(e.peer, e.device))
            state.exchange->peerUp(e.peer, e.device);
        state.board->peopleChanged();
    }
    void operator()(const PeerDown &e) const
    {
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
        state.scrubber->sendAll();
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
        state.board->peopleChanged();
    }
    state.presence->sendIfDue();
    state.blobs->tick();
    const bool hasUntried = state.intake->checkSignatures(kSignaturesPerStep);
    const bool hasWork = state.archivist->putAway() || hasUntried;
    state.evidence->sendNews();
    state.council->sendNews();
    state.views->findLost();
    state.views->sendMarksIfDue();
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

const identity::Configuration &Engine::configuration() const
{
    return m_state->configuration;
}
const identity::Configuration &Engine::knownConfiguration() const
{
    return m_state->known();
}
const identity::Device *Engine::myDevice() const
{
    return m_state->known().device(m_state->me);
}
DeviceIndex Engine::me() const
{
    return m_state->me;
}
const history::CausalGraph &Engine::graph() const
{
    return m_state->graph;
}
std::uint64_t Engine::behind(SeatIndex seat) const
{
    return m_state->attestor->behind(seat);
}

bool Engine::isRatified(ChangeHandle change) const
{
    return m_state->isRatified(change);
}

Engine::Standing Engine::standing() const
{
    if (m_state->guard->maySign())
        return Standing::Ready;
    return m_state->guard->isCopy() ? Standing::Copy : Standing::Starting;
}
PublicKey Engine::signer() const
{
    return m_state->guard->signer();
}
bool Engine::lacksKeySecret() const
{
    return m_state->careKeys->isLost();
}
bool Engine::hasDrafts() const
{
    return !m_state->drafts->isEmpty();
}

bool Engine::hasOpenChange() const
{
    return m_state->author->isOpen();
}
std::size_t Engine::orphans() const
{
    return m_state->intake->orphans().count();
}

bool Engine::isBehindJournal() const
{
    return m_state->author->isBehindJournal();
}

Snapshot Engine::snapshot() const
{
    Snapshot snapshot;
    std::size_t unratified = 0;
    for (const auto &[doc, open] : m_state->documents) {
        snapshot.documents.push_back(*document(doc));
        unratified += open.unratified.size();
    }
    snapshot.changes = m_state->graph.size();
    snapshot.ratified = snapshot.changes - unratified;
    snapshot.orphans = orphans();
    snapshot.frontierRoot = m_state->exchange->frontierRoot();
    return snapshot;
}

std::optional<Snapshot::DocumentText> Engine::document(DocIndex doc) const
{
    const auto found = m_state->documents.find(doc);
    if (found == m_state->documents.end())
        return std::nullopt;
    const OpenDocument &open = found->second;
    return Snapshot::DocumentText{doc, m_state->board->titleOf(open), open.document.text()};
}

Hash Engine::frontierRoot() const
{
    return m_state->exchange->frontierRoot();
}

std::optional<std::string> Engine::text(DocIndex doc) const
{
    const auto found = m_state->documents.find(doc);
    return found == m_state->documents.end() ? std::nullopt
                                             : std::optional(found->second.document.text());
}

std::optional<DocIndex> Engine::findDocument(std::string_view title) const
{
    for (const auto &[doc, open] : m_state->documents)
        if (m_state->board->titleOf(open) == title)
            return doc;
    return std::nullopt;
}

std::vector<DocIndex> Engine::documentsNamed(std::string_view title) const
{
    std::vector<DocIndex> result;
    for (const auto &[doc, open] : m_state->documents)
        if (m_state->board->titleOf(open) == title)
            result.push_back(doc);
    return result;
}

std::size_t Engine::seatsAfter(const api::Wish &wish) const
{
    return m_state->council->seatsAfter(wish);
}
std::string Engine::origin(DocIndex doc) const
{
    const auto found = m_state->documents.find(doc);
    return found == m_state->documents.end() ? std::string()
                                             : std::string(found->second.document.field("origin"));
}
std::vector<api::DeviceInfo> Engine::devices() const
{
    return m_state->board->devices();
}
std::vector<api::Refusal> Engine::refusals() const
{
    return m_state->evidence->refusals();
}
std::vector<api::RejectedInfo> Engine::rejected() const
{
    return m_state->board->rejected();
}
Millis Engine::newsSpread() const
{
    return m_state->attestor->spread().tail();
}
std::uint64_t Engine::ownChanges() const
{
    const ChangeHandle last = m_state->author->lastOwn();
    return last == ChangeHandle() ? 0 : m_state->graph.entry(last).seq.value;
}
std::vector<api::AttachmentInfo> Engine::attachments() const
{
    return m_state->blobs->list();
}
std::optional<blobs::BlobRef> Engine::attachment(DocIndex doc, const Hash &blob) const
{
    return m_state->blobs->refOf(doc, blob);
}
bool Engine::isAttachmentHere(const Hash &blob) const
{
    return m_state->blobs->isWhole(blob);
}
std::uint64_t Engine::attachmentBytesFetched() const
{
    return m_state->blobs->bytesFetched();
}
std::vector<api::EvidenceInfo> Engine::evidence() const
{
    return m_state->evidence->list();
}

api::DecisionsChanged Engine::decisions() const
{
    return m_state->council->present();
}
std::optional<Bytes> Engine::decisionFile(Epoch closed) const
{
    return decisionFileOf(*m_state, closed);
}
api::ProposalAnswered Engine::lastAnswer() const
{
    return m_state->council->lastAnswer();
}

std::vector<Engine::BlameRun> Engine::blame(DocIndex doc) const
{
    std::vector<BlameRun> blame;
    const auto found = m_state->documents.find(doc);
    if (found == m_state->documents.end())
        return blame;
    const crdt::Document &document = found->second.document;
    const auto add = [&](TextOffset from, TextOffset length, ChangeHandle change,
                         const std::string &quoted) {
        if (!blame.empty() && blame.back().change == change && blame.back().quoted == quoted)
            blame.back().length += length;
        else
            blame.push_back({from, length, change,
                             change == m_state->graph.nextHandle()
                                 ? m_state->me
                                 : m_state->graph.entry(change).device,
                             quoted});
    };
    for (const crdt::Document::Run &run : document.runs(0, document.length()))
        for (const crdt::StyledRun &part : document.styledRuns(run.from, run.from + run.length)) {
            const auto quoted = part.marks.find(Author::kQuotedMark);
            add(part.from, part.length, run.first.change,
                quoted == part.marks.end() ? std::string() : quoted->second);
        }
    return blame;
}

Hash Engine::traceHash() const
{
    Writer out;
    const Snapshot now = snapshot();
    for (const Snapshot::DocumentText &document : now.documents) {
        out.u32(document.doc.value);
        out.text(document.title);
        out.text(document.text);
    }
    out.fixedBytes(now.frontierRoot);
    out.fixedBytes(m_state->attestor->ackRoot());
    out.fixedBytes(m_state->evidence->controlRoot());
    out.varint(now.changes);
    out.varint(now.ratified);
    out.varint(now.orphans);
    return digest(domains::kEvidence, out.bytes());
}

} // namespace nlbd::engine
