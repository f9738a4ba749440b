#include "ui/lobby_bridge.h"

#include "ui/overloaded.h"

#include <QMetaObject>
#include <QPointer>

#include <utility>

namespace nlbd::ui {

LobbyBridge::LobbyBridge(api::Lobby &lobby, QObject *parent)
    : QObject(parent)
    , m_lobby(lobby)
{
}

LobbyBridge::~LobbyBridge()
{
    m_lobby.subscribe({});
}

void LobbyBridge::start()
{
    m_lobby.subscribe([this](std::vector<api::LobbyEvent> events) {
        QMetaObject::invokeMethod(
            this, [this, batch = std::move(events)] { deliver(batch); }, Qt::QueuedConnection);
    });
}

void LobbyBridge::submit(api::LobbyCommand command)
{
    m_lobby.submit(std::move(command));
}

void LobbyBridge::deliver(const std::vector<api::LobbyEvent> &events)
{
    const Overloaded tell{
        [this](const api::ProfileChanged &e) { Q_EMIT profileChanged(e); },
        [this](const api::WorkspacesChanged &e) { Q_EMIT workspacesChanged(e); },
        [this](const api::NeighboursChanged &e) { Q_EMIT neighboursChanged(e); },
        [this](const api::FoundingChanged &e) { Q_EMIT foundingChanged(e); },
        [this](const api::JoinRequestsChanged &e) { Q_EMIT joinRequestsChanged(e); },
        [this](const api::JoinChanged &e) { Q_EMIT joinChanged(e); },
        [this](const api::InvitationMade &e) { Q_EMIT invitationMade(e); },
        [this](const api::WorkspaceOpened &e) { Q_EMIT workspaceOpened(e); },
        [this](const api::DeviceAnswered &e) { Q_EMIT deviceAnswered(e); },
        [this](const api::DeviceShown &e) { Q_EMIT deviceShown(e); },
        [this](const api::DeviceLinked &e) { Q_EMIT deviceLinked(e); },
        [this](const api::RecoveryWordsShown &e) { Q_EMIT recoveryWordsShown(e); },
        [this](const api::ConnectionsChanged &e) { Q_EMIT connectionsChanged(e); },
        [this](const api::ReachChanged &e) { Q_EMIT reachChanged(e); },
        [this](const api::BackedUp &e) { Q_EMIT backedUp(e); },
        [this](const api::BackupRestored &e) { Q_EMIT backupRestored(e); },
        [this](const api::LobbyTrouble &e) { Q_EMIT trouble(e); },
    };
    const QPointer<LobbyBridge> alive(this);
    for (const api::LobbyEvent &event : events) {
        std::visit(tell, event);
        if (!alive)
            return;
    }
}

} // namespace nlbd::ui
