#pragma once

#include "ui/decisions/voters.h"

#include <QFrame>

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace nlbd::ui {

class Pips;

/// An open question: what is asked, who asks, who said what, and my two buttons. It is changed in
/// place, so that what has the focus keeps it while answers of others come in.
class ProposalCard : public QFrame {
    Q_OBJECT

public:
    explicit ProposalCard(QWidget *parent = nullptr);

    void setProposal(const api::ProposalInfo &info, const Voters &voters,
                     const words::People &people);
    /// My answer is on its way to the engine: the buttons wait, nothing else does.
    void setSending(bool isSending);
    /// Folded to its question until it is opened again.
    void setAside(bool isAside);
    /// Why an answer was not taken; empty again with the next one.
    void tell(const QString &sentence);

    [[nodiscard]] bool isAside() const { return m_isAside; }
    [[nodiscard]] QString text() const; ///< what is said on it, for tests and readers

Q_SIGNALS:
    void answered(bool isYes);
    void asideAsked(bool isAside);

private:
    void showParts();
    void showOutlook(const Voters &voters);
    void nameButtons();

    api::ProposalInfo m_info;
    bool m_mayAnswer = false;
    bool m_isMine = false; ///< this computer has a vote
    bool m_isAside = false;
    bool m_isSending = false;

    QLabel *m_question = nullptr;
    QLabel *m_who = nullptr;
    QLabel *m_why = nullptr; ///< in the words of who asks
    QPlainTextEdit *m_rule = nullptr;
    QLabel *m_means = nullptr;
    Pips *m_pips = nullptr;
    QLabel *m_tally = nullptr;
    QLabel *m_outlook = nullptr;
    QLabel *m_warning = nullptr;
    QLabel *m_mine = nullptr;
    QLabel *m_trouble = nullptr;
    QPushButton *m_yes = nullptr;
    QPushButton *m_no = nullptr;
    QPushButton *m_later = nullptr;
};

} // namespace nlbd::ui
