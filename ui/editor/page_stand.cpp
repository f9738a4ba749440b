#include "ui/editor/page_stand.h"

#include "ui/editor/document_view.h"

#include <QScopedValueRollback>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextLayout>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kHeldTurns = 8;    ///< lines scrolled to bring the held one back to its height
constexpr int kMarginUp = 24;    ///< pixels that the page may move up, of the margin above it
constexpr int kMarginDown = 48;  ///< and down: together more than a line of the largest heading
constexpr int kLaidOutMax = 400; ///< blocks measured to keep the line that is being read in place

/// The line of the whole document on which a place stands.
int lineOf(const QTextDocument &document, qsizetype place)
{
    const QTextBlock block = document.findBlock(static_cast<int>(place));
    if (!block.isValid())
        return 0;
    const QTextLine line =
        block.layout()->lineForTextPosition(static_cast<int>(place) - block.position());
    return block.firstLineNumber() + (line.isValid() ? line.lineNumber() : 0);
}

} // namespace

PageStand StandKeeper::take() const
{
    PageStand stand;
    const QTextCursor cursor = m_page.textCursor();
    stand.caret = cursor.position();
    stand.anchor = cursor.anchor();
    const QRect caret = m_page.cursorRect();
    const bool isCaretShown = m_page.viewport()->rect().intersects(caret);
    const int top = m_page.verticalScrollBar()->value();
    stand.held = stand.caret;
    if (!isCaretShown) {
        const QTextBlock block = m_page.firstVisibleBlock();
        const int line = std::clamp(top - block.firstLineNumber(), 0,
                                    std::max(0, block.layout()->lineCount() - 1));
        const bool isLaidOut = block.layout()->lineCount() > 0;
        stand.held = block.position() + (isLaidOut ? block.layout()->lineAt(line).textStart() : 0);
    }
    stand.heldLine = lineOf(*m_page.document(), stand.held) - top;
    stand.heldHeight = heightOn(stand.held);
    return stand;
}

/// The y of a place's line in this widget, wherever the text begins in it.
int StandKeeper::heightOn(qsizetype place) const
{
    QTextCursor cursor(m_page.document());
    cursor.setPosition(static_cast<int>(place));
    return m_page.viewport()->y() + m_page.cursorRect(cursor).top();
}

/// A page scrolls by lines, which are not of one height: where no line at the top leaves the held
/// one where it was, the page itself moves by the rest, less than a line.
void StandKeeper::hold(const PageStand &stand)
{
    const QScopedValueRollback isHolding(m_isHolding, true);
    QScrollBar &bar = *m_page.verticalScrollBar();
    const auto tooLow = [&] { return heightOn(stand.held) - m_shift - stand.heldHeight; };
    int step = 0;
    for (int i = 0; i < kHeldTurns; ++i) {
        const int low = tooLow();
        const int wanted = low > kMarginUp ? 1 : low < -kMarginDown ? -1 : 0;
        const int before = bar.value();
        if (wanted == 0 || wanted == -step)
            break;
        step = wanted;
        bar.setValue(before + step);
        if (bar.value() == before)
            break;
    }
    const int shift = std::clamp(-tooLow(), -kMarginUp, kMarginDown);
    if (shift == m_shift)
        return;
    m_shift = shift;
    m_page.layMargins();
}

/// The next time that somebody scrolls, the page begins where it should.
void StandKeeper::letGo()
{
    if (m_shift == 0 || m_isHolding || m_page.m_isApplying)
        return;
    m_shift = 0;
    m_page.layMargins();
}

void StandKeeper::restore(const PageStand &stand)
{
    QTextCursor cursor = m_page.textCursor();
    if (cursor.position() != stand.caret || cursor.anchor() != stand.anchor) {
        cursor.setPosition(static_cast<int>(stand.anchor));
        cursor.setPosition(static_cast<int>(stand.caret), QTextCursor::KeepAnchor);
        m_page.setTextCursor(cursor);
    }
    if (stand.wasMoved) {
        m_page.ensureCursorVisible();
        return;
    }
    // Lines are counted as they are laid out: measure what came in above the held line.
    QTextBlock block = m_page.document()->findBlock(static_cast<int>(stand.held));
    for (int i = 0; i < kLaidOutMax && block.isValid(); ++i, block = block.previous()) {
        if (block.layout()->lineCount() == 0)
            static_cast<void>(m_page.blockBoundingRect(block));
    }
    const int line = lineOf(*m_page.document(), stand.held);
    m_page.verticalScrollBar()->setValue(line - stand.heldLine);
    hold(stand);
}

/// Where its top is in the window. At the very beginning of a text nothing is held: that would hide
/// its name.
void StandKeeper::movedTo(int top)
{
    const int by = top - std::exchange(m_top, top);
    if (by == 0 || !m_page.isOpen() || m_page.verticalScrollBar()->value() == 0)
        return;
    PageStand stand = take();
    stand.heldHeight -= by;
    hold(stand);
}

} // namespace nlbd::ui
