// How the main window is put together: actions, toolbar, and what has room at which width.

#include "ui/main_window.h"

#include "ui/banner_zone.h"
#include "ui/comments/comments_panel.h"
#include "ui/decisions/decisions_panel.h"
#include "ui/documents/document_list.h"
#include "ui/editor/companions.h"
#include "ui/editor/document_view.h"
#include "ui/find/find_bar.h"
#include "ui/help/help_dialog.h"
#include "ui/history/page_history.h"
#include "ui/outline/outline_panel.h"
#include "ui/page_tools.h"
#include "ui/parts.h"
#include "ui/people/avatar.h"
#include "ui/people/follow_sign.h"
#include "ui/people/people_panel.h"
#include "ui/people/who_has_panel.h"
#include "ui/rejected/only_here.h"
#include "ui/settings.h"
#include "ui/status_line.h"
#include "ui/suggestions/suggestions_panel.h"
#include "ui/theme_contrast.h"

#include <QAbstractButton>
#include <QAction>
#include <QActionGroup>
#include <QBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QStackedWidget>
#include <QToolButton>

#include <array>

namespace nlbd::ui {

namespace {

constexpr int kToolbarHeight = 54;
constexpr int kSidebarWidth = 248;
constexpr int kPeopleWidth = 304;
constexpr int kPeopleDocks = 1000; ///< narrower: the people panel is a drawer
constexpr int kFormatsShow = 1086; ///< in the toolbar
constexpr int kSidebarDocks = 720; ///< narrower: the sidebar as well

QMenu *makeThemeMenu(QMenu *menu)
{
    auto *themes = new QMenu(MainWindow::tr("Theme"), menu);
    auto *group = new QActionGroup(themes);
    const auto addTheme = [&](const QString &text, Appearance value) {
        QAction *action = themes->addAction(text);
        action->setCheckable(true);
        group->addAction(action);
        QObject::connect(action, &QAction::triggered, action, [value] {
            settings::keep(QStringLiteral("theme"), static_cast<int>(value));
            applyTheme(value);
        });
        QObject::connect(themes, &QMenu::aboutToShow, action,
                         [action, value] { action->setChecked(appearance() == value); });
    };
    addTheme(MainWindow::tr("As the system"), Appearance::System);
    addTheme(MainWindow::tr("Light"), Appearance::Light);
    addTheme(MainWindow::tr("Dark"), Appearance::Dark);
    themes->addSeparator();
    QAction *high = themes->addAction(MainWindow::tr("High contrast"));
    high->setCheckable(true);
    QObject::connect(high, &QAction::triggered, high, [](bool isHigh) {
        settings::keep(QStringLiteral("highContrast"), isHigh);
        setHighContrastHere(isHigh);
    });
    QObject::connect(themes, &QMenu::aboutToShow, high,
                     [high] { high->setChecked(isHighContrast()); });
    return themes;
}

} // namespace

QAction *MainWindow::addCommand(const QString &iconName, const QString &text,
                                const QKeySequence &keys, void (MainWindow::*use)())
{
    auto *action = new QAction(text, this);
    if (!iconName.isEmpty())
        action->setIcon(icon(iconName, Role::Ink));
    action->setShortcut(keys);
    addAction(action);
    connect(action, &QAction::triggered, this, use);
    return action;
}

void MainWindow::makeActions()
{
    m_undo = new QAction(icon(QStringLiteral("undo"), Role::Ink), tr("Undo"), this);
    m_undo->setShortcut(QKeySequence::Undo);
    m_redo = new QAction(icon(QStringLiteral("redo"), Role::Ink), tr("Redo"), this);
    m_redo->setShortcuts({QKeySequence(tr("Ctrl+Shift+Z")), QKeySequence(tr("Ctrl+Y"))});
    for (QAction *action : {m_undo, m_redo}) {
        action->setEnabled(false);
        addAction(action);
    }
    connect(m_undo, &QAction::triggered, this, [this] { m_page->takeBack(); });
    connect(m_redo, &QAction::triggered, this, [this] { m_page->doAgain(); });

    QAction *fresh = addCommand(QStringLiteral("new"), tr("New document"), QKeySequence::New,
                                &MainWindow::newDocument);
    QAction *import = addCommand(QStringLiteral("import"), tr("Import a text file\u2026"),
                                 QKeySequence(tr("Ctrl+O")), &MainWindow::askImport);
    m_export = addCommand(QStringLiteral("export"), tr("Export this document\u2026"),
                          QKeySequence(tr("Ctrl+Shift+S")), &MainWindow::askExport);
    m_export->setEnabled(false);
    m_barActions = {m_undo, m_redo, nullptr, fresh, import, m_export};

    m_rename = new QAction(tr("Rename this document"), this);
    m_rename->setShortcut(QKeySequence(Qt::Key_F2));
    m_rename->setEnabled(false);
    addAction(m_rename);
    connect(m_rename, &QAction::triggered, this, [this] { m_list->renameCurrent(); });
    makeAttachmentActions();
    auto *filter = new QAction(tr("Filter documents"), this);
    filter->setShortcut(QKeySequence(tr("Ctrl+K")));
    addAction(filter);
    connect(filter, &QAction::triggered, this, [this] {
        if (!m_list->isVisible())
            toggleSidebar();
        m_list->focusFilter();
    });
    QAction *sidebar = addCommand(QStringLiteral("sidebar"), tr("Show or hide documents"),
                                  QKeySequence(tr("Ctrl+\\")), &MainWindow::toggleSidebar);
    QAction *people = addCommand(QStringLiteral("people"), tr("Show or hide people"),
                                 QKeySequence(Qt::Key_F9), &MainWindow::togglePeople);
    QAction *next = addCommand({}, tr("Go to the next part of the window"),
                               QKeySequence(Qt::Key_F6), &MainWindow::goToNextPane);
    addCommand({}, tr("Go to the part before"), QKeySequence(tr("Shift+F6")),
               &MainWindow::goToPaneBefore);
    QAction *decisions = addCommand({}, tr("Go to decisions"), QKeySequence(tr("Ctrl+D")),
                                    &MainWindow::goToDecisions);
    QAction *evidence =
        addCommand({}, tr("Refused changes and proofs"), {}, &MainWindow::showEvidence);
    QAction *rejected =
        addCommand({}, tr("Rejected work, and taking back"), {}, &MainWindow::showRejected);
    auto *connections = new QAction(tr("Connections"), this);
    connections->setShortcut(QKeySequence(tr("Ctrl+Shift+C")));
    addAction(connections);
    connect(connections, &QAction::triggered, this, &MainWindow::connectionsAsked);
    m_invite = new QAction(tr("Invite somebody\u2026"), this);
    connect(m_invite, &QAction::triggered, this, [this] { Q_EMIT inviteAsked(m_isShut); });
    auto *lobby = new QAction(tr("Other workspaces"), this);
    connect(lobby, &QAction::triggered, this, &MainWindow::lobbyAsked);
    QAction *help =
        addCommand({}, tr("Help and keys"), QKeySequence::HelpContents, &MainWindow::showHelp);
    QAction *about = addCommand({}, tr("About No Leader"), {}, &MainWindow::showAbout);
    auto *close = new QAction(tr("Close this window"), this);
    close->setShortcut(QKeySequence::Close);
    addAction(close);
    connect(close, &QAction::triggered, this, &QWidget::close);
    m_menuActions = {fresh,    import,   m_export, m_rename, m_attach,    m_attached,
                     nullptr,  filter,   sidebar,  people,   decisions,   next,
                     evidence, rejected, nullptr,  m_invite, connections, lobby,
                     nullptr,  help,     about,    nullptr,  close};
}

QToolButton *MainWindow::addButton(QAction *action)
{
    auto *button = new QToolButton;
    button->setDefaultAction(action);
    button->setIconSize(QSize(18, 18));
    button->setFixedSize(38, 38);
    button->setFocusPolicy(Qt::TabFocus);
    const auto name = [button, action] {
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        const QString text = QString(action->text())
                                 .remove(QChar(0x2026))
                                 .replace(QStringLiteral("&&"), QStringLiteral("&"));
        button->setAccessibleName(text);
        button->setToolTip(keys.isEmpty() ? text : QStringLiteral("%1 (%2)").arg(text, keys));
    };
    connect(action, &QAction::changed, button, name);
    name();
    return button;
}

void MainWindow::makeToolbar()
{
    m_toolbar = new QWidget(this);
    m_toolbar->setObjectName(QStringLiteral("toolbar"));
    m_toolbar->setAttribute(Qt::WA_StyledBackground);
    auto *row = new QHBoxLayout(m_toolbar);
    row->setContentsMargins(8, 0, 8, 0);
    row->setSpacing(3);
    for (QAction *action : std::as_const(m_barActions)) {
        if (action) {
            row->addWidget(addButton(action));
            continue;
        }
        row->addSpacing(4);
        row->addWidget(makeSeparator());
        row->addSpacing(4);
    }
    row->addSpacing(4);
    row->addWidget(makeFormatBar());
    row->addStretch();
    m_avatars = new AvatarRow;
    row->addWidget(m_avatars);
    QPushButton *invite = makeButton(tr("Invite"));
    invite->setAccessibleName(tr("Invite somebody"));
    invite->setFocusPolicy(Qt::TabFocus);
    connect(invite, &QPushButton::clicked, m_invite, &QAction::trigger);
    connect(m_invite, &QAction::changed, invite,
            [this, invite] { invite->setEnabled(m_invite->isEnabled()); });
    row->addSpacing(6);
    row->addWidget(invite);
    row->addSpacing(4);

    auto *menu = new QMenu(this);
    for (QAction *action : std::as_const(m_menuActions)) {
        if (action)
            menu->addAction(action);
        else
            menu->addSeparator();
    }
    menu->insertMenu(m_menuActions.at(12), makeThemeMenu(menu));
    menu->insertMenu(m_menuActions.at(7), m_formatMenu);
    m_pageMenu = new QMenu(tr("Page"), menu);
    menu->insertMenu(m_menuActions.at(7), m_pageMenu);

    auto *more = new QToolButton;
    more->setMenu(menu);
    more->setPopupMode(QToolButton::InstantPopup);
    more->setIcon(icon(QStringLiteral("menu"), Role::Ink));
    more->setIconSize(QSize(18, 18));
    more->setFixedSize(38, 38);
    more->setFocusPolicy(Qt::TabFocus);
    more->setAccessibleName(tr("Menu"));
    more->setToolTip(tr("Menu"));
    row->addWidget(more);
}

void MainWindow::makePage()
{
    m_column = new QWidget(this);
    m_column->setObjectName(QStringLiteral("pageColumn"));
    m_column->setAttribute(Qt::WA_StyledBackground);
    auto *column = new QVBoxLayout(m_column);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_banners = new BannerZone;
    column->addWidget(m_banners);
    m_stack = new QStackedWidget;
    m_page = new DocumentView(m_bridge);
    m_page->setUndoActions(m_undo, m_redo);
    m_companions = new Companions(*m_page, this);
    m_followSign = new FollowSign;
    column->addWidget(m_followSign);
    connect(m_page, &DocumentView::looksTouched, this, &MainWindow::showFormats);
    connect(m_page, &DocumentView::opened, this, &MainWindow::showFormats);
    auto *blank = new EmptyState(
        QStringLiteral("document"), tr("A blank page"),
        tr("Start writing. The first line becomes its name."),
        {{tr("Write the first page"), [this] { newDocument(); }, ButtonKind::Primary},
         {tr("Import a text file\u2026"), [this] { askImport(); }}});
    m_stack->addWidget(blank);
    m_stack->addWidget(m_page);
    auto *row = new QHBoxLayout;
    row->setSpacing(0);
    row->addWidget(m_stack, 1);
    column->addLayout(row, 1);
    const auto title = [this] {
        const auto doc = m_page->shownDocument();
        return doc ? m_list->titleOf(*doc) : QString();
    };
    m_tools = new PageTools({*this, *m_page, m_bridge, *column, *row, *m_pageMenu, m_name, title,
                             [this](bool isAlone) { setAlone(isAlone); }});
    connect(m_tools, &PageTools::told, this, &MainWindow::tellFile);
    for (QFrame *below : {static_cast<QFrame *>(m_onlyHere = new OnlyHere(m_bridge)),
                          static_cast<QFrame *>(m_whoHas = new WhoHasPanel)})
        column->addWidget(below);
}

/// Who is here, and below them what they decide.
void MainWindow::makeSide()
{
    m_side = new QWidget(this);
    m_side->setObjectName(QStringLiteral("side"));
    m_side->setAttribute(Qt::WA_StyledBackground);
    auto *column = new QVBoxLayout(m_side);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_panel = new PeoplePanel;
    m_decisions = new DecisionsPanel(m_bridge);
    column->addWidget(m_panel);
    column->addWidget(new CommentsPanel);
    column->addWidget(m_decisions, 1);
}

void MainWindow::layParts()
{
    if (!m_status)
        return;
    m_formatBar->setVisible(width() >= kFormatsShow);
    const int top = m_isAlone ? 0 : kToolbarHeight;
    const int bottom = height() - m_status->height();
    const bool sidebarDocks = width() >= kSidebarDocks && !m_isAlone;
    const bool peopleDocks = width() >= kPeopleDocks && !m_isAlone;
    m_sidebarDrawer = m_sidebarDrawer && !sidebarDocks;
    m_peopleDrawer = m_peopleDrawer && !peopleDocks;
    const int left = sidebarDocks && m_wantsSidebar ? kSidebarWidth : 0;
    const int right = peopleDocks && m_wantsPeople ? kPeopleWidth : 0;
    m_toolbar->setGeometry(0, 0, width(), kToolbarHeight);
    m_toolbar->setVisible(!m_isAlone);
    m_status->setGeometry(0, bottom, width(), m_status->height());
    m_list->setGeometry(0, top, kSidebarWidth, bottom - top);
    m_side->setGeometry(width() - kPeopleWidth, top, kPeopleWidth, bottom - top);
    m_column->setGeometry(left, top, width() - left - right, bottom - top);
    m_list->setVisible(sidebarDocks ? m_wantsSidebar : m_sidebarDrawer);
    m_side->setVisible(peopleDocks ? m_wantsPeople : m_peopleDrawer);
    m_list->raise();
    m_side->raise();
}

/// People and decisions often change in one go. Qt then leaves the side to a request for layout
/// that does not come, and the people keep the room of those who went. Nothing is done where it
/// came.
void MainWindow::laySide()
{
    QMetaObject::invokeMethod(
        m_side, [this] { m_side->layout()->activate(); }, Qt::QueuedConnection);
}

void MainWindow::setAlone(bool isAlone)
{
    m_isAlone = isAlone;
    m_sidebarDrawer = m_peopleDrawer = false;
    layParts();
}

void MainWindow::toggleSidebar()
{
    const bool isDrawer = width() < kSidebarDocks || m_isAlone;
    bool &isOpen = isDrawer ? m_sidebarDrawer : m_wantsSidebar;
    isOpen = !isOpen;
    m_peopleDrawer = m_peopleDrawer && !isOpen; // side by side they would cover the page
    layParts();
    if (isDrawer && isOpen)
        m_list->setFocus();
    else if (!isOpen)
        goToPage();
}

void MainWindow::togglePeople()
{
    const bool isDrawer = width() < kPeopleDocks || m_isAlone;
    bool &isOpen = isDrawer ? m_peopleDrawer : m_wantsPeople;
    isOpen = !isOpen;
    m_sidebarDrawer = m_sidebarDrawer && !isOpen;
    layParts();
    if (isDrawer && isOpen)
        m_panel->setFocus();
    else if (!isOpen)
        goToPage();
}

void MainWindow::goToPage()
{
    m_stack->currentWidget()->setFocus();
}

void MainWindow::goToNextPane()
{
    goToPane(1);
}

void MainWindow::goToPaneBefore()
{
    goToPane(-1);
}

/// The page takes Tab as a letter, so the parts of the window have a key of their own.
void MainWindow::goToPane(int step)
{
    const std::array<QWidget *, 13> panes{m_toolbar,
                                          m_list,
                                          &m_tools->findBar(),
                                          m_banners,
                                          &m_tools->outline(),
                                          m_stack,
                                          m_onlyHere,
                                          m_whoHas,
                                          m_panel,
                                          m_side->findChild<SuggestionsPanel *>(),
                                          m_side->findChild<CommentsPanel *>(),
                                          m_decisions,
                                          m_status};
    const int count = static_cast<int>(panes.size());
    int at = 0;
    for (int i = 0; i < count; ++i) {
        if (panes[static_cast<std::size_t>(i)]->isAncestorOf(focusWidget()))
            at = i;
    }
    for (int i = 0; i < count; ++i) {
        at = (at + step + count) % count;
        QWidget *pane = panes[static_cast<std::size_t>(at)];
        const QWidget *proxy = pane->focusProxy();
        if (pane->isVisible() && (proxy == nullptr || proxy->isVisible()))
            break; // a part with nothing in it is passed over
    }
    QWidget *pane = panes[static_cast<std::size_t>(at)];
    if (pane == m_stack)
        goToPage();
    else if (pane == m_toolbar)
        focusToolbar();
    else
        pane->setFocus(Qt::TabFocusReason);
}

void MainWindow::focusToolbar()
{
    for (QAbstractButton *button : m_toolbar->findChildren<QAbstractButton *>()) {
        if (button->isEnabled()) {
            button->setFocus(Qt::TabFocusReason);
            return;
        }
    }
}

/// A press on the page closes what is drawn over it.
bool MainWindow::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::MouseButtonPress && (m_sidebarDrawer || m_peopleDrawer)) {
        m_sidebarDrawer = m_peopleDrawer = false;
        layParts();
    }
    return QWidget::eventFilter(watched, event);
}

void MainWindow::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    layParts();
}

void MainWindow::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape) {
        if (m_tools->escape() || m_history->escape())
            return;
        m_sidebarDrawer = m_peopleDrawer = false;
        m_list->clearFilter();
        m_companions->stop();
        layParts();
        goToPage();
        return;
    }
    QWidget::keyPressEvent(event);
}

void MainWindow::showHelp()
{
    auto *dialog = new HelpDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

void MainWindow::showAbout()
{
    auto *dialog = new AboutDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

} // namespace nlbd::ui
