#include "ui/editor/page_signs.h"

#include "ui/editor/page_painter.h"
#include "ui/stamp.h"
#include "ui/theme.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace nlbd::ui {

namespace {

constexpr qreal kFlagSize = 6;
constexpr qreal kHalf = 8;        ///< of a sign, and what it may draw beside it
constexpr qreal kDashesWide = 24; ///< five dashes with their gaps
constexpr qreal kDashesHigh = 3;

void paintTick(QPainter &painter, QPointF c)
{
    painter.setPen(QPen(theme().agreed, 1.75, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    QPainterPath path(c + QPointF(-5, 0.5));
    path.lineTo(c + QPointF(-1.5, 4));
    path.lineTo(c + QPointF(5.5, -4));
    painter.drawPath(path);
}

void paintDots(QPainter &painter, QPointF c)
{
    QPen pen(theme().pencil, 1.75, Qt::CustomDashLine, Qt::FlatCap);
    pen.setDashPattern({1.35, 1.01});
    painter.setPen(pen);
    painter.drawEllipse(c, 4.5, 4.5);
}

void paintStripes(QPainter &painter, QPointF c)
{
    painter.setPen(QPen(theme().refused, 1.75, Qt::SolidLine, Qt::RoundCap));
    for (const qreal x : {-4.0, 0.0, 4.0})
        painter.drawLine(c + QPointF(x - 2, 4.5), c + QPointF(x + 2, -4.5));
}

/// About its middle, on whole pixels.
QRectF placeOf(QPointF middle)
{
    return {std::round(middle.x()) - kHalf, std::round(middle.y()) - kHalf, 2 * kHalf, 2 * kHalf};
}

} // namespace

void paintSign(QPainter &painter, QPointF middle, api::Agreement state)
{
    const bool isDisputed = state == api::Agreement::Disputed;
    const bool isPencil = state == api::Agreement::Pencil;
    const QColor colour = isDisputed ? theme().refused : isPencil ? theme().pencil : theme().agreed;
    const QString key = QLatin1StringView(isDisputed     ? "stripes"
                                              : isPencil ? "dots"
                                                         : "tick")
        + colour.name();
    paintStamp(painter, placeOf(middle), key, [&](QPainter &onStamp) {
        onStamp.setBrush(Qt::NoBrush);
        const QPointF centre(kHalf, kHalf);
        if (isDisputed)
            paintStripes(onStamp, centre);
        else if (isPencil)
            paintDots(onStamp, centre);
        else
            paintTick(onStamp, centre);
    });
}

void paintDashes(QPainter &painter, qreal left, qreal right, qreal y)
{
    const QColor colour = theme().pencil;
    const QString key = QStringLiteral("dashes") + colour.name();
    const auto draw = [&colour](QPainter &onStamp) {
        QPen pen(colour, 1.6, Qt::CustomDashLine, Qt::FlatCap);
        pen.setDashPattern({1.6, 1.4});
        onStamp.setPen(pen);
        onStamp.drawLine(QPointF(0, kDashesHigh / 2), QPointF(kDashesWide, kDashesHigh / 2));
    };
    QRectF place(std::round(left), std::round(y - kDashesHigh / 2), kDashesWide, kDashesHigh);
    painter.save();
    painter.setClipRect(QRect(place.topLeft().toPoint(),
                              QPoint(static_cast<int>(std::round(right)) - 1,
                                     static_cast<int>(place.bottom()) - 1)),
                        Qt::IntersectClip);
    for (; place.left() < right; place.translate(kDashesWide, 0))
        paintStamp(painter, place, key, draw);
    painter.restore();
}

void paintFlag(QPainter &painter, QPointF middle, const CaretLook &look, const QColor &paint)
{
    const QString key = QStringLiteral("flag %1 %2").arg(paint.name()).arg(look.hasSecondRing);
    paintStamp(painter, placeOf(middle), key, [&](QPainter &onStamp) {
        onStamp.setPen(Qt::NoPen);
        onStamp.setBrush(paint);
        onStamp.drawEllipse(QPointF(kHalf, kHalf), kFlagSize / 2, kFlagSize / 2);
        if (!look.hasSecondRing)
            return;
        onStamp.setPen(QPen(paint, 1.2));
        onStamp.setBrush(Qt::NoBrush);
        onStamp.drawEllipse(QPointF(kHalf, kHalf), kFlagSize / 2 + 2, kFlagSize / 2 + 2);
    });
}

void paintName(QPainter &painter, const QRectF &caret, const QString &name, const QColor &paint,
               const QRectF &clip)
{
    const QFont font = uiFont(11, QFont::DemiBold);
    const qreal width = std::ceil(QFontMetricsF(font).horizontalAdvance(name)) + 10;
    QRectF label(caret.left(), std::round(caret.top()) - 14, width, 16);
    if (label.top() < clip.top())
        label.moveTop(std::round(caret.bottom()) - 1);
    if (label.right() > clip.right())
        label.moveRight(std::round(std::max(clip.right(), caret.right())));
    const QString key = QStringLiteral("name %1 %2 %3 %4")
                            .arg(paint.name(), theme().onPerson.name(), font.key(), name);
    paintStamp(painter, label, key, [&](QPainter &onStamp) {
        const QRectF whole(QPointF(), label.size());
        onStamp.setPen(Qt::NoPen);
        onStamp.setBrush(paint);
        onStamp.drawRoundedRect(whole, 3, 3);
        onStamp.setPen(theme().onPerson);
        onStamp.setFont(font);
        onStamp.drawText(whole, Qt::AlignCenter, name);
    });
}

} // namespace nlbd::ui
