// How what I write looks.

#include "core/crdt/mark_rules.h"
#include "core/engine/author.h"
#include "core/engine/looks.h"

namespace nlbd::engine {

/// Marks are one op each, however long; what blocks are is one for each block, signed as they fill
/// changes. `made` gets them.
void Author::style(DocIndex doc, const api::Styling &styling, UndoLog &log, crdt::Ops *made)
{
    const auto sign = [&](const auto &op) {
        const crdt::OpId first = write(doc, history::ChangeKind::Edit, 0, op);
        log.record(first.change, m_state.now.mono);
        if (made != nullptr)
            made->push_back(m_open->draft.ops.back());
        flushIfFull();
    };
    const crdt::Document &document = m_state.document(doc).document;
    const TextOffset to = std::min(styling.to, document.length());
    const TextOffset from = std::min(styling.from, to);
    for (const auto &[key, value] : styling.changes) {
        if (crdt::isCommentKey(key) || crdt::isSuggestionKey(key))
            continue; // threads are begun elsewhere, and what is suggested is told apart
        if (!crdt::isLetterKey(key)) {
            if (from < to)
                sign([&, &key = key, &value = value](crdt::Document &it, crdt::Draft &draft) {
                    it.mark(from, to, key, value, draft);
                });
            continue;
        }
        std::vector<TextOffset> letters = ownLettersIn(document, from, to);
        if (styling.isLast)
            letters.push_back(document.length());
        for (const TextOffset letter : letters)
            sign([&, &key = key, &value = value](crdt::Document &it, crdt::Draft &draft) {
                it.setAttribute(letter, key, value, draft);
            });
    }
}

/// What is typed among words that are quoted, or behind what I only suggested, is no part of them,
/// though a mark that covers both neighbours covers it as well.
void Author::ownWhatIsTyped(DocIndex doc, const TextPatches &patches, UndoLog &log)
{
    for (const Stretch &typed : insertedBy(patches)) {
        const TextOffset end = typed.from + typed.length;
        for (const crdt::MarkedRun &run :
             m_state.document(doc).document.markedRuns(typed.from, end, kQuotedMark)) {
            const crdt::OpId first = write(
                doc, history::ChangeKind::Edit, 0, [&](crdt::Document &it, crdt::Draft &draft) {
                    it.mark(run.from, run.from + run.length, kQuotedMark, std::nullopt, draft);
                });
            log.record(first.change, m_state.now.mono);
        }
        markTyped(doc, typed, {}, log);
    }
}

/// Other views hear of all of it. Its own one hears how letters look that it has put beside others
/// that are not plain, or while news for it were under way.
void Author::tellOfEdit(const api::EditText &command, const Views::Incoming &edit)
{
    const crdt::Document &document = m_state.document(command.doc).document;
    const std::vector<Stretch> inserted = insertedBy(edit.patches);
    std::vector<Stretch> looked;
    bool isStyled = !edit.stylings.empty() || edit.hasCrossed;
    for (const Stretch &stretch : inserted)
        isStyled = isStyled || isStyledAround(document, stretch);
    if (isStyled)
        looked = inserted;
    for (const api::Styling &styling : edit.stylings) {
        const TextOffset to = std::min(styling.to, document.length());
        if (styling.from < to)
            looked.push_back({styling.from, to - styling.from});
        if (styling.isLast)
            looked.push_back({document.length(), 1});
    }
    m_state.views->patched(command.doc,
                           {.patches = edit.patches,
                            .cause = api::PatchCause::MyOtherView,
                            .except = command.view,
                            .looks = looksOf(document, std::move(looked)),
                            .tellsExcepted = isStyled});
}

} // namespace nlbd::engine
