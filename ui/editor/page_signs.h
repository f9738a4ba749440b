#pragma once

#include "core/api/agreement.h"

#include <QColor>
#include <QPointF>
#include <QString>

class QPainter;
class QRectF;

namespace nlbd::ui {

struct CaretLook;

/// What is drawn beside and over the text of a page, each as a picture that was kept (stamp.h): a
/// page shows some forty of them, and each key paints them.

/// What a block's text is, about a place in the gutter: a tick, dots, or stripes.
void paintSign(QPainter &painter, QPointF middle, api::Agreement state);
/// The pencil's line from `left` to `right`, about `y`.
void paintDashes(QPainter &painter, qreal left, qreal right, qreal y);
/// The dot on a caret; a second computer of one person has a ring about it.
void paintFlag(QPainter &painter, QPointF middle, const CaretLook &look, const QColor &paint);
/// Whose caret it is, above it or, where that is outside of what is painted, below.
void paintName(QPainter &painter, const QRectF &caret, const QString &name, const QColor &paint,
               const QRectF &clip);

} // namespace nlbd::ui
