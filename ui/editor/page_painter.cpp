#include "ui/editor/page_painter.h"

#include "ui/editor/page_signs.h"
#include "ui/editor/page_zoom.h"
#include "ui/motion.h"
#include "ui/theme.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainterPath>
#include <QTextLayout>

#include <algorithm>
#include <cmath>

namespace nlbd::ui {

namespace {

constexpr qreal kCaretWidth = 2;
constexpr qreal kBoxSize = 15;   ///< of a task, at 100 %
constexpr qreal kBarWidth = 3;   ///< of a quote
constexpr qreal kPreviewGap = 6; ///< between two who type at one place: a caret stands there

/// The first line of a layout that ends below `y`: lines are in order, long blocks have thousands.
int firstLineBelow(const QTextLayout &layout, qreal y)
{
    int low = 0;
    int high = layout.lineCount();
    while (low < high) {
        const int middle = (low + high) / 2;
        if (layout.lineAt(middle).rect().bottom() < y)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool isTurned(const PagePainter::Shown &shown)
{
    return shown.block.textDirection() == Qt::RightToLeft;
}

/// So far before where the first line of an item begins, on whichever side that is.
qreal before(const PagePainter::Shown &shown, qreal distance)
{
    const QRectF line = shown.block.layout()->lineAt(0).rect().translated(shown.rect.topLeft());
    return isTurned(shown) ? line.right() + distance : line.left() - distance;
}

QRectF boxOf(const PagePainter::Shown &shown)
{
    const QRectF line = shown.block.layout()->lineAt(0).rect().translated(shown.rect.topLeft());
    const qreal zoom = PageZoom::instance().factor();
    const qreal size = kBoxSize * zoom;
    const qreal near = 9 * zoom;
    return {isTurned(shown) ? before(shown, near) : before(shown, near + size),
            line.center().y() - size / 2, size, size};
}

void paintBox(QPainter &painter, const PagePainter::Shown &shown)
{
    const QRectF box = boxOf(shown);
    painter.setPen(QPen(shown.style.isDone ? theme().accent : theme().border, 1.5));
    painter.setBrush(shown.style.isDone ? QBrush(theme().accent) : QBrush(Qt::NoBrush));
    painter.drawRoundedRect(box, 4, 4);
    if (!shown.style.isDone)
        return;
    const qreal zoom = PageZoom::instance().factor();
    painter.setPen(QPen(theme().onAccent, 1.75 * zoom, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    QPainterPath tick(box.center() + QPointF(-3.5, 0.5) * zoom);
    tick.lineTo(box.center() + QPointF(-1, 3) * zoom);
    tick.lineTo(box.center() + QPointF(3.8, -3) * zoom);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(tick);
}

/// As large as there is room for it: the number of an item that comes late in a list is long.
void paintNumber(QPainter &painter, const PagePainter::Shown &shown, const QTextLine &line)
{
    constexpr qreal kGap = 7;
    constexpr qreal kEdge = 1;
    const QString number = QStringLiteral("%1.").arg(shown.number);
    QFont font = textFont();
    const auto wide = [&] { return QFontMetricsF(font).horizontalAdvance(number); };
    const qreal room = metricsOf(shown.style).left - kGap - kEdge;
    if (const qreal width = wide(); width > room)
        font.setPixelSize(std::max(1, static_cast<int>(font.pixelSize() * room / width)));
    painter.setPen(theme().ink);
    painter.setFont(font);
    painter.setLayoutDirection(isTurned(shown) ? Qt::RightToLeft : Qt::LeftToRight);
    painter.drawText(QPointF(isTurned(shown) ? before(shown, kGap) : before(shown, kGap + wide()),
                             shown.rect.top() + line.y() + line.ascent()),
                     number);
    painter.setLayoutDirection(Qt::LeftToRight);
}

/// What stands where an item begins.
void paintMarker(QPainter &painter, const PagePainter::Shown &shown)
{
    const QTextLine first = shown.block.layout()->lineAt(0);
    const QRectF line = first.rect().translated(shown.rect.topLeft());
    if (shown.style.kind == BlockStyle::Kind::Task) {
        paintBox(painter, shown);
    } else if (shown.style.kind == BlockStyle::Kind::Bullet) {
        const qreal zoom = PageZoom::instance().factor();
        const QPointF centre(before(shown, 14 * zoom), line.center().y() + zoom);
        painter.setPen(QPen(theme().ink, 1.3));
        const bool isFilled = shown.style.indent % 2 == 0;
        painter.setBrush(isFilled ? QBrush(theme().ink) : QBrush(Qt::NoBrush));
        painter.drawEllipse(centre, 2.6 * zoom, 2.6 * zoom);
    } else {
        paintNumber(painter, shown, first);
    }
}

} // namespace

PagePainter::PagePainter(std::vector<Shown> shown, const PageMarks &marks,
                         const QHash<std::uint16_t, CaretLook> &people, QRectF clip, qint64 now)
    : m_shown(std::move(shown))
    , m_marks(marks)
    , m_people(people)
    , m_clip(clip)
    , m_now(now)
{
    int at = m_shown.empty() ? 0 : m_shown.front().block.position();
    for (Shown &each : m_shown) { // one follows the other
        each.from = at;
        at += each.block.length();
        each.to = at;
    }
}

void PagePainter::eachPart(qsizetype from, qsizetype to,
                           const std::function<void(const Part &)> &use) const
{
    for (const Shown &shown : m_shown) {
        const int start = shown.from;
        const int end = shown.to;
        if (from >= end || to <= start)
            continue;
        const QTextLayout &layout = *shown.block.layout();
        const int first = static_cast<int>(std::max<qsizetype>(from - start, 0));
        const int last = static_cast<int>(std::min<qsizetype>(to, end) - start);
        for (int i = firstLineBelow(layout, m_clip.top() - shown.rect.top());
             i < layout.lineCount(); ++i) {
            const QTextLine line = layout.lineAt(i);
            const QRectF place = line.rect().translated(shown.rect.topLeft());
            if (place.top() > m_clip.bottom() || line.textStart() >= last)
                break;
            const int lineEnd = line.textStart() + line.textLength();
            if (lineEnd < first || (lineEnd == first && i + 1 < layout.lineCount()))
                continue;
            const qreal a = line.cursorToX(std::max(first, line.textStart()));
            const qreal b = line.cursorToX(std::min(last, lineEnd));
            const qreal left = shown.rect.left();
            use({QRectF(QPointF(left + std::min(a, b), place.top()),
                        QPointF(left + std::max(a, b), place.bottom())),
                 place.top() + line.ascent(), last > lineEnd});
        }
    }
}

std::pair<qsizetype, qsizetype> PagePainter::shownRange() const
{
    if (m_shown.empty())
        return {0, 0};
    return {m_shown.front().from, m_shown.back().to};
}

std::optional<QRectF> PagePainter::caretRect(qsizetype place) const
{
    for (const Shown &shown : m_shown) {
        const int start = shown.from;
        if (place < start || place >= shown.to)
            continue;
        const int inside = static_cast<int>(place - start);
        const QTextLine line = shown.block.layout()->lineForTextPosition(inside);
        if (!line.isValid())
            return std::nullopt;
        const QRectF rect = line.rect().translated(shown.rect.topLeft());
        return QRectF(shown.rect.left() + line.cursorToX(inside), rect.top(), kCaretWidth,
                      rect.height());
    }
    return std::nullopt;
}

void PagePainter::paintBlocks(QPainter &painter) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Shown &shown : m_shown) {
        if (shown.block.layout()->lineCount() == 0)
            continue;
        switch (shown.style.kind) {
        case BlockStyle::Kind::Quote:
            painter.fillRect(
                QRectF(isTurned(shown) ? shown.rect.right() - 4 - kBarWidth : shown.rect.left() + 4,
                       shown.rect.top(), kBarWidth, shown.rect.height()),
                theme().border);
            break;
        case BlockStyle::Kind::Code:
            painter.fillRect(shown.rect, theme().room);
            break;
        case BlockStyle::Kind::Divider:
            painter.setPen(QPen(theme().border, 1));
            painter.drawLine(QPointF(shown.rect.left(), shown.rect.center().y()),
                             QPointF(shown.rect.right(), shown.rect.center().y()));
            break;
        default:
            if (shown.style.isItem())
                paintMarker(painter, shown);
        }
    }
}

QTextBlock PagePainter::taskAt(QPointF point) const
{
    for (const Shown &shown : m_shown)
        if (shown.style.kind == BlockStyle::Kind::Task && shown.block.layout()->lineCount() > 0
            && boxOf(shown).adjusted(-4, -4, 4, 4).contains(point))
            return shown.block;
    return {};
}

void PagePainter::paintTints(QPainter &painter) const
{
    for (const PageMarks::Caret &caret : m_marks.carets()) {
        if (caret.caret == caret.anchor)
            continue;
        const CaretLook look = m_people.value(caret.device.value);
        const QColor tint = blend(theme().people[look.colour % 8U], theme().page, theme().tint);
        const auto [from, to] = std::minmax(caret.caret, caret.anchor);
        eachPart(from, to, [&painter, &tint](const Part &part) {
            painter.fillRect(part.rect.adjusted(0, 1, part.endsLine ? 6 : 0, -1), tint);
        });
    }
}

bool PagePainter::isPencilDue(const PageMarks::Range &range) const
{
    return range.state == api::Agreement::Pencil && m_now - range.since >= PageMarks::kPencilDelay;
}

void PagePainter::paintPencil(QPainter &painter) const
{
    if (!m_marks.hasOthers() || m_shown.empty())
        return;
    const auto &ranges = m_marks.ranges();
    const auto [shownFrom, shownTo] = shownRange();
    auto it = std::partition_point(ranges.begin(), ranges.end(), [shownFrom](const auto &range) {
        return range.to <= shownFrom;
    });
    for (; it != ranges.end() && it->from < shownTo; ++it) {
        if (!isPencilDue(*it))
            continue;
        eachPart(it->from, it->to, [&painter](const Part &part) {
            if (part.rect.width() < 1)
                return;
            paintDashes(painter, part.rect.left(), part.rect.right(), part.baseline + 4.5);
        });
    }
}

/// Asked for several times in a paint, and laid out once.
const std::optional<PagePreview> &PagePainter::previewOf(const PageMarks::Caret &caret) const
{
    static const std::optional<PagePreview> none;
    if (caret.preview.isEmpty())
        return none;
    const auto [known, isNew] = m_previews.try_emplace(&caret);
    if (!isNew)
        return known->second;
    const auto shown = std::ranges::find_if(m_shown, [&caret](const Shown &candidate) {
        return caret.previewAt >= candidate.from && caret.previewAt < candidate.to;
    });
    if (shown == m_shown.end())
        return none;
    qreal taken = 0; // by others who type at the same place
    for (const PageMarks::Caret &other : m_marks.carets()) {
        if (&other == &caret)
            break;
        if (other.preview.isEmpty() || other.previewAt != caret.previewAt)
            continue;
        if (const auto &before = previewOf(other); before && !before->isBubble)
            taken += before->rect.width() + kPreviewGap;
    }
    std::optional<PagePreview> preview =
        layPreview(shown->block, shown->rect, static_cast<int>(caret.previewAt) - shown->from,
                   caret.preview, taken, m_clip);
    return m_previews[&caret] = std::move(preview);
}

std::optional<QRectF> PagePainter::caretRect(const PageMarks::Caret &caret) const
{
    if (!caret.isAtPreview())
        return caretRect(caret.caret);
    const auto &preview = previewOf(caret);
    if (!preview || preview->isBubble)
        return caretRect(caret.caret);
    return QRectF(preview->rect.right(), preview->rect.top(), kCaretWidth, preview->rect.height());
}

void PagePainter::paintPreviews(QPainter &painter) const
{
    for (const PageMarks::Caret &caret : m_marks.carets())
        if (const auto &preview = previewOf(caret))
            paintPreview(painter, *preview,
                         theme().people[m_people.value(caret.device.value).colour % 8U]);
}

qreal PagePainter::nameStrength(const PageMarks::Caret &caret) const
{
    const qint64 age = m_now - caret.movedAt;
    const qreal rest = static_cast<qreal>(PageMarks::kLabelLife + PageMarks::kLabelFade - age)
        / static_cast<qreal>(PageMarks::kLabelFade);
    return std::clamp(Motion::instance().isReduced() ? std::floor(rest) : rest, 0.0, 1.0);
}

void PagePainter::paintCarets(QPainter &painter, std::optional<DeviceIndex> hovered) const
{
    for (const PageMarks::Caret &caret : m_marks.carets()) {
        std::optional<QRectF> place = caretRect(caret);
        if (!place)
            continue;
        place->moveLeft(std::round(place->left()));
        const CaretLook look = m_people.value(caret.device.value);
        const QColor paint = theme().people[look.colour % 8U];
        painter.fillRect(place->adjusted(0, 2, 0, -2), paint);
        paintFlag(painter, place->topLeft() + QPointF(kCaretWidth / 2, 2), look, paint);
        const qreal strength = hovered == caret.device ? 1.0 : nameStrength(caret);
        if (strength <= 0)
            continue;
        painter.setOpacity(strength);
        paintName(painter, *place, look.name, paint, m_clip);
        painter.setOpacity(1);
    }
}

std::optional<DeviceIndex> PagePainter::caretAt(QPointF point) const
{
    for (const PageMarks::Caret &caret : m_marks.carets()) {
        const std::optional<QRectF> place = caretRect(caret);
        if (place && place->adjusted(-5, -5, 5, 2).contains(point))
            return caret.device;
    }
    return std::nullopt;
}

/// The most telling state within the block: disputed, then pencil, then agreed. Nothing for blank
/// lines and for text that is still being typed.
std::optional<api::Agreement> PagePainter::stateOf(const Shown &shown) const
{
    if (!m_marks.hasOthers() || shown.to - shown.from <= 1)
        return std::nullopt;
    const auto &ranges = m_marks.ranges();
    const qsizetype from = shown.from;
    const qsizetype to = shown.to - 1;
    auto it = std::partition_point(ranges.begin(), ranges.end(),
                                   [from](const auto &range) { return range.to <= from; });
    bool isPencil = false;
    bool isUnsent = false;
    for (; it != ranges.end() && it->from < to; ++it) {
        if (it->state == api::Agreement::Disputed)
            return api::Agreement::Disputed;
        isPencil = isPencil || it->state == api::Agreement::Pencil;
        isUnsent = isUnsent || it->state == api::Agreement::Unsent;
    }
    if (isPencil)
        return api::Agreement::Pencil;
    return isUnsent ? std::nullopt : std::optional(api::Agreement::Agreed);
}

bool PagePainter::isFresh(const Shown &shown) const
{
    return std::ranges::any_of(m_marks.fresh(), [&](const auto &range) {
        return range.from < shown.to && range.to > shown.from
            && m_now - range.since < PageMarks::kFreshLife;
    });
}

void PagePainter::paintGutter(QPainter &painter, qreal centre) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    for (const Shown &shown : m_shown) {
        const std::optional<api::Agreement> state = stateOf(shown);
        if (!state || shown.block.layout()->lineCount() == 0)
            continue;
        const QRectF line = shown.block.layout()->lineAt(0).rect().translated(shown.rect.topLeft());
        const QPointF middle(centre, line.center().y());
        const bool isFaint = *state == api::Agreement::Agreed && !isFresh(shown);
        painter.setOpacity(isFaint ? 0.4 : 1.0);
        paintSign(painter, middle, *state);
        painter.setOpacity(1.0);
    }
}

QString PagePainter::gutterWords(qreal y) const
{
    for (const Shown &shown : m_shown) {
        const std::optional<api::Agreement> state = stateOf(shown);
        if (!state || y < shown.rect.top() || y >= shown.rect.bottom())
            continue;
        switch (*state) {
        case api::Agreement::Agreed:
            return QCoreApplication::translate("PagePainter", "Agreed");
        case api::Agreement::Pencil:
            return QCoreApplication::translate("PagePainter",
                                               "In pencil: not enough people have it yet");
        case api::Agreement::Disputed:
            return QCoreApplication::translate(
                "PagePainter", "Disputed: written on a computer that told two different stories");
        case api::Agreement::Unsent:
            return {};
        }
    }
    return {};
}

} // namespace nlbd::ui
