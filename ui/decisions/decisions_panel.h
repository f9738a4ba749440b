#pragma once

#include "core/api/lobby.h"
#include "ui/decisions/voters.h"

#include <QHash>
#include <QWidget>

#include <map>
#include <set>

class QBoxLayout;
class QLabel;
class QPushButton;
class QScrollArea;

namespace nlbd::ui {

class KnockCard;
class ProposalCard;
class WorkspaceBridge;

/// What is to be decided: who asks to come in, a card for each open question, and below them what
/// was decided, with who signed it.
class DecisionsPanel : public QWidget {
    Q_OBJECT

public:
    explicit DecisionsPanel(WorkspaceBridge &bridge, QWidget *parent = nullptr);

    void setPeople(const words::People &people);
    /// Who asks at this computer to be let into this workspace.
    /// What became of a file that was asked for.
    void setSaved(const api::DecisionSaved &event);
    void setKnocks(const std::vector<api::JoinRequest> &requests);
    /// Opens the dialog that says what it means, and asks when its button is pressed.
    void propose(const api::Wish &wish);
    /// Nothing of what waits now is shown in a banner again. Here it stays.
    void setAllTold();
    /// Goes to the first question that waits for me, or to the panel.
    void goToFirst();

    [[nodiscard]] const Voters &voters() const { return m_voters; }
    /// What waits for this person's answer.
    struct Waiting {
        int count = 0;
        int untold = 0; ///< of them: not yet closed in a banner
        QString newest; ///< of those, in a sentence
    };
    [[nodiscard]] Waiting waiting() const;
    [[nodiscard]] ProposalCard *cardOf(const Hash &proposal) const;

    static constexpr int kMadeShown = 5; ///< until all are asked for

Q_SIGNALS:
    void waitingChanged();
    void votersChanged();
    /// A decision is to be written to a file, for others to check.
    void fileAsked(nlbd::Epoch closed, const QString &file);

private:
    void makeParts();
    void askForRule();
    void orderTabs();
    void forgetWhatIsOver();
    void decisionsChanged(const api::DecisionsChanged &event);
    void answered(const api::ProposalAnswered &event);
    void refresh();
    void leave(const QWidget *card);
    void refreshKnocks();
    void refreshCards();
    void refreshMade();
    /// A row of what was decided.
    struct Made {
        Epoch closed;
        QString what;
        QString how;
        QString who;
        friend bool operator==(const Made &, const Made &) = default;
    };
    void addMade(const Made &made);
    void askFile(Epoch closed);
    [[nodiscard]] Made madeOf(const api::DecisionInfo &info) const;
    void send(const api::Wish &wish, KnockCard *from);
    void vote(const Hash &proposal, bool isYes);
    [[nodiscard]] bool isAsked(const PublicKey &device) const;
    [[nodiscard]] std::vector<const api::JoinRequest *> openKnocks() const;

    WorkspaceBridge &m_bridge;
    words::People m_people;
    api::DecisionsChanged m_now;
    Voters m_voters;
    std::vector<api::JoinRequest> m_knocks;
    std::map<Hash, ProposalCard *> m_cards;
    std::map<PublicKey, KnockCard *> m_knockCards; ///< by the device that asks
    std::set<Hash> m_aside;
    std::set<PublicKey> m_knocksAside;
    std::set<Hash> m_told; ///< closed in the banner, not folded here
    std::set<PublicKey> m_knocksTold;
    std::map<std::uint64_t, Hash> m_votes;         ///< answers on their way, by request
    std::map<std::uint64_t, PublicKey> m_admitted; ///< wishes on their way, of knocks
    std::set<std::uint64_t> m_wishes;              ///< others
    std::vector<Made> m_made;                      ///< as shown
    bool m_showsAllMade = false;
    std::size_t m_newCards = 0; ///< that were ever made

    QLabel *m_badge = nullptr;
    QLabel *m_trouble = nullptr;
    QScrollArea *m_area = nullptr;
    QBoxLayout *m_knockBox = nullptr;
    QBoxLayout *m_cardBox = nullptr;
    QBoxLayout *m_madeBox = nullptr;
    QWidget *m_empty = nullptr;
    QPushButton *m_rule = nullptr; ///< asks for one
    QLabel *m_madeCaption = nullptr;
    QPushButton *m_all = nullptr;
};

} // namespace nlbd::ui
