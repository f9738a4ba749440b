#pragma once

#include "core/api/lobby.h"

#include <QFrame>

class QLabel;
class QPushButton;

namespace nlbd::ui {

/// Somebody with an invitation of mine who asks to be let in. Nobody is let in here: a press puts
/// it to the members.
class KnockCard : public QFrame {
    Q_OBJECT

public:
    explicit KnockCard(const api::JoinRequest &request, QWidget *parent = nullptr);

    void setSending(bool isSending);
    void tell(const QString &sentence);
    /// Folded to its first line until it is opened again.
    void setAside(bool isAside);
    /// The wish that asks the members.
    [[nodiscard]] api::Wish wish(bool isReader) const;
    [[nodiscard]] const api::JoinRequest &request() const { return m_request; }

Q_SIGNALS:
    void letInAsked(bool isReader);
    void asideAsked(bool isAside);

private:
    [[nodiscard]] QString name() const;

    api::JoinRequest m_request;
    QWidget *m_body = nullptr;
    bool m_isAside = false;
    QLabel *m_trouble = nullptr;
    QPushButton *m_write = nullptr;
    QPushButton *m_read = nullptr;
    QPushButton *m_later = nullptr;
};

} // namespace nlbd::ui
