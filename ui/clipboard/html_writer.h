#pragma once

#include "ui/clipboard/fragment.h"

namespace nlbd::ui {

/// A fragment as HTML for other programs: elements without style sheets; fromHtml reads the same
/// out of it again, but for blanks at the ends of lines. @complexity linear.
[[nodiscard]] QString toHtml(const Fragment &fragment);

} // namespace nlbd::ui
