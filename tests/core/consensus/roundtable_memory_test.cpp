// One test per sentence of PROTOCOL C11.2, as far as one seat can show it: what happens any time,
// what is kept and counts, crashes, sizes of tables.
#include "tests/core/consensus/scene.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::consensus;
using test::kA;
using test::kB;
using test::kMine;
using test::Scene;
using test::Seat;
using test::Table;
using test::valueOf;
using Intake = Roundtable::Intake;

class RoundtableMemoryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Any time.
    void aLatePolkaIsValidButNoLock();
    void anOlderPolkaChangesNothing();
    void decidesOnCommits();
    void decidesFromACertificate();
    void entersTheNextRoundOnNils();
    void entersTheNextRoundAtTheTimer();
    void jumpsWithFPlusOne();

    // What is kept and what counts.
    void forgetsWhatIsFarAway();
    void countsReasonedPrevotesOnly();
    void countsASeatOncePerValue();
    void aShownPolkaCountsAgainstFirstWords();
    void accusesDoubleVotesAndAmnesia();

    // Crashes.
    void resendsTheSameBytes();
    void remembersLockAndValidValue();
    void aSignedCommitIsALockWhateverTheState();

    // Sizes.
    void smallTablesDecide();
    void sevenSeatsDecideWithTwoSilent();
    void theFirstWaitFollowsTheSpread();
};

void RoundtableMemoryTest::aLatePolkaIsValidButNoLock()
{
    Scene s;
    s.hearAll(Phase::Prevote, 0, std::nullopt);
    s.me.take(s.polka(0, kA)); // more seats lie than the table tolerates, but what is shown counts
    QVERIFY(!s.me.core->state().locked);
    QCOMPARE(s.me.core->state().valid->value, kA);
    s.passTo(1);
    QVERIFY(s.me.said(Phase::Propose, 1, kA));
    s.me.hear(0, Phase::Propose, 1, kB);
    s.me.hear(2, Phase::Propose, 1, kB);
    s.me.timeout();
    QVERIFY(!s.me.said(Phase::Prevote, 1)->polka); // free to vote as it likes
}

void RoundtableMemoryTest::anOlderPolkaChangesNothing()
{
    Scene s;
    s.passTo(3);
    s.hearAll(Phase::Prevote, 3, kA);
    s.me.take(s.polka(1, kB));
    QCOMPARE(s.me.core->state().valid->value, kA);
    QCOMPARE(s.me.core->state().locked->round, Round(3));
}

void RoundtableMemoryTest::decidesOnCommits()
{
    for (const std::uint32_t round : {0U, 1U, 2U}) { // the round before, mine, the next
        Scene s;
        s.passTo(1);
        s.me.hear(0, Phase::Precommit, round, kA);
        s.me.hear(2, Phase::Precommit, round, kA);
        if (round == 0) // they said nil there already, and two words of one seat are kept
            QVERIFY(!s.me.accused.empty());
        QVERIFY(!s.me.decided);
        s.me.hear(3, Phase::Precommit, round, kA);
        QVERIFY(s.me.decided.has_value());
        QCOMPARE(s.me.decided->value, kA);
        QCOMPARE(s.me.decided->round, Round(round));
        QVERIFY(s.me.decided->verify(s.table.scheme, s.table.configuration).has_value());
        const std::size_t count = s.me.votes.size();
        s.me.timeout();
        QCOMPARE(s.me.hear(0, Phase::Propose, 5, kB), Intake::Ignored);
        QCOMPARE(s.me.votes.size(), count); // stop
        QCOMPARE(s.me.core->step(), Step::Decided);
    }
}

void RoundtableMemoryTest::decidesFromACertificate()
{
    const Table table(4);
    Certificate certificate{table.configuration.epoch, Round(40), kA, {}};
    for (std::uint16_t seat = 0; seat < 3; ++seat)
        certificate.lines.push_back(
            {SeatIndex(seat), table.vote(Phase::Precommit, 40, SeatIndex(seat), kA).signature});
    Seat asleep(table, table.at(1));
    asleep.take(certificate);
    QVERIFY(asleep.decided == certificate);
    asleep.start();
    QVERIFY(asleep.votes.empty());
    asleep.take(certificate); // Decide is said once
}

void RoundtableMemoryTest::entersTheNextRoundOnNils()
{
    Scene s;
    s.me.hear(0, Phase::Precommit, 0, std::nullopt);
    s.me.hear(2, Phase::Precommit, 0, std::nullopt);
    QCOMPARE(s.me.core->round(), Round(0));
    s.me.hear(3, Phase::Precommit, 0, std::nullopt);
    QCOMPARE(s.me.core->round(), Round(1));
}

void RoundtableMemoryTest::entersTheNextRoundAtTheTimer()
{
    Scene s;
    s.hearAll(Phase::Prevote, 0, kA);
    s.me.hear(0, Phase::Precommit, 0, std::nullopt);
    const std::size_t armed = s.me.timers.size();
    s.me.timeout();
    QCOMPARE(s.me.core->round(), Round(0));
    QCOMPARE(s.me.timers.size(), armed + 1);
    s.me.hear(2, Phase::Precommit, 0, kB);
    QCOMPARE(s.me.core->round(), Round(0));
    s.me.timeout();
    QCOMPARE(s.me.core->round(), Round(1));
    // A timer of the past does nothing.
    Effects effects;
    s.me.core->timeout(Round(0), Step::Precommit, effects);
    QVERIFY(effects.empty());
}

void RoundtableMemoryTest::jumpsWithFPlusOne()
{
    Scene s;
    QCOMPARE(s.me.hear(0, Phase::Prevote, 9, kA), Intake::Ignored);
    QCOMPARE(s.me.core->round(), Round(0));
    QCOMPARE(s.me.hear(0, Phase::Precommit, 12, kA), Intake::Ignored); // the same seat
    QCOMPARE(s.me.core->round(), Round(0));
    QCOMPARE(s.me.hear(2, Phase::Prevote, 7, kA), Intake::New);
    QCOMPARE(s.me.core->round(), Round(7)); // two seats are in 7 or later
    QVERIFY(s.me.said(Phase::Propose, 7).has_value());
    s.me.take(s.polka(20, kB)); // a quorum was in 20
    QCOMPARE(s.me.core->round(), Round(20));
    QVERIFY(s.me.said(Phase::Precommit, 20, kB));
}

void RoundtableMemoryTest::forgetsWhatIsFarAway()
{
    Scene s;
    QCOMPARE(s.me.hear(0, Phase::Prevote, 1, kA), Intake::New);
    QCOMPARE(s.me.hear(0, Phase::Prevote, 1, kA), Intake::Known);
    QCOMPARE(s.me.hear(0, Phase::Prevote, 2, kA), Intake::Ignored);
    s.passTo(4);
    QCOMPARE(s.me.hear(2, Phase::Prevote, 3, kA), Intake::New);
    QCOMPARE(s.me.hear(2, Phase::Prevote, 2, kA), Intake::Ignored);
    // Of one seat two words, in each slot.
    QCOMPARE(s.me.hear(0, Phase::Prevote, 4, kA), Intake::New);
    QCOMPARE(s.me.hear(0, Phase::Prevote, 4, kB), Intake::New);
    for (const char letter : {'c', 'd', 'e'})
        QCOMPARE(s.me.hear(0, Phase::Prevote, 4, valueOf(letter)), Intake::Known);
    QCOMPARE(s.me.accused.size(), std::size_t(1));
}

void RoundtableMemoryTest::countsReasonedPrevotesOnly()
{
    Scene s;
    s.passTo(3);
    s.me.hear(0, Phase::Prevote, 3, kA);
    s.me.hear(2, Phase::Prevote, 3, kA, 1);
    s.me.hear(3, Phase::Prevote, 3, kA, 1);
    QVERIFY(!s.me.said(Phase::Precommit, 3));
    s.me.take(s.polka(1, kB)); // not the one they name
    QVERIFY(!s.me.said(Phase::Precommit, 3));
    s.me.take(s.polka(1, kA));
    QVERIFY(s.me.said(Phase::Precommit, 3, kA));

    // A whole polka waits for its reasons too.
    Scene other;
    other.passTo(4);
    Polka late = other.polka(3, kA);
    for (PolkaLine &line : late.lines) {
        const Vote vote = other.table.vote(Phase::Prevote, 3, line.seat, kA, 1);
        line = {line.seat, vote.polka, vote.signature};
    }
    other.me.take(late);
    QVERIFY(!other.me.core->state().valid);
    other.me.take(other.polka(1, kA));
    QCOMPARE(other.me.core->state().valid->round, Round(3));
}

void RoundtableMemoryTest::countsASeatOncePerValue()
{
    Scene s;
    for (int i = 0; i < 5; ++i)
        s.me.hear(0, Phase::Prevote, 0, kA);
    s.me.hear(2, Phase::Prevote, 0, kA);
    QVERIFY(!s.me.said(Phase::Precommit, 0));
    s.passTo(2);
    s.me.take(s.polka(0, kA));
    s.me.hear(0, Phase::Prevote, 2, kA);
    s.me.hear(0, Phase::Prevote, 2, kA, 0); // another word for the same value
    s.me.hear(2, Phase::Prevote, 2, kA);
    QVERIFY(!s.me.said(Phase::Precommit, 2));
    s.me.hear(3, Phase::Prevote, 2, kA);
    QVERIFY(s.me.said(Phase::Precommit, 2, kA));
}

void RoundtableMemoryTest::aShownPolkaCountsAgainstFirstWords()
{
    Scene s;
    s.me.hear(0, Phase::Prevote, 0, kB); // two faces: this one came first
    s.me.hear(0, Phase::Prevote, 0, valueOf('c'));
    s.me.take(s.polka(0, kA));
    QVERIFY(s.me.said(Phase::Precommit, 0, kA));
    QCOMPARE(s.me.accused.size(), std::size_t(1));
}

void RoundtableMemoryTest::accusesDoubleVotesAndAmnesia()
{
    Scene s;
    s.me.hear(0, Phase::Prevote, 0, kA);
    s.me.hear(0, Phase::Prevote, 0, std::nullopt);
    s.me.hear(2, Phase::Precommit, 0, kA);
    s.me.hear(2, Phase::Prevote, 1, kB);
    s.me.hear(3, Phase::Prevote, 1, kB); // the other way round
    s.me.hear(3, Phase::Precommit, 0, kA);
    QCOMPARE(s.me.accused.size(), std::size_t(3));
    const std::array codes{Code::EV_DOUBLE_VOTE, Code::EV_AMNESIA, Code::EV_AMNESIA};
    const std::array places{0U, 2U, 3U};
    for (std::size_t i = 0; i < 3; ++i) {
        QCOMPARE(s.me.accused[i].code, codes[i]);
        const auto checked = check(s.me.accused[i], s.table.configuration, s.table.scheme);
        QCOMPARE(checked.result, trust::CheckedEvidence::Result::Holds);
        QCOMPARE(checked.accused, DeviceIndex(s.table.at(places[i]).value));
    }
}

void RoundtableMemoryTest::resendsTheSameBytes()
{
    Scene s;
    s.hearAll(Phase::Propose, 0, kA);
    QVERIFY(s.me.said(Phase::Prevote, 0, kA));
    const std::vector<Vote> before = s.me.votes;
    s.me.mine = kB; // it would build something else now
    s.me.crash();
    QVERIFY(s.me.votes == before); // nothing is signed anew
    QVERIFY(s.me.resent == before);
    QCOMPARE(s.me.core->step(), Step::Prevote);
    QCOMPARE(s.me.timers.back().step, Step::Prevote);
    s.hearAll(Phase::Prevote, 0, kA);
    QVERIFY(s.me.said(Phase::Precommit, 0, kA));
}

void RoundtableMemoryTest::remembersLockAndValidValue()
{
    Scene s;
    s.lockOnA();
    s.passTo(4);
    s.me.crash();
    QCOMPARE(s.me.core->round(), Round(4));
    QCOMPARE(s.me.core->state().locked->value, kA);
    s.passTo(5);
    QVERIFY(s.me.said(Phase::Propose, 5, kA));
    QCOMPARE(s.me.said(Phase::Propose, 5)->polka, Round(0));
    s.passTo(6);
    for (const std::size_t place : {0, 2, 3})
        s.me.hear(place, Phase::Propose, 6, kB);
    QVERIFY(s.me.said(Phase::Prevote, 6, kA)); // its own is the only acceptable one
    QCOMPARE(s.me.said(Phase::Prevote, 6)->polka, Round(0));
}

void RoundtableMemoryTest::aSignedCommitIsALockWhateverTheState()
{
    Scene s;
    s.lockOnA();
    s.me.written = SeatState{}; // the table was lost, the journal was not
    s.me.crash();
    QCOMPARE(s.me.core->round(), Round(1));
    for (const std::size_t place : {0, 2, 3})
        s.me.hear(place, Phase::Propose, 1, kB);
    s.me.timeout();
    QVERIFY(s.me.said(Phase::Prevote, 1, kA));
}

void RoundtableMemoryTest::smallTablesDecide()
{
    Table one(1);
    Seat alone(one, SeatIndex(0));
    alone.start();
    QCOMPARE(alone.decided->value, kMine);
    QVERIFY(alone.decided->verify(one.scheme, one.configuration).has_value());

    for (const std::size_t n : {2U, 3U, 4U, 7U}) {
        const Table table(n);
        std::vector<std::unique_ptr<Seat>> seats;
        for (std::size_t i = 0; i < n; ++i) {
            seats.push_back(std::make_unique<Seat>(table, table.at(i)));
            seats.back()->mine = valueOf(static_cast<char>('a' + static_cast<int>(i)));
            seats.back()->start();
        }
        // Everybody hears everything; no timer is needed.
        std::vector<std::size_t> told(n);
        for (bool isNew = true; isNew;) {
            isNew = false;
            for (std::size_t from = 0; from < n; ++from)
                for (; told[from] < seats[from]->votes.size(); ++told[from]) {
                    const Vote vote = seats[from]->votes[told[from]];
                    isNew = true;
                    for (std::size_t to = 0; to < n; ++to)
                        if (to != from)
                            seats[to]->take(vote);
                }
        }
        for (const auto &seat : seats) {
            QVERIFY(seat->decided.has_value());
            QCOMPARE(seat->decided->value, valueOf('a')); // the first in the order
            QVERIFY(seat->accused.empty());
        }
    }
}

void RoundtableMemoryTest::sevenSeatsDecideWithTwoSilent()
{
    const Table table(7);
    Seat me(table, table.at(6));
    me.start();
    for (std::size_t place = 2; place < 6; ++place)
        me.hear(place, Phase::Propose, 0, kA);
    me.timeout(); // the first two in the order are not there
    QVERIFY(me.said(Phase::Prevote, 0, kA));
    for (std::size_t place = 2; place < 6; ++place)
        me.hear(place, Phase::Prevote, 0, kA);
    for (std::size_t place = 2; place < 6; ++place)
        me.hear(place, Phase::Precommit, 0, kA);
    QCOMPARE(me.decided->round, Round(0));
}

void RoundtableMemoryTest::theFirstWaitFollowsTheSpread()
{
    QCOMPARE(firstWaitAt(std::chrono::milliseconds(100)).count(), 2500);
    QCOMPARE(firstWaitAt(std::chrono::milliseconds(1000)).count(), 6000);
    QCOMPARE(firstWaitAt(std::chrono::milliseconds(60'000)).count(), 30'000);
}

QTEST_APPLESS_MAIN(RoundtableMemoryTest)
#include "roundtable_memory_test.moc"
