#pragma once

#include "core/api/lobby.h"

#include <QObject>

namespace nlbd::ui {

/// The one QObject that holds the lobby: batches are posted to the GUI's loop and leave as typed
/// signals, in order. The lobby must outlive it.
class LobbyBridge : public QObject {
    Q_OBJECT

public:
    explicit LobbyBridge(api::Lobby &lobby, QObject *parent = nullptr);
    ~LobbyBridge() override;

    /// Asks for the present state and everything after it. Connect the signals first.
    void start();

    void submit(api::LobbyCommand command);

Q_SIGNALS:
    void profileChanged(const nlbd::api::ProfileChanged &event);
    void workspacesChanged(const nlbd::api::WorkspacesChanged &event);
    void neighboursChanged(const nlbd::api::NeighboursChanged &event);
    void foundingChanged(const nlbd::api::FoundingChanged &event);
    void joinRequestsChanged(const nlbd::api::JoinRequestsChanged &event);
    void joinChanged(const nlbd::api::JoinChanged &event);
    void invitationMade(const nlbd::api::InvitationMade &event);
    void workspaceOpened(const nlbd::api::WorkspaceOpened &event);
    void deviceAnswered(const nlbd::api::DeviceAnswered &event);
    void deviceShown(const nlbd::api::DeviceShown &event);
    void deviceLinked(const nlbd::api::DeviceLinked &event);
    void recoveryWordsShown(const nlbd::api::RecoveryWordsShown &event);
    void connectionsChanged(const nlbd::api::ConnectionsChanged &event);
    void reachChanged(const nlbd::api::ReachChanged &event);
    void backedUp(const nlbd::api::BackedUp &event);
    void backupRestored(const nlbd::api::BackupRestored &event);
    void trouble(const nlbd::api::LobbyTrouble &event);

private:
    void deliver(const std::vector<api::LobbyEvent> &events);

    api::Lobby &m_lobby;
};

} // namespace nlbd::ui
