#pragma once

#include <QFont>
#include <QPainter>
#include <QTextBlock>

#include <optional>

namespace nlbd::ui {

/// What somebody is typing, as it is drawn: behind the end of its line, where it will stand, or in
/// a bubble under its place, which moves nothing of the text. It is paint: no caret enters it, and
/// no copy, search, export or screen reader knows it.
struct PagePreview {
    QString text; ///< as it is shown
    QFont font;
    QRectF rect; ///< in the viewport
    qreal baseline = 0;
    bool isBubble = false;
};

/// One line of characters that are seen: nothing in it acts on what stands beside it.
[[nodiscard]] QString previewShown(const QString &text);

/// Lays out a preview at a place of a block whose lines are laid out and whose rectangle is
/// `blockRect`. `taken` is what other previews at the same place take already. Nothing if there is
/// no line.
[[nodiscard]] std::optional<PagePreview> layPreview(const QTextBlock &block,
                                                    const QRectF &blockRect, int inside,
                                                    const QString &text, qreal taken,
                                                    const QRectF &clip);

/// In the colour of its person.
void paintPreview(QPainter &painter, const PagePreview &preview, const QColor &colour);

} // namespace nlbd::ui
