#include "ui/pictures/picture_files.h"

#include "core/base/harmless_name.h"
#include "ui/pictures/picture_gathering.h"
#include "ui/pictures/picture_shelf.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

#include <memory>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr int kSameNamesMax = 1'000;

/// True if this is what the file holds now: it was written, or was there already.
bool isWritten(const QString &path, const QByteArray &content)
{
    QFile file(path);
    if (file.open(QIODevice::NewOnly)) {
        if (file.write(content) == content.size() && file.flush())
            return true;
        file.remove();
        return false;
    }
    return file.open(QIODevice::ReadOnly) && file.size() == content.size()
        && file.readAll() == content;
}

/// The name of a file that holds it now; empty if there is none.
QString put(const QDir &folder, const QString &name, const QByteArray &content)
{
    const QString format = PictureShelf::formatOf(content);
    if (format.isEmpty() || !folder.mkpath(QStringLiteral(".")))
        return {};
    const QString wanted = QFileInfo(name).completeBaseName() + u'.' + format;
    const QString harmless = QString::fromStdString(harmlessName(wanted.toStdString()));
    const QString base = QFileInfo(harmless).completeBaseName();
    for (int number = 1; number <= kSameNamesMax; ++number) {
        const QString file = number == 1
            ? QStringLiteral("%1.%2").arg(base, format)
            : QStringLiteral("%1 %2.%3").arg(base).arg(number).arg(format);
        const QString path = folder.filePath(file);
        if (isWritten(path, content))
            return file;
        if (!QFileInfo::exists(path))
            return {}; // the disk refuses
    }
    return {};
}

/// As readers of addresses take it apart.
QString addressOf(QString path)
{
    path.replace(u'%', QStringLiteral("%25"));
    path.replace(u'#', QStringLiteral("%23"));
    return path.replace(u'?', QStringLiteral("%3F"));
}

} // namespace

QString picturesFolder(const QString &textFile)
{
    return QCoreApplication::translate("PictureFiles", "%1 pictures")
        .arg(QFileInfo(textFile).completeBaseName());
}

void writePictureFiles(WorkspaceBridge &bridge, DocIndex doc,
                       const std::vector<WantedPicture> &wanted, const QString &textFile,
                       std::function<void(MarkdownPictures)> done, QObject *parent)
{
    const QString folder = picturesFolder(textFile);
    std::map<Hash, QString> names;
    std::vector<Hash> blobs;
    for (const WantedPicture &picture : wanted) {
        names.emplace(picture.blob, picture.name);
        blobs.push_back(picture.blob);
    }
    const auto written = std::make_shared<MarkdownPictures>(); // of one thread at a time
    const auto use = [written, names, folder,
                      where = QDir(QFileInfo(textFile).absoluteDir().filePath(folder))](
                         const Hash &blob, const QByteArray &content) {
        const QString name = names.at(blob);
        const QString file = put(where, name, content);
        if (!file.isEmpty())
            written->emplace(blob,
                             MarkdownPicture{QFileInfo(name).completeBaseName(),
                                             addressOf(folder + u'/' + file)});
    };
    new PictureGathering(
        bridge, doc, std::move(blobs), use,
        [written, done = std::move(done)] { done(std::move(*written)); }, parent);
}

} // namespace nlbd::ui
