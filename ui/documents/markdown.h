#pragma once

#include "ui/editor/page_looks.h"

#include <QString>

namespace nlbd::ui {

/// A page as Markdown (CommonMark 0.30, with strikethrough and tasks of GFM): what it reads back as
/// is the same text with the same blocks and marks, but for blank lines and blanks at the ends of
/// lines. Letters that Markdown would take for signs are escaped. May be called on any thread.
/// @complexity linear.
/// `first`: a page's first line is its title, that of a part of one is not.
enum class FirstLine : std::uint8_t { AsTitle, AsItIs };
[[nodiscard]] QString toMarkdown(const QString &text, const PageLooks &looks,
                                 FirstLine first = FirstLine::AsTitle);

} // namespace nlbd::ui
