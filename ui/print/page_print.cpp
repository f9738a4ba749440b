#include "ui/print/page_print.h"

#include "ui/background.h"
#include "ui/editor/block_style.h"
#include "ui/editor/utf16_map.h"
#include "ui/objects/embed.h"
#include "ui/theme.h"

#include <QAbstractTextDocumentLayout>
#include <QCoreApplication>
#include <QFileInfo>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextList>
#include <QUrl>

#include <array>

namespace nlbd::ui {

namespace {

using Kind = BlockStyle::Kind;

constexpr qreal kPoints = 11; // of the text; what is larger keeps the page's proportions
constexpr qreal kSmallPoints = 8.5;
constexpr qreal kMarginMillimetres = 20;
constexpr qreal kRunningLines = 3; // what a line over or under the sheet takes, in its own height
constexpr qreal kIndent = 18;      // of an item, in points
constexpr qsizetype kTitleUnitsMax = 2000;

/// Paper is white in every theme.
const Theme &paper()
{
    return lightTheme();
}

qreal pointsOf(Kind kind)
{
    switch (kind) {
    case Kind::Title:
    case Kind::Heading1:
        return 18;
    case Kind::Heading2:
        return 15;
    case Kind::Heading3:
        return 12.5;
    case Kind::Code:
        return 9;
    default:
        return kPoints;
    }
}

constexpr QSizeF kPictureMost(560, 640); // in the document's own pixels, 96 to the inch

/// Letters that are drawn as one could not be searched or copied in a PDF: any spacing, however
/// small, keeps them apart.
QFont withSingleLetters(QFont font)
{
    font.setLetterSpacing(QFont::AbsoluteSpacing, 0.02);
    return font;
}

QFont fontOf(const BlockStyle &style)
{
    const bool isLarge = style.isHeading() || style.kind == Kind::Title;
    QFont font = style.kind == Kind::Code ? monoFont() : pageFont();
    font.setPointSizeF(pointsOf(style.kind));
    font.setWeight(isLarge ? QFont::Bold : QFont::Normal);
    return withSingleLetters(font);
}

QTextBlockFormat blockFormatOf(const BlockStyle &style)
{
    QTextBlockFormat format;
    format.setLineHeight(style.kind == Kind::Code ? 115 : 135,
                         QTextBlockFormat::ProportionalHeight);
    if (style.isHeading())
        format.setTopMargin(pointsOf(style.kind) * 0.7);
    if (style.isHeading() || style.kind == Kind::Title)
        format.setBottomMargin(4);
    if (style.kind == Kind::Quote)
        format.setLeftMargin(kIndent);
    if (style.kind == Kind::Code) {
        format.setLeftMargin(8);
        format.setBackground(paper().room);
    }
    if (style.kind == Kind::Task)
        format.setMarker(style.isDone ? QTextBlockFormat::MarkerType::Checked
                                      : QTextBlockFormat::MarkerType::Unchecked);
    if (style.kind == Kind::Divider)
        format.setProperty(QTextFormat::BlockTrailingHorizontalRulerWidth,
                           QTextLength(QTextLength::PercentageLength, 100));
    return format;
}

QTextCharFormat letterFormatOf(const Attributes &marks, const BlockStyle &style)
{
    QTextCharFormat format;
    QFont font = fontOf(style);
    format.setForeground(style.kind == Kind::Quote || style.isDone ? paper().muted : paper().ink);
    if (marks.contains(kCode) && style.kind != Kind::Code) {
        const qreal points = font.pointSizeF() - 1.5;
        font = withSingleLetters(monoFont());
        font.setPointSizeF(points);
        format.setBackground(paper().room);
    }
    if (marks.contains(kBold))
        font.setBold(true);
    if (marks.contains(kItalic))
        font.setItalic(true);
    font.setStrikeOut(marks.contains(kStrike) || style.isDone);
    if (marks.contains(kLink)) {
        font.setUnderline(true);
        format.setForeground(paper().link);
    }
    format.setFont(font);
    return format;
}

/// One block after the other. Lists of each depth go on until something else stands between.
class Layer {
public:
    Layer(const PrintJob &job, const QString &text, QTextDocument &document)
        : m_job(job)
        , m_text(text)
        , m_cursor(&document)
    {
    }

    void layAll()
    {
        m_cursor.beginEditBlock(); // else each block would be measured with all before it
        for (qsizetype from = 0; from <= m_text.size();) {
            const qsizetype found = m_text.indexOf(u'\n', from);
            const qsizetype end = found < 0 ? m_text.size() : found;
            layBlock(from, end);
            from = end + 1;
        }
        m_cursor.endEditBlock();
    }

private:
    void layBlock(qsizetype from, qsizetype end)
    {
        BlockStyle style = blockStyleOf(m_job.looks.blockAt(end));
        const bool isTitle =
            from == 0 && style.kind == Kind::Paragraph && end > 0 && end <= kTitleUnitsMax;
        if (isTitle)
            style.kind = Kind::Title;
        QTextCharFormat plain;
        plain.setFont(fontOf(style));
        if (from > 0)
            m_cursor.insertBlock(blockFormatOf(style), plain);
        else
            m_cursor.setBlockFormat(blockFormatOf(style));
        m_cursor.setBlockCharFormat(plain);
        putIntoList(style);
        for (const PageLooks::Run &run : m_job.looks.runs(from, end)) {
            if (layPicture(*run.attributes))
                continue;
            m_cursor.insertText(shownAs(m_text.mid(run.from, run.to - run.from)),
                                letterFormatOf(*run.attributes, style));
        }
    }

    bool layPicture(const Attributes &look)
    {
        const auto embed = embedOf(look);
        const auto image = embed ? m_job.pictures.find(embed->blob) : m_job.pictures.end();
        if (image == m_job.pictures.end() || embed->kind != Embed::Kind::Picture)
            return false;
        const QString name = QString::fromStdString(embed->blob.hex());
        m_cursor.document()->addResource(QTextDocument::ImageResource, QUrl(name), image->second);
        QSizeF size = embed->size;
        if (size.width() > kPictureMost.width() || size.height() > kPictureMost.height())
            size.scale(kPictureMost, Qt::KeepAspectRatio);
        QTextImageFormat format;
        format.setName(name);
        format.setWidth(size.width());
        format.setHeight(size.height());
        m_cursor.insertImage(format);
        return true;
    }

    void putIntoList(const BlockStyle &style)
    {
        const auto depth = static_cast<std::size_t>(style.indent);
        for (std::size_t i = style.isItem() ? depth + 1 : 0; i < m_lists.size(); ++i)
            m_lists[i] = {};
        if (!style.isItem())
            return;
        auto &[list, kind] = m_lists[depth];
        if (list != nullptr && kind == style.kind) {
            list->add(m_cursor.block());
            return;
        }
        QTextListFormat format;
        format.setStyle(style.kind == Kind::Number  ? QTextListFormat::ListDecimal
                            : style.indent % 2 == 0 ? QTextListFormat::ListDisc
                                                    : QTextListFormat::ListCircle);
        format.setIndent(style.indent + 1);
        list = m_cursor.createList(format);
        kind = style.kind;
    }

    const PrintJob &m_job;
    const QString &m_text;
    QTextCursor m_cursor;
    std::array<std::pair<QTextList *, Kind>, BlockStyle::kIndentMax + 1> m_lists{};
};

QString tr(const char *text)
{
    return QCoreApplication::translate("Print", text);
}

void paintRunning(QPainter &painter, const QRectF &sheet, const QString &title, int page, int pages)
{
    QFont font = withSingleLetters(uiFont());
    font.setPointSizeF(kSmallPoints);
    painter.setFont(font);
    painter.setPen(paper().muted);
    const QFontMetricsF metrics(font, painter.device());
    painter.drawText(sheet, Qt::AlignLeft | Qt::AlignTop,
                     metrics.elidedText(title.simplified(), Qt::ElideRight, sheet.width()));
    painter.drawText(sheet, Qt::AlignRight | Qt::AlignBottom, tr("%1 of %2").arg(page).arg(pages));
}

} // namespace

void layForPrint(const PrintJob &job, QTextDocument &document)
{
    document.setUndoRedoEnabled(false);
    document.setDocumentMargin(0);
    document.setIndentWidth(kIndent);
    document.setDefaultFont(fontOf({}));
    const QString text = job.pieces.join(QString());
    Layer(job, text, document).layAll();
}

bool printOn(QPagedPaintDevice &device, const PrintJob &job)
{
    QPainter painter;
    if (!painter.begin(&device))
        return false;
    QTextDocument document;
    document.documentLayout()->setPaintDevice(&device);
    layForPrint(job, document);
    QFont small = uiFont();
    small.setPointSizeF(kSmallPoints);
    const qreal running = QFontMetricsF(small, &device).height() * kRunningLines;
    const QRectF sheet(0, 0, device.width(), device.height());
    const QSizeF body(sheet.width(), sheet.height() - 2 * running);
    document.setPageSize(body);
    const int pages = document.pageCount();
    for (int page = 1; page <= pages; ++page) {
        if (page > 1 && !device.newPage())
            return false;
        paintRunning(painter, sheet, job.title, page, pages);
        painter.save();
        painter.translate(0, running - (page - 1) * body.height());
        const QRectF part(0, (page - 1) * body.height(), body.width(), body.height());
        painter.setClipRect(part);
        QAbstractTextDocumentLayout::PaintContext context;
        context.clip = part.adjusted(0, 2, 0, -2); // lines that begin on the next sheet are its own
        context.palette.setColor(QPalette::Text, paper().ink);
        document.documentLayout()->draw(&painter, context);
        painter.restore();
    }
    return painter.end();
}

void writePdf(const QString &path, PrintJob job, QObject *context,
              std::function<void(QString)> done)
{
    const auto work = [path, job = std::move(job)] {
        QSaveFile file(path);
        bool isWritten = file.open(QIODevice::WriteOnly);
        if (isWritten) {
            QPdfWriter writer(&file);
            writer.setTitle(job.title);
            writer.setCreator(QStringLiteral("No Leader"));
            writer.setPageSize(QPageSize(QPageSize::A4));
            const QMarginsF margins(kMarginMillimetres, kMarginMillimetres, kMarginMillimetres,
                                    kMarginMillimetres);
            writer.setPageMargins(margins, QPageLayout::Millimeter);
            isWritten = printOn(writer, job);
        }
        isWritten = isWritten && file.commit();
        return isWritten
            ? QString()
            : QStringLiteral("<b>%1</b> %2")
                  .arg(tr("%1 was not written.").arg(QFileInfo(path).fileName().toHtmlEscaped()),
                       tr("Your text is safe here. Choose another place and try again. (%1)")
                           .arg(file.errorString().toHtmlEscaped()));
    };
    runInBackground(context, work, std::move(done));
}

} // namespace nlbd::ui
