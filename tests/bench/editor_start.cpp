#include "editor_start.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>

#include <optional>

namespace nlbd::bench {

namespace {

constexpr int kDocuments = 10;
constexpr int kPatience = 60'000;

class Profile {
public:
    [[nodiscard]] bool make(std::size_t letters)
    {
        QFile file(m_dir.filePath(QStringLiteral("text.txt")));
        if (!m_dir.isValid() || !file.open(QIODevice::WriteOnly))
            return false;
        const QByteArray line("We meet by the river at seven and write down what we saw there.\n");
        for (std::size_t at = 0; at < letters; at += static_cast<std::size_t>(line.size()))
            file.write(line);
        file.close();
        const auto word = [](const char *text) { return QString::fromLatin1(text); };
        bool isMade = ask({word("init"), word("Anna")})
            && ask({word("found"), word("--name"), word("Notes")});
        for (int i = 0; i < kDocuments && isMade; ++i)
            isMade = ask({word("import"), file.fileName(), word("--title"),
                          QStringLiteral("Page %1").arg(i + 1)});
        return isMade;
    }

    [[nodiscard]] std::unique_ptr<QProcess> start(const char *program, const QStringList &more)
    {
        auto process = std::make_unique<QProcess>();
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        environment.insert(QStringLiteral("XDG_CONFIG_HOME"),
                           m_dir.filePath(QStringLiteral("config")));
        environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), m_dir.path());
        process->setProcessEnvironment(environment);
        process->start(
            QCoreApplication::applicationDirPath() + QLatin1Char('/')
                + QString::fromLatin1(program),
            QStringList{QStringLiteral("--profile"), m_dir.filePath(QStringLiteral("profile"))}
                + more);
        return process;
    }

private:
    bool ask(const QStringList &words)
    {
        const auto process = start("nlbd-peer", words);
        return process->waitForFinished(kPatience) && process->exitStatus() == QProcess::NormalExit
            && process->exitCode() == 0;
    }

    QTemporaryDir m_dir;
};

std::optional<double> residentMegabytes(qint64 process)
{
    QFile file(QStringLiteral("/proc/%1/status").arg(process));
    if (!file.open(QIODevice::ReadOnly))
        return std::nullopt;
    const QRegularExpression line(QStringLiteral("VmRSS:\\s+(\\d+) kB"));
    const auto match = line.match(QString::fromLatin1(file.readAll()));
    return match.hasMatch() ? std::optional(match.captured(1).toDouble() / 1024) : std::nullopt;
}

} // namespace

std::expected<Starts, QString> startOften(std::size_t times, std::size_t letters)
{
    Profile profile;
    if (!profile.make(letters))
        return std::unexpected(QStringLiteral("no profile could be made with nlbd-peer"));
    Starts starts;
    for (std::size_t i = 0; i < times; ++i) {
        QElapsedTimer clock;
        clock.start();
        const auto window = profile.start(
            "nlbd", {QStringLiteral("--loopback"), QStringLiteral("--say-when-usable")});
        QByteArray said;
        while (!said.contains("usable") && window->waitForReadyRead(kPatience))
            said += window->readAllStandardOutput();
        const double taken = static_cast<double>(clock.nsecsElapsed()) / 1e6;
        const auto resident = residentMegabytes(window->processId());
        window->terminate();
        if (!window->waitForFinished(kPatience) || !said.contains("usable") || !resident)
            return std::unexpected(QStringLiteral("nlbd did not say when its window was usable"));
        starts.milliseconds.push_back(taken);
        starts.megabytes.push_back(*resident);
    }
    return starts;
}

} // namespace nlbd::bench
