#include "core/identity/genesis.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::identity;

namespace {

const Ed25519 kScheme;

struct Scene {
    SeededRandom random{5};
    std::vector<SecretKey> identities;
    std::vector<SecretKey> devices;
    SignedGenesis record;

    explicit Scene(std::size_t size)
    {
        for (std::size_t i = 0; i < size; ++i) {
            identities.push_back(SecretKey::generate(random));
            devices.push_back(SecretKey::generate(random));
        }
        std::ranges::sort(identities, {}, [](const SecretKey &key) { return key.publicKey(); });
        Genesis &genesis = record.genesis;
        genesis.name = "Winter";
        random.fill(genesis.random);
        for (std::size_t i = 0; i < size; ++i)
            genesis.founders.push_back(
                {identities[i].publicKey(), "Founder " + std::to_string(i), devices[i].publicKey(),
                 certifyDevice(kScheme, identities[i], devices[i].publicKey())});
        sign();
    }
    void sign()
    {
        record.signatures.clear();
        for (const SecretKey &identity : identities)
            record.signatures.push_back(signGenesis(kScheme, identity, record.genesis));
    }
};

} // namespace

class GenesisTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void restoresAndVerifies();
    void believesNoFlippedBit();
    void refusesEveryCut();
    void refusesUnsoundRecords_data();
    void refusesUnsoundRecords();
    void needsEveryFounder();
    void numbersMembersBySort();
    void quorums_data();
    void quorums();
};

void GenesisTest::restoresAndVerifies()
{
    const Scene s(3);
    QVERIFY(s.record.verify(kScheme).has_value());
    const auto again = SignedGenesis::decode(s.record.encode());
    QVERIFY(again.has_value());
    QCOMPARE(again->genesis, s.record.genesis);
    QCOMPARE(again->signatures, s.record.signatures);
    QCOMPARE(Genesis::decode(s.record.genesis.encode()), s.record.genesis);
}

void GenesisTest::believesNoFlippedBit()
{
    const Scene s(2);
    const Bytes bytes = s.record.encode();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes altered = bytes;
        altered[i] ^= std::byte(1U << (i % 8));
        const auto decoded = SignedGenesis::decode(altered);
        QVERIFY(!decoded || decoded->encode() == altered);
        QVERIFY(!decoded || !decoded->verify(kScheme));
    }
}

void GenesisTest::refusesEveryCut()
{
    const Scene s(2);
    Bytes bytes = s.record.encode();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        QVERIFY(!SignedGenesis::decode(ByteView(bytes).first(size)).has_value());
    bytes.push_back(std::byte{0});
    QVERIFY(!SignedGenesis::decode(bytes).has_value());
}

void GenesisTest::refusesUnsoundRecords_data()
{
    QTest::addColumn<int>("which");
    const std::array names{"founders unsorted", "founder twice",      "device twice",
                           "bad founder name",  "bad workspace name", "nobody"};
    for (int i = 0; i < static_cast<int>(names.size()); ++i)
        QTest::newRow(names[static_cast<std::size_t>(i)]) << i;
}

void GenesisTest::refusesUnsoundRecords()
{
    QFETCH(const int, which);
    Scene s(2);
    Genesis &genesis = s.record.genesis;
    switch (which) {
    case 0:
        std::swap(genesis.founders[0], genesis.founders[1]);
        break;
    case 1:
        genesis.founders[1] = genesis.founders[0];
        break;
    case 2:
        genesis.founders[1].device = genesis.founders[0].device;
        break;
    case 3:
        genesis.founders[1].name = "  ";
        break;
    case 4:
        genesis.name = "a\nb";
        break;
    default:
        genesis.founders.clear();
    }
    QCOMPARE(Genesis::decode(genesis.encode()).error(), Code::E_CANON);
}

void GenesisTest::needsEveryFounder()
{
    Scene s(3);
    s.record.signatures[1] = s.record.signatures[0];
    QCOMPARE(s.record.verify(kScheme).error(), Code::E_SIG);
    // A certificate by somebody else, under a record that everybody signed.
    s.record.genesis.founders[2].certificate =
        certifyDevice(kScheme, s.identities[0], s.devices[2].publicKey());
    s.sign();
    QCOMPARE(s.record.verify(kScheme).error(), Code::E_SIG);
}

void GenesisTest::numbersMembersBySort()
{
    const Scene s(4);
    const Configuration configuration = s.record.genesis.configuration();
    QCOMPARE(configuration.workspace, s.record.genesis.id());
    QCOMPARE(configuration.decision.value, configuration.workspace.value);
    for (std::uint16_t i = 0; i < 4; ++i) {
        const Device *device = configuration.device(DeviceIndex(i));
        QVERIFY(device != nullptr && device->admittedBy == configuration.decision);
        QCOMPARE(configuration.indexOf(device->key), std::optional(DeviceIndex(i)));
        QCOMPARE(configuration.seatOf(DeviceIndex(i)), std::optional(SeatIndex(i)));
        QCOMPARE(configuration.memberOf(DeviceIndex(i))->name, "Founder " + std::to_string(i));
    }
    QVERIFY(configuration.device(DeviceIndex(4)) == nullptr);
    QVERIFY(configuration.memberOf(DeviceIndex(4)) == nullptr);
    QVERIFY(!configuration.indexOf(PublicKey{}) && !configuration.seatOf(DeviceIndex(9)));
}

void GenesisTest::quorums_data()
{
    // The table of PROTOCOL 1.
    QTest::addColumn<int>("n");
    QTest::addColumn<int>("f");
    QTest::addColumn<int>("q");
    constexpr std::array<std::array<int, 3>, 13> kTable{{{1, 0, 1},
                                                         {2, 0, 2},
                                                         {3, 0, 3},
                                                         {4, 1, 3},
                                                         {5, 1, 4},
                                                         {6, 1, 5},
                                                         {7, 2, 5},
                                                         {10, 3, 7},
                                                         {16, 5, 11},
                                                         {32, 10, 22},
                                                         {64, 21, 43},
                                                         {100, 33, 67},
                                                         {128, 42, 86}}};
    for (const auto &[n, f, q] : kTable)
        QTest::addRow("%d", n) << n << f << q;
}

void GenesisTest::quorums()
{
    QFETCH(const int, n);
    QFETCH(const int, f);
    QFETCH(const int, q);
    const auto seats = static_cast<std::size_t>(n);
    QCOMPARE(toleratedFaults(seats), static_cast<std::size_t>(f));
    QCOMPARE(quorumOf(seats), static_cast<std::size_t>(q));
    QCOMPARE(quorumOf(seats), seats - toleratedFaults(seats));
}

QTEST_APPLESS_MAIN(GenesisTest)
#include "genesis_test.moc"
