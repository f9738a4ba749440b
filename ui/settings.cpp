#include "ui/settings.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QHash>
#include <QSettings>
#include <QThreadPool>

namespace nlbd::ui::settings {

namespace {

struct Kept {
    QString path;
    QHash<QString, QVariant> values; ///< the file as it is, or soon will be
};

Kept &kept()
{
    static Kept instance;
    return instance;
}

QThreadPool &writer()
{
    static QThreadPool *const pool = [] {
        auto *made = new QThreadPool(qApp);
        made->setMaxThreadCount(1);
        return made;
    }();
    return *pool;
}

} // namespace

void useFile(const QString &path)
{
    kept() = {path, {}};
    const QSettings file(path, QSettings::IniFormat);
    for (const QString &key : file.allKeys())
        kept().values.insert(key, file.value(key));
}

QVariant value(const QString &key, const QVariant &otherwise)
{
    return kept().values.value(key, otherwise);
}

void keep(const QString &key, const QVariant &value)
{
    if (kept().path.isEmpty() || kept().values.value(key) == value)
        return;
    kept().values.insert(key, value);
    writer().start([path = kept().path, key, value] {
        QSettings(path, QSettings::IniFormat).setValue(key, value);
    });
}

QString fileBeside(const QString &name)
{
    return kept().path.isEmpty() ? QString() : QFileInfo(kept().path).dir().filePath(name);
}

} // namespace nlbd::ui::settings
