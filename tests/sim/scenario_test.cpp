#include <QProcess>
#include <QTest>

#include <memory>

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kScenarios = 4000;
#else
constexpr int kScenarios = 200'000;
#endif
constexpr int kProcesses = 2;
constexpr int kSecondsMax = 900;

QString program(const QString &name)
{
    return qEnvironmentVariable("NLBD_BIN_DIR") + QLatin1Char('/') + name;
}

} // namespace

/// Each failing seed prints the command that plays it again: build/<preset>/bin/nlbd-scenarios.
class ScenarioTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreementHolds()
    {
        std::vector<std::unique_ptr<QProcess>> processes;
        for (int i = 0; i < kProcesses; ++i) {
            processes.push_back(std::make_unique<QProcess>());
            processes.back()->setProcessChannelMode(QProcess::MergedChannels);
            const int count = kScenarios / kProcesses;
            processes.back()->start(program(QStringLiteral("nlbd-scenarios")),
                                    {QStringLiteral("--seed"), QString::number(1 + i * count),
                                     QStringLiteral("--count"), QString::number(count)});
        }
        for (auto &process : processes) {
            QVERIFY(process->waitForFinished(kSecondsMax * 1000));
            qInfo("%s", qPrintable(QString::fromUtf8(process->readAll()).trimmed()));
            QCOMPARE(process->exitCode(), 0);
        }
    }

    /// The scenarios notice what is wrong; tests/sim/mutants.sh shows it for all mutants.
    void aForgottenLockIsNoticed()
    {
        QProcess process;
        process.start(program(QStringLiteral("nlbd-scenarios-mutants")),
                      {QStringLiteral("--seed"), QStringLiteral("1"), QStringLiteral("--count"),
                       QStringLiteral("2000"), QStringLiteral("--stop"), QStringLiteral("--mutant"),
                       QStringLiteral("forget-lock")});
        QVERIFY(process.waitForFinished(kSecondsMax * 1000));
        QCOMPARE(process.exitCode(), 1);
    }
};

QTEST_APPLESS_MAIN(ScenarioTest)
#include "scenario_test.moc"
