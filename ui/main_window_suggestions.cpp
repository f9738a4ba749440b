// What is suggested on the page, as the main window switches and shows it.

#include "ui/editor/document_view.h"
#include "ui/editor/page_suggestions.h"
#include "ui/main_window.h"
#include "ui/page_tools.h"
#include "ui/parts.h"
#include "ui/status_line.h"
#include "ui/suggestions/suggestions_panel.h"
#include "ui/words_suggestions.h"

#include <QAction>
#include <QBoxLayout>
#include <QFrame>
#include <QMenu>

namespace nlbd::ui {

namespace {

/// Stays above the page while what is typed is only suggested.
QFrame *makeSign(QAction *mode)
{
    auto *sign = new QFrame;
    sign->setObjectName(QStringLiteral("banner"));
    sign->setAttribute(Qt::WA_StyledBackground);
    auto *row = new QHBoxLayout(sign);
    row->setContentsMargins(20, 4, 12, 4);
    row->setSpacing(10);
    row->addWidget(makeIconLabel(QStringLiteral("pencil"), 16, Role::Accent));
    QLabel *text = makeSentence(
        QObject::tr("You are suggesting. What you add, remove or format waits until somebody "
                    "accepts it."));
    sign->setAccessibleName(text->text());
    row->addWidget(text, 1);
    QPushButton *stop = makeButton(QObject::tr("Stop suggesting"), ButtonKind::Link);
    QObject::connect(stop, &QPushButton::clicked, mode, [mode] { mode->setChecked(false); });
    row->addWidget(stop);
    sign->hide();
    return sign;
}

} // namespace

void MainWindow::connectSuggestions()
{
    const auto add = [this](const QString &text, const QString &keys) {
        auto *action = new QAction(text, this);
        action->setShortcut(QKeySequence(keys));
        addAction(action);
        return action;
    };
    QAction *mode = add(tr("Suggest instead of writing"), tr("Ctrl+Alt+E"));
    mode->setCheckable(true);
    QAction *accept = add(tr("Accept the suggestion at the caret"), tr("Ctrl+Alt+Y"));
    QAction *reject = add(tr("Reject the suggestion at the caret"), tr("Ctrl+Alt+N"));
    QAction *next = add(tr("The next suggestion"), tr("Ctrl+Alt+J"));
    QAction *before = add(tr("The suggestion before"), tr("Ctrl+Alt+K"));
    m_pageMenu->addSeparator();
    m_pageMenu->addActions({mode, accept, reject, next, before});

    auto *suggestions = new PageSuggestions(*m_page, m_bridge, m_page);
    auto *panel = new SuggestionsPanel(*suggestions);
    static_cast<QBoxLayout *>(m_side->layout())->insertWidget(1, panel, 1);
    QFrame *sign = makeSign(mode);
    static_cast<QBoxLayout *>(m_column->layout())->insertWidget(0, sign);
    m_tools->setSuggestions(*suggestions);
    m_suggestions = suggestions;

    connect(&m_bridge, &WorkspaceBridge::peopleChanged, suggestions,
            [suggestions, panel](const api::PeopleChanged &event) {
                suggestions->setPeople(event.people);
                panel->setPeople(event.people);
            });
    connect(mode, &QAction::toggled, this, [this, sign](bool isOn) {
        m_page->setSuggesting(isOn);
        sign->setVisible(isOn);
        goToPage();
    });
    connect(accept, &QAction::triggered, suggestions,
            [suggestions] { suggestions->decideCurrent(api::Verdict::Accepted); });
    connect(reject, &QAction::triggered, suggestions,
            [suggestions] { suggestions->decideCurrent(api::Verdict::Rejected); });
    connect(next, &QAction::triggered, suggestions, [suggestions] { suggestions->step(1); });
    connect(before, &QAction::triggered, suggestions, [suggestions] { suggestions->step(-1); });
    const auto showCurrent = [this, suggestions, accept, reject] {
        const PageSuggestions::Entry *current = suggestions->current();
        accept->setEnabled(current != nullptr);
        reject->setEnabled(current != nullptr);
        if (current != nullptr)
            m_status->showNote(words::suggestionSentence(current->told, m_people.people));
    };
    connect(suggestions, &PageSuggestions::currentChanged, this, showCurrent);
    connect(suggestions, &PageSuggestions::changed, this, [this, showCurrent] {
        showCurrent();
        laySide();
    });
    connect(suggestions, &PageSuggestions::contested, m_status, &StatusLine::showNote);
    connect(m_page, &DocumentView::menuAsked, this, [suggestions, accept, reject](QMenu &menu) {
        if (suggestions->current() == nullptr)
            return;
        menu.addSeparator();
        menu.addActions({accept, reject});
    });
    showCurrent();
}

} // namespace nlbd::ui
