#include "ui/system_appearance.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QGuiApplication>
#include <QPalette>

namespace nlbd::ui {

namespace {

const QString kService = QStringLiteral("org.freedesktop.portal.Desktop");
const QString kPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString kInterface = QStringLiteral("org.freedesktop.portal.Settings");
const QString kGroup = QStringLiteral("org.freedesktop.appearance");
const QString kKey = QStringLiteral("color-scheme");
const QString kContrastKey = QStringLiteral("contrast"); // 1: higher
const QString kMotionGroup = QStringLiteral("org.gnome.desktop.interface");
const QString kMotionKey = QStringLiteral("enable-animations");
constexpr int kPortalMillis = 2000;

/// The portal wraps a value in one or two variants, depending on its age.
QVariant unwrapped(QVariant value)
{
    while (value.canConvert<QDBusVariant>())
        value = value.value<QDBusVariant>().variant();
    return value;
}

} // namespace

SystemAppearance &SystemAppearance::instance()
{
    static SystemAppearance *const one = new SystemAppearance;
    return *one;
}

SystemAppearance::SystemAppearance()
    : QObject(qApp)
    , m_isDark(QGuiApplication::palette().color(QPalette::Window).lightness() < 128)
{
    // Without a session bus the address is unset: nothing is started and nothing is asked.
    if (!qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS"))
        askPortal();
}

void SystemAppearance::askPortal()
{
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected())
        return;
    bus.connect(kService, kPath, kInterface, QStringLiteral("SettingChanged"), this,
                SLOT(settingChanged(QString, QString, QDBusVariant)));
    ask(kGroup, kKey);
    ask(kGroup, kContrastKey);
    ask(kMotionGroup, kMotionKey);
}

void SystemAppearance::ask(const QString &group, const QString &key)
{
    QDBusMessage call =
        QDBusMessage::createMethodCall(kService, kPath, kInterface, QStringLiteral("Read"));
    call << group << key;
    auto *watcher = new QDBusPendingCallWatcher(
        QDBusConnection::sessionBus().asyncCall(call, kPortalMillis), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher, group, key] {
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        if (!reply.isError())
            take(group, key, reply.value().variant());
        watcher->deleteLater();
    });
}

void SystemAppearance::take(const QString &group, const QString &key, QVariant value)
{
    value = unwrapped(std::move(value));
    if (group == kGroup && key == kKey) {
        setScheme(value.toUInt());
    } else if (group == kGroup && key == kContrastKey && value.isValid()
               && m_isHighContrast != (value.toUInt() == 1)) {
        m_isHighContrast = !m_isHighContrast;
        Q_EMIT contrastChanged();
    } else if (group == kMotionGroup && key == kMotionKey && value.isValid()
               && m_isStill == value.toBool()) {
        m_isStill = !value.toBool();
        Q_EMIT motionChanged();
    }
}

/// 1 asks for dark, 2 for light, 0 leaves it to the palette.
void SystemAppearance::setScheme(unsigned scheme)
{
    if (scheme == 0 || m_isDark == (scheme == 1))
        return;
    m_isDark = scheme == 1;
    Q_EMIT changed();
}

void SystemAppearance::settingChanged(const QString &group, const QString &key,
                                      const QDBusVariant &value)
{
    take(group, key, value.variant());
}

} // namespace nlbd::ui
