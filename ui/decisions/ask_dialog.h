#pragma once

#include "ui/words.h"

#include <QDialog>

class QLabel;
class QLineEdit;

namespace nlbd::ui {

class WorkspaceBridge;

/// Says what will happen before the others are asked: what it means, how many it needs, and what
/// it does to the protection of those who stay. Nothing is asked before its button is pressed.
class AskDialog : public QDialog {
    Q_OBJECT

public:
    /// `seats` have a vote now, and `quorum` of them decide.
    AskDialog(WorkspaceBridge &bridge, const api::Wish &wish, const words::People &people,
              std::size_t seats, std::size_t quorum, QWidget *parent = nullptr);

Q_SIGNALS:
    void asked(const nlbd::api::Wish &wish);

private:
    void considered(const api::Considered &event);

    api::Wish m_wish;
    std::uint64_t m_question = 0;
    QLabel *m_warning = nullptr;
    QLineEdit *m_reason = nullptr; ///< for a removal alone
};

} // namespace nlbd::ui
