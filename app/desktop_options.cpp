#include "app/desktop_options.h"

#include "app/arguments.h"

#include <QFileInfo>
#include <QUrl>

namespace nlbd::app {

namespace {

/// An invitation as it is; a file by its whole path, also where a desktop hands it over as a link.
QString targetFrom(const QString &word)
{
    if (word.startsWith(QLatin1String("nlbd:")))
        return word;
    const QUrl link(word);
    return QFileInfo(link.isLocalFile() ? link.toLocalFile() : word).absoluteFilePath();
}

} // namespace

std::expected<DesktopOptions, QString> readDesktopOptions(const QStringList &words)
{
    DesktopOptions result;
    result.profile = Profile::defaultFolder();
    const QStringList withValue{QStringLiteral("--profile"), QStringLiteral("--listen"),
                                QStringLiteral("--screenshot"), QStringLiteral("--after"),
                                QStringLiteral("--every")};
    for (qsizetype i = 0; i < words.size(); ++i) {
        const QString &word = words[i];
        if (withValue.contains(word) && i + 1 == words.size())
            return std::unexpected(QStringLiteral("%1 needs a value; see --help.").arg(word));
        if (word == QStringLiteral("--help")) {
            result.isHelp = true;
        } else if (word == QStringLiteral("--version")) {
            result.isVersion = true;
        } else if (word == QStringLiteral("--loopback")) {
            result.runtime.network.isLoopbackOnly = true;
        } else if (word == QStringLiteral("--say-when-usable")) {
            result.saysWhenUsable = true;
        } else if (word == QStringLiteral("--profile")) {
            result.profile = words[++i].toStdString();
        } else if (word == QStringLiteral("--screenshot")) {
            result.screenshots = words[++i];
        } else if (word == QStringLiteral("--after") || word == QStringLiteral("--every")) {
            bool isNumber = false;
            const int millis = words[++i].toInt(&isNumber);
            if (!isNumber || millis < 0)
                return std::unexpected(QStringLiteral("%1 takes milliseconds.").arg(word));
            (word == QStringLiteral("--after") ? result.afterMillis : result.everyMillis) = millis;
        } else if (word == QStringLiteral("--listen")) {
            auto endpoint = readListenAddress(words[++i].toStdString());
            if (!endpoint)
                return std::unexpected(QString::fromStdString(endpoint.error()));
            result.runtime.network.listen = std::move(*endpoint);
        } else if (word.startsWith(QLatin1String("--"))) {
            return std::unexpected(QStringLiteral("%1 is no option; see --help.").arg(word));
        } else if (!result.argument.isEmpty()) {
            return std::unexpected(
                QStringLiteral("One invitation or one file at a time; see --help."));
        } else {
            result.argument = targetFrom(word);
        }
    }
    return result;
}

QString desktopHelp()
{
    return QStringLiteral(R"(nlbd: write together without a server.

    nlbd [OPTION...] [INVITATION | FILE]

    INVITATION           a text that begins with nlbd:join/
    FILE                 a text file, imported into a document
    --profile DIR        keep identity and workspaces in DIR (default: NLBD_PROFILE, or
                         nlbd in the user's data folder)
    --listen HOST:PORT   where to listen for others
    --loopback           this computer only, without discovery
    --screenshot DIR     write pictures of all windows into DIR, then end
    --after MS           how long to wait before that
    --every MS           pictures also every MS until then, in folders 1, 2, ... of DIR
    --say-when-usable    print a line once the window is painted and takes keys
    --version, --help

A second start with the same profile shows the window that is open.
)");
}

} // namespace nlbd::app
