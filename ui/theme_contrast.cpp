#include "ui/theme_contrast.h"

namespace nlbd::ui {

namespace {

/// The colour, towards `ink` as far as it must go to be told from `page`.
QColor strong(const QColor &colour, const QColor &ink, const QColor &page)
{
    constexpr int kSteps = 50;
    for (int i = 0; i < kSteps; ++i) {
        const QColor mixed = blend(ink, colour, static_cast<double>(i) / kSteps);
        if (contrast(mixed, page) >= kHighContrast)
            return mixed;
    }
    return ink;
}

Theme make(const Theme &usual)
{
    Theme t = usual;
    const QColor page = t.isDark ? QColor(Qt::black) : QColor(Qt::white);
    const QColor ink = t.isDark ? QColor(Qt::white) : QColor(Qt::black);
    for (QColor *ground : {&t.page, &t.room, &t.raised, &t.agreedBanner, &t.pencilBanner,
                           &t.refusedBanner, &t.onAccent, &t.onPerson})
        *ground = page;
    for (QColor *line : {&t.ink, &t.muted, &t.hairline, &t.border})
        *line = ink;
    t.faint = blend(ink, page, 0.75);
    t.hover = blend(ink, page, 0.16);
    for (QColor *sign : {&t.accent, &t.link, &t.agreed, &t.pencil, &t.refused})
        *sign = strong(*sign, ink, page);
    for (QColor &person : t.people)
        person = strong(person, ink, page);
    return t;
}

} // namespace

const Theme &highContrastTheme(bool isDark)
{
    static const Theme light = make(lightTheme());
    static const Theme dark = make(darkTheme());
    return isDark ? dark : light;
}

} // namespace nlbd::ui
