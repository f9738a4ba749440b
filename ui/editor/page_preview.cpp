#include "ui/editor/page_preview.h"

#include "ui/editor/page_layout.h"
#include "ui/editor/utf16_map.h"
#include "ui/theme.h"

#include <QFontMetricsF>
#include <QTextDocument>
#include <QTextLayout>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr qreal kCaretRoom = 4;
constexpr qreal kBubbleHeight = 22;
constexpr qreal kBubblePadding = 7;
constexpr qreal kBubbleWidthMax = 280;
constexpr qreal kNameRoom = 16; ///< the name over a caret

/// Marks that turn what follows them around: not text, and never right beside others' text.
bool turnsText(QChar unit)
{
    return (unit >= QChar(0x202A) && unit <= QChar(0x202E))
        || (unit >= QChar(0x2066) && unit <= QChar(0x2069));
}

/// The font that the text will have once it is there.
QFont fontAt(const QTextBlock &block, int inside)
{
    const auto *page = qobject_cast<const PageLayout *>(block.document()->documentLayout());
    const BlockStyle style =
        page == nullptr ? BlockStyle() : page->styleOf(block, PageLayout::Empty::AsTyped);
    const QTextLayout &layout = *block.layout();
    for (const QTextLayout::FormatRange &range : layout.formats())
        if (range.start < inside && inside <= range.start + range.length)
            return range.format.font();
    return metricsOf(style).font;
}

PagePreview bubble(const QRectF &line, qreal x, const QString &text, const QRectF &clip)
{
    PagePreview result;
    result.isBubble = true;
    result.font = uiFont(13);
    const QFontMetricsF metrics(result.font);
    const qreal room = std::min(kBubbleWidthMax, clip.width()) - 2 * kBubblePadding;
    result.text = metrics.elidedText(text, Qt::ElideLeft, room); // the newest letters are the news
    const qreal width = metrics.horizontalAdvance(result.text) + 2 * kBubblePadding;
    result.rect = QRectF(x, line.bottom() + 2, width, kBubbleHeight);
    if (result.rect.right() > clip.right())
        result.rect.moveRight(std::max(clip.right(), clip.left() + width));
    if (result.rect.bottom() > clip.bottom())
        result.rect.moveBottom(line.top() - kNameRoom);
    result.baseline = result.rect.center().y() + (metrics.ascent() - metrics.descent()) / 2;
    return result;
}

} // namespace

QString previewShown(const QString &text)
{
    QString shown;
    for (const QChar unit : shownAs(text)) {
        if (turnsText(unit))
            continue;
        const bool isSpace = unit.isSpace() || unit.category() == QChar::Other_Control;
        shown += isSpace ? QChar(u' ') : unit;
    }
    return shown;
}

std::optional<PagePreview> layPreview(const QTextBlock &block, const QRectF &blockRect, int inside,
                                      const QString &text, qreal taken, const QRectF &clip)
{
    const QTextLine line = block.layout()->lineForTextPosition(inside);
    if (!line.isValid())
        return std::nullopt;
    PagePreview result;
    result.text = previewShown(text);
    result.font = fontAt(block, inside);
    const QRectF place = line.rect().translated(blockRect.topLeft());
    const qreal x = blockRect.left() + line.cursorToX(inside);
    const qreal width = QFontMetricsF(result.font).horizontalAdvance(result.text);
    const bool isRightToLeft =
        block.textDirection() == Qt::RightToLeft || result.text.isRightToLeft();
    const bool isAtEnd = inside == block.length() - 1;
    if (!isAtEnd || isRightToLeft || x + taken + width + kCaretRoom > clip.right())
        return bubble(place, x, result.text, clip);
    result.rect = QRectF(x + taken, place.top(), width, place.height());
    // An empty first line is as high as a plain one until the title stands there.
    result.baseline =
        place.top() + (block.length() > 1 ? line.ascent() : QFontMetricsF(result.font).ascent());
    return result;
}

void paintPreview(QPainter &painter, const PagePreview &preview, const QColor &colour)
{
    painter.save();
    painter.setFont(preview.font);
    painter.setLayoutDirection(preview.text.isRightToLeft() ? Qt::RightToLeft : Qt::LeftToRight);
    if (preview.isBubble) {
        painter.setPen(QPen(colour, 1.5));
        painter.setBrush(theme().raised);
        painter.drawRoundedRect(preview.rect, 5, 5);
        painter.setPen(theme().ink);
        painter.drawText(preview.rect.adjusted(kBubblePadding, 0, -kBubblePadding, 0),
                         static_cast<int>(Qt::AlignVCenter | Qt::AlignAbsolute | Qt::AlignLeft)
                             | Qt::TextSingleLine,
                         preview.text);
    } else {
        painter.setPen(colour);
        painter.drawText(QPointF(preview.rect.left(), preview.baseline), preview.text);
    }
    painter.restore();
}

} // namespace nlbd::ui
