#pragma once

#include "core/api/lobby.h"
#include "ui/decisions/isolation_watch.h"
#include "ui/editor/block_style.h"
#include "ui/workspace_bridge.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include <functional>
#include <memory>
#include <optional>

class QAction;
class QMenu;
class QStackedWidget;
class QToolButton;

namespace nlbd::ui {

class AttachmentsWindow;
class AvatarRow;
class BannerZone;
class Companions;
class DecisionsPanel;
class DocumentList;
class DocumentView;
class EvidenceWindow;
class FollowSign;
class OnlyHere;
class PageHistory;
class PageParts;
class PageTools;
class PageSuggestions;
class PeoplePanel;
class RejectedWindow;
class StatusLine;
class WhoHasPanel;

/// The window of one workspace: sidebar, page, people; toolbar above, status line below. It puts
/// the parts together and carries what one tells to another; each part knows its own business.
class MainWindow : public QWidget {
    Q_OBJECT

public:
    MainWindow(std::shared_ptr<api::Workspace> workspace, const QString &name,
               QWidget *parent = nullptr);
    ~MainWindow() override;

    void setWorkspaceName(const QString &name);
    /// Where the person was: the document, the place in it, the window. Kept for the next start.
    struct Place {
        std::optional<DocIndex> doc;
        int caret = 0;
        QByteArray geometry;
    };
    [[nodiscard]] Place place() const;
    /// Before the workspace tells its documents.
    void setPlace(Place place);
    /// Reads a text file and makes a document of it.
    void importFile(const QString &path);
    /// Writes the document on the page to a file.
    void exportTo(const QString &path);
    /// Something that did not go as asked outside of this workspace.
    void tellLobby(const api::LobbyTrouble &event);
    /// Who asks at this computer to be let into this workspace.
    void setKnocks(const std::vector<api::JoinRequest> &requests);
    /// A banner about something outside this workspace, or none.
    void setNotice(const QString &html, const QString &choice = {}, std::function<void()> use = {});

    [[nodiscard]] DocumentView &page() { return *m_page; }
    [[nodiscard]] PageTools &pageTools() { return *m_tools; }
    [[nodiscard]] PageHistory &history() { return *m_history; }
    [[nodiscard]] BannerZone &banners() { return *m_banners; }
    [[nodiscard]] DecisionsPanel &decisions() { return *m_decisions; }
    [[nodiscard]] Companions &companions() { return *m_companions; }
    [[nodiscard]] StatusLine &statusLine() { return *m_status; }
    [[nodiscard]] EvidenceWindow *evidenceWindow() { return m_evidence; }
    [[nodiscard]] RejectedWindow *rejectedWindow() { return m_rejected; }
    [[nodiscard]] AttachmentsWindow *attachmentsWindow() { return m_attachments; }
    void showEvidence();
    void showRejected();
    void showAttachments();
    void showHelp();
    void goToDecisions();
    /// Only the page: no toolbar and nothing beside it.
    void setAlone(bool isAlone);
    /// Looks at what has changed by time alone. `sinceStart`: of a clock that never goes back.
    void lookAtClock(std::chrono::milliseconds sinceStart);

Q_SIGNALS:
    void closed(const nlbd::ui::MainWindow::Place &place);
    /// The person wants to invite somebody into this workspace. `isShut`: its rule lets nobody in.
    void inviteAsked(bool isShut);
    /// The person wants to see the other workspaces.
    void lobbyAsked();
    /// The person wants to see who is connected and how.
    void connectionsAsked();

protected:
    void resizeEvent(QResizeEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void makeActions();
    void makeToolbar();
    void makePage();
    void makeSide();
    void connectWorkspace();
    QAction *addCommand(const QString &iconName, const QString &text, const QKeySequence &keys,
                        void (MainWindow::*use)());
    QToolButton *addButton(QAction *action);

    void newDocument();
    void askImport();
    void askExport();
    void showAbout();
    void toggleSidebar();
    void togglePeople();
    void goToNextPane();
    void goToPaneBefore();
    void goToPane(int step);
    void goToPage();
    void focusToolbar();
    void layParts();
    void laySide();

    void openDocument(DocIndex doc);
    void documentsChanged(const api::DocumentsChanged &event);
    void documentCreated(const api::DocumentCreated &event);
    void startOnBlankPage();
    void peopleChanged(const api::PeopleChanged &event);
    void statusChanged(const api::StatusChanged &event);
    void undoChanged(const api::UndoChanged &event);
    void refused(const api::Refused &event);
    void evidenceFound(const api::EvidenceFound &event);
    void trouble(const api::Trouble &event);
    void connectDecisions();
    void decisionsChanged(const api::DecisionsChanged &event);
    void votersChanged();
    void showWaiting();
    void connectRejected();
    void makeAttachmentActions();
    void connectCompany(); ///< main_window_company.cpp
    void showFollowed();
    void makeFormatActions(); ///< main_window_formats.cpp
    QAction *addFormat(const QString &iconName, const QString &text, const QString &keys,
                       const std::function<void()> &toggle);
    QAction *addMark(const QString &iconName, const QString &text, const QString &keys,
                     const char *key);
    QAction *addBlock(const QString &iconName, const QString &text, const QString &keys,
                      BlockStyle::Kind kind);
    [[nodiscard]] QWidget *makeFormatBar();
    void showFormats();
    void connectAttachments();
    void connectAuthors();     ///< main_window_authors.cpp
    void connectParts();       ///< main_window_parts.cpp
    void connectComments();    ///< main_window_comments.cpp
    void connectSuggestions(); ///< main_window_suggestions.cpp
    void connectHistory();     ///< main_window_parts.cpp
    void askAttach();
    void attachmentsTold(const QString &html, bool isGood);
    void devicesChanged(const api::DevicesChanged &event);
    void showReplaced(const api::DevicesChanged &event);
    void showRejectedBanner();
    void showOnlyHere();
    void rejectedRead();
    void showIsolation();
    void askBeforeLosing();
    void refreshTitle();
    void nameFromFirstLine();
    void tellFile(const QString &sentence);

    WorkspaceBridge m_bridge;
    QString m_name;
    api::PeopleChanged m_people;
    api::StatusChanged m_state;
    std::optional<std::uint64_t> m_created; ///< a document that this window asked for
    Place m_last;                           ///< of the last time
    std::size_t m_proofs = 0;
    bool m_isDiskRefusing = false; ///< what is typed is in memory only
    bool m_isShut = false;         ///< the rule lets nobody new in
    bool m_closesAnyway = false;
    bool m_hasStatus = false;
    bool m_isIsolationRead = false; ///< closed by its person: told again when it comes again
    bool m_isFirstList = true;
    bool m_isBlankOffered = false;

    IsolationWatch m_isolation;
    QElapsedTimer m_clock;
    QString m_waitingTold; ///< as the banners say it
    bool m_isReplaced = false;
    QString m_isolationTold;
    QString m_rejectedTold;
    QStringList m_rejectedRead; ///< closed or looked at, also in other windows before
    OnlyHere *m_onlyHere = nullptr;

    QWidget *m_toolbar = nullptr;
    DocumentList *m_list = nullptr;
    QWidget *m_column = nullptr;
    BannerZone *m_banners = nullptr;
    QStackedWidget *m_stack = nullptr;
    DocumentView *m_page = nullptr;
    Companions *m_companions = nullptr;
    FollowSign *m_followSign = nullptr;
    QWidget *m_side = nullptr; ///< people and decisions
    PeoplePanel *m_panel = nullptr;
    DecisionsPanel *m_decisions = nullptr;
    StatusLine *m_status = nullptr;
    AvatarRow *m_avatars = nullptr;
    EvidenceWindow *m_evidence = nullptr;
    RejectedWindow *m_rejected = nullptr;
    AttachmentsWindow *m_attachments = nullptr;
    WhoHasPanel *m_whoHas = nullptr;

    QAction *m_undo = nullptr;
    QAction *m_redo = nullptr;
    QAction *m_export = nullptr;
    QAction *m_rename = nullptr;
    QAction *m_attach = nullptr;
    QAction *m_attached = nullptr;
    QAction *m_invite = nullptr;
    QList<QAction *> m_barActions;
    QList<QAction *> m_menuActions;
    QList<QAction *> m_formatActions; ///< in the toolbar
    QList<std::pair<QAction *, const char *>> m_markActions;
    QList<std::pair<QAction *, BlockStyle::Kind>> m_blockActions;
    QMenu *m_formatMenu = nullptr;
    QMenu *m_pageMenu = nullptr;
    PageTools *m_tools = nullptr;
    PageParts *m_parts = nullptr;
    PageHistory *m_history = nullptr;
    PageSuggestions *m_suggestions = nullptr;
    QWidget *m_formatBar = nullptr;
    bool m_isAlone = false;     ///< nothing but the page
    bool m_wantsSidebar = true; ///< where there is room
    bool m_wantsPeople = true;
    bool m_sidebarDrawer = false; ///< opened over the page where there is none
    bool m_peopleDrawer = false;
    QTimer m_titleTimer;
    QTimer m_minuteTimer;
};

} // namespace nlbd::ui
