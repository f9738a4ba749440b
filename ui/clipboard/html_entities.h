#pragma once

#include <QString>

namespace nlbd::ui {

/// A character reference of HTML that begins with the "&" at the start of `text`: what it stands
/// for, and how many units it takes; an "&" that begins none is a letter.
struct HtmlReference {
    QString letters;
    qsizetype units = 1;
};
[[nodiscard]] HtmlReference htmlReference(QStringView text);

/// Text with its references replaced, as in the value of an attribute.
[[nodiscard]] QString withoutReferences(QStringView text);

} // namespace nlbd::ui
