#include "core/engine/author.h"

#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/crdt/mark_rules.h"
#include "core/engine/blobs.h"
#include "core/engine/board.h"
#include "core/engine/drafts.h"
#include "core/engine/epochs.h"
#include "core/engine/exchange.h"
#include "core/engine/presence.h"
#include "core/engine/self_guard.h"
#include "core/engine/views.h"
#include "core/history/change_codec.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

constexpr std::size_t kChunkBytes = 32 * 1024; // of a paste: half of what a payload may hold
constexpr std::size_t kRunsPerErase = 1000;    // ops of one change, a quarter of what it may hold
constexpr std::size_t kOpBytes = 16;           // about what an op takes besides its text

/// As much of valid UTF-8 as fits into `max` bytes, whole scalars.
std::string_view firstChunk(std::string_view text, std::size_t max)
{
    if (text.size() <= max)
        return text;
    std::size_t end = max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

bool closesGroup(api::EditText::Cause cause)
{
    return cause != api::EditText::Cause::Typing;
}

} // namespace

// ---- the open change ----------------------------------------------------------------------------

Author::OpenChange &Author::open(DocIndex doc, history::ChangeKind kind)
{
    if (m_open && (m_open->doc != doc || m_open->kind != kind))
        flush();
    if (!m_open) {
        mergeHeads(doc);
        OpenChange fresh;
        fresh.doc = doc;
        fresh.targets.insert(m_state.document(doc).created);
        fresh.kind = kind;
        fresh.draft.change = m_state.graph.nextHandle();
        fresh.firstAt = m_state.now.mono;
        m_open = std::move(fresh);
        if (m_decision)
            setField(doc, m_decision->first, m_decision->second);
    }
    return *m_open;
}

void Author::mergeHeads(DocIndex doc)
{
    // A change names at most sixteen others. Where more people wrote without having met, changes
    // without ops bring their histories together first, sixteen at a time.
    constexpr std::size_t kHeadsMax = limits::kDepsMax - 2 * kDisputedTargetsMax;
    for (;;) {
        const auto heads = m_state.graph.reduce(lastOwn(), seen({m_state.document(doc).created}));
        if (heads.size() <= kHeadsMax)
            return;
        std::vector<ChangeHandle> some;
        for (const history::DepRef &head : heads)
            some.push_back(m_state.graph.find(head.hash));
        // The merge speaks of the document, so its past must hold it.
        std::ranges::partition(some, [&](ChangeHandle head) {
            return m_state.graph.documentExists(m_state.graph.clockOf(head), doc);
        });
        some.resize(std::min(some.size(), limits::kDepsMax));
        commit(m_state.validator.author(m_state.config.device, m_state.me,
                                        history::ChangeKind::Edit, doc, {}, lastOwn(), some,
                                        m_state.now.wall),
               true);
    }
}

std::size_t Author::disputedTargets() const
{
    const auto isDisputed = [this](ChangeHandle target) {
        return target != ChangeHandle() && target != m_state.graph.nextHandle()
            && m_state.isDisputed(m_state.graph.entry(target).device);
    };
    return m_open ? static_cast<std::size_t>(std::ranges::count_if(m_open->targets, isDisputed))
                  : 0;
}

/// What an op takes of what a change may hold, besides letters.
std::size_t bytesOf(const crdt::Op &op)
{
    const auto of = [](const auto *it) {
        return it == nullptr ? std::size_t(0)
                             : it->key.size() + (it->value ? it->value->size() : 0);
    };
    const auto *field = std::get_if<crdt::SetField>(&op);
    return kOpBytes + of(std::get_if<crdt::SetMark>(&op)) + of(std::get_if<crdt::SetAttribute>(&op))
        + (field == nullptr ? 0 : field->key.size() + field->value.text.size());
}

/// What ops from one on take of what a change may hold, with so many bytes of letters.
void Author::account(std::size_t firstOp, std::size_t bytes)
{
    OpenChange &change = *m_open;
    change.lastAt = m_state.now.mono;
    change.bytes += bytes;
    for (std::size_t i = firstOp; i < change.draft.ops.size(); ++i) {
        change.bytes += bytesOf(change.draft.ops[i]);
        crdt::forEachTarget(change.draft.ops[i],
                            [&](crdt::OpId target) { change.targets.insert(target.change); });
    }
}

void Author::insert(DocIndex doc, history::ChangeKind kind, TextOffset at, std::string_view text,
                    UndoLog *log)
{
    while (!text.empty()) {
        const std::string_view chunk = firstChunk(text, kChunkBytes);
        text.remove_prefix(chunk.size());
        const crdt::OpId first =
            write(doc, kind, chunk.size(), [&](crdt::Document &document, crdt::Draft &draft) {
                document.insert(at, chunk, draft);
            });
        if (log != nullptr)
            log->record(first.change, m_state.now.mono);
        at += utf8::length(chunk);
        flushIfFull();
    }
}

void Author::erase(DocIndex doc, history::ChangeKind kind, TextOffset at, TextOffset count,
                   UndoLog *log)
{
    while (count > 0) {
        crdt::Document &document = m_state.document(doc).document;
        auto runs = document.runs(at, at + count);
        runs.resize(std::min({runs.size(), kRunsPerErase, runsWithFewDisputed(runs)}));
        TextOffset now = 0;
        for (const crdt::Document::Run &run : runs)
            now += run.length;
        CHECK(now > 0);
        const crdt::OpId first = write(doc, kind, 0, [&](crdt::Document &it, crdt::Draft &draft) {
            it.erase(at, now, draft);
        });
        if (log != nullptr)
            log->record(first.change, m_state.now.mono);
        count -= now;
        flushIfFull();
    }
}

std::size_t Author::runsWithFewDisputed(const std::vector<crdt::Document::Run> &runs) const
{
    std::set<ChangeHandle> disputed;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const ChangeHandle change = runs[i].first.change;
        const bool isOpen = change == m_state.graph.nextHandle();
        if (!isOpen && m_state.isDisputed(m_state.graph.entry(change).device))
            disputed.insert(change);
        if (disputed.size() > kDisputedTargetsMax)
            return i;
    }
    return runs.size();
}

bool Author::isFull() const
{
    return m_open
        && (m_open->bytes >= limits::kFlushBytes || disputedTargets() >= kDisputedTargetsMax);
}

void Author::flushIfFull()
{
    if (isFull())
        flush();
}

bool Author::isBehindJournal() const
{
    const ChangeHandle last = lastOwn();
    const Seq held = last == ChangeHandle() ? Seq() : m_state.graph.entry(last).seq;
    return m_state.journal.lastPhaseIn(trust::SignJournal::Plane::Edit, Epoch(),
                                       m_state.guard->lane())
        > held.value;
}

bool Author::mustWait() const
{
    if (!m_state.guard->maySign())
        return true;
    // Who began with a checkpoint is in before it has the key.
    const bool hasKey = m_state.keyOf(m_state.configuration.keyEpoch) != nullptr;
    if (!hasKey || !m_state.hasPen()) {
        m_state.out.notify(api::Trouble{api::Trouble::Kind::MayNotWrite, {}, false});
        return true;
    }
    if (!isBehindJournal())
        return false;
    m_state.out.notify(api::Trouble{api::Trouble::Kind::OwnChangesMissing, {}, false});
    return true;
}

void Author::flush()
{
    if (!m_open || !m_state.guard->maySign())
        return;
    OpenChange change = std::move(*m_open);
    m_open.reset();
    if (change.draft.ops.empty())
        return;
    commit(m_state.validator.author(m_state.config.device, m_state.me, change.kind, change.doc,
                                    change.draft.ops, lastOwn(), seen(change.targets),
                                    m_state.now.wall),
           true);
}

void Author::commit(const history::Change &change, bool isApplied)
{
    const Bytes record = history::encodeFull(change.raw());
    const trust::SignJournal::Key key{trust::SignJournal::Plane::Edit, Epoch(),
                                      m_state.guard->lane(), change.header().seq.value};
    CHECK(m_state.guard->maySign());
    CHECK(m_state.journal.enter({key, record}));
    store::Rows rows = std::exchange(m_with, {});
    rows.emplace_back(store::JournalRow{static_cast<std::uint8_t>(key.plane), Epoch(), key.round,
                                        key.phase, record});
    // The journal row alone, synced, brings the change back after a power cut, as long as what it
    // stands on is there: one sync for a lone typist, two where others' news came in between.
    const store::Sync sync = m_state.out.needsTextSync() ? store::Sync::Full : store::Sync::Lazy;
    const PersistToken token = m_state.take(change, isApplied, std::move(rows), sync);
    m_state.exchange->changeTaken(change, std::nullopt, token);
    m_state.presence->signedOwn(change.handle(), change.header().doc, token);
}

void Author::flushAfterKey()
{
    const bool isFirstAfterPause =
        !m_lastKey || m_state.now.mono - *m_lastKey >= limits::kFlushIdle;
    m_lastKey = m_state.now.mono;
    if (isFirstAfterPause)
        flush();
    else
        flushIfDue();
}

void Author::flushIfDue()
{
    const auto due = nextDeadline();
    if (due && m_state.now.mono >= *due)
        flush();
}

std::optional<MonoTime> Author::nextDeadline() const
{
    if (!m_open)
        return std::nullopt;
    return std::min(m_open->firstAt + limits::kFlushAge, m_open->lastAt + limits::kFlushIdle);
}

// ---- commands -----------------------------------------------------------------------------------

void Author::apply(DocIndex doc, const TextPatches &patches, api::EditText::Mode mode,
                   store::Rows with)
{
    const bool suggests = mode == api::EditText::Mode::Suggesting;
    m_with = std::move(with);
    UndoLog &log = logOf(doc);
    if (suggests)
        static_cast<void>(suggest(doc, {patches, {}, false}, log, Breaks::GoOn));
    else
        writePatches(doc, patches, log);
    log.endGroup();
    flush();
    if (!m_with.empty()) // nothing was left of it
        m_state.out.persist(std::exchange(m_with, {}), store::Sync::Lazy);
    sendUndoState(doc);
    if (suggests)
        suggestedDraft(doc);
}

void Author::writePatches(DocIndex doc, const TextPatches &patches, UndoLog &log)
{
    for (const TextPatch &patch : patches) {
        erase(doc, history::ChangeKind::Edit, patch.at, patch.removed, &log);
        insert(doc, history::ChangeKind::Edit, patch.at, patch.inserted, &log);
    }
    ownWhatIsTyped(doc, patches, log);
}

void Author::abandon()
{
    if (!m_open)
        return;
    const DocIndex doc = m_open->doc;
    const std::string typed = m_state.document(doc).document.text();
    const bool suggests = std::ranges::any_of(m_open->draft.ops, [](const crdt::Op &op) {
        const auto *mark = std::get_if<crdt::SetMark>(&op);
        return mark != nullptr && mark->value && crdt::isSuggestionKey(mark->key);
    });
    m_open.reset();
    m_state.epochs->readAgain();
    // What the person sees stays what it was: the difference is the draft.
    const std::string held = m_state.document(doc).document.text();
    if (typed == held)
        return;
    m_state.drafts->add(doc, {differenceOf(held, typed)},
                        suggests ? api::EditText::Mode::Suggesting : api::EditText::Mode::Writing);
    m_state.views->reopenAll();
}

// Forgetting ghosts renumbers changes, empties the undo logs and opens the views anew: each command
// begins with it, before it takes hold of any of these.
void Author::edit(const api::EditText &command)
{
    if (!m_state.guard->maySign()) {
        m_state.drafts->edit(command);
        return;
    }
    const auto edit = m_state.views->incoming(command);
    const bool isOpenedAnew = m_state.epochs->forgetLoose(); // without what is typed here
    const auto known = m_state.documents.find(command.doc);
    if (known == m_state.documents.end() || !edit)
        return;
    if (mustWait() || !isGood(*edit, known->second.document.length())) {
        m_state.views->reopen(command.doc, command.view);
        return;
    }
    UndoLog &log = logOf(command.doc);
    if (command.goesOn)
        log.goOn(m_state.now.mono);
    else if (closesGroup(command.cause))
        log.endGroup();
    if (log.startsGroup(m_state.now.mono))
        flush(); // a change belongs to one group
    if (command.mode == api::EditText::Mode::Suggesting)
        tellSuggested(command, suggest(command.doc, *edit, log));
    else
        write(command, *edit, log);
    if (closesGroup(command.cause)) {
        log.endGroup();
        flush();
    } else {
        flushAfterKey();
        if (!edit->patches.empty())
            m_state.presence->typed(
                command.doc, edit->patches.back().at + utf8::length(edit->patches.back().inserted));
    }
    if (isOpenedAnew)
        m_state.views->reopen(command.doc, command.view);
    sendUndoState(command.doc);
}

void Author::write(const api::EditText &command, const Views::Incoming &edit, UndoLog &log)
{
    writePatches(command.doc, edit.patches, log);
    for (const api::Styling &styling : edit.stylings)
        style(command.doc, styling, log);
    tellOfEdit(command, edit);
}

/// True if an edit fits the text and what a document may hold; else the person is told.
bool Author::isGood(const Views::Incoming &edit, TextOffset length) const
{
    std::size_t after = length;
    for (const TextPatch &patch : edit.patches)
        after += patch.inserted.size();
    const bool isTooLong = after > kDocumentScalarsMax;
    const auto isSound = [](const auto &change) {
        return !change.first.empty() && change.first.size() <= limits::kFieldKeyBytesMax
            && utf8::isValid(change.first)
            && (!change.second
                || (change.second->size() <= limits::kFieldValueBytesMax
                    && utf8::isValid(*change.second)));
    };
    const bool isFitting =
        fits(edit.patches, length) && edit.stylings.size() <= api::EditText::kStylingsMax
        && std::ranges::all_of(edit.stylings, [&](const api::Styling &styling) {
               return styling.from <= styling.to && std::ranges::all_of(styling.changes, isSound);
           });
    if (isFitting && !isTooLong)
        return true;
    m_state.out.notify(api::Trouble{isTooLong ? api::Trouble::Kind::DocumentTooLong
                                              : api::Trouble::Kind::TextNotValid,
                                    {},
                                    false});
    return false;
}

void Author::create(const api::CreateDocument &command)
{
    m_state.epochs->forgetLoose();
    if (mustWait())
        return;
    std::uint32_t number = 1;
    for (const auto &[doc, document] : m_state.documents)
        if (history::creatorOf(doc) == m_state.me)
            number = std::max(number, (doc.value & 0xFFFFU) + 1);
    if (number > UINT16_MAX || !utf8::isValid(command.text) || !utf8::isValid(command.title)
        || !utf8::isValid(command.origin)) {
        m_state.out.notify(api::Trouble{api::Trouble::Kind::TextNotValid, {}, false});
        return;
    }
    if (utf8::length(command.text) > kDocumentScalarsMax) {
        m_state.out.notify(api::Trouble{api::Trouble::Kind::DocumentTooLong, {}, false});
        return;
    }
    const DocIndex doc = history::docIndexOf(m_state.me, static_cast<std::uint16_t>(number));
    static_cast<void>(m_state.document(doc));
    setTitle(doc, command.title);
    if (!command.origin.empty())
        setField(doc, "origin", command.origin);
    if (!command.text.empty())
        insert(doc, history::ChangeKind::Edit, 0, command.text, nullptr);
    const TextOffset length = utf8::length(command.text);
    for (const api::Quote &each : command.quotes)
        if (each.from < length && each.length > 0 && each.length <= length - each.from
            && utf8::isValid(each.author))
            quote(doc, each);
    flush();
    m_state.out.notify(api::DocumentCreated{command.request, doc});
}

void Author::rename(const api::RenameDocument &command)
{
    m_state.epochs->forgetLoose();
    if (!m_state.documents.contains(command.doc) || !utf8::isValid(command.title) || mustWait())
        return;
    flush(); // a name is not taken back with what was typed
    setTitle(command.doc, command.title);
    flush();
}

void Author::setField(DocIndex doc, std::string_view key, std::string_view value)
{
    setValue(doc, key, crdt::Value(std::string(firstChunk(value, limits::kFieldValueBytesMax))));
}

void Author::setValue(DocIndex doc, std::string_view key, const crdt::Value &value)
{
    write(doc, history::ChangeKind::Edit, 0, [&](crdt::Document &document, crdt::Draft &draft) {
        // What is overwritten was seen, also of disputed devices.
        for (const crdt::Document::Entry &entry : document.entries(crdt::kRoot, key)) {
            if (disputedTargets() < kDisputedTargetsMax)
                m_open->targets.insert(entry.id.change);
        }
        document.set(crdt::kRoot, key, value, draft);
    });
    m_state.board->documentsChanged();
}

bool Author::attach(DocIndex doc, const blobs::BlobRef &ref)
{
    m_state.epochs->forgetLoose();
    if (!m_state.documents.contains(doc) || mustWait())
        return false;
    flush(); // it is not taken back with what was typed
    setField(doc, ref.field(), ref.encode());
    flush();
    return true;
}

void Author::detach(const api::DetachFile &command)
{
    m_state.epochs->forgetLoose();
    const auto ref = m_state.blobs->refOf(command.doc, command.blob);
    if (!ref || !m_state.documents.contains(command.doc) || mustWait())
        return;
    flush();
    setValue(command.doc, ref->field(), crdt::Value());
    flush();
}

void Author::quote(DocIndex doc, const api::Quote &quote)
{
    const std::string name(firstChunk(quote.author, limits::kFieldValueBytesMax));
    flushIfFull();
    write(doc, history::ChangeKind::Edit, name.size(),
          [&](crdt::Document &document, crdt::Draft &draft) {
              document.mark(quote.from, quote.from + quote.length, kQuotedMark, name, draft);
          });
}

} // namespace nlbd::engine
