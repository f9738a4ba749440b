#include "ui/editor/page_layout.h"

#include "ui/editor/page_looks.h"
#include "ui/theme.h"

#include <QFontMetricsF>
#include <QTextDocument>
#include <QTextLayout>
#include <QWidget>

#include <algorithm>
#include <cmath>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr int kTitleUnitsMax = 2000;  // a first line that is longer is no title
constexpr int kNumberedMax = 10'000;  // items of a list that are counted
constexpr qreal kLineWidthMin = 80.0; // however deep an item stands in

/// What a line takes of the page: the height of its block's lines, and what a letter of another
/// font stands out of them.
qreal heightOf(const QTextLine &line, const BlockMetrics &metrics)
{
    if (line.textLength() == 0) // as high as the font of the page has it
        return metrics.lineHeight;
    return metrics.lineHeight
        + std::max(0.0, line.height() - std::ceil(QFontMetricsF(metrics.font).height()));
}

} // namespace

PageLayout::PageLayout(QTextDocument *document, const PageLooks &looks, const QWidget &viewport)
    : QPlainTextDocumentLayout(document)
    , m_looks(looks)
    , m_viewport(viewport)
{
}

BlockStyle PageLayout::styleOf(const QTextBlock &block, Empty empty) const
{
    BlockStyle style = blockStyleOf(m_looks.blockAt(block.position() + block.length() - 1));
    const bool isTitle = style.kind == BlockStyle::Kind::Paragraph && block.blockNumber() == 0
        && (block.length() > 1 || empty == Empty::AsTyped) && block.length() <= kTitleUnitsMax;
    if (isTitle)
        style.kind = BlockStyle::Kind::Title;
    return style;
}

int PageLayout::numberOf(const QTextBlock &block) const
{
    const BlockStyle mine = styleOf(block);
    int number = 1;
    QTextBlock before = block.previous();
    for (int i = 0; i < kNumberedMax && before.isValid(); ++i, before = before.previous()) {
        const BlockStyle style = styleOf(before);
        if (!style.isItem() || style.indent < mine.indent)
            break;
        if (style.indent > mine.indent)
            continue;
        if (style.kind != mine.kind)
            break;
        ++number;
    }
    return number;
}

QRectF PageLayout::blockBoundingRect(const QTextBlock &block) const
{
    if (!block.isValid())
        return {};
    const BlockStyle style = styleOf(block);
    const BlockMetrics metrics = metricsOf(style);
    const QTextLayout &layout = *block.layout();
    // Lines of another width are from before, or the base class laid them out in its own way.
    const bool isLaidOut = layout.lineCount() > 0 && layout.lineAt(0).width() == lineWidth(metrics);
    if (!isLaidOut) // as the base class does, which is const as well
        const_cast<PageLayout *>(this)->lay(block, metrics, style);
    const QTextLine last = layout.lineAt(layout.lineCount() - 1);
    return {0, 0, static_cast<qreal>(m_viewport.contentsRect().width()),
            last.y() + (last.height() + heightOf(last, metrics)) / 2};
}

/// Never a whole number, which the base class gives to lines.
qreal PageLayout::lineWidth(const BlockMetrics &metrics) const
{
    const qreal room = m_viewport.contentsRect().width() - metrics.left - cursorWidth();
    return std::max(kLineWidthMin, room) - 0.5;
}

void PageLayout::lay(QTextBlock block, const BlockMetrics &metrics, const BlockStyle &style)
{
    QTextLayout &layout = *block.layout();
    const int units = block.length() - 1;
    QList<QTextLayout::FormatRange> formats;
    const bool isFaint = m_lit && *m_lit != block;
    for (const PageLooks::Run &run : m_looks.runs(block.position(), block.position() + units)) {
        if (run.attributes->empty() && style == BlockStyle() && !isFaint)
            continue;
        QTextCharFormat format = charFormatOf(*run.attributes, style);
        if (isFaint)
            format.setForeground(theme().faint);
        formats.append({static_cast<int>(run.from) - block.position(),
                        static_cast<int>(run.to - run.from), format});
    }
    layout.setFormats(formats);
    layout.setTextOption(document()->defaultTextOption());
    layout.beginLayout();
    const qreal width = lineWidth(metrics);
    qreal y = metrics.above;
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(width);
        const qreal height = heightOf(line, metrics);
        line.setPosition({metrics.left, y + (height - line.height()) / 2});
        y += height;
    }
    layout.endLayout();
    const int lines = block.isVisible() ? layout.lineCount() : 0;
    if (block.lineCount() == lines)
        return;
    block.setLineCount(lines);
    Q_EMIT documentSizeChanged(documentSize());
}

void PageLayout::restyle(qsizetype from, qsizetype to)
{
    QTextBlock block = document()->findBlock(static_cast<int>(from));
    for (; block.isValid() && block.position() <= to; block = block.next())
        block.clearLayout();
    Q_EMIT documentSizeChanged(documentSize());
    requestUpdate();
    Q_EMIT restyled(from, to);
}

void PageLayout::setLit(std::optional<QTextBlock> block)
{
    if (block == m_lit)
        return;
    const auto before = std::exchange(m_lit, block);
    if (!before || !block) {
        restyle(0, document()->characterCount());
        return;
    }
    for (QTextBlock each : {*before, *block})
        if (each.isValid() && each.document() == document())
            each.clearLayout();
    requestUpdate();
}

} // namespace nlbd::ui
