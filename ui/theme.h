#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QString>

#include <array>
#include <cstdint>

namespace nlbd::ui {

/// The colours of "reading room": paper, ink, a harbour blue and three clays for the three states.
/// These values feed the palette, the style sheet and everything that is painted by hand.
struct Theme {
    QColor page;   ///< where text is written
    QColor room;   ///< the window around it
    QColor raised; ///< buttons, cards
    QColor hover;
    QColor hairline; ///< decorative lines only
    QColor border;   ///< of fields and buttons
    QColor ink;
    QColor muted;
    QColor faint; ///< placeholders
    QColor accent;
    QColor onAccent;
    QColor link;
    QColor selection;
    QColor agreed;
    QColor pencil;
    QColor refused;
    QColor agreedBanner;
    QColor pencilBanner;
    QColor refusedBanner;
    std::array<QColor, 8> people; ///< by membership order
    QColor onPerson;              ///< a label on a person's colour
    double tint = 0.22;           ///< opacity of another's selection
    bool isDark = false;
};

enum class Appearance : std::uint8_t { System, Light, Dark };

[[nodiscard]] const Theme &lightTheme();
[[nodiscard]] const Theme &darkTheme();

/// The one in use.
[[nodiscard]] const Theme &theme();

/// Sets style, palette, font and style sheet of the application. Windows that are open repaint.
void applyTheme(Appearance appearance);
[[nodiscard]] Appearance appearance();

/// A colour of the theme by its role, for icons and small painters.
enum class Role : std::uint8_t { Ink, Muted, Faint, Accent, OnAccent, Agreed, Pencil, Refused };
[[nodiscard]] QColor colour(Role role);

/// An icon of resources/icons, drawn in the colour that the role has when it is painted.
[[nodiscard]] QIcon icon(const QString &name, Role role = Role::Muted);
/// The sign of the program, in its own colours.
[[nodiscard]] QIcon appIcon();

[[nodiscard]] QFont uiFont(int pixels = 13, QFont::Weight weight = QFont::Normal);
[[nodiscard]] QFont pageFont(int pixels = 19, QFont::Weight weight = QFont::Normal);
[[nodiscard]] QFont monoFont(int pixels = 13);

/// Relative contrast of two opaque colours, 1 to 21 (WCAG 2.2).
[[nodiscard]] double contrast(const QColor &one, const QColor &other);
/// `over` at `opacity` upon `under`, as an opaque colour.
[[nodiscard]] QColor blend(const QColor &over, const QColor &under, double opacity);

} // namespace nlbd::ui
