#pragma once

#include "ui/editor/authors_clip.h"
#include "ui/words_authors.h"

#include <QMimeData>
#include <QObject>
#include <QPointer>
#include <QTimer>

namespace nlbd::ui {

class DocumentView;
class WorkspaceBridge;

/// Asks who wrote what is on a page, and who has it: what is on the screen while authors are shown,
/// the word at the caret, a selection. Never more than that; after changes again, a few times a
/// second at most.
class Authorship : public QObject {
    Q_OBJECT

public:
    static constexpr int kPauseMillis = 250; ///< between two questions about the screen

    /// Both outlive it.
    Authorship(DocumentView &page, WorkspaceBridge &bridge, QObject *parent = nullptr);

    void setPeople(const words::People &people);
    /// Bars in the margin. What they tell can't be changed by anybody, only hidden.
    void setShown(bool isShown);
    [[nodiscard]] bool isShown() const { return m_isShown; }

    /// About the selection, or the word at the caret; answered by wordTold.
    void askWriter();
    /// The same by whoHasTold, and again when it differs, until stopWatching().
    void askWhoHas();
    void stopWatching();

Q_SIGNALS:
    void writerTold(const QString &sentence);
    /// `words`: what was asked about, in one line. `isCut`: only its beginning was looked at.
    void whoHasTold(const nlbd::ui::words::WhoHas &who, const QString &words, bool isCut);
    /// What was asked about is not on the page any more.
    void watchEnded();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    /// What was copied or cut last, and what the engine was asked about it.
    struct Copied {
        struct Piece {
            std::uint64_t request = 0;
            qsizetype from = 0; ///< units of the text
            qsizetype length = 0;
        };
        QPointer<QMimeData> mime; ///< the clipboard's
        QString text;
        std::uint64_t patch = 0; ///< of the page, when it was asked
        std::vector<Piece> pieces;
        std::vector<ClippedAuthor> authors;
    };
    void copying(QMimeData *mime, qsizetype from, qsizetype to);
    void takeCopied(const api::AuthorsTold &event);
    void addCopied(const Copied::Piece &piece, const api::AuthorsTold &event);
    void addCopied(ClippedAuthor author);
    void pasted(qsizetype at, const QString &text, std::vector<api::Styling> &stylings) const;
    [[nodiscard]] bool isWanted() const;
    void touched();
    void askAgain();
    void askScreen();
    void askWatched();
    [[nodiscard]] AuthorsAnswer onPage(const api::AuthorsTold &event) const;
    [[nodiscard]] WhoHasAnswer onPage(const api::WhoHasTold &event) const;
    void taken(const AuthorsAnswer &answer);
    void taken(const WhoHasAnswer &answer);

    DocumentView &m_page;
    WorkspaceBridge &m_bridge;
    words::People m_people;
    bool m_isShown = false;
    bool m_isWatching = false;
    std::uint64_t m_screen = 0; ///< the last question about the screen
    std::uint64_t m_writer = 0;
    std::uint64_t m_watch = 0;
    Copied m_copied;
    QTimer m_timer;
};

} // namespace nlbd::ui
