#pragma once

#include "ui/insert/insert_list.h"

#include <QObject>
#include <QTextCursor>

namespace nlbd::ui {

class DocumentView;

/// "/" typed at the start of a line or behind a blank opens a list of all that can be put there,
/// "@" one of the members. What is typed goes on into the text and narrows the list; arrows, Enter
/// and Tab are the list's only while something matches, and Escape leaves what was typed as it is.
class InsertMenu : public QObject {
    Q_OBJECT

public:
    explicit InsertMenu(DocumentView &page, QObject *parent = nullptr);

    /// What `sign` opens: asked each time.
    using Choices = std::function<std::vector<InsertChoice>()>;
    void offer(QChar sign, Choices choices);

    /// As if `sign`, which stands before the caret, had just been typed.
    void open(QChar sign);
    void close();
    [[nodiscard]] bool isOpen() const { return !m_list->isHidden(); }
    [[nodiscard]] const InsertList &list() const { return *m_list; }

Q_SIGNALS:
    /// For a screen reader: what would be put there. Empty: the list is closed.
    void noted(const QString &words);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void typed(qsizetype at, const QString &removed, const QString &inserted);
    void follow();
    void use();
    bool takeKey(int key);

    DocumentView &m_page;
    InsertList *m_list = nullptr;
    std::vector<std::pair<QChar, Choices>> m_offers;
    std::vector<InsertChoice> m_all; ///< of the sign that was typed
    QChar m_letter;                  ///< that sign
    QTextCursor m_sign;              ///< where it stands; null: the list is not wanted
};

} // namespace nlbd::ui
