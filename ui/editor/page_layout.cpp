#include "ui/editor/page_layout.h"

#include "ui/editor/page_looks.h"
#include "ui/objects/embed.h"
#include "ui/theme.h"

#include <QFontMetricsF>
#include <QImage>
#include <QPainter>
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

constexpr qreal kNoRoom = 100'000.0; // wider than any window

constexpr int kTouchedSingly = 64; // blocks; beyond, all of the screen is drawn anew

constexpr std::size_t kShapedMax = 256; // blocks; half of them is a large screen

/// What is being composed stands in the layout and not in the text: it looks like the letters
/// before it, formats behind it move, and it keeps those that the input method gave it.
void makeRoomForPreedit(const QTextLayout &layout, QList<QTextLayout::FormatRange> &formats)
{
    const int length = static_cast<int>(layout.preeditAreaText().size());
    if (length == 0)
        return;
    const int from = layout.preeditAreaPosition();
    for (QTextLayout::FormatRange &range : formats) {
        if (range.start >= from)
            range.start += length;
        else if (range.start + range.length >= from)
            range.length += length;
    }
    for (const QTextLayout::FormatRange &range : layout.formats())
        if (range.start >= from && range.start + range.length <= from + length)
            formats.push_back(range);
}

/// What a line takes of the page: the height of its block's lines, and what a letter of another
/// font stands out of them. `natural`: of the block's own font.
qreal heightOf(const QTextLine &line, const BlockMetrics &metrics, qreal natural)
{
    if (line.textLength() == 0) // as high as the font of the page has it
        return metrics.lineHeight;
    return metrics.lineHeight + std::max(0.0, line.height() - natural);
}

} // namespace

/// Blocks to come back to. A QTextBlock outlives its block, and cannot tell: what goes takes itself
/// out. Blocks may go after the layout went.
struct PageLayout::Lists {
    std::vector<Laid *> touched; ///< by many edits
    std::vector<Laid *> shaped;  ///< whose letters are kept as glyphs, the oldest first
};

/// How a block was laid out. Kept with it, so that nothing is looked up for who asks for its
/// height.
struct PageLayout::Laid : QTextBlockUserData {
    Laid(QTextBlock of, std::shared_ptr<Lists> in)
        : block(std::move(of))
        , lists(std::move(in))
    {
    }
    ~Laid() override
    {
        if (isTouched)
            std::erase(lists->touched, this);
        if (isShaped)
            std::erase(lists->shaped, this);
    }
    Laid(const Laid &) = delete;
    Laid &operator=(const Laid &) = delete;

    QTextBlock block;
    std::shared_ptr<Lists> lists;
    bool isTouched = false;
    bool isShaped = false;
    BlockStyle style;
    std::uint32_t generation = 0;
    bool isFirst = false; ///< of the document: it may be the title
    qreal room = 0;
    qreal lineWidth = 0; ///< 0: was not laid out yet
    qreal height = 0;
};

PageLayout::PageLayout(QTextDocument *document, const PageLooks &looks, const QWidget &viewport)
    : QPlainTextDocumentLayout(document)
    , m_looks(looks)
    , m_viewport(viewport)
    , m_lists(std::make_shared<Lists>())
    , m_first(document->firstBlock())
{
    connect(document, &QTextDocument::contentsChange, this, [this] { m_isChanging = true; });
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

BlockStyle PageLayout::shownStyle(const QTextBlock &block) const
{
    const Laid *known = laid(block);
    return known != nullptr ? known->style : styleOf(block);
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
    const Laid *known = laid(block);
    if (known == nullptr) // as the base class does, which is const as well
        known = &const_cast<PageLayout *>(this)->lay(block);
    return {0, 0, static_cast<qreal>(m_viewport.width()), known->height};
}

/// A viewport has no margins of its own.
qreal PageLayout::room() const
{
    return m_viewport.width() - cursorWidth();
}

/// How the block stands now; nothing if it has to be laid out.
PageLayout::Laid *PageLayout::laid(const QTextBlock &block) const
{
    auto *known = static_cast<Laid *>(block.userData()); // of nobody else
    if (known == nullptr || known->lineWidth == 0 || known->generation != m_generation
        || known->room != room() || known->isFirst != (block == m_first))
        return nullptr;
    // Lines of another width: the base class laid them out in its own way.
    const QTextLayout &layout = *block.layout();
    const bool isThere = layout.lineCount() > 0 && layout.lineAt(0).width() == known->lineWidth;
    return isThere ? known : nullptr;
}

QList<QTextLayout::FormatRange> PageLayout::formatsOf(const QTextBlock &block,
                                                      const BlockStyle &style) const
{
    QList<QTextLayout::FormatRange> formats;
    const bool isFaint = m_lit && *m_lit != block;
    const int end = block.position() + block.length() - 1;
    for (const PageLooks::Run &run : m_looks.runs(block.position(), end)) {
        if (run.attributes->empty() && style == BlockStyle() && !isFaint)
            continue;
        QTextCharFormat format = charFormatOf(*run.attributes, style);
        if (isFaint)
            format.setForeground(theme().faint);
        formats.push_back({static_cast<int>(run.from) - block.position(),
                           static_cast<int>(run.to - run.from), format});
    }
    if (m_ink && style.kind == BlockStyle::Kind::Code && !isFaint)
        m_ink(block, formats);
    return formats;
}

/// A layout with formats tells its document that all of the block has changed, which would say so
/// with the next edit, of all blocks that were laid out meanwhile. Nothing has: it says so now, to
/// nobody.
void PageLayout::setFormats(QTextLayout &layout, const QList<QTextLayout::FormatRange> &formats)
{
    if (layout.formats() == formats)
        return;
    layout.setFormats(formats);
    if (m_isChanging || m_isLayingEdit)
        return; // the edit that is under way ends with it
    const QSignalBlocker quiet(document());
    m_isLayingEdit = true;
    QTextCursor cursor(document());
    cursor.beginEditBlock();
    cursor.endEditBlock();
    m_isLayingEdit = false;
}

/// Qt shapes a line anew with each paint, and for each question where a letter is, unless the
/// layout keeps its glyphs: half of what a paint costs, against some 60 bytes a letter of what was
/// laid out last.
void PageLayout::keepShaped(Laid &laid)
{
    if (std::exchange(laid.isShaped, true))
        return;
    laid.block.layout()->setCacheEnabled(true);
    m_lists->shaped.push_back(&laid);
    if (m_lists->shaped.size() < kShapedMax)
        return;
    QImage nothing(1, 1, QImage::Format_ARGB32_Premultiplied);
    QPainter painter(&nothing);
    const auto half = m_lists->shaped.begin() + kShapedMax / 2;
    for (auto it = m_lists->shaped.begin(); it != half; ++it) {
        (*it)->isShaped = false;
        QTextLayout &layout = *(*it)->block.layout();
        layout.setCacheEnabled(false);
        layout.draw(&painter, {}, {}, QRectF(0, -2, 1, 1)); // lets them go, draws no line
    }
    m_lists->shaped.erase(m_lists->shaped.begin(), half);
}

PageLayout::Laid &PageLayout::dataOf(QTextBlock block)
{
    auto *data = static_cast<Laid *>(block.userData()); // of nobody else
    if (data == nullptr)
        block.setUserData(data = new Laid(block, m_lists));
    return *data;
}

PageLayout::Laid &PageLayout::lay(QTextBlock block)
{
    ++m_layouts;
    Laid &result = dataOf(block);
    keepShaped(result);
    const BlockStyle style = styleOf(block);
    const BlockMetrics metrics = metricsOf(style);
    QTextLayout &layout = *block.layout();
    QList<QTextLayout::FormatRange> formats = formatsOf(block, style);
    makeRoomForPreedit(layout, formats);
    setFormats(layout, formats);
    // What is written from right to left begins at the right, and so does what stands before it.
    const bool isTurned = block.textDirection() == Qt::RightToLeft;
    const qreal left = isTurned ? 0 : metrics.left;
    QTextOption option = document()->defaultTextOption();
    if (isTurned)
        option.setAlignment(Qt::AlignRight);
    layout.setTextOption(option);
    const QFontMetricsF font(metrics.font);
    const qreal natural = std::ceil(font.height());
    // Never a whole number, which the base class gives to lines.
    const qreal width = std::max(kLineWidthMin, room() - metrics.left) - 0.5;
    const std::vector<Refused> refused = refusedIn(block, width);
    auto next = refused.begin();
    layout.beginLayout();
    qreal y = metrics.above;
    qreal bottom = y;
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        if (next == refused.end() || next->line != line.lineNumber())
            line.setLineWidth(width);
        else
            layWithout((next++)->place, line, width);
        const qreal height = heightOf(line, metrics, natural);
        line.setPosition({left, y + (height - line.height()) / 2});
        bottom = line.y() + (line.height() + height) / 2;
        y += height;
    }
    layout.endLayout();
    result.style = style;
    result.generation = m_generation;
    result.isFirst = block == m_first;
    result.room = room();
    result.lineWidth = layout.lineAt(0).width(); // as the engine rounds it
    result.height = bottom;
    const int lines = block.isVisible() ? layout.lineCount() : 0;
    if (block.lineCount() == lines)
        return result;
    block.setLineCount(lines);
    Q_EMIT documentSizeChanged(documentSize());
    return result;
}

void PageLayout::resizeInlineObject(QTextInlineObject object, int place, const QTextFormat &format)
{
    QPlainTextDocumentLayout::resizeInlineObject(object, place, format);
    if (place != m_refused)
        return;
    object.setWidth(kNoRoom);
    object.setAscent(0);
    object.setDescent(0);
}

void PageLayout::positionInlineObject(QTextInlineObject object, int place,
                                      const QTextFormat &format)
{
    m_tried = {object, place, format};
}

/// Objects that had no room behind what stands in their line. None in nearly all blocks, which have
/// no object.
std::vector<PageLayout::Refused> PageLayout::refusedIn(const QTextBlock &block, qreal width)
{
    std::vector<Refused> result;
    QTextLayout &layout = *block.layout();
    const auto isOfObject = [](const QTextLayout::FormatRange &range) {
        return range.format.objectType() != QTextFormat::NoObject;
    };
    if (std::ranges::none_of(layout.formats(), isOfObject))
        return result;
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        m_tried = {};
        line.setLineWidth(width);
        const int end = block.position() + line.textStart() + line.textLength();
        if (line.textLength() > 0 && m_tried.place == end)
            result.push_back({line.lineNumber(), end});
    }
    layout.endLayout();
    m_tried = {};
    return result;
}

/// Qt gives a line the height of an object that it tried to put there, also if it had no room: it
/// has no height meanwhile, and a width that is never there.
void PageLayout::layWithout(int place, QTextLine &line, qreal width)
{
    m_refused = place;
    m_tried = {};
    line.setLineWidth(width);
    m_refused = kNowhere;
    const Tried tried = std::exchange(m_tried, {});
    if (tried.object.isValid())
        resizeInlineObject(tried.object, tried.place, tried.format);
}

void PageLayout::setPainted(int first, int last)
{
    m_firstPainted = first;
    m_lastPainted = last;
    QTextBlock block = document()->findBlockByNumber(first);
    for (int i = first; i <= last && block.isValid(); ++i, block = block.next())
        keepShaped(dataOf(block));
}

/// A block was edited or looks otherwise. One that is on the screen is laid out here and now; of
/// another only the layout goes.
PageLayout::Touch PageLayout::touch(QTextBlock block)
{
    const int number = block.blockNumber();
    if (number < m_firstPainted || number > m_lastPainted) {
        block.clearLayout();
        return Touch::Nothing;
    }
    const Laid *known = laid(block);
    if (known == nullptr)
        return Touch::AllBelow;
    const auto before = std::pair(known->height, known->style);
    const Laid &after = lay(block);
    const bool isSame = before == std::pair(after.height, after.style);
    return isSame ? Touch::ThisBlock : Touch::AllBelow; // items below may have other numbers
}

void PageLayout::touchAll(QTextBlock first, const QTextBlock &last)
{
    bool isMoved = false;
    for (QTextBlock block = first; block.isValid(); block = block.next()) {
        const Touch touched = touch(block);
        isMoved = isMoved || touched == Touch::AllBelow;
        if (touched == Touch::ThisBlock)
            Q_EMIT updateBlock(block);
        if (block == last)
            break;
    }
    if (!isMoved)
        return;
    Q_EMIT documentSizeChanged(
        documentSize()); // higher lines: fewer of them fit on the last screen
    requestUpdate();
}

void PageLayout::touched(qsizetype at, qsizetype inserted)
{
    if (m_edits == Edits::One)
        return;
    QTextBlock block = document()->findBlock(static_cast<int>(at));
    qsizetype begin = block.position();
    for (; block.isValid() && begin <= at + inserted; block = block.next()) {
        begin += block.length();
        Laid &data = dataOf(block);
        if (!std::exchange(data.isTouched, true))
            m_lists->touched.push_back(&data);
        block.clearLayout();
        if (block.lineCount() == 0)
            block.setLineCount(1); // until it is laid out
    }
}

/// As the base class does, which would lay a block out twice in its own way; where blocks came or
/// went it counts them.
void PageLayout::documentChanged(int from, int removed, int added)
{
    if (m_isLayingEdit)
        return;
    m_isChanging = false;
    m_first = document()->firstBlock();
    const auto meanwhile = std::exchange(m_restyledMeanwhile, {});
    const int end = document()->characterCount() - 1;
    const QTextBlock first = document()->findBlock(std::min(from, end));
    const QTextBlock last = document()->findBlock(std::min(from + added, end));
    const int blocks = document()->blockCount();
    const bool isWithin = blocks == m_blocks && first.isValid() && last.isValid()
        && last.blockNumber() - first.blockNumber() < kTouchedSingly;
    m_isLayingEdit = true;
    if (m_edits == Edits::Many) {
        if (blocks != m_blocks) // it counts them, and forgets the one block that it is told of
            QPlainTextDocumentLayout::documentChanged(std::min(from, end), 0, 1);
        Q_EMIT documentSizeChanged(documentSize());
        requestUpdate();
    } else if (isWithin)
        touchAll(first, last);
    else
        QPlainTextDocumentLayout::documentChanged(from, removed, added);
    m_isLayingEdit = false;
    m_blocks = blocks;
    const auto touched = std::exchange(m_lists->touched, {});
    for (Laid *each : touched)
        each->isTouched = false;
    for (const Laid *each : touched) { // nobody takes blocks away who is told
        const int begin = each->block.position();
        Q_EMIT restyled(begin, begin + each->block.length() - 1);
    }
    for (const auto &[begin, stop] : meanwhile) {
        const bool isDone = begin >= first.position() && stop < last.position() + last.length();
        if (!isDone)
            restyle(begin, stop);
        else
            Q_EMIT restyled(begin, stop);
    }
}

void PageLayout::restyle(qsizetype from, qsizetype to)
{
    if (m_isChanging) {
        m_restyledMeanwhile.emplace_back(from, to);
        return;
    }
    const int end = document()->characterCount() - 1;
    const auto blockAt = [&](qsizetype place) {
        return document()->findBlock(static_cast<int>(std::clamp<qsizetype>(place, 0, end)));
    };
    const QTextBlock first = blockAt(from);
    const QTextBlock last = blockAt(to);
    if (last.blockNumber() - first.blockNumber() < kTouchedSingly) {
        touchAll(first, last);
    } else {
        for (QTextBlock block = first; block.isValid() && block.position() <= to;
             block = block.next())
            block.clearLayout();
        Q_EMIT documentSizeChanged(documentSize());
        requestUpdate();
    }
    Q_EMIT restyled(from, to);
}

void PageLayout::restyleAll()
{
    ++m_generation;
    Q_EMIT documentSizeChanged(documentSize());
    requestUpdate();
    Q_EMIT restyled(0, document()->characterCount());
}

void PageLayout::setLit(std::optional<QTextBlock> block)
{
    if (block == m_lit)
        return;
    const auto before = std::exchange(m_lit, block);
    if (!before || !block) {
        restyleAll();
        return;
    }
    for (QTextBlock each : {*before, *block})
        if (each.isValid() && each.document() == document())
            each.clearLayout();
    requestUpdate();
}

} // namespace nlbd::ui
