#pragma once

#include "ui/editor/block_style.h"

namespace nlbd::ui {

class DocumentView;

/// What is on the screen, to be found there again after others' edits.
struct PageStand {
    qsizetype caret = 0;
    qsizetype anchor = 0;
    qsizetype held = 0;    ///< the place whose line keeps its height on the screen
    int heldLine = 0;      ///< that line, counted from the top of the screen
    int heldHeight = 0;    ///< its y in this widget
    bool wasMoved = false; ///< by an undo of this person
};

/// What is read on a page stays where it is on the screen, whatever comes above it.
class StandKeeper {
public:
    explicit StandKeeper(DocumentView &page) // which has it
        : m_page(page)
    {
    }
    [[nodiscard]] PageStand take() const;
    void restore(const PageStand &stand);
    void hold(const PageStand &stand); ///< the height alone
    void letGo();                      ///< somebody scrolls: the page begins where it should
    void movedTo(int top);             ///< the page itself, in its window: a row came above it
    /// Of the page, in pixels: lines scroll by the line, and the rest is taken from its margin.
    [[nodiscard]] int shift() const { return m_shift; }

private:
    [[nodiscard]] int heightOn(qsizetype place) const;

    DocumentView &m_page;
    int m_shift = 0;
    int m_top = 0;
    bool m_isHolding = false;
};

/// Of the block that a break ends, and of the one after it, where they are to be something
/// else.
struct BlockBreak {
    BlockStyle first;
    BlockStyle second;
};

} // namespace nlbd::ui
