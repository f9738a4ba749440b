#include "tests/mesh/process.h"

#include <QDeadlineTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QProcessEnvironment>

#include <csignal>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace nlbd::mesh {

namespace {

constexpr int kVerbMs = 30'000;
const QString kClockLibrary = QStringLiteral("libnlbd_shifted_clock.so");

QJsonObject objectFrom(const QByteArray &line)
{
    return QJsonDocument::fromJson(line).object();
}

} // namespace

QString programPath(const QString &name)
{
    return qEnvironmentVariable("NLBD_BIN_DIR") + QLatin1Char('/') + name;
}

void settle(QProcess &process, int networkNamespace)
{
    process.setChildProcessModifier([networkNamespace] {
        const bool isSettled = ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0
            && (networkNamespace < 0 || ::setns(networkNamespace, CLONE_NEWNET) == 0);
        if (!isSettled)
            ::_exit(127); // never in a network that it was not meant for
    });
}

void Peer::liveIn(int networkNamespace, const QString &host)
{
    m_namespace = networkNamespace;
    m_host = host;
}

bool Peer::giveClock()
{
    m_hasClock = true;
    return setClockWrong(std::chrono::seconds(0));
}

bool Peer::setClockWrong(std::chrono::seconds by)
{
    const qint64 seconds = by.count();
    QFile file(clockFile());
    return m_hasClock && file.open(QIODevice::ReadWrite)
        && file.write(reinterpret_cast<const char *>(&seconds), sizeof seconds) == sizeof seconds;
}

bool Peer::freeze() const
{
    return isRunning() && ::kill(static_cast<pid_t>(processId()), SIGSTOP) == 0;
}

bool Peer::wake() const
{
    return isRunning() && ::kill(static_cast<pid_t>(processId()), SIGCONT) == 0;
}

QList<QJsonObject> Peer::verb(const QStringList &arguments, int *exitCode) const
{
    QProcess process;
    process.start(programPath(QStringLiteral("nlbd-peer")),
                  QStringList{QStringLiteral("--profile"), m_folder, QStringLiteral("--json")}
                      + arguments);
    if (!process.waitForFinished(kVerbMs)) {
        process.kill();
        process.waitForFinished(kVerbMs);
    }
    if (exitCode != nullptr)
        *exitCode = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    QList<QJsonObject> lines;
    for (const QByteArray &line : process.readAllStandardOutput().split('\n')) {
        if (!line.trimmed().isEmpty())
            lines.append(objectFrom(line));
    }
    return lines;
}

bool Peer::goOnline(const QStringList &arguments, const QString &program)
{
    m_process = std::make_unique<QProcess>();
    m_process->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    settle(*m_process, m_namespace);
    if (m_hasClock) {
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("LD_PRELOAD"), programPath(kClockLibrary));
        environment.insert(QStringLiteral("NLBD_CLOCK_FILE"), clockFile());
        // A sanitizer wants to be first, and minds nobody who comes before it with a clock.
        environment.insert(QStringLiteral("ASAN_OPTIONS"),
                           environment.value(QStringLiteral("ASAN_OPTIONS"))
                               + QStringLiteral(":verify_asan_link_order=0"));
        m_process->setProcessEnvironment(environment);
    }
    QStringList where;
    if (!m_host.isEmpty())
        where << QStringLiteral("--listen") << address();
    if (m_namespace < 0)
        where << QStringLiteral("--loopback");
    m_process->start(programPath(program),
                     QStringList{QStringLiteral("--profile"), m_folder, QStringLiteral("--json")}
                         + arguments + where);
    const auto announced = line(QDeadlineTimer(kVerbMs));
    if (!announced || !announced->value(QStringLiteral("online")).toBool())
        return false;
    m_port = announced->value(QStringLiteral("port")).toInt();
    m_device = announced->value(QStringLiteral("device")).toString();
    return true;
}

void Peer::stop()
{
    if (!isRunning())
        return;
    m_process->terminate();
    if (!m_process->waitForFinished(kVerbMs)) {
        m_process->kill();
        m_process->waitForFinished(kVerbMs);
    }
}

void Peer::kill()
{
    if (!isRunning())
        return;
    m_process->kill();
    m_process->waitForFinished(kVerbMs);
}

std::optional<QJsonObject> Peer::line(QDeadlineTimer deadline)
{
    while (m_process && !m_process->canReadLine()) {
        if (deadline.hasExpired() || m_process->state() == QProcess::NotRunning)
            return std::nullopt;
        m_process->waitForReadyRead(
            static_cast<int>(std::clamp<qint64>(deadline.remainingTime(), 1, 1000)));
    }
    return m_process ? std::optional(objectFrom(m_process->readLine())) : std::nullopt;
}

} // namespace nlbd::mesh
