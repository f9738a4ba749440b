// Who finds whom on a network, and on which networks: real processes, each in a network namespace,
// started as somebody starts them who was told no address (PRODUCT J2, PROTOCOL C18).

#include "tests/mesh/networks.h"
#include "tests/mesh/process.h"
#include "tests/support/nat_router.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

using namespace nlbd;
using mesh::Networks;
using mesh::Peer;

namespace {

constexpr int kPatienceMs = 60'000;

/// Names of those whom it sees nearby.
QSet<QString> seenBy(const Peer &peer)
{
    QSet<QString> names;
    for (const QJsonObject &line : peer.verb({"status"}))
        for (const auto &near : line.value("neighbours").toArray())
            names << near.toObject().value("name").toString();
    return names;
}

QString addressAt(const Peer &peer, const QString &name)
{
    for (const QJsonObject &line : peer.verb({"status"}))
        for (const auto &near : line.value("neighbours").toArray())
            if (near.toObject().value("name").toString() == name)
                return near.toObject().value("address").toString();
    return {};
}

QString cardOf(const Peer &peer)
{
    const auto lines = peer.verb({"card"});
    return lines.isEmpty() ? QString() : lines.front().value("card").toString();
}

int onlineAt(const Peer &peer)
{
    const auto lines = peer.verb({"status"});
    const auto all = lines.isEmpty() ? QJsonArray() : lines.front().value("workspaces").toArray();
    return all.isEmpty() ? -1 : all.first().toObject().value("online").toInt();
}

} // namespace

class FindingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void neighboursAreSeen_data();
    void neighboursAreSeen();
    void severalOnOneComputerAreSeen();
    void whereGroupsAreDroppedBroadcastFinds();
    void eachNetworkIsHeard();
    void anotherNetworkWithTheRouteHidesNobody();
    void anAddressThatComesLateIsUsed();
    void aPulledCableIsPutBack();
    void anotherAddressIsFollowed();
    void membersWithoutAnAddressMeet();

    void aRouterPassesThePortOn();

private:
    void wire(int computers, Networks::Wiring wiring = {});
    Peer &add(const QString &name, int computer);
    void start(Peer &peer, const QStringList &options = {});
    [[nodiscard]] bool allSeeAll() const;

    QTemporaryDir m_folder;
    std::unique_ptr<Networks> m_networks;
    std::vector<std::unique_ptr<Peer>> m_peers;
    int m_round = 0;
};

void FindingTest::initTestCase()
{
    const auto networks = Networks::open(1);
    if (!networks) // it takes root's right to make them, which a user or a container may lack
        QSKIP(qPrintable("no network namespaces here: " + networks.error()));
}

void FindingTest::init()
{
    ++m_round;
}

void FindingTest::cleanup()
{
    m_peers.clear();
    m_networks.reset();
}

void FindingTest::wire(int computers, Networks::Wiring wiring)
{
    auto networks = Networks::open(computers, wiring);
    QVERIFY2(networks.has_value(), networks ? "" : qPrintable(networks.error()));
    m_networks = std::move(*networks);
}

Peer &FindingTest::add(const QString &name, int computer)
{
    const QString folder = m_folder.filePath(QStringLiteral("%1-%2").arg(name).arg(m_round));
    m_peers.push_back(std::make_unique<Peer>(name, folder));
    Peer &peer = *m_peers.back();
    (void)peer.verb({"init", name});
    peer.liveIn(m_networks->namespaceOf(computer), {});
    return peer;
}

void FindingTest::start(Peer &peer, const QStringList &options)
{
    QVERIFY(peer.goOnline(QStringList{"run", "--visible"} + options));
}

bool FindingTest::allSeeAll() const
{
    return std::ranges::all_of(m_peers, [this](const auto &peer) {
        return seenBy(*peer).size() == static_cast<qsizetype>(m_peers.size()) - 1;
    });
}

// ---- who is nearby -----------------------------------------------------------------------------

void FindingTest::neighboursAreSeen_data()
{
    QTest::addColumn<int>("computers");
    QTest::addColumn<bool>("hasIpv4");
    QTest::addColumn<bool>("hasIpv6");
    QTest::newRow("two, IPv4 only") << 2 << true << false;
    QTest::newRow("two, IPv6 only") << 2 << false << true;
    QTest::newRow("two, both") << 2 << true << true;
    QTest::newRow("sixteen, both") << 16 << true << true;
}

void FindingTest::neighboursAreSeen()
{
    QFETCH(int, computers);
    QFETCH(bool, hasIpv4);
    QFETCH(bool, hasIpv6);
    wire(computers, {hasIpv4, hasIpv6});
    for (int i = 0; i < computers; ++i)
        start(add(QStringLiteral("P%1").arg(i), i));
    QTRY_VERIFY_WITH_TIMEOUT(allSeeAll(), kPatienceMs);
    const QString address = addressAt(*m_peers.front(), QStringLiteral("P1"));
    QVERIFY2(address.startsWith(hasIpv4 && !hasIpv6 ? "10.77.0.2:"
                                    : hasIpv4       ? ""
                                                    : "[fe80::77:2%"),
             qPrintable(address));
}

void FindingTest::severalOnOneComputerAreSeen()
{
    wire(2, {true, true});
    for (const char *name : {"Ada", "Ben", "Cai"})
        start(add(name, 0));
    start(add("Dea", 1));
    QTRY_VERIFY_WITH_TIMEOUT(allSeeAll(), kPatienceMs);
}

void FindingTest::whereGroupsAreDroppedBroadcastFinds()
{
    wire(3);
    QVERIFY(m_networks->setMulticast(false));
    for (int i = 0; i < 3; ++i)
        start(add(QStringLiteral("P%1").arg(i), i));
    QTRY_VERIFY_WITH_TIMEOUT(allSeeAll(), kPatienceMs);
}

// ---- computers with more than one network ------------------------------------------------------

void FindingTest::eachNetworkIsHeard()
{
    wire(3);
    // Ada has two cables; Ben is at one of them, Cai at the other, and they do not hear each other.
    QVERIFY(m_networks->addCable(0, 1));
    QVERIFY(m_networks->addCable(2, 1));
    QVERIFY(m_networks->setPlugged(2, false));
    start(add("Ada", 0));
    start(add("Ben", 1));
    start(add("Cai", 2));
    QTRY_COMPARE_WITH_TIMEOUT(seenBy(*m_peers[0]), QSet<QString>({"Ben", "Cai"}), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(seenBy(*m_peers[1]), QSet<QString>({"Ada"}), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(seenBy(*m_peers[2]), QSet<QString>({"Ada"}), kPatienceMs);
    QVERIFY(addressAt(*m_peers[2], "Ada").startsWith("10.77.1.1:"));
}

void FindingTest::anotherNetworkWithTheRouteHidesNobody()
{
    wire(2);
    QVERIFY(m_networks->addCable(0, 1)); // as a VPN is: everything goes there by default
    QVERIFY(m_networks->setDefaultRoute(0, "eth1"));
    start(add("Ada", 0));
    start(add("Ben", 1));
    QTRY_VERIFY_WITH_TIMEOUT(allSeeAll(), kPatienceMs);
}

// ---- networks that change ----------------------------------------------------------------------

void FindingTest::anAddressThatComesLateIsUsed()
{
    wire(2, {false, false});
    start(add("Ada", 0));
    start(add("Ben", 1));
    QVERIFY(seenBy(*m_peers[0]).isEmpty());
    for (int i = 0; i < 2; ++i)
        QVERIFY(m_networks->move(i, m_networks->hostOf(i)));
    QTRY_VERIFY_WITH_TIMEOUT(allSeeAll(), kPatienceMs);
}

void FindingTest::aPulledCableIsPutBack()
{
    wire(2);
    start(add("Ada", 0));
    QVERIFY(m_networks->setPlugged(0, false));
    start(add("Ben", 1));
    QVERIFY(m_networks->setPlugged(0, true));
    QTRY_VERIFY_WITH_TIMEOUT(allSeeAll(), kPatienceMs);
}

void FindingTest::anotherAddressIsFollowed()
{
    wire(2);
    start(add("Ada", 0));
    QVERIFY(m_networks->move(0, "10.77.0.77")); // before anybody could hear of the first
    start(add("Ben", 1));
    QTRY_COMPARE_WITH_TIMEOUT(addressAt(*m_peers[1], "Ada").section(':', 0, 0),
                              QString("10.77.0.77"), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(allSeeAll(), kPatienceMs);
}

/// Members show themselves to nobody else, and remember where the others were: here all of them
/// moved while they were off.
void FindingTest::membersWithoutAnAddressMeet()
{
    wire(3);
    for (int i = 0; i < 3; ++i)
        start(add(QStringLiteral("P%1").arg(i), i), {"--accept-founding"});
    QTRY_VERIFY_WITH_TIMEOUT(allSeeAll(), kPatienceMs);
    QStringList found{"found", "--name", "Garden"};
    for (int i = 1; i < 3; ++i)
        found << "--with" << cardOf(*m_peers[static_cast<std::size_t>(i)]);
    int exitCode = -1;
    (void)m_peers[0]->verb(found, &exitCode);
    QCOMPARE(exitCode, 0);
    for (const auto &peer : m_peers)
        QTRY_COMPARE_WITH_TIMEOUT(onlineAt(*peer), 2, kPatienceMs);
    for (const auto &peer : m_peers)
        peer->stop();
    for (int i = 0; i < 3; ++i)
        QVERIFY(m_networks->move(i, QStringLiteral("10.77.0.%1").arg(100 + i)));
    for (const auto &peer : m_peers)
        QVERIFY(peer->goOnline({"run"}));
    for (const auto &peer : m_peers)
        QTRY_COMPARE_WITH_TIMEOUT(onlineAt(*peer), 2, kPatienceMs);
}

// ---- beyond the network ------------------------------------------------------------------------

/// Whoever is invited learns the address outside as well. What nobody asks for is not asked.
void FindingTest::aRouterPassesThePortOn()
{
    wire(3);
    QVERIFY(m_networks->setRouter(0, 2) && m_networks->setRouter(1, 2));
    const QByteArray host = m_networks->hostOf(2).toLatin1();
    test::NatRouter router(host.constData(), m_networks->namespaceOf(2));
    QVERIFY(router.isThere());
    start(add("Ben", 1));
    start(add("Ada", 0), {"--map-port"});
    const auto outsideAt = [&router](const Peer &peer) {
        router.turn();
        const auto lines = peer.verb({"status"});
        return lines.isEmpty() ? QString() : lines.front().value("outside").toString();
    };
    QTRY_COMPARE_WITH_TIMEOUT(outsideAt(*m_peers[1]), QString("203.0.113.7:61000"), kPatienceMs);
    QCOMPARE(int(router.mapped), m_peers[1]->port());
    QCOMPARE(outsideAt(*m_peers[0]), QString());
    QVERIFY(router.asked >= 2);
    m_peers[1]->stop();
    QTRY_VERIFY_WITH_TIMEOUT((router.turn(), router.mapped == 0), kPatienceMs);
}

QTEST_GUILESS_MAIN(FindingTest)
#include "finding_test.moc"
