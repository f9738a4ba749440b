#pragma once

#include "core/api/decisions.h"

#include <QDialog>

class QCheckBox;
class QGridLayout;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;

namespace nlbd::ui {

/// Asks everybody for a rule: its sentence, and the numbers by which computers do something by
/// themselves. It starts with what is in force, says in words what would differ, and asks for
/// nothing that stays as it is.
class RuleDialog : public QDialog {
    Q_OBJECT

public:
    /// `rule` and `limits` are in force; `seats` have a vote now, and `quorum` of them decide.
    RuleDialog(const QString &rule, const api::Limits &limits, std::size_t seats,
               std::size_t quorum, QWidget *parent = nullptr);

    static constexpr int kRuleBytesMax = 4096; ///< as PROTOCOL C7 bounds it

    /// What would be asked now; nothing if that changes nothing, or cannot be asked.
    [[nodiscard]] std::optional<api::Wish> wish() const;

Q_SIGNALS:
    void asked(const nlbd::api::Wish &wish);

private:
    QWidget *makeLimits();
    QSpinBox *addNumber(QGridLayout *grid, const QString &text, const QString &suffix, int most,
                        int value);
    void refresh();
    [[nodiscard]] api::Limits limits() const;
    [[nodiscard]] QString text() const;

    QString m_inForce;
    api::Limits m_now;
    QPlainTextEdit *m_rule = nullptr;
    QSpinBox *m_silent = nullptr;
    QSpinBox *m_key = nullptr;
    QSpinBox *m_changes = nullptr;
    QSpinBox *m_bytes = nullptr; ///< in MiB
    QCheckBox *m_past = nullptr;
    QLabel *m_means = nullptr;
    QPushButton *m_verb = nullptr;
};

} // namespace nlbd::ui
