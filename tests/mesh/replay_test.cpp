#include "tests/mesh/process.h"
#include "tests/support/trace.h"

#include <QDeadlineTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

using namespace nlbd;
using mesh::Peer;

namespace {

/// The trace has one place where both typed at the same position at once. The tie falls by the hash
/// of a change, one way or the other: found anew until it falls as it did there.
constexpr int kFoundingsMax = 8;
constexpr int kReplaySeconds = 120;
const QString kTitle = QStringLiteral("Trace");

QString traceFile()
{
    return qEnvironmentVariable("NLBD_SOURCE_DIR")
        + QStringLiteral("/tests/vectors/traces/friendsforever.json.gz");
}

/// Five members: four honest ones and Malory.
struct Table {
    QTemporaryDir folder;
    std::vector<std::unique_ptr<Peer>> honest;
    std::unique_ptr<Peer> malory;

    [[nodiscard]] std::vector<Peer *> all() const
    {
        std::vector<Peer *> result;
        for (const auto &peer : honest)
            result.push_back(peer.get());
        result.push_back(malory.get());
        return result;
    }
};

bool isFounded(const Peer &peer)
{
    const auto lines = peer.verb({QStringLiteral("status")});
    return !lines.isEmpty()
        && !lines.first().value(QStringLiteral("workspaces")).toArray().isEmpty();
}

} // namespace

/// Real people's typing through real processes, with a hostile member at the table.
class ReplayTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const auto trace = test::readTrace(traceFile().toStdString());
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().c_str());
        m_expected = QByteArray::fromStdString(trace->endContent);
    }

    void friendsWriteWhileMaloryAttacks()
    {
        for (int founding = 0; founding < kFoundingsMax; ++founding) {
            Table table;
            sit(table);
            if (QTest::currentTestFailed())
                return;
            const bool isAsRecorded = play(table);
            if (QTest::currentTestFailed())
                return;
            if (!isAsRecorded)
                continue;
            for (const auto &peer : table.honest)
                expectWholeText(*peer);
            expectEveryAttackListed(table);
            return;
        }
        QFAIL("the tie never fell as it did in the trace");
    }

private:
    void sit(Table &table)
    {
        QVERIFY(table.folder.isValid());
        for (const char *name : {"Ada", "Ben", "Cai", "Dea", "Malory"}) {
            auto peer =
                std::make_unique<Peer>(QString::fromLatin1(name), table.folder.filePath(name));
            int exitCode = -1;
            peer->verb({QStringLiteral("init"), peer->name()}, &exitCode);
            QCOMPARE(exitCode, 0);
            QVERIFY(peer->goOnline({QStringLiteral("run"), QStringLiteral("--accept-founding")}));
            if (peer->name() == QStringLiteral("Malory"))
                table.malory = std::move(peer);
            else
                table.honest.push_back(std::move(peer));
        }
        QStringList found{QStringLiteral("found"), QStringLiteral("--name"), kTitle,
                          QStringLiteral("--with")};
        for (const Peer *peer : table.all()) {
            const auto card =
                peer->verb({QStringLiteral("card"), QStringLiteral("--address"), peer->address()});
            QVERIFY(!card.isEmpty());
            if (peer != table.honest[0].get())
                found << card.first().value(QStringLiteral("card")).toString();
        }
        int exitCode = -1;
        table.honest[0]->verb(found, &exitCode);
        QCOMPARE(exitCode, 0);
        for (const Peer *peer : table.all())
            QTRY_VERIFY_WITH_TIMEOUT(isFounded(*peer), 30'000);
        table.malory->stop();
    }

    /// True if both players end with the recorded text.
    bool play(Table &table)
    {
        QStringList others;
        for (const auto &peer : table.honest)
            others << QStringLiteral("--peer")
                   << peer->address() + QLatin1Char('=') + peer->device();
        for (std::size_t agent = 0; agent < 2; ++agent) {
            table.honest[agent]->stop();
            const QStringList replay{"replay",
                                     "--trace",
                                     traceFile(),
                                     "--agent",
                                     QString::number(agent),
                                     "--agents",
                                     "Ada,Ben",
                                     "--doc",
                                     kTitle,
                                     "--stay",
                                     "--timeout",
                                     QString::number(kReplaySeconds)};
            if (!table.honest[agent]->goOnline(replay + others)) {
                QTest::qFail("a player did not come online", __FILE__, __LINE__);
                return false;
            }
        }
        QProcess malory;
        attack(malory, table);
        bool isAsRecorded = true;
        for (std::size_t agent = 0; agent < 2; ++agent) {
            const auto result =
                table.honest[agent]->line(QDeadlineTimer(std::chrono::seconds(kReplaySeconds)));
            isAsRecorded =
                isAsRecorded && result && result->value(QStringLiteral("equal")).toBool();
        }
        if (!malory.waitForFinished(kReplaySeconds * 1000) || malory.exitCode() != 0)
            QTest::qFail("Malory did not finish", __FILE__, __LINE__);
        return isAsRecorded;
    }

    static void attack(QProcess &malory, const Table &table)
    {
        QStringList arguments{
            "--profile", table.malory->folder(), "--attack", "texts", "--without", "faults",
            "--json"}; // a fence before the fork would leave none: pens_test
        for (const auto &peer : table.honest)
            arguments << QStringLiteral("--target")
                      << peer->address() + QLatin1Char('=') + peer->device();
        malory.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        malory.start(mesh::programPath(QStringLiteral("nlbd-malory")), arguments);
    }

    [[nodiscard]] static bool isAllAgreed(const Peer &peer)
    {
        const auto lines = peer.verb({QStringLiteral("log"), kTitle});
        return !lines.isEmpty() && std::ranges::all_of(lines, [](const QJsonObject &line) {
            return line.value(QStringLiteral("ratified")).toBool();
        });
    }

    void expectWholeText(const Peer &peer)
    {
        const QString file = peer.folder() + QStringLiteral(".txt");
        const auto exported = [&] {
            peer.verb({QStringLiteral("export"), kTitle, QStringLiteral("--output"), file});
            QFile text(file);
            return text.open(QIODevice::ReadOnly) ? text.readAll() : QByteArray();
        };
        QTRY_VERIFY_WITH_TIMEOUT(exported() == m_expected, 60'000);
        QTRY_VERIFY_WITH_TIMEOUT(isAllAgreed(peer), 60'000);
    }

    void expectEveryAttackListed(const Table &table)
    {
        QProcess list;
        list.start(mesh::programPath(QStringLiteral("nlbd-malory")),
                   {"--list", "--attack", "texts", "--without", "faults", "--json"});
        QVERIFY(list.waitForFinished(30'000));
        QSet<QString> expected;
        for (const QByteArray &line : list.readAllStandardOutput().split('\n')) {
            if (!line.isEmpty())
                expected << QJsonDocument::fromJson(line)
                                .object()
                                .value(QStringLiteral("code"))
                                .toString();
        }
        QVERIFY(expected.size() > 8);
        for (const auto &peer : table.honest)
            QTRY_COMPARE_WITH_TIMEOUT(expected - codesOf(*peer), QSet<QString>(), 30'000);
    }

    [[nodiscard]] static QSet<QString> codesOf(const Peer &peer)
    {
        QSet<QString> codes;
        for (const QJsonObject &line : peer.verb({QStringLiteral("evidence")}))
            codes << line.value(QStringLiteral("code")).toString();
        return codes;
    }

    QByteArray m_expected;
};

QTEST_GUILESS_MAIN(ReplayTest)
#include "replay_test.moc"
