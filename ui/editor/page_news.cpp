#include "ui/editor/page_news.h"

#include "ui/editor/document_view.h"
#include "ui/words_authors.h"
#include "ui/workspace_bridge.h"

#include <QTextBlock>

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr qsizetype kTextUnitsMax = 120; ///< what is longer is counted and not read out

} // namespace

PageNews::PageNews(DocumentView &page, WorkspaceBridge &bridge, QObject *parent)
    : QObject(parent)
    , m_page(page)
    , m_bridge(bridge)
{
    connect(&page, &DocumentView::opened, this, &PageNews::forget);
    connect(&page, &DocumentView::editedAt, this,
            [this](qsizetype at, const QString &removed, const QString &inserted) {
                shift(m_pieces, at, removed.size(), inserted.size());
                shift(m_asked, at, removed.size(), inserted.size());
            });
    connect(&page, &DocumentView::patched, this, &PageNews::patched);
    connect(&bridge, &WorkspaceBridge::authorsTold, this, [this](const api::AuthorsTold &event) {
        const auto now = m_page.passage(0, 0);
        if (m_request != 0 && event.request == m_request && now && now->view == event.view)
            m_page.inOrder(event.includesSerial, [this, event] { taken(event); });
    });
}

void PageNews::forget()
{
    m_pieces.clear();
    m_asked.clear();
    m_removed = m_askedRemoved = 0;
    m_request = 0;
}

// ---- What comes --------------------------------------------------------------------------------

void PageNews::patched(qsizetype at, const QString &removed, const QString &inserted,
                       api::PatchCause cause)
{
    const bool isOthers = cause == api::PatchCause::Others;
    if (isOthers && !removed.isEmpty()) {
        const auto around = std::ranges::upper_bound(m_pieces, at, {}, &Piece::from);
        const bool wasNew =
            around != m_pieces.begin() && at + removed.size() <= std::prev(around)->to;
        if (!wasNew)
            m_removed += words::counted(removed).words;
    }
    shift(m_pieces, at, removed.size(), inserted.size());
    shift(m_asked, at, removed.size(), inserted.size());
    if (isOthers && !inserted.isEmpty())
        add({at, at + inserted.size()});
    if (isOthers && hasSome())
        Q_EMIT came();
}

/// What touches another piece is one with it.
void PageNews::add(Piece piece)
{
    const auto first = std::ranges::lower_bound(m_pieces, piece.from, {}, &Piece::to);
    auto last = first;
    for (; last != m_pieces.end() && last->from <= piece.to; ++last)
        piece = {std::min(piece.from, last->from), std::max(piece.to, last->to)};
    if (first != last) {
        *first = piece;
        m_pieces.erase(std::next(first), last);
        return;
    }
    m_pieces.insert(first, piece);
    if (m_pieces.size() <= kPiecesMax)
        return;
    auto nearest = m_pieces.begin();
    for (auto it = m_pieces.begin(); std::next(it) != m_pieces.end(); ++it)
        if (std::next(it)->from - it->to < std::next(nearest)->from - nearest->to)
            nearest = it;
    nearest->to = std::next(nearest)->to;
    m_pieces.erase(std::next(nearest));
}

void PageNews::shift(Pieces &pieces, qsizetype at, qsizetype removed, qsizetype inserted)
{
    // Those that end before it stay where they are.
    const auto first = std::ranges::upper_bound(pieces, at, {}, &Piece::to);
    for (auto it = first; it != pieces.end(); ++it) {
        it->from = placeAfter(it->from, at, removed, inserted, Stick::Right);
        it->to = placeAfter(it->to, at, removed, inserted, Stick::Left);
    }
    if (removed > 0)
        std::erase_if(pieces, [](const Piece &piece) { return piece.from >= piece.to; });
}

// ---- What is told ------------------------------------------------------------------------------

void PageNews::tell()
{
    if (m_request != 0)
        return;
    m_asked = std::exchange(m_pieces, {});
    m_askedRemoved = std::exchange(m_removed, 0);
    m_counts.clear();
    m_questions = 0;
    if (m_asked.empty())
        finish();
    else
        ask();
}

/// Who wrote what is left of it. What lies between is asked about as well, in as few questions.
void PageNews::ask()
{
    const auto passage = m_asked.empty() || m_questions == kQuestionsMax
        ? std::nullopt
        : m_page.passage(m_asked.front().from, m_asked.back().to);
    if (!passage) {
        for (const Piece &piece : m_asked)
            count(piece, std::nullopt);
        finish();
        return;
    }
    ++m_questions;
    m_request = m_bridge.nextRequest();
    m_bridge.submit(api::AskAuthors{m_request, *passage});
}

void PageNews::taken(const api::AuthorsTold &event)
{
    const qsizetype told = m_page.placesOf(event.from, event.to).second;
    for (const api::AuthorSpan &span : event.spans) {
        const auto [from, to] = m_page.placesOf(span.from, span.to);
        for (const Piece &piece : m_asked) {
            const Piece part{std::max(from, piece.from), std::min(to, piece.to)};
            if (part.from < part.to)
                count(part, span.device);
        }
    }
    for (Piece &piece : m_asked)
        piece.from = std::max(piece.from, told);
    std::erase_if(m_asked, [](const Piece &piece) { return piece.from >= piece.to; });
    if (m_asked.empty() || event.from >= event.to)
        finish();
    else
        ask();
}

void PageNews::count(const Piece &part, std::optional<DeviceIndex> writer)
{
    const auto known = std::ranges::find(m_counts, writer, &Count::writer);
    Count &count = known == m_counts.end()
        ? m_counts.emplace_back(Count{writer, 0, -1, {}, {}, {}, {}})
        : *known;
    const QString text = m_page.textBetween(part.from, part.to);
    const QTextBlock here = m_page.textCursor().block();
    const bool isBelow = part.from >= here.position() + here.length();
    const bool isAbove = part.to <= here.position();
    // A word of theirs may come in parts, of two minutes.
    const bool goesOn = count.end == part.from;
    const bool isOneWord = goesOn && part.from > 0
        && words::counted(m_page.textBetween(part.from - 1, part.from + 1)).words == 1
        && words::counted(text.left(1)).words == 1
        && words::counted(m_page.textBetween(part.from - 1, part.from)).words == 1;
    count.words += words::counted(text).words - (isOneWord ? 1 : 0);
    count.end = part.to;
    count.isBelow = count.isBelow || isBelow;
    count.isAbove = count.isAbove || isAbove;
    count.isHere = count.isHere || (!isBelow && !isAbove);
    if (count.text.size() <= kTextUnitsMax)
        count.text +=
            (goesOn || count.text.isEmpty() ? QString() : QStringLiteral(" \u2026 ")) + text;
}

void PageNews::finish()
{
    using Where = words::News::Where;
    words::News news;
    news.removed = std::exchange(m_askedRemoved, 0);
    const auto me = std::ranges::find_if(m_people, &api::Person::isMe);
    for (const Count &count : m_counts) {
        // Mine from another window, or typed among theirs meanwhile.
        if (count.writer && me != m_people.end() && *count.writer == me->device)
            continue;
        if (count.words == 0)
            continue;
        words::News::Share share;
        share.name = count.writer ? m_page.nameOf(*count.writer) : QString();
        share.words = count.words;
        const int places =
            (count.isHere ? 1 : 0) + (count.isAbove ? 1 : 0) + (count.isBelow ? 1 : 0);
        share.where = places > 1 ? Where::Several
            : count.isHere       ? Where::Here
            : count.isAbove      ? Where::Above
                                 : Where::Below;
        if (count.text.size() <= kTextUnitsMax)
            share.text = count.text.simplified();
        news.shares.push_back(std::move(share));
    }
    m_asked.clear();
    m_counts.clear();
    m_request = 0;
    Q_EMIT told(words::news(news));
}

} // namespace nlbd::ui
