#include "ui/join/lobby_window.h"

#include "ui/banner_zone.h"
#include "ui/join/backup_page.h"
#include "ui/join/recovery_pages.h"
#include "ui/lobby_bridge.h"
#include "ui/parts.h"
#include "ui/words.h"

#include <QBoxLayout>
#include <QCloseEvent>
#include <QStackedWidget>

#include <algorithm>

namespace nlbd::ui {

LobbyWindow::LobbyWindow(LobbyBridge &bridge, const QString &suggestedName, QWidget *parent)
    : QWidget(parent)
    , m_bridge(bridge)
    , m_banners(new BannerZone)
    , m_stack(new QStackedWidget)
    , m_welcome(new WelcomePage(suggestedName))
    , m_founding(new FoundingPage)
    , m_progress(new ProgressPage)
    , m_request(new RequestPage)
    , m_join(new JoinPage)
    , m_invitation(new InvitationPage)
    , m_recovery(new RecoveryPage)
    , m_restore(new RestorePage)
    , m_backup(new BackupPage)
{
    setObjectName(QStringLiteral("room"));
    setAttribute(Qt::WA_StyledBackground);
    setWindowTitle(tr("No Leader"));
    setWindowIcon(appIcon());
    setMinimumSize(560, 560);
    resize(760, 640);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_banners);
    column->addWidget(m_stack, 1);
    for (QWidget *page : pages()) {
        page->setParent(this);
        page->hide();
    }
    m_stack->addWidget(m_welcome);
    connectPages();
    connectRecovery();
    connectBackup();
    connectLobby();
    m_welcome->setProfile({});
    m_welcome->focusName();
}

/// In the order of Page.
std::array<QWidget *, 9> LobbyWindow::pages() const
{
    return {m_welcome,    m_founding, m_progress, m_request, m_join,
            m_invitation, m_recovery, m_restore,  m_backup};
}

void LobbyWindow::connectLobby()
{
    connect(&m_bridge, &LobbyBridge::profileChanged, this,
            [this](const api::ProfileChanged &event) {
                m_profile = event;
                m_hasProfile = !event.name.empty();
                m_welcome->setProfile(event);
                m_founding->setProfile(event);
                m_join->setProfile(event);
                m_invitation->setProfile(event);
                if (m_hasProfile && m_page == Page::Restore)
                    showPage(Page::Join); // the texts come by invitation
                if (m_hasProfile && m_pendingInvitation)
                    useInvitation(*std::exchange(m_pendingInvitation, std::nullopt));
            });
    connect(&m_bridge, &LobbyBridge::workspacesChanged, this,
            [this](const api::WorkspacesChanged &event) {
                m_workspaces = event;
                m_welcome->setWorkspaces(event.workspaces);
                Q_EMIT workspacesChanged();
            });
    connect(&m_bridge, &LobbyBridge::neighboursChanged, this,
            [this](const api::NeighboursChanged &event) {
                m_founding->setNeighbours(event.neighbours);
                m_join->setNeighbours(event.neighbours);
            });
    connect(&m_bridge, &LobbyBridge::foundingChanged, this, &LobbyWindow::foundingChanged);
    connect(&m_bridge, &LobbyBridge::invitationMade, m_invitation, &InvitationPage::setInvitation);
    connect(&m_bridge, &LobbyBridge::joinChanged, this, &LobbyWindow::joinChanged);
    connect(&m_bridge, &LobbyBridge::trouble, this, &LobbyWindow::trouble);
}

void LobbyWindow::connectPages()
{
    for (LobbyPage *page :
         std::initializer_list<LobbyPage *>{m_founding, m_progress, m_join, m_request})
        connect(page, &LobbyPage::backAsked, this, [this] { showPage(Page::Welcome); });
    connect(m_invitation, &LobbyPage::backAsked, this,
            [this] { showPage(m_invitesInto ? Page::Welcome : Page::Founding); });
    connect(m_welcome, &WelcomePage::startAsked, this, [this] {
        if (ensureName())
            showPage(Page::Founding);
    });
    connect(m_welcome, &WelcomePage::joinAsked, this, [this] {
        if (ensureName())
            showPage(Page::Join);
    });
    connect(m_welcome, &WelcomePage::opened, this, &LobbyWindow::workspaceAsked);
    connect(m_welcome, &WelcomePage::connectionsAsked, this, &LobbyWindow::connectionsAsked);
    connect(m_founding, &FoundingPage::visibleAsked, this,
            [this](bool isVisible) { m_bridge.submit(api::SetVisible{isVisible}); });
    connect(m_join, &JoinPage::visibleAsked, this,
            [this](bool isVisible) { m_bridge.submit(api::SetVisible{isVisible}); });
    connect(m_founding, &FoundingPage::addressTyped, this, [this](const QString &address) {
        m_bridge.submit(api::ConnectTo{address.toUtf8().toStdString()});
    });
    connect(m_founding, &FoundingPage::invitationAsked, this, [this] {
        m_invitesInto = false;
        showPage(Page::Invitation);
        m_bridge.submit(api::MakeInvitation{});
    });
    connect(m_founding, &FoundingPage::foundAsked, this,
            [this](const QString &name, const std::vector<PublicKey> &with) {
                m_mine.reset();
                m_bridge.submit(api::FoundWorkspace{name.toUtf8().toStdString(), with});
            });
    connect(m_progress, &ProgressPage::withdrawAsked, this, [this] {
        if (m_mine)
            m_bridge.submit(api::WithdrawFounding{*m_mine});
        showPage(Page::Founding);
    });
    connect(m_progress, &ProgressPage::openAsked, this, &LobbyWindow::workspaceAsked);
    connect(m_request, &RequestPage::answered, this, [this](bool accept) {
        if (m_requests.empty())
            return;
        const Hash draft = m_requests.front().draft;
        m_bridge.submit(api::AnswerFounding{draft, accept});
        if (accept) {
            m_mine = draft;
            m_progress->setFounding(m_requests.front());
            showPage(Page::Progress);
        } else {
            showPage(Page::Welcome);
        }
        m_requests.erase(m_requests.begin());
        Q_EMIT requestChanged();
        showNextRequest();
    });
    connect(m_join, &JoinPage::used, this, [this](const QString &text) {
        m_banners->remove(BannerZone::About::Text);
        m_join->showUsed();
        m_bridge.submit(api::UseInvitation{text.toUtf8().toStdString()});
    });
    connect(m_join, &JoinPage::startAsked, this, [this] { showPage(Page::Founding); });
}

void LobbyWindow::connectRecovery()
{
    for (LobbyPage *page : std::initializer_list<LobbyPage *>{m_recovery, m_restore})
        connect(page, &LobbyPage::backAsked, this, [this] { showPage(Page::Welcome); });
    connect(m_welcome, &WelcomePage::recoveryAsked, this,
            [this] { showPage(m_hasProfile ? Page::Recovery : Page::Restore); });
    connect(m_recovery, &RecoveryPage::wordsAsked, this,
            [this] { m_bridge.submit(api::ShowRecoveryWords{}); });
    connect(&m_bridge, &LobbyBridge::recoveryWordsShown, this,
            [this](const api::RecoveryWordsShown &event) {
                if (m_page == Page::Recovery)
                    m_recovery->setWords(QString::fromUtf8(event.words));
            });
    connect(m_restore, &RestorePage::restoreAsked, this,
            [this](const QString &name, const QString &words) {
                m_bridge.submit(
                    api::Restore{name.toUtf8().toStdString(), words.toUtf8().toStdString()});
            });
}

void LobbyWindow::connectBackup()
{
    connect(m_backup, &LobbyPage::backAsked, this, [this] { showPage(Page::Welcome); });
    connect(m_welcome, &WelcomePage::backupAsked, this, [this] { showPage(Page::Backup); });
    connect(m_backup, &BackupPage::backUpAsked, this,
            [this](const QString &file, const QString &passphrase) {
                m_bridge.submit(
                    api::BackUp{file.toUtf8().toStdString(), passphrase.toUtf8().toStdString()});
            });
    connect(m_backup, &BackupPage::restoreAsked, this,
            [this](const QString &file, const QString &passphrase) {
                m_bridge.submit(api::RestoreBackup{file.toUtf8().toStdString(),
                                                   passphrase.toUtf8().toStdString()});
            });
    connect(&m_bridge, &LobbyBridge::backedUp, this, [this](const api::BackedUp &event) {
        m_backup->setAnswer(words::backedUp(event), "agreed");
    });
    connect(&m_bridge, &LobbyBridge::backupRestored, this,
            [this](const api::BackupRestored &event) {
                showPage(Page::Welcome);
                m_banners->put(BannerZone::About::Text,
                               {QStringLiteral("pencil"),
                                QStringLiteral("warning"),
                                words::restored(event),
                                {},
                                {}});
            });
}

bool LobbyWindow::ensureName()
{
    if (m_hasProfile)
        return true;
    const QString name = m_welcome->typedName();
    if (name.isEmpty()) {
        trouble({api::LobbyTrouble::Kind::BadName, {}});
        m_welcome->focusName();
        return false;
    }
    m_bridge.submit(api::SetName{name.toUtf8().toStdString()});
    return true;
}

void LobbyWindow::showPage(Page page)
{
    m_page = page;
    QWidget *shown = pages()[static_cast<std::size_t>(page)];
    if (m_stack->indexOf(shown) < 0)
        m_stack->addWidget(shown); // not sooner: a stack measures all that is in it
    m_stack->setCurrentWidget(shown);
    m_banners->remove(BannerZone::About::Text);
    switch (page) {
    case Page::Founding:
        m_founding->begin();
        break;
    case Page::Join:
        m_join->begin();
        break;
    case Page::Progress:
        m_progress->begin();
        break;
    case Page::Request:
        m_request->begin();
        break;
    case Page::Invitation:
        m_invitation->begin();
        break;
    case Page::Restore:
        m_restore->begin(m_welcome->typedName());
        break;
    case Page::Backup:
        m_backup->begin(m_hasProfile ? BackupPage::Does::BackUp : BackupPage::Does::Restore);
        break;
    case Page::Recovery:
        break;
    case Page::Welcome:
        m_welcome->setFocus();
        break;
    }
    m_recovery->begin(); // words that were shown, or typed, are there no longer
    if (page != Page::Restore)
        m_restore->forget();
    if (page != Page::Backup)
        m_backup->forget();
}

void LobbyWindow::useInvitation(const QString &text)
{
    if (!m_hasProfile && !m_welcome->asksName()) {
        m_pendingInvitation = text;
        return;
    }
    if (!m_hasProfile) {
        // The name comes first; then the invitation is used by itself.
        m_pendingInvitation = text;
        showPage(Page::Welcome);
        m_welcome->focusName();
        return;
    }
    showPage(Page::Join);
    m_join->begin(text);
    m_join->showUsed();
    m_bridge.submit(api::UseInvitation{text.toUtf8().toStdString()});
}

void LobbyWindow::inviteInto(const WorkspaceId &id, bool isShut)
{
    m_invitesInto = true;
    showPage(Page::Invitation);
    m_invitation->begin(workspaceName(id));
    m_invitation->setShut(isShut);
    m_bridge.submit(api::MakeInvitation{id});
}

/// Whoever waits here for an answer goes in as soon as the members let them.
void LobbyWindow::joinChanged(const api::JoinChanged &event)
{
    const bool isWaited = m_page == Page::Join && isVisible();
    m_join->setJoin(event.join);
    if (event.join.state == api::JoinInfo::State::Inside && isWaited)
        Q_EMIT workspaceAsked(event.join.workspace);
}

void LobbyWindow::foundingChanged(const api::FoundingChanged &event)
{
    using State = api::FoundingInfo::State;
    const api::FoundingInfo &founding = event.founding;
    const auto known = std::find_if(m_requests.begin(), m_requests.end(),
                                    [&](const auto &open) { return open.draft == founding.draft; });
    if (founding.isMine || m_mine == founding.draft) {
        m_mine = founding.draft;
        m_progress->setFounding(founding);
        if (founding.isMine && m_page == Page::Founding)
            showPage(Page::Progress);
        if (founding.state == State::Founded && founding.id && m_page == Page::Progress)
            Q_EMIT workspaceAsked(*founding.id);
        return;
    }
    const bool isOpen = founding.state == State::Asking;
    if (known != m_requests.end() && isOpen)
        *known = founding;
    else if (known != m_requests.end())
        m_requests.erase(known);
    else if (isOpen)
        m_requests.push_back(founding);
    Q_EMIT requestChanged();
    showNextRequest();
}

/// A request takes the place of the start page only: nothing that is being typed is covered.
void LobbyWindow::showNextRequest()
{
    if (m_requests.empty()) {
        m_banners->remove(BannerZone::About::Founding);
        if (m_page == Page::Request)
            showPage(Page::Welcome);
        return;
    }
    m_request->setRequest(m_requests.front());
    if (m_page == Page::Welcome && m_hasProfile)
        showPage(Page::Request);
    if (m_page == Page::Request) {
        m_banners->remove(BannerZone::About::Founding);
        return;
    }
    m_banners->put(
        BannerZone::About::Founding,
        {{},
         QStringLiteral("people"),
         RequestPage::sentenceFor(m_requests.front()).toHtmlEscaped() + QStringLiteral("."),
         {{tr("Look"),
           [this] {
               showPage(Page::Request);
               showNextRequest();
           }}},
         {}});
}

std::optional<QString> LobbyWindow::openRequest() const
{
    if (m_requests.empty())
        return std::nullopt;
    return RequestPage::sentenceFor(m_requests.front());
}

void LobbyWindow::trouble(const api::LobbyTrouble &event)
{
    using Kind = api::LobbyTrouble::Kind;
    if (event.kind == Kind::BadInvitation || event.kind == Kind::InvitationExpired
        || event.kind == Kind::InvitationUsed || event.kind == Kind::NoAnswer)
        m_join->showUnused();
    const bool isOfBackup = event.kind == Kind::BackupFailed || event.kind == Kind::BadBackup;
    if (isOfBackup && m_page == Page::Backup) {
        m_backup->setAnswer(words::trouble(event), "refused");
        return;
    }
    if (event.kind == Kind::BadWords && m_page == Page::Restore) {
        m_restore->setSlip(words::trouble(event));
        return;
    }
    if (event.kind == Kind::BadName) {
        showPage(Page::Welcome);
        m_welcome->focusName();
    }
    const bool isOfWorkspaces = event.kind == Kind::StoreDamaged || event.kind == Kind::DiskFailed;
    m_banners->put(
        isOfWorkspaces ? BannerZone::About::Workspaces : BannerZone::About::Text,
        {QStringLiteral("pencil"), QStringLiteral("warning"), words::trouble(event), {}, {}});
}

void LobbyWindow::showWaitingFile(const QString &name)
{
    m_banners->put(BannerZone::About::File,
                   {{},
                    QStringLiteral("import"),
                    tr("<b>%1 waits.</b> It goes into the workspace that you open or start next.")
                        .arg(name.toHtmlEscaped()),
                    {},
                    {}});
}

QString LobbyWindow::workspaceName(const WorkspaceId &id) const
{
    const auto it = std::find_if(m_workspaces.workspaces.begin(), m_workspaces.workspaces.end(),
                                 [&id](const api::WorkspaceInfo &info) { return info.id == id; });
    return it == m_workspaces.workspaces.end() ? tr("Workspace") : QString::fromUtf8(it->name);
}

void LobbyWindow::closeEvent(QCloseEvent *event)
{
    QWidget::closeEvent(event);
    Q_EMIT closed();
}

} // namespace nlbd::ui
