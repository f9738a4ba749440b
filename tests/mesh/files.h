#pragma once

#include "tests/mesh/process.h"

#include <QByteArray>
#include <QCryptographicHash>
#include <QFile>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QString>

/// Files that are attached, and what a member says of them.
namespace nlbd::mesh {

/// Random bytes, the same for the same seed. `size` in whole words.
inline QString writeFile(const QString &path, qint64 size, quint32 seed)
{
    QRandomGenerator random(seed);
    QByteArray bytes(size, Qt::Uninitialized);
    random.fillRange(reinterpret_cast<quint32 *>(bytes.data()), size / 4);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != size)
        return {};
    return path;
}

inline QByteArray hashOf(const QString &path)
{
    QFile file(path);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    return file.open(QIODevice::ReadOnly) && hash.addData(&file) ? hash.result().toHex()
                                                                 : QByteArray();
}

/// The attachment as that member lists it; empty if it does not.
inline QJsonObject fileAt(const Peer &peer, const QString &id)
{
    for (const QJsonObject &line : peer.verb({"attachments"}))
        if (line.value("id").toString() == id)
            return line;
    return {};
}

/// The last line of its list.
inline QJsonObject filesAt(const Peer &peer)
{
    const auto lines = peer.verb({"attachments"});
    return lines.isEmpty() ? QJsonObject() : lines.back();
}

} // namespace nlbd::mesh
