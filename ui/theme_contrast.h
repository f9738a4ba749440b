#pragma once

#include "ui/theme.h"

namespace nlbd::ui {

/// For who needs strong contrast: the page pure white or black, pure ink, borders of ink. States
/// and people keep their shapes, words and hues; colours are as strong as it takes to be told from
/// the page by kHighContrast.
[[nodiscard]] const Theme &highContrastTheme(bool isDark);
inline constexpr double kHighContrast = 7.0; ///< WCAG 2.2, AAA

/// Here by wish, or because the desktop asks for it (the portal's `contrast`).
[[nodiscard]] bool isHighContrast();
/// This person's own wish; the desktop's holds besides. Windows that are open repaint.
void setHighContrastHere(bool isHigh);

} // namespace nlbd::ui
