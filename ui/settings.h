#pragma once

#include <QString>
#include <QVariant>

/// What windows remember of themselves: theme, places, sizes. Worth nothing to anybody else and no
/// part of a workspace. Lost settings cost a moment, so nothing waits for them.
namespace nlbd::ui::settings {

/// From where they are read and where they are kept. Without a file nothing is remembered. To be
/// called before the first window.
void useFile(const QString &path);

[[nodiscard]] QVariant value(const QString &key, const QVariant &otherwise = {});

/// Returns at once: the file is written on a thread of its own, in the order of the calls, and the
/// program's end waits for the last one.
void keep(const QString &key, const QVariant &value);

/// A file of this name in the same folder; empty where nothing is remembered.
[[nodiscard]] QString fileBeside(const QString &name);

} // namespace nlbd::ui::settings
