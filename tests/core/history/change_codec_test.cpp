#include "core/base/check.h"
#include "tests/core/history/group.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::history;
using nlbd::test::Group;
using nlbd::test::Replica;

namespace {

const identity::Ed25519 kScheme;
const DocIndex kDoc = docIndexOf(DeviceIndex(0), 1);

/// A merge with two deps, so that every field has something in it.
struct Scene {
    Group group{3, kScheme};
    Replica ann{group, 0};
    UnverifiedChange title = ann.setTitle(kDoc, "T").raw();
    UnverifiedChange merge;

    Scene()
    {
        Replica ben(group, 1);
        Replica cleo(group, 2);
        CHECK(ben.receive(title) && cleo.receive(title));
        const Change b = ben.insert(kDoc, 0, "b");
        const Change c = cleo.insert(kDoc, 0, "c");
        CHECK(ann.receive(b.raw()) && ann.receive(c.raw()));
        merge = ann.insert(kDoc, 0, "a").raw();
    }
};

Code errorOf(ByteView bytes)
{
    const auto decoded = decodeFull(bytes);
    return decoded ? Code::DUPLICATE : decoded.error();
}

} // namespace

class ChangeCodecTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void restoresEveryField();
    void refusesEveryCutAndExtension();
    void restoresACover();
    void believesNoFlippedBit();
    void refusesOtherSpellings();
    void refusesBeyondBounds();
    void readsTooManyDepsForTheirSignature();
    void hashesTheHeaderAlone();
    void isSmallOnTheWire();
};

void ChangeCodecTest::restoresEveryField()
{
    const Scene s;
    QCOMPARE(s.merge.header.deps.size(), std::size_t(2));
    const auto full = decodeFull(encodeFull(s.merge));
    QVERIFY(full && *full == s.merge);
    const SignedHeader header{s.merge.header, s.merge.signature};
    const auto signedHeader = decodeSignedHeader(encodeSignedHeader(header));
    QVERIFY(signedHeader && *signedHeader == header);
}

void ChangeCodecTest::refusesEveryCutAndExtension()
{
    const Scene s;
    Bytes bytes = encodeFull(s.merge);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        QVERIFY(!decodeFull(ByteView(bytes).first(size)).has_value());
    bytes.push_back(std::byte{0});
    QCOMPARE(errorOf(bytes), Code::E_CANON);
}

void ChangeCodecTest::restoresACover()
{
    const Scene s;
    UnverifiedChange covered = s.title;
    covered.cover = {{s.merge.header, s.merge.signature}, {s.title.header, s.title.signature}};
    const Bytes bytes = encodeFull(covered);
    const auto full = decodeFull(bytes);
    QVERIFY(full && *full == covered);
    const std::size_t bare = encodeFull(s.title).size();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        QCOMPARE(decodeFull(ByteView(bytes).first(size)).has_value(), size == bare);
    Bytes longer = bytes;
    longer.push_back(std::byte{0});
    QCOMPARE(errorOf(longer), Code::E_CANON);
    covered.cover.assign(limits::kRangeChangesMax, covered.cover.front());
    QVERIFY(decodeFull(encodeFull(covered)).has_value());
    covered.cover.push_back(covered.cover.front());
    QCOMPARE(errorOf(encodeFull(covered)), Code::E_CANON);
}

void ChangeCodecTest::believesNoFlippedBit()
{
    const Scene s;
    const Replica reader(s.group, 1);
    const Bytes bytes = encodeFull(s.merge);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        for (unsigned bit = 0; bit < 8; ++bit) {
            Bytes altered = bytes;
            altered[i] ^= std::byte(1U << bit);
            const auto decoded = decodeFull(altered);
            if (!decoded)
                continue;
            QVERIFY(encodeFull(*decoded) == altered);
            const bool isPayloadAltered = decoded->payload != s.merge.payload;
            const bool hasPayload =
                digest(domains::kPayload, decoded->payload) == decoded->header.payloadHash;
            QVERIFY(isPayloadAltered ? !hasPayload : !reader.validator.isSigned(*decoded));
        }
}

void ChangeCodecTest::refusesOtherSpellings()
{
    const Scene s;
    const Bytes bytes = encodeFull(s.title);
    // kind | device | seq ...: an unknown kind, seq 0, and seq 1 in two bytes.
    Bytes altered = bytes;
    altered[0] = std::byte{9};
    QCOMPARE(errorOf(altered), Code::E_CANON);
    altered = bytes;
    altered[3] = std::byte{0};
    QCOMPARE(errorOf(altered), Code::E_CANON);
    altered = bytes;
    altered[3] = std::byte{0x81};
    altered.insert(altered.begin() + 4, std::byte{0});
    QCOMPARE(errorOf(altered), Code::E_CANON);
}

void ChangeCodecTest::refusesBeyondBounds()
{
    const Scene s;
    UnverifiedChange change = s.title;
    change.header.opCount = limits::kOpsMax + 1;
    QCOMPARE(errorOf(encodeFull(change)), Code::E_BOUNDS);
    change = s.title;
    change.header.payloadBytes = limits::kPayloadBytesMax + 1;
    QCOMPARE(errorOf(encodeFull(change)), Code::E_BOUNDS);
    change = s.title;
    change.payload.resize(limits::kPayloadBytesMax + 1);
    QCOMPARE(errorOf(encodeFull(change)), Code::E_BOUNDS);
    change.payload.resize(limits::kPayloadBytesMax);
    QVERIFY(decodeFull(encodeFull(change)).has_value());
    // A length that announces more than there is takes no memory.
    Bytes bytes = encodeFull(s.title);
    bytes.resize(bytes.size() - s.title.payload.size() - 1);
    for (const unsigned byte : {0xFFU, 0xFFU, 0x03U})
        bytes.push_back(std::byte(byte));
    QCOMPARE(errorOf(bytes), Code::E_CANON);
}

void ChangeCodecTest::readsTooManyDepsForTheirSignature()
{
    const Scene s;
    UnverifiedChange change = s.title;
    for (std::uint16_t i = 0; i < 64; ++i)
        change.header.deps.push_back({DeviceIndex(i), Seq(1), s.title.hash});
    change.hash = change.header.hash();
    const auto decoded = decodeFull(encodeFull(change));
    QVERIFY(decoded && *decoded == change);
    QVERIFY(encodeSignedHeader({change.header, {}}).size() <= kSignedHeaderBytesMax);
    change.header.deps.push_back({DeviceIndex(64), Seq(1), s.title.hash});
    QCOMPARE(errorOf(encodeFull(change)), Code::E_BOUNDS);
}

void ChangeCodecTest::hashesTheHeaderAlone()
{
    const Scene s;
    UnverifiedChange change = s.merge;
    change.signature = {};
    change.payload.clear();
    QCOMPARE(decodeFull(encodeFull(change))->hash, s.merge.hash);
    ChangeHeader header = s.merge.header;
    header.payloadHash = {};
    QCOMPARE(header.associated(), s.merge.header.associated());
    header.wallMs += 1;
    QVERIFY(header.associated() != s.merge.header.associated());
    QVERIFY(header.associated() != header.hash());
}

void ChangeCodecTest::isSmallOnTheWire()
{
    Group group(1, kScheme);
    Replica ann(group, 0);
    (void)ann.setTitle(kDoc, "T");
    UnverifiedChange change = ann.insert(kDoc, 0, "0123456789").raw();
    change.header.wallMs = 1'795'000'000'000;
    const std::size_t overhead = encodeShort(change).size() - 10;
    qInfo("overhead of a change in its short form: %zu bytes, in its full form: %zu", overhead,
          encodeFull(change).size() - 10);
    QVERIFY(overhead <= 145);
}

QTEST_APPLESS_MAIN(ChangeCodecTest)
#include "change_codec_test.moc"
