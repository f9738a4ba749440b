#pragma once

#include "core/api/lobby.h"

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QStringList>

#include <map>
#include <memory>

namespace nlbd::ui {

class ConnectionsWindow;
class LobbyBridge;
class LobbyWindow;
class MainWindow;

/// All windows of the program: the start page, and one main window per open workspace. What a
/// program's main() needs to know of the user interface.
class Shell : public QObject {
    Q_OBJECT

public:
    /// The lobby must outlive the shell. `suggestedName` fills the name field of a first start.
    Shell(api::Lobby &lobby, const QString &suggestedName, QObject *parent = nullptr);
    ~Shell() override;

    /// Shows the start page; with exactly one workspace known, that workspace alone, unless it does
    /// not open soon.
    void start();

    /// Imports a text file into the window in front, or into the next that opens.
    void openFile(const QString &path);

    /// What an nlbd: link carries.
    void useInvitation(const QString &text);

    /// Brings a window to the front, as when the program is started again.
    void raise();

    /// Writes a picture of each visible window into a folder, as window-1.png and so on. Returns
    /// the files written.
    QStringList grabAll(const QString &folder) const;

    [[nodiscard]] LobbyWindow &lobbyWindow() { return *m_lobbyWindow; }
    [[nodiscard]] QList<MainWindow *> mainWindows() const;
    /// Made when it is first asked for.
    [[nodiscard]] ConnectionsWindow *connectionsWindow() { return m_connections.get(); }
    void showConnections();

private:
    void workspaceOpened(const api::WorkspaceOpened &event);
    void windowClosed(const WorkspaceId &id);
    void closeConnections();
    void open(const WorkspaceId &id);
    void showRequest();
    void tellKnocks();
    void tellTrouble(const api::LobbyTrouble &event);
    void showLobby();
    void showLobbyIfNothingIs();

    std::unique_ptr<LobbyBridge> m_bridge;
    std::unique_ptr<LobbyWindow> m_lobbyWindow;
    std::unique_ptr<ConnectionsWindow> m_connections;
    std::map<WorkspaceId, std::unique_ptr<MainWindow>> m_windows;
    std::vector<api::WorkspaceInfo> m_known;
    std::vector<api::JoinRequest> m_knocks; ///< at all doors of this computer
    QStringList m_waitingFiles;
    std::vector<api::LobbyTrouble> m_untold; ///< no workspace was open
    bool m_isStarting = false;               ///< the list of workspaces has not been looked at yet
    bool m_isUnseen = true;                  ///< no window has been shown yet
};

} // namespace nlbd::ui
