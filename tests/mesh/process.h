#pragma once

#include <QtCore>

namespace nlbd::mesh {

/// A member as a real process: nlbd-peer with a profile of its own, asked by its verbs.
class Peer {
public:
    Peer(QString name, QString folder)
        : m_name(std::move(name))
        , m_folder(std::move(folder))
    {
    }
    ~Peer() { stop(); }
    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;

    [[nodiscard]] const QString &name() const { return m_name; }
    [[nodiscard]] const QString &folder() const { return m_folder; }
    [[nodiscard]] int port() const { return m_port; }
    [[nodiscard]] const QString &device() const { return m_device; }
    [[nodiscard]] QString address() const { return m_host + QStringLiteral(":%1").arg(m_port); }
    /// Goes online there from now on, with discovery, instead of on the loopback device.
    void liveIn(int networkNamespace, const QString &host);

    /// Runs one verb to its end; its JSON lines. The exit code goes to `exitCode` if given.
    QList<QJsonObject> verb(const QStringList &arguments, int *exitCode = nullptr) const;

    /// Starts `run`, `replay` or the like and waits until it says that it is online. The port of
    /// the first start is kept, so that others find it again.
    [[nodiscard]] bool goOnline(const QStringList &arguments,
                                const QString &program = QStringLiteral("nlbd-peer"));
    /// Asks it to end, as Ctrl+C does.
    void stop();
    /// Ends it as a power cut would.
    void kill();

    /// The next line of the process that is online, if it comes in time.
    [[nodiscard]] std::optional<QJsonObject> line(QDeadlineTimer deadline);
    [[nodiscard]] bool isRunning() const
    {
        return m_process && m_process->state() == QProcess::Running;
    }
    [[nodiscard]] qint64 processId() const { return m_process ? m_process->processId() : 0; }

private:
    QString m_name;
    QString m_folder;
    QString m_device;
    QString m_host = QStringLiteral("127.0.0.1");
    int m_namespace = -1;
    int m_port = 0;
    std::unique_ptr<QProcess> m_process;
};

[[nodiscard]] QString programPath(const QString &name);

/// The process to start lives in a network namespace (-1: in ours), and ends with us, however we
/// end.
void settle(QProcess &process, int networkNamespace);

} // namespace nlbd::mesh
