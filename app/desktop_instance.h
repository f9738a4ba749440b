#pragma once

#include <QLocalServer>

#include <filesystem>

namespace nlbd::app {

/// One window per profile: the first start listens, a later one hands over its argument and ends.
class DesktopInstance : public QObject {
    Q_OBJECT

public:
    explicit DesktopInstance(const std::filesystem::path &profile, QObject *parent = nullptr);

    /// True if a first instance took the argument.
    [[nodiscard]] bool handOver(const QString &argument) const;

    /// Becomes the first instance. @pre the profile is locked by this process
    void listen();

Q_SIGNALS:
    /// Somebody started the program again; empty: without an argument.
    void startedAgain(const QString &argument);

private:
    void take();

    QString m_name;
    QLocalServer m_server;
};

} // namespace nlbd::app
