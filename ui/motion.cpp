#include "ui/motion.h"

#include "ui/settings.h"
#include "ui/system_appearance.h"

#include <QApplication>

namespace nlbd::ui {

namespace {

const QString kSetting = QStringLiteral("lessMotion");

} // namespace

Motion &Motion::instance()
{
    static Motion *const one = new Motion;
    return *one;
}

Motion::Motion()
    : QObject(qApp)
    , m_isReducedHere(settings::value(kSetting, false).toBool())
    , m_blinkMillis(QApplication::cursorFlashTime())
{
    for (const Qt::UIEffect effect : {Qt::UI_AnimateMenu, Qt::UI_FadeMenu, Qt::UI_AnimateCombo,
                                      Qt::UI_AnimateTooltip, Qt::UI_FadeTooltip})
        m_effects.emplace_back(effect, QApplication::isEffectEnabled(effect));
    connect(&SystemAppearance::instance(), &SystemAppearance::motionChanged, this, &Motion::apply);
    apply();
}

bool Motion::isReduced() const
{
    return m_isReducedHere || SystemAppearance::instance().isStill();
}

void Motion::setReducedHere(bool isReduced)
{
    if (m_isReducedHere == isReduced)
        return;
    m_isReducedHere = isReduced;
    settings::keep(kSetting, isReduced);
    apply();
}

void Motion::apply()
{
    QApplication::setCursorFlashTime(isReduced() ? 0 : m_blinkMillis);
    for (const auto &[effect, wasEnabled] : m_effects)
        QApplication::setEffectEnabled(effect, wasEnabled && !isReduced());
    Q_EMIT changed();
}

} // namespace nlbd::ui
