#pragma once

#include "core/api/event.h"
#include "ui/words.h"

#include <QObject>

#include <map>
#include <set>

class QMenu;

namespace nlbd::ui {

class CommentMargin;
class CommentsPanel;
class DocumentView;
class WorkspaceBridge;

/// Comments of the document on a page: carries what the workspace tells to margin and panel, and
/// what its person says to the workspace. Places go along with the text.
class Comments : public QObject {
    Q_OBJECT

public:
    /// All of them outlive it.
    Comments(DocumentView &page, CommentsPanel &panel, WorkspaceBridge &bridge,
             QObject *parent = nullptr);

    void setPeople(const words::People &people);
    /// About the selection, or the word at the caret.
    void begin();
    /// The caret goes to the words of the next thread, or the one before.
    void goToNext() { goTo(true); }
    void goToPrevious() { goTo(false); }
    /// Into the box of the thread at the caret; false if there is none.
    bool answerHere();
    /// Shows a thread, also of a document that is not open yet.
    void show(DocIndex doc, api::CommentId thread);

    [[nodiscard]] CommentMargin &margin() { return *m_margin; }

Q_SIGNALS:
    void panelWanted(); ///< it has to be seen for what comes now
    void told(const QString &sentence);
    void leftPanel(); ///< the page goes on

private:
    struct Wish {
        enum class Kind : std::uint8_t { Begin, Card, Quiet } kind = Kind::Quiet;
        api::CommentId thread;
    };
    void connectPanel();
    void taken(const api::CommentsChanged &event);
    void answered(const api::CommentWritten &event);
    void shift(qsizetype at, qsizetype removed, qsizetype inserted);
    void opened();
    void showPlaces();
    void caretMoved();
    void goTo(bool isForward);
    void goTo(api::CommentId thread, bool takesFocus);
    void start(const api::CommentWords &words);
    void showWaited();
    template <typename Command>
    void send(Wish::Kind kind, api::CommentId thread, Command command);

    DocumentView &m_page;
    CommentsPanel &m_panel;
    WorkspaceBridge &m_bridge;
    CommentMargin *m_margin = nullptr;
    words::People m_people;
    std::vector<api::PlacedThread> m_threads; ///< of the page; their places are the margin's
    std::uint16_t m_seats = 0;
    bool m_isCut = false;
    std::map<std::uint64_t, Wish> m_wishes; ///< under way, by request
    std::pair<qsizetype, qsizetype> m_new;  ///< what a thread is being begun about
    std::optional<DocIndex> m_newDoc;       ///< where that is
    std::optional<std::pair<DocIndex, api::CommentId>> m_waited; ///< to be shown when it is here
    std::set<api::CommentId> m_gone;                             ///< as the panel shows it
};

} // namespace nlbd::ui
