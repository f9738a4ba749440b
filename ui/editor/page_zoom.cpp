#include "ui/editor/page_zoom.h"

#include "ui/settings.h"

#include <QAbstractScrollArea>
#include <QCoreApplication>
#include <QWheelEvent>

#include <algorithm>
#include <array>
#include <cmath>

namespace nlbd::ui {

namespace {

constexpr std::array<int, 13> kSteps{50, 67, 80, 90, 100, 110, 125, 150, 175, 200, 225, 250, 300};
constexpr int kNotch = 120; // of a wheel, in eighths of a degree
const QString kSetting = QStringLiteral("zoom");

} // namespace

PageZoom &PageZoom::instance()
{
    static PageZoom *const one = new PageZoom;
    return *one;
}

PageZoom::PageZoom()
    : QObject(QCoreApplication::instance())
    , m_percent(std::clamp(settings::value(kSetting, 100).toInt(), kLeast, kMost))
{
}

int PageZoom::pixels(int atHundred) const noexcept
{
    return std::max(6, static_cast<int>(std::lround(atHundred * factor())));
}

void PageZoom::set(int percent)
{
    percent = std::clamp(percent, kLeast, kMost);
    if (percent == m_percent)
        return;
    m_percent = percent;
    settings::keep(kSetting, percent);
    Q_EMIT changed(percent);
}

void PageZoom::step(int by)
{
    if (by > 0) {
        const auto *next = std::ranges::upper_bound(kSteps, m_percent);
        set(next == kSteps.end() ? kMost : *next);
    } else {
        const auto *next = std::ranges::lower_bound(kSteps, m_percent);
        set(next == kSteps.begin() ? kLeast : *std::prev(next));
    }
}

void PageZoom::follow(QAbstractScrollArea &page)
{
    page.viewport()->installEventFilter(this);
}

bool PageZoom::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Wheel) {
        const auto *wheel = static_cast<QWheelEvent *>(event);
        if (wheel->modifiers().testFlag(Qt::ControlModifier)) {
            m_turned += wheel->angleDelta().y();
            for (; m_turned >= kNotch; m_turned -= kNotch)
                step(1);
            for (; m_turned <= -kNotch; m_turned += kNotch)
                step(-1);
            return true;
        }
    }
    return QObject::eventFilter(watched, event);
}

} // namespace nlbd::ui
