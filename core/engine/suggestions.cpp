#include "core/engine/suggestions.h"

#include "core/base/utf8.h"
#include "core/crdt/kept_letters.h"
#include "core/crdt/mark_rules.h"
#include "core/engine/authors.h"
#include "core/engine/epochs.h"
#include "core/engine/suggestion_parts.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

constexpr std::string_view kKeptPrefix = "kept.";

using What = api::Suggestion::Part::What;

int rankOf(api::Agreement state)
{
    switch (state) {
    case api::Agreement::Disputed:
        return 0;
    case api::Agreement::Unsent:
        return 1;
    case api::Agreement::Pencil:
        return 2;
    case api::Agreement::Agreed:
        break;
    }
    return 3;
}

DeviceIndex deviceOf(const Engine::State &state, ChangeHandle change)
{
    return change == state.graph.nextHandle() ? state.me : state.graph.entry(change).device;
}

/// The handle of the first change that does not stand in the past of this one.
std::uint32_t firstUnknownTo(const history::CausalGraph &graph, ChangeHandle change)
{
    const history::Clock past = graph.clockOf(change);
    std::uint32_t first = change.value;
    for (std::size_t i = 0; i < graph.chainCount(); ++i) {
        const history::ChainId chain(static_cast<std::uint16_t>(i));
        const std::uint64_t known = i < past.size() ? past[i] : 0;
        const std::uint64_t next = std::max(known + 1, graph.firstOf(chain).value);
        const ChangeHandle unknown = graph.onChain(chain, Seq(next));
        if (unknown != ChangeHandle())
            first = std::min(first, unknown.value);
    }
    return first;
}

} // namespace

MemberIndex memberOfDevice(const Engine::State &state, DeviceIndex device)
{
    const identity::Device *known = state.known().device(device);
    return known == nullptr ? MemberIndex(UINT16_MAX) : known->member;
}

MemberIndex Suggestions::memberOf(ChangeHandle change) const
{
    return memberOfDevice(m_state, deviceOf(m_state, change));
}

// ---- what comes ---------------------------------------------------------------------------------

void Suggestions::handlesChanged()
{
    m_traits.clear();
    m_contested.clear();
}

void Suggestions::changeTaken(const history::Change &change)
{
    const auto &header = change.header();
    OpenDocument &open = m_state.document(header.doc);
    SuggestionBook &book = open.suggested;
    const bool isUndo = header.kind == history::ChangeKind::Undo;
    const bool isConcurrent = m_state.graph.heads().size() > 1;
    m_traits.resize(m_state.graph.size());
    m_traits[change.handle().value - 1] = {
        isUndo, isConcurrent ? firstUnknownTo(m_state.graph, change.handle()) : UINT32_MAX};
    bool deletes = false;
    bool inserts = false;
    for (const crdt::Op &op : change.ops()) {
        deletes = deletes || std::holds_alternative<crdt::DeleteText>(op);
        inserts = inserts || std::holds_alternative<crdt::InsertText>(op);
        const auto *field = std::get_if<crdt::SetField>(&op);
        if (field != nullptr && field->object == crdt::kRoot
            && field->key.starts_with(kDecisionField))
            m_contested.emplace(header.doc, field->key);
        if (const auto *mark = std::get_if<crdt::SetMark>(&op))
            marked(header.doc, *mark, isUndo ? std::nullopt : std::optional(header.device));
    }
    book.hasConcurrency = book.hasConcurrency || isConcurrent;
    book.hasDeletions = book.hasDeletions || deletes;
    const bool mayKeep = isConcurrent && (deletes || inserts);
    const bool mayDrop = isUndo || (deletes && !book.kept.empty());
    book.isStale =
        book.isStale || (book.hasConcurrency && book.hasDeletions && (mayKeep || mayDrop));
    if (isUndo || isConcurrent)
        for (auto &[id, group] : book.groups)
            group.isIdle = false;
    textChanged(header.doc);
}

void Suggestions::marked(DocIndex doc, const crdt::SetMark &op, std::optional<DeviceIndex> by)
{
    const auto parsed = groupKeyOf(op.key);
    // Of one who claims another's group nothing is written down: it would count for nothing.
    const bool isOwners =
        parsed && by && memberOfDevice(m_state, *by) == memberOfDevice(m_state, parsed->device);
    if (!parsed || !op.value || (by && !isOwners))
        return;
    SuggestionBook &book = m_state.document(doc).suggested;
    auto found = book.groups.find(parsed->group);
    if (found == book.groups.end()) {
        std::uint32_t &begun = book.perDevice[parsed->device.value];
        if (begun == SuggestionBook::kGroupsPerDevice)
            return;
        ++begun;
        found = book.groups.emplace(std::string(parsed->group), SuggestionBook::Group()).first;
    }
    found->second.isIdle = false;
    SuggestionBook::Marked &marked = found->second.marks[op.key];
    if (isOwners)
        marked.values.insert(*op.value);
    const SuggestionBook::Place place{op.from, op.to};
    const bool isKnown = std::ranges::find(marked.places, place) != marked.places.end();
    if (!isKnown && marked.places.size() < SuggestionBook::kPlacesPerMark)
        marked.places.push_back(place);
}

bool Suggestions::isFull(DocIndex doc, std::string_view key) const
{
    const auto parsed = groupKeyOf(key);
    const auto &groups = m_state.documents.at(doc).suggested.groups;
    const auto group = parsed ? groups.find(parsed->group) : groups.end();
    if (group == groups.end())
        return false;
    const auto marked = group->second.marks.find(key);
    return marked != group->second.marks.end()
        && marked->second.places.size() == SuggestionBook::kPlacesPerMark;
}

void Suggestions::textChanged(DocIndex doc)
{
    for (auto it = m_told.lower_bound({doc, 0}); it != m_told.end() && it->first.first == doc; ++it)
        it->second.isDirty = true;
}

void Suggestions::viewOpened(DocIndex doc, std::uint64_t view)
{
    m_told.insert_or_assign(Key(doc, view), Told());
    SuggestionBook &book = m_state.document(doc).suggested;
    book.isStale = book.isStale || book.hasConcurrency;
    for (auto &[id, group] : book.groups)
        group.isIdle = false;
}

std::set<std::pair<DocIndex, std::string>> Suggestions::takeContested()
{
    return std::exchange(m_contested, {});
}

// ---- what of it shows ---------------------------------------------------------------------------

struct Suggestions::Found {
    api::Suggestion suggestion;
    ChangeHandle newest;
    bool isAny = false;
};

/// A mark, or letters, of the group.
void Suggestions::note(Found &found, ChangeHandle change) const
{
    api::Suggestion &it = found.suggestion;
    const Standing standing = standingOf(m_state, change);
    if (!found.isAny || rankOf(standing.state) < rankOf(it.state))
        it.state = standing.state;
    if (!found.isAny || m_state.graph.isBefore(found.newest, change)) {
        found.newest = change;
        it.device = deviceOf(m_state, change);
        it.when.reset();
        if (change != m_state.graph.nextHandle())
            it.when =
                std::min(WallTime(Millis(m_state.graph.entry(change).wallMs)), m_state.now.wall);
    }
    found.isAny = true;
}

void Suggestions::addParts(DocIndex doc, const std::string &name,
                           const SuggestionBook::Marked &marked, Found &found) const
{
    const crdt::Document &document = m_state.documents.at(doc).document;
    const auto key = groupKeyOf(name);
    if (!key)
        return;
    const MemberIndex owner = memberOfDevice(m_state, key->device);
    found.suggestion.member = owner;
    std::set<std::pair<TextOffset, TextOffset>> wheres;
    for (const SuggestionBook::Place &place : marked.places) {
        const auto from = document.resolve(place.from);
        const auto to = document.resolve(place.to);
        if (from && to && *from < *to)
            wheres.emplace(*from, *to);
    }
    TextOffset done = 0;
    for (const auto &[from, to] : wheres) {
        if (to <= done)
            continue;
        for (const crdt::MarkedRun &mark : document.markedRuns(std::max(from, done), to, name)) {
            // Who takes something back says again what was said, and nothing new in another's name.
            const bool isHis = memberOf(mark.by) == owner
                || (isUndo(mark.by) && marked.values.contains(mark.value));
            if (isHis)
                addLetters(doc, *key, mark, found);
        }
        done = to;
    }
}

/// Those under a mark that count.
void Suggestions::addLetters(DocIndex doc, const GroupKey &key, const crdt::MarkedRun &mark,
                             Found &found) const
{
    const bool isStyled = key.kind == What::Styled;
    const auto value = valueStyled(mark.value);
    if (isStyled && !value)
        return;
    std::optional<std::uint16_t> format = isStyled ? std::nullopt : std::optional<std::uint16_t>(0);
    const TextOffset end = mark.from + mark.length;
    for (const auto &run : m_state.documents.at(doc).document.runs(mark.from, end)) {
        const ChangeHandle writer = run.first.change;
        if (!counts(key, writer, mark.by, found.suggestion.member))
            continue;
        if (!format)
            format = formatPlace({std::string(key.attribute), *value}, found.suggestion.formats);
        if (!format)
            return; // it waits until others are decided
        found.suggestion.parts.push_back({key.kind, run.from, run.from + run.length, *format});
        note(found, key.kind == What::Added ? writer : mark.by);
    }
}

bool Suggestions::counts(const GroupKey &key, ChangeHandle writer, ChangeHandle marker,
                         MemberIndex owner) const
{
    return key.kind == GroupKey::Kind::Added
        ? memberOf(writer) == owner || (isUndo(writer) && writer == marker)
        : writer == marker || m_state.graph.isInPast(writer, marker);
}

void Suggestions::addWords(DocIndex doc, api::Suggestion &suggestion) const
{
    const crdt::Document &document = m_state.documents.at(doc).document;
    TextOffset told = 0; // of what is to look otherwise: in several ways perhaps
    for (const api::Suggestion::Part &part : suggestion.parts) {
        const bool isStyled = part.what == What::Styled;
        const TextOffset from = isStyled ? std::max(part.from, told) : part.from;
        if (from >= part.to)
            continue;
        if (isStyled)
            told = part.to;
        const TextOffset length = std::min<TextOffset>(
            part.to - from, static_cast<TextOffset>(api::Suggestion::kWordsBytesMax));
        std::string &words = part.what == What::Added ? suggestion.added
            : isStyled                                ? suggestion.styled
                                                      : suggestion.removed;
        appendWords(words, document.text(from, length));
    }
}

void Suggestions::addProposed(DocIndex doc, std::string_view id, SuggestionBook::Group &group,
                              std::vector<api::Suggestion> &all)
{
    Found found;
    found.suggestion.group = id;
    for (const auto &[name, marked] : group.marks)
        addParts(doc, name, marked, found);
    group.isIdle = !found.isAny;
    if (!found.isAny)
        return;
    joinParts(found.suggestion.parts);
    addWords(doc, found.suggestion);
    all.push_back(std::move(found.suggestion));
}

/// By handle - 1: whether something that is known may be concurrent with it. @complexity linear.
std::vector<bool> Suggestions::concurrent() const
{
    std::vector<bool> are(m_traits.size());
    std::uint32_t looseFrom = UINT32_MAX; // of those that came later, and of itself
    for (std::size_t i = m_traits.size(); i > 0; --i) {
        looseFrom = std::min(looseFrom, m_traits[i - 1].looseFrom);
        are[i - 1] = looseFrom <= i;
    }
    return are;
}

void Suggestions::findKept(DocIndex doc)
{
    OpenDocument &open = m_state.document(doc);
    SuggestionBook &book = open.suggested;
    book.isStale = false;
    book.kept.clear();
    const std::vector<bool> loose = concurrent();
    const auto found = crdt::keptLetters(
        open.document,
        {m_state.graph, [this](ChangeHandle it) { return std::uint32_t(memberOf(it).value); },
         [&](ChangeHandle it) {
             return it.value != 0 && it.value <= loose.size() && loose[it.value - 1];
         },
         [this](ChangeHandle it) { return isUndo(it); }});
    for (const crdt::KeptLetters &it : found) {
        const crdt::OpId last{it.first.change, it.first.index + it.length - 1};
        book.kept.push_back({{{it.first, crdt::Side::Left}, {last, crdt::Side::Right}},
                             it.first.change,
                             it.against,
                             it.gap});
    }
}

void Suggestions::addKept(DocIndex doc, std::vector<api::Suggestion> &all)
{
    OpenDocument &open = m_state.document(doc);
    const crdt::Document &document = open.document;
    if (open.suggested.isStale)
        findKept(doc);
    struct Groups {
        Found found;
        MemberIndex member;
        std::uint32_t gap = 0;
    };
    std::vector<Groups> groups;
    TextOffset told = 0; // who lost a paragraph to two hears of the first
    for (const SuggestionBook::Kept &it : open.suggested.kept) {
        const auto from = document.resolve(it.place.from);
        const auto to = document.resolve(it.place.to);
        if (!from || !to || *from < told)
            continue;
        const MemberIndex member = memberOf(it.by);
        for (const auto &run : document.runs(*from, *to)) {
            if (run.first.change != it.by)
                continue;
            TextOffset at = run.from;
            const TextOffset end = run.from + run.length;
            const auto add = [&](TextOffset until) {
                if (at >= until)
                    return;
                const bool isNew =
                    groups.empty() || groups.back().member != member || groups.back().gap != it.gap;
                if (isNew) {
                    Found found;
                    const auto &entry = m_state.graph.entry(it.by);
                    found.suggestion.group = std::string(kKeptPrefix)
                                                 .append(std::to_string(entry.device.value))
                                                 .append(".")
                                                 .append(std::to_string(entry.seq.value));
                    found.suggestion.kind = api::Suggestion::Kind::Kept;
                    found.suggestion.member = member;
                    found.suggestion.removedBy = memberOf(it.against);
                    groups.push_back({std::move(found), member, it.gap});
                }
                groups.back().found.suggestion.parts.push_back({What::Added, at, until});
                note(groups.back().found, it.by);
            };
            for (const crdt::MarkedRun &kept : document.markedRuns(at, end, crdt::kKeptMark)) {
                add(kept.from);
                at = kept.from + kept.length;
            }
            add(end);
            told = end;
        }
    }
    std::map<std::string, std::size_t> known;
    for (Groups &it : groups) {
        api::Suggestion &suggestion = it.found.suggestion;
        const auto [same, isNew] = known.emplace(suggestion.group, all.size());
        if (!isNew) { // one change wrote into two gaps
            auto &parts = all[same->second].parts;
            parts.insert(parts.end(), suggestion.parts.begin(), suggestion.parts.end());
            continue;
        }
        all.push_back(std::move(suggestion));
    }
    for (const auto &[id, index] : known) {
        joinParts(all[index].parts);
        addWords(doc, all[index]);
    }
}

std::vector<api::Suggestion> Suggestions::of(DocIndex doc, bool &isCut)
{
    std::vector<api::Suggestion> all;
    SuggestionBook &book = m_state.document(doc).suggested;
    for (auto &[id, group] : book.groups)
        if (!group.isIdle)
            addProposed(doc, id, group, all);
    addKept(doc, all);
    std::ranges::stable_sort(all, {}, [](const api::Suggestion &it) {
        return std::pair(it.parts.front().from, it.group);
    });
    std::map<MemberIndex, std::size_t> counts;
    const std::size_t before = all.size();
    std::erase_if(all, [&](const api::Suggestion &it) {
        return ++counts[it.member] > api::SuggestionsChanged::kPerMemberMax;
    });
    if (all.size() > api::SuggestionsChanged::kMax)
        all.resize(api::SuggestionsChanged::kMax);
    for (api::Suggestion &it : all)
        cutFormats(it.formats);
    isCut = all.size() < before;
    return all;
}

std::optional<api::Suggestion> Suggestions::find(DocIndex doc, std::string_view group)
{
    std::vector<api::Suggestion> all;
    SuggestionBook &book = m_state.document(doc).suggested;
    if (group.starts_with(kKeptPrefix)) {
        addKept(doc, all);
    } else if (const auto found = book.groups.find(group); found != book.groups.end()) {
        addProposed(doc, group, found->second, all);
    }
    for (api::Suggestion &it : all)
        if (it.group == group)
            return std::move(it);
    return std::nullopt;
}

std::vector<Stretch> Suggestions::ownAdded(DocIndex doc, TextOffset from, TextOffset to) const
{
    std::vector<Stretch> own;
    const OpenDocument &open = m_state.documents.at(doc);
    const MemberIndex me = memberOfDevice(m_state, m_state.me);
    if (open.suggested.groups.empty() || from >= to)
        return own;
    for (const crdt::StyledRun &run : open.document.styledRuns(from, to)) {
        const bool isMine = std::ranges::any_of(run.marks, [&](const auto &mark) {
            const auto key = groupKeyOf(mark.first);
            return key && key->kind == GroupKey::Kind::Added
                && memberOfDevice(m_state, key->device) == me;
        });
        if (!isMine)
            continue;
        for (const auto &letters : open.document.runs(run.from, run.from + run.length)) {
            if (memberOf(letters.first.change) != me)
                continue;
            if (!own.empty() && own.back().from + own.back().length == letters.from)
                own.back().length += letters.length;
            else
                own.push_back({letters.from, letters.length});
        }
    }
    return own;
}

} // namespace nlbd::engine
