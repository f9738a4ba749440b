#pragma once

#include "core/api/event.h"

#include <QDialog>

#include <vector>

class QLabel;
class QListWidget;
class QPlainTextEdit;
class QPushButton;
class QGridLayout;

namespace nlbd::ui {

class WorkspaceBridge;

/// What was refused and what is proven, row by row: who was named, what was checked, which check
/// failed, and the bytes themselves. A proof can be checked again and saved.
class EvidenceWindow : public QDialog {
    Q_OBJECT

public:
    explicit EvidenceWindow(WorkspaceBridge &bridge, QWidget *parent = nullptr);

    void setPeople(const std::vector<api::Person> &people);
    void addRefusals(const std::vector<api::Refusal> &refusals);
    void addEvidence(const std::vector<api::EvidenceInfo> &evidence);
    [[nodiscard]] std::size_t proofCount() const { return m_proofs.size(); }

    void saveTo(const QString &path);

Q_SIGNALS:
    /// The person follows a suggestion: the others are to be asked.
    void removalAsked(nlbd::MemberIndex member);

private:
    void makeDetail();
    void fill();
    void showRow(int row);
    void showRefusal(const api::Refusal &refusal);
    void showProof(const api::EvidenceInfo &proof);
    void addFact(const QString &name, const QString &value);
    void clearFacts();
    void suggest(const api::EvidenceInfo *proof);
    void checkAgain();
    void checked(const api::EvidenceChecked &event);
    void askSave();
    [[nodiscard]] const api::EvidenceInfo *shownProof() const;
    [[nodiscard]] QString keyWords(std::optional<DeviceIndex> device) const;

    WorkspaceBridge &m_bridge;
    std::vector<api::Person> m_people;
    std::vector<api::Refusal> m_refusals; ///< by number, newest first
    std::vector<api::EvidenceInfo> m_proofs;

    QListWidget *m_list = nullptr;
    QWidget *m_detail = nullptr;
    QWidget *m_empty = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_sentence = nullptr;
    QGridLayout *m_facts = nullptr;
    QPlainTextEdit *m_bytes = nullptr;
    QLabel *m_suggestion = nullptr;
    QLabel *m_result = nullptr;
    QPushButton *m_check = nullptr;
    QPushButton *m_save = nullptr;
    QPushButton *m_remove = nullptr;
    std::optional<MemberIndex> m_accused; ///< whom the suggestion is about
};

} // namespace nlbd::ui
