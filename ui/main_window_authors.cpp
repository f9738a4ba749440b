// Who wrote what and who has it, as the main window asks and tells.

#include "ui/editor/authorship.h"
#include "ui/editor/document_view.h"
#include "ui/main_window.h"
#include "ui/people/who_has_panel.h"
#include "ui/reader/reader_tools.h"
#include "ui/settings.h"
#include "ui/status_line.h"

#include <QAction>
#include <QMenu>

namespace nlbd::ui {

namespace {

QString shownKey()
{
    return QStringLiteral("authors");
}

} // namespace

void MainWindow::connectAuthors()
{
    const auto add = [this](const QString &text, const QString &keys) {
        auto *action = new QAction(text, this);
        action->setShortcut(QKeySequence(keys));
        addAction(action);
        return action;
    };
    QAction *shows = add(tr("Authors"), tr("Ctrl+Alt+A"));
    shows->setCheckable(true);
    QAction *askWriter = add(tr("Who wrote this word?"), tr("Alt+W"));
    QAction *askWhoHas = add(tr("Who has this?"), tr("Alt+Shift+W"));
    m_pageMenu->addSeparator();
    m_pageMenu->addActions({shows, askWriter, askWhoHas});

    auto *authors = new Authorship(*m_page, m_bridge, m_page);
    auto *reader = new ReaderTools({*this, *m_page, m_bridge, *m_pageMenu, *m_status});
    connect(&m_bridge, &WorkspaceBridge::peopleChanged, authors,
            [authors, reader](const api::PeopleChanged &event) {
                authors->setPeople(event.people);
                reader->setPeople(event.people);
            });
    connect(shows, &QAction::toggled, authors, [authors](bool isShown) {
        settings::keep(shownKey(), isShown);
        authors->setShown(isShown);
    });
    connect(askWriter, &QAction::triggered, authors, &Authorship::askWriter);
    connect(askWhoHas, &QAction::triggered, authors, &Authorship::askWhoHas);
    connect(authors, &Authorship::writerTold, m_status, &StatusLine::showNote);
    connect(authors, &Authorship::whoHasTold, m_whoHas, &WhoHasPanel::showAnswer);
    connect(authors, &Authorship::watchEnded, m_whoHas, &QWidget::hide);
    connect(m_whoHas, &WhoHasPanel::closed, this, [this, authors] {
        authors->stopWatching();
        goToPage();
    });
    const auto forget = [this] { m_status->showNote({}); };
    connect(m_page, &DocumentView::looksTouched, this, forget); // the caret is elsewhere
    connect(m_page, &DocumentView::edited, this, forget);
    connect(m_page, &DocumentView::opened, this, forget);
    connect(m_page, &DocumentView::menuAsked, this, [askWriter, askWhoHas](QMenu &menu) {
        menu.addSeparator();
        menu.addActions({askWriter, askWhoHas});
    });
    shows->setChecked(settings::value(shownKey(), false).toBool());
}

} // namespace nlbd::ui
