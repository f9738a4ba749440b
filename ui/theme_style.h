#pragma once

#include <QString>

namespace nlbd::ui {

struct Theme;

/// The one style sheet of the program. What a widget is, it says by its object name or by one of
/// the properties `kind` ("primary", "quiet", "card", "title", "caption") and `tone` ("refused",
/// "pencil", "agreed").
[[nodiscard]] QString styleSheet(const Theme &theme);

} // namespace nlbd::ui
