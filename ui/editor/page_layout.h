#pragma once

#include "ui/editor/block_style.h"

#include <QPlainTextDocumentLayout>
#include <QTextBlock>
#include <QTextLayout>

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

class QWidget;

namespace nlbd::ui {

class PageLooks;

/// Lays out the blocks of a page as they look: fonts and line heights by what a block is, list
/// items and quotes standing in, formats of letters. A block is laid out when somebody asks how
/// high it is, so that a page of 100,000 costs what is on the screen; an edit of a block that is on
/// the screen lays it out once, and one elsewhere nothing.
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

    /// The same of a block that is on the screen, as it was laid out.
    [[nodiscard]] BlockStyle shownStyle(const QTextBlock &block) const;

    /// The looks of [from, to] have changed. While the document tells of an edit this waits for the
    /// edit's own layout, and is nothing more where that saw to it.
    void restyle(qsizetype from, qsizetype to);
    void restyleAll();

    /// In the edit that begins now, or no more: whoever edits says what it touches (touched()), as
    /// many places far apart are not everything that lies between them. Each is told as restyled()
    /// when the edit is over.
    enum class Edits : std::uint8_t { One, Many };
    void expect(Edits edits) { m_edits = edits; }
    [[nodiscard]] bool expectsMany() const { return m_edits == Edits::Many; }
    void touched(qsizetype at, qsizetype inserted);

    /// The blocks of the last paint, by their numbers: what is elsewhere needs no paint.
    void setPainted(int first, int last);

    /// How wide lines are that do not stand in.
    [[nodiscard]] qreal room() const;

    /// How often a block was laid out, since the beginning.
    [[nodiscard]] std::uint64_t layouts() const noexcept { return m_layouts; }

    /// Only this block is in full ink, all others are faint; no block ends that.
    void setLit(std::optional<QTextBlock> block);
    [[nodiscard]] const std::optional<QTextBlock> &lit() const { return m_lit; }

    /// Adds what letters of code look like besides; nothing ends that.
    using Ink = std::function<void(const QTextBlock &, QList<QTextLayout::FormatRange> &)>;
    void setInk(Ink ink) { m_ink = std::move(ink); }

    /// The number of a numbered item: after the last one of its list.
    [[nodiscard]] int numberOf(const QTextBlock &block) const;

Q_SIGNALS:
    void restyled(qsizetype from, qsizetype to);

protected:
    void documentChanged(int from, int removed, int added) override;
    void resizeInlineObject(QTextInlineObject object, int place,
                            const QTextFormat &format) override;
    void positionInlineObject(QTextInlineObject object, int place,
                              const QTextFormat &format) override;

private:
    struct Laid;
    struct Lists;
    /// What an edit or another look means for the screen.
    enum class Touch : std::uint8_t { Nothing, ThisBlock, AllBelow };

    static constexpr int kNowhere = -1;
    /// An object that Qt tried to put into a line; its engine may be gone after the layout.
    struct Tried {
        QTextInlineObject object;
        int place = kNowhere;
        QTextFormat format;
    };
    struct Refused {
        int line = 0; ///< of the block
        int place = kNowhere;
    };
    [[nodiscard]] std::vector<Refused> refusedIn(const QTextBlock &block, qreal width);
    void layWithout(int place, QTextLine &line, qreal width);

    [[nodiscard]] Laid *laid(const QTextBlock &block) const;
    [[nodiscard]] Laid &dataOf(QTextBlock block);
    Laid &lay(QTextBlock block);
    [[nodiscard]] QList<QTextLayout::FormatRange> formatsOf(const QTextBlock &block,
                                                            const BlockStyle &style) const;
    void setFormats(QTextLayout &layout, const QList<QTextLayout::FormatRange> &formats);
    void keepShaped(Laid &laid);
    Touch touch(QTextBlock block);
    void touchAll(QTextBlock first, const QTextBlock &last);

    const PageLooks &m_looks;
    const QWidget &m_viewport;
    std::optional<QTextBlock> m_lit;
    std::uint64_t m_layouts = 0;
    std::uint32_t m_generation = 0; ///< of how everything looks
    int m_blocks = 0;               ///< as the base class knows it
    int m_firstPainted = 0;
    int m_lastPainted = 0;
    Edits m_edits = Edits::One;
    bool m_isLayingEdit = false;
    bool m_isChanging = false; ///< the document tells of an edit that has not been laid out
    std::vector<std::pair<qsizetype, qsizetype>> m_restyledMeanwhile;
    std::shared_ptr<Lists> m_lists; ///< of blocks that are there
    Tried m_tried;                  ///< the last one of the line that is laid out
    int m_refused = kNowhere;       ///< the object there has no room
    QTextBlock m_first;             ///< after the last edit
    Ink m_ink;
};

} // namespace nlbd::ui
