#include "core/gossip/message.h"
#include "core/history/change_codec.h"
#include "tests/core/engine/checkpoint_room.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using Room = nlbd::testing::CheckpointRoom;
using Kind = api::Wish::Kind;

namespace {

bool isKind(std::uint8_t kind, gossip::Kind which)
{
    return kind == static_cast<std::uint8_t>(which);
}

} // namespace

class LandingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aNewcomerBeginsThere();
    void aNewcomerIsAFullMember();
    void aNewcomerLetsTheNextOneIn();
    void aNewcomerStartsAgainAtAnyMoment_data();
    void aNewcomerStartsAgainAtAnyMoment();
    void anAlteredSnapshotIsRefused_data();
    void anAlteredSnapshotIsRefused();
    void whoGivesNothingIsPassedOver();
    void piecesAreSmallAndAskedForAhead();
    void whoDripsIsPassedOver();
    void nobodyHasIt();
    void whoWasAwayComesBack();
    void whoWasAwayTakesTheSnapshot();
};

void LandingTest::aNewcomerBeginsThere()
{
    Room room(4);
    room.erase(1, 1, 2);
    room.takeCheckpoint();
    room.type(1, "later ");
    room.group.run(3s);
    const std::size_t below = 3; // the document, "old ", what was deleted
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    // Not one change from below the checkpoint is sent to it.
    int sent = 0;
    room.group.setFilter([&](std::size_t, std::size_t to, std::uint8_t kind, const Bytes &body) {
        const auto message = gossip::decode(kind, body);
        if (to == eve && message)
            if (const auto *changes = std::get_if<gossip::Changes>(&*message))
                for (const Bytes &record : changes->changes)
                    sent += history::decodeFull(record)->header.epoch == Epoch(0) ? 1 : 0;
        return true;
    });
    room.meet(eve);
    room.group.run(10s);
    QCOMPARE(room.text(eve), std::string("later o "));
    QCOMPARE(room.group.at(eve).decidedForms(), below);
    QCOMPARE(room.group.at(eve).snapshot().changes, room.group.at(0).snapshot().changes);
    QCOMPARE(sent, 0);
    QVERIFY(room.isOneGroup());
}

void LandingTest::aNewcomerIsAFullMember()
{
    Room room(4);
    room.takeCheckpoint();
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    room.meet(eve);
    room.group.run(10s);
    room.type(eve, "new ");
    room.erase(eve, 5, 2); // of what came with the snapshot
    room.group.run(5s);
    QCOMPARE(room.text(0), std::string("new o "));
    QVERIFY(room.isOneGroup());
    const auto blame = room.group.at(eve).blame(room.doc);
    QCOMPARE(blame.back().author, DeviceIndex(0)); // who wrote what is known
    // It computes the next root itself, and without it there is no quorum of five.
    room.part(3);
    room.agree(0, Room::wishFor(Kind::Checkpoint), {1, 2, eve});
    QCOMPARE(room.now(eve).epoch, Epoch(3));
    QVERIFY(room.givesWhatWasDecided(eve));
    room.meet(3);
    room.group.run(10s);
    QVERIFY(room.isOneGroup());
}

void LandingTest::aNewcomerLetsTheNextOneIn()
{
    Room room(4);
    room.takeCheckpoint();
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    room.meet(eve);
    room.group.run(10s);
    const std::size_t fay = room.invite();
    room.agree(eve, room.group.admission(fay), {0, 1, 2});
    room.group.join(eve, fay); // only with her who has no signatures of the past herself
    room.group.run(10s);
    QCOMPARE(room.text(fay), std::string("old "));
    room.meet(fay);
    room.type(fay, "newest ");
    room.group.run(5s);
    QVERIFY(room.isOneGroup());
}

void LandingTest::aNewcomerStartsAgainAtAnyMoment_data()
{
    QTest::addColumn<int>("pace");
    for (const int pace : {20, 60, 200, 700})
        QTest::newRow(std::to_string(pace).c_str()) << pace;
}

void LandingTest::aNewcomerStartsAgainAtAnyMoment()
{
    QFETCH(int, pace);
    Room room(4);
    room.agree(0, Room::wishFor(Kind::NewKey), {1, 2});
    room.type(2, "second ");
    room.group.run(2s);
    room.takeCheckpoint();
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    room.meet(eve);
    for (int i = 0; i < 10; ++i) {
        room.group.run(Millis(pace * (i + 1)));
        room.group.restart(eve);
    }
    room.group.run(10s);
    room.type(eve, "new ");
    room.group.run(3s);
    room.group.restart(eve);
    room.group.run(10s);
    QCOMPARE(room.text(0), std::string("new second old "));
    QVERIFY(room.isOneGroup());
}

void LandingTest::anAlteredSnapshotIsRefused_data()
{
    QTest::addColumn<double>("where");
    QTest::newRow("its beginning") << 0.0;
    QTest::newRow("its middle") << 0.5;
    QTest::newRow("its end") << 1.0;
}

void LandingTest::anAlteredSnapshotIsRefused()
{
    QFETCH(double, where);
    Room room(4);
    room.takeCheckpoint();
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    // Member 3 alters one byte of what it gives, and is the first to be met.
    const auto alter = [&](std::uint8_t kind, const Bytes &body) {
        auto message = gossip::decode(kind, body);
        auto &piece = std::get<gossip::SnapshotPiece>(*message);
        const auto last = static_cast<double>(piece.bytes.size() - 1);
        piece.bytes[static_cast<std::size_t>(last * where)] ^= std::byte{1};
        return *message;
    };
    room.group.setFilter([&](std::size_t from, std::size_t, std::uint8_t kind, const Bytes &body) {
        if (from != 3 || !isKind(kind, gossip::Kind::SnapshotPiece))
            return true;
        const gossip::Message altered = alter(kind, body);
        room.group.step(
            eve, engine::FrameIn{room.group.sessionWith(eve, 3), kind, gossip::encode(altered)});
        return false;
    });
    room.group.join(eve, 3);
    room.group.run(5s);
    QVERIFY(!room.group.cuts(eve).empty());
    const Code code = room.group.cuts(eve).front();
    QVERIFY(where < 1.0 || code == Code::E_STATE_ROOT); // bytes that no rule forbids
    QCOMPARE(room.group.at(eve).snapshot().changes, std::size_t(0));
    QVERIFY(std::ranges::any_of(room.group.at(eve).refusals(),
                                [&](const api::Refusal &refusal) { return refusal.code == code; }));
    for (const std::size_t other : {std::size_t(0), std::size_t(1), std::size_t(2)})
        room.group.join(eve, other);
    room.group.run(10s);
    QCOMPARE(room.text(eve), std::string("old "));
    QVERIFY(room.group.at(eve).decidedForms() > 0);
}

void LandingTest::whoGivesNothingIsPassedOver()
{
    Room room(4);
    room.takeCheckpoint();
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    room.group.setFilter([&](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &) {
        return !(isKind(kind, gossip::Kind::SnapshotPiece) && to == eve && from != 2);
    });
    room.meet(eve);
    room.group.run(40s);
    QCOMPARE(room.text(eve), std::string("old "));
    QVERIFY(room.group.at(eve).decidedForms() > 0);
    QVERIFY(room.isOneGroup());
}

/// What is live overtakes between two pieces, and the way is never idle for want of a question.
void LandingTest::piecesAreSmallAndAskedForAhead()
{
    Room room(4);
    SeededRandom random(9);
    for (int i = 0; i < 20; ++i) {
        std::string text(8000, ' '); // that hardly shrinks
        for (char &letter : text)
            letter = static_cast<char>('0' + random.below(64));
        room.type(0, text);
    }
    room.group.run(3s);
    room.takeCheckpoint();
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    std::uint64_t asked = 0; // up to there
    std::uint64_t come = 0;
    std::uint64_t ahead = 0;
    room.group.setFilter([&](std::size_t from, std::size_t to, std::uint8_t kind, Bytes &body) {
        if (from == eve && isKind(kind, gossip::Kind::PullSnapshot))
            asked = std::get<gossip::PullSnapshot>(*gossip::decode(kind, body)).from;
        ahead = std::max(ahead, asked - std::min(asked, come));
        if (to == eve && isKind(kind, gossip::Kind::SnapshotPiece)) {
            const auto piece = std::get<gossip::SnapshotPiece>(*gossip::decode(kind, body));
            come = std::max(come, piece.from + piece.bytes.size());
            if (piece.bytes.size() > gossip::kSnapshotPieceBytes)
                return false;
        }
        return true;
    });
    room.meet(eve);
    room.group.run(10s);
    QCOMPARE(room.text(eve), room.text(0));
    QVERIFY2(come > 100'000, qPrintable(QString::number(come)));
    QVERIFY2(ahead >= 4 * gossip::kSnapshotPieceBytes, qPrintable(QString::number(ahead)));
}

void LandingTest::whoDripsIsPassedOver()
{
    Room room(4);
    room.takeCheckpoint();
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    std::size_t drops = 0;
    room.group.setFilter([&](std::size_t from, std::size_t, std::uint8_t kind, const Bytes &body) {
        if (from != 3 || !isKind(kind, gossip::Kind::SnapshotPiece))
            return true;
        auto piece = std::get<gossip::SnapshotPiece>(*gossip::decode(kind, body));
        piece.bytes.resize(1);
        ++drops;
        room.group.step(
            eve, engine::FrameIn{room.group.sessionWith(eve, 3), kind, gossip::encode(piece)});
        return false;
    });
    room.group.join(3, eve);
    room.group.run(10s);
    QCOMPARE(drops, std::size_t(1)); // not asked again before the others
    for (const std::size_t other : {std::size_t(0), std::size_t(1), std::size_t(2)})
        room.group.join(eve, other);
    room.group.run(10s);
    QCOMPARE(room.text(eve), std::string("old ")); // pulled, as there was nobody else
    QVERIFY(room.isOneGroup());
}

void LandingTest::nobodyHasIt()
{
    // Then the whole history is pulled as before.
    Room room(4);
    room.takeCheckpoint();
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    room.group.setFilter([&](std::size_t, std::size_t, std::uint8_t kind, const Bytes &) {
        return !isKind(kind, gossip::Kind::SnapshotPiece);
    });
    room.meet(eve);
    room.group.run(60s);
    QCOMPARE(room.text(eve), std::string("old "));
    QCOMPARE(room.group.at(eve).decidedForms(), std::size_t(0));
    QVERIFY(room.isOneGroup());
}

void LandingTest::whoWasAwayComesBack()
{
    Room room(4);
    room.part(3);
    room.type(3, "mine ");
    room.type(1, "theirs ");
    room.group.run(3s);
    room.takeCheckpoint();
    room.type(1, "later ");
    room.group.run(3s);
    room.meet(3);
    room.group.run(10s);
    QCOMPARE(room.group.at(3).decidedForms(), std::size_t(0)); // who kept it gave it all
    QVERIFY(room.text(0).find("mine ") != std::string::npos);
    QVERIFY(room.isOneGroup());
}

void LandingTest::whoWasAwayTakesTheSnapshot()
{
    Room room(4);
    room.part(3);
    room.type(3, "mine ");
    room.type(1, "theirs ");
    room.group.run(3s);
    room.takeCheckpoint();
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    for (const std::size_t other : {std::size_t(0), std::size_t(1), std::size_t(2)})
        room.group.join(eve, other);
    room.group.run(10s);
    // It hears of the decisions, but whoever had the changes that it missed has dropped them.
    room.group.setFilter([](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &) {
        return to != 3 || from > 2
            || !(isKind(kind, gossip::Kind::Changes) || isKind(kind, gossip::Kind::Push));
    });
    room.group.join(3, 0);
    room.group.run(3s);
    QCOMPARE(room.now(3).epoch, Epoch(0));
    room.group.cut(3, 0);
    room.group.join(3, eve);
    room.group.run(60s);
    room.group.setFilter(nullptr);
    QVERIFY(room.group.at(3).decidedForms() > 0);
    QCOMPARE(room.now(3).decision, room.now(0).decision);
    QVERIFY(room.text(3).find("theirs ") != std::string::npos);
    room.group.run(5s);
    QVERIFY(room.text(0).find("mine ") != std::string::npos);
    for (const std::size_t other : {std::size_t(0), std::size_t(1), std::size_t(2)})
        room.group.join(3, other);
    room.group.run(10s);
    QVERIFY(room.isOneGroup());
    room.group.restart(3); // what is on its disk is of two kinds now
    room.type(3, "again ");
    room.group.run(10s);
    QVERIFY(room.isOneGroup());
}

QTEST_GUILESS_MAIN(LandingTest)
#include "landing_test.moc"
