#pragma once

#include "ui/editor/block_style.h"

namespace nlbd::ui {

/// What is on the screen, to be found there again after others' edits.
struct PageStand {
    qsizetype caret = 0;
    qsizetype anchor = 0;
    qsizetype held = 0;    ///< the place whose line keeps its height on the screen
    int heldLine = 0;      ///< that line, counted from the top of the screen
    int heldHeight = 0;    ///< its y in this widget
    bool wasMoved = false; ///< by an undo of this person
};

/// Of the block that a break ends, and of the one after it, where they are to be something
/// else.
struct BlockBreak {
    BlockStyle first;
    BlockStyle second;
};

} // namespace nlbd::ui
