#pragma once

#include "ui/editor/block_style.h"

#include <QPlainTextDocumentLayout>
#include <QTextBlock>

#include <optional>

class QWidget;

namespace nlbd::ui {

class PageLooks;

/// Lays out the blocks of a page as they look: fonts and line heights by what a block is, list
/// items and quotes standing in, formats of letters. A block is laid out when somebody asks how
/// high it is, so that a page of 100,000 costs what is on the screen.
///
/// Formats live in the layouts of the blocks alone, as those of a highlighter do: the document
/// holds plain text, and no edit of it can take a format along.
class PageLayout : public QPlainTextDocumentLayout {
    Q_OBJECT

public:
    /// All are borrowed and must outlive it.
    PageLayout(QTextDocument *document, const PageLooks &looks, const QWidget &viewport);

    [[nodiscard]] QRectF blockBoundingRect(const QTextBlock &block) const override;

    /// What a block is; the first line is the title unless its attributes say otherwise, and an
    /// empty one as soon as something is typed there.
    enum class Empty : std::uint8_t { AsItIs, AsTyped };
    [[nodiscard]] BlockStyle styleOf(const QTextBlock &block, Empty empty = Empty::AsItIs) const;

    /// The looks of [from, to] have changed.
    void restyle(qsizetype from, qsizetype to);

    /// Only this block is in full ink, all others are faint; no block ends that.
    void setLit(std::optional<QTextBlock> block);
    [[nodiscard]] const std::optional<QTextBlock> &lit() const { return m_lit; }

    /// The number of a numbered item: after the last one of its list.
    [[nodiscard]] int numberOf(const QTextBlock &block) const;

Q_SIGNALS:
    void restyled(qsizetype from, qsizetype to);

private:
    [[nodiscard]] qreal lineWidth(const BlockMetrics &metrics) const;
    void lay(QTextBlock block, const BlockMetrics &metrics, const BlockStyle &style);

    const PageLooks &m_looks;
    const QWidget &m_viewport;
    std::optional<QTextBlock> m_lit;
};

} // namespace nlbd::ui
