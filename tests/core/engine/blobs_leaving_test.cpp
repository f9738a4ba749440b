#include "tests/core/engine/blobs_room.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::testing;
using namespace std::chrono_literals;
using Room = BlobsRoom;

namespace {

constexpr Millis kDay{400};
constexpr Millis kKept = kDay * limits::kBlobRetentionDays; // 12 s

/// All of them start anew, with short days.
void shortenDays(Room &room)
{
    room.group.setDay(kDay);
    for (std::size_t i = 0; i < room.group.size(); ++i)
        room.group.restart(i);
    room.group.run(3s);
}

bool isOnDisk(Room &room, std::size_t who, const blobs::BlobRef &ref)
{
    return room.group.blobs(who).piecesOf(ref.root()) > 0;
}

} // namespace

/// What no document names any more goes from the disks, late enough for people to object and not
/// before the others agree; nothing else does.
class BlobsLeavingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void goesAWhileAfterItWasTakenOff();
    void staysIfItIsNamedAgain();
    void staysWhileAnotherDocumentNamesIt();
    void staysWhileTheOthersMayStillSayNo();
    void isCountedOverStarts();
    void aClockThatJumpsMakesNothingGo_data();
    void aClockThatJumpsMakesNothingGo();
    void whatWasNeverNamedGoes();
    void aMemberWhoMayNotWriteLeavesNothing();
};

void BlobsLeavingTest::goesAWhileAfterItWasTakenOff()
{
    Room room(4);
    shortenDays(room);
    const auto kept = room.attach(0, randomBytes(70'000, 1), "kept.pdf");
    const auto ref = room.attach(0, randomBytes(70'000, 2), "gone.pdf");
    room.group.run(5s);
    room.group.submit(1, api::DetachFile{room.doc, ref.root()});
    room.group.run(kKept - 2s);
    for (std::size_t who = 0; who < 4; ++who) {
        QVERIFY(isOnDisk(room, who, ref));
        QCOMPARE(room.group.at(who).attachmentsLeaving().size(), 1U);
        QCOMPARE(room.group.at(who).attachmentsLeaving().front().first, ref.root());
    }
    room.group.run(4s);
    for (std::size_t who = 0; who < 4; ++who) {
        QVERIFY(!isOnDisk(room, who, ref));
        QVERIFY(isOnDisk(room, who, kept));
        QVERIFY(room.group.at(who).attachmentsLeaving().empty());
    }
}

void BlobsLeavingTest::staysIfItIsNamedAgain()
{
    Room room(2);
    shortenDays(room);
    const Bytes content = randomBytes(70'000, 3);
    const auto ref = room.attach(0, content);
    room.group.run(3s);
    room.group.submit(1, api::DetachFile{room.doc, ref.root()});
    room.group.run(kKept - 2s);
    room.group.step(0, engine::BlobSealed{room.doc, ref});
    room.group.run(kKept + 4s);
    QVERIFY(room.has(0, ref, content));
    QVERIFY(room.has(1, ref, content));
    QVERIFY(room.group.at(1).attachmentsLeaving().empty());
}

void BlobsLeavingTest::staysWhileAnotherDocumentNamesIt()
{
    Room room(2);
    shortenDays(room);
    room.group.submit(0, api::CreateDocument{2, "Second", "text"});
    room.group.run(2s);
    const Bytes content = randomBytes(70'000, 4);
    const auto ref = room.attach(0, content);
    room.group.step(0, engine::BlobSealed{room.group.at(0).findDocument("Second").value(), ref});
    room.group.run(2s);
    room.group.submit(0, api::DetachFile{room.doc, ref.root()});
    room.group.run(kKept + 4s);
    QVERIFY(room.has(0, ref, content));
    QVERIFY(room.has(1, ref, content));
}

/// A decision about a member can still undo what he took off, until a quorum stands on it.
void BlobsLeavingTest::staysWhileTheOthersMayStillSayNo()
{
    Room room(4);
    shortenDays(room);
    const Bytes content = randomBytes(70'000, 5);
    const auto ref = room.attach(0, content);
    room.group.run(3s);
    for (const std::size_t other : {0U, 1U, 2U})
        room.group.cut(3, other);
    room.group.cut(2, 0);
    room.group.cut(2, 1);
    room.group.submit(0, api::DetachFile{room.doc, ref.root()}); // heard by two of four
    room.group.run(kKept + 6s);
    QVERIFY(room.has(0, ref, content));
    QVERIFY(room.has(1, ref, content));
    room.group.join(2, 0);
    room.group.run(kKept + 6s);
    QVERIFY(!isOnDisk(room, 0, ref));
    QVERIFY(!isOnDisk(room, 2, ref));
    QVERIFY(isOnDisk(room, 3, ref)); // who has not heard of it
}

void BlobsLeavingTest::isCountedOverStarts()
{
    Room room(1);
    shortenDays(room);
    const auto ref = room.attach(0, randomBytes(70'000, 6));
    room.group.run(1s);
    room.group.submit(0, api::DetachFile{room.doc, ref.root()});
    room.group.run(kKept / 2);
    QVERIFY(isOnDisk(room, 0, ref));
    const auto since = room.group.at(0).attachmentsLeaving().front().second;
    room.group.startFrom(0, room.group.folder(0));
    room.group.run(1s);
    QVERIFY(isOnDisk(room, 0, ref));
    QVERIFY(room.group.at(0).attachmentsLeaving().front().second - since < 2 * kDay);
    room.group.run(kKept / 2 + 2s);
    QVERIFY(!isOnDisk(room, 0, ref));
}

void BlobsLeavingTest::aClockThatJumpsMakesNothingGo_data()
{
    QTest::addColumn<int>("jump"); // of kept times
    QTest::newRow("far ahead") << 1000;
    QTest::newRow("far back") << -1000;
}

/// A computer without a clock of its own wakes up in another year, and is told the true one later.
void BlobsLeavingTest::aClockThatJumpsMakesNothingGo()
{
    QFETCH(int, jump);
    Room room(1);
    shortenDays(room);
    const auto ref = room.attach(0, randomBytes(70'000, 7));
    room.group.run(1s);
    room.group.submit(0, api::DetachFile{room.doc, ref.root()});
    room.group.run(2s);
    room.group.sleep(kKept * jump, false);
    room.group.run(2s);
    room.group.sleep(kKept * -jump, false);
    room.group.run(kKept - 6s);
    QVERIFY(isOnDisk(room, 0, ref));
    room.group.run(6s); // and not for ever
    QVERIFY(!isOnDisk(room, 0, ref));
}

/// A crash between sealing a file and naming it leaves it on the disk.
void BlobsLeavingTest::whatWasNeverNamedGoes()
{
    Room room(1);
    const auto ref = room.group.blobs(0).seal(randomBytes(70'000, 8), "lost.pdf", 77);
    shortenDays(room);
    QVERIFY(isOnDisk(room, 0, ref));
    room.group.run(kKept + 2s);
    QVERIFY(!isOnDisk(room, 0, ref));
}

/// What could not be named stays not: it is dropped at once.
void BlobsLeavingTest::aMemberWhoMayNotWriteLeavesNothing()
{
    Room room(1);
    room.group.subscribe(0);
    (void)room.group.takeEvents(0);
    const auto ref = room.group.attach(0, DocIndex(999), randomBytes(70'000, 9), "nowhere.pdf");
    QCOMPARE(room.group.blobs(0).count(), 0U);
    QVERIFY(!room.group.at(0).isAttachmentHere(ref.root()));
    const auto events = room.group.takeEvents(0);
    QVERIFY(std::ranges::any_of(events, [](const api::Event &event) {
        return std::holds_alternative<api::AttachmentFailed>(event);
    }));
}

QTEST_GUILESS_MAIN(BlobsLeavingTest)
#include "blobs_leaving_test.moc"
