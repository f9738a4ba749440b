#include "core/engine/engine_state.h"

#include "core/base/check.h"
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
#include "core/engine/epochs.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/farewell.h"
#include "core/engine/intake.h"
#include "core/engine/key_desk.h"
#include "core/engine/landing.h"
#include "core/engine/looks.h"
#include "core/engine/past_book.h"
#include "core/engine/past_editor.h"
#include "core/engine/presence.h"
#include "core/engine/scrubber.h"
#include "core/engine/self_guard.h"
#include "core/engine/suggestions.h"
#include "core/engine/views.h"
#include "core/history/change_codec.h"

#include <charconv>

namespace nlbd::engine {

Engine::State::State(EngineConfig engineConfig)
    : config(std::move(engineConfig))
    , configuration(config.genesis.genesis.configuration())
    , validator(
          configuration, graph, config.scheme, [this](KeyEpoch epoch) { return keyOf(epoch); },
          [this](DocIndex doc) -> const crdt::Document * {
              const auto found = documents.find(doc);
              return found == documents.end() ? &blank : &found->second.document;
          })
    , evidence(std::make_unique<EvidenceBook>(*this))
{
    findMe(configuration);
    CHECK(me != kNobody || config.anchor.has_value());
    mySeat = configuration.seatOf(me);
    guard = std::make_unique<SelfGuard>(*this);
    drafts = std::make_unique<Drafts>(*this);
    epochs = std::make_unique<Epochs>(*this);
    attestor = std::make_unique<Attestor>(*this);
    views = std::make_unique<Views>(*this);
    author = std::make_unique<Author>(*this);
    authors = std::make_unique<Authors>(*this);
    exchange = std::make_unique<Exchange>(*this);
    intake = std::make_unique<Intake>(*this);
    pastBook = std::make_unique<PastBook>(*this);
    apart = std::make_unique<Apart>(*this);
    agreedTimes = std::make_unique<AgreedTimes>(*this);
    pastEditor = std::make_unique<PastEditor>(*this);
    presence = std::make_unique<PresenceBook>(*this);
    board = std::make_unique<Board>(*this);
    comments = std::make_unique<Comments>(*this);
    council = std::make_unique<Council>(*this);
    caretaker = std::make_unique<Caretaker>(*this);
    careKeys = std::make_unique<CareKeys>(*this);
    keyDesk = std::make_unique<KeyDesk>(*this);
    arrival = std::make_unique<Arrival>(*this);
    farewell = std::make_unique<Farewell>(*this);
    checkpoints = std::make_unique<Checkpoints>(*this);
    landing = std::make_unique<Landing>(*this);
    archivist = std::make_unique<Archivist>(*this);
    blobs = std::make_unique<Blobs>(*this);
    scrubber = std::make_unique<Scrubber>(*this);
    suggestions = std::make_unique<Suggestions>(*this);
    arrival->loaded();
}

Engine::State::~State() = default;

OpenDocument &Engine::State::document(DocIndex doc)
{
    return documents.try_emplace(doc, graph).first->second;
}

bool Engine::State::isRatified(ChangeHandle change) const
{
    return isAlone() || epochs->isClosed(change)
        || attestor->ratification().isRatified(change, graph);
}

const identity::Configuration &Engine::State::known() const
{
    return council->log().now();
}

bool Engine::State::hasPen() const
{
    const identity::Device *mine = known().device(me);
    return mayWriteNow(me) && mine != nullptr && mine->mayWrite;
}

bool Engine::State::wasLetGo() const
{
    const identity::Device *mine = known().device(me);
    return mine != nullptr && !mine->mayRead;
}

void Engine::State::findMe(const identity::Configuration &tables)
{
    me = tables.indexOf(config.device.publicKey()).value_or(kNobody);
}

const keys::WorkspaceKey *Engine::State::keyOf(KeyEpoch epoch) const
{
    if (epoch == KeyEpoch() && config.key)
        return &*config.key;
    const auto found = keyring.find(epoch);
    return found == keyring.end() ? nullptr : &found->second;
}

void Engine::State::loadKey(const store::MetaRow &row)
{
    constexpr std::string_view kPrefix = "key.";
    std::uint16_t epoch = 0;
    const char *first = row.key.data() + kPrefix.size();
    const char *last = row.key.data() + row.key.size();
    if (!row.key.starts_with(kPrefix) || row.value.size() != 32
        || std::from_chars(first, last, epoch).ptr != last)
        return;
    keyring.insert_or_assign(
        KeyEpoch(epoch),
        keys::WorkspaceKey::from(std::span<const std::byte, 32>(row.value.data(), 32)));
}

history::UnverifiedChange Engine::State::recordOf(ChangeHandle change) const
{
    auto decoded = history::decodeFull(records[change.value - 1]);
    CHECK(decoded.has_value());
    return std::move(*decoded);
}

bool Engine::State::isDecidedForm(ChangeHandle change) const
{
    return history::isDecidedForm(records[change.value - 1]);
}

history::ChangeHeader Engine::State::headerOf(ChangeHandle change) const
{
    if (!isDecidedForm(change))
        return recordOf(change).header;
    auto decided = history::decodeDecided(records[change.value - 1]);
    CHECK(decided.has_value());
    return std::move(decided->header);
}

std::optional<Bytes> Engine::State::contentOf(ChangeHandle change) const
{
    if (!isDecidedForm(change))
        return validator.contentOf(recordOf(change));
    auto decided = history::decodeDecided(records[change.value - 1]);
    CHECK(decided.has_value());
    return std::move(decided->content);
}

std::optional<crdt::Ops> Engine::State::opsOf(ChangeHandle change) const
{
    const auto content = contentOf(change);
    return content ? validator.opsOf(change, *content) : std::nullopt;
}

std::optional<history::SignedHeader> Engine::State::signedHeaderOf(ChangeHandle change) const
{
    if (isDecidedForm(change))
        return std::nullopt;
    history::UnverifiedChange record = recordOf(change);
    return history::SignedHeader{std::move(record.header), record.signature};
}

PersistToken Engine::State::take(const history::Change &change, bool isApplied, store::Rows with,
                                 store::Sync sync)
{
    const ChangeHandle handle = change.handle();
    const auto &header = change.header();
    graph.add(change);
    records.push_back(history::encodeFull(change.raw()));
    isSignatureChecked.push_back(change.isSignatureChecked());
    isPacked.push_back(false);
    if (!change.raw().cover.empty())
        covered.insert(handle);
    const bool isNewDocument = !documents.contains(header.doc);
    OpenDocument &open = document(header.doc);
    const bool isGhost = epochs->changeTaken(handle);
    if (isGhost)
        static_cast<void>(open.document.setVoid(handle, true));
    if (open.created == ChangeHandle() && history::creatorOf(header.doc) == header.device)
        open.created = handle;
    if (!isApplied) {
        const bool setsField = std::ranges::any_of(change.ops(), [](const crdt::Op &op) {
            const auto *field = std::get_if<crdt::SetField>(&op);
            return field != nullptr && field->object == crdt::kRoot;
        });
        if (!isLoading && views->isWatched(header.doc)) { // else views are opened anew
            TextPatches patches = open.document.apply(handle, change.ops());
            api::Looks looks =
                looksAfter(open.document, patches, formattedBy(open.document, change.ops()));
            views->patched(header.doc, {.patches = std::move(patches), .looks = std::move(looks)});
        } else {
            open.document.integrate(handle, change.ops());
        }
        if (setsField || isNewDocument)
            board->documentsChanged();
    }
    if (!isAlone() && !isGhost)
        open.unratified.insert(handle);
    open.changed = std::max(
        open.changed, std::min(WallTime(Millis(header.wallMs)), now.wall + limits::kClockSlack));
    blobs->changeTaken(header.doc, change.ops());
    comments->changeTaken(header.doc, handle, change.ops());
    suggestions->changeTaken(change);
    checkpoints->changeTaken(records.back().size());
    attestor->changeAdded(handle);
    council->historyGrew();
    presence->changeTaken(header.device);
    apart->changeTaken(handle);
    views->marksChanged(header.doc);
    board->documentsChanged();
    if (isLoading && with.empty())
        return {};
    with.emplace_back(store::ChangeRow{change.hash(), header.device, header.seq, header.doc,
                                       change.isSignatureChecked(), records.back()});
    lastChangePersist = out.persist(std::move(with), sync);
    return lastChangePersist;
}

void Engine::State::cover(ChangeHandle change, std::vector<history::SignedHeader> links)
{
    history::UnverifiedChange record = recordOf(change);
    record.cover = std::move(links);
    records[change.value - 1] = history::encodeFull(record);
    covered.insert(change);
    lastChangePersist = out.persist(
        {store::ChangeRow{record.hash, record.header.device, record.header.seq, record.header.doc,
                          isSignatureChecked[change.value - 1], records[change.value - 1]}},
        store::Sync::Lazy);
}

} // namespace nlbd::engine
