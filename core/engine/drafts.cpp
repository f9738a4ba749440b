#include "core/engine/drafts.h"

#include "core/base/codec.h"
#include "core/base/utf8.h"
#include "core/engine/author.h"
#include "core/engine/board.h"
#include "core/engine/looks.h"
#include "core/engine/self_guard.h"
#include "core/engine/views.h"

#include <algorithm>
#include <charconv>
#include <functional>

namespace nlbd::engine {

namespace {

constexpr std::string_view kPrefix = "draft.";
constexpr std::string_view kSuggestedPrefix = "suggestion."; // of a draft that is only suggested
constexpr std::size_t kDraftBytesMax = 512 * 1024;           // a row holds up to 1 MiB
constexpr std::size_t kPatchesMax = 100'000;

std::size_t bytesIn(const TextPatches &patches)
{
    std::size_t bytes = 0;
    for (const TextPatch &patch : patches)
        bytes += patch.inserted.size() + 16;
    return bytes;
}

Bytes encode(const TextPatches &patches)
{
    Writer out;
    for (const TextPatch &patch : patches) {
        out.varint(patch.at);
        out.varint(patch.removed);
        out.text(patch.inserted);
    }
    return std::move(out).take();
}

std::optional<TextPatches> decode(ByteView bytes)
{
    Reader in(bytes);
    TextPatches patches;
    while (in.ok() && in.left() > 0 && patches.size() < kPatchesMax) {
        TextPatch patch;
        patch.at = static_cast<TextOffset>(in.varint(UINT32_MAX));
        patch.removed = static_cast<TextOffset>(in.varint(UINT32_MAX));
        patch.inserted = std::string(in.text(kDraftBytesMax));
        patches.push_back(std::move(patch));
    }
    return in.done() ? std::optional(patches) : std::nullopt;
}

/// Typing goes on where the last patch ended, and takes back what it just typed.
bool continues(TextPatch &last, const TextPatch &next)
{
    const auto length = static_cast<TextOffset>(utf8::length(last.inserted));
    if (next.removed == 0 && next.at == last.at + length) {
        last.inserted += next.inserted;
        return true;
    }
    const bool takesBack =
        next.inserted.empty() && next.at >= last.at && next.at + next.removed == last.at + length;
    if (takesBack)
        last.inserted = std::string(utf8::slice(last.inserted, 0, next.at - last.at));
    return takesBack;
}

/// The document whose draft a row holds.
std::optional<DocIndex> docIn(std::string_view key, std::string_view prefix)
{
    std::uint32_t number = 0;
    if (!key.starts_with(prefix))
        return std::nullopt;
    const char *last = key.data() + key.size();
    const auto [end, error] = std::from_chars(key.data() + prefix.size(), last, number);
    return error == std::errc() && end == last ? std::optional(DocIndex(number)) : std::nullopt;
}

/// Letters that were suggested to go, as patches: the last ones first, which move no others.
TextPatches strikesOf(std::vector<api::Styling> stylings)
{
    std::ranges::sort(stylings, std::greater(), &api::Styling::from);
    TextPatches strikes;
    for (const api::Styling &styling : stylings) {
        const TextOffset most = strikes.empty() ? UINT32_MAX : strikes.back().at;
        const TextOffset to = std::min(styling.to, most);
        if (styling.changes.contains(api::kStruckLook) && styling.from < to)
            strikes.push_back({styling.from, to - styling.from, {}});
    }
    return strikes;
}

using Range = std::pair<TextOffset, TextOffset>;

TextOffset afterRemoval(const TextPatch &patch, TextOffset offset)
{
    if (offset <= patch.at)
        return offset;
    return std::max<TextOffset>(patch.at, offset - std::min(offset, patch.removed));
}

/// Where the words of a draft stand, in order and apart from each other.
std::vector<Range> wordsOf(const TextPatches &patches)
{
    std::vector<Range> words;
    for (const TextPatch &patch : patches) {
        const auto length = static_cast<TextOffset>(utf8::length(patch.inserted));
        for (auto &[from, to] : words) {
            from = afterRemoval(patch, from);
            to = afterRemoval(patch, to);
            to += patch.at < to ? length : 0;
            from += patch.at <= from ? length : 0;
        }
        if (length > 0)
            words.emplace_back(patch.at, patch.at + length);
    }
    std::erase_if(words, [](const Range &range) { return range.first >= range.second; });
    std::ranges::sort(words);
    std::vector<Range> apart;
    for (const Range &range : words) {
        if (!apart.empty() && range.first <= apart.back().second)
            apart.back().second = std::max(apart.back().second, range.second);
        else
            apart.push_back(range);
    }
    return apart;
}

} // namespace

void Drafts::load(const std::vector<store::MetaRow> &meta)
{
    const auto read = [&](std::string_view prefix, Mode mode) {
        for (const store::MetaRow &row : meta) {
            const auto doc = docIn(row.key, prefix);
            const auto patches = doc && !row.value.empty() ? decode(row.value) : std::nullopt;
            if (patches && !patches->empty())
                m_drafts[*doc] = {fitting(*doc, *patches), mode};
        }
    };
    read(kPrefix, Mode::Writing);
    read(kSuggestedPrefix, Mode::Suggesting);
}

void Drafts::edit(const api::EditText &command)
{
    const auto document = m_state.documents.find(command.doc);
    const auto incoming = m_state.views->incoming(command);
    if (document == m_state.documents.end() || !incoming)
        return;
    TextPatches patches = incoming->patches;
    const TextPatches strikes =
        command.mode == Mode::Suggesting ? strikesOf(incoming->stylings) : TextPatches();
    patches.insert(patches.end(), strikes.begin(), strikes.end());
    TextPatches all;
    if (const auto found = m_drafts.find(command.doc); found != m_drafts.end())
        all = found->second.patches;
    all.insert(all.end(), patches.begin(), patches.end());
    if (!fits(all, document->second.document.length()) || bytesIn(all) > kDraftBytesMax) {
        m_state.out.notify(api::Trouble{bytesIn(all) > kDraftBytesMax
                                            ? api::Trouble::Kind::DocumentTooLong
                                            : api::Trouble::Kind::TextNotValid,
                                        {},
                                        false});
        m_state.views->reopen(command.doc, command.view);
        return;
    }
    add(command.doc, patches, command.mode);
    if (!strikes.empty()) { // its own view shows them where they were
        m_state.views->reopenAll();
        return;
    }
    // A draft is words: its view hears how they are kept, and goes on.
    m_state.views->shownChanged(
        command.doc,
        {.patches = patches,
         .cause = api::PatchCause::MyOtherView,
         .except = command.view,
         .looks = looksKept(command.doc, *incoming),
         .tellsExcepted = !incoming->stylings.empty() || incoming->hasCrossed});
}

/// How what was to look otherwise goes on to look; and what was typed beside it by somebody who did
/// not know so yet.
api::Looks Drafts::looksKept(DocIndex doc, const Views::Incoming &edit) const
{
    const crdt::Document &document = m_state.documents.at(doc).document;
    api::Looks looks;
    std::vector<Range> places;
    if (edit.hasCrossed)
        for (const Stretch &typed : insertedBy(edit.patches))
            places.emplace_back(typed.from, typed.from + typed.length);
    for (const api::Styling &styling : edit.stylings) {
        places.emplace_back(styling.from, styling.to);
        if (styling.isLast)
            looks.last = looksOf(document, {{document.length(), 1}}).last;
    }
    std::ranges::sort(places);
    TextOffset at = 0;
    for (const auto &[from, to] : places) {
        at = std::max(at, from);
        const auto [below, end] = under(doc, at, to);
        const TextOffset first = below - std::min<TextOffset>(below, 1);
        const TextOffset last = std::min(end + 1, document.length());
        for (const api::Look &look : looksOf(document, {{first, last - first}}).letters) {
            const TextOffset begins = std::clamp(shown(doc, look.from), at, std::max(at, to));
            const TextOffset ends = std::clamp(shown(doc, look.to), begins, std::max(at, to));
            if (look.attributes.empty() || begins == ends)
                continue;
            if (at < begins)
                looks.letters.push_back({at, begins, {}});
            looks.letters.push_back({begins, ends, look.attributes});
            at = ends;
        }
        if (at < to)
            looks.letters.push_back({at, to, {}});
        at = std::max(at, to);
    }
    return looks;
}

void Drafts::add(DocIndex doc, const TextPatches &patches, Mode mode)
{
    Draft &draft = m_drafts[doc];
    if (mode == Mode::Suggesting)
        draft.mode = mode;
    for (const TextPatch &patch : patches)
        if (draft.patches.empty() || !continues(draft.patches.back(), patch))
            draft.patches.push_back(patch);
    std::erase_if(draft.patches, [](const TextPatch &patch) {
        return patch.removed == 0 && patch.inserted.empty();
    });
    keep(doc);
}

/// One of the two rows of a document is empty, or both are.
store::Rows Drafts::rowsOf(DocIndex doc) const
{
    const auto found = m_drafts.find(doc);
    store::Rows rows;
    for (const Mode mode : {Mode::Writing, Mode::Suggesting}) {
        const bool isIt = found != m_drafts.end() && found->second.mode == mode;
        const std::string_view prefix = mode == Mode::Writing ? kPrefix : kSuggestedPrefix;
        rows.push_back(store::MetaRow{std::string(prefix) + std::to_string(doc.value),
                                      isIt ? encode(found->second.patches) : Bytes()});
    }
    return rows;
}

void Drafts::keep(DocIndex doc)
{
    if (const auto found = m_drafts.find(doc);
        found != m_drafts.end() && found->second.patches.empty())
        m_drafts.erase(found);
    m_state.out.persist(rowsOf(doc), store::Sync::Lazy);
}

void Drafts::release()
{
    if (m_drafts.empty())
        return;
    if (!m_state.hasPen()) { // own changes that are missing may be void, and then never come
        keepWords();
        return;
    }
    if (m_state.author->isBehindJournal())
        return;
    for (const auto &[doc, draft] : std::exchange(m_drafts, {})) {
        if (!m_state.documents.contains(doc)) {
            m_drafts[doc] = draft;
            continue;
        }
        // Signed and no draft any more in one batch: a crash keeps the one or the other.
        m_state.author->apply(doc, fitting(doc, draft.patches), draft.mode, rowsOf(doc));
    }
}

void Drafts::releaseArrived()
{
    const bool hasArrived = std::ranges::any_of(
        m_drafts, [this](const auto &draft) { return m_state.documents.contains(draft.first); });
    if (hasArrived && m_state.guard->maySign())
        release();
}

/// A pen that ended meanwhile never comes back: what waits for it is refused like any edit, and its
/// words are kept like those of any.
void Drafts::keepWords()
{
    while (!m_drafts.empty()) {
        const DocIndex doc = m_drafts.begin()->first;
        const auto pieces = piecesOf(doc);
        m_drafts.erase(doc);
        m_state.board->rejections().keepDraft(doc, pieces, rowsOf(doc)); // a crash keeps one
    }
    m_state.out.notify(api::Trouble{api::Trouble::Kind::MayNotWrite, {}, false});
    m_state.views->reopenAll();
}

/// The words of a draft and where they would stand; without places if their document is not here.
std::vector<Rejections::Piece> Drafts::piecesOf(DocIndex doc)
{
    TextPatches &patches = m_drafts.at(doc).patches;
    std::vector<Rejections::Piece> pieces;
    const auto document = m_state.documents.find(doc);
    if (document == m_state.documents.end()) {
        for (const TextPatch &patch : patches)
            if (!patch.inserted.empty())
                pieces.push_back({std::nullopt, patch.inserted});
        return pieces;
    }
    patches = fitting(doc, patches);
    const std::string text = shown(doc, document->second.document.text());
    for (const auto &[from, to] : wordsOf(patches))
        pieces.push_back(
            {under(doc, from, from).first, std::string(utf8::slice(text, from, to - from))});
    return pieces;
}

/// Always the draft itself, but for rows that do not belong to the history beside them: their words
/// then stand at the end.
TextPatches Drafts::fitting(DocIndex doc, const TextPatches &patches) const
{
    const auto document = m_state.documents.find(doc);
    if (document == m_state.documents.end() || fits(patches, document->second.document.length()))
        return patches;
    TextPatch words{document->second.document.length(), 0, {}};
    for (const TextPatch &patch : patches)
        words.inserted += patch.inserted;
    return {words};
}

Drafts::Texts Drafts::textsUnder() const
{
    Texts texts;
    for (const auto &[doc, draft] : m_drafts)
        if (const auto found = m_state.documents.find(doc); found != m_state.documents.end())
            texts[doc] = found->second.document.text();
    return texts;
}

void Drafts::textsReplaced(const Texts &before)
{
    for (const auto &[doc, text] : before) {
        const auto found = m_state.documents.find(doc);
        const std::string now =
            found == m_state.documents.end() ? std::string() : found->second.document.text();
        if (now != text)
            static_cast<void>(carried(doc, {differenceOf(text, now)}));
    }
}

std::string Drafts::shown(DocIndex doc, std::string text) const
{
    if (const auto draft = m_drafts.find(doc); draft != m_drafts.end())
        applyTo(text, draft->second.patches);
    return text;
}

TextOffset Drafts::shown(DocIndex doc, TextOffset offset) const
{
    if (const auto draft = m_drafts.find(doc); draft != m_drafts.end())
        for (const TextPatch &patch : draft->second.patches)
            offset = caretAfter(patch, offset);
    return offset;
}

/// The spans as they are shown, and one like `typed` for all words of the draft.
template <typename Span>
std::vector<Span> Drafts::amongWords(DocIndex doc, const std::vector<Span> &spans,
                                     const Span &typed) const
{
    const auto draft = m_drafts.find(doc);
    if (draft == m_drafts.end())
        return spans;
    std::vector<Span> result;
    const auto add = [&result](const Span &like, TextOffset from, TextOffset to) {
        result.push_back(like);
        result.back().from = from;
        result.back().to = to;
    };
    const std::vector<Range> words = wordsOf(draft->second.patches);
    for (const auto &[from, to] : words)
        add(typed, from, to);
    for (const Span &span : spans) {
        TextOffset from = shown(doc, span.from);
        const TextOffset end = shown(doc, span.to);
        for (const Range &word : words) {
            if (from < word.first && word.first < end)
                add(span, from, word.first);
            if (word.first < end)
                from = std::max(from, word.second);
        }
        if (from < end)
            add(span, from, end);
    }
    std::ranges::sort(result, {}, &Span::from);
    return result;
}

std::vector<api::AgreementSpan> Drafts::shown(DocIndex doc,
                                              const std::vector<api::AgreementSpan> &spans) const
{
    return amongWords(doc, spans, api::AgreementSpan{0, 0, api::Agreement::Unsent, 0});
}

std::vector<api::AuthorSpan> Drafts::shown(DocIndex doc, const std::vector<api::AuthorSpan> &spans,
                                           const api::AuthorSpan &typed) const
{
    return amongWords(doc, spans, typed);
}

std::pair<TextOffset, TextOffset> Drafts::under(DocIndex doc, TextOffset from, TextOffset to) const
{
    const auto draft = m_drafts.find(doc);
    if (draft == m_drafts.end())
        return {from, to};
    for (auto patch = draft->second.patches.rbegin(); patch != draft->second.patches.rend();
         ++patch) {
        const auto length = static_cast<TextOffset>(utf8::length(patch->inserted));
        const TextOffset end = patch->at + length;
        if (from >= patch->at)
            from = std::max(from, end) - length + patch->removed;
        to = to > end ? to - length + patch->removed : std::min(to, patch->at);
        to = std::max(from, to);
    }
    return {from, to};
}

bool Drafts::hasWordsIn(DocIndex doc, TextOffset from, TextOffset to) const
{
    const auto draft = m_drafts.find(doc);
    return draft != m_drafts.end()
        && std::ranges::any_of(wordsOf(draft->second.patches), [&](const Range &word) {
               return word.first < to && word.second > from;
           });
}

TextPatches Drafts::carried(DocIndex doc, const TextPatches &patches)
{
    const auto draft = m_drafts.find(doc);
    if (draft == m_drafts.end())
        return patches;
    Transformed both = transform(draft->second.patches, patches, Precedence::First);
    draft->second.patches = std::move(both.left);
    keep(doc);
    return std::move(both.right);
}

} // namespace nlbd::engine
