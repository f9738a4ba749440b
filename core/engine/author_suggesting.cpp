// What I suggest instead of doing it, and what I decide of what others suggested.

#include "core/base/utf8.h"
#include "core/crdt/mark_rules.h"
#include "core/engine/author.h"
#include "core/engine/epochs.h"
#include "core/engine/looks.h"
#include "core/engine/self_guard.h"
#include "core/engine/suggestions.h"

#include <algorithm>
#include <ranges>

namespace nlbd::engine {

namespace {

constexpr Millis kSittingPause{10'000};
constexpr TextOffset kNear = 80; // letters between two edits of one group

constexpr TextOffset kErasedAtOnce = 1'000; // letters, in one change however many runs they are

constexpr std::string_view kAccepted = "accepted";
constexpr std::string_view kRejected = "rejected";

std::string fieldOf(std::string_view group)
{
    return std::string(Suggestions::kDecisionField).append(group);
}

/// What others put at the ends of what is styled stays outside.
void carry(api::Styling &styling, const TextPatch &patch)
{
    const TextOffset from = caretAfter(patch, styling.from);
    const bool isPushed = patch.at == styling.from;
    styling.from = isPushed ? from + utf8::length(patch.inserted) : from;
    styling.to = std::max(styling.from, caretAfter(patch, styling.to));
}

bool isDecisionOf(const crdt::Ops &ops, std::string_view field)
{
    return std::ranges::any_of(ops, [&](const crdt::Op &op) {
        const auto *set = std::get_if<crdt::SetField>(&op);
        return set != nullptr && set->object == crdt::kRoot && set->key == field;
    });
}

} // namespace

/// The group that a suggestion at a place belongs to: the last one of mine, if it was made not long
/// ago, near, and nobody has decided it yet.
std::string Author::groupAt(DocIndex doc, TextOffset at)
{
    const crdt::Document &document = m_state.document(doc).document;
    bool goesOn = m_sitting && m_sitting->doc == doc
        && m_state.now.mono - m_sitting->last < kSittingPause
        && document.field(fieldOf(m_sitting->group)).empty();
    if (goesOn) {
        const auto last = document.resolve(m_sitting->place);
        goesOn = last && std::max(*last, at) - std::min(*last, at) <= kNear;
    }
    if (!goesOn) {
        flush(); // its name is that of the change to come
        const ChangeHandle own = lastOwn();
        const std::uint64_t seq = own == ChangeHandle() ? 0 : m_state.graph.entry(own).seq.value;
        m_sitting.emplace();
        m_sitting->doc = doc;
        m_sitting->group =
            std::to_string(m_state.me.value).append(".").append(std::to_string(seq + 1));
    }
    m_sitting->last = m_state.now.mono;
    return m_sitting->group;
}

/// By me, all of it: Backspace may walk over the same letters again.
bool Author::isMarked(DocIndex doc, TextOffset from, TextOffset to, std::string_view key) const
{
    TextOffset at = from;
    for (const crdt::MarkedRun &run :
         m_state.documents.at(doc).document.markedRuns(from, to, key)) {
        const bool isMine = run.by == m_state.graph.nextHandle()
            || m_state.graph.entry(run.by).device == m_state.me;
        if (run.from != at || !isMine)
            return false;
        at += run.length;
    }
    return at == to;
}

void Author::markAs(DocIndex doc, TextOffset from, TextOffset to, const std::string &key,
                    const std::optional<std::string> &value, UndoLog &log)
{
    if (from >= to || (value && isMarked(doc, from, to, key)))
        return;
    const crdt::OpId first = write(doc, history::ChangeKind::Edit, key.size(),
                                   [&](crdt::Document &document, crdt::Draft &draft) {
                                       document.mark(from, to, key, value, draft);
                                   });
    log.record(first.change, m_state.now.mono);
    if (const auto *mark = std::get_if<crdt::SetMark>(&m_open->draft.ops.back()))
        m_state.suggestions->marked(doc, key, *mark);
    flushIfFull();
}

/// Letters are suggested to go, but for those that I suggested: they go. Says what went.
TextPatches Author::strike(DocIndex doc, TextOffset from, TextOffset to, const std::string &group,
                           UndoLog &log)
{
    TextPatches gone;
    const std::string key = std::string(crdt::kRemovedMark) + group;
    const std::vector<Stretch> own = m_state.suggestions->ownAdded(doc, from, to);
    TextOffset end = to;
    for (const Stretch &mine : own | std::views::reverse) {
        markAs(doc, mine.from + mine.length, end, key, "", log);
        erase(doc, history::ChangeKind::Edit, mine.from, mine.length, &log);
        gone.push_back({mine.from, mine.length, {}});
        end = mine.from;
    }
    markAs(doc, from, end, key, "", log);
    return gone;
}

/// Typed letters are of this group and of no other, or of none at all.
void Author::markTyped(DocIndex doc, const Stretch &typed, const std::string &group, UndoLog &log)
{
    const crdt::Document &document = m_state.document(doc).document;
    const std::string key = group.empty() ? std::string() : std::string(crdt::kAddedMark) + group;
    const MemberIndex me = memberOfDevice(m_state, m_state.me);
    const TextOffset end = typed.from + typed.length;
    bool isMarked = !key.empty();
    if (m_state.document(doc).suggested.groups.empty()) {
        isMarked = false;
    } else {
        for (const crdt::StyledRun &run : document.styledRuns(typed.from, end)) {
            isMarked = isMarked && run.marks.contains(key);
            for (const auto &[name, value] : run.marks) {
                const auto other = groupKeyOf(name);
                const bool isMine = other && other->kind == GroupKey::Kind::Added
                    && memberOfDevice(m_state, other->device) == me;
                if (isMine && name != key)
                    markAs(doc, run.from, run.from + run.length, name, std::nullopt, log);
            }
        }
    }
    if (!key.empty() && !isMarked)
        markAs(doc, typed.from, end, key, "", log);
}

/// The view's text lacks what stays: it has to be brought back there.
Author::Suggested Author::suggest(DocIndex doc, Views::Incoming edit, UndoLog &log)
{
    crdt::Document &document = m_state.document(doc).document;
    const TextOffset at = !edit.patches.empty() ? edit.patches.front().at
        : !edit.stylings.empty()                ? edit.stylings.front().from
                                                : 0;
    const std::string group = groupAt(doc, std::min(at, document.length()));
    TextPatches rest = std::move(edit.patches);
    TextPatches done;
    TextPatches back;
    const auto keepPlace = [&](TextOffset place) {
        m_sitting->place = document.anchorAt(std::min(place, document.length()));
    };
    while (!rest.empty()) {
        const TextPatch patch = std::move(rest.front());
        rest.erase(rest.begin());
        const TextOffset before = document.length();
        const TextPatches gone = strike(doc, patch.at, patch.at + patch.removed, group, log);
        const TextOffset kept = patch.removed - (before - document.length());
        done.insert(done.end(), gone.begin(), gone.end());
        const TextOffset behind = patch.at + kept;
        const auto length = static_cast<TextOffset>(utf8::length(patch.inserted));
        insert(doc, history::ChangeKind::Edit, behind, patch.inserted, &log);
        if (length > 0) {
            markTyped(doc, {behind, length}, group, log);
            done.push_back({behind, 0, patch.inserted});
        }
        keepPlace(behind + length);
        if (kept == 0)
            continue;
        Transformed both =
            transform(rest, {{patch.at, 0, document.text(patch.at, kept)}}, Precedence::Second);
        rest = std::move(both.left);
        for (const TextPatch &it : both.right) {
            for (api::Styling &styling : edit.stylings)
                carry(styling, it);
            back.push_back(it);
        }
    }
    TextPatches wiped; // of letters that this view still shows
    for (const api::Styling &styling : edit.stylings) {
        const TextOffset to = std::min(styling.to, document.length());
        if (styling.changes.contains(api::kStruckLook) && styling.from < to) {
            for (const TextPatch &gone : strike(doc, styling.from, to, group, log))
                wiped.push_back(gone);
            keepPlace(styling.from);
        }
        style(doc, styling, log);
    }
    back.insert(back.end(), wiped.begin(), wiped.end());
    done.insert(done.end(), wiped.begin(), wiped.end());
    return {std::move(done), std::move(back)};
}

void Author::tellSuggested(const api::EditText &command, Suggested suggested)
{
    std::vector<Stretch> looked = insertedBy(suggested.back);
    for (const Stretch &it : insertedBy(suggested.done))
        looked.push_back(it);
    m_state.views->patched(
        command.doc,
        {.patches = std::move(suggested.done),
         .cause = api::PatchCause::MyOtherView,
         .except = command.view,
         .looks = looksOf(m_state.document(command.doc).document, std::move(looked)),
         .tellsExcepted = true,
         .forExcepted = std::move(suggested.back)});
    m_state.suggestions->textChanged(command.doc);
    m_state.suggestions->hurry();
}

/// What should go is there again, struck through.
void Author::suggestedDraft(DocIndex doc)
{
    m_sitting.reset();
    m_state.views->reopenAll();
    m_state.suggestions->textChanged(doc);
    m_state.suggestions->hurry();
}

// ---- deciding -----------------------------------------------------------------------------------

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
    const std::string field = fieldOf(suggestion.group);
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
