#include "core/base/utf8.h"
#include "core/crdt/letter_marks.h"
#include "core/crdt/mark_rules.h"
#include "core/engine/author.h"
#include "core/engine/epochs.h"
#include "core/engine/looks.h"
#include "core/engine/views.h"
#include "core/history/change_codec.h"

#include <ranges>
#include <utility>

namespace nlbd::engine {

namespace {

// A change that takes something back says what it is by clearing an attribute of the root that
// nobody ever sets. Without, it is an undo.
constexpr std::string_view kRedoKey = "redo"; // it does again what the last undo took back
constexpr std::string_view kMoreKey = "more"; // it goes on with the change before it

UndoLog::Turn turnOf(const crdt::Ops &ops)
{
    for (const crdt::Op &op : ops) {
        const auto *it = std::get_if<crdt::SetAttribute>(&op);
        if (it == nullptr || it->letter != crdt::kRoot || it->value)
            continue;
        if (it->key == kRedoKey)
            return UndoLog::Turn::Redo;
        if (it->key == kMoreKey)
            return UndoLog::Turn::More;
    }
    return UndoLog::Turn::Undo;
}

/// True for what a person edits in the text. A name is given elsewhere, and taken back by another.
bool isEdit(const crdt::Ops &ops)
{
    return std::ranges::any_of(ops, [](const crdt::Op &op) {
        const auto *field = std::get_if<crdt::SetField>(&op);
        return field == nullptr || field->object != crdt::kRoot;
    });
}

} // namespace

/// What I did to a document, as far as the chain goes. Asked for the first time, after a start for
/// example, it is read from there; and so is what came back from others later.
UndoLog &Author::logOf(DocIndex doc)
{
    Undoing &it = m_undo[doc];
    bool isNews = false;
    for (; it.scanned < m_state.graph.size(); ++it.scanned) {
        const ChangeHandle change(it.scanned + 1);
        const auto &entry = m_state.graph.entry(change);
        if (entry.device != m_state.me || entry.doc != doc || it.log.knows(change))
            continue;
        replay(change, it.log);
        isNews = true;
    }
    if (isNews)
        it.log.endGroup(); // the times in a chain are another clock's
    return it.log;
}

void Author::replay(ChangeHandle change, UndoLog &log)
{
    const auto &entry = m_state.graph.entry(change);
    const OpenDocument &open = m_state.document(entry.doc);
    const auto ops = m_state.opsOf(change);
    if (!ops)
        return;
    if (m_state.headerOf(change).kind == history::ChangeKind::Undo) {
        log.replay(change, turnOf(*ops));
        open.document.findCopies(change, log.copies());
        return;
    }
    // What a document began with was signed in one moment.
    const auto &created = m_state.graph.entry(open.created);
    const bool isBeginning = created.device == m_state.me && created.wallMs == entry.wallMs;
    if (isBeginning || !isEdit(*ops))
        return;
    log.record(change, MonoTime(Millis(entry.wallMs)));
}

void Author::endGroup()
{
    for (auto &[doc, it] : m_undo)
        it.log.endGroup();
}

/// Whose words a letter is told to be, if not its signer's or not mine: what it is quoted from by
/// its own writer, or that writer.
std::optional<std::string> Author::firstWriter(DocIndex doc, crdt::OpId letter) const
{
    const auto memberOf = [this](ChangeHandle change) {
        const identity::Device *device = m_state.known().device(m_state.graph.entry(change).device);
        return device == nullptr ? std::nullopt : std::optional(device->member);
    };
    const auto quote = crdt::markOver(m_state.document(doc).document, letter, kQuotedMark);
    if (quote && memberOf(quote->by) && memberOf(quote->by) == memberOf(letter.change))
        return quote->value;
    return otherBehind(letter.change);
}

/// Letters that come back are written by me: those that another wrote are quoted from him, and what
/// only others said about them counts no more than it did. What is to be said of them, in order.
std::vector<Author::Quotation> Author::quotesOf(DocIndex doc, const Stretch &back,
                                                const crdt::Copies &copies) const
{
    const crdt::Document &document = m_state.document(doc).document;
    const TextOffset end = back.from + back.length;
    const auto quotes = document.markedRuns(back.from, end, kQuotedMark);
    auto quote = quotes.begin();
    std::vector<Quotation> result;
    ChangeHandle signedBy;
    std::optional<std::string> signer; // of that change
    for (const crdt::Document::Run &run : document.runs(back.from, end)) {
        for (TextOffset i = 0; i < run.length; ++i) {
            const TextOffset at = run.from + i;
            crdt::OpId origin{run.first.change, run.first.index + i};
            while (const auto older = copies.originOf(origin))
                origin = *older;
            if (std::exchange(signedBy, origin.change) != origin.change)
                signer = otherBehind(origin.change);
            while (quote != quotes.end() && quote->from + quote->length <= at)
                ++quote;
            const bool isQuoted = quote != quotes.end() && quote->from <= at;
            const std::optional<std::string> is =
                isQuoted ? std::optional(quote->value) : std::nullopt;
            // Asked per letter only where it may be something else than whoever signed it.
            const std::optional<std::string> wanted = isQuoted ? firstWriter(doc, origin) : signer;
            if (is == wanted)
                continue;
            Quotation *last = result.empty() ? nullptr : &result.back();
            if (last != nullptr && last->where.from + last->where.length == at
                && last->from == wanted)
                ++last->where.length;
            else
                result.push_back({{at, 1}, wanted});
        }
    }
    return result;
}

/// Does what a reversal asks for and returns the changes that did it. An undo says of itself which
/// one it is; without a turn these are edits like any other.
std::vector<ChangeHandle> Author::carryOut(DocIndex doc, crdt::Reversal reversal,
                                           const crdt::Copies &copies,
                                           std::optional<UndoLog::Turn> turn, Done &done)
{
    TextPatches &patches = done.patches;
    std::vector<ChangeHandle> made;
    const auto kind = turn ? history::ChangeKind::Undo : history::ChangeKind::Edit;
    crdt::Document &document = m_state.document(doc).document;
    const auto sign = [&] {
        if (m_open->draft.ops.empty())
            return;
        made.push_back(m_state.graph.nextHandle());
        reversal.goesOnIn(made.back());
        std::ranges::copy_if(m_open->draft.ops, std::back_inserter(done.formats), crdt::isFormat);
        flush();
        if (turn)
            turn = UndoLog::Turn::More;
    };
    // In a change that says what it is: edit(draft) returns the bytes of text that it took.
    const auto inChange = [&](const auto &edit) {
        OpenChange &change = open(doc, kind);
        const std::size_t before = change.draft.ops.size();
        const std::size_t bytes = edit(change.draft);
        if (before == 0 && !change.draft.ops.empty() && turn && turn != UndoLog::Turn::Undo)
            document.setAttribute(document.length(),
                                  turn == UndoLog::Turn::Redo ? kRedoKey : kMoreKey, std::nullopt,
                                  change.draft);
        account(before, bytes);
    };
    for (bool isLeft = true; isLeft;) {
        const std::size_t patched = patches.size();
        inChange([&](crdt::Draft &draft) {
            isLeft = document.revertStep(reversal, draft, patches);
            std::size_t bytes = 0;
            for (std::size_t i = patched; i < patches.size(); ++i)
                bytes += patches[i].inserted.size();
            return bytes;
        });
        for (std::size_t i = patched; i < patches.size(); ++i) {
            const Stretch back{patches[i].at, utf8::length(patches[i].inserted)};
            for (const Quotation &it : quotesOf(doc, back, copies)) {
                if (isFull()) // names may be long, and many
                    sign();
                inChange([&](crdt::Draft &draft) {
                    document.mark(it.where.from, it.where.from + it.where.length, kQuotedMark,
                                  it.from, draft);
                    return std::size_t{0};
                });
            }
        }
        if (!isLeft || isFull())
            sign();
    }
    m_open.reset();
    return made;
}

/// Takes a group of mine back and returns the changes that did it.
std::vector<ChangeHandle> Author::revert(DocIndex doc, UndoLog::Group group, UndoLog::Turn turn,
                                         Done &done)
{
    if (group.empty())
        return {};
    UndoLog &log = m_undo[doc].log;
    std::set<ChangeHandle> own = log.since(group);
    return carryOut(doc, crdt::Reversal(std::move(group), std::move(own), log.copies()),
                    log.copies(), turn, done);
}

void Author::takeBack(DocIndex doc, UndoLog::Turn turn)
{
    m_state.epochs->forgetLoose();
    if (!m_state.documents.contains(doc) || mustWait())
        return;
    flush();
    Done done;
    UndoLog &log = logOf(doc);
    if (turn == UndoLog::Turn::Undo)
        log.pushRedo(revert(doc, log.takeUndo(), turn, done));
    else
        log.pushUndo(revert(doc, log.takeRedo(), turn, done));
    tell(doc, done, turn == UndoLog::Turn::Undo ? api::PatchCause::Undo : api::PatchCause::Redo);
    sendUndoState(doc);
}

void Author::tell(DocIndex doc, const Done &done, api::PatchCause cause)
{
    const crdt::Document &document = m_state.document(doc).document;
    m_state.views->patched(
        doc,
        {.patches = done.patches,
         .cause = cause,
         .looks = looksAfter(document, done.patches, formattedBy(document, done.formats))});
}

/// History is never erased: these are edits of mine like any other, which one undo takes back.
void Author::takeBackOf(const api::TakeBack &command)
{
    m_state.epochs->forgetLoose();
    api::TookBack answer{command.request, 0, 0};
    if (!mustWait()) {
        flush();
        std::map<DocIndex, std::set<ChangeHandle>> byDocument;
        for (const history::ChainId chain : m_state.graph.chainsOf(command.device))
            for (ChangeHandle change = m_state.graph.headOf(chain); change != ChangeHandle();) {
                const auto &entry = m_state.graph.entry(change);
                if (entry.seq < command.since)
                    break;
                if (!m_state.epochs->isVoid(change))
                    byDocument[entry.doc].insert(change);
                change = entry.prev;
            }
        for (const auto &[doc, changes] : byDocument) {
            const std::size_t made = takeBackIn(doc, changes);
            answer.changes += made;
            answer.documents += made > 0 ? 1 : 0;
        }
    }
    m_state.out.notify(answer);
}

std::size_t Author::takeBackIn(DocIndex doc, const std::set<ChangeHandle> &changes)
{
    // The newest first, and what that person took back himself as a step of its own: it is done
    // again before what it had taken back is taken back.
    const crdt::Document &document = m_state.document(doc).document;
    std::vector<UndoLog::Group> steps;
    crdt::Copies copies;
    bool wasUndo = true;
    for (const ChangeHandle change : changes | std::views::reverse) {
        const bool isUndo = m_state.headerOf(change).kind == history::ChangeKind::Undo;
        if (isUndo)
            document.findCopies(change, copies);
        if (isUndo || std::exchange(wasUndo, isUndo))
            steps.emplace_back();
        wasUndo = isUndo;
        steps.back().insert(steps.back().begin(), crdt::IdRange::whole(change));
    }
    UndoLog &log = logOf(doc);
    log.endGroup();
    Done done;
    std::set<ChangeHandle> own;
    std::size_t count = 0;
    for (UndoLog::Group &step : steps) {
        for (const crdt::IdRange &range : step)
            own.insert(range.change);
        for (const ChangeHandle made : carryOut(doc, crdt::Reversal(std::move(step), own, copies),
                                                copies, std::nullopt, done)) {
            log.record(made, m_state.now.mono);
            own.insert(made);
            ++count;
        }
    }
    log.endGroup();
    tell(doc, done, api::PatchCause::MyOtherView);
    sendUndoState(doc);
    return count;
}

/// What a change did that left all letters where they are, by the first mark or field of it.
api::UndoChanged::What Author::markedBy(ChangeHandle change) const
{
    using What = api::UndoChanged::What;
    const bool isOpenOne = change == m_state.graph.nextHandle();
    std::optional<crdt::Ops> signedOps;
    if (!isOpenOne && change != ChangeHandle())
        signedOps = m_state.opsOf(change);
    const crdt::Ops *ops = signedOps ? &*signedOps
        : isOpenOne && m_open        ? &m_open->draft.ops
                                     : nullptr;
    if (ops == nullptr)
        return What::Formatting;
    for (const crdt::Op &op : *ops) {
        if (const auto *field = std::get_if<crdt::SetField>(&op))
            return crdt::isCommentKey(field->key) ? What::Commenting : What::Formatting;
        const auto *mark = std::get_if<crdt::SetMark>(&op);
        if (mark == nullptr)
            continue;
        if (crdt::isCommentKey(mark->key))
            return What::Commenting;
        const bool isSuggested =
            mark->key.starts_with(crdt::kRemovedMark) || mark->key.starts_with(crdt::kStyledMark);
        return isSuggested ? What::Suggesting : What::Formatting;
    }
    return What::Formatting;
}

void Author::sendUndoState(DocIndex doc)
{
    using What = api::UndoChanged::What;
    const UndoLog &log = logOf(doc);
    const crdt::Document &document = m_state.document(doc).document;
    UndoLog::Name back = log.undoName(document);
    UndoLog::Name again = log.redoName(document);
    const auto whatOf = [this](const UndoLog::Name &name) {
        switch (name.what) {
        case UndoLog::Name::What::Deleting:
            return What::Deleting;
        case UndoLog::Name::What::Formatting:
            return markedBy(name.first);
        case UndoLog::Name::What::Typing:
            break;
        }
        return What::Typing;
    };
    m_state.out.notify(api::UndoChanged{doc, log.canUndo(), log.canRedo(), std::move(back.text),
                                        std::move(again.text), whatOf(back), whatOf(again)});
}

} // namespace nlbd::engine
