#pragma once

#include "core/api/comments.h"
#include "ui/words.h"

#include <QFrame>

#include <memory>
#include <optional>

class QBoxLayout;
class QLabel;
class QPushButton;

namespace nlbd::ui {

class CommentBox;

/// A thread: the words that it is about, what was said, and a place to answer. It is changed in
/// place: an answer that is being written stays, whatever comes in.
class CommentCard : public QFrame {
    Q_OBJECT

public:
    explicit CommentCard(QWidget *parent = nullptr);

    void setPeople(const words::People &people);
    /// `isGone`: the words are not in the text any more.
    void setThread(std::shared_ptr<const api::CommentThread> thread, bool isGone,
                   std::uint16_t seats);
    void setCurrent(bool isCurrent);
    /// Something is on its way to the engine: the buttons wait.
    void setSending(bool isSending);
    /// It was done, or `sentence` says why not.
    void answered(const QString &sentence);

    [[nodiscard]] const api::CommentThread &thread() const { return *m_thread; }
    [[nodiscard]] CommentBox &box() { return *m_box; }
    [[nodiscard]] QString text() const; ///< what is said on it, for tests
    [[nodiscard]] QList<QPushButton *> buttons() const;

Q_SIGNALS:
    void goToAsked();
    void answerAsked(const nlbd::api::CommentWords &words);
    void editAsked(nlbd::api::CommentId message, const nlbd::api::CommentWords &words);
    void deleteAsked(nlbd::api::CommentId message);
    void resolveAsked(bool isResolved);
    void leaveAsked(); ///< back to the page

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;

private:
    void showMessages();
    void addMessage(const api::Comment &comment);
    void showParts();
    void send();
    void edit(const api::Comment &comment);
    void stopEditing();
    [[nodiscard]] std::optional<MemberIndex> me() const;

    std::shared_ptr<const api::CommentThread> m_thread;
    words::People m_people;
    std::uint16_t m_seats = 0;
    bool m_isGone = false;
    bool m_isSending = false;
    std::optional<api::CommentId> m_edited; ///< what the box holds, if it is no answer
    api::CommentWords m_answer;             ///< that waits meanwhile

    QLabel *m_quote = nullptr;
    QLabel *m_gone = nullptr;
    QBoxLayout *m_messages = nullptr;
    QLabel *m_resolved = nullptr;
    QLabel *m_trouble = nullptr;
    CommentBox *m_box = nullptr;
    QPushButton *m_send = nullptr;
    QPushButton *m_cancel = nullptr;
    QPushButton *m_resolve = nullptr;
};

} // namespace nlbd::ui
