#pragma once

#include "app/runtime.h"

#include <QString>
#include <QStringList>

#include <expected>

namespace nlbd::app {

/// What was typed behind `nlbd`.
struct DesktopOptions {
    std::filesystem::path profile;
    RuntimeOptions runtime;
    QString argument;       ///< an invitation or a file; empty: just start
    QString screenshots;    ///< a folder: grab all windows, then end
    int afterMillis = 1500; ///< before the windows are grabbed
    int everyMillis =
        0; ///< until then also this often, each time into a folder 1, 2, ...; 0: never
    bool saysWhenUsable = false; ///< a line on stdout once a window is painted and takes keys
    bool isHelp = false;
    bool isVersion = false;
};

/// The error is a sentence.
[[nodiscard]] std::expected<DesktopOptions, QString> readDesktopOptions(const QStringList &words);

[[nodiscard]] QString desktopHelp();

} // namespace nlbd::app
