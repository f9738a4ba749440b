#include "core/history/pack.h"

#include "core/base/check.h"
#include "tests/core/history/random_history.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::history;
using nlbd::test::Group;
using nlbd::test::RandomHistory;

namespace {

const identity::Ed25519 kScheme;

using Changes = std::vector<PackedChange>;

KeyLookup keyOf(const Group &group)
{
    return [&group](KeyEpoch epoch) { return epoch == KeyEpoch(0) ? &group.key : nullptr; };
}

Changes signedOnes(const RandomHistory &history)
{
    Changes changes;
    for (const UnverifiedChange &change : history.changes())
        changes.push_back({change.hash, encodeFull(change), true});
    return changes;
}

Changes decidedOnes(const Group &group, const RandomHistory &history)
{
    Changes changes;
    for (const UnverifiedChange &change : history.changes())
        changes.push_back(
            {change.hash,
             encodeDecided({change.header, test::contentOf(group, change), change.hash}), true});
    return changes;
}

std::size_t bytesOf(const Changes &changes)
{
    std::size_t bytes = 0;
    for (const PackedChange &change : changes)
        bytes += change.record.size();
    return bytes;
}

} // namespace

class PackTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void recordsComeBackBitForBit_data();
    void recordsComeBackBitForBit();
    void signaturesAreInIt();
    void whatWasNotTriedIsTold();
    void formsAreNotMixed();
    void withoutTheKeyNothingIsLost();
    void everyByteCounts();
    void anotherTableIsNoticed();
};

void PackTest::recordsComeBackBitForBit_data()
{
    QTest::addColumn<bool>("isDecided");
    QTest::addColumn<int>("piece");
    for (const bool isDecided : {false, true})
        for (const int piece : {1, 7, 64, 1000})
            QTest::addRow("%s, %d in a piece", isDecided ? "decided" : "signed", piece)
                << isDecided << piece;
}

// Pieces of a history, each standing on those before.
void PackTest::recordsComeBackBitForBit()
{
    QFETCH(bool, isDecided);
    QFETCH(int, piece);
    const Group group(3, kScheme);
    SeededRandom random(11);
    const RandomHistory history(group, random, 150);
    const Changes all = isDecided ? decidedOnes(group, history) : signedOnes(history);
    std::size_t packed = 0;
    for (std::size_t from = 0; from < all.size(); from += static_cast<std::size_t>(piece)) {
        const std::size_t to = std::min(all.size(), from + static_cast<std::size_t>(piece));
        const std::span some = std::span(all).subspan(from, to - from);
        const auto bytes = encodePack(some, group.configuration, keyOf(group));
        QVERIFY(bytes.has_value());
        const auto again = decodePack(*bytes, group.configuration, keyOf(group));
        QVERIFY(again.has_value());
        QVERIFY(std::ranges::equal(*again, some));
        packed += bytes->size();
    }
    if (piece == 1000)
        QVERIFY(packed < bytesOf(all) * 3 / 4);
}

void PackTest::signaturesAreInIt()
{
    const Group group(3, kScheme);
    SeededRandom random(12);
    const RandomHistory history(group, random, 40);
    const auto bytes = encodePack(signedOnes(history), group.configuration, keyOf(group));
    const auto again = decodePack(*bytes, group.configuration, keyOf(group));
    for (const PackedChange &it : *again) {
        const auto change = decodeFull(it.record);
        QVERIFY(kScheme.verify(group.configuration.device(change->header.device)->key,
                               domains::kChange, group.configuration.workspace, change->hash,
                               change->signature));
    }
}

void PackTest::whatWasNotTriedIsTold()
{
    const Group group(3, kScheme);
    SeededRandom random(13);
    const RandomHistory history(group, random, 40);
    Changes changes = signedOnes(history);
    // A later signature vouches for it: its own may be anything, and stays so.
    for (const std::size_t place : {std::size_t(0), std::size_t(1), changes.size() - 1}) {
        auto change = *decodeFull(changes[place].record);
        change.signature = {};
        changes[place].record = encodeFull(change);
        changes[place].isSignatureChecked = false;
    }
    const auto bytes = encodePack(changes, group.configuration, keyOf(group));
    QVERIFY(bytes.has_value());
    QVERIFY(*decodePack(*bytes, group.configuration, keyOf(group)) == changes);
}

void PackTest::formsAreNotMixed()
{
    const Group group(3, kScheme);
    SeededRandom random(14);
    const RandomHistory history(group, random, 20);
    Changes mixed = signedOnes(history);
    mixed.back() = decidedOnes(group, history).back();
    QVERIFY(!encodePack(mixed, group.configuration, keyOf(group)));
    std::ranges::reverse(mixed);
    QVERIFY(!encodePack(mixed, group.configuration, keyOf(group)));
    mixed.front().record.pop_back();
    QVERIFY(!encodePack(mixed, group.configuration, keyOf(group)));
}

void PackTest::withoutTheKeyNothingIsLost()
{
    const Group group(3, kScheme);
    SeededRandom random(15);
    const RandomHistory history(group, random, 20);
    const KeyLookup none = [](KeyEpoch) { return nullptr; };
    const Changes changes = signedOnes(history);
    const auto sealed = encodePack(changes, group.configuration, none); // as ciphertext
    QVERIFY(sealed.has_value());
    QVERIFY(*decodePack(*sealed, group.configuration, none) == changes);
    const auto open = encodePack(changes, group.configuration, keyOf(group));
    QCOMPARE(decodePack(*open, group.configuration, none).error(), Code::E_KEY_COMMIT);
}

// A disk's faults are found by the store's own digest. What gets past it is never taken for what
// was packed unless it is.
void PackTest::everyByteCounts()
{
    const Group group(3, kScheme);
    SeededRandom random(16);
    const RandomHistory history(group, random, 12);
    const Changes changes = signedOnes(history);
    const Bytes good = *encodePack(changes, group.configuration, keyOf(group));
    std::size_t refused = 0;
    for (std::size_t at = 0; at < good.size(); ++at) {
        Bytes bad = good;
        bad[at] ^= std::byte{0x40};
        const auto opened = decodePack(bad, group.configuration, keyOf(group));
        refused += opened ? 0 : 1;
        for (std::size_t i = 0; opened && i < opened->size(); ++i)
            QCOMPARE((*opened)[i].hash, changes[i].hash); // signatures may differ, changes not
        QVERIFY(!decodePack(ByteView(good).first(at), group.configuration, keyOf(group)));
    }
    QVERIFY(refused > good.size() - changes.size() * Signature::kSize - 64);
}

void PackTest::anotherTableIsNoticed()
{
    const Group group(3, kScheme);
    SeededRandom random(17);
    const RandomHistory history(group, random, 20);
    const Bytes good = *encodePack(signedOnes(history), group.configuration, keyOf(group));
    identity::Configuration other = group.configuration;
    for (identity::Device &device : other.devices)
        device.admittedBy = {}; // what the first change of each chain names
    QCOMPARE(decodePack(good, other, keyOf(group)).error(), Code::E_CANON);
    other = group.configuration;
    other.devices.resize(1);
    QCOMPARE(decodePack(good, other, keyOf(group)).error(), Code::E_NOT_MEMBER);
}

QTEST_APPLESS_MAIN(PackTest)
#include "pack_test.moc"
