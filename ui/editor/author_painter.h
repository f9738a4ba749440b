#pragma once

#include "ui/editor/page_painter.h"

namespace nlbd::ui {

/// Draws who wrote the lines that are on the screen: bars beside them, and behind the text what one
/// person wrote. Costs as much as is visible.
class AuthorPainter {
public:
    AuthorPainter(const PagePainter &page, const PageAuthors &authors,
                  const QHash<std::uint16_t, CaretLook> &people);

    /// `right`: the x of the bars' right side, in the gutter. Where the writer is another one than
    /// in the line above, with initials that end at `initials`.
    void paintBars(QPainter &painter, qreal right, qreal initials) const;
    void paintTint(QPainter &painter, MemberIndex member) const;

    /// Those who wrote the line at this height, in the order in which they stand in it.
    [[nodiscard]] std::vector<const PageAuthors::Span *> writersAt(qreal y) const;

    static constexpr qreal kBarWidth = 3;
    static constexpr std::size_t kWritersMax = 4; ///< that a line tells of

private:
    struct Share {
        const PageAuthors::Span *span = nullptr;
        qreal width = 0;
    };
    struct Line {
        qreal top = 0;
        qreal bottom = 0;
        std::vector<Share> shares; ///< one for each writer, none empty where another is not
    };
    void addShare(const PageAuthors::Span &span, const QRectF &rect);
    [[nodiscard]] CaretLook lookOf(const PageAuthors::Span &span) const;

    const PagePainter &m_page;
    const PageAuthors &m_authors;
    const QHash<std::uint16_t, CaretLook> &m_people;
    std::vector<Line> m_lines; ///< from top to bottom
};

} // namespace nlbd::ui
