// A member's nlbd-peer on a computer that is always on: people who are never online together meet
// there, also from behind a router that lets nobody in (PRODUCT J2, DESIGN 3.6).

#include "tests/mesh/networks.h"
#include "tests/mesh/process.h"
#include "tests/mesh/questions.h"

#include <QTemporaryDir>
#include <QTest>

using namespace nlbd;
using mesh::Networks;
using mesh::Peer;

namespace {

constexpr int kPatienceMs = 60'000;
enum Computer { kInside, kRouter, kHome, kOutside, kComputers };

QString textAt(const Peer &peer)
{
    const auto lines = peer.verb({"show", "Plan"});
    return lines.isEmpty() ? QString() : lines.front().value("text").toString();
}

bool hasFounded(const Peer &peer)
{
    return !mesh::workspaceOf(peer).isEmpty();
}

} // namespace

class HomeServerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void twoWhoNeverMeetConverge();

private:
    Peer &add(const QString &name, int computer);
    void found(Peer &first, const QList<Peer *> &others);
    [[nodiscard]] static bool does(const Peer &peer, const QStringList &verb);

    QTemporaryDir m_folder;
    std::unique_ptr<Networks> m_networks;
    std::vector<std::unique_ptr<Peer>> m_peers;
};

void HomeServerTest::initTestCase()
{
    auto networks = Networks::open(kComputers);
    if (!networks) // it takes root's right to make them, which a user or a container may lack
        QSKIP(qPrintable("no network namespaces here: " + networks.error()));
    m_networks = std::move(*networks);
    // All but the one inside are at a switch of their own, and the router at both.
    for (const int computer : {kRouter, kHome, kOutside})
        QVERIFY(m_networks->addCable(computer, 1));
    for (const int computer : {kHome, kOutside})
        QVERIFY(m_networks->setPlugged(computer, false));
    QVERIFY(m_networks->setRouter(kInside, kRouter));
    if (!m_networks->beRouter(kRouter, "eth1")) // a kernel may lack it
        QSKIP("no router can be made here: the kernel or nftables cannot hide addresses (NAT)");
}

Peer &HomeServerTest::add(const QString &name, int computer)
{
    m_peers.push_back(std::make_unique<Peer>(name, m_folder.filePath(name)));
    Peer &peer = *m_peers.back();
    (void)peer.verb({"init", name});
    const int cable = computer == kInside ? 0 : 1;
    peer.liveIn(m_networks->namespaceOf(computer), Networks::hostAt(cable, computer));
    return peer;
}

bool HomeServerTest::does(const Peer &peer, const QStringList &verb)
{
    int exitCode = -1;
    (void)peer.verb(verb, &exitCode);
    return exitCode == 0;
}

void HomeServerTest::found(Peer &first, const QList<Peer *> &others)
{
    QStringList verb{"found", "--name", "Garden"};
    for (const Peer *other : others)
        verb << "--with"
             << other->verb({"card", "--address", other->address()})
                    .value(0)
                    .value("card")
                    .toString();
    QVERIFY(does(first, verb));
    for (const Peer *peer : QList<Peer *>{&first} + others)
        QTRY_VERIFY_WITH_TIMEOUT(hasFounded(*peer), kPatienceMs);
}

void HomeServerTest::twoWhoNeverMeetConverge()
{
    Peer &ada = add("Ada", kInside);
    Peer &home = add("Home", kHome);
    Peer &ben = add("Ben", kOutside);
    for (Peer *peer : {&ada, &home, &ben})
        QVERIFY(peer->goOnline({"run", "--accept-founding"}));
    found(ada, {&home, &ben});
    QVERIFY(does(ada, {"new", "Plan"}));
    QTRY_VERIFY_WITH_TIMEOUT(does(ben, {"show", "Plan"}), kPatienceMs);

    // From here on one of the two is always away.
    ben.stop();
    QVERIFY(does(ada, {"edit", "Plan", "--append", "Ada was here. "}));
    QTRY_COMPARE_WITH_TIMEOUT(textAt(home), QString("Ada was here. "), kPatienceMs);
    ada.stop();
    QVERIFY(ben.goOnline({"run"}));
    QTRY_COMPARE_WITH_TIMEOUT(textAt(ben), QString("Ada was here. "), kPatienceMs);
    QVERIFY(does(ben, {"edit", "Plan", "--append", "Ben as well."}));
    QTRY_COMPARE_WITH_TIMEOUT(textAt(home), QString("Ada was here. Ben as well."), kPatienceMs);
    ben.stop();
    QVERIFY(ada.goOnline({"run"}));
    QTRY_COMPARE_WITH_TIMEOUT(textAt(ada), QString("Ada was here. Ben as well."), kPatienceMs);

    // What all three hold is agreed, although two of them never were online together: each seat's
    // word is kept, and told on by whoever has it.
    QTRY_VERIFY_WITH_TIMEOUT(mesh::hasEverythingAt(home, "Ada"), kPatienceMs);
    ada.stop();
    QVERIFY(ben.goOnline({"run"}));
    const auto isAgreedAt = [](const Peer &peer) {
        return mesh::isAgreed(peer, {"Ada", "Ben", "Home"});
    };
    QTRY_VERIFY_WITH_TIMEOUT(isAgreedAt(home), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(isAgreedAt(ben), kPatienceMs);
}

QTEST_GUILESS_MAIN(HomeServerTest)
#include "home_server_test.moc"
