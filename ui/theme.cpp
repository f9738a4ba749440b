#include "ui/theme.h"

#include "ui/stamp.h"
#include "ui/system_appearance.h"
#include "ui/theme_contrast.h"
#include "ui/theme_style.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QStyleFactory>
#include <QSvgRenderer>

#include <algorithm>
#include <cmath>

/// A static library's resources are linked in only when something names them. The macro wants the
/// global namespace.
static void useResources()
{
    static const bool isDone = [] {
        Q_INIT_RESOURCE(nlbd);
        return true;
    }();
    Q_UNUSED(isDone)
}

namespace nlbd::ui {

namespace {

QColor hex(unsigned rgb)
{
    return QColor::fromRgb(QRgb(0xFF000000U | rgb));
}

Theme makeLight()
{
    Theme t;
    t.page = hex(0xFFFDF8);
    t.room = hex(0xF4F1EA);
    t.raised = hex(0xFBF9F4);
    t.hover = hex(0xEAE5D9);
    t.hairline = hex(0xDDD7C9);
    t.border = hex(0x857C69);
    t.ink = hex(0x1E2430);
    t.muted = hex(0x565C68);
    t.faint = hex(0x666A73);
    t.accent = hex(0x1F5F7A);
    t.onAccent = hex(0xFFFFFF);
    t.link = hex(0x1A5A86);
    t.selection = hex(0xCFE3EA);
    t.agreed = hex(0x46682A);
    t.pencil = hex(0x855700);
    t.refused = hex(0xA63A24);
    t.agreedBanner = hex(0xE9F0DC);
    t.pencilBanner = hex(0xF8EDD6);
    t.refusedBanner = hex(0xF9E7E2);
    t.people = {hex(0x0E6AB8), hex(0x1B5543), hex(0x2D7C89), hex(0xAB5967),
                hex(0x2733A4), hex(0x553858), hex(0x4B4303), hex(0x807319)};
    t.onPerson = hex(0xFFFFFF);
    t.tint = 0.22;
    return t;
}

Theme makeDark()
{
    Theme t;
    t.page = hex(0x171A20);
    t.room = hex(0x1D2128);
    t.raised = hex(0x262B34);
    t.hover = hex(0x2C323C);
    t.hairline = hex(0x3A414D);
    t.border = hex(0x7C8494);
    t.ink = hex(0xECE7DB);
    t.muted = hex(0xB5B0A4);
    t.faint = hex(0x9A978E);
    t.accent = hex(0x7CC4DE);
    t.onAccent = hex(0x0E1A20);
    t.link = hex(0x8CC8F0);
    t.selection = hex(0x264653);
    t.agreed = hex(0xA9CF7C);
    t.pencil = hex(0xE8B75A);
    t.refused = hex(0xF2927B);
    t.agreedBanner = hex(0x232D1A);
    t.pencilBanner = hex(0x352B18);
    t.refusedBanner = hex(0x3A2520);
    t.people = {hex(0x688BF6), hex(0x4B956C), hex(0x2EDEC5), hex(0xEC778B),
                hex(0xD7A9FE), hex(0xCD5DB2), hex(0x968706), hex(0xF9B98D)};
    t.onPerson = hex(0x12151A);
    t.tint = 0.26;
    t.isDark = true;
    return t;
}

Appearance &chosen()
{
    static Appearance value = Appearance::System;
    return value;
}

bool &darkNow()
{
    static bool value = false;
    return value;
}

QPalette paletteOf(const Theme &t)
{
    QPalette p;
    p.setColor(QPalette::Window, t.room);
    p.setColor(QPalette::WindowText, t.ink);
    p.setColor(QPalette::Base, t.page);
    p.setColor(QPalette::AlternateBase, t.raised);
    p.setColor(QPalette::Text, t.ink);
    p.setColor(QPalette::Button, t.raised);
    p.setColor(QPalette::ButtonText, t.ink);
    p.setColor(QPalette::BrightText, t.refused);
    p.setColor(QPalette::Highlight, t.selection);
    p.setColor(QPalette::HighlightedText, t.ink);
    p.setColor(QPalette::Link, t.link);
    p.setColor(QPalette::LinkVisited, t.link);
    p.setColor(QPalette::PlaceholderText, t.faint);
    p.setColor(QPalette::ToolTipBase, t.raised);
    p.setColor(QPalette::ToolTipText, t.ink);
    p.setColor(QPalette::Light, t.raised);
    p.setColor(QPalette::Midlight, t.hover);
    p.setColor(QPalette::Mid, t.hairline);
    p.setColor(QPalette::Dark, t.border);
    p.setColor(QPalette::Shadow, t.hairline);
    for (const QPalette::ColorRole role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, t.faint);
    return p;
}

bool &highHere()
{
    static bool value = false;
    return value;
}

void useTheme(bool isDark)
{
    darkNow() = isDark;
    const Theme &t = theme();
    QApplication::setPalette(paletteOf(t));
    qApp->setStyleSheet(styleSheet(t));
}

QString firstFamily(std::initializer_list<const char *> names)
{
    const QStringList known = QFontDatabase::families();
    for (const char *name : names) {
        if (known.contains(QString::fromLatin1(name)))
            return QString::fromLatin1(name);
    }
    return {};
}

QFont fontOf(const QString &family, QFont::StyleHint hint, int pixels, QFont::Weight weight)
{
    QFont font = family.isEmpty() ? QFont() : QFont(family);
    font.setStyleHint(hint);
    font.setPixelSize(pixels);
    font.setWeight(weight);
    return font;
}

constexpr int kLargeIcon = 32;

/// Draws the SVG for each size and colour, so it is sharp on every screen and follows the theme
/// without being loaded again.
class StrokeIconEngine : public QIconEngine {
public:
    StrokeIconEngine(QString name, QByteArray svg, Role role)
        : m_name(std::move(name))
        , m_svg(std::move(svg))
        , m_role(role)
    {
    }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        const QColor ink =
            mode == QIcon::Disabled ? blend(theme().faint, theme().room, 0.55) : colour(m_role);
        const QString key = QStringLiteral("icon %1 %2").arg(m_name, ink.name());
        paintStamp(*painter, rect, key, [&](QPainter &onStamp) {
            QByteArray svg = m_svg;
            svg.replace("currentColor", ink.name().toLatin1());
            // Drawn on a grid of 24: a large sign keeps the stroke of a small one instead of
            // growing fat.
            if (rect.width() > kLargeIcon)
                svg.replace("stroke-width=\"1.75\"", "stroke-width=\"1.1\"");
            QSvgRenderer(svg).render(&onStamp, QRectF({}, rect.size()));
        });
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap result(size);
        result.fill(Qt::transparent);
        QPainter painter(&result);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return result;
    }

    QPixmap scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State state, qreal) override
    {
        return pixmap(size, mode, state);
    }

    [[nodiscard]] QIconEngine *clone() const override { return new StrokeIconEngine(*this); }

private:
    QString m_name;
    QByteArray m_svg;
    Role m_role;
};

double luminance(const QColor &colour)
{
    const auto channel = [](double value) {
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(colour.redF()) + 0.7152 * channel(colour.greenF())
        + 0.0722 * channel(colour.blueF());
}

} // namespace

const Theme &lightTheme()
{
    static const Theme value = makeLight();
    return value;
}

const Theme &darkTheme()
{
    static const Theme value = makeDark();
    return value;
}

const Theme &theme()
{
    if (isHighContrast())
        return highContrastTheme(darkNow());
    return darkNow() ? darkTheme() : lightTheme();
}

bool isHighContrast()
{
    return highHere() || SystemAppearance::instance().isHighContrast();
}

void setHighContrastHere(bool isHigh)
{
    if (highHere() == isHigh)
        return;
    highHere() = isHigh;
    if (!qApp->styleSheet().isEmpty()) // else the first theme is still to come
        useTheme(darkNow());
}

Appearance appearance()
{
    return chosen();
}

void applyTheme(Appearance appearance)
{
    chosen() = appearance;
    SystemAppearance &system = SystemAppearance::instance();
    static const bool isFollowing = [&system] {
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
        QApplication::setFont(uiFont());
        QObject::connect(&system, &SystemAppearance::changed, qApp, [&system] {
            if (chosen() == Appearance::System)
                useTheme(system.isDark());
        });
        QObject::connect(&system, &SystemAppearance::contrastChanged, qApp,
                         [] { useTheme(darkNow()); });
        return true;
    }();
    Q_UNUSED(isFollowing)
    useTheme(appearance == Appearance::Dark
             || (appearance == Appearance::System && system.isDark()));
}

QColor colour(Role role)
{
    switch (role) {
    case Role::Ink:
        return theme().ink;
    case Role::Muted:
        return theme().muted;
    case Role::Faint:
        return theme().faint;
    case Role::Accent:
        return theme().accent;
    case Role::OnAccent:
        return theme().onAccent;
    case Role::Agreed:
        return theme().agreed;
    case Role::Pencil:
        return theme().pencil;
    case Role::Refused:
        return theme().refused;
    }
    return theme().ink;
}

QIcon icon(const QString &name, Role role)
{
    static QHash<QString, QByteArray> known;
    auto found = known.constFind(name);
    if (found == known.constEnd()) {
        useResources();
        QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
        if (!file.open(QIODevice::ReadOnly))
            return {};
        found = known.insert(name, file.readAll());
    }
    return QIcon(new StrokeIconEngine(name, *found, role));
}

QIcon appIcon()
{
    useResources();
    return QIcon(QStringLiteral(":/icons/nlbd.svg"));
}

QFont uiFont(int pixels, QFont::Weight weight)
{
    static const QString family = firstFamily({"Inter", "Inter Variable"});
    return fontOf(family, QFont::SansSerif, pixels, weight);
}

QFont pageFont(int pixels, QFont::Weight weight)
{
    static const QString family =
        firstFamily({"Gentium Plus", "Gentium", "Noto Serif", "DejaVu Serif"});
    return fontOf(family, QFont::Serif, pixels, weight);
}

QFont monoFont(int pixels)
{
    static const QString family =
        firstFamily({"JetBrains Mono", "Noto Sans Mono", "DejaVu Sans Mono"});
    return fontOf(family, QFont::Monospace, pixels, QFont::Normal);
}

double contrast(const QColor &one, const QColor &other)
{
    const auto [low, high] = std::minmax({luminance(one), luminance(other)});
    return (high + 0.05) / (low + 0.05);
}

QColor blend(const QColor &over, const QColor &under, double opacity)
{
    const auto mix = [opacity](int a, int b) {
        return static_cast<int>(std::lround(a * opacity + b * (1 - opacity)));
    };
    return {mix(over.red(), under.red()), mix(over.green(), under.green()),
            mix(over.blue(), under.blue())};
}

} // namespace nlbd::ui
