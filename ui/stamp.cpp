#include "ui/stamp.h"

#include <QPainter>
#include <QPixmap>
#include <QPixmapCache>

#include <cmath>

namespace nlbd::ui {

namespace {

constexpr qreal kAreaMax = 4096; // what is larger is rare, and would push out the others

bool isWhole(qreal value)
{
    return std::abs(value - std::round(value)) < 0.01;
}

/// On whole pixels of a screen, neither turned nor scaled.
bool canKeep(const QPainter &painter, const QRectF &place, qreal ratio)
{
    const QTransform &transform = painter.worldTransform();
    const QPointF corner = transform.map(place.topLeft()) * ratio;
    return transform.type() <= QTransform::TxTranslate && place.width() * place.height() <= kAreaMax
        && isWhole(corner.x()) && isWhole(corner.y())
        && painter.device()->devType() != QInternal::Printer;
}

} // namespace

void paintStamp(QPainter &painter, const QRectF &place, const QString &key,
                const std::function<void(QPainter &)> &draw)
{
    const qreal ratio = painter.device()->devicePixelRatioF();
    if (!canKeep(painter, place, ratio)) {
        painter.save();
        painter.translate(place.topLeft());
        draw(painter);
        painter.restore();
        return;
    }
    const auto number = [](qreal value) { // cheaper than one with a point
        return QString::number(static_cast<int>(std::lround(value * 64)));
    };
    const QString whole = QLatin1StringView("nlbd ") + number(ratio) + u' ' + number(place.width())
        + u' ' + number(place.height()) + u' ' + key;
    QPixmap picture;
    if (!QPixmapCache::find(whole, &picture)) {
        const QSizeF size(place.width() + 2 * kStampMargin, place.height() + 2 * kStampMargin);
        picture = QPixmap(QSize(static_cast<int>(std::ceil(size.width() * ratio)),
                                static_cast<int>(std::ceil(size.height() * ratio))));
        picture.setDevicePixelRatio(ratio);
        picture.fill(Qt::transparent);
        QPainter first(&picture);
        first.setRenderHints(painter.renderHints());
        first.translate(kStampMargin, kStampMargin);
        draw(first);
        first.end();
        QPixmapCache::insert(whole, picture);
    }
    painter.drawPixmap(place.topLeft() - QPointF(kStampMargin, kStampMargin), picture);
}

} // namespace nlbd::ui
