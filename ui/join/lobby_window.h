#pragma once

#include "core/api/lobby.h"

#include <QWidget>

#include <array>
#include <optional>

class QStackedWidget;

namespace nlbd::ui {

class BackupPage;
class BannerZone;
class FoundingPage;
class InvitationPage;
class JoinPage;
class LobbyBridge;
class ProgressPage;
class RecoveryPage;
class RequestPage;
class RestorePage;
class WelcomePage;

/// The start page and what follows from it: who I am, my workspaces, founding one with people who
/// are near, answering when others found one, using an invitation. One window, one page at a time.
class LobbyWindow : public QWidget {
    Q_OBJECT

public:
    LobbyWindow(LobbyBridge &bridge, const QString &suggestedName, QWidget *parent = nullptr);

    /// Goes to the page that joins, with the invitation filled in. Used at once if I have a name.
    void useInvitation(const QString &text);

    /// Goes to the page with an invitation into that workspace.
    /// `isShut`: the rule there lets nobody new in.
    void inviteInto(const WorkspaceId &id, bool isShut = false);

    [[nodiscard]] QString workspaceName(const WorkspaceId &id) const;
    [[nodiscard]] BannerZone &banners() { return *m_banners; }
    /// A founding that waits for my answer; its sentence for a banner elsewhere.
    [[nodiscard]] std::optional<QString> openRequest() const;

    /// A file waits for a workspace to be imported into.
    void showWaitingFile(const QString &name);

    // Pages, for tests and pictures.
    enum class Page : std::uint8_t {
        Welcome,
        Founding,
        Progress,
        Request,
        Join,
        Invitation,
        Recovery,
        Restore,
        Backup
    };
    void showPage(Page page);
    [[nodiscard]] Page page() const { return m_page; }

Q_SIGNALS:
    void workspaceAsked(const nlbd::WorkspaceId &id);
    void workspacesChanged();
    void requestChanged();
    void connectionsAsked();
    void closed();

protected:
    void closeEvent(QCloseEvent *event) override;

private:
    [[nodiscard]] std::array<QWidget *, 9> pages() const;
    void connectLobby();
    void connectPages();
    void connectRecovery();
    void connectBackup();
    void foundingChanged(const api::FoundingChanged &event);
    void joinChanged(const api::JoinChanged &event);
    void showNextRequest();
    void trouble(const api::LobbyTrouble &event);
    /// Makes the identity if there is none yet. False, with a sentence, without a name.
    bool ensureName();

    LobbyBridge &m_bridge;
    api::ProfileChanged m_profile;
    api::WorkspacesChanged m_workspaces;
    std::vector<api::FoundingInfo> m_requests; ///< asked of me, not answered
    std::optional<Hash> m_mine;                ///< the founding whose progress is shown
    std::optional<QString> m_pendingInvitation;
    Page m_page = Page::Welcome;
    bool m_invitesInto = false; ///< a workspace: the page came from its window
    bool m_hasProfile = false;

    BannerZone *m_banners = nullptr;
    QStackedWidget *m_stack = nullptr;
    WelcomePage *m_welcome = nullptr;
    FoundingPage *m_founding = nullptr;
    ProgressPage *m_progress = nullptr;
    RequestPage *m_request = nullptr;
    JoinPage *m_join = nullptr;
    InvitationPage *m_invitation = nullptr;
    RecoveryPage *m_recovery = nullptr;
    RestorePage *m_restore = nullptr;
    BackupPage *m_backup = nullptr;
};

} // namespace nlbd::ui
