#pragma once

#include "core/api/comments.h"
#include "ui/words.h"

#include <QPlainTextEdit>
#include <QTextCursor>

class QListWidget;

namespace nlbd::ui {

/// Where a message is written. "@" and the beginning of a name offer members: arrows choose, Enter
/// or Tab takes one, Escape none. Who was chosen is kept beside the text. Ctrl+Enter sends.
class CommentBox : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit CommentBox(const QString &name, QWidget *parent = nullptr);

    void setPeople(const words::People &people) { m_people = people; }
    void setWords(const api::CommentWords &words);
    /// What is in it, trimmed at the end; mentions that were edited since are text.
    [[nodiscard]] api::CommentWords words() const;
    [[nodiscard]] bool isBlank() const { return toPlainText().trimmed().isEmpty(); }
    /// What is in it, and under way from now on. Who goes on typing meanwhile keeps that.
    [[nodiscard]] api::CommentWords send();
    [[nodiscard]] bool hasUnsent() const { return !isBlank() && toPlainText() != m_sent; }
    void dropSent();                        ///< it has arrived
    void keepSent() { m_sent = QString(); } ///< it has not
    [[nodiscard]] QListWidget &offers() { return *m_offers; }
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void sendAsked();
    void leaveAsked(); ///< Escape

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    struct Named {
        QTextCursor where;
        QString text; ///< what it selects as long as it was not edited
        MemberIndex member;
    };
    void grow();
    void offer();
    void take(int row);
    void addMention(int from, const QString &text, MemberIndex member);
    [[nodiscard]] QString beginning(int &at) const;

    words::People m_people;
    std::vector<Named> m_named;
    QString m_sent;
    QListWidget *m_offers = nullptr; ///< over the window; the focus stays here
};

} // namespace nlbd::ui
