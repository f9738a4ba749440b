#pragma once

#include "core/api/comments.h"
#include "ui/words.h"

#include <QWidget>

#include <map>

class QBoxLayout;
class QFrame;
class QLabel;
class QPushButton;
class QScrollArea;

namespace nlbd::ui {

class CommentBox;
class CommentCard;

/// The section of the right panel that tells what is said about the document on the page: a card
/// for each thread, in the order of the page, and above them what is being begun. What is written
/// and not sent outlives its card, and other documents on the page.
class CommentsPanel : public QWidget {
    Q_OBJECT

public:
    explicit CommentsPanel(QWidget *parent = nullptr);

    void setPeople(const words::People &people);
    /// In the order of the page; `current` is marked.
    void setThreads(DocIndex doc, const std::vector<api::PlacedThread> &threads,
                    std::uint16_t seats, bool isCut);
    void setCurrent(std::optional<api::CommentId> thread);
    [[nodiscard]] bool showsResolved() const { return m_showsResolved; }

    void begin(const QString &quote); ///< opens the place for a new thread
    [[nodiscard]] bool isBeginning() const;
    /// What began is there, or why it is not.
    void begun(const QString &sentence);
    void setBeginSending(bool isSending);

    [[nodiscard]] CommentCard *cardOf(api::CommentId thread) const;
    [[nodiscard]] CommentBox &beginBox() { return *m_box; }
    [[nodiscard]] std::size_t shownCards() const;

Q_SIGNALS:
    void beginAsked(const nlbd::api::CommentWords &words);
    void beginDropped();
    void goToAsked(nlbd::api::CommentId thread);
    void answerAsked(nlbd::api::CommentId thread, const nlbd::api::CommentWords &words);
    void editAsked(nlbd::api::CommentId thread, nlbd::api::CommentId message,
                   const nlbd::api::CommentWords &words);
    void deleteAsked(nlbd::api::CommentId thread, nlbd::api::CommentId message);
    void resolveAsked(nlbd::api::CommentId thread, bool isResolved);
    void leaveAsked();
    void shownChanged(); ///< resolved ones are shown, or not any more
    void filled();       ///< there is something to show, or not any more

private:
    void makeParts();
    void makeBeginning(QBoxLayout *column);
    CommentCard *makeCard(api::CommentId thread);
    void dropCards(DocIndex doc, const std::vector<api::PlacedThread> &threads);
    void showParts();

    words::People m_people;
    std::optional<DocIndex> m_doc;
    std::map<api::CommentId, CommentCard *> m_cards;
    std::map<std::pair<DocIndex, api::CommentId>, api::CommentWords> m_drafts; ///< without a card
    std::optional<api::CommentId> m_current;
    bool m_showsResolved = false;
    bool m_isCut = false;

    QLabel *m_badge = nullptr;
    QPushButton *m_resolved = nullptr;
    QFrame *m_beginning = nullptr;
    QLabel *m_quote = nullptr;
    CommentBox *m_box = nullptr;
    QLabel *m_trouble = nullptr;
    QPushButton *m_send = nullptr;
    QScrollArea *m_area = nullptr;
    QBoxLayout *m_cardBox = nullptr;
    QLabel *m_empty = nullptr;
};

} // namespace nlbd::ui
