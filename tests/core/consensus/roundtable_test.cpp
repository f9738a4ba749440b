// One test per sentence of PROTOCOL C11.2, as far as one seat can show it: the three phases.
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

QTEST_APPLESS_MAIN(RoundtableTest)
#include "roundtable_test.moc"
