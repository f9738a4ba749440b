#include "tests/core/engine/blobs_room.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::testing;
using Room = BlobsRoom;
using State = api::AttachmentInfo::State;
using gossip::Kind;

class BlobsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void smallOnesComeByThemselves_data();
    void smallOnesComeByThemselves();
    void largeOnesComeWhenAskedFor();
    void comesFromAllWhoHaveIt();
    void aLiarPoisonsNothing();
    void whereOnlyALiarHasItNothingIsKept();
    void whoIsSilentIsLeftOut();
    void goesOnWhereItStopped();
    void notWantedAnyMore();
    void aFullDiskIsTriedAgain();
    void damageIsFetchedAnew();
    void oneMemberFillsNoDisk();
    void whoAsksForTooMuchIsRefused();
    void nameOfOneSizeOnly();
    void takenOffAndAttachedAgain();
    void takingOffIsSeenAtOnce();
    void isNotTakenBackWithTyping();
    void throughAnyBadLuck_data();
    void throughAnyBadLuck();
};

void BlobsTest::smallOnesComeByThemselves_data()
{
    QTest::addColumn<int>("size");
    for (const int size : {0, 1, 32767, 32768, 32769, 3 * 32768, 1'000'003})
        QTest::addRow("%d bytes", size) << size;
}

void BlobsTest::smallOnesComeByThemselves()
{
    QFETCH(int, size);
    Room room(3);
    const Bytes content = randomBytes(static_cast<std::size_t>(size), 7);
    const auto ref = room.attach(0, content);
    QVERIFY(room.infoAt(0, ref).value().state == State::Here);
    QVERIFY(room.runUntil(Millis(5000),
                          [&] { return room.has(1, ref, content) && room.has(2, ref, content); }));
    room.group.run(Millis(500));
    const auto info = room.infoAt(2, ref).value();
    QVERIFY(info.state == State::Here);
    QCOMPARE(info.name, std::string("plan.pdf"));
    QCOMPARE(info.by, room.group.at(0).me());
    QCOMPARE(info.holders.size(), 2U); // who has what is known
}

void BlobsTest::largeOnesComeWhenAskedFor()
{
    Room room(3);
    const Bytes content = randomBytes(kLarge, 8);
    const auto ref = room.attach(0, content);
    room.group.run(Millis(5000));
    QCOMPARE(room.piecesTo(1), 0U);
    const auto before = room.infoAt(1, ref).value();
    QVERIFY(before.state == State::Elsewhere);
    QCOMPARE(before.holders, std::vector<DeviceIndex>{room.group.at(0).me()});
    room.want(1, ref);
    QVERIFY(room.runUntil(Millis(20'000), [&] { return room.has(1, ref, content); }));
    QCOMPARE(room.piecesTo(2), 0U);
    // Nobody who is connected has it:
    room.group.cut(0, 2);
    room.group.cut(1, 2);
    room.group.run(Millis(500));
    QVERIFY(room.infoAt(2, ref).value().state == State::Nowhere);
    room.want(2, ref);
    room.group.run(Millis(500));
    QVERIFY(room.infoAt(2, ref).value().state == State::Waiting);
    room.group.join(1, 2); // not who attached it
    QVERIFY(room.runUntil(Millis(20'000), [&] { return room.has(2, ref, content); }));
}

void BlobsTest::comesFromAllWhoHaveIt()
{
    Room room(4);
    const Bytes content = randomBytes(kLarge, 9);
    const auto ref = room.attach(0, content);
    room.group.run(Millis(1000));
    for (const std::size_t who : {1U, 2U}) {
        room.want(who, ref);
        QVERIFY(room.runUntil(Millis(20'000), [&] { return room.has(who, ref, content); }));
    }
    const std::size_t pieces = blobs::Shape(content.size()).pieces();
    room.want(3, ref);
    QVERIFY(room.runUntil(Millis(20'000), [&] { return room.has(3, ref, content); }));
    for (const std::size_t who : {0U, 1U, 2U})
        QVERIFY2((room.pieces[{who, 3}] > pieces / 6), qPrintable(QString::number(who)));
    QCOMPARE(room.piecesTo(3), pieces); // each once
}

void BlobsTest::aLiarPoisonsNothing()
{
    Room room(4);
    const Bytes content = randomBytes(40 * kPiece, 10);
    room.filter = lying(1);
    const auto ref = room.attach(0, content);
    // Those who fetch it honestly first give it on; the liar has it too, and says so.
    QVERIFY(room.runUntil(Millis(20'000), [&] {
        return room.has(1, ref, content) && room.has(2, ref, content) && room.has(3, ref, content);
    }));
    room.group.cut(0, 3);
    const auto second =
        room.attach(1, randomBytes(9 * kPiece, 11), "other.bin"); // a lie of his own
    room.group.run(Millis(10'000));
    QVERIFY(room.refusals(3, Code::E_BLOB_PIECE) > 0);
    QVERIFY(room.refusals(2, Code::E_BLOB_PIECE) > 0);
    QCOMPARE(room.group.blobs(3).piecesOf(second.root()), 0U);
    QVERIFY(room.infoAt(3, second).value().state == State::Waiting);
    QVERIFY(room.group.cuts(3).empty()); // a bad disk looks the same
    const auto asked = room.pulls[{3, 1}];
    room.group.run(Millis(60'000));
    QCOMPARE((room.pulls[{3, 1}]), asked); // not of this one again
    // It may have told the truth about others.
    room.filter = nullptr;
    const Bytes third = randomBytes(5 * kPiece, 12);
    const auto honest = room.attach(1, third, "third.bin");
    QVERIFY(room.runUntil(Millis(10'000), [&] { return room.has(3, honest, third); }));
}

void BlobsTest::whereOnlyALiarHasItNothingIsKept()
{
    Room room(2);
    room.filter = lying(0);
    const auto ref = room.attach(0, randomBytes(3 * kPiece, 13));
    room.group.run(Millis(30'000));
    QCOMPARE(room.group.blobs(1).piecesOf(ref.root()), 0U);
    QVERIFY(room.refusals(1, Code::E_BLOB_PIECE) > 0);
    QVERIFY(room.refusals(1, Code::E_BLOB_PIECE) <= limits::kBlobWindow);
    QVERIFY(room.infoAt(1, ref).value().state == State::Waiting);
}

void BlobsTest::whoIsSilentIsLeftOut()
{
    Room room(4);
    const Bytes content = randomBytes(kLarge, 14);
    const auto ref = room.attach(0, content);
    room.group.run(Millis(1000));
    room.want(1, ref);
    QVERIFY(room.runUntil(Millis(20'000), [&] { return room.has(1, ref, content); }));
    room.filter = [](std::size_t from, std::size_t, std::uint8_t kind, const Bytes &) {
        return from != 0 || !isKind(kind, Kind::BlobPiece);
    };
    room.want(3, ref);
    QVERIFY(room.runUntil(Millis(60'000), [&] { return room.has(3, ref, content); }));
    QVERIFY((room.pulls[{3, 0}]) < 6); // asked after a growing pause
}

void BlobsTest::goesOnWhereItStopped()
{
    Room room(3);
    const Bytes content = randomBytes(kLarge, 15);
    const auto ref = room.attach(0, content);
    room.group.run(Millis(1000));
    room.want(1, ref);
    QVERIFY(room.runUntil(Millis(20'000), [&] { return room.piecesTo(1) > 60; }));
    QVERIFY(room.group.blobs(1).piecesOf(ref.root()) >= 60);
    room.group.restart(1); // a power cut; the disk of attachments stays
    QVERIFY(room.runUntil(Millis(30'000), [&] { return room.has(1, ref, content); }));
    const std::size_t pieces = blobs::Shape(content.size()).pieces();
    QVERIFY(room.piecesTo(1) <= pieces + 2 * limits::kBlobWindow); // those under way, at most
}

void BlobsTest::notWantedAnyMore()
{
    Room room(2);
    const Bytes content = randomBytes(kLarge, 16);
    const auto ref = room.attach(0, content);
    room.group.run(Millis(1000));
    room.want(1, ref);
    QVERIFY(room.runUntil(Millis(20'000), [&] { return room.piecesTo(1) > 20; }));
    room.group.submit(1, api::FetchAttachment{ref.root(), false});
    room.group.run(Millis(2000));
    QCOMPARE(room.group.blobs(1).count(), 0U);
    QVERIFY(room.infoAt(1, ref).value().state == State::Elsewhere);
    room.want(1, ref);
    QVERIFY(room.runUntil(Millis(20'000), [&] { return room.has(1, ref, content); }));
    room.group.submit(1, api::FetchAttachment{ref.root(), false}); // what is here stays
    QVERIFY(room.has(1, ref, content));
}

void BlobsTest::aFullDiskIsTriedAgain()
{
    Room room(2);
    room.group.blobs(1).refuse(true);
    const Bytes content = randomBytes(5 * kPiece, 17);
    const auto ref = room.attach(0, content);
    room.group.run(Millis(3000));
    QVERIFY(room.infoAt(1, ref).value().obstacle == api::AttachmentInfo::Obstacle::DiskRefuses);
    const std::size_t before = room.piecesTo(1);
    room.group.run(Millis(60'000));
    QVERIFY(room.piecesTo(1) < before + 50); // not again and again
    room.group.blobs(1).refuse(false);
    QVERIFY(room.runUntil(Millis(20'000), [&] { return room.has(1, ref, content); }));
    QVERIFY(room.infoAt(1, ref).value().obstacle == api::AttachmentInfo::Obstacle::None);
}

void BlobsTest::damageIsFetchedAnew()
{
    Room room(3);
    const Bytes content = randomBytes(5 * kPiece, 18);
    const auto ref = room.attach(0, content);
    QVERIFY(room.runUntil(Millis(5000), [&] { return room.has(1, ref, content); }));
    room.group.blobs(0).damage(ref.root(), 3);
    room.group.step(0, engine::PiecesLost{ref.root(), {3}});
    QVERIFY(room.runUntil(Millis(10'000), [&] { return room.has(0, ref, content); }));
    QCOMPARE(room.refusals(0, Code::E_BLOB_PIECE), 0U);
}

void BlobsTest::oneMemberFillsNoDisk()
{
    Room room(2);
    constexpr std::uint64_t kMany = limits::kBlobAutoBytesPerMember / limits::kBlobAutoBytes + 9;
    for (std::uint64_t i = 0; i < kMany; ++i) { // of which there is nothing but the names
        blobs::BlobRef ref;
        SeededRandom(i + 1).fill(ref.top.value);
        ref.size = limits::kBlobAutoBytes;
        ref.mediaType = "application/octet-stream";
        ref.name = "empty promise " + std::to_string(i);
        room.group.step(0, engine::BlobSealed{room.doc, ref});
    }
    room.group.run(Millis(5000));
    QCOMPARE(room.group.at(1).attachments().size(), kMany);
    QCOMPARE(room.group.blobs(1).count(), limits::kBlobAutoBytesPerMember / limits::kBlobAutoBytes);
    const auto all = room.group.at(1).attachments();
    const auto late =
        std::ranges::find_if(all, [](const auto &info) { return info.state != State::Waiting; });
    QVERIFY(late != all.end());
    room.group.submit(1, api::FetchAttachment{late->blob}); // a person may want more
    QCOMPARE(room.group.blobs(1).count(),
             limits::kBlobAutoBytesPerMember / limits::kBlobAutoBytes + 1);
    blobs::BlobRef huge;
    for (std::uint64_t i = 0; i < 9; ++i) {
        huge.top.value.fill(static_cast<std::byte>(i + 1));
        huge.size = limits::kBlobBytesMax;
        huge.mediaType = "a/b";
        huge.name = "huge";
        room.group.step(0, engine::BlobSealed{room.doc, huge});
        room.group.run(Millis(1000));
        room.want(1, huge);
    }
    const auto info = room.infoAt(1, huge).value();
    QVERIFY(info.obstacle == api::AttachmentInfo::Obstacle::TooMuchOfMember);
}

void BlobsTest::whoAsksForTooMuchIsRefused()
{
    Room room(2);
    const Bytes content = randomBytes(200 * kPiece, 19);
    const auto ref = room.attach(0, content);
    QVERIFY(room.runUntil(Millis(20'000), [&] { return room.has(1, ref, content); }));
    const PeerId victimOf = room.group.sessionWith(0, 1);
    std::size_t reads = 0;
    for (int turn = 0; turn < 8; ++turn) { // a whole disk read for a few bytes each
        gossip::PullPieces pull{ref.root(), {}};
        for (std::uint32_t piece = 0; piece < limits::kBlobWantedMax; ++piece)
            pull.pieces.push_back(piece);
        const auto actions = room.group.at(0).step(
            engine::FrameIn{victimOf, static_cast<std::uint8_t>(Kind::PullPieces),
                            gossip::encode(pull)},
            room.group.now());
        for (const engine::Action &action : actions)
            reads += std::holds_alternative<engine::ReadPiece>(action) ? 1 : 0;
    }
    QCOMPARE(reads, limits::kBlobReadsMax); // until the disk has answered
    QVERIFY(room.refusals(0, Code::E_RATE) > 0);
}

/// The same top under another size is another blob: whoever names it so gets nothing, and takes
/// nothing from those who name it rightly.
void BlobsTest::nameOfOneSizeOnly()
{
    Room room(3);
    const Bytes content = randomBytes(3 * kPiece, 20);
    room.group.cut(0, 1);
    room.group.cut(0, 2);
    const auto ref = room.attach(0, content);
    blobs::BlobRef wrong = ref;
    wrong.size = 2 * kPiece;
    QVERIFY(wrong.root() != ref.root());
    room.group.step(1, engine::BlobSealed{room.doc, wrong}); // comes first
    room.group.run(Millis(2000));
    room.group.join(0, 1);
    room.group.join(0, 2);
    QVERIFY(room.runUntil(Millis(10'000), [&] { return room.has(2, ref, content); }));
}

void BlobsTest::takenOffAndAttachedAgain()
{
    Room room(2);
    const Bytes content = randomBytes(100, 21);
    const auto ref = room.attach(0, content);
    QVERIFY(room.runUntil(Millis(5000), [&] { return room.has(1, ref, content); }));
    room.group.submit(1, api::DetachFile{room.doc, ref.root()});
    room.group.run(Millis(2000));
    QVERIFY(!room.infoAt(0, ref) && !room.infoAt(1, ref));
    QVERIFY(room.has(0, ref, content)); // nothing goes from a disk because others say so
    room.group.step(0, engine::BlobSealed{room.doc, ref});
    room.group.run(Millis(2000));
    QVERIFY(room.infoAt(1, ref).value().state == State::Here);
}

/// Whoever asked for it is told so, also where documents were looked through a moment before.
void BlobsTest::takingOffIsSeenAtOnce()
{
    Room room(2);
    const auto ref = room.attach(0, randomBytes(100, 23));
    room.group.submit(0, api::DetachFile{room.doc, ref.root()});
    QVERIFY(!room.group.at(0).attachment(room.doc, ref.root()));
}

void BlobsTest::isNotTakenBackWithTyping()
{
    Room room(2);
    room.group.subscribe(0);
    room.group.submit(0, api::OpenDocument{room.doc, 1});
    room.group.submit(0, testing::typed(room.doc, 1, 0, "Hello "));
    const auto ref = room.attach(0, randomBytes(100, 22));
    room.group.run(Millis(500));
    room.group.submit(0, api::Undo{room.doc});
    room.group.run(Millis(500));
    QCOMPARE(room.group.at(0).text(room.doc).value(), std::string("text"));
    QVERIFY(room.infoAt(1, ref).has_value());
    room.group.submit(0, api::Redo{room.doc});
    QCOMPARE(room.group.at(0).text(room.doc).value(), std::string("Hello text"));
}

void BlobsTest::throughAnyBadLuck_data()
{
    QTest::addColumn<quint64>("seed");
    for (quint64 seed = 1; seed <= 40; ++seed)
        QTest::addRow("seed %llu", static_cast<unsigned long long>(seed)) << seed;
}

/// Frames are lost, one lies at times, links go and come, computers start anew, disks are full: the
/// file arrives as it was, or its state says why not; nothing else is ever kept.
void BlobsTest::throughAnyBadLuck()
{
    QFETCH(quint64, seed);
    SeededRandom chance(seed);
    const std::size_t count = 3 + chance.below(3);
    Room room(count, seed);
    const Bytes content = randomBytes(1 + chance.below(60 * kPiece), seed);
    const auto ref = room.attach(0, content);
    const std::size_t liar = chance.below(3) == 0 ? 1 : count; // nobody
    bool isRough = true;
    room.filter = [&](std::size_t from, std::size_t, std::uint8_t kind, Bytes &body) {
        if (from == liar && isKind(kind, Kind::BlobPiece) && chance.below(2) == 0)
            body[chance.below(body.size() - 40) + 40] ^= std::byte{4};
        const bool isAbout = kind >= static_cast<std::uint8_t>(Kind::AskBlobs);
        return !(isRough && isAbout && chance.below(4) == 0);
    };
    for (int turn = 0; turn < 25; ++turn) {
        const std::size_t a = chance.below(count);
        const std::size_t b = (a + 1 + chance.below(count - 1)) % count;
        switch (chance.below(6)) {
        case 0:
            room.group.cut(a, b);
            break;
        case 1:
            room.group.join(a, b);
            break;
        case 2:
            room.group.restart(a);
            break;
        case 3:
            room.group.blobs(a).refuse(chance.below(2) == 0);
            break;
        default:
            break;
        }
        room.group.run(Millis(20 + static_cast<std::int64_t>(chance.below(700))));
    }
    const auto isWholeOrSaysWhy = [&](std::size_t who) {
        const auto info = room.infoAt(who, ref);
        return !info || (info->state == State::Here) == room.has(who, ref, content);
    };
    room.group.run(Millis(300));
    for (std::size_t who = 0; who < count; ++who)
        QVERIFY(isWholeOrSaysWhy(who));
    isRough = false;
    for (std::size_t who = 0; who < count; ++who) {
        room.group.blobs(who).refuse(false);
        for (std::size_t other = who + 1; other < count; ++other)
            room.group.join(who, other);
    }
    QVERIFY(room.runUntil(Millis(180'000), [&] {
        for (std::size_t who = 0; who < count; ++who)
            if (!room.has(who, ref, content))
                return false;
        return true;
    }));
    room.group.run(Millis(300));
    for (std::size_t who = 0; who < count; ++who)
        QVERIFY(isWholeOrSaysWhy(who));
}

QTEST_GUILESS_MAIN(BlobsTest)
#include "blobs_test.moc"
