#include "core/identity/genesis.h"
#include "net/beacon.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::net;

class BeaconTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void cardsRoundTripAndNoFlipIsAccepted()
    {
        const Bytes datagram = encodeCard(m_device, card());
        QVERIFY(datagram.size() <= kDatagramMax);
        const auto decoded = decodeBeacon(datagram);
        QVERIFY(decoded && std::get_if<CardBeacon>(&*decoded) != nullptr);
        QVERIFY(std::get<CardBeacon>(*decoded).card == card().card);
        for (std::size_t i = 0; i < datagram.size(); ++i) {
            Bytes altered = datagram;
            altered[i] ^= std::byte{1};
            QVERIFY(!decodeBeacon(altered));
            QVERIFY(!decodeBeacon(ByteView(datagram).first(i)));
        }
    }
    void goodbyesAreSigned()
    {
        const Bytes datagram = encodeGoodbye(m_device, card().boot);
        QVERIFY(decodeBeacon(datagram));
        Bytes altered = datagram;
        altered[10] ^= std::byte{1};
        QVERIFY(!decodeBeacon(altered));
    }
    void asksArePadded()
    {
        const Bytes datagram = encodeAsk(4711);
        QCOMPARE(datagram.size(), kAskBytes);
        QVERIFY(decodeBeacon(datagram));
        QVERIFY(!decodeBeacon(ByteView(datagram).first(kAskBytes - 1)));
    }
    void sealedBeaconsOpenForMembersOnly()
    {
        ByteArray<32> key{};
        ByteArray<32> other{};
        m_random.fill(key);
        m_random.fill(other);
        const MemberBeacon member{m_device.publicKey(), 4711, card().boot, 9};
        const Bytes datagram = encodeSealed(m_device, member, {key}, m_random);
        const auto decoded = decodeBeacon(datagram);
        QVERIFY(decodeBeacon(datagram).has_value());
        const auto &sealed = std::get<SealedBeacon>(*decoded);
        const auto opened = openSealed(sealed, key);
        QVERIFY(opened && opened->device == member.device);
        QCOMPARE(int(opened->port), 4711);
        QVERIFY(!openSealed(sealed, other));
        const Bytes again = encodeSealed(m_device, member, {key}, m_random);
        QVERIFY(again != datagram); // nothing that two beacons share but the first six bytes
        QVERIFY(
            !std::ranges::equal(ByteView(again).subspan(6, 40), ByteView(datagram).subspan(6, 40)));
    }
    void garbageIsNothing()
    {
        for (int i = 0; i < 20'000; ++i) {
            Bytes bytes(static_cast<std::size_t>(m_random.below(kDatagramMax + 2)));
            m_random.fill(bytes);
            QVERIFY(!decodeBeacon(bytes));
        }
    }

private:
    CardBeacon card()
    {
        CardBeacon beacon;
        beacon.card = {
            "Thea", m_device.publicKey(), m_identity.publicKey(),
            identity::certifyDevice(identity::Ed25519(), m_identity, m_device.publicKey())};
        beacon.port = 4711;
        return beacon;
    }

    SeededRandom m_random{1};
    identity::SecretKey m_device = identity::SecretKey::generate(m_random);
    identity::SecretKey m_identity = identity::SecretKey::generate(m_random);
};

QTEST_APPLESS_MAIN(BeaconTest)
#include "beacon_test.moc"
