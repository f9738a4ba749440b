#pragma once

#include "core/base/attributes.h"
#include "ui/editor/block_style.h"

#include <QString>

#include <optional>

namespace nlbd::ui {

/// What something beside typing does to a page: a link, a picture, a choice of a menu. Places are
/// in UTF-16 units of the text as it is shown.
struct PageChange {
    qsizetype from = 0;
    qsizetype to = 0;
    /// What comes in the place of [from, to); nothing: it stays.
    std::optional<QString> text = {};
    AttributeChanges letters = {}; ///< of what comes or stays
    qsizetype plainTail = 0;       ///< units at its end that `letters` are not for
    /// What the block becomes in which it begins then; nothing: it stays what it is.
    std::optional<BlockStyle> first = {};
    /// And the others, to its end. Nothing: blocks that come, and what stands behind the last of
    /// them, are paragraphs.
    std::optional<BlockStyle> rest = {};
    qsizetype plainHead = 0; ///< units at its beginning that `letters` are not for
};

} // namespace nlbd::ui
