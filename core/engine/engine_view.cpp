// What may be asked of a workspace between two steps.

#include "core/engine/engine.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/engine/attestor.h"
#include "core/engine/author.h"
#include "core/engine/authors.h"
#include "core/engine/blobs.h"
#include "core/engine/board.h"
#include "core/engine/care_keys.h"
#include "core/engine/council.h"
#include "core/engine/drafts.h"
#include "core/engine/engine_state.h"
#include "core/engine/epochs.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/intake.h"
#include "core/engine/self_guard.h"
#include "core/engine/views.h"
#include "core/history/change_codec.h"

namespace nlbd::engine {

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
std::vector<blobs::BlobRef> Engine::attachmentsHere() const
{
    return m_state->blobs->here();
}
std::vector<std::pair<Hash, WallTime>> Engine::attachmentsLeaving() const
{
    return m_state->blobs->leaving();
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
api::ProposalAnswered Engine::lastAnswer() const
{
    return m_state->council->lastAnswer();
}

std::vector<Engine::BlameRun> Engine::blame(DocIndex doc) const
{
    const auto found = m_state->documents.find(doc);
    if (found == m_state->documents.end())
        return {};
    const crdt::Document &document = found->second.document;
    return blameOf(*m_state, document, 0, document.length());
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
