#pragma once

#include "tests/mesh/process.h"

#include <QByteArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QString>
#include <QStringList>

/// Verbs that read what a person types: recovery words, a passphrase.
namespace nlbd::mesh {

inline constexpr int kTypedVerbMs = 120'000;

struct Said {
    int exit = -1;
    QJsonObject line;
    QString all; ///< both outputs
};

/// One verb with something on its standard input.
inline Said type(const Peer &peer, const QStringList &verb, const QString &input = {})
{
    QProcess process;
    process.start(programPath("nlbd-peer"),
                  QStringList{"--profile", peer.folder(), "--json"} + verb);
    process.write(input.toUtf8());
    process.closeWriteChannel();
    Said said;
    if (!process.waitForFinished(kTypedVerbMs)) {
        process.kill();
        process.waitForFinished(kTypedVerbMs);
        return said;
    }
    said.exit = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    const QByteArray out = process.readAllStandardOutput();
    said.line = QJsonDocument::fromJson(out.left(out.indexOf('\n'))).object();
    said.all = QString::fromUtf8(out + process.readAllStandardError());
    return said;
}

/// One field of the first line that a verb says.
inline QString stringOf(const Peer &peer, const QStringList &verb, const QString &field)
{
    const auto lines = peer.verb(verb);
    return lines.isEmpty() ? QString() : lines.front().value(field).toString();
}

} // namespace nlbd::mesh
