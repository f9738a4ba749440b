#include "ui/shell.h"

#include "ui/connections/connections_window.h"
#include "ui/join/lobby_window.h"
#include "ui/lobby_bridge.h"
#include "ui/main_window.h"
#include "ui/motion.h"
#include "ui/reader/widget_readers.h"
#include "ui/settings.h"
#include "ui/theme.h"
#include "ui/theme_contrast.h"

#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QTimer>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nlbd::ui {

namespace {

/// How long a person may look at nothing while the one workspace opens.
constexpr std::chrono::milliseconds kPatience(400);

QString groupOf(const WorkspaceId &id)
{
    return QStringLiteral("workspaces/%1").arg(QString::fromStdString(id.hex()).left(16));
}

/// Where the person was when this workspace was closed; of no use to anybody else, so it is not
/// part of the workspace.
MainWindow::Place lastPlace(const WorkspaceId &id)
{
    const QString group = groupOf(id);
    MainWindow::Place place;
    if (const QVariant doc = settings::value(group + QStringLiteral("/document")); doc.isValid())
        place.doc = DocIndex(doc.toUInt());
    place.caret = settings::value(group + QStringLiteral("/caret")).toInt();
    place.geometry = settings::value(group + QStringLiteral("/window")).toByteArray();
    return place;
}

void keepPlace(const WorkspaceId &id, const MainWindow::Place &place)
{
    const QString group = groupOf(id);
    if (place.doc) {
        settings::keep(group + QStringLiteral("/document"), place.doc->value);
        settings::keep(group + QStringLiteral("/caret"), place.caret);
    }
    settings::keep(group + QStringLiteral("/window"), place.geometry);
}

} // namespace

Shell::Shell(api::Lobby &lobby, const QString &suggestedName, QObject *parent)
    : QObject(parent)
    , m_bridge(std::make_unique<LobbyBridge>(lobby))
{
    useWidgetReaders();
    setHighContrastHere(settings::value(QStringLiteral("highContrast"), false).toBool());
    const int stored = settings::value(QStringLiteral("theme"), 0).toInt();
    applyTheme(stored == 1       ? Appearance::Light
                   : stored == 2 ? Appearance::Dark
                                 : Appearance::System);
    static_cast<void>(Motion::instance());
    QApplication::setWindowIcon(appIcon());
    m_lobbyWindow = std::make_unique<LobbyWindow>(*m_bridge, suggestedName);
    connect(m_bridge.get(), &LobbyBridge::workspaceOpened, this, &Shell::workspaceOpened);
    connect(m_bridge.get(), &LobbyBridge::workspacesChanged, this,
            [this](const api::WorkspacesChanged &event) {
                m_known = event.workspaces;
                for (const auto &[id, window] : m_windows)
                    window->setWorkspaceName(m_lobbyWindow->workspaceName(id));
                const bool isFirst = std::exchange(m_isStarting, false);
                if (isFirst && m_known.size() == 1)
                    open(m_known.front().id);
                else if (isFirst)
                    showLobbyIfNothingIs();
            });
    connect(m_bridge.get(), &LobbyBridge::trouble, this, &Shell::tellTrouble);
    connect(m_bridge.get(), &LobbyBridge::joinRequestsChanged, this,
            [this](const api::JoinRequestsChanged &event) {
                m_knocks = event.requests;
                tellKnocks();
            });
    connect(m_lobbyWindow.get(), &LobbyWindow::workspaceAsked, this, &Shell::open);
    connect(m_lobbyWindow.get(), &LobbyWindow::requestChanged, this, &Shell::showRequest);
    connect(m_lobbyWindow.get(), &LobbyWindow::connectionsAsked, this, &Shell::showConnections);
    connect(m_lobbyWindow.get(), &LobbyWindow::closed, this, [this] {
        if (m_windows.empty())
            closeConnections();
    });
}

Shell::~Shell()
{
    m_connections.reset();
    m_windows.clear();
}

void Shell::start()
{
    m_isStarting = true;
    m_bridge->start();
    auto *patience = new QTimer(this);
    patience->setSingleShot(true);
    connect(patience, &QTimer::timeout, this, &Shell::showLobbyIfNothingIs);
    patience->start(kPatience);
}

void Shell::showLobbyIfNothingIs()
{
    if (std::exchange(m_isUnseen, false))
        m_lobbyWindow->show();
}

void Shell::open(const WorkspaceId &id)
{
    if (const auto it = m_windows.find(id); it != m_windows.end()) {
        it->second->show();
        it->second->raise();
        it->second->activateWindow();
        m_lobbyWindow->hide();
        return;
    }
    m_bridge->submit(api::OpenWorkspace{id});
}

void Shell::workspaceOpened(const api::WorkspaceOpened &event)
{
    if (!event.workspace || m_windows.contains(event.id))
        return;
    auto window =
        std::make_unique<MainWindow>(event.workspace, m_lobbyWindow->workspaceName(event.id));
    window->setPlace(lastPlace(event.id));
    connect(window.get(), &MainWindow::closed, this,
            [this, id = event.id](const MainWindow::Place &place) {
                keepPlace(id, place);
                windowClosed(id);
            });
    connect(window.get(), &MainWindow::lobbyAsked, this, &Shell::showLobby);
    connect(window.get(), &MainWindow::connectionsAsked, this, &Shell::showConnections);
    connect(window.get(), &MainWindow::inviteAsked, this, [this, id = event.id](bool isShut) {
        m_lobbyWindow->inviteInto(id, isShut);
        showLobby();
    });
    m_isUnseen = false;
    window->show();
    window->activateWindow();
    for (const api::LobbyTrouble &trouble : std::exchange(m_untold, {}))
        window->tellLobby(trouble);
    for (const QString &path : std::exchange(m_waitingFiles, {}))
        window->importFile(path);
    m_windows.emplace(event.id, std::move(window));
    tellKnocks();
    m_lobbyWindow->showPage(LobbyWindow::Page::Welcome);
    m_lobbyWindow->hide();
    showRequest();
}

/// The window is in the middle of its own close event: it goes when that is over.
void Shell::windowClosed(const WorkspaceId &id)
{
    const auto it = m_windows.find(id);
    if (it == m_windows.end())
        return;
    it->second.release()->deleteLater();
    m_windows.erase(it);
    m_bridge->submit(api::CloseWorkspace{id});
    if (m_windows.empty() && !m_lobbyWindow->isVisible())
        closeConnections();
}

/// Open alone it would keep the program from ending.
void Shell::closeConnections()
{
    if (m_connections)
        m_connections->close();
}

void Shell::showConnections()
{
    if (!m_connections)
        m_connections = std::make_unique<ConnectionsWindow>(*m_bridge);
    m_connections->show();
    m_connections->raise();
    m_connections->activateWindow();
}

void Shell::showLobby()
{
    m_isUnseen = false;
    m_lobbyWindow->show();
    m_lobbyWindow->raise();
    m_lobbyWindow->activateWindow();
}

/// Somebody asks while a workspace is open: a banner there, never a window over what is typed.
void Shell::showRequest()
{
    const std::optional<QString> request = m_lobbyWindow->openRequest();
    for (const auto &[id, window] : m_windows) {
        if (request)
            window->setNotice(request->toHtmlEscaped() + QStringLiteral("."), tr("Look"),
                              [this] { showLobby(); });
        else
            window->setNotice({});
    }
}

/// Each window hears of those who knock at its own door.
void Shell::tellKnocks()
{
    for (const auto &[id, window] : m_windows) {
        std::vector<api::JoinRequest> here;
        std::ranges::copy_if(m_knocks, std::back_inserter(here),
                             [&id](const auto &ask) { return ask.workspace == id; });
        window->setKnocks(here);
    }
}

/// The lobby's window shows it as well, but is hidden while a workspace is open.
void Shell::tellTrouble(const api::LobbyTrouble &event)
{
    constexpr std::size_t kUntoldMax = 8;
    for (const auto &[id, window] : m_windows)
        window->tellLobby(event);
    if (m_windows.empty() && m_untold.size() < kUntoldMax)
        m_untold.push_back(event);
}

void Shell::openFile(const QString &path)
{
    const QList<MainWindow *> windows = mainWindows();
    for (MainWindow *window : windows) {
        if (window->isActiveWindow() || windows.size() == 1) {
            window->importFile(path);
            return;
        }
    }
    if (!windows.isEmpty())
        windows.front()->importFile(path);
    else {
        m_waitingFiles.append(path);
        m_lobbyWindow->showWaitingFile(QFileInfo(path).fileName());
    }
}

void Shell::useInvitation(const QString &text)
{
    m_isStarting = false; // what becomes of it is seen there, and no workspace opens over it
    showLobby();
    m_lobbyWindow->useInvitation(text);
}

void Shell::raise()
{
    m_isUnseen = false;
    const QList<MainWindow *> windows = mainWindows();
    QWidget *front = windows.isEmpty() ? static_cast<QWidget *>(m_lobbyWindow.get())
                                       : static_cast<QWidget *>(windows.front());
    front->show();
    front->raise();
    front->activateWindow();
}

QList<MainWindow *> Shell::mainWindows() const
{
    QList<MainWindow *> result;
    for (const auto &[id, window] : m_windows)
        result.append(window.get());
    return result;
}

QStringList Shell::grabAll(const QString &folder) const
{
    QDir().mkpath(folder);
    QStringList written;
    const QWidgetList windows = QApplication::topLevelWidgets();
    for (QWidget *window : windows) {
        if (!window->isVisible() || window->windowType() == Qt::ToolTip)
            continue;
        const QString path =
            QDir(folder).filePath(QStringLiteral("window-%1.png").arg(written.size() + 1));
        if (window->grab().save(path))
            written.append(path);
    }
    return written;
}

} // namespace nlbd::ui
