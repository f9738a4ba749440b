#pragma once

#include <QString>

#include <functional>

class QPainter;
class QRectF;

namespace nlbd::ui {

/// Draws something small that looks the same each time, from a picture of it that was kept. Shapes
/// with smooth edges cost a hundred times what a picture of them does, and signs and faces are
/// drawn again with whatever changes beside them.
///
/// `draw` gets a painter on which `place` begins at (0, 0); it may draw up to `kStampMargin` beside
/// it. `key` must differ where what it draws does, the colours of the theme included; size and
/// scale of the screen need not be in it. Where the picture would not come to lie on whole pixels
/// it is drawn each time.
inline constexpr int kStampMargin = 4;
void paintStamp(QPainter &painter, const QRectF &place, const QString &key,
                const std::function<void(QPainter &)> &draw);

} // namespace nlbd::ui
