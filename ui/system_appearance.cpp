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
constexpr int kPortalMillis = 2000;

/// The portal wraps the number in one or two variants, depending on its age.
unsigned schemeOf(QVariant value)
{
    while (value.canConvert<QDBusVariant>())
        value = value.value<QDBusVariant>().variant();
    return value.toUInt();
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
    QDBusMessage call =
        QDBusMessage::createMethodCall(kService, kPath, kInterface, QStringLiteral("Read"));
    call << kGroup << kKey;
    auto *watcher = new QDBusPendingCallWatcher(bus.asyncCall(call, kPortalMillis), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        if (!reply.isError())
            setScheme(schemeOf(reply.value().variant()));
        watcher->deleteLater();
    });
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
    if (group == kGroup && key == kKey)
        setScheme(schemeOf(value.variant()));
}

} // namespace nlbd::ui
