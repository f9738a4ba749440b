#include "core/base/check.h"
#include "core/history/change_codec.h"
#include "core/history/pack.h"
#include "tests/core/engine/checkpoint_room.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using Room = nlbd::testing::CheckpointRoom;
using Kind = api::Wish::Kind;

namespace {

void write(Room &room, std::size_t times)
{
    for (std::size_t i = 0; i < times; ++i) {
        room.type(i % 3, "word ");
        room.group.run(200ms);
    }
}

/// What the disk holds as single rows.
std::size_t rows(Room &room, std::size_t i)
{
    return room.group.folder(i).changes.size();
}

std::size_t packs(Room &room, std::size_t i)
{
    return room.group.folder(i).packs.size();
}

/// Puts the changes of a pack back into single rows, behind all others.
void unpack(Room &room, store::StoredWorkspace &folder, std::size_t which)
{
    const auto key = [&room](KeyEpoch) { return &room.group.key(); };
    const auto changes = history::decodePack(folder.packs[which].record, room.now(0), key);
    CHECK(changes.has_value());
    for (const history::PackedChange &it : *changes) {
        const auto header = history::decodeFull(it.record)->header;
        folder.changes.push_back(
            {it.hash, header.device, header.seq, header.doc, it.isSignatureChecked, it.record});
    }
    folder.packs.erase(folder.packs.begin() + static_cast<std::ptrdiff_t>(which));
}

} // namespace

class ArchivistTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rowsBecomePacks();
    void nothingIsLostAtAStart();
    void waitsForEverySeat();
    void aDormantSeatIsNotWaitedFor();
    void ownWordsFromBelowAreKept();
    void powerCutsAtAnyMoment_data();
    void powerCutsAtAnyMoment();
    void aSlowDiskIsWaitedFor();
    void oneWhoLostAllIsServed();
    void aLostPackComesAgain_data();
    void aLostPackComesAgain();
    void aHoleInTheMiddleIsFilled();
    void packsMayStandOnRows_data() { aLostPackComesAgain_data(); }
    void packsMayStandOnRows();
    void decidedFormsArePutAwayToo();
    void whatIsVoidStaysVoid();
};

void ArchivistTest::rowsBecomePacks()
{
    Room room(4);
    write(room, 6);
    const std::size_t below = room.group.at(0).snapshot().changes;
    QCOMPARE(rows(room, 0), below);
    room.takeCheckpoint();
    room.group.run(2s);
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(room.group.at(i).packed(), below);
        QVERIFY(packs(room, i) > 0);
        QCOMPARE(rows(room, i), std::size_t(0));
    }
    write(room, 2);
    QCOMPARE(rows(room, 0), std::size_t(2)); // above the checkpoint
    room.takeCheckpoint();
    room.group.run(2s);
    QCOMPARE(rows(room, 0), std::size_t(0));
    QCOMPARE(room.group.at(0).packed(), below + 2);
    QVERIFY(room.isOneGroup());
}

void ArchivistTest::nothingIsLostAtAStart()
{
    Room room(4);
    write(room, 5);
    room.erase(1, 2, 3);
    room.group.run(1s);
    const std::size_t below = room.group.at(2).snapshot().changes;
    room.takeCheckpoint();
    write(room, 2);
    room.group.run(3s); // acknowledged, and so on the disk
    const auto before = room.group.at(2).snapshot();
    const auto archive = room.group.at(2).archive();
    const auto blame = room.group.at(2).blame(room.doc);
    room.group.restart(2);
    QCOMPARE(room.group.at(2).packed(), below);
    QCOMPARE(room.group.at(2).decidedForms(), std::size_t(0));
    const auto after = room.group.at(2).snapshot();
    QCOMPARE(after.frontierRoot, before.frontierRoot);
    QVERIFY(after.documents == before.documents);
    const auto checked = room.group.at(1).check(*room.group.at(2).archive());
    QVERIFY(archive && checked.has_value()); // every signature that an archive takes holds
    QCOMPARE(checked->changes, before.changes);
    QCOMPARE(room.group.at(2).blame(room.doc).size(), blame.size());
    QVERIFY(room.givesWhatWasDecided(2));
    room.type(2, "again ");
    room.group.run(5s);
    QVERIFY(room.isOneGroup());
}

void ArchivistTest::waitsForEverySeat()
{
    Room room(4);
    write(room, 4);
    room.part(3);
    room.takeCheckpoint();
    write(room, 2);
    room.group.run(20s);
    QVERIFY(room.now(0).checkpoint.has_value());
    QCOMPARE(room.group.at(0).packed(), std::size_t(0)); // one seat has not said that it has it
    room.meet(3);
    room.group.run(10s);
    for (std::size_t i = 0; i < 4; ++i)
        QVERIFY(room.group.at(i).packed() > 0);
    QVERIFY(room.isOneGroup());
}

void ArchivistTest::aDormantSeatIsNotWaitedFor()
{
    Room room(5);
    write(room, 4);
    room.part(4);
    api::Wish wish = Room::wishFor(Kind::MakeDormant);
    wish.member = MemberIndex(4);
    room.agree(0, wish, {1, 2, 3});
    QCOMPARE(room.now(0).seats.size(), std::size_t(4));
    room.takeCheckpoint();
    write(room, 1);
    room.group.run(5s);
    for (std::size_t i = 0; i < 4; ++i)
        QVERIFY(room.group.at(i).packed() > 0);
    QCOMPARE(room.group.at(4).packed(), std::size_t(0));
    room.meet(4);
    room.group.run(20s);
    QVERIFY(room.isOneGroup());
}

// A device that was away with edits of its own, older than what all others put away (C20).
void ArchivistTest::ownWordsFromBelowAreKept()
{
    Room room(5);
    write(room, 4);
    room.part(4);
    room.type(4, "mine ");
    room.erase(4, 5, 3); // of what everybody has
    room.type(4, "too ", 5);
    room.group.run(1s);
    api::Wish wish = Room::wishFor(Kind::MakeDormant);
    wish.member = MemberIndex(4);
    room.agree(0, wish, {1, 2, 3});
    for (int i = 0; i < 3; ++i) {
        write(room, 3);
        room.erase(1, 0, 12);
        room.group.run(1s);
        room.takeCheckpoint();
    }
    room.group.run(2s);
    QVERIFY(room.group.at(0).packed() > 8);
    for (std::size_t i = 0; i < 5; ++i) // whatever was only in memory is gone
        room.group.restart(i);
    QVERIFY(room.group.at(0).packed() > 8);
    room.meet(4);
    room.group.run(30s);
    for (std::size_t i = 0; i < 5; ++i) {
        QVERIFY(room.text(i).find("mine ") != std::string::npos);
        QVERIFY(room.text(i).find("too ") != std::string::npos);
    }
    QVERIFY(room.isOneGroup());
}

void ArchivistTest::powerCutsAtAnyMoment_data()
{
    QTest::addColumn<int>("pace");
    for (const int pace : {20, 60, 200, 700})
        QTest::newRow(std::to_string(pace).c_str()) << pace;
}

void ArchivistTest::powerCutsAtAnyMoment()
{
    QFETCH(int, pace);
    Room room(4);
    std::size_t most = 0;
    for (int round = 0; round < 3; ++round) {
        write(room, 5);
        room.group.run(2s);
        const std::size_t held = room.group.at(1).snapshot().changes;
        room.group.submit(0, api::Propose{++room.requests, Room::wishFor(Kind::Checkpoint)});
        room.group.run(200ms);
        const Hash id = room.group.at(0).lastAnswer().proposal;
        for (const std::size_t other : {std::size_t(1), std::size_t(2)})
            room.group.submit(other, api::Vote{++room.requests, id, true});
        for (int i = 0; i < 8; ++i) {
            room.group.run(Millis(pace * (i + 1)));
            room.group.restart(1); // takes any number of the newest batches that no sync kept
            QVERIFY(room.group.at(1).snapshot().changes >= held); // synced before the decision
        }
        room.group.run(20s);
        most = std::max(most, room.group.at(1).packed());
    }
    QVERIFY(most > 0);
    QVERIFY(room.isOneGroup());
    QCOMPARE(rows(room, 1) + room.group.at(1).packed(), room.group.at(1).snapshot().changes);
}

void ArchivistTest::aSlowDiskIsWaitedFor()
{
    Room room(4);
    for (int i = 0; i < 300; ++i) {
        room.type(0, "a ");
        if (i % 50 == 0)
            room.group.run(100ms);
    }
    room.group.run(5s);
    const std::size_t below = room.group.at(3).snapshot().changes;
    QVERIFY(below > 2 * 128 && below <= 3 * 128);
    room.group.setDiskSlow(3, true);
    room.takeCheckpoint();
    QCOMPARE(room.now(3).epoch, Epoch(1));
    QCOMPARE(packs(room, 3), std::size_t(1)); // the second waits for news of the first
    QCOMPARE(packs(room, 0), std::size_t(0)); // what 3 acknowledged is not on its disk yet
    room.group.setDiskSlow(3, false);
    room.group.run(5s);
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(packs(room, i), std::size_t(3));
        QCOMPARE(room.group.at(i).packed(), below);
        QCOMPARE(rows(room, i), std::size_t(0));
    }
    QVERIFY(room.isOneGroup());
}

void ArchivistTest::oneWhoLostAllIsServed()
{
    Room room(4);
    write(room, 8);
    room.takeCheckpoint();
    write(room, 2);
    for (std::size_t i = 0; i < 4; ++i)
        room.group.restart(i);
    auto folder = room.group.folder(3);
    QVERIFY(!folder.packs.empty());
    folder.packs.clear();
    folder.changes.clear();
    room.group.startFrom(3, folder);
    room.group.run(20s);
    QCOMPARE(room.group.at(3).decidedForms(), std::size_t(0)); // one by one, with signatures
    QVERIFY(room.isOneGroup());
}

void ArchivistTest::aLostPackComesAgain_data()
{
    QTest::addColumn<std::size_t>("which");
    for (std::size_t which = 0; which < 3; ++which)
        QTest::newRow(std::to_string(which).c_str()) << which;
}

void ArchivistTest::aLostPackComesAgain()
{
    QFETCH(std::size_t, which);
    Room room(4);
    for (int i = 0; i < 3; ++i) {
        write(room, 4);
        room.takeCheckpoint();
        room.group.run(1s);
    }
    auto folder = room.group.folder(2);
    QCOMPARE(folder.packs.size(), std::size_t(3));
    folder.packs.erase(folder.packs.begin() + static_cast<std::ptrdiff_t>(which));
    room.group.startFrom(2, folder);
    room.group.run(20s);
    QVERIFY(room.isOneGroup());
    room.group.submit(2, api::CreateDocument{9, "Durable", ""}); // with all that came before it
    room.group.run(1s);
    room.group.restart(2); // rows now stand before packs that stand on them
    QCOMPARE(room.group.at(2).snapshot().frontierRoot, room.group.at(0).snapshot().frontierRoot);
    write(room, 2);
    room.takeCheckpoint();
    room.group.run(2s);
    room.group.restart(2);
    room.group.run(5s);
    QVERIFY(room.isOneGroup());
}

// The heads of what was decided are there, and do not help: what they stand on is not.
void ArchivistTest::aHoleInTheMiddleIsFilled()
{
    Room room(4);
    for (int i = 0; i < 300; ++i)
        room.type(0, "a ");
    room.group.run(5s);
    room.takeCheckpoint();
    room.group.run(2s);
    auto folder = room.group.folder(2);
    QCOMPARE(folder.packs.size(), std::size_t(3));
    folder.packs.erase(folder.packs.begin() + 1);
    room.group.startFrom(2, folder);
    QCOMPARE(room.now(2).epoch, Epoch(0)); // the decision counts when it is filled
    room.group.run(20s);
    QVERIFY(room.isOneGroup());
    unpack(room, folder, 0); // single rows, one of which is lost
    folder.changes.erase(folder.changes.begin() + 60);
    room.group.startFrom(2, folder);
    room.group.run(20s);
    QVERIFY(room.isOneGroup());
}

// As after a lost pack of which a part came again.
void ArchivistTest::packsMayStandOnRows()
{
    QFETCH(std::size_t, which);
    Room room(4);
    for (int i = 0; i < 3; ++i) {
        write(room, 4);
        room.takeCheckpoint();
        room.group.run(1s);
    }
    const Hash held = room.group.at(2).snapshot().frontierRoot;
    auto folder = room.group.folder(2);
    QCOMPARE(folder.packs.size(), std::size_t(3));
    unpack(room, folder, which);
    room.part(2);
    room.group.startFrom(2, folder);
    QCOMPARE(room.group.at(2).snapshot().frontierRoot, held);
    QCOMPARE(room.now(2).epoch, Epoch(3));
    room.meet(2);
    room.group.run(5s);
    QCOMPARE(rows(room, 2), std::size_t(0)); // what were rows again is put away again
    QVERIFY(room.isOneGroup());
}

void ArchivistTest::decidedFormsArePutAwayToo()
{
    Room room(4);
    write(room, 5);
    room.takeCheckpoint();
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    room.meet(eve);
    room.group.run(10s);
    const std::size_t decided = room.group.at(eve).decidedForms();
    QVERIFY(decided > 0);
    room.type(eve, "new ");
    write(room, 2);
    room.agree(0, Room::wishFor(Kind::Checkpoint), {1, 2, eve});
    room.group.run(5s);
    QCOMPARE(room.group.at(eve).packed(), room.group.at(eve).snapshot().changes);
    room.group.restart(eve);
    room.group.run(2s);
    QCOMPARE(room.group.at(eve).decidedForms(), decided);
    QCOMPARE(room.group.at(eve).packed(), room.group.at(eve).snapshot().changes);
    QVERIFY(room.givesWhatWasDecided(eve));
    QVERIFY(room.isOneGroup());
}

void ArchivistTest::whatIsVoidStaysVoid()
{
    Room room(4);
    room.type(3, "[from the one who goes] ");
    room.group.run(3s);
    room.agree(0, Room::removal(3), {1, 2});
    room.type(3, "void ");
    room.group.run(2s);
    room.takeCheckpoint();
    room.group.run(2s);
    const std::string text = room.text(0);
    QVERIFY(room.group.at(0).packed() > 0);
    for (std::size_t i = 0; i < 3; ++i) {
        room.group.restart(i);
        QCOMPARE(room.text(i), text);
    }
    room.group.run(5s);
    QCOMPARE(room.text(1), text);
    QCOMPARE(room.now(1).decision, room.now(0).decision);
}

QTEST_GUILESS_MAIN(ArchivistTest)
#include "archivist_test.moc"
