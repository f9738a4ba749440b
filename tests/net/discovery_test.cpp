#include "core/identity/genesis.h"
#include "net/discovery.h"

#include <arpa/inet.h>
#include <poll.h>
#include <QTest>
#include <sys/socket.h>
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

/// Sends to one port of this computer from an address that the test says.
class Sender {
public:
    Sender(const char *from, std::uint16_t to)
        : m_socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in own{};
        own.sin_family = AF_INET;
        inet_pton(AF_INET, from, &own.sin_addr);
        m_isBound =
            ::bind(m_socket.fd(), reinterpret_cast<const sockaddr *>(&own), sizeof own) == 0;
        m_to.sin_family = AF_INET;
        m_to.sin_port = htons(to);
        inet_pton(AF_INET, "127.0.0.1", &m_to.sin_addr);
    }
    [[nodiscard]] bool send(ByteView bytes) const
    {
        return m_isBound
            && ::sendto(m_socket.fd(), bytes.data(), bytes.size(), 0,
                        reinterpret_cast<const sockaddr *>(&m_to), sizeof m_to)
            > 0;
    }
    [[nodiscard]] bool sendCard(const std::string &name)
    {
        const auto device = identity::SecretKey::generate(m_random);
        const auto person = identity::SecretKey::generate(m_random);
        const Card card{name, device.publicKey(), person.publicKey(),
                        identity::certifyDevice(identity::Ed25519(), person, device.publicKey())};
        return send(encodeCard(device, {card, 4711, kProtocolVersions, {}}));
    }

private:
    SystemRandom m_random;
    UdpSocket m_socket;
    sockaddr_in m_to{};
    bool m_isBound = false;
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

    /// Who sends more than anybody reads uses up his own share, and nobody else's.
    void oneSourceDrownsNobody()
    {
        Neighbour ada("Ada", freePort(), 4711);
        MonoTime now{Millis{10'000}};
        ada.show(now);
        ada.turn(now);
        const Sender liar("127.0.0.2", freePort());
        const Bytes noise(100);
        for (std::size_t i = 0; i < Discovery::kDatagramsPerSecond + 100; ++i) {
            QVERIFY(liar.send(noise));
            if (i % 50 == 0)
                ada.turn(now);
        }
        ada.turn(now);
        Sender ben("127.0.0.3", freePort());
        QVERIFY(ben.sendCard("Ben"));
        ada.turn(now);
        QCOMPARE(ada.seen(), std::set<std::string>{"Ben"});
    }

    /// Who shows himself under ever new keys fills only so many places.
    void oneSourceHidesNobody()
    {
        Neighbour ada("Ada", freePort(), 4711);
        MonoTime now{Millis{10'000}};
        ada.show(now);
        ada.turn(now);
        Sender liar("127.0.0.2", freePort());
        for (std::size_t i = 0; i < Discovery::kNeighboursMax + 10; ++i) {
            QVERIFY(liar.sendCard("Nobody " + std::to_string(i)));
            if (i % 20 == 0)
                ada.turn(now += Millis{1000});
        }
        ada.turn(now += Millis{1000});
        Sender ben("127.0.0.3", freePort());
        QVERIFY(ben.sendCard("Ben"));
        ada.turn(now);
        QVERIFY(ada.seen().contains("Nobody 1"));
        QVERIFY(ada.seen().contains("Ben"));
    }
};

QTEST_GUILESS_MAIN(DiscoveryTest)
#include "discovery_test.moc"
