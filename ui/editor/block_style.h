#pragma once

#include "core/base/attributes.h"

#include <QFont>
#include <QTextCharFormat>

namespace nlbd::ui {

/// What a block of the page is, as its attributes say ("block", "indent", "done", "language"). What
/// is unknown here is a paragraph.
struct BlockStyle {
    enum class Kind : std::uint8_t {
        Paragraph,
        Title, ///< the first line, unless it is something else: never said in attributes
        Heading1,
        Heading2,
        Heading3,
        Bullet,
        Number,
        Task,
        Quote,
        Code,
        Divider
    } kind = Kind::Paragraph;
    int indent = 0; ///< of list items, 0 to kIndentMax
    bool isDone = false;
    std::string language = {}; ///< of code; empty: plain, or nothing that is a name of one

    static constexpr int kIndentMax = 8;
    [[nodiscard]] bool isItem() const noexcept
    {
        return kind == Kind::Bullet || kind == Kind::Number || kind == Kind::Task;
    }
    /// Tab moves it in.
    [[nodiscard]] bool canShift() const noexcept { return isItem() || kind == Kind::Code; }
    [[nodiscard]] bool isHeading() const noexcept
    {
        return kind == Kind::Heading1 || kind == Kind::Heading2 || kind == Kind::Heading3;
    }
    friend bool operator==(const BlockStyle &, const BlockStyle &) = default;
};

[[nodiscard]] BlockStyle blockStyleOf(const Attributes &attributes);
/// True for what belongs to a block, not to its letters.
[[nodiscard]] inline bool isOfBlock(std::string_view key)
{
    return key == "block" || key == "done" || key == "indent" || key == "language";
}

/// What makes a block of `from` one of `to`; empty if nothing differs.
[[nodiscard]] AttributeChanges changesTo(const BlockStyle &to, const Attributes &from);

/// The font of the page, as large as pages are set now; `pixels` are at 100 %.
[[nodiscard]] QFont textFont(int pixels = 19, QFont::Weight weight = QFont::Normal);

/// How a block is set: pixels, as large as pages are set now.
struct BlockMetrics {
    QFont font;
    qreal lineHeight = 28;
    qreal above = 0;
    qreal left = 0; ///< the text stands in by so much; markers stand left of it
};
[[nodiscard]] BlockMetrics metricsOf(const BlockStyle &style);

/// How letters with these formats look in a block.
[[nodiscard]] QTextCharFormat charFormatOf(const Attributes &marks, const BlockStyle &style);

/// Formats that the page knows and shows; "1" where they are set.
inline constexpr const char *kBold = "bold";
inline constexpr const char *kItalic = "italic";
inline constexpr const char *kStrike = "strike";
inline constexpr const char *kCode = "code";
inline constexpr const char *kLink = "link"; ///< its value is the address

/// How a letter that is typed between two others probably looks, until the engine says how it does:
/// like the one before it in what grows, like both in what does not.
[[nodiscard]] Attributes marksForTyping(const Attributes &before, const Attributes &after);

} // namespace nlbd::ui
