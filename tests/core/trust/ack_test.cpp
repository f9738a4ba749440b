#include "tests/core/trust/frontiers.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::trust;
using nlbd::test::Group;

namespace {

const identity::Ed25519 kScheme;

FrontierEntry entry(std::uint16_t device, std::uint64_t seq, std::uint8_t hash)
{
    FrontierEntry result{DeviceIndex(device), Seq(seq), {}};
    result.head.value[0] = std::byte{hash};
    return result;
}

const Frontier kBefore{entry(0, 3, 1), entry(2, 9, 2)};
const Frontier kNow{entry(0, 4, 5), entry(1, 1, 6), entry(2, 9, 2)};

} // namespace

class AckTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void restores();
    void believesNoFlippedBit();
    void isBoundToItsWorkspaceAndSeat();
    void frontierRestores();
    void frontierIsStrict();
    void changesLeadFromOneToTheOther();
};

void AckTest::restores()
{
    const Group group(4, kScheme);
    const Ack ack = test::ackOf(group, 2, 7, kNow);
    const Bytes bytes = ack.encode();
    QCOMPARE(bytes.size(), std::size_t(110));
    const auto decoded = Ack::decode(bytes);
    QVERIFY(decoded && *decoded == ack);
    QVERIFY(isSigned(kScheme, group.configuration, *decoded));
    for (std::size_t size = 0; size < bytes.size(); ++size)
        QCOMPARE(Ack::decode(ByteView(bytes).first(size)).error(), Code::E_CANON);
    Bytes zeroth = bytes;
    std::fill_n(zeroth.begin() + 6, 8, std::byte{0});
    QCOMPARE(Ack::decode(zeroth).error(), Code::E_CANON);
}

void AckTest::believesNoFlippedBit()
{
    const Group group(4, kScheme);
    const Bytes bytes = test::ackOf(group, 2, 7, kNow).encode();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes altered = bytes;
        altered[i] ^= std::byte(1U << (i % 8));
        const auto decoded = Ack::decode(altered);
        QVERIFY(!decoded || !isSigned(kScheme, group.configuration, *decoded));
    }
}

void AckTest::isBoundToItsWorkspaceAndSeat()
{
    const Group group(4, kScheme);
    Ack ack = test::ackOf(group, 2, 7, kNow);
    identity::Configuration other = group.configuration;
    other.workspace.value[0] ^= std::byte{1};
    QVERIFY(!isSigned(kScheme, other, ack));
    other = group.configuration;
    other.epoch = Epoch(1);
    QVERIFY(!isSigned(kScheme, other, ack));
    ack.seat = SeatIndex(1);
    QVERIFY(!isSigned(kScheme, group.configuration, ack));
    ack.seat = SeatIndex(4);
    QVERIFY(!isSigned(kScheme, group.configuration, ack));
}

void AckTest::frontierRestores()
{
    for (const Frontier &frontier : {Frontier{}, kBefore, kNow}) {
        const auto decoded = decodeFrontier(encodeFrontier(frontier));
        QVERIFY(decoded && *decoded == frontier);
    }
    QVERIFY(rootOf(kBefore) != rootOf(kNow));
}

void AckTest::frontierIsStrict()
{
    Bytes bytes = encodeFrontier(kNow);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        QVERIFY(!decodeFrontier(ByteView(bytes).first(size)).has_value());
    Bytes twice = bytes;
    twice[1 + 35] = std::byte{0}; // the second entry's device becomes that of the first
    QCOMPARE(decodeFrontier(twice).error(), Code::E_CANON);
    Bytes unborn = bytes;
    unborn[3] = std::byte{0}; // seq 0
    QCOMPARE(decodeFrontier(unborn).error(), Code::E_CANON);
    Frontier wide;
    for (std::uint16_t device = 0; device < 769; ++device)
        wide.push_back(entry(device, 1, 1));
    QCOMPARE(decodeFrontier(encodeFrontier(wide)).error(), Code::E_BOUNDS);
    wide.pop_back();
    QVERIFY(decodeFrontier(encodeFrontier(wide)).has_value());
}

void AckTest::changesLeadFromOneToTheOther()
{
    const Frontier changes = changedEntries(kBefore, kNow);
    QCOMPARE(changes, (Frontier{entry(0, 4, 5), entry(1, 1, 6)}));
    QCOMPARE(withChanges(kBefore, changes), kNow);
    QVERIFY(changedEntries(kNow, kNow).empty());
    QCOMPARE(withChanges({}, kNow), kNow);
}

QTEST_APPLESS_MAIN(AckTest)
#include "ack_test.moc"
