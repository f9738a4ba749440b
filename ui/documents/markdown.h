#pragma once

#include "ui/editor/page_looks.h"

#include <QString>

#include <map>

namespace nlbd::ui {

/// A picture in a file of its own.
struct MarkdownPicture {
    QString name;    ///< in words, for whoever does not see it
    QString address; ///< from where the Markdown is
};
using MarkdownPictures = std::map<Hash, MarkdownPicture>;

/// A page's first line is its title, that of a part of one is not.
enum class FirstLine : std::uint8_t { AsTitle, AsItIs };

/// A page as Markdown (CommonMark 0.30, with strikethrough and tasks of GFM): what it reads back as
/// is the same text with the same blocks and marks, but for blank lines and blanks at the ends of
/// lines. Letters that Markdown would take for signs are escaped. Letters that stand for these
/// pictures become images; other objects should be words already. May be called on any thread.
/// @complexity linear.
[[nodiscard]] QString toMarkdown(const QString &text, const PageLooks &looks,
                                 FirstLine first = FirstLine::AsTitle,
                                 const MarkdownPictures &pictures = {});

} // namespace nlbd::ui
