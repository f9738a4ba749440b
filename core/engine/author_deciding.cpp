// What I decide of what others suggested.

#include "core/crdt/mark_rules.h"
#include "core/engine/author.h"
#include "core/engine/epochs.h"
#include "core/engine/self_guard.h"
#include "core/engine/suggestions.h"

#include <algorithm>
#include <ranges>

namespace nlbd::engine {

namespace {

constexpr TextOffset kErasedAtOnce = 1'000; // letters, in one change however many runs they are

constexpr std::string_view kAccepted = "accepted";
constexpr std::string_view kRejected = "rejected";

bool isDecisionOf(const crdt::Ops &ops, std::string_view field)
{
    return std::ranges::any_of(ops, [&](const crdt::Op &op) {
        const auto *set = std::get_if<crdt::SetField>(&op);
        return set != nullptr && set->object == crdt::kRoot && set->key == field;
    });
}

} // namespace

/// Each group is decided by changes of its own, which one person's undo and the settling of what
/// met can take back.
void Author::decide(const api::DecideSuggestions &command)
{
    m_state.epochs->forgetLoose();
    const bool isSound = m_state.documents.contains(command.doc)
        && command.groups.size() <= api::SuggestionsChanged::kMax;
    if (!isSound || mustWait())
        return;
    flush();
    UndoLog &log = logOf(command.doc);
    log.endGroup();
    Done done;
    for (const std::string &group : command.groups)
        if (const auto suggestion = m_state.suggestions->find(command.doc, group))
            decideOne(command.doc, *suggestion, command.verdict, log, done);
    log.endGroup();
    m_sitting.reset();
    tell(command.doc, done, api::PatchCause::MyOtherView);
    m_state.suggestions->textChanged(command.doc);
    m_state.suggestions->hurry();
    sendUndoState(command.doc);
}

void Author::decideOne(DocIndex doc, const api::Suggestion &suggestion, api::Verdict verdict,
                       UndoLog &log, Done &done)
{
    using What = api::Suggestion::Part::What;
    const bool isAccepted = verdict == api::Verdict::Accepted;
    const bool isKept = suggestion.kind == api::Suggestion::Kind::Kept;
    const std::string field = Suggestions::fieldOf(suggestion.group);
    const auto decideInEach = [&] { // of the changes that it takes
        if (m_open)
            return;
        setField(doc, field, isAccepted ? kAccepted : kRejected);
        log.record(m_open->draft.change, m_state.now.mono);
    };
    // Marks first: they move nothing. Then letters from the end on.
    for (const api::Suggestion::Part &part : suggestion.parts) {
        const bool isAdded = part.what == What::Added;
        if (isAdded != isAccepted)
            continue;
        decideInEach();
        if (isKept)
            markAs(doc, part.from, part.to, std::string(crdt::kKeptMark), "", log);
        else
            markAs(doc, part.from, part.to,
                   std::string(isAdded ? crdt::kAddedMark : crdt::kRemovedMark) + suggestion.group,
                   std::nullopt, log);
    }
    for (const api::Suggestion::Part &part : suggestion.parts | std::views::reverse) {
        if ((part.what == What::Added) == isAccepted)
            continue;
        for (TextOffset end = part.to; end > part.from;) {
            const TextOffset from = end - std::min(end - part.from, kErasedAtOnce);
            decideInEach();
            erase(doc, history::ChangeKind::Edit, from, end - from, &log);
            end = from;
        }
        done.patches.push_back({part.from, part.to - part.from, {}});
    }
    flush();
}

/// Where two decided one group at once, and not the same, both did what they decided. The later in
/// the tie order stands, for everybody; whoever made the other takes back what it did.
void Author::settleContests()
{
    for (const auto &[doc, field] : m_state.suggestions->takeContested()) {
        const auto found = m_state.documents.find(doc);
        if (found == m_state.documents.end())
            continue;
        const auto entries = found->second.document.entries(crdt::kRoot, field);
        const auto other = std::ranges::find_if(
            entries, [&](const auto &it) { return it.value.text != entries.front().value.text; });
        if (entries.empty() || other == entries.end())
            continue;
        const auto memberOf = [&](const crdt::Document::Entry &it) {
            return memberOfDevice(m_state, m_state.graph.entry(it.id.change).device);
        };
        if (!m_state.isLoading)
            m_state.out.notify(api::SuggestionContested{
                doc, field.substr(Suggestions::kDecisionField.size()),
                entries.front().value.text == kAccepted ? api::Verdict::Accepted
                                                        : api::Verdict::Rejected,
                memberOf(entries.front()), memberOf(*other)});
        for (const crdt::Document::Entry &it : entries)
            if (m_state.graph.entry(it.id.change).device == m_state.me
                && it.value.text != entries.front().value.text)
                giveWay(doc, field, it.id.change, entries.front().value.text);
    }
}

void Author::giveWay(DocIndex doc, const std::string &field, ChangeHandle mine,
                     const std::string &stands)
{
    const bool maySign = m_state.guard->maySign() && m_state.hasPen() && !isBehindJournal()
        && m_state.keyOf(m_state.configuration.keyEpoch) != nullptr;
    if (!maySign)
        return; // found again after a start
    flush();
    UndoLog &log = logOf(doc);
    log.endGroup();
    // All changes of that decision: they stand one before the other.
    UndoLog::Group group;
    std::set<ChangeHandle> own;
    for (ChangeHandle change = lastOwn(); change != ChangeHandle();
         change = m_state.graph.entry(change).prev) {
        if (m_state.graph.entry(change).doc == doc)
            own.insert(change);
        const auto ops = change.value <= mine.value ? m_state.opsOf(change) : std::nullopt;
        if (change.value < mine.value && (!ops || !isDecisionOf(*ops, field)))
            break;
        if (change.value <= mine.value)
            group.insert(group.begin(), crdt::IdRange::whole(change));
    }
    Done done;
    for (const ChangeHandle change :
         carryOut(doc, crdt::Reversal(std::move(group), std::move(own), log.copies()), std::nullopt,
                  done))
        log.record(change, m_state.now.mono);
    setField(doc, field, stands);
    log.record(m_open->draft.change, m_state.now.mono);
    flush();
    log.endGroup();
    tell(doc, done, api::PatchCause::MyOtherView);
    sendUndoState(doc);
}

} // namespace nlbd::engine
