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

/// What the keys of blocks become.
AttributeChanges blockChanges(const Attributes &from, const Attributes &to)
{
    AttributeChanges changes;
    for (const std::string_view key : crdt::kLetterKeys) {
        const auto before = from.find(key);
        const auto after = to.find(key);
        const bool isSet = after != to.end();
        if (isSet && (before == from.end() || before->second != after->second))
            changes.emplace(key, after->second);
        if (!isSet && before != from.end())
            changes.emplace(key, std::nullopt);
    }
    return changes;
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

/// Who takes away the break between two blocks joins the second to the first, unless only of the
/// second anything is left: what the first one is.
std::optional<Attributes> Author::blockLeftOf(DocIndex doc, TextOffset from, TextOffset to) const
{
    const crdt::Document &document = m_state.documents.at(doc).document;
    const crdt::Block first = document.blocks(from, from).front();
    const crdt::Block last = document.blocks(to, to).front();
    const bool isAnyLeft = first.from < from || last.from + last.length == to;
    const bool joins = isAnyLeft && first.from + first.length < to;
    return joins ? std::optional(first.attributes) : std::nullopt;
}

void Author::becomeBlock(DocIndex doc, TextOffset at, const Attributes &attributes, UndoLog &log,
                         crdt::Ops &formats)
{
    const crdt::Document &document = m_state.document(doc).document;
    const crdt::Block block = document.blocks(at, at).front();
    const TextOffset end = block.from + block.length;
    const bool isLast = end == document.length();
    style(doc, {end, isLast ? end : end + 1, blockChanges(block.attributes, attributes), isLast},
          log, &formats);
}

/// What was suggested of how letters look, or the blocks that they are of. Returns the end of what
/// looks so now.
TextOffset Author::giveFormat(DocIndex doc, const api::Suggestion::Part &part,
                              const AttributeChange &change, UndoLog &log, crdt::Ops &formats)
{
    if (!crdt::isLetterKey(change.first)) {
        style(doc, {part.from, part.to, {change}, false}, log, &formats);
        return part.to;
    }
    TextOffset end = part.to;
    const crdt::Document &document = m_state.document(doc).document;
    for (const crdt::Block &block : document.blocks(part.from, part.to - 1)) {
        Attributes attributes = block.attributes;
        if (change.second)
            attributes.insert_or_assign(change.first, *change.second);
        else
            attributes.erase(change.first);
        becomeBlock(doc, block.from, attributes, log, formats);
        end = block.from + block.length + 1;
    }
    return end;
}

void Author::decideFormats(DocIndex doc, const api::Suggestion &suggestion, bool isAccepted,
                           UndoLog &log, Done &all)
{
    std::map<std::uint16_t, TextOffset> done; // a block in many parts is set once
    for (const api::Suggestion::Part &part : suggestion.parts) {
        if (part.what != api::Suggestion::Part::What::Styled)
            continue;
        const api::Suggestion::Format &format = suggestion.formats.at(part.format);
        if (isAccepted && part.to > done[part.format])
            done[part.format] = giveFormat(doc, part, {format.key, format.value}, log, all.formats);
        markAs(doc, part.from, part.to, styledName(suggestion.group, format.key), std::nullopt,
               log);
    }
}

void Author::decideOne(DocIndex doc, const api::Suggestion &suggestion, api::Verdict verdict,
                       UndoLog &log, Done &done)
{
    using What = api::Suggestion::Part::What;
    const bool isAccepted = verdict == api::Verdict::Accepted;
    const bool isKept = suggestion.kind == api::Suggestion::Kind::Kept;
    m_decision.emplace(Suggestions::fieldOf(suggestion.group), isAccepted ? kAccepted : kRejected);
    // Formats and marks first: they move nothing. Then letters from the end on.
    decideFormats(doc, suggestion, isAccepted, log, done);
    for (const api::Suggestion::Part &part : suggestion.parts) {
        const bool isAdded = part.what == What::Added;
        if (part.what == What::Styled || isAdded != isAccepted)
            continue;
        if (isKept)
            markAs(doc, part.from, part.to, std::string(crdt::kKeptMark), "", log);
        else
            markAs(doc, part.from, part.to,
                   std::string(isAdded ? crdt::kAddedMark : crdt::kRemovedMark) + suggestion.group,
                   std::nullopt, log);
    }
    for (const api::Suggestion::Part &part : suggestion.parts | std::views::reverse) {
        if (part.what == What::Styled || (part.what == What::Added) == isAccepted)
            continue;
        const std::optional<Attributes> block = blockLeftOf(doc, part.from, part.to);
        for (TextOffset end = part.to; end > part.from;) {
            const TextOffset from = end - std::min(end - part.from, kErasedAtOnce);
            erase(doc, history::ChangeKind::Edit, from, end - from, &log);
            end = from;
        }
        if (block)
            becomeBlock(doc, part.from, *block, log, done.formats);
        done.patches.push_back({part.from, part.to - part.from, {}});
    }
    flush();
    m_decision.reset();
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
         carryOut(doc, crdt::Reversal(std::move(group), std::move(own), log.copies()), log.copies(),
                  std::nullopt, done))
        log.record(change, m_state.now.mono);
    setField(doc, field, stands);
    log.record(m_open->draft.change, m_state.now.mono);
    flush();
    log.endGroup();
    tell(doc, done, api::PatchCause::MyOtherView);
    sendUndoState(doc);
}

} // namespace nlbd::engine
