// What "status --json" says of who is connected, and of why somebody is not: every cause is a real
// one, between real processes.

#include "tests/mesh/loopback.h"
#include "tests/mesh/networks.h"
#include "tests/mesh/questions.h"

#include <QJsonObject>
#include <QProcess>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <QtNetwork>

#include <sched.h>
#include <thread>

using namespace nlbd::mesh;

namespace {

constexpr int kPatienceMs = 60'000;

QJsonObject connectionsOf(const Peer &peer)
{
    const auto lines = peer.verb({"status"});
    return lines.isEmpty() ? QJsonObject() : lines.front().value("connections").toObject();
}

QJsonObject rowOf(const Peer &peer, const QString &device)
{
    for (const auto &row : connectionsOf(peer).value("peers").toArray())
        if (row.toObject().value("device").toString() == device)
            return row.toObject();
    return {};
}

QString failedAt(const Peer &peer, const QString &device)
{
    return rowOf(peer, device).value("failed").toString();
}

QStringList hereAt(const Peer &peer)
{
    QStringList steps;
    for (const auto &step : connectionsOf(peer).value("here").toArray())
        steps << step.toString();
    return steps;
}

bool runIn(int networkNamespace, const char *command)
{
    bool isDone = false;
    std::thread inside([&] {
        isDone = ::setns(networkNamespace, CLONE_NEWNET) == 0 && std::system(command) == 0;
    });
    inside.join();
    return isDone;
}

} // namespace

class ConnectionsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whoIsConnectedIsToldWhole();
    void whoIsNotRunning();
    void anotherProgramAtHisPort();
    void anotherComputerAtHisPort();
    void aClockThatIsOff();
    void noMember();
    void ownTroubles();

private:
    Peer &ada() { return *m_table.honest()[0]; }
    Peer &ben() { return *m_table.honest()[1]; }

    QTemporaryDir m_folder;
    Loopback m_table;
};

void ConnectionsTest::initTestCase()
{
    QVERIFY(m_table.found({"Ada", "Ben"}, m_folder.path()));
}

void ConnectionsTest::whoIsConnectedIsToldWhole()
{
    QTRY_COMPARE_WITH_TIMEOUT(rowOf(ada(), ben().device()).value("state").toString(),
                              QString("here"), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(rowOf(ada(), ben().device()).contains("roundTripMs"), kPatienceMs);
    const QJsonObject row = rowOf(ada(), ben().device());
    QCOMPARE(row.value("name").toString(), QString("Ben"));
    QCOMPARE(row.value("workspaces").toArray().first().toString(), QString("Table"));
    QVERIFY(row.value("roundTripMs").toInt(-1) >= 0);
    QVERIFY(row.value("roundTripSmoothedMs").toInt(-1) >= 0);
    QVERIFY(row.value("bytesIn").toInteger() > 0 && row.value("bytesOut").toInteger() > 0);
    QVERIFY(row.value("framesIn").toInteger() > 0 && row.value("framesOut").toInteger() > 0);
    QVERIFY(row.value("since").toString().startsWith("20"));
    for (const char *lane : {"own", "live", "bulk"}) {
        const QJsonObject queue = row.value("queue").toObject().value(lane).toObject();
        QVERIFY2(queue.contains("frames") && queue.contains("bytes"), lane);
    }
    const QJsonObject atBen = rowOf(ben(), ada().device());
    QSet<QString> directions{row.value("direction").toString(),
                             atBen.value("direction").toString()};
    QCOMPARE(directions, QSet<QString>({"in", "out"}));
    const QJsonObject &caller = row.value("direction").toString() == "out" ? row : atBen;
    const QJsonObject &called = row.value("direction").toString() == "out" ? atBen : row;
    QCOMPARE(called.value("foundBy").toString(), QString("they-came"));
    QVERIFY(QSet<QString>({"invitation", "last-address", "member"})
                .contains(caller.value("foundBy").toString()));
    const QJsonObject all = connectionsOf(ada());
    QVERIFY(all.value("bytesIn").toInteger() >= row.value("bytesIn").toInteger());
    QCOMPARE(all.value("port").toInt(), ada().port());
    QVERIFY(hereAt(ada()).isEmpty());
    // What is typed is counted.
    (void)ada().verb({"new", "Plan"});
    QTRY_VERIFY_WITH_TIMEOUT(rowOf(ada(), ben().device()).value("bytesOut").toInteger()
                                 > row.value("bytesOut").toInteger(),
                             kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(rowOf(ada(), ben().device()).value("behind").toInt(-1), 0,
                              kPatienceMs);
}

void ConnectionsTest::whoIsNotRunning()
{
    const QString malory = m_table.malory().device(); // was there at the founding, and left
    QTRY_COMPARE_WITH_TIMEOUT(failedAt(ada(), malory), QString("refused"), kPatienceMs);
    const QJsonObject row = rowOf(ada(), malory);
    QCOMPARE(row.value("name").toString(), QString("Malory"));
    QCOMPARE(row.value("address").toString(), m_table.malory().address());
    QVERIFY(row.value("failures").toInt() > 0);
    QVERIFY(row.value("state").toString() == "dialling" || row.contains("nextTryMs"));
    QVERIFY(row.value("nextTryMs").toInt() <= 40'000);
}

void ConnectionsTest::anotherProgramAtHisPort()
{
    ben().stop();
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost, static_cast<quint16>(ben().port())));
    QTRY_COMPARE_WITH_TIMEOUT(failedAt(ada(), ben().device()), QString("not-ours"), kPatienceMs);
}

void ConnectionsTest::anotherComputerAtHisPort()
{
    Peer eve("Eve", m_folder.filePath("Eve"));
    (void)eve.verb({"init", "Eve"});
    QProcess other;
    settle(other, -1);
    other.start(
        programPath("nlbd-peer"),
        {"--profile", eve.folder(), "--json", "run", "--listen", ben().address(), "--loopback"});
    QTRY_COMPARE_WITH_TIMEOUT(failedAt(ada(), ben().device()), QString("wrong-key"), kPatienceMs);
    other.terminate();
    QVERIFY(other.waitForFinished(kPatienceMs));
}

void ConnectionsTest::aClockThatIsOff()
{
    QVERIFY(ben().giveClock());
    QVERIFY(ben().setClockWrong(std::chrono::hours(2)));
    QVERIFY(ben().goOnline({"run"}));
    QTRY_COMPARE_WITH_TIMEOUT(failedAt(ada(), ben().device()), QString("clock"), kPatienceMs);
    const QJsonObject row = rowOf(ada(), ben().device());
    QCOMPARE(row.value("state").toString(), QString("here")); // shared all the same
    QVERIFY(qAbs(row.value("clockAheadMs").toInteger() - 7'200'000) < 60'000);
}

void ConnectionsTest::noMember()
{
    ada().stop();
    QVERIFY(ada().goOnline({"run", "--shut-door"}));
    Peer fay("Fay", m_folder.filePath("Fay"));
    (void)fay.verb({"init", "Fay"});
    QVERIFY(fay.goOnline({"run", "--peer", ada().address() + "=" + ada().device()}));
    QTRY_COMPARE_WITH_TIMEOUT(failedAt(fay, ada().device()), QString("not-a-member"), kPatienceMs);
    QCOMPARE(rowOf(fay, ada().device()).value("foundBy").toString(), QString("given"));
}

void ConnectionsTest::ownTroubles()
{
    const auto networks = Networks::open(1);
    if (!networks) // it takes root's right to make them, which a user or a container may lack
        QSKIP(qPrintable("no network namespaces here: " + networks.error()));
    const int inside = (*networks)->namespaceOf(0);
    std::vector<std::unique_ptr<Peer>> peers;
    for (const char *name : {"Hal", "Ida"}) {
        peers.push_back(std::make_unique<Peer>(name, m_folder.filePath(name)));
        (void)peers.back()->verb({"init", name});
        peers.back()->liveIn(inside, {});
        QVERIFY(peers.back()->goOnline({"run", "--visible"}));
    }
    QVERIFY(hereAt(*peers[0]).isEmpty());
    QCOMPARE(hereAt(*peers[1]), QStringList{"port-taken"});
    const QJsonObject second = connectionsOf(*peers[1]);
    QCOMPARE(second.value("wishedPort").toInt(), peers[0]->port());
    QCOMPARE(second.value("port").toInt(), peers[1]->port());
    QTRY_VERIFY_WITH_TIMEOUT(
        connectionsOf(*peers[0]).value("beacons").toObject().value("heard").toInt() > 0,
        kPatienceMs);
    QVERIFY((*networks)->setPlugged(0, false));
    QTRY_COMPARE_WITH_TIMEOUT(hereAt(*peers[0]), QStringList{"no-interface"}, kPatienceMs);
    QVERIFY((*networks)->setPlugged(0, true));
    QTRY_VERIFY_WITH_TIMEOUT(hereAt(*peers[0]).isEmpty(), kPatienceMs);
    if (!runIn(inside, "nft add table inet t 2>/dev/null")) // a kernel may lack it
        QSKIP("no nftables here");
    QVERIFY(runIn(inside,
                  "nft add chain inet t o '{ type filter hook output priority 0; }' && "
                  "nft add rule inet t o meta l4proto udp drop"));
    QTRY_COMPARE_WITH_TIMEOUT(hereAt(*peers[0]), QStringList{"no-multicast"}, kPatienceMs);
}

QTEST_GUILESS_MAIN(ConnectionsTest)
#include "connections_test.moc"
