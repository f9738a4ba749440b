#include "tests/mesh/resources.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>

namespace nlbd::mesh {

Resources resourcesOf(qint64 process)
{
    const QString folder = QStringLiteral("/proc/%1").arg(process);
    Resources result;
    QFile status(folder + QStringLiteral("/status"));
    if (!status.open(QIODevice::ReadOnly))
        return result;
    for (const QByteArray &line : status.readAll().split('\n')) {
        const auto number = [&line] { return line.simplified().split(' ').value(1).toLongLong(); };
        if (line.startsWith("VmRSS:"))
            result.memoryKiB = number();
        else if (line.startsWith("VmHWM:"))
            result.memoryPeakKiB = number();
    }
    result.handles = QDir(folder + QStringLiteral("/fd"))
                         .entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot)
                         .size();
    return result;
}

qint64 bytesIn(const QString &folder)
{
    qint64 bytes = 0;
    QDirIterator files(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        files.next();
        bytes += files.fileInfo().size();
    }
    return bytes;
}

} // namespace nlbd::mesh
