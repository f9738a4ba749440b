#include "core/history/orphan_buffer.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::history;

namespace {

/// An unsigned change: the buffer looks at its place, its hash and its size.
UnverifiedChange orphan(std::uint16_t device, std::uint64_t seq, std::size_t payload = 10)
{
    UnverifiedChange change;
    change.header.device = DeviceIndex(device);
    change.header.seq = Seq(seq);
    change.payload.resize(payload);
    change.hash = change.header.hash();
    return change;
}

DepRef parentOf(const UnverifiedChange &change)
{
    const UnverifiedChange prev = orphan(change.header.device.value, change.header.seq.value - 1);
    return {prev.header.device, prev.header.seq, prev.hash};
}

constexpr PeerId kHonest(1);
constexpr PeerId kFlooder(2);

} // namespace

class OrphanBufferTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void givesBackWhatWaited();
    void asksForTheEndsOfChains();
    void keepsOneOfEach();
    void waitsForAnyOfSeveral();
    void boundsOneDevice();
    void boundsBytesOfOneDevice();
    void boundsEverything();
    void evictsTheFloodersOwn();
};

void OrphanBufferTest::givesBackWhatWaited()
{
    OrphanBuffer buffer;
    const auto three = orphan(0, 3);
    const auto two = orphan(0, 2);
    QVERIFY(buffer.add(three, kHonest, {parentOf(three)}));
    QVERIFY(buffer.add(two, kHonest, {parentOf(two)}));
    QVERIFY(buffer.contains(two.hash) && buffer.count() == 2);
    QVERIFY(buffer.takeWaitingFor(orphan(1, 1).hash).empty());
    const auto taken = buffer.takeWaitingFor(parentOf(two).hash);
    QCOMPARE(taken.size(), std::size_t(1));
    QVERIFY(taken[0].change == two && taken[0].from == kHonest);
    QCOMPARE(buffer.takeWaitingFor(two.hash).size(), std::size_t(1));
    QCOMPARE(buffer.count(), std::size_t(0));
    QCOMPARE(buffer.bytes(), std::size_t(0));
    QVERIFY(buffer.missing().empty());
    QCOMPARE(buffer.evicted(), std::size_t(0));
}

void OrphanBufferTest::asksForTheEndsOfChains()
{
    OrphanBuffer buffer;
    for (std::uint64_t seq = 9; seq >= 4; --seq) {
        const auto change = orphan(0, seq);
        QVERIFY(buffer.add(change, kHonest, {parentOf(change)}));
    }
    QCOMPARE(buffer.missing(), (std::vector<DepRef>{parentOf(orphan(0, 4))}));
}

void OrphanBufferTest::keepsOneOfEach()
{
    OrphanBuffer buffer;
    const auto change = orphan(0, 2);
    QVERIFY(buffer.add(change, kHonest, {parentOf(change)}));
    QVERIFY(!buffer.add(change, kFlooder, {parentOf(change)}));
    QCOMPARE(buffer.count(), std::size_t(1));
}

void OrphanBufferTest::waitsForAnyOfSeveral()
{
    OrphanBuffer buffer;
    const auto change = orphan(0, 2);
    const DepRef other{DeviceIndex(5), Seq(1), orphan(5, 1).hash};
    QVERIFY(buffer.add(change, kHonest, {parentOf(change), other}));
    QCOMPARE(buffer.missing().size(), std::size_t(2));
    QCOMPARE(buffer.takeWaitingFor(other.hash).size(), std::size_t(1));
    QVERIFY(buffer.takeWaitingFor(parentOf(change).hash).empty());
    QVERIFY(buffer.add(change, kHonest, {parentOf(change)}));
    QCOMPARE(buffer.missing(), (std::vector<DepRef>{parentOf(change)}));
}

void OrphanBufferTest::boundsOneDevice()
{
    OrphanBuffer buffer;
    for (std::uint64_t seq = 2; seq < 202; ++seq) {
        const auto change = orphan(0, seq);
        QVERIFY(buffer.add(change, kHonest, {parentOf(change)}));
        QVERIFY(buffer.count() <= limits::kOrphansPerDevice);
    }
    QCOMPARE(buffer.count(), limits::kOrphansPerDevice);
    QCOMPARE(buffer.evicted(), std::size_t(200) - limits::kOrphansPerDevice);
    QVERIFY(buffer.contains(orphan(0, 201).hash) && !buffer.contains(orphan(0, 2).hash));
    // What was evicted may come again.
    const auto first = orphan(0, 2);
    QVERIFY(buffer.add(first, kHonest, {parentOf(first)}));
}

void OrphanBufferTest::boundsBytesOfOneDevice()
{
    OrphanBuffer buffer;
    for (std::uint64_t seq = 2; seq < 40; ++seq) {
        const auto change = orphan(0, seq, limits::kPayloadBytesMax);
        QVERIFY(buffer.add(change, kHonest, {parentOf(change)}));
        QVERIFY(buffer.bytes() <= limits::kOrphanBytesPerDevice);
    }
    QCOMPARE(buffer.count(), std::size_t(7));
}

void OrphanBufferTest::boundsEverything()
{
    OrphanBuffer buffer;
    for (std::uint16_t device = 0; device < 128; ++device)
        for (std::uint64_t seq = 2; seq < 9; ++seq) {
            const auto change = orphan(device, seq, limits::kPayloadBytesMax);
            QVERIFY(buffer.add(change, PeerId(device % 3U), {parentOf(change)}));
            QVERIFY(buffer.bytes() <= limits::kOrphanBytesMax);
        }
    QVERIFY(buffer.evicted() > 0);
    QVERIFY(buffer.count() > 500);
}

void OrphanBufferTest::evictsTheFloodersOwn()
{
    OrphanBuffer buffer;
    // An honest peer brings a few, a hostile one everything it can make up for the same device.
    for (std::uint64_t seq = 2; seq < 12; ++seq) {
        const auto change = orphan(0, seq);
        QVERIFY(buffer.add(change, kHonest, {parentOf(change)}));
    }
    for (std::uint64_t seq = 1000; seq < 2000; ++seq) {
        const auto change = orphan(0, seq);
        QVERIFY(buffer.add(change, kFlooder, {parentOf(change)}));
    }
    for (std::uint64_t seq = 2; seq < 12; ++seq)
        QVERIFY(buffer.contains(orphan(0, seq).hash));
}

QTEST_APPLESS_MAIN(OrphanBufferTest)
#include "orphan_buffer_test.moc"
