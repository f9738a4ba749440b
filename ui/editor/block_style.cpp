#include "ui/editor/block_style.h"

#include "ui/code/code_language.h"
#include "ui/editor/page_zoom.h"
#include "ui/objects/embed.h"
#include "ui/theme.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace nlbd::ui {

namespace {

using Kind = BlockStyle::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 9> kKinds{{{"h1", Kind::Heading1},
                                                                   {"h2", Kind::Heading2},
                                                                   {"h3", Kind::Heading3},
                                                                   {"bullet", Kind::Bullet},
                                                                   {"number", Kind::Number},
                                                                   {"task", Kind::Task},
                                                                   {"quote", Kind::Quote},
                                                                   {"code", Kind::Code},
                                                                   {"divider", Kind::Divider}}};
constexpr qreal kItemWidth = 26;   ///< a marker, and what an item stands in by
constexpr qreal kNumberWidth = 34; ///< the same of "99.": longer ones are set smaller

std::string_view valueOf(const Attributes &attributes, std::string_view key)
{
    const auto found = attributes.find(key);
    return found == attributes.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view nameOf(Kind kind)
{
    const auto *found = std::ranges::find(kKinds, kind, &std::pair<std::string_view, Kind>::second);
    return found == kKinds.end() ? std::string_view() : found->first;
}

/// Sets or clears a key if it says something else.
void change(AttributeChanges &changes, const Attributes &from, const std::string &key,
            std::string_view value)
{
    if (valueOf(from, key) == value)
        return;
    changes[key] = value.empty() ? std::nullopt : std::optional(std::string(value));
}

} // namespace

BlockStyle blockStyleOf(const Attributes &attributes)
{
    BlockStyle style;
    const std::string_view name = valueOf(attributes, "block");
    const auto *found = std::ranges::find(kKinds, name, &std::pair<std::string_view, Kind>::first);
    if (found != kKinds.end())
        style.kind = found->second;
    if (style.kind == Kind::Code && isLanguageId(valueOf(attributes, "language")))
        style.language = valueOf(attributes, "language");
    if (!style.isItem())
        return style;
    const std::string_view indent = valueOf(attributes, "indent");
    std::from_chars(indent.data(), indent.data() + indent.size(), style.indent);
    style.indent = std::clamp(style.indent, 0, BlockStyle::kIndentMax);
    style.isDone = style.kind == Kind::Task && !valueOf(attributes, "done").empty();
    return style;
}

AttributeChanges changesTo(const BlockStyle &to, const Attributes &from)
{
    AttributeChanges changes;
    change(changes, from, "block", nameOf(to.kind));
    const bool isIn = to.isItem() && to.indent > 0;
    change(changes, from, "indent", isIn ? std::to_string(to.indent) : std::string());
    change(changes, from, "done", to.isDone ? "1" : "");
    change(changes, from, "language", to.kind == Kind::Code ? to.language : std::string());
    return changes;
}

QFont textFont(int pixels, QFont::Weight weight)
{
    return pageFont(PageZoom::instance().pixels(pixels), weight);
}

BlockMetrics metricsOf(const BlockStyle &style)
{
    const qreal zoom = PageZoom::instance().factor();
    const auto set = [zoom](const QFont &font, qreal lineHeight, qreal above, qreal left) {
        return BlockMetrics{font, lineHeight * zoom, above * zoom, left * zoom};
    };
    switch (style.kind) {
    case Kind::Title:
    case Kind::Heading1:
        return set(textFont(30, QFont::Bold), 38, style.kind == Kind::Title ? 0 : 20, 0);
    case Kind::Heading2:
        return set(textFont(25, QFont::Bold), 32, 16, 0);
    case Kind::Heading3:
        return set(textFont(21, QFont::Bold), 30, 12, 0);
    case Kind::Bullet:
    case Kind::Task:
        return set(textFont(), 28, 0, kItemWidth * (style.indent + 1));
    case Kind::Number:
        return set(textFont(), 28, 0, kItemWidth * style.indent + kNumberWidth);
    case Kind::Quote:
        return set(textFont(), 28, 0, 20);
    case Kind::Code:
        return set(monoFont(PageZoom::instance().pixels(15)), 24, 0, 14);
    case Kind::Divider:
    case Kind::Paragraph:
        break;
    }
    return set(textFont(), 28, 0, 0);
}

QTextCharFormat charFormatOf(const Attributes &marks, const BlockStyle &style)
{
    QTextCharFormat format;
    QFont font = metricsOf(style).font;
    if (marks.contains(kCode) && style.kind != Kind::Code) {
        font = monoFont(style.isHeading() ? font.pixelSize() - 3 : PageZoom::instance().pixels(16));
        format.setBackground(theme().room);
    }
    if (marks.contains(kBold))
        font.setBold(true);
    if (marks.contains(kItalic))
        font.setItalic(true);
    font.setStrikeOut(marks.contains(kStrike) || style.isDone);
    if (style.isDone)
        format.setForeground(theme().muted);
    if (style.kind == Kind::Quote)
        format.setForeground(theme().muted);
    if (marks.contains(kLink)) {
        format.setForeground(theme().link);
        font.setUnderline(true);
    }
    format.setFont(font, QTextCharFormat::FontPropertiesSpecifiedOnly);
    if (const auto embed = embedOf(marks))
        putEmbed(format, *embed);
    return format;
}

Attributes marksForTyping(const Attributes &before, const Attributes &after)
{
    Attributes marks;
    for (const auto &[key, value] : before) {
        const bool grows = key == kBold || key == kItalic || key == kStrike || key == kCode;
        if (grows || valueOf(after, key) == value)
            marks.emplace(key, value);
    }
    for (const char *ofBlocks : {"block", "indent", "done", "language", "embed"})
        marks.erase(ofBlocks);
    return marks;
}

} // namespace nlbd::ui
