// One test per sentence of PROTOCOL C11.2, as far as one seat can show it. Four seats, one of them
// may be hostile: three are a quorum. "me" is the second in the order of round 0.
#include "tests/core/consensus/seat_fixture.h"

#include <QtTest>

using namespace nlbd;
using namespace nlbd::consensus;
using test::Seat;
using test::Table;
using test::valueOf;
using Intake = Roundtable::Intake;

namespace {

const Hash kA = valueOf('a');
const Hash kB = valueOf('b');
const Hash kMine = valueOf('m');

struct Scene {
    Table table{4};
    Seat me{table, table.at(1)};

    Scene() { me.start(); }

    void hearAll(Phase phase, std::uint32_t round, std::optional<Hash> value)
    {
        for (const std::size_t place : {0, 2, 3})
            me.hear(place, phase, round, value);
    }
    /// Everybody else goes on to `round` without deciding.
    void passTo(std::uint32_t round)
    {
        for (std::uint32_t r = me.core->round().value; r < round; ++r)
            hearAll(Phase::Precommit, r, std::nullopt);
    }
    /// I am locked on a since round 0, and in round 1.
    void lockOnA()
    {
        hearAll(Phase::Prevote, 0, kA);
        passTo(1);
    }
    [[nodiscard]] Polka polka(std::uint32_t round, const Hash &value) const
    {
        Polka result{table.configuration.epoch, Round(round), value, {}};
        for (std::uint16_t seat = 0; seat < 4; ++seat)
            if (SeatIndex(seat) != table.at(1))
                result.lines.push_back(
                    {SeatIndex(seat), std::nullopt,
                     table.vote(Phase::Prevote, round, SeatIndex(seat), value).signature});
        return result;
    }
};

} // namespace

class RoundtableTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Starting, proposing.
    void saysNothingBeforeItStarts();
    void startsOnce();
    void proposesWhatItBuilt();
    void proposesLateIfItCanBuildLate();
    void proposesTheValidValueWithItsRound();
    void armsATimerThatGrows();

    // Acceptable.
    void acceptsOnlyValidValues();
    void keepsToItsLock_data();
    void keepsToItsLock();
    void namesThePolkaThatLetsItVote();

    // PREVOTE.
    void prevotesEarlyWithAQuorumAndTheFirst();
    void waitsForTheFirst();
    void prevotesEarlyWhenAllAreThere();
    void waitsForValuesThatMayBeValid();
    void prevotesAtTheTimerWithAQuorum();
    void prevotesNilIfNothingIsAcceptable();
    void prevotesOnce();

    // PRECOMMIT.
    void locksAndPrecommitsOnAPolka();
    void precommitsOnlyWhatIsValid();
    void precommitsNilOnNils();
    void precommitsNilAtTheTimerWithAQuorum();
    void precommitsOnce();

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

void RoundtableTest::saysNothingBeforeItStarts()
{
    const Table table(4);
    Seat me(table, table.at(1));
    for (const Phase phase : {Phase::Propose, Phase::Prevote})
        for (const std::size_t place : {0, 2, 3})
            QCOMPARE(me.hear(place, phase, 0, kA), Intake::New);
    me.timeout();
    QVERIFY(me.votes.empty() && me.timers.empty());
    me.start(); // and what was heard counts
    QVERIFY(me.said(Phase::Precommit, 0, kA));
}

void RoundtableTest::startsOnce()
{
    Scene s;
    const std::size_t count = s.me.votes.size();
    s.me.start();
    QCOMPARE(s.me.votes.size(), count);
    QCOMPARE(s.me.core->step(), Step::Propose);
}

void RoundtableTest::proposesWhatItBuilt()
{
    Scene s;
    QVERIFY(s.me.said(Phase::Propose, 0, kMine));
    QVERIFY(!s.me.said(Phase::Propose, 0)->polka);
    s.me.mine = kB;
    s.passTo(1);
    QVERIFY(s.me.said(Phase::Propose, 1, kB));
}

void RoundtableTest::proposesLateIfItCanBuildLate()
{
    const Table table(4);
    Seat me(table, table.at(1));
    me.mine.reset();
    me.start();
    QVERIFY(!me.said(Phase::Propose, 0));
    Effects effects;
    me.core->built(kMine, effects);
    QVERIFY(std::holds_alternative<effect::Sign>(effects.at(0)));
    effects.clear();
    me.core->built(kB, effects); // it has spoken
    QVERIFY(effects.empty());
}

void RoundtableTest::proposesTheValidValueWithItsRound()
{
    Scene s;
    s.hearAll(Phase::Prevote, 0, kA);
    s.passTo(1);
    QVERIFY(s.me.said(Phase::Propose, 1, kA));
    QCOMPARE(s.me.said(Phase::Propose, 1)->polka, Round(0));
    s.hearAll(Phase::Prevote, 1, kB);
    s.passTo(2);
    QVERIFY(s.me.said(Phase::Propose, 2, kB));
    QCOMPARE(s.me.said(Phase::Propose, 2)->polka, Round(1));
}

void RoundtableTest::armsATimerThatGrows()
{
    Scene s;
    const auto last = [&] { return s.me.timers.back(); };
    QCOMPARE(last().step, Step::Propose);
    QCOMPARE(last().after.count(), 2500);
    s.passTo(1);
    QCOMPARE(last().round, Round(1));
    QCOMPARE(last().after.count(), 3500);
    s.passTo(2);
    QCOMPARE(last().after.count(), 4900);
    s.hearAll(Phase::Prevote, 2, std::nullopt);
    QCOMPARE(last().step, Step::Precommit);
    QCOMPARE(last().after.count(), 4900);
    s.passTo(60);
    QCOMPARE(last().after.count(), 600'000);
}

void RoundtableTest::acceptsOnlyValidValues()
{
    for (const Verdict verdict : {Verdict::Unknown, Verdict::Invalid}) {
        const Table table(4);
        Seat me(table, table.at(1));
        me.verdicts[kA] = verdict;
        me.start();
        for (const std::size_t place : {0, 2, 3})
            me.hear(place, Phase::Propose, 0, kA);
        me.timeout();
        QVERIFY(me.said(Phase::Prevote, 0, kMine)); // all others are passed over
    }
}

void RoundtableTest::keepsToItsLock_data()
{
    QTest::addColumn<int>("claimedRound"); // by the others' proposals of b
    QTest::addColumn<int>("shownRound");   // of a polka for b
    QTest::addColumn<int>("votesForB");
    QTest::addColumn<int>("reason");
    QTest::newRow("no polka claimed") << 0 << 0 << 0 << 0;
    QTest::newRow("claimed, not held") << 3 << 0 << 0 << 0;
    QTest::newRow("held, not later than the lock") << 1 << 1 << 0 << 0;
    // What I hold I propose myself, with the round that I know of.
    QTest::newRow("held, of another round") << 3 << 2 << 1 << 2;
    QTest::newRow("held, not claimed") << 0 << 3 << 1 << 3;
    QTest::newRow("held and later") << 3 << 3 << 1 << 3;
}

void RoundtableTest::keepsToItsLock()
{
    QFETCH(const int, claimedRound);
    QFETCH(const int, shownRound);
    QFETCH(const int, votesForB);
    QFETCH(const int, reason);
    Scene s;
    s.passTo(1);
    s.hearAll(Phase::Prevote, 1, kA);
    s.passTo(8);
    if (shownRound > 0)
        s.me.take(s.polka(static_cast<std::uint32_t>(shownRound), kB));
    s.passTo(12); // the first in the order is another seat again
    for (const std::size_t place : {0, 2, 3}) {
        Vote vote{Phase::Propose, {}, Round(12), s.table.at(place), kB, {}, {}};
        if (claimedRound > 0)
            vote.polka = Round(static_cast<std::uint32_t>(claimedRound));
        s.me.take(s.table.sign(vote));
    }
    s.me.timeout();
    QVERIFY(s.me.said(Phase::Prevote, 12, votesForB == 1 ? kB : kA));
    const Round expected(votesForB == 1 ? static_cast<std::uint32_t>(reason) : 1U);
    QCOMPARE(s.me.said(Phase::Prevote, 12)->polka, expected);
}

void RoundtableTest::namesThePolkaThatLetsItVote()
{
    Scene s;
    s.lockOnA();
    s.hearAll(Phase::Propose, 1, kA);
    QVERIFY(s.me.said(Phase::Prevote, 1, kA)); // its own lock: it may have changed it before
    QCOMPARE(s.me.said(Phase::Prevote, 1)->polka, Round(0));

    s.passTo(3);
    s.me.take(s.polka(2, kB));
    for (const std::size_t place : {0, 2, 3})
        s.me.hear(place, Phase::Propose, 3, kB, 2);
    QVERIFY(s.me.said(Phase::Prevote, 3, kB));
    QCOMPARE(s.me.said(Phase::Prevote, 3)->polka, Round(2));

    Scene unlocked;
    unlocked.hearAll(Phase::Propose, 0, kA);
    QVERIFY(!unlocked.me.said(Phase::Prevote, 0)->polka);
}

void RoundtableTest::prevotesEarlyWithAQuorumAndTheFirst()
{
    Scene s;
    s.me.hear(0, Phase::Propose, 0, kA);
    s.me.hear(2, Phase::Propose, 0, kA);
    QVERIFY(!s.me.said(Phase::Prevote, 0)); // two, and mine differs
    const Table table(4);
    Seat same(table, table.at(1));
    same.mine = kA;
    same.start();
    same.hear(0, Phase::Propose, 0, kA);
    QVERIFY(!same.said(Phase::Prevote, 0));
    same.hear(3, Phase::Propose, 0, kA);
    QVERIFY(same.said(Phase::Prevote, 0, kA));
}

void RoundtableTest::waitsForTheFirst()
{
    const Table table(4);
    Seat me(table, table.at(1));
    me.mine = kA;
    me.start();
    me.hear(2, Phase::Propose, 0, kA);
    me.hear(3, Phase::Propose, 0, kA);
    QVERIFY(!me.said(Phase::Prevote, 0));
    me.timeout(); // it is not there: the next one counts, in the same round
    QVERIFY(me.said(Phase::Prevote, 0, kA));
}

void RoundtableTest::prevotesEarlyWhenAllAreThere()
{
    Scene s;
    s.me.hear(2, Phase::Propose, 0, valueOf('c'));
    s.me.hear(3, Phase::Propose, 0, valueOf('d'));
    QVERIFY(!s.me.said(Phase::Prevote, 0));
    s.me.hear(0, Phase::Propose, 0, kB); // the last to come is the first in the order
    QVERIFY(s.me.said(Phase::Prevote, 0, kB));
    // The order turns: in round 2 the third is first.
    s.passTo(2);
    s.me.hear(0, Phase::Propose, 2, kB);
    s.me.hear(3, Phase::Propose, 2, valueOf('d'));
    s.me.hear(2, Phase::Propose, 2, valueOf('c'));
    QVERIFY(s.me.said(Phase::Prevote, 2, valueOf('c')));
}

void RoundtableTest::waitsForValuesThatMayBeValid()
{
    Scene s;
    s.me.verdicts[kB] = Verdict::Unknown;
    s.me.hear(2, Phase::Propose, 0, kA);
    s.me.hear(3, Phase::Propose, 0, kA);
    s.me.hear(0, Phase::Propose, 0, kB);
    QVERIFY(!s.me.said(Phase::Prevote, 0));
    s.me.judge(kB, Verdict::Valid);
    QVERIFY(s.me.said(Phase::Prevote, 0, kB));
    Scene refused;
    refused.me.verdicts[kB] = Verdict::Invalid;
    refused.me.hear(2, Phase::Propose, 0, kA);
    refused.me.hear(3, Phase::Propose, 0, kA);
    refused.me.hear(0, Phase::Propose, 0, kB);
    QVERIFY(refused.me.said(Phase::Prevote, 0, kMine)); // the next in the order
}

void RoundtableTest::prevotesAtTheTimerWithAQuorum()
{
    Scene s;
    s.me.hear(3, Phase::Propose, 0, kA);
    const std::size_t armed = s.me.timers.size();
    s.me.timeout();
    QVERIFY(!s.me.said(Phase::Prevote, 0));
    QCOMPARE(s.me.timers.size(), armed + 1); // two are no quorum: wait on
    s.me.hear(2, Phase::Propose, 0, kB);
    QVERIFY(!s.me.said(Phase::Prevote, 0));
    s.me.timeout();
    QVERIFY(s.me.said(Phase::Prevote, 0, kMine)); // first in the order of those that came
}

void RoundtableTest::prevotesNilIfNothingIsAcceptable()
{
    const Table table(4);
    Seat me(table, table.at(1));
    me.mine.reset();
    me.verdicts[kA] = Verdict::Invalid;
    me.start();
    for (const std::size_t place : {0, 2, 3})
        me.hear(place, Phase::Propose, 0, kA);
    QVERIFY(!me.said(Phase::Prevote, 0));
    me.timeout();
    QVERIFY(me.saidNil(Phase::Prevote, 0));
}

void RoundtableTest::prevotesOnce()
{
    const Table table(4);
    Seat me(table, table.at(1));
    me.mine.reset();
    me.verdicts[kA] = Verdict::Unknown;
    me.start();
    for (const std::size_t place : {0, 2, 3})
        me.hear(place, Phase::Propose, 0, kA);
    me.timeout();
    QVERIFY(me.saidNil(Phase::Prevote, 0));
    me.judge(kA, Verdict::Valid);
    QVERIFY(me.saidNil(Phase::Prevote, 0)); // said() finds one word only
}

void RoundtableTest::locksAndPrecommitsOnAPolka()
{
    Scene s;
    s.me.hear(0, Phase::Prevote, 0, kA);
    s.me.hear(2, Phase::Prevote, 0, kA);
    QVERIFY(!s.me.said(Phase::Precommit, 0));
    s.me.hear(3, Phase::Prevote, 0, kA);
    QVERIFY(s.me.said(Phase::Precommit, 0, kA));
    QCOMPARE(s.me.written.locked->value, kA); // written with the vote
    QCOMPARE(s.me.written.locked->round, Round(0));
    QCOMPARE(s.me.written.step, Step::Precommit);
    QCOMPARE(s.me.shared.size(), std::size_t(1));
    QVERIFY(s.me.shared[0]->verify(s.table.scheme, s.table.configuration).has_value());
}

void RoundtableTest::precommitsOnlyWhatIsValid()
{
    Scene s;
    s.me.verdicts[kA] = Verdict::Unknown;
    s.hearAll(Phase::Prevote, 0, kA);
    QVERIFY(!s.me.said(Phase::Precommit, 0));
    s.me.judge(kA, Verdict::Valid);
    QVERIFY(s.me.said(Phase::Precommit, 0, kA));

    Scene never;
    never.me.verdicts[kA] = Verdict::Invalid;
    never.hearAll(Phase::Propose, 0, kA);
    never.hearAll(Phase::Prevote, 0, kA);
    never.me.timeout();
    never.me.timeout();
    QVERIFY(never.me.saidNil(Phase::Precommit, 0));
}

void RoundtableTest::precommitsNilOnNils()
{
    Scene s;
    s.me.hear(0, Phase::Prevote, 0, std::nullopt);
    s.me.hear(2, Phase::Prevote, 0, std::nullopt);
    QVERIFY(!s.me.said(Phase::Precommit, 0));
    s.me.hear(3, Phase::Prevote, 0, std::nullopt);
    QVERIFY(s.me.saidNil(Phase::Precommit, 0));
}

void RoundtableTest::precommitsNilAtTheTimerWithAQuorum()
{
    Scene s;
    s.hearAll(Phase::Propose, 0, kMine);
    QVERIFY(s.me.said(Phase::Prevote, 0, kMine));
    s.me.hear(0, Phase::Prevote, 0, kA);
    const std::size_t armed = s.me.timers.size();
    s.me.timeout();
    QVERIFY(!s.me.said(Phase::Precommit, 0));
    QCOMPARE(s.me.timers.size(), armed + 1);
    s.me.hear(2, Phase::Prevote, 0, std::nullopt);
    QVERIFY(!s.me.said(Phase::Precommit, 0));
    s.me.timeout();
    QVERIFY(s.me.saidNil(Phase::Precommit, 0));
}

void RoundtableTest::precommitsOnce()
{
    Scene s;
    s.hearAll(Phase::Prevote, 0, std::nullopt);
    QVERIFY(s.me.saidNil(Phase::Precommit, 0));
    s.me.take(s.polka(0, kA));
    QVERIFY(s.me.saidNil(Phase::Precommit, 0));
}

void RoundtableTest::aLatePolkaIsValidButNoLock()
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

void RoundtableTest::anOlderPolkaChangesNothing()
{
    Scene s;
    s.passTo(3);
    s.hearAll(Phase::Prevote, 3, kA);
    s.me.take(s.polka(1, kB));
    QCOMPARE(s.me.core->state().valid->value, kA);
    QCOMPARE(s.me.core->state().locked->round, Round(3));
}

void RoundtableTest::decidesOnCommits()
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

void RoundtableTest::decidesFromACertificate()
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

void RoundtableTest::entersTheNextRoundOnNils()
{
    Scene s;
    s.me.hear(0, Phase::Precommit, 0, std::nullopt);
    s.me.hear(2, Phase::Precommit, 0, std::nullopt);
    QCOMPARE(s.me.core->round(), Round(0));
    s.me.hear(3, Phase::Precommit, 0, std::nullopt);
    QCOMPARE(s.me.core->round(), Round(1));
}

void RoundtableTest::entersTheNextRoundAtTheTimer()
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

void RoundtableTest::jumpsWithFPlusOne()
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

void RoundtableTest::forgetsWhatIsFarAway()
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

void RoundtableTest::countsReasonedPrevotesOnly()
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

void RoundtableTest::countsASeatOncePerValue()
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

void RoundtableTest::aShownPolkaCountsAgainstFirstWords()
{
    Scene s;
    s.me.hear(0, Phase::Prevote, 0, kB); // two faces: this one came first
    s.me.hear(0, Phase::Prevote, 0, valueOf('c'));
    s.me.take(s.polka(0, kA));
    QVERIFY(s.me.said(Phase::Precommit, 0, kA));
    QCOMPARE(s.me.accused.size(), std::size_t(1));
}

void RoundtableTest::accusesDoubleVotesAndAmnesia()
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

void RoundtableTest::resendsTheSameBytes()
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

void RoundtableTest::remembersLockAndValidValue()
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

void RoundtableTest::aSignedCommitIsALockWhateverTheState()
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

void RoundtableTest::smallTablesDecide()
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

void RoundtableTest::sevenSeatsDecideWithTwoSilent()
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

void RoundtableTest::theFirstWaitFollowsTheSpread()
{
    QCOMPARE(firstWaitAt(std::chrono::milliseconds(100)).count(), 2500);
    QCOMPARE(firstWaitAt(std::chrono::milliseconds(1000)).count(), 6000);
    QCOMPARE(firstWaitAt(std::chrono::milliseconds(60'000)).count(), 30'000);
}

QTEST_APPLESS_MAIN(RoundtableTest)
#include "roundtable_test.moc"
