#include "tests/core/engine/checkpoint_room.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using Room = nlbd::testing::CheckpointRoom;
using Kind = api::Wish::Kind;

class CheckpointTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPersonAsks();
    void isTakenByItself();
    void isTakenByItselfAlone();
    void severalComeOneAfterTheOther();
    void startsAgainBehindIt();
    void ghostsAreInIt();
    void aRemovedMemberIsInIt();
};

void CheckpointTest::aPersonAsks()
{
    Room room(4);
    room.type(1, "and ");
    room.group.run(2s);
    room.takeCheckpoint();
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(room.now(i).epoch, Epoch(1));
        QVERIFY(room.now(i).checkpoint.has_value());
        QCOMPARE(room.now(i).checkpoint->epoch, Epoch(0));
        QCOMPARE(room.now(i).checkpoint->stateRoot, room.now(0).checkpoint->stateRoot);
        QVERIFY(room.givesWhatWasDecided(i));
        QCOMPARE(room.group.at(i).decidedForms(), std::size_t(0));
    }
    room.type(2, "more ");
    room.group.run(5s);
    QVERIFY(room.isOneGroup());
}

void CheckpointTest::isTakenByItself()
{
    Room room(4);
    room.group.takeCheckpointsEvery(6);
    for (std::size_t i = 0; i < 4; ++i)
        room.group.restart(i);
    room.group.run(5s);
    QVERIFY(!room.now(0).checkpoint); // too little was written
    for (std::size_t i = 0; i < 6; ++i) {
        room.type(i % 4, "word ");
        room.group.run(1s);
    }
    room.group.run(20s);
    QVERIFY(room.now(0).checkpoint.has_value());
    QCOMPARE(room.now(0).epoch, Epoch(1)); // one is enough
    QVERIFY(room.isOneGroup());
    const Hash first = room.now(0).checkpoint->stateRoot;
    for (std::size_t i = 0; i < 8; ++i) {
        room.type(i % 4, "word ");
        room.group.run(1s);
    }
    room.group.run(20s);
    QCOMPARE(room.now(0).epoch, Epoch(2));
    QVERIFY(room.now(0).checkpoint->stateRoot != first);
    QVERIFY(room.isOneGroup());
}

void CheckpointTest::isTakenByItselfAlone()
{
    Room room(1);
    room.group.takeCheckpointsEvery(3);
    room.group.restart(0);
    room.group.run(2s);
    room.type(0, "alone ");
    room.group.run(5s);
    QVERIFY(room.now(0).checkpoint.has_value());
    const std::size_t ben = room.invite();
    room.agree(0, room.group.admission(ben), {});
    room.meet(ben);
    room.group.run(10s);
    QCOMPARE(room.text(ben), std::string("alone old "));
    QVERIFY(room.group.at(ben).decidedForms() > 0);
    QVERIFY(room.isOneGroup());
}

void CheckpointTest::severalComeOneAfterTheOther()
{
    Room room(4);
    std::set<Hash> roots;
    for (int i = 0; i < 4; ++i) {
        room.takeCheckpoint();
        room.erase(1, 0, 2);
        room.type(2, "x\nyz ", 1);
        room.group.run(3s);
        roots.insert(room.now(3).checkpoint->stateRoot);
    }
    QCOMPARE(room.now(0).epoch, Epoch(4));
    QCOMPARE(roots.size(), std::size_t(4));
    QVERIFY(room.isOneGroup());
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    room.meet(eve);
    room.group.run(10s);
    QVERIFY(room.isOneGroup());
}

void CheckpointTest::startsAgainBehindIt()
{
    Room room(4);
    room.takeCheckpoint();
    room.group.restart(1);
    room.type(1, "again ");
    room.group.run(5s);
    QVERIFY(room.givesWhatWasDecided(1));
    QVERIFY(room.isOneGroup());
}

void CheckpointTest::ghostsAreInIt()
{
    Room room(4);
    room.type(3, "[from the one who goes] ");
    room.group.run(3s);
    // What he writes now reaches only one other, who writes inside of it, and whose words reach the
    // rest when the removal is decided.
    for (const std::size_t other : {std::size_t(0), std::size_t(2)}) {
        room.group.cut(3, other);
        room.group.cut(1, other);
    }
    room.agree(0, Room::removal(3), {2});
    room.type(3, "late ");
    room.group.run(1s);
    room.type(1, "HONEST", 2);
    room.group.run(1s);
    room.group.cut(1, 3);
    for (const std::size_t other : {std::size_t(0), std::size_t(2)})
        room.group.join(1, other);
    room.group.run(3s);
    for (const auto &open : room.group.at(1).decisions().open)
        room.group.submit(1, api::Vote{++room.requests, open.id, true});
    room.group.run(20s);
    QCOMPARE(room.now(0).epoch, Epoch(1));
    QVERIFY(room.text(0).find("HONEST") != std::string::npos);
    room.takeCheckpoint();
    QVERIFY(room.now(0).checkpoint.has_value());
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    for (const std::size_t other : {std::size_t(0), std::size_t(1), std::size_t(2)})
        room.group.join(eve, other);
    room.group.run(10s);
    for (const std::size_t i : {std::size_t(1), std::size_t(2), eve})
        QCOMPARE(room.text(i), room.text(0));
    QVERIFY(room.group.at(eve).decidedForms() > 0);
}

void CheckpointTest::aRemovedMemberIsInIt()
{
    Room room(5);
    room.type(4, "kept ");
    room.group.run(3s);
    room.agree(0, Room::removal(4), {1, 2, 3});
    QCOMPARE(room.now(0).seats.size(), std::size_t(4));
    room.type(4, "void ");
    room.group.run(2s);
    room.takeCheckpoint();
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    for (std::size_t other = 0; other < 4; ++other)
        room.group.join(eve, other);
    room.group.run(10s);
    QCOMPARE(room.text(eve), std::string("kept old "));
    QCOMPARE(room.now(eve).decision, room.now(0).decision);
}

QTEST_GUILESS_MAIN(CheckpointTest)
#include "checkpoint_test.moc"
