// Members whose cables are long, lossy, cut and pulled: whatever happens to them, all come to hold
// the same. Real processes, each in a network namespace (networks.h).

#include "tests/mesh/networks.h"
#include "tests/mesh/process.h"
#include "tests/mesh/questions.h"

#include <QJsonArray>
#include <QJsonValue>
#include <QTemporaryDir>
#include <QTest>

using namespace nlbd;
using mesh::Networks;
using mesh::Peer;

namespace {

constexpr int kPatienceMs = 120'000;

QString textAt(const Peer &peer)
{
    const auto lines = peer.verb({"show", "Plan"});
    return lines.isEmpty() ? QString() : lines.front().value("text").toString();
}

int onlineAt(const Peer &peer)
{
    return mesh::workspaceOf(peer).value("online").toInt(-1);
}

} // namespace

class BadCablesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void longAndLossyCables();
    void sixteenAreParted();
    void aCableIsPulled();
    void groupsAreDroppedBetweenMembers();

private:
    void wire(int computers, Networks::Wiring wiring = {});
    void found();
    void edit(int who, const QString &words);
    [[nodiscard]] bool holdAll(const QList<int> &who, const QStringList &words) const;
    [[nodiscard]] Peer &at(int i) const { return *m_peers[static_cast<std::size_t>(i)]; }
    [[nodiscard]] QList<int> everybody() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Networks> m_networks;
    std::vector<std::unique_ptr<Peer>> m_peers;
};

void BadCablesTest::initTestCase()
{
    const auto networks = Networks::open(1);
    if (!networks) // it takes root's right to make them, which a user or a container may lack
        QSKIP(qPrintable("no network namespaces here: " + networks.error()));
}

void BadCablesTest::cleanup()
{
    m_peers.clear();
    m_networks.reset();
}

void BadCablesTest::wire(int computers, Networks::Wiring wiring)
{
    auto networks = Networks::open(computers, wiring);
    if (!networks && wiring.delay.count() > 0)
        // A kernel without TAP or a switch that does not start: the sentence says which.
        QSKIP(qPrintable(networks.error()));
    QVERIFY2(networks.has_value(), networks ? "" : qPrintable(networks.error()));
    m_networks = std::move(*networks);
    m_folder = std::make_unique<QTemporaryDir>();
    for (int i = 0; i < computers; ++i) {
        const QString name = QStringLiteral("P%1").arg(i);
        m_peers.push_back(std::make_unique<Peer>(name, m_folder->filePath(name)));
        (void)at(i).verb({"init", name});
        at(i).liveIn(m_networks->namespaceOf(i), m_networks->hostOf(i));
        QVERIFY(at(i).goOnline({"run", "--accept-founding"}));
    }
}

void BadCablesTest::found()
{
    QStringList verb{"found", "--name", "Garden"};
    for (std::size_t i = 1; i < m_peers.size(); ++i)
        verb << "--with"
             << m_peers[i]
                    ->verb({"card", "--address", m_peers[i]->address()})
                    .value(0)
                    .value("card")
                    .toString();
    int exitCode = -1;
    (void)at(0).verb(verb, &exitCode);
    QCOMPARE(exitCode, 0);
    for (const auto &peer : m_peers)
        QTRY_COMPARE_WITH_TIMEOUT(onlineAt(*peer), int(m_peers.size()) - 1, kPatienceMs);
    (void)at(0).verb({"new", "Plan"}, &exitCode);
    QCOMPARE(exitCode, 0);
    const auto hasPlan = [](const Peer &peer) {
        int exit = -1;
        (void)peer.verb({"show", "Plan"}, &exit);
        return exit == 0;
    };
    for (const auto &peer : m_peers)
        QTRY_VERIFY_WITH_TIMEOUT(hasPlan(*peer), kPatienceMs);
}

void BadCablesTest::edit(int who, const QString &words)
{
    int exitCode = -1;
    (void)at(who).verb({"edit", "Plan", "--append", words}, &exitCode);
    QCOMPARE(exitCode, 0);
}

QList<int> BadCablesTest::everybody() const
{
    QList<int> all;
    for (int i = 0; i < int(m_peers.size()); ++i)
        all << i;
    return all;
}

/// The same text, with all of these in it.
bool BadCablesTest::holdAll(const QList<int> &who, const QStringList &words) const
{
    const QString text = textAt(at(who.front()));
    return std::ranges::all_of(words, [&](const QString &word) { return text.contains(word); })
        && std::ranges::all_of(who, [&](int i) { return textAt(at(i)) == text; });
}

/// A tenth of a second each way, and one packet of twenty lost at each computer.
void BadCablesTest::longAndLossyCables()
{
    constexpr int kComputers = 4;
    constexpr int kLossPercent = 5;
    wire(kComputers, {true, false, std::chrono::milliseconds(100)});
    if (QTest::currentTestFailed() || !m_networks)
        return;
    for (int i = 0; i < kComputers; ++i)
        if (!m_networks->setLoss(i, kLossPercent))
            // Loss is drawn by nftables' numgen; there is no other way without netem.
            QSKIP("nothing can be lost here: the kernel or nftables has no numgen");
    found();
    if (QTest::currentTestFailed())
        return;
    QStringList words;
    for (int round = 0; round < 5; ++round)
        for (int i = 0; i < kComputers; ++i) {
            words << QStringLiteral("[%1 of %2]").arg(round).arg(i);
            edit(i, words.back());
            // One edit at a time in the first round: each is seen by all.
            if (round == 0)
                QTRY_VERIFY_WITH_TIMEOUT(holdAll(everybody(), words), kPatienceMs);
        }
    QTRY_VERIFY_WITH_TIMEOUT(holdAll(everybody(), words), kPatienceMs);
    // The way is as long as it was made: no round trip is shorter.
    const auto lines = at(0).verb({"status"});
    QVERIFY(!lines.isEmpty());
    int measured = 0;
    for (const auto &value :
         lines.front().value("connections").toObject().value("peers").toArray()) {
        const QJsonValue trip = value.toObject().value("roundTripMs");
        if (trip.isDouble()) {
            ++measured;
            QVERIFY2(trip.toDouble() >= 200, qPrintable(QString::number(trip.toDouble())));
        }
    }
    QVERIFY(measured > 0);
}

void BadCablesTest::sixteenAreParted()
{
    wire(16);
    found();
    if (QTest::currentTestFailed())
        return;
    const QList<int> left{0, 1, 2, 3, 4, 5, 6, 7};
    const QList<int> right{8, 9, 10, 11, 12, 13, 14, 15};
    QVERIFY(m_networks->part({{left.begin(), left.end()}, {right.begin(), right.end()}}));
    QStringList onLeft;
    QStringList onRight;
    for (const int who : {1, 5, 9, 14}) {
        QStringList &words = who < 8 ? onLeft : onRight;
        words << QStringLiteral("[%1 alone]").arg(who);
        edit(who, words.back());
    }
    for (const auto &peer : m_peers) // the cut is noticed
        QTRY_COMPARE_WITH_TIMEOUT(onlineAt(*peer), 7, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(holdAll(left, onLeft), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(holdAll(right, onRight), kPatienceMs);
    QVERIFY(!textAt(at(0)).contains(onRight.front()));
    QVERIFY(!textAt(at(15)).contains(onLeft.front()));
    QVERIFY(m_networks->heal());
    QTRY_VERIFY_WITH_TIMEOUT(holdAll(everybody(), onLeft + onRight), kPatienceMs);
    for (const auto &peer : m_peers)
        QTRY_COMPARE_WITH_TIMEOUT(onlineAt(*peer), 15, kPatienceMs);
}

void BadCablesTest::aCableIsPulled()
{
    wire(3);
    found();
    if (QTest::currentTestFailed())
        return;
    QVERIFY(m_networks->setPlugged(2, false));
    edit(0, "[while two was away]");
    edit(2, "[without a cable]");
    QTRY_COMPARE_WITH_TIMEOUT(onlineAt(at(2)), 0, kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(onlineAt(at(0)), 1, kPatienceMs);
    QVERIFY(!textAt(at(0)).contains("[without a cable]"));
    QVERIFY(m_networks->setPlugged(2, true));
    const QStringList all{"[while two was away]", "[without a cable]"};
    QTRY_VERIFY_WITH_TIMEOUT(holdAll(everybody(), all), kPatienceMs);
}

/// Members find each other again by broadcast where the switch drops groups.
void BadCablesTest::groupsAreDroppedBetweenMembers()
{
    wire(3);
    QVERIFY(m_networks->setMulticast(false));
    found();
    if (QTest::currentTestFailed())
        return;
    for (const auto &peer : m_peers)
        peer->stop();
    for (int i = 0; i < 3; ++i) { // at addresses that nobody was told
        QVERIFY(m_networks->move(i, QStringLiteral("10.77.0.%1").arg(120 + i)));
        at(i).liveIn(m_networks->namespaceOf(i), {});
    }
    for (const auto &peer : m_peers)
        QVERIFY(peer->goOnline({"run"}));
    for (const auto &peer : m_peers)
        QTRY_COMPARE_WITH_TIMEOUT(onlineAt(*peer), 2, kPatienceMs);
    edit(1, "[found again]");
    QTRY_VERIFY_WITH_TIMEOUT(holdAll(everybody(), {"[found again]"}), kPatienceMs);
}

QTEST_GUILESS_MAIN(BadCablesTest)
#include "bad_cables_test.moc"
