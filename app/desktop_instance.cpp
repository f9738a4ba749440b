#include "app/desktop_instance.h"

#include <QCryptographicHash>
#include <QDir>
#include <QLocalSocket>
#include <QStandardPaths>

namespace nlbd::app {

namespace {

constexpr int kPatience = 2000; ///< milliseconds, before any window is shown
constexpr qint64 kArgumentMax = 64 * 1024;

/// Behind this every start of the same user with the same profile finds the same socket.
QString nameFor(const std::filesystem::path &profile)
{
    std::error_code error;
    const auto folder = std::filesystem::weakly_canonical(profile, error);
    const QByteArray digest = QCryptographicHash::hash(QByteArray::fromStdString(folder.string()),
                                                       QCryptographicHash::Sha256);
    const QString own = QStringLiteral("nlbd-") + QString::fromLatin1(digest.toHex().left(16));
    const QString runtime = QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation);
    return runtime.isEmpty() ? own : QDir(runtime).filePath(own);
}

} // namespace

DesktopInstance::DesktopInstance(const std::filesystem::path &profile, QObject *parent)
    : QObject(parent)
    , m_name(nameFor(profile))
{
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, &DesktopInstance::take);
}

bool DesktopInstance::handOver(const QString &argument) const
{
    QLocalSocket socket;
    socket.connectToServer(m_name);
    if (!socket.waitForConnected(kPatience))
        return false;
    socket.write(argument.toUtf8() + '\n');
    return socket.waitForBytesWritten(kPatience) && socket.waitForReadyRead(kPatience);
}

void DesktopInstance::listen()
{
    QLocalServer::removeServer(m_name); // left behind by a crash: the profile's lock is ours
    m_server.listen(m_name);            // without it a second start says that the profile is in use
}

void DesktopInstance::take()
{
    while (QLocalSocket *socket = m_server.nextPendingConnection()) {
        connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QLocalSocket::readyRead, this, [this, socket] {
            if (socket->bytesAvailable() > kArgumentMax) {
                socket->abort();
                return;
            }
            if (!socket->canReadLine())
                return;
            const QString argument = QString::fromUtf8(socket->readLine()).trimmed();
            socket->write("ok\n");
            Q_EMIT startedAgain(argument);
        });
    }
}

} // namespace nlbd::app
