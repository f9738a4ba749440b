#pragma once

#include "core/api/comments.h"
#include "ui/editor/page_layer.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace nlbd::ui {

class DocumentView;

/// Where threads are on a page: a quiet tint behind their words, and beside their first line a
/// speech mark. Neither is part of the text. Places are UTF-16 units of the page and move with
/// every edit; there are at most api::CommentsChanged::kThreadsMax, two numbers each.
class CommentMargin : public QWidget, private PageLayer {
    Q_OBJECT

public:
    struct Place {
        api::CommentId thread;
        qsizetype from = 0;
        qsizetype to = 0;    ///< from: the words are gone
        bool isShown = true; ///< on the page: not resolved, or resolved ones are shown
        QString aloud;       ///< for a tool tip
    };

    /// The page outlives it and is its parent.
    explicit CommentMargin(DocumentView &page);

    void setPlaces(std::vector<Place> places);
    [[nodiscard]] const std::vector<Place> &places() const { return m_places; }
    void shift(qsizetype at, qsizetype removed, qsizetype inserted);
    void setCurrent(std::optional<api::CommentId> thread);
    [[nodiscard]] std::optional<api::CommentId> current() const { return m_current; }
    /// Of the shown threads whose words are around or beside a place the one with the fewest.
    [[nodiscard]] const Place *threadAt(qsizetype place) const;
    /// The next shown one in the text behind a place, or before it; goes round at the end.
    [[nodiscard]] const Place *next(qsizetype place, bool isForward) const;
    [[nodiscard]] const Place *placeOf(api::CommentId thread) const;

Q_SIGNALS:
    void pressed(nlbd::api::CommentId thread);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    bool event(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Sign {
        qreal top = 0; ///< of the line, in the viewport
        api::CommentId thread;
        int count = 1; ///< that begin in it
    };
    void paintUnder(QPainter &painter, const PagePainter &page) const override;
    void lay();
    [[nodiscard]] const Sign *signAt(int y) const;

    DocumentView &m_page;
    std::vector<Place> m_places;
    std::optional<api::CommentId> m_current;
    mutable std::vector<Sign> m_signs; ///< on the screen when it was painted last
};

} // namespace nlbd::ui
