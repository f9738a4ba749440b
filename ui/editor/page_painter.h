#pragma once

#include "ui/editor/block_style.h"
#include "ui/editor/page_marks.h"
#include "ui/editor/page_preview.h"

#include <QHash>
#include <QPainter>
#include <QTextBlock>

#include <functional>
#include <map>
#include <vector>

namespace nlbd::ui {

/// A name and a colour for the caret of a person.
struct CaretLook {
    QString name;
    std::uint8_t colour = 0;
    bool hasSecondRing = false; ///< beyond the eighth member
    QString fullName;
};

/// Draws marks over and under the blocks that are on the screen, from the rectangles of their laid
/// out lines. Costs as much as is visible, however long the text.
class PagePainter {
public:
    struct Shown {
        QTextBlock block;
        QRectF rect; ///< in the viewport
        BlockStyle style;
        int number = 0; ///< of a numbered item
        /// Of the block; filled in here, once for all who ask.
        int from = 0;
        int to = 0; ///< behind its end
    };

    PagePainter(std::vector<Shown> shown, const PageMarks &marks,
                const QHash<std::uint16_t, CaretLook> &people, QRectF clip, qint64 now);

    /// What blocks have beside and behind their text: markers, bars, boxes. Before the text.
    void paintBlocks(QPainter &painter) const;
    /// The task whose box is at this point, if any.
    [[nodiscard]] QTextBlock taskAt(QPointF point) const;
    /// Others' selections: before the text is drawn, so that it stays crisp.
    void paintTints(QPainter &painter) const;
    /// Dotted lines under text in pencil.
    void paintPencil(QPainter &painter) const;
    /// What others are typing; then the carets, each behind what its person types.
    void paintPreviews(QPainter &painter) const;
    void paintCarets(QPainter &painter, std::optional<DeviceIndex> hovered) const;
    /// The signs beside the paragraphs. `centre` is the x of their middle.
    void paintGutter(QPainter &painter, qreal centre) const;

    /// A range of the text as it lies on the lines of the screen.
    struct Part {
        QRectF rect; ///< of the range within one line
        qreal baseline = 0;
        bool endsLine = false; ///< the range goes on beyond this line's end
    };
    void eachPart(qsizetype from, qsizetype to, const std::function<void(const Part &)> &use) const;
    /// From where to where blocks are on the screen, in units of the text.
    [[nodiscard]] std::pair<qsizetype, qsizetype> shownRange() const;

    /// The numbers of the first and the last of them.
    [[nodiscard]] std::pair<int, int> shownBlocks() const;

    /// A block as it was painted, without its text: where it stands, and all that is drawn beside
    /// and over it in one number. Equal pictures look the same but for the text.
    struct Picture {
        std::pair<qreal, qreal> place; ///< top and height
        std::size_t signs = 0;
    };
    /// @complexity linear in what is on the screen.
    [[nodiscard]] std::vector<Picture> pictures() const;

    /// Whose caret stands at this point, if any.
    [[nodiscard]] std::optional<DeviceIndex> caretAt(QPointF point) const;

    /// What the sign beside the block at this height means, in words; empty without a sign.
    [[nodiscard]] QString gutterWords(qreal y) const;

private:
    [[nodiscard]] std::optional<QRectF> caretRect(qsizetype place) const;
    [[nodiscard]] std::optional<QRectF> caretRect(const PageMarks::Caret &caret) const;
    [[nodiscard]] const std::optional<PagePreview> &previewOf(const PageMarks::Caret &caret) const;
    [[nodiscard]] std::optional<api::Agreement> stateOf(const Shown &shown) const;
    [[nodiscard]] bool isFresh(const Shown &shown) const;
    [[nodiscard]] bool isPencilDue(const PageMarks::Range &range) const;
    [[nodiscard]] qreal nameStrength(const PageMarks::Caret &caret) const;

    std::vector<Shown> m_shown;
    const PageMarks &m_marks;
    const QHash<std::uint16_t, CaretLook> &m_people;
    QRectF m_clip;
    qint64 m_now = 0;
    mutable std::map<const PageMarks::Caret *, std::optional<PagePreview>> m_previews;
};

} // namespace nlbd::ui
