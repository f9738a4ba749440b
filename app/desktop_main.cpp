#include "app/control_socket.h"
#include "app/desktop_instance.h"
#include "app/desktop_options.h"
#include "app/sentences.h"
#include "app/usable_watch.h"
#include "app/verb_parts.h"
#include "ui/settings.h"
#include "ui/shell.h"

#include <QApplication>
#include <QDir>
#include <QMessageBox>
#include <QSocketNotifier>
#include <QTimer>

#include <csignal>
#include <cstdio>
#include <optional>
#include <pwd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace nlbd::app {
namespace {

/// The full name of the login, else its short one.
QString suggestedName()
{
    const passwd *login =
        ::getpwuid(::getuid()); // NOLINT(concurrency-mt-unsafe): before any thread
    if (login == nullptr)
        return {};
    const QString full =
        QString::fromLocal8Bit(login->pw_gecos).section(QLatin1Char(','), 0, 0).trimmed();
    return full.isEmpty() ? QString::fromLocal8Bit(login->pw_name) : full;
}

/// SIGINT and SIGTERM as an event: a handler could do next to nothing.
int openSignals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, nullptr); // before any thread, so that all inherit it
    return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// Said in a window, and on the terminal for those who look there.
int refuse(const ProfileError &error, bool hasWindows)
{
    const QString sentence = QString::fromStdString(sentenceOf(error));
    std::fprintf(stderr, "%s\n", qPrintable(sentence));
    if (hasWindows)
        QMessageBox::critical(nullptr, QStringLiteral("No Leader"), sentence);
    return static_cast<int>(error.kind == ProfileError::Kind::InUse ? Exit::InUse : Exit::Disk);
}

void open(ui::Shell &shell, const QString &argument)
{
    if (argument.startsWith(QLatin1String("nlbd:")))
        shell.useInvitation(argument);
    else if (!argument.isEmpty())
        shell.openFile(argument);
}

qsizetype grab(const ui::Shell &shell, const QString &folder)
{
    const QStringList files = shell.grabAll(folder);
    for (const QString &file : files)
        std::printf("%s\n", qPrintable(file));
    std::fflush(stdout);
    return files.size();
}

void takePictures(ui::Shell &shell, const DesktopOptions &options)
{
    const QString folder = options.screenshots;
    QTimer::singleShot(options.afterMillis, &shell, [&shell, folder] {
        QCoreApplication::exit(grab(shell, folder) > 0 ? 0 : 1);
    });
    if (options.everyMillis == 0)
        return;
    auto *clock = new QTimer(&shell);
    QObject::connect(clock, &QTimer::timeout, &shell, [&shell, folder, number = 0]() mutable {
        grab(shell, QDir(folder).filePath(QString::number(++number)));
    });
    clock->start(options.everyMillis);
}

int run(QApplication &application, DesktopOptions options, int signalFile)
{
    DesktopInstance instance(options.profile);
    auto profile = Profile::open(options.profile);
    if (!profile) {
        const bool isInUse = profile.error().kind == ProfileError::Kind::InUse;
        if (isInUse && instance.handOver(options.argument))
            return 0;
        return refuse(profile.error(), options.screenshots.isEmpty());
    }
    instance.listen();
    Runtime runtime(std::move(*profile), options.runtime, makeNetwork());
    const auto control = ControlServer::open(options.profile, [&runtime](const std::string &line) {
        const auto request = decodeRequest(line);
        return encodeReply(request ? perform(runtime, *request)
                                   : failure(Exit::Usage, "This is no request."));
    });
    if (!control)
        std::fprintf(stderr, "%s\n",
                     sentenceOf(control.error()).c_str()); // only nlbd-peer needs it

    ui::settings::useFile(QString::fromStdString((options.profile / "windows.ini").string()));
    ui::Shell shell(runtime.lobby(), suggestedName());
    QObject::connect(&instance, &DesktopInstance::startedAgain, &shell,
                     [&shell](const QString &argument) {
                         shell.raise();
                         open(shell, argument);
                     });
    const QSocketNotifier signalled(signalFile, QSocketNotifier::Read);
    QObject::connect(&signalled, &QSocketNotifier::activated, &application,
                     &QApplication::closeAllWindows);
    // A window may refuse to close while the disk refuses its text; who ends the program may not
    // wait.
    QObject::connect(&signalled, &QSocketNotifier::activated, &application,
                     [] { QCoreApplication::exit(0); });
    std::optional<UsableWatch> watch;
    if (options.saysWhenUsable)
        watch.emplace(shell);
    shell.start();
    open(shell, options.argument);
    if (!options.screenshots.isEmpty())
        takePictures(shell, options);
    const int result = QApplication::exec();
    const VerbReply last = storeLast(runtime);
    if (last.exit == Exit::Ok)
        return result;
    for (const std::string &line : last.lines) {
        const auto json = nlohmann::json::parse(line, nullptr, false);
        if (json.is_object())
            std::fprintf(stderr, "%s\n", json.value("error", "").c_str());
    }
    return static_cast<int>(last.exit);
}

QStringList wordsFrom(int argc, char **argv)
{
    QStringList words;
    for (int i = 1; i < argc; ++i)
        words.append(QString::fromLocal8Bit(argv[i]));
    return words;
}

} // namespace
} // namespace nlbd::app

int main(int argc, char **argv)
{
    using namespace nlbd::app;
    std::signal(SIGPIPE, SIG_IGN);
    auto options = readDesktopOptions(wordsFrom(argc, argv)); // before any display is needed
    if (!options) {
        std::fprintf(stderr, "%s\n", qPrintable(options.error()));
        return static_cast<int>(Exit::Usage);
    }
    if (options->isHelp || options->isVersion) {
        std::printf("%s",
                    qPrintable(options->isHelp ? desktopHelp()
                                               : QStringLiteral("nlbd " NLBD_VERSION "\n")));
        return 0;
    }
    const int signalFile = openSignals();
    QApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("nlbd"));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("No Leader"));
    QGuiApplication::setDesktopFileName(QStringLiteral("dev.nlbd.noleader"));
    QCoreApplication::setApplicationVersion(QStringLiteral(NLBD_VERSION));
    return run(application, std::move(*options), signalFile);
}
