#include "ui/editor/authorship.h"

#include "ui/editor/document_view.h"
#include "ui/editor/unit_edit.h"
#include "ui/workspace_bridge.h"

#include <QAccessible>
#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextBoundaryFinder>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr qsizetype kShownUnits = 60;          ///< of the words that were asked about
constexpr qsizetype kCopiedUnitsMax = 200'000; ///< what is copied beyond has no authors with it
constexpr qsizetype kPieceUnits = 10'000;      ///< of it, that are asked about at a time
constexpr const char *kQuotedMark = "quoted";  ///< the engine's mark for words of somebody else
constexpr qsizetype kWordWindow = 200;         ///< to each side of the caret: no word is longer

/// What is on the screen.
std::pair<qsizetype, qsizetype> screenOf(const DocumentView &page)
{
    const QRect screen = page.viewport()->rect();
    return {page.cursorForPosition(screen.topLeft()).position(),
            page.cursorForPosition(screen.bottomRight()).position()};
}

/// The selection, else the word that the caret is at, else the letter.
std::pair<qsizetype, qsizetype> wordOrSelection(const QTextCursor &cursor)
{
    if (cursor.hasSelection())
        return {cursor.selectionStart(), cursor.selectionEnd()};
    const QString line = cursor.block().text();
    const qsizetype start = cursor.block().position();
    const qsizetype caret = cursor.positionInBlock();
    const qsizetype first = std::max<qsizetype>(0, caret - kWordWindow);
    QTextBoundaryFinder finder(QTextBoundaryFinder::Word, line.mid(first, 2 * kWordWindow));
    // The word that begins at the caret or goes on there, else the one that ends there.
    for (const qsizetype at : {caret, caret - 1}) {
        if (at < 0 || at >= line.size() || !(line[at].isLetterOrNumber() || line[at].isSurrogate()))
            continue;
        finder.setPosition(at - first);
        const qsizetype from = finder.isAtBoundary() ? at - first : finder.toPreviousBoundary();
        finder.setPosition(at - first);
        const qsizetype to = finder.toNextBoundary();
        return {start + first + std::max<qsizetype>(from, 0),
                start + first + (to < 0 ? 2 * kWordWindow : to)};
    }
    const qsizetype at = std::clamp<qsizetype>(caret, 0, std::max<qsizetype>(0, line.size() - 1));
    return {start + at, start + std::min(at + 1, line.size())};
}

} // namespace

Authorship::Authorship(DocumentView &page, WorkspaceBridge &bridge, QObject *parent)
    : QObject(parent)
    , m_page(page)
    , m_bridge(bridge)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(kPauseMillis);
    connect(&m_timer, &QTimer::timeout, this, &Authorship::askAgain);
    connect(&page, &DocumentView::textTouched, this, &Authorship::touched);
    connect(page.verticalScrollBar(), &QScrollBar::valueChanged, this, &Authorship::touched);
    connect(&bridge, &WorkspaceBridge::agreementChanged, this, &Authorship::touched);
    connect(&page, &DocumentView::opened, this, [this] {
        if (m_isWatching) // of what was on the page before
            Q_EMIT watchEnded();
        stopWatching();
        askAgain();
    });
    const auto take = [this](const auto &event) {
        if (const auto now = m_page.passage(0, 0); now && now->view == event.view)
            m_page.inOrder(event.includesSerial, [this, event] { taken(onPage(event)); });
    };
    connect(&bridge, &WorkspaceBridge::authorsTold, this, take);
    connect(&bridge, &WorkspaceBridge::authorsTold, this, &Authorship::takeCopied);
    connect(&bridge, &WorkspaceBridge::whoHasTold, this, take);
    connect(&page, &DocumentView::copying, this, &Authorship::copying);
    connect(&page, &DocumentView::pasted, this, &Authorship::pasted);
    page.viewport()->installEventFilter(this);
}

bool Authorship::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize)
        touched();
    return QObject::eventFilter(watched, event);
}

void Authorship::setPeople(const words::People &people)
{
    m_people = people;
    touched();
}

void Authorship::setShown(bool isShown)
{
    m_isShown = isShown;
    m_page.marks().authors().clear();
    m_page.showAuthors(isShown);
    askAgain();
}

/// A screen reader is told of authors whether or not they are to be seen.
bool Authorship::isWanted() const
{
    return m_isShown || QAccessible::isActive();
}

void Authorship::touched()
{
    if ((isWanted() || m_isWatching) && !m_timer.isActive())
        m_timer.start();
}

void Authorship::askAgain()
{
    askScreen();
    askWatched();
}

void Authorship::askScreen()
{
    const auto [from, to] = screenOf(m_page);
    const auto passage = m_page.passage(from, to + 1); // with the break that ends it
    if (!isWanted() || !passage)
        return;
    m_screen = m_bridge.nextRequest();
    m_bridge.submit(api::AskAuthors{m_screen, *passage});
}

void Authorship::askWriter()
{
    const auto [from, to] = wordOrSelection(m_page.textCursor());
    const auto passage = m_page.passage(from, to);
    if (!passage)
        return;
    m_writer = m_bridge.nextRequest();
    m_bridge.submit(api::AskAuthors{m_writer, *passage});
}

void Authorship::askWhoHas()
{
    const auto [from, to] = wordOrSelection(m_page.textCursor());
    if (from == to) {
        Q_EMIT writerTold(tr("Nothing is written here"));
        return;
    }
    m_isWatching = true;
    m_page.marks().watch(PageMarks::Range{from, to, {}, 0});
    askWatched();
}

void Authorship::stopWatching()
{
    m_isWatching = false;
    m_page.marks().watch(std::nullopt);
}

void Authorship::askWatched()
{
    if (!m_isWatching)
        return;
    const auto &range = m_page.marks().watched();
    const auto passage = range ? m_page.passage(range->from, range->to) : std::nullopt;
    if (!passage) {
        stopWatching();
        Q_EMIT watchEnded();
        return;
    }
    m_watch = m_bridge.nextRequest();
    m_bridge.submit(api::AskWhoHas{m_watch, *passage});
}

/// The text goes to the clipboard at once; who wrote it is added when the engine has told. All is
/// asked before anything else is sent: what is cut is gone then.
void Authorship::copying(QMimeData *mime, qsizetype from, qsizetype to)
{
    m_copied = {mime, m_page.textBetween(from, to), m_page.pending().patch(), {}, {}};
    mime->setData(QString::fromLatin1(kAuthorsMime), {}); // offered from the start
    const QString &text = m_copied.text;
    const qsizetype end = std::min(text.size(), kCopiedUnitsMax);
    for (qsizetype at = 0; at < end;) {
        qsizetype next = std::min(at + kPieceUnits, end);
        next += next < text.size() && text[next].isLowSurrogate() ? 1 : 0;
        const auto passage = m_page.passage(from + at, from + next);
        if (!passage)
            return;
        m_copied.pieces.push_back({m_bridge.nextRequest(), at, next - at});
        m_bridge.submit(api::AskAuthors{m_copied.pieces.back().request, *passage});
        at = next;
    }
}

/// Words of others keep their names; one's own are one's own again.
void Authorship::pasted(qsizetype at, const QString &text,
                        std::vector<api::Styling> &stylings) const
{
    std::vector<ClippedAuthor> authors;
    for (const QMimeData *source :
         {QGuiApplication::clipboard()->mimeData(), static_cast<const QMimeData *>(m_copied.mime)})
        if (source != nullptr && authors.empty())
            authors = fromAuthorsMime(*source, text);
    const auto isMine = [this](const ClippedAuthor &author) {
        return std::ranges::any_of(m_people, [&](const api::Person &person) {
            return person.isMe && QString::fromUtf8(person.words) == author.words;
        });
    };
    for (const ClippedAuthor &author : authors) {
        const auto passage = m_page.passage(at + author.from, at + author.from + author.length);
        if (passage && !isMine(author))
            stylings.push_back({passage->from,
                                passage->to,
                                {{std::string(kQuotedMark), author.name.toStdString()}},
                                false});
    }
}

/// What was told counts from the start of what was asked about: that holds if nothing else came
/// meanwhile, or all of it still stands on the page. Otherwise it is pasted as words of nobody
/// else.
void Authorship::takeCopied(const api::AuthorsTold &event)
{
    const auto asked = std::ranges::find(m_copied.pieces, event.request, &Copied::Piece::request);
    if (asked == m_copied.pieces.end() || !m_copied.mime)
        return;
    if (event.patch == m_copied.patch) {
        addCopied(*asked, event);
        return;
    }
    const auto now = m_page.passage(0, 0);
    if (!now || now->view != event.view)
        return;
    m_page.inOrder(event.includesSerial, [this, event, piece = *asked] {
        const auto [from, to] = m_page.placesOf(event.from, event.to);
        const QStringView text = QStringView(m_copied.text).mid(piece.from, piece.length);
        if (from < to && m_page.textBetween(from, to) == text)
            addCopied(piece, event);
    });
}

void Authorship::addCopied(const Copied::Piece &piece, const api::AuthorsTold &event)
{
    if (!m_copied.mime)
        return;
    const QStringView text = QStringView(m_copied.text).mid(piece.from, piece.length);
    qsizetype unit = 0;
    TextOffset letter = event.from;
    const auto unitOf = [&](TextOffset wanted) {
        for (; letter < wanted && unit < text.size(); ++letter)
            unit += splitsPair(text, unit + 1) ? 2 : 1;
        return piece.from + unit;
    };
    for (const api::AuthorSpan &span : event.spans) {
        const qsizetype begin = unitOf(span.from);
        const qsizetype length = unitOf(span.to) - begin;
        const auto writer = std::ranges::find(m_people, span.device, &api::Person::device);
        if (writer == m_people.end() || length == 0)
            continue;
        const QString quoted = plainName(QString::fromUtf8(span.quoted));
        addCopied(quoted.isEmpty() ? ClippedAuthor{begin, length, QString::fromUtf8(writer->name),
                                                   QString::fromUtf8(writer->words)}
                                   : ClippedAuthor{begin, length, quoted, {}});
    }
    m_copied.mime->setData(QString::fromLatin1(kAuthorsMime),
                           toAuthorsMime(m_copied.text, m_copied.authors));
}

void Authorship::addCopied(ClippedAuthor author)
{
    ClippedAuthor *last = m_copied.authors.empty() ? nullptr : &m_copied.authors.back();
    const bool goesOn = last != nullptr && last->from + last->length == author.from
        && last->name == author.name && last->words == author.words;
    if (goesOn)
        last->length += author.length;
    else
        m_copied.authors.push_back(std::move(author));
}

AuthorsAnswer Authorship::onPage(const api::AuthorsTold &event) const
{
    const auto [from, to] = m_page.placesOf(event.from, event.to);
    AuthorsAnswer answer{event.request, from, to, {}, event.seats};
    for (const api::AuthorSpan &span : event.spans) {
        const auto [begin, end] = m_page.placesOf(span.from, span.to);
        answer.spans.push_back({begin, end, span.device, span.member, span.when, span.state,
                                span.signedBy, plainName(QString::fromUtf8(span.quoted))});
    }
    return answer;
}

WhoHasAnswer Authorship::onPage(const api::WhoHasTold &event) const
{
    const auto [from, to] = m_page.placesOf(event.from, event.to);
    return {event.request, from, to, event.have, event.lack};
}

void Authorship::taken(const AuthorsAnswer &answer)
{
    if (answer.request == m_screen && isWanted())
        m_page.marks().authors().set(answer.spans, answer.seats);
    if (answer.request != m_writer)
        return;
    const QString sentence =
        words::wroteAll(answer.spans, m_people, answer.seats, QDateTime::currentDateTime());
    Q_EMIT writerTold(sentence.isEmpty() ? tr("Nothing is written here") : sentence);
}

void Authorship::taken(const WhoHasAnswer &answer)
{
    if (answer.request != m_watch || !m_isWatching)
        return;
    const QString text = m_page.textBetween(answer.from, std::max(answer.from, answer.to));
    QString shown = text.left(4 * kShownUnits).simplified();
    if (shown.size() > kShownUnits || text.size() > 4 * kShownUnits) {
        shown.truncate(kShownUnits);
        if (shown.endsWith(QChar(u' ')) || (!shown.isEmpty() && shown.back().isHighSurrogate()))
            shown.chop(1);
        shown += QChar(0x2026);
    }
    const auto &range = m_page.marks().watched();
    Q_EMIT whoHasTold(words::whoHas(answer, words::counted(text), m_people), shown,
                      range && answer.to < range->to);
}

} // namespace nlbd::ui
