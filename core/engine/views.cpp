#include "core/engine/views.h"

#include "core/base/utf8.h"
#include "core/engine/author.h"
#include "core/engine/authors.h"
#include "core/engine/comments.h"
#include "core/engine/drafts.h"
#include "core/engine/looks.h"
#include "core/engine/presence.h"
#include "core/engine/suggestions.h"

namespace nlbd::engine {

namespace {

constexpr Millis kMarksInterval{100};
constexpr std::size_t kMarksPerMilli = 20; // many marks are reckoned less often

/// What others put at the ends of what is styled stays outside.
void carry(api::Styling &styling, const TextPatches &patches)
{
    for (const TextPatch &patch : patches) {
        const TextOffset from = caretAfter(patch, styling.from);
        const bool isPushed = patch.at == styling.from;
        styling.from = isPushed ? from + utf8::length(patch.inserted) : from;
        styling.to = std::max(styling.from, caretAfter(patch, styling.to));
    }
}

} // namespace

void Views::open(DocIndex doc, std::uint64_t view)
{
    openAs(Key(doc, view), 0);
}

void Views::reopen(DocIndex doc, std::uint64_t view)
{
    const Key key(doc, view);
    const auto known = m_views.find(key);
    openAs(key, known == m_views.end() ? 0 : known->second.opening + 1);
}

void Views::openAs(const Key &key, std::uint64_t opening)
{
    const auto [doc, view] = key;
    const auto found = m_state.documents.find(doc);
    if (found == m_state.documents.end()) {
        m_views.erase(key); // it may have been void, and be forgotten
        m_lost.insert_or_assign(key, opening);
        return;
    }
    m_lost.erase(key);
    View fresh;
    fresh.opening = opening;
    m_views.insert_or_assign(key, std::move(fresh));
    const crdt::Document &document = found->second.document;
    api::Looks looks = looksOf(document, {{0, document.length() + 1}});
    std::erase_if(looks.letters, [](const api::Look &look) { return look.attributes.empty(); });
    for (api::Look &look : looks.letters) {
        look.from = m_state.drafts->shown(doc, look.from);
        look.to = m_state.drafts->shown(doc, look.to);
    }
    m_state.out.notify(api::DocumentOpened{doc, view, m_state.drafts->shown(doc, document.text()),
                                           opening, std::move(looks)});
    m_state.author->sendUndoState(doc);
    m_state.presence->viewOpened(doc);
    m_state.comments->viewOpened(doc, view);
    m_state.suggestions->viewOpened(doc, view);
}

void Views::close(DocIndex doc, std::uint64_t view)
{
    m_views.erase(Key(doc, view));
    m_lost.erase(Key(doc, view));
    m_state.suggestions->viewClosed(doc, view);
    if (viewsOf(doc).empty())
        m_state.presence->left(doc);
}

void Views::closeAll()
{
    m_views.clear();
    m_lost.clear();
}

void Views::findLost()
{
    for (const auto &[key, opening] : std::map(m_lost))
        if (m_state.documents.contains(key.first))
            openAs(key, opening + 1);
}

void Views::reopenAll()
{
    std::vector<Key> keys;
    for (const auto &[key, view] : m_views)
        keys.push_back(key);
    for (const auto &[doc, view] : keys)
        reopen(doc, view);
}

std::optional<Views::Incoming> Views::incoming(const api::EditText &edit)
{
    const auto found = m_views.find(Key(edit.doc, edit.view));
    if (found == m_views.end())
        return std::nullopt;
    View &view = found->second;
    if (edit.opening != view.opening)
        return std::nullopt; // made before the view heard that it begins anew
    if (edit.serial != view.lastSerial + 1 || edit.basePatch > view.patch) {
        reopen(edit.doc, edit.view);
        return std::nullopt;
    }
    while (!view.unseen.empty() && view.unseen.front().first <= edit.basePatch)
        view.unseen.pop_front();
    Incoming result{edit.patches, edit.stylings, !view.unseen.empty()};
    for (auto &[number, unseen] : view.unseen) {
        Transformed both = transform(result.patches, unseen, Precedence::First);
        result.patches = std::move(both.left);
        unseen = std::move(both.right);
        for (api::Styling &styling : result.stylings)
            carry(styling, unseen);
    }
    view.lastSerial = edit.serial;
    view.areMarksDirty = true;
    return result;
}

std::optional<TextOffset> Views::caretNow(const api::MoveCaret &command, TextOffset offset) const
{
    const auto found = m_views.find(Key(command.doc, command.view));
    if (found == m_views.end() || command.serial != found->second.lastSerial
        || command.opening != found->second.opening)
        return std::nullopt; // a later caret follows the edits under way
    for (const auto &[number, patches] : found->second.unseen)
        if (number > command.basePatch)
            for (const TextPatch &patch : patches)
                offset = caretAfter(patch, offset);
    return std::min(offset, m_state.documents.at(command.doc).document.length());
}

std::optional<Views::Asked> Views::asked(const api::Passage &passage) const
{
    const auto found = m_views.find(Key(passage.doc, passage.view));
    if (found == m_views.end() || passage.serial != found->second.lastSerial
        || passage.opening != found->second.opening)
        return std::nullopt;
    api::Styling range{passage.from, std::max(passage.from, passage.to), {}, false};
    for (const auto &[number, patches] : found->second.unseen)
        if (number > passage.basePatch)
            carry(range, patches);
    const TextOffset length = m_state.documents.at(passage.doc).document.length();
    const TextOffset end = m_state.drafts->shown(passage.doc, length);
    return Asked{std::min(range.from, end), std::min(range.to, end), found->second.patch,
                 found->second.lastSerial};
}

void Views::patched(DocIndex doc, News news)
{
    if (m_state.drafts->has(doc)) {
        news.patches = m_state.drafts->carried(doc, news.patches);
        for (api::Look &look : news.looks.letters) {
            look.from = m_state.drafts->shown(doc, look.from);
            look.to = m_state.drafts->shown(doc, look.to);
        }
    }
    shownChanged(doc, news);
}

void Views::shownChanged(DocIndex doc, const News &news)
{
    if (news.patches.empty() && news.looks.isEmpty() && news.forExcepted.empty())
        return;
    m_state.suggestions->textChanged(doc);
    for (auto &[key, view] : m_views) {
        if (key.first != doc)
            continue;
        view.areMarksDirty = true;
        const bool hasPatches = news.except && key.second == *news.except;
        if (hasPatches && !news.tellsExcepted && news.forExcepted.empty())
            continue;
        const TextPatches &patches = hasPatches ? news.forExcepted : news.patches;
        ++view.patch;
        view.unseen.emplace_back(view.patch, patches);
        m_state.out.notify(api::TextPatched{doc, key.second, view.patch, view.lastSerial, patches,
                                            news.cause, news.looks});
    }
}

bool Views::isWatched(DocIndex doc) const
{
    const auto first = m_views.lower_bound({doc, {}});
    return m_state.drafts->has(doc) || (first != m_views.end() && first->first.first == doc);
}

std::vector<Views::Basis> Views::viewsOf(DocIndex doc) const
{
    std::vector<Basis> views;
    for (const auto &[key, view] : m_views)
        if (key.first == doc)
            views.push_back({key.second, view.patch, view.lastSerial});
    return views;
}

// ---- agreement marks ----------------------------------------------------------------------------

void Views::marksChanged(DocIndex doc)
{
    for (auto &[key, view] : m_views)
        view.areMarksDirty = view.areMarksDirty || key.first == doc;
}

void Views::allMarksChanged()
{
    for (auto &[key, view] : m_views)
        view.areMarksDirty = true;
}

std::optional<api::AgreementSpan> Views::markOf(const crdt::Document::Run &run) const
{
    const Standing standing = standingOf(m_state, run.first.change);
    if (standing.state == api::Agreement::Agreed)
        return std::nullopt;
    return api::AgreementSpan{run.from, run.from + run.length, standing.state, standing.signedBy};
}

std::vector<api::AgreementSpan> Views::marksOf(DocIndex doc) const
{
    const OpenDocument &open = m_state.documents.at(doc);
    std::vector<crdt::Document::Run> runs;
    if (m_state.isAlone())
        return m_state.drafts->shown(doc, std::vector<api::AgreementSpan>());
    if (!m_state.disputed.empty()) {
        runs = open.document.runs(0, open.document.length());
    } else {
        const auto add = [&](ChangeHandle change) {
            const auto more = open.document.visibleRunsOf(change);
            runs.insert(runs.end(), more.begin(), more.end());
        };
        std::ranges::for_each(open.unratified, add);
        if (m_state.author->hasOpen(doc))
            add(m_state.graph.nextHandle());
        std::ranges::sort(runs, {}, &crdt::Document::Run::from);
    }
    std::vector<api::AgreementSpan> spans;
    for (const crdt::Document::Run &run : runs) {
        const auto span = markOf(run);
        if (!span)
            continue;
        const bool continues = !spans.empty() && spans.back().to == span->from
            && spans.back().state == span->state && spans.back().seenBy == span->seenBy;
        if (continues)
            spans.back().to = span->to;
        else
            spans.push_back(*span);
    }
    return m_state.drafts->shown(doc, spans);
}

void Views::sendMarksIfDue()
{
    if (m_state.now.mono < m_nextMarks || !nextDeadline())
        return;
    std::size_t work = 0;
    for (auto &[key, view] : m_views) {
        if (!view.areMarksDirty)
            continue;
        view.areMarksDirty = false;
        std::vector<api::AgreementSpan> marks = marksOf(key.first);
        // Each change that lacks a quorum is looked at, though many may make one mark.
        work += marks.size() + m_state.documents.at(key.first).unratified.size();
        // Also told when only the basis moved: it says which of the view's edits have arrived.
        const std::pair basis(view.patch, view.lastSerial);
        if (view.marksBasis == basis && marks == view.marks)
            continue;
        view.marksBasis = basis;
        view.marks = marks;
        m_state.out.notify(api::AgreementChanged{
            key.first, key.second, view.patch, view.lastSerial, std::move(marks),
            static_cast<std::uint16_t>(m_state.seatCount()),
            static_cast<std::uint16_t>(identity::quorumOf(m_state.seatCount()))});
    }
    m_nextMarks = m_state.now.mono + kMarksInterval
        + Millis(static_cast<std::int64_t>(work / kMarksPerMilli));
}

std::optional<MonoTime> Views::nextDeadline() const
{
    const bool isAnyDirty =
        std::ranges::any_of(m_views, [](const auto &view) { return view.second.areMarksDirty; });
    return isAnyDirty ? std::optional(m_nextMarks) : std::nullopt;
}

} // namespace nlbd::engine
