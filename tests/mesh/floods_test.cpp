#include "tests/mesh/loopback.h"
#include "tests/mesh/questions.h"
#include "tests/mesh/resources.h"

#include <QTemporaryDir>
#include <QTest>

using namespace nlbd::mesh;

namespace {

constexpr int kFloodMs = 200'000;
constexpr int kPatienceMs = 60'000;

/// What may stay of a flood of one device, whose records are refused or held back: orphans of 512
/// KiB, a thousand refusals, a proof of each kind, what may be on its way from one peer, and the
/// slack of an allocator and of a write-ahead log (core/base/limits.h).
constexpr qint64 kMemoryMoreKiB = 12 * 1024;
constexpr qint64 kDiskMoreBytes = 4 * 1024 * 1024;

QString textOf(const Peer &peer)
{
    const auto lines = peer.verb({"show", "Plan"});
    return lines.isEmpty() ? QString() : lines.front().value("text").toString();
}

} // namespace

/// A member who sends every kind of record that he can make up, turn after turn, to three real
/// processes: what they take of their computer for it is measured, and bounded.
class FloodsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void staysBelowItsBounds_data();
    void staysBelowItsBounds();
};

void FloodsTest::staysBelowItsBounds_data()
{
    QTest::addColumn<QString>("attacks");
    QTest::addColumn<QStringList>("without");
    QTest::addColumn<int>("sent");
    // Words that break no rule are a member's to write, and are kept: they are left out.
    QTest::newRow("records of texts")
        << "texts" << QStringList{"pens", "deep-chain", "replay", "clock-lie"} << 200;
    QTest::newRow("records of decisions") << "council" << QStringList{} << 200;
    QTest::newRow("orphans, acks, reports and proofs") << "lies" << QStringList{"fork-storm"} << 80;
    QTest::newRow("broken rules") << "faults" << QStringList{"fan-in"} << 30;
    QTest::newRow("branches") << "fork-storm" << QStringList{} << 30;
}

void FloodsTest::staysBelowItsBounds()
{
    QFETCH(QString, attacks);
    QFETCH(QStringList, without);
    QFETCH(int, sent);
    QTemporaryDir folder;
    Loopback table;
    QVERIFY(table.found({"Ada", "Ben", "Cai"}, folder.path()));
    int exitCode = -1;
    (void)table.honest()[0]->verb({"new", "Plan"}, &exitCode);
    QCOMPARE(exitCode, 0);
    (void)table.honest()[0]->verb({"edit", "Plan", "--append", "before "}, &exitCode);
    QCOMPARE(exitCode, 0);
    for (const auto &peer : table.honest())
        QTRY_COMPARE_WITH_TIMEOUT(textOf(*peer), "before ", kPatienceMs);
    std::vector<Resources> before;
    std::vector<qint64> diskBefore;
    for (const auto &peer : table.honest()) {
        before.push_back(resourcesOf(peer->processId()));
        diskBefore.push_back(bytesIn(peer->folder()));
    }

    const auto malory = table.mountEndlessly(attacks, without);
    QByteArray said;
    const auto isFlooded = [&] {
        said += malory->readAllStandardOutput();
        return said.count("\"sent\":true") >= sent;
    };
    QVERIFY(QTest::qWaitFor(isFlooded, kFloodMs));
    (void)table.honest()[1]->verb({"edit", "Plan", "--append", "after"}, &exitCode);
    QCOMPARE(exitCode, 0);
    for (const auto &peer : table.honest()) // in the middle of it
        QTRY_COMPARE_WITH_TIMEOUT(textOf(*peer), "before after", kPatienceMs);
    malory->kill();
    QVERIFY(malory->waitForFinished());
    for (std::size_t i = 0; i < table.honest().size(); ++i) {
        const Peer &peer = *table.honest()[i];
        const Resources now = resourcesOf(peer.processId());
        const qint64 memory = now.memoryPeakKiB - before[i].memoryKiB;
        const qint64 disk = bytesIn(peer.folder()) - diskBefore[i];
        qInfo("%s: after %lld attacks %lld KiB of memory more at most, %lld KiB of disk, %lld "
              "handles",
              qPrintable(peer.name()), static_cast<long long>(said.count("\"sent\":true")),
              static_cast<long long>(memory), static_cast<long long>(disk / 1024),
              static_cast<long long>(now.handles - before[i].handles));
        QVERIFY(now.memoryKiB > 0); // it lives
        QVERIFY(!kIsMemoryMeant || memory <= kMemoryMoreKiB);
        QVERIFY(disk <= kDiskMoreBytes);
    }
}

QTEST_GUILESS_MAIN(FloodsTest)
#include "floods_test.moc"
