#include <QDeadlineTimer>
#include <QProcess>
#include <QTest>

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// A sanitizer makes a seed about fifteen times slower, and looks for faults that few seeds show as
// well as many: memory, not order.
constexpr int kShare = 20;
constexpr bool kIsSanitized = true;
#else
constexpr int kShare = 1;
constexpr bool kIsSanitized = false;
#endif

// What they take on two quiet cores is a fifth of it.
constexpr int kSecondsMax = 600;

QString program()
{
    return qEnvironmentVariable("NLBD_BIN_DIR") + QStringLiteral("/nlbd-sim");
}

struct Outcome {
    int exitCode = -1;
    QString output;
};

/// Runs the simulator once per argument list, all at the same time.
QList<Outcome> runAll(const QList<QStringList> &runs, int seconds)
{
    // For a world that never ends; what a busy machine takes with a sanitizer is not that.
    constexpr int kPatience = kIsSanitized ? 5 : 2;
    std::vector<std::unique_ptr<QProcess>> processes;
    for (const QStringList &arguments : runs) {
        processes.push_back(std::make_unique<QProcess>());
        processes.back()->setProcessChannelMode(QProcess::MergedChannels);
        processes.back()->start(program(), arguments);
    }
    QList<Outcome> outcomes;
    QDeadlineTimer deadline(std::chrono::seconds{seconds * kPatience});
    for (auto &process : processes) {
        const bool isDone = process->waitForFinished(static_cast<int>(deadline.remainingTime()));
        if (!isDone)
            process->kill();
        process->waitForFinished(5000);
        const bool isGood = isDone && process->exitStatus() == QProcess::NormalExit;
        outcomes.append({isGood ? process->exitCode() : -1, QString::fromUtf8(process->readAll())});
    }
    return outcomes;
}

} // namespace

/// Each failing seed prints the command that plays it again: build/<preset>/bin/nlbd-sim --seed N.
class SimTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void formerlyFailingSeeds()
    {
        const QString list =
            qEnvironmentVariable("NLBD_SOURCE_DIR") + QStringLiteral("/tests/sim/seeds.txt");
        expectGood(runAll({{QStringLiteral("--list"), list}}, 120));
    }

    /// The volumes of PROTOCOL D5: 2,000 seeds of 4 to 7 peers, 100 of 16, 4 of 64. Each program
    /// prints its speed.
    void fourToSevenPeers()
    {
        expectGood(runAll({seeds(1, 950, 4), seeds(951, 950, 4)}, kSecondsMax));
        expectGood(runAll({seeds(2001, 50, 5), seeds(1001, 50, 7)}, kSecondsMax));
    }

    void sixteenPeers()
    {
        expectGood(runAll({seeds(16'001, 50, 16), seeds(16'051, 50, 16)}, kSecondsMax));
    }

    /// Less virtual time than the others have: what a seed costs grows with the square of its
    /// peers.
    void sixtyFourPeers()
    {
        const QStringList length{QStringLiteral("--virtual"),
                                 QString::number(kIsSanitized ? 1 : 10)};
        expectGood(
            runAll({seeds(64'001, 2, 64) + length, seeds(64'003, 2, 64) + length}, kSecondsMax));
    }

    void moreAndFewerPeers()
    {
        const QString count = QString::number(kIsSanitized ? 2 : 20);
        const QString few = QString::number(kIsSanitized ? 1 : 3);
        expectGood(runAll({{"--seed", "6001", "--count", count, "--peers", "2"}}, 60));
        expectGood(runAll({{"--seed", "7001", "--count", few, "--peers", "10"},
                           {"--seed", "8001", "--count", count, "--peers", "3"}},
                          60));
    }

    void decisions()
    {
        const QString count = QString::number(kIsSanitized ? 2 : 30);
        const QString few = QString::number(kIsSanitized ? 1 : 10);
        const QString all = QStringLiteral("everything+decisions");
        expectGood(runAll({{"--seed", "1", "--count", few, "--profile", "storm"},
                           {"--seed", "9001", "--count", count, "--peers", "5", "--profile", all}},
                          120));
        expectGood(runAll({{"--seed", "9101", "--count", few, "--peers", "7", "--profile", all},
                           {"--seed", "9201", "--count", "1", "--peers", "16"}},
                          120));
    }

    void worlds()
    {
        const QString few = QString::number(kIsSanitized ? 1 : 12);
        const QString some = QString::number(kIsSanitized ? 2 : 40);
        const QString schemes = QStringLiteral("everything+decisions+strategies");
        const auto copies = runAll({{"--seed", "1", "--count", some, "--profile", "copies"},
                                    {"--seed", "1", "--count", some, "--profile", "troubled"}},
                                   200);
        expectGood(copies);
        const auto growing =
            runAll({{"--seed", "1", "--count", few, "--profile", "growing"},
                    {"--seed", "21", "--count", few, "--profile", "growing+decisions"},
                    {"--seed", "1", "--count", some, "--profile", schemes}},
                   200);
        expectGood(growing);
        const auto split = runAll({{"--seed", "1", "--count", some, "--profile", "split"},
                                   {"--seed", "1", "--profile", "soak", "--peers", "5"}},
                                  200);
        expectGood(split);
        // What these worlds are for did happen.
        QVERIFY(!copies[0].output.contains(QStringLiteral("\"copies\":0")));
        QVERIFY(!growing[0].output.contains(QStringLiteral("\"joined\":0")));
        QVERIFY(!split[0].output.contains(QStringLiteral("\"conflicts\":0")));
    }

private:
    static QStringList seeds(int first, int count, int peers)
    {
        return {QStringLiteral("--seed"),  QString::number(first),
                QStringLiteral("--count"), QString::number(std::max(count / kShare, 1)),
                QStringLiteral("--peers"), QString::number(peers)};
    }

    static void expectGood(const QList<Outcome> &outcomes)
    {
        for (const Outcome &outcome : outcomes)
            qInfo("%s", qPrintable(outcome.output.trimmed()));
        for (const Outcome &outcome : outcomes)
            QCOMPARE(outcome.exitCode, 0);
    }
};

QTEST_APPLESS_MAIN(SimTest)
#include "sim_test.moc"
