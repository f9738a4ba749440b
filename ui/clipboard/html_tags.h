#pragma once

#include <QString>

#include <cstdint>
#include <optional>
#include <string>

namespace nlbd::ui {

/// What an element does, as far as it matters here.
enum class HtmlRole : std::uint8_t {
    Unknown, ///< looks like what it stands in
    Hidden,  ///< nothing of it is read
    Void,    ///< no end
    Break,
    Rule,
    CheckBox,
    Bold,
    Italic,
    Strike,
    Code,
    Link,
    Block,
    Heading1,
    Heading2,
    Heading3,
    Bullets,
    Numbers,
    Item,
    Quote,
    Preformatted,
    Row,
    Cell
};

/// True for what begins and ends lines.
[[nodiscard]] bool isBlockRole(HtmlRole role);

/// What HTML folds.
[[nodiscard]] bool isHtmlBlank(QChar unit);

/// A tag, and what is used of its attributes.
struct HtmlTag {
    std::string name; ///< ASCII, lower case; empty for what is no element
    HtmlRole role = HtmlRole::Unknown;
    bool isEnd = false;
    QString address;
    QString style;
    QString type;
    bool isChecked = false;
    qsizetype units = 0; ///< that it takes of the text
};

/// The tag that begins with the "<" at the start of `text`; nothing if that is a letter. A comment,
/// or what else is no element, is a tag without a name. @complexity linear in what it takes.
[[nodiscard]] std::optional<HtmlTag> htmlTag(QStringView text);

/// One property of a style attribute, in lower case; empty if it has none.
[[nodiscard]] QString propertyOf(const QString &style, const char *name);

} // namespace nlbd::ui
