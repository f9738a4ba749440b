#pragma once

#include <QDeadlineTimer>
#include <QJsonObject>
#include <QList>
#include <QProcess>
#include <QString>
#include <QStringList>

#include <chrono>

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
    /// Goes online there from now on, with discovery, instead of on the loopback device. Without a
    /// host it listens wherever it can, as a program does that nobody told where.
    void liveIn(int networkNamespace, const QString &host);
    /// Its wall clock can be set wrong, from the next start on (shifted_clock.cpp).
    [[nodiscard]] bool giveClock();
    /// By so many seconds, at once. Needs a clock of its own.
    [[nodiscard]] bool setClockWrong(std::chrono::seconds by);
    /// It stands still, as a closed laptop does, until it is woken. It answers no verb meanwhile.
    [[nodiscard]] bool freeze() const;
    [[nodiscard]] bool wake() const;

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
    /// It ended by itself, and not as it should: by a signal other than that of kill().
    [[nodiscard]] bool hasCrashed() const
    {
        return m_process && m_process->state() == QProcess::NotRunning
            && m_process->exitStatus() == QProcess::CrashExit && m_process->exitCode() != kKilledBy;
    }
    [[nodiscard]] qint64 processId() const { return m_process ? m_process->processId() : 0; }

private:
    static constexpr int kKilledBy = 9; ///< SIGKILL
    [[nodiscard]] QString clockFile() const { return m_folder + QStringLiteral("-clock"); }

    QString m_name;
    QString m_folder;
    QString m_device;
    bool m_hasClock = false;
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
