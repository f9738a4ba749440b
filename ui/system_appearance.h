#pragma once

#include <QObject>

class QDBusVariant;

namespace nlbd::ui {

/// Whether the desktop asks for dark windows and for little motion: the settings portal where there
/// is one, otherwise the lightness of the palette that the program started with. Asks without
/// waiting; `changed` follows.
class SystemAppearance : public QObject {
    Q_OBJECT

public:
    /// Call first while the application still has the desktop's own palette.
    static SystemAppearance &instance();

    [[nodiscard]] bool isDark() const { return m_isDark; }
    /// It asks for windows in which nothing moves by itself.
    [[nodiscard]] bool isStill() const { return m_isStill; }
    [[nodiscard]] bool isHighContrast() const { return m_isHighContrast; }

Q_SIGNALS:
    void changed();
    void motionChanged();
    void contrastChanged();

private:
    SystemAppearance();
    void askPortal();
    void ask(const QString &group, const QString &key);
    void take(const QString &group, const QString &key, QVariant value);
    void setScheme(unsigned scheme);

private Q_SLOTS:
    void settingChanged(const QString &group, const QString &key, const QDBusVariant &value);

private:
    bool m_isDark = false;
    bool m_isStill = false;
    bool m_isHighContrast = false;
};

} // namespace nlbd::ui
