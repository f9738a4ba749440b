#include "core/identity/genesis.h"
#include "net/discovery.h"

#include <poll.h>
#include <QTest>
#include <unistd.h>

using namespace nlbd;
using namespace nlbd::net;

namespace {

/// Somebody on this computer's loopback device, at times that the test says.
class Neighbour {
public:
    Neighbour(const char *name, std::uint16_t port, std::uint16_t tcpPort)
        : m_name(name)
        , m_discovery({port, tcpPort, InterfaceScope::Loopback, {}}, m_device, m_random)
    {
    }

    void show(MonoTime now)
    {
        m_discovery.setVisible(
            Card{m_name, m_device.publicKey(), m_identity.publicKey(),
                 identity::certifyDevice(identity::Ed25519(), m_identity, m_device.publicKey())},
            now);
    }
    void turn(MonoTime now)
    {
        for (const MeshEvent &event : m_discovery.turn(now))
            if (const auto *seen = std::get_if<NeighbourSeen>(&event))
                m_seen.insert(seen->card.name);
    }
    [[nodiscard]] const std::set<std::string> &seen() const { return m_seen; }
    [[nodiscard]] Discovery &discovery() { return m_discovery; }

private:
    SystemRandom m_random;
    identity::SecretKey m_device = identity::SecretKey::generate(m_random);
    identity::SecretKey m_identity = identity::SecretKey::generate(m_random);
    std::string m_name;
    Discovery m_discovery;
    std::set<std::string> m_seen;
};

/// What was sent is there: a datagram on loopback arrives before the call that sent it returns.
std::uint16_t freePort()
{
    return static_cast<std::uint16_t>(40'000 + ::getpid() % 20'000);
}

} // namespace

class DiscoveryTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// The mesh turns before anybody is shown: that must not put off the first beacon.
    void whoShowsHimselfIsSeenAtOnce()
    {
        Neighbour ada("Ada", freePort(), 4711);
        Neighbour ben("Ben", freePort(), 4712);
        MonoTime now{Millis{10'000}};
        ada.turn(now);
        ben.turn(now);
        now += Millis{100};
        ada.show(now);
        ben.show(now);
        const MonoTime begun = now;
        while ((ada.seen().empty() || ben.seen().empty()) && now - begun < Millis{20'000}) {
            ada.turn(now);
            ben.turn(now);
            now += Millis{50};
        }
        QCOMPARE(ada.seen(), std::set<std::string>{"Ben"});
        QCOMPARE(ben.seen(), std::set<std::string>{"Ada"});
        QVERIFY2((now - begun) <= Millis{500}, qPrintable(QString::number((now - begun).count())));
    }
};

QTEST_GUILESS_MAIN(DiscoveryTest)
#include "discovery_test.moc"
