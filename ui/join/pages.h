#pragma once

#include "core/api/lobby.h"

#include <QWidget>

class QCheckBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QListWidgetItem;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;
class QVBoxLayout;

/// The pages of the start window. Each shows values and says what its person wants; none knows the
/// lobby.
namespace nlbd::ui {

class QrLabel;

/// A column in the middle of the window, with a way back in the corner of those that need one.
class LobbyPage : public QWidget {
    Q_OBJECT

public:
    explicit LobbyPage(QWidget *parent = nullptr);

Q_SIGNALS:
    void backAsked();

protected:
    [[nodiscard]] QVBoxLayout *column() const { return m_column; }
    /// Gives the label of the sentence, for pages on which it changes.
    QLabel *addHead(const QString &title, const QString &sentence);
    void addBack();

private:
    QVBoxLayout *m_column = nullptr;
    QVBoxLayout *m_corner = nullptr;
};

/// First start: a name and two buttons. Later: my workspaces as well.
class WelcomePage : public LobbyPage {
    Q_OBJECT

public:
    explicit WelcomePage(const QString &suggestedName, QWidget *parent = nullptr);

    void setProfile(const api::ProfileChanged &profile);
    void setWorkspaces(const std::vector<api::WorkspaceInfo> &workspaces);
    [[nodiscard]] QString typedName() const;
    [[nodiscard]] bool asksName() const;
    void focusName();

Q_SIGNALS:
    void startAsked();
    void joinAsked();
    void recoveryAsked(); ///< without a name here: to restore; else to see my words
    void backupAsked();   ///< without a name here: to restore; else to write one
    void connectionsAsked();
    void opened(const nlbd::WorkspaceId &id);

private:
    void addLoss();

    QLabel *m_sign = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_sentence = nullptr;
    QWidget *m_nameBox = nullptr;
    QLineEdit *m_name = nullptr;
    QListWidget *m_list = nullptr;
    QPushButton *m_start = nullptr;
    QPushButton *m_recovery = nullptr;
    QPushButton *m_backup = nullptr;
    QPushButton *m_connections = nullptr;
    QLabel *m_me = nullptr;
    std::vector<api::WorkspaceInfo> m_workspaces;
};

/// Name of the workspace, who is near, who founds it with me.
class FoundingPage : public LobbyPage {
    Q_OBJECT

public:
    explicit FoundingPage(QWidget *parent = nullptr);

    void setProfile(const api::ProfileChanged &profile);
    void setNeighbours(const std::vector<api::Neighbour> &neighbours);
    void begin();

Q_SIGNALS:
    void visibleAsked(bool isVisible);
    void addressTyped(const QString &address);
    void invitationAsked();
    void foundAsked(const QString &name, const std::vector<nlbd::PublicKey> &with);

private:
    void makeNeighbours();
    void makeWays();
    void makeAddress();
    void typeAddress();
    void showPeople();
    void refresh();
    void found();
    void connectTyped();
    [[nodiscard]] std::vector<PublicKey> chosen() const;

    std::vector<api::Neighbour> m_neighbours;
    QLineEdit *m_name = nullptr;
    QCheckBox *m_visible = nullptr; ///< nobody is seen by who does not want to be seen
    QStackedWidget *m_stack = nullptr;
    QListWidget *m_list = nullptr;
    QWidget *m_ways = nullptr; ///< other ways to meet, once the list is not empty
    QWidget *m_addressBox = nullptr;
    QLineEdit *m_address = nullptr;
    QLabel *m_needs = nullptr;
    QPushButton *m_found = nullptr;
};

/// Founders and their answers.
class FounderList : public QWidget {
    Q_OBJECT

public:
    explicit FounderList(QWidget *parent = nullptr);
    void setFounders(const std::vector<api::FoundingInfo::Founder> &founders);

private:
    QVBoxLayout *m_rows = nullptr;
};

/// A founding that I asked for.
class ProgressPage : public LobbyPage {
    Q_OBJECT

public:
    explicit ProgressPage(QWidget *parent = nullptr);
    /// The focus is on what does no harm.
    void begin();
    void setFounding(const api::FoundingInfo &founding);

Q_SIGNALS:
    void withdrawAsked();
    void openAsked(const nlbd::WorkspaceId &id);

private:
    api::FoundingInfo m_founding;
    QLabel *m_title = nullptr;
    QLabel *m_sentence = nullptr;
    FounderList *m_founders = nullptr;
    QPushButton *m_withdraw = nullptr;
    QPushButton *m_open = nullptr;
    QPushButton *m_back = nullptr;
};

/// A founding that somebody asks me to join.
class RequestPage : public LobbyPage {
    Q_OBJECT

public:
    explicit RequestPage(QWidget *parent = nullptr);
    /// Nothing has the focus: a key that was meant for what stood here before must not answer.
    void begin();
    void setRequest(const api::FoundingInfo &founding);
    /// Who asks, for what: also used in banners.
    [[nodiscard]] static QString sentenceFor(const api::FoundingInfo &founding);

Q_SIGNALS:
    void answered(bool accept);

private:
    QLabel *m_title = nullptr;
    QLabel *m_sentence = nullptr;
    FounderList *m_founders = nullptr;
};

/// A field for an invitation.
class JoinPage : public LobbyPage {
    Q_OBJECT

public:
    explicit JoinPage(QWidget *parent = nullptr);
    void begin(const QString &text = {});
    void setProfile(const api::ProfileChanged &profile);
    void setNeighbours(const std::vector<api::Neighbour> &neighbours);
    void showUsed();
    void showUnused();
    /// How far my question to be let in has come.
    void setJoin(const api::JoinInfo &join);

Q_SIGNALS:
    void used(const QString &text);
    void visibleAsked(bool isVisible);
    void startAsked();

private:
    void refresh();

    std::vector<api::Neighbour> m_neighbours;
    std::optional<api::JoinInfo> m_asking; ///< to be let into a workspace that is there
    bool m_isUsed = false;
    QPlainTextEdit *m_text = nullptr;
    QPushButton *m_join = nullptr;
    QCheckBox *m_visible = nullptr; ///< the way of those who were sent nothing
    QLabel *m_after = nullptr;
    QPushButton *m_start = nullptr;
};

/// My invitation, to be copied.
class InvitationPage : public LobbyPage {
    Q_OBJECT

public:
    explicit InvitationPage(QWidget *parent = nullptr);
    /// `workspace`: what it leads into; empty: it leads to me only.
    void begin(const QString &workspace = {});
    /// The rule in force lets nobody new in: said beside the invitation, with the way to change it.
    void setShut(bool isShut);
    void setInvitation(const api::InvitationMade &invitation);
    void setProfile(const api::ProfileChanged &profile);

private:
    QLabel *m_leads = nullptr;
    QLabel *m_shut = nullptr;
    QPlainTextEdit *m_text = nullptr;
    QLabel *m_expires = nullptr;
    QLabel *m_addresses = nullptr;
    QPushButton *m_copy = nullptr;
    QrLabel *m_qr = nullptr;
};

} // namespace nlbd::ui
