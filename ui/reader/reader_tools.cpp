#include "ui/reader/reader_tools.h"

#include "ui/editor/authors_clip.h"
#include "ui/editor/document_view.h"
#include "ui/editor/page_layout.h"
#include "ui/editor/page_news.h"
#include "ui/editor/page_runs.h"
#include "ui/settings.h"
#include "ui/status_line.h"
#include "ui/words_authors.h"
#include "ui/words_reader.h"
#include "ui/workspace_bridge.h"

#include <QAction>
#include <QMenu>
#include <QTextBlock>

#include <utility>

namespace nlbd::ui {

namespace {

const QString kSetting = QStringLiteral("announceOthers");

} // namespace

ReaderTools::ReaderTools(Place place)
    : QObject(&place.window)
    , m_place(place)
    , m_page(place.page)
    , m_news(new PageNews(place.page, place.bridge, this))
    , m_pause(this)
{
    const auto add = [this](const QString &text, const QString &keys) {
        auto *action = new QAction(text, &m_place.window);
        action->setShortcut(QKeySequence(keys));
        m_place.window.addAction(action);
        m_place.menu.addAction(action);
        return action;
    };
    connect(add(tr("Where am I?"), tr("Ctrl+Alt+I")), &QAction::triggered, this,
            &ReaderTools::askWhere);
    connect(add(tr("What did others write?"), tr("Alt+R")), &QAction::triggered, m_news,
            &PageNews::tell);
    QAction *announces = add(tr("Say what others write"), {});
    announces->setCheckable(true);
    connect(announces, &QAction::toggled, this, &ReaderTools::setAnnouncing);
    m_pause.setSingleShot(true);
    m_pause.setObjectName(QStringLiteral("readerPause"));
    m_pause.setInterval(kPauseMillis);
    connect(&m_pause, &QTimer::timeout, this, &ReaderTools::rest);
    connect(m_news, &PageNews::told, &m_place.status, &StatusLine::showNote);
    connect(m_news, &PageNews::came, &m_pause, qOverload<>(&QTimer::start));
    connect(&m_page, &DocumentView::edited, this, [this] {
        if (m_pause.isActive())
            m_pause.start();
    });
    connect(&m_place.bridge, &WorkspaceBridge::authorsTold, this, &ReaderTools::authorsTold);
    announces->setChecked(settings::value(kSetting, false).toBool());
}

void ReaderTools::setPeople(const words::People &people)
{
    m_people = people;
    m_news->setPeople(people);
}

// ---- Where am I? -------------------------------------------------------------------------------

/// Who wrote the letter at the caret only the engine knows.
void ReaderTools::askWhere()
{
    const QTextCursor cursor = m_page.textCursor();
    const QTextBlock block = cursor.block();
    const bool isEnd = cursor.positionInBlock() + 1 >= block.length();
    const qsizetype at = cursor.position() - (isEnd && cursor.positionInBlock() > 0 ? 1 : 0);
    const auto passage = m_page.passage(at, at + 1);
    if (!m_page.isOpen() || !passage) {
        m_place.status.showNote(tr("No document is open"));
        return;
    }
    if (block.length() < 2) { // nothing is written here
        m_where = 0;
        tellWhere({});
        return;
    }
    m_where = m_place.bridge.nextRequest();
    m_place.bridge.submit(api::AskAuthors{m_where, *passage});
}

void ReaderTools::authorsTold(const api::AuthorsTold &event)
{
    if (m_where == 0 || event.request != m_where)
        return;
    m_where = 0;
    m_page.inOrder(event.includesSerial, [this, event] {
        std::vector<PageAuthors::Span> spans;
        for (const api::AuthorSpan &span : event.spans)
            spans.push_back({0, 1, span.device, span.member, span.when, span.state, span.signedBy,
                             plainName(QString::fromUtf8(span.quoted))});
        tellWhere(words::wroteAll(spans, m_people, event.seats, QDateTime::currentDateTime()));
    });
}

void ReaderTools::tellWhere(const QString &wrote)
{
    const QTextCursor cursor = m_page.textCursor();
    const QTextBlock block = cursor.block();
    const PageRun run = runAt(m_page, cursor.position());
    const auto *layout = qobject_cast<const PageLayout *>(m_page.document()->documentLayout());
    const bool isNumbered = layout && run.block.kind == BlockStyle::Kind::Number;
    words::Place place;
    place.block = words::block(run.block, isNumbered ? layout->numberOf(block) : 0);
    place.formats = words::formats(run.marks);
    place.wrote = wrote;
    for (const PageMarks::Caret &caret : m_page.marks().carets())
        if (caret.caret >= block.position() && caret.caret < block.position() + block.length())
            if (const QString name = m_page.nameOf(caret.device); !name.isEmpty())
                place.here.append(name);
    m_place.status.showNote(words::whereIAm(place));
}

// ---- What others write -------------------------------------------------------------------------

void ReaderTools::setAnnouncing(bool isOn)
{
    m_isAnnouncing = isOn;
    settings::keep(kSetting, isOn);
}

void ReaderTools::rest()
{
    if (m_isAnnouncing && m_news->hasSome())
        m_news->tell();
}

} // namespace nlbd::ui
