// What I suggest instead of doing it.

#include "core/base/utf8.h"
#include "core/crdt/mark_rules.h"
#include "core/engine/author.h"
#include "core/engine/epochs.h"
#include "core/engine/looks.h"
#include "core/engine/self_guard.h"
#include "core/engine/suggestions.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace nlbd::engine {

namespace {

constexpr Millis kSittingPause{10'000};
constexpr TextOffset kNear = 80; // letters between two edits of one group

/// What others put at the ends of what is styled stays outside.
void carry(api::Styling &styling, const TextPatch &patch)
{
    const TextOffset from = caretAfter(patch, styling.from);
    const bool isPushed = patch.at == styling.from;
    styling.from = isPushed ? from + utf8::length(patch.inserted) : from;
    styling.to = std::max(styling.from, caretAfter(patch, styling.to));
}

bool looksSo(const Attributes &attributes, const AttributeChanges::value_type &change)
{
    const auto present = attributes.find(change.first);
    return present == attributes.end() ? !change.second : present->second == change.second;
}

/// One after the other for one key: what is asked last counts.
void addProposed(const Stretch &where, const AttributeChanges::value_type &change,
                 Author::Proposed &proposed)
{
    const auto last = std::ranges::find_if(proposed.rbegin(), proposed.rend(), [&](const auto &it) {
        return it.first.first == change.first;
    });
    if (last != proposed.rend() && last->first.second == change.second)
        last->second.push_back(where);
    else
        proposed.push_back({{change.first, change.second}, {where}});
}

/// A mark has room for it.
bool canBeHeld(const std::optional<std::string> &value)
{
    return styledValue(value).size() <= limits::kFieldValueBytesMax;
}

} // namespace

/// The group that a suggestion at a place belongs to: the last one of mine, if it was made not long
/// ago, near, and nobody has decided it yet.
std::string Author::groupAt(DocIndex doc, TextOffset at)
{
    const crdt::Document &document = m_state.document(doc).document;
    bool goesOn = m_sitting && m_sitting->doc == doc
        && m_state.now.mono - m_sitting->last < kSittingPause
        && document.field(Suggestions::fieldOf(m_sitting->group)).empty();
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

/// By me, all of it, and no letter that came inside meanwhile: Backspace may walk over the same
/// letters again.
bool Author::isMarked(DocIndex doc, TextOffset from, TextOffset to, std::string_view key,
                      std::string_view value) const
{
    const crdt::Document &document = m_state.documents.at(doc).document;
    TextOffset at = from;
    for (const crdt::MarkedRun &run : document.markedRuns(from, to, key)) {
        const bool isMine = run.by == m_state.graph.nextHandle()
            || m_state.graph.entry(run.by).device == m_state.me;
        const auto knew = [&](const crdt::Document::Run &letters) {
            const ChangeHandle writer = letters.first.change;
            return run.by == m_state.graph.nextHandle() || writer == run.by
                || (writer != m_state.graph.nextHandle() && m_state.graph.isInPast(writer, run.by));
        };
        if (run.from != at || !isMine || run.value != value
            || !std::ranges::all_of(document.runs(run.from, run.from + run.length), knew))
            return false;
        at += run.length;
    }
    return at == to;
}

void Author::markAs(DocIndex doc, TextOffset from, TextOffset to, const std::string &key,
                    const std::optional<std::string> &value, UndoLog &log)
{
    if (from >= to || (value && isMarked(doc, from, to, key, *value)))
        return;
    const crdt::OpId first =
        write(doc, history::ChangeKind::Edit, 0, [&](crdt::Document &document, crdt::Draft &draft) {
            document.mark(from, to, key, value, draft);
        });
    log.record(first.change, m_state.now.mono);
    if (const auto *mark = std::get_if<crdt::SetMark>(&m_open->draft.ops.back()))
        m_state.suggestions->marked(doc, *mark, m_state.me);
    flushIfFull();
}

/// Letters are suggested to go, but for those that I suggested: they go. Says what went.
TextPatches Author::strike(DocIndex doc, TextOffset from, TextOffset to, const std::string &group,
                           UndoLog &log, crdt::Ops &formats)
{
    TextPatches gone;
    const std::string key = std::string(crdt::kRemovedMark) + group;
    const std::vector<Stretch> own = m_state.suggestions->ownAdded(doc, from, to);
    TextOffset end = to;
    for (const Stretch &mine : own | std::views::reverse) {
        markAs(doc, mine.from + mine.length, end, key, "", log);
        const auto block = blockLeftOf(doc, mine.from, mine.from + mine.length);
        erase(doc, history::ChangeKind::Edit, mine.from, mine.length, &log);
        if (block)
            becomeBlock(doc, mine.from, *block, log, formats);
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
Author::Suggested Author::suggest(DocIndex doc, Views::Incoming edit, UndoLog &log, Breaks breaks)
{
    crdt::Document &document = m_state.document(doc).document;
    const TextOffset at = !edit.patches.empty() ? edit.patches.front().at
        : !edit.stylings.empty()                ? edit.stylings.front().from
                                                : 0;
    std::string group = groupAt(doc, std::min(at, document.length()));
    TextPatches rest = std::move(edit.patches);
    TextPatches done;
    TextPatches back;
    crdt::Ops formats;
    const auto keepPlace = [&](TextOffset place) {
        m_sitting->place = document.anchorAt(std::min(place, document.length()));
    };
    while (!rest.empty()) {
        const TextPatch patch = std::move(rest.front());
        rest.erase(rest.begin());
        const TextOffset before = document.length();
        const TextPatches gone =
            strike(doc, patch.at, patch.at + patch.removed, group, log, formats);
        const TextOffset kept = patch.removed - (before - document.length());
        done.insert(done.end(), gone.begin(), gone.end());
        const TextOffset behind = patch.at + kept;
        const auto length = static_cast<TextOffset>(utf8::length(patch.inserted));
        const Attributes parted = document.blocks(behind, behind).front().attributes;
        insert(doc, history::ChangeKind::Edit, behind, patch.inserted, &log);
        if (length > 0) {
            markTyped(doc, {behind, length}, group, log);
            if (breaks == Breaks::GoOn)
                for (const TextOffset letter : ownLettersIn(document, behind, behind + length))
                    becomeBlock(doc, letter, parted, log, formats);
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
    const std::vector<Stretch> typed = insertedBy(done);
    Proposed proposed;
    TextPatches wiped; // of letters that this view still shows
    for (const api::Styling &styling : edit.stylings) {
        const TextOffset to = std::min(styling.to, document.length());
        if (styling.changes.contains(api::kStruckLook) && styling.from < to) {
            propose(doc, std::exchange(proposed, {}), group, log);
            for (const TextPatch &gone : strike(doc, styling.from, to, group, log, formats))
                wiped.push_back(gone);
        }
        keepPlace(styling.from);
        suggestStyling(doc, styling, typed, log, proposed);
    }
    propose(doc, std::move(proposed), group, log);
    back.insert(back.end(), wiped.begin(), wiped.end());
    done.insert(done.end(), wiped.begin(), wiped.end());
    std::vector<Stretch> looked = formattedBy(document, formats);
    for (const api::Styling &styling : edit.stylings) {
        if (styling.from < styling.to)
            looked.push_back({styling.from, styling.to - styling.from});
        if (styling.isLast)
            looked.push_back({document.length(), 1});
    }
    return {std::move(done), std::move(back), std::move(looked)};
}

/// All of it is what I suggested.
bool Author::isMine(DocIndex doc, TextOffset from, TextOffset to) const
{
    const std::vector<Stretch> own = m_state.suggestions->ownAdded(doc, from, to);
    return from == to || (own.size() == 1 && own.front() == Stretch{from, to - from});
}

/// How letters and blocks look is suggested, but for letters that I suggested and for blocks of
/// nothing else: those look so at once.
void Author::suggestStyling(DocIndex doc, const api::Styling &styling,
                            const std::vector<Stretch> &typed, UndoLog &log, Proposed &proposed)
{
    const crdt::Document &document = m_state.document(doc).document;
    const TextOffset to = std::min(styling.to, document.length());
    const TextOffset from = std::min(styling.from, to);
    for (const AttributeChange &change : styling.changes) {
        if (crdt::isLetterKey(change.first)) {
            const auto isTyped = [&](TextOffset letter) {
                return std::ranges::any_of(typed, [letter](const Stretch &it) {
                    return it.from <= letter && letter < it.from + it.length;
                });
            };
            for (const TextOffset letter : ownLettersIn(document, from, to))
                suggestBlock(doc, letter, change, isTyped(letter), log, proposed);
            if (styling.isLast)
                suggestBlock(doc, document.length(), change, false, log, proposed);
            continue;
        }
        TextOffset at = from;
        for (const Stretch &mine : m_state.suggestions->ownAdded(doc, from, to)) {
            suggestMark(doc, at, mine.from, change, log, proposed);
            at = mine.from + mine.length;
            style(doc, {mine.from, at, {change}, false}, log);
        }
        suggestMark(doc, at, to, change, log, proposed);
    }
}

/// What a block is hangs at all its letters: at the break alone it would be gone with that, and the
/// last block has none. A block looks so at once if its break was just typed, if there is no letter
/// to hang anything at, and if I suggested it from the break before it on.
void Author::suggestBlock(DocIndex doc, TextOffset letter, const AttributeChange &change,
                          bool isTyped, UndoLog &log, Proposed &proposed)
{
    const crdt::Document &document = m_state.document(doc).document;
    const crdt::Block block = document.blocks(letter, letter).front();
    const TextOffset end = block.from + block.length;
    const bool isLast = end == document.length();
    const bool isBreak = letter == end;
    const bool isOwn = isBreak ? (block.from > 0 && isMine(doc, block.from - 1, end))
                               : isMine(doc, letter, letter + 1);
    if (isTyped || isOwn || (isLast && block.length == 0)) {
        style(doc, {letter, isLast && isBreak ? letter : letter + 1, {change}, isLast && isBreak},
              log);
        return;
    }
    const auto &[key, value] = change;
    if (looksSo(block.attributes, change))
        withdraw(doc, block.from, isLast ? end : end + 1, key, log);
    else if (isBreak && canBeSuggested(key) && canBeHeld(value))
        addProposed({block.from, block.length + (isLast ? 0U : 1U)}, change, proposed);
}

/// Over the letters that do not look so yet.
void Author::suggestMark(DocIndex doc, TextOffset from, TextOffset to,
                         const AttributeChange &change, UndoLog &log, Proposed &proposed)
{
    const auto &[key, value] = change;
    if (from >= to || !canBeSuggested(key) || !canBeHeld(value))
        return;
    for (const crdt::StyledRun &run : m_state.documents.at(doc).document.styledRuns(from, to)) {
        if (looksSo(run.marks, change))
            withdraw(doc, run.from, run.from + run.length, key, log);
        else
            addProposed({run.from, run.length}, change, proposed);
    }
}

/// What I suggested otherwise I do not any more.
void Author::withdraw(DocIndex doc, TextOffset from, TextOffset to, std::string_view attribute,
                      UndoLog &log)
{
    const MemberIndex me = memberOfDevice(m_state, m_state.me);
    if (m_state.document(doc).suggested.groups.empty() || from >= to)
        return;
    for (const crdt::StyledRun &run : m_state.document(doc).document.styledRuns(from, to))
        for (const auto &[name, value] : run.marks) {
            const auto key = groupKeyOf(name);
            const bool isMine = key && key->kind == GroupKey::Kind::Styled
                && key->attribute == attribute && memberOfDevice(m_state, key->device) == me;
            if (isMine)
                markAs(doc, run.from, run.from + run.length, name, std::nullopt, log);
        }
}

/// A mark for all that stands side by side: a thousand blocks are one.
void Author::propose(DocIndex doc, Proposed proposed, std::string &group, UndoLog &log)
{
    for (auto &[format, stretches] : proposed) {
        const auto &[key, value] = format;
        const auto mark = [&, &key = key, &value = value](TextOffset from, TextOffset to) {
            if (from < to && m_state.suggestions->isFull(doc, styledName(group, key))) {
                m_sitting.reset();
                group = groupAt(doc, from);
                m_sitting->place = m_state.document(doc).document.anchorAt(from);
            }
            markAs(doc, from, to, styledName(group, key), styledValue(value), log);
        };
        std::ranges::sort(stretches, {}, &Stretch::from);
        TextOffset from = 0;
        TextOffset to = 0;
        for (const Stretch &it : stretches) {
            if (it.from > to)
                mark(std::exchange(from, it.from), to);
            else if (from == to)
                from = it.from;
            to = std::max(to, it.from + it.length);
        }
        mark(from, to);
    }
}

void Author::tellSuggested(const api::EditText &command, Suggested suggested)
{
    std::vector<Stretch> looked = std::move(suggested.looked);
    for (const TextPatches *patches : {&suggested.back, &suggested.done})
        for (const Stretch &it : insertedBy(*patches))
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

} // namespace nlbd::engine
