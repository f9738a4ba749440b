#include "core/gossip/message.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using identity::Standing;
using nlbd::testing::SmallGroup;

namespace {

constexpr Millis kDay = 2s;

/// A group that counts short days, with a document that all have.
struct Room {
    explicit Room(std::size_t count)
        : group(count)
        , size(count)
    {
        group.setDay(kDay);
        for (std::size_t i = 0; i < count; ++i)
            group.restart(i);
        group.run(300ms);
        group.submit(0, api::CreateDocument{1, "Notes", "old"});
        group.run(2s);
    }
    void leave(std::size_t i)
    {
        for (std::size_t other = 0; other < size; ++other)
            if (other != i)
                group.cut(i, other);
    }
    void comeBack(std::size_t i)
    {
        for (std::size_t other = 0; other < size; ++other)
            if (other != i)
                group.join(i, other);
    }
    void days(int count) { group.run(kDay * count); }
    [[nodiscard]] std::size_t seats(std::size_t i)
    {
        return group.at(i).configuration().seats.size();
    }
    [[nodiscard]] Epoch epoch(std::size_t i) { return group.at(i).configuration().epoch; }
    [[nodiscard]] Standing standing(std::size_t at, std::size_t of)
    {
        const auto &now = group.at(at).configuration();
        return now.memberOf(*now.indexOf(group.device(of).publicKey()))->standing;
    }
    [[nodiscard]] MemberIndex member(std::size_t of)
    {
        const auto &now = group.at(0).configuration();
        return now.devices[now.indexOf(group.device(of).publicKey())->value].member;
    }
    void propose(std::size_t who, std::size_t about)
    {
        api::Wish wish;
        wish.kind = api::Wish::Kind::MakeDormant;
        wish.member = member(about);
        group.submit(who, api::Propose{1, wish});
    }
    [[nodiscard]] bool isAllAgreed(std::size_t i)
    {
        const auto now = group.at(i).snapshot();
        return now.changes > 0 && now.ratified == now.changes;
    }

    SmallGroup group;
    std::size_t size;
};

} // namespace

/// What seats do without being asked, by days that they count themselves.
class CaretakerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nobodyIsLeftOutWhoIsThere();
    void aSilentSeatIsLeftOutAndComesBack();
    void twoWeeksAreCountedOverRestarts();
    void whoSleptHasSeenNobodySilent_data();
    void whoSleptHasSeenNobodySilent();
    void whoSeesNoQuorumJudgesNobody();
    void liarsTakeNobodysSeat();
    void aSeatThatIsHeardAgainKeepsIt();
    void fourAreNotMadeThree();
    void ofThreeNobodyIsLeftOut();
    void theKeyTurnsAfterAMonth();
};

void CaretakerTest::nobodyIsLeftOutWhoIsThere()
{
    Room room(5);
    room.days(25); // nobody writes a word
    for (std::size_t i = 0; i < 5; ++i)
        QCOMPARE(room.epoch(i), Epoch(0));
}

void CaretakerTest::aSilentSeatIsLeftOutAndComesBack()
{
    Room room(5);
    room.leave(4);
    room.days(12);
    QCOMPARE(room.epoch(0), Epoch(0));
    room.days(6);
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(room.epoch(i), Epoch(1));
        QCOMPARE(room.seats(i), std::size_t(4));
        QCOMPARE(room.standing(i, 4), Standing::Dormant);
    }
    room.group.submit(0, api::CreateDocument{2, "More", "new"});
    room.leave(3); // of four, three are enough: with the fifth counted they were not
    room.group.run(4s);
    QVERIFY(room.isAllAgreed(0));
    room.comeBack(3);
    room.group.run(2s);

    room.comeBack(4);
    room.group.run(20s);
    for (std::size_t i = 0; i < 5; ++i) {
        QCOMPARE(room.seats(i), std::size_t(5));
        QCOMPARE(room.standing(i, 4), Standing::Active);
        QVERIFY(room.group.at(i).evidence().empty());
        QVERIFY(room.group.at(i).findDocument("More").has_value());
    }
    const Epoch back = room.epoch(0);
    room.days(10);
    QCOMPARE(room.epoch(0), back);
    QVERIFY(room.isAllAgreed(4));
}

void CaretakerTest::twoWeeksAreCountedOverRestarts()
{
    Room room(5);
    room.leave(4);
    for (int day = 0; day < 18; ++day) {
        room.days(1);
        for (std::size_t i = 0; i < 4; ++i)
            room.group.restart(i);
    }
    room.group.run(5s);
    QCOMPARE(room.standing(0, 4), Standing::Dormant);
}

void CaretakerTest::whoSleptHasSeenNobodySilent_data()
{
    QTest::addColumn<bool>("doesTimerGoOn");
    QTest::newRow("asleep") << true;
    QTest::newRow("a clock that jumps") << false;
}

void CaretakerTest::whoSleptHasSeenNobodySilent()
{
    QFETCH(bool, doesTimerGoOn);
    Room room(5);
    room.leave(4);
    room.days(3);
    for (int i = 0; i < 5; ++i) {
        room.group.sleep(21 * kDay, doesTimerGoOn);
        room.group.run(100ms);
    }
    QCOMPARE(room.epoch(0), Epoch(0));
    room.comeBack(4);
    room.days(10);
    for (std::size_t i = 0; i < 5; ++i)
        QCOMPARE(room.epoch(i), Epoch(0));
}

void CaretakerTest::whoSeesNoQuorumJudgesNobody()
{
    Room room(5);
    for (const std::size_t a : {0, 1, 2})
        for (const std::size_t b : {3, 4})
            room.group.cut(a, b);
    room.days(25);
    for (const std::size_t a : {0, 1, 2})
        for (const std::size_t b : {3, 4})
            room.group.join(a, b);
    room.days(6);
    for (std::size_t i = 0; i < 5; ++i) {
        QCOMPARE(room.epoch(i), Epoch(0));
        QVERIFY(room.group.at(i).decisions().open.empty());
    }
}

void CaretakerTest::liarsTakeNobodysSeat()
{
    Room room(7);
    room.days(3);
    room.propose(0, 6); // two of seven may be hostile, and say so
    room.group.run(200ms);
    const Hash id = room.group.at(1).decisions().open.front().id;
    room.group.submit(1, api::Vote{2, id, true});
    room.days(20);
    for (std::size_t i = 0; i < 7; ++i) {
        QCOMPARE(room.epoch(i), Epoch(0));
        QCOMPARE(room.group.at(i).decisions().open.front().yes, std::uint16_t(2));
    }
}

void CaretakerTest::aSeatThatIsHeardAgainKeepsIt()
{
    Room room(5);
    room.leave(4);
    // Nobody sees a fourth yes: whoever saw a quorum of them would end the epoch all the same.
    room.group.setFilter([](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &) {
        return (from != 3 && to != 3)
            || kind != static_cast<std::uint8_t>(gossip::Kind::ControlRecords);
    });
    room.days(20);
    QCOMPARE(room.epoch(0), Epoch(0));
    QCOMPARE(room.group.at(0).decisions().open.front().mine, std::optional(true));
    QCOMPARE(room.group.at(0).decisions().open.front().yes, std::uint16_t(3));
    room.comeBack(4);
    room.days(2);
    room.group.setFilter({});
    room.days(5);
    for (std::size_t i = 0; i < 5; ++i) {
        QCOMPARE(room.epoch(i), Epoch(0));
        QCOMPARE(room.group.at(i).decisions().open.front().yes, std::uint16_t(0));
    }
}

void CaretakerTest::fourAreNotMadeThree()
{
    Room room(4);
    room.leave(3);
    room.days(12);
    QVERIFY(room.group.at(0).decisions().open.empty());
    room.days(8); // it is asked for, once, and people say yes, who are told what it means
    QCOMPARE(room.epoch(0), Epoch(0));
    for (const std::size_t i : {0, 1, 2}) {
        const auto open = room.group.at(i).decisions().open;
        QCOMPARE(open.size(), std::size_t(1));
        QVERIFY(open[0].wish.kind == api::Wish::Kind::MakeDormant);
        QCOMPARE(open[0].wish.member, room.member(3));
        QCOMPARE(open[0].yes, std::uint16_t(0));
        QCOMPARE(open[0].seatsAfter, std::uint16_t(3));
        QVERIFY(api::protectionOf(open[0].seatsAfter) == api::Protection::Everyone);
        room.group.submit(i, api::Vote{2, open[0].id, true});
    }
    room.group.run(10s);
    QCOMPARE(room.seats(0), std::size_t(3));
    room.comeBack(3);
    room.group.run(20s);
    QCOMPARE(room.seats(3), std::size_t(4));
}

void CaretakerTest::ofThreeNobodyIsLeftOut()
{
    Room room(3);
    room.leave(2);
    room.days(20); // two of three decide nothing
    QVERIFY(room.group.at(0).decisions().open.empty());
}

void CaretakerTest::theKeyTurnsAfterAMonth()
{
    Room room(4);
    room.days(27);
    QCOMPARE(room.epoch(0), Epoch(0));
    room.days(6);
    for (std::size_t i = 0; i < 4; ++i)
        QCOMPARE(room.group.at(i).configuration().keyEpoch, KeyEpoch(1));
    QCOMPARE(room.epoch(0), Epoch(1));
    room.days(25);
    QCOMPARE(room.epoch(0), Epoch(1));
    room.days(9);
    QCOMPARE(room.group.at(3).configuration().keyEpoch, KeyEpoch(2));
    QVERIFY(room.isAllAgreed(3));
}

QTEST_GUILESS_MAIN(CaretakerTest)
#include "caretaker_test.moc"
