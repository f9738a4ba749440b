#pragma once

#include "ui/editor/page_looks.h"

#include <QString>

namespace nlbd::ui {

/// A page as Markdown (CommonMark 0.30, with strikethrough and tasks of GFM): what it reads back as
/// is the same text with the same blocks and marks, but for blank lines and blanks at the ends of
/// lines. Letters that Markdown would take for signs are escaped. May be called on any thread.
/// @complexity linear.
[[nodiscard]] QString toMarkdown(const QString &text, const PageLooks &looks);

} // namespace nlbd::ui
