// What is said beside the text, as the main window puts it together.

#include "ui/comments/comments.h"
#include "ui/comments/comments_panel.h"
#include "ui/comments/mentions.h"
#include "ui/documents/document_list.h"
#include "ui/editor/document_view.h"
#include "ui/main_window.h"
#include "ui/status_line.h"

#include <QAction>
#include <QBoxLayout>
#include <QMenu>

namespace nlbd::ui {

void MainWindow::connectComments()
{
    auto *panel = m_side->findChild<CommentsPanel *>();
    auto *talk = new Comments(*m_page, *panel, m_bridge, m_page);
    const auto add = [this](const QString &text, const QString &keys, auto use) {
        auto *action = new QAction(text, this);
        action->setShortcut(QKeySequence(keys));
        addAction(action);
        connect(action, &QAction::triggered, this, use);
        return action;
    };
    auto *comment = findChild<QAction *>(QStringLiteral("commentAction"));
    QAction *next = add(tr("Next comment"), tr("F4"), [talk] { talk->goToNext(); });
    QAction *before = add(tr("Comment before"), tr("Shift+F4"), [talk] { talk->goToPrevious(); });
    QAction *answer = add(tr("Answer this comment"), tr("Ctrl+Alt+R"), [this, talk] {
        if (!talk->answerHere())
            m_status->showNote(tr("There is no comment at the caret."));
    });
    connect(comment, &QAction::triggered, talk, &Comments::begin);
    m_pageMenu->addSeparator();
    m_pageMenu->addActions({comment, next, before, answer});
    connect(m_page, &DocumentView::menuAsked, this, [comment](QMenu &menu) {
        menu.addSeparator();
        menu.addAction(comment);
    });
    connect(&m_bridge, &WorkspaceBridge::peopleChanged, talk,
            [talk](const api::PeopleChanged &event) { talk->setPeople(event.people); });
    connect(talk, &Comments::told, m_status, &StatusLine::showNote);
    connect(talk, &Comments::leftPanel, this, &MainWindow::goToPage);
    connect(talk, &Comments::panelWanted, this, [this] {
        if (!m_side->isVisible())
            togglePeople();
    });
    // Where there are cards they have room; a sentence takes no more than itself.
    connect(panel, &CommentsPanel::filled, this, [this, panel] {
        auto *column = static_cast<QBoxLayout *>(m_side->layout());
        column->setStretchFactor(panel, panel->shownCards() > 0 ? 2 : 0);
        laySide();
    });
    auto *mentions = new Mentions(
        *m_banners, m_bridge, [this](DocIndex doc) { return m_list->titleOf(doc); }, m_page);
    connect(mentions, &Mentions::lookAsked, this,
            [this, talk](DocIndex doc, api::CommentId thread) {
                openDocument(doc);
                talk->show(doc, thread);
            });
}

} // namespace nlbd::ui
