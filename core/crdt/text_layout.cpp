#include "core/crdt/text_layout.h"

#include "core/crdt/text.h"

namespace nlbd::crdt {

TextOutline::TextOutline(LocalId endOfIds)
    : end(endOfIds)
    , cuts(endOfIds)
{
    cuts.mark(1);
}

void TextOutline::reserve(std::size_t insertions, std::size_t deletionCount)
{
    runs.resize(1 + insertions + 1);
    deletions.resize(deletionCount + 1);
}

void TextOutline::finish(std::size_t runCount, std::size_t deletionCount)
{
    runs.resize(runCount);
    deletions.resize(deletionCount);
}

void TextOutline::addVoid(LocalId from, LocalId to)
{
    cuts.mark(from);
    cuts.mark(to);
    voids.push_back({from, to});
}

namespace {

constexpr std::uint32_t kSpanLettersMax = 256; ///< half of what a leaf has room for, at four bytes
constexpr std::uint32_t kNoSpan = UINT32_MAX;

class Layout {
public:
    Layout(TextOutline &outline, const OpLog &log, Children &children)
        : m_outline(&outline)
        , m_log(&log)
        , m_children(&children)
    {
    }

    SpanTree::Laid run(FugueWalk::IsBefore isBefore) &&
    {
        hideLetters();
        m_spanOf.assign(m_hidden.size(), kNoSpan);
        m_laid.spans.reserve(m_hidden.size());
        m_laid.spans.push_back({kRootId, 1, SpanTree::kRootHidden});
        m_children->reserve(m_outline->runs.size());
        FugueWalk walk(m_outline->runs, m_outline->cuts, *m_log, std::move(isBefore));
        walk.run([this](std::uint32_t piece) { addPiece(piece); },
                 [this](const FugueWalk::Siblings &siblings) { meet(siblings); });
        m_laid.byId.resize(m_spanOf.size() + 1);
        std::size_t spans = 0;
        for (const std::uint32_t span : m_spanOf) {
            m_laid.byId[spans] = span;
            spans += span == kNoSpan ? 0 : 1;
        }
        m_laid.byId.resize(spans);
        m_laid.spans.erase(m_laid.spans.begin());
        return std::move(m_laid);
    }

private:
    /// What hides each piece: sums of what begins and ends there.
    void hideLetters()
    {
        IdCuts &cuts = m_outline->cuts;
        // So often that a leaf of the span tree takes a piece.
        for (LocalId id = kSpanLettersMax; id < m_outline->end; id += kSpanLettersMax)
            cuts.mark(id);
        cuts.seal();
        m_hidden.resize(cuts.firsts().size());
        const auto hide = [&](LocalId from, LocalId to, std::uint32_t reason) {
            m_hidden[cuts.pieceOf(from)] += reason;
            m_hidden[cuts.pieceOf(to)] -= reason;
        };
        for (const TextOutline::IdsOfVoid &it : m_outline->voids)
            hide(it.from, it.to, Text::kVoidBit);
        for (const OpLog::Deletion &it : m_outline->deletions)
            if (!isOfVoid(it.id))
                hide(it.target, it.target + it.length, Text::kOneDeleter);
        std::uint32_t sum = 0;
        for (std::uint32_t &hidden : m_hidden)
            hidden = sum += hidden;
    }

    /// Of ids that ascend.
    bool isOfVoid(LocalId id)
    {
        const std::vector<TextOutline::IdsOfVoid> &voids = m_outline->voids;
        while (m_voidAt < voids.size() && voids[m_voidAt].to <= id)
            ++m_voidAt;
        return m_voidAt < voids.size() && voids[m_voidAt].from <= id;
    }

    /// The next letters in text order: a span of their own if they are hidden for other reasons.
    void addPiece(std::uint32_t piece)
    {
        const std::vector<LocalId> &firsts = m_outline->cuts.firsts();
        const LocalId first = firsts[piece];
        if (first == kRootId)
            return;
        const std::uint32_t length = firsts[piece + 1] - first;
        std::vector<Span> &spans = m_laid.spans;
        Span &last = spans.back();
        if (last.end() == first && last.hidden == m_hidden[piece]
            && last.length + length <= kSpanLettersMax) {
            last.length += length;
            return;
        }
        m_spanOf[piece] = static_cast<std::uint32_t>(spans.size() - 1);
        spans.push_back({first, length, m_hidden[piece]});
    }

    void meet(const FugueWalk::Siblings &siblings)
    {
        if (siblings.isFork)
            m_children->addFork(siblings.parent);
        const std::vector<FugueWalk::Run> &runs = m_outline->runs;
        if (siblings.runs.size() == 1)
            return m_children->insertFirst(siblings.parent, siblings.side,
                                           runs[siblings.runs.front()].first);
        std::size_t position = 0;
        for (const std::uint32_t run : siblings.runs)
            m_children->insert(siblings.parent, siblings.side, position++, runs[run].first);
    }

    TextOutline *m_outline;
    const OpLog *m_log;
    Children *m_children;
    std::vector<std::uint32_t> m_hidden; ///< by piece: what hides it
    std::vector<std::uint32_t> m_spanOf; ///< by piece: the span that it begins
    SpanTree::Laid m_laid;
    std::size_t m_voidAt = 0; ///< of isOfVoid
};

} // namespace

SpanTree::Laid layOut(TextOutline &outline, const OpLog &log, FugueWalk::IsBefore isBefore,
                      Children &children)
{
    return Layout(outline, log, children).run(std::move(isBefore));
}

} // namespace nlbd::crdt
