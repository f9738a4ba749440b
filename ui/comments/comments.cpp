#include "ui/comments/comments.h"

#include "ui/comments/comment_box.h"
#include "ui/comments/comment_card.h"
#include "ui/comments/comment_margin.h"
#include "ui/comments/comments_panel.h"
#include "ui/editor/document_view.h"
#include "ui/words_comments.h"
#include "ui/workspace_bridge.h"

#include <algorithm>

namespace nlbd::ui {

Comments::Comments(DocumentView &page, CommentsPanel &panel, WorkspaceBridge &bridge,
                   QObject *parent)
    : QObject(parent)
    , m_page(page)
    , m_panel(panel)
    , m_bridge(bridge)
    , m_margin(new CommentMargin(page))
{
    connect(&bridge, &WorkspaceBridge::commentsChanged, this,
            [this](const api::CommentsChanged &event) {
                if (event.doc != m_page.shownDocument())
                    return;
                m_page.inOrder(event.includesSerial, [self = QPointer(this), event] {
                    if (self && event.doc == self->m_page.shownDocument())
                        self->taken(event);
                });
            });
    connect(&bridge, &WorkspaceBridge::commentWritten, this, &Comments::answered);
    connect(&page, &DocumentView::opened, this, &Comments::opened);
    connect(&page, &DocumentView::editedAt, this,
            [this](qsizetype at, const QString &removed, const QString &inserted) {
                shift(at, removed.size(), inserted.size());
            });
    connect(&page, &DocumentView::patched, this,
            [this](qsizetype at, const QString &removed, const QString &inserted) {
                shift(at, removed.size(), inserted.size());
            });
    connect(&page, &QPlainTextEdit::cursorPositionChanged, this, &Comments::caretMoved);
    connect(m_margin, &CommentMargin::pressed, this,
            [this](api::CommentId thread) { goTo(thread, true); });
    connectPanel();
}

void Comments::connectPanel()
{
    using Kind = Wish::Kind;
    connect(&m_panel, &CommentsPanel::beginAsked, this, &Comments::start);
    connect(&m_panel, &CommentsPanel::leaveAsked, this, &Comments::leftPanel);
    connect(&m_panel, &CommentsPanel::shownChanged, this, &Comments::showPlaces);
    connect(&m_panel, &CommentsPanel::goToAsked, this,
            [this](api::CommentId thread) { goTo(thread, false); });
    connect(&m_panel, &CommentsPanel::answerAsked, this,
            [this](api::CommentId thread, const api::CommentWords &words) {
                send(Kind::Card, thread, api::AnswerThread{0, {}, thread, words});
            });
    connect(&m_panel, &CommentsPanel::editAsked, this,
            [this](api::CommentId thread, api::CommentId message, const api::CommentWords &words) {
                send(Kind::Card, thread, api::EditComment{0, {}, thread, message, words});
            });
    connect(&m_panel, &CommentsPanel::deleteAsked, this,
            [this](api::CommentId thread, api::CommentId message) {
                send(Kind::Quiet, thread, api::DeleteComment{0, {}, thread, message});
            });
    connect(&m_panel, &CommentsPanel::resolveAsked, this,
            [this](api::CommentId thread, bool isResolved) {
                send(Kind::Quiet, thread, api::ResolveThread{0, {}, thread, isResolved});
            });
}

template <typename Command>
void Comments::send(Wish::Kind kind, api::CommentId thread, Command command)
{
    const auto doc = m_page.shownDocument();
    if (!doc)
        return;
    command.doc = *doc;
    command.request = m_bridge.nextRequest();
    m_wishes[command.request] = {kind, thread};
    if (CommentCard *card = m_panel.cardOf(thread); card && kind == Wish::Kind::Card)
        card->setSending(true);
    m_bridge.submit(std::move(command));
}

void Comments::setPeople(const words::People &people)
{
    m_people = people;
    m_panel.setPeople(people);
}

/// Another text, or the same anew: what there is to say of it follows.
void Comments::opened()
{
    const auto doc = m_page.shownDocument();
    m_threads.clear();
    m_gone.clear();
    m_margin->setCurrent(std::nullopt);
    m_margin->setPlaces({});
    if (doc)
        m_panel.setThreads(*doc, {}, m_seats, false);
    m_panel.setCurrent(std::nullopt);
    if (doc == m_newDoc) // nobody knows what became of the words meanwhile
        m_new = {};
}

void Comments::taken(const api::CommentsChanged &event)
{
    m_threads = event.threads;
    m_seats = event.seats;
    m_isCut = event.isCut;
    std::vector<CommentMargin::Place> places;
    m_gone.clear();
    for (const api::PlacedThread &placed : m_threads) {
        const auto [from, to] = m_page.placesOf(placed.from, placed.to);
        const bool isGone = placed.from == placed.to || to <= from;
        places.push_back({placed.thread->id, from, isGone ? from : to, true,
                          words::threadAloud(*placed.thread, isGone, m_people)});
        if (isGone)
            m_gone.insert(placed.thread->id);
    }
    m_margin->setPlaces(std::move(places));
    m_panel.setThreads(event.doc, m_threads, m_seats, m_isCut);
    showPlaces();
    caretMoved();
    showWaited();
}

void Comments::showPlaces()
{
    std::vector<CommentMargin::Place> places = m_margin->places();
    for (std::size_t i = 0; i < places.size(); ++i)
        places[i].isShown = !m_threads[i].thread->isResolved || m_panel.showsResolved();
    m_margin->setPlaces(std::move(places));
}

/// Cards are touched only where words went away.
void Comments::shift(qsizetype at, qsizetype removed, qsizetype inserted)
{
    m_margin->shift(at, removed, inserted);
    if (m_newDoc == m_page.shownDocument()) {
        m_new.first = placeAfter(m_new.first, at, removed, inserted, Stick::Right);
        m_new.second =
            std::max(m_new.first, placeAfter(m_new.second, at, removed, inserted, Stick::Left));
    }
    if (removed == 0)
        return;
    const auto &places = m_margin->places();
    for (std::size_t i = 0; i < places.size(); ++i)
        if (places[i].from == places[i].to && m_gone.insert(places[i].thread).second)
            if (CommentCard *card = m_panel.cardOf(places[i].thread))
                card->setThread(m_threads[i].thread, true, m_seats);
}

void Comments::caretMoved()
{
    const auto *place = m_margin->threadAt(m_page.textCursor().position());
    const auto thread = place ? std::optional(place->thread) : std::nullopt;
    m_margin->setCurrent(thread);
    m_panel.setCurrent(thread);
}

void Comments::begin()
{
    if (!m_page.isOpen())
        return;
    const bool hasPlace = m_newDoc == m_page.shownDocument() && m_new.first < m_new.second;
    if (m_panel.isBeginning() && !m_panel.beginBox().isBlank() && hasPlace) {
        Q_EMIT panelWanted();
        m_panel.beginBox().setFocus(); // what is being written comes first
        return;
    }
    QTextCursor cursor = m_page.textCursor();
    if (!cursor.hasSelection())
        cursor.select(QTextCursor::WordUnderCursor);
    const std::pair<qsizetype, qsizetype> place{cursor.selectionStart(), cursor.selectionEnd()};
    const QString words = m_page.textBetween(place.first, place.second);
    if (words.trimmed().isEmpty()) {
        Q_EMIT told(tr("Select the words that you want to comment on."));
        return;
    }
    m_new = place;
    m_newDoc = m_page.shownDocument();
    Q_EMIT panelWanted();
    m_panel.begin(words::quoted(words.left(120).toUtf8().toStdString()));
}

void Comments::start(const api::CommentWords &words)
{
    const bool isHere = m_newDoc == m_page.shownDocument() && m_new.first < m_new.second;
    const auto passage = isHere ? m_page.passage(m_new.first, m_new.second) : std::nullopt;
    if (!passage) {
        m_panel.begun(words::whyNotWritten(api::CommentWritten::Result::NoWords));
        return;
    }
    const std::uint64_t request = m_bridge.nextRequest();
    m_wishes[request] = {Wish::Kind::Begin, {}};
    m_panel.setBeginSending(true);
    m_bridge.submit(api::StartThread{request, *passage, words});
}

void Comments::answered(const api::CommentWritten &event)
{
    const auto wish = m_wishes.extract(event.request);
    if (!wish)
        return;
    const QString sentence = words::whyNotWritten(event.result);
    CommentCard *card = m_panel.cardOf(event.thread);
    switch (wish.mapped().kind) {
    case Wish::Kind::Begin:
        m_panel.begun(sentence);
        break;
    case Wish::Kind::Card:
        if (card)
            card->answered(sentence);
        break;
    case Wish::Kind::Quiet:
        if (!sentence.isEmpty())
            Q_EMIT told(sentence);
        break;
    }
}

void Comments::goTo(bool isForward)
{
    const CommentMargin::Place *next =
        m_margin->next(m_page.textCursor().selectionStart(), isForward);
    if (next)
        goTo(next->thread, false);
    else
        Q_EMIT told(tr("There are no open comments here."));
}

void Comments::goTo(api::CommentId thread, bool takesFocus)
{
    const CommentMargin::Place *place = m_margin->placeOf(thread);
    if (!place)
        return;
    QTextCursor cursor = m_page.textCursor();
    cursor.setPosition(static_cast<int>(place->from));
    m_page.setTextCursor(cursor);
    m_page.ensureCursorVisible();
    m_margin->setCurrent(thread); // also where another has fewer words at that place
    m_panel.setCurrent(thread);
    if (!takesFocus)
        return;
    Q_EMIT panelWanted();
    if (CommentCard *card = m_panel.cardOf(thread))
        card->setFocus();
}

bool Comments::answerHere()
{
    const auto thread = m_margin->current();
    CommentCard *card = thread ? m_panel.cardOf(*thread) : nullptr;
    if (!card)
        return false;
    Q_EMIT panelWanted();
    card->box().setFocus();
    return true;
}

void Comments::show(DocIndex doc, api::CommentId thread)
{
    m_waited = {doc, thread};
    showWaited();
}

void Comments::showWaited()
{
    if (!m_waited || m_waited->first != m_page.shownDocument()
        || !m_margin->placeOf(m_waited->second))
        return;
    const api::CommentId thread = m_waited->second;
    m_waited.reset();
    goTo(thread, true);
}

} // namespace nlbd::ui
