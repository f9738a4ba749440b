#include "core/consensus/configuration_codec.h"
#include "tests/core/consensus/assembly.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::consensus;
using Lack = BuiltValue::Lack;
using Verdict = Judgement::Verdict;
using nlbd::test::Assembly;
using nlbd::test::frontierAt;
using nlbd::test::headAt;
using nlbd::test::Seat;

namespace {

/// Two seats of one assembly that hold the same records unless told otherwise.
struct Table {
    explicit Table(std::size_t founders)
        : assembly(founders)
        , ann(assembly, 0)
        , ben(assembly, 1)
    {
    }
    template <typename Record>
    void all(const Record &record)
    {
        ann.take(record);
        ben.take(record);
    }
    Proposal eligible(const Proposal &proposal)
    {
        all(proposal);
        for (std::size_t seat = 0; seat < assembly.seats(); ++seat)
            all(assembly.answer(seat, proposal));
        return proposal;
    }
    void closeAll(std::size_t count)
    {
        for (std::size_t seat = 0; seat < count; ++seat)
            all(assembly.close(seat, frontierAt({headAt(0, 5 + seat), headAt(1, 4)})));
    }
    /// A removal with everything that it takes; the value as Ann builds it.
    Value removal()
    {
        eligible(assembly.ask(0, RemoveMember{MemberIndex(3)}));
        closeAll(assembly.quorum());
        const BuiltValue draft = ann.build();
        if (draft.lack != Lack::KeyOffer)
            qFatal("a removal needs a key");
        all(test::offerOf(assembly, 0, draft.change.next));
        return *ann.build().value;
    }

    Assembly assembly;
    Seat ann;
    Seat ben;
};

/// The value with one thing altered and everything that follows left as it is.
Verdict verdictOf(const Seat &seat, Value value, const std::function<void(Value &)> &alter)
{
    alter(value);
    return seat.judge(value).verdict;
}

} // namespace

class ValueTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void twoSeatsBuildTheSame();
    void smallGroupsDecideToo();
    void everyAlterationIsInvalid();
    void waitsForWhatIsMissing();
    void reportThatIsNotClosedIsInvalid();
    void needsTheClosure();
    void withdrawnAnswersLeaveAPolkaValid();
    void keyMustOpenForEveryone();
    void keyOfALeaverIsRefused();
    void leaversSkipTheKey();
    void departuresAreSplit();
    void stateRootIsRecomputed();
    void disputedReportsAreLeftOut();
    void tooManyProposalsWait();
    void emptyValueEndsAnEpoch();
};

void ValueTest::twoSeatsBuildTheSame()
{
    Table s(4);
    const Value value = s.removal();
    QVERIFY(*s.ben.build().value == value);
    QCOMPARE(s.ben.judge(value).verdict, Verdict::Valid);
    QCOMPARE(s.ann.judge(value).verdict, Verdict::Valid);
    QCOMPARE(value.reports.size(), std::size_t(3));
    QVERIFY(value.keyOffer && !value.stateRoot);
}

void ValueTest::smallGroupsDecideToo()
{
    Assembly assembly(1);
    Seat seat(assembly, 0);
    const Proposal admit = assembly.ask(0, assembly.newcomer("Nia"));
    seat.take(admit);
    seat.approve(admit, 1);
    QCOMPARE(seat.build().lack, Lack::Reports);
    seat.take(assembly.close(0, {}));
    QCOMPARE(seat.judge(*seat.build().value).verdict, Verdict::Valid);
    for (const std::size_t n : {2U, 3U}) {
        Table s(n);
        s.eligible(s.assembly.ask(0, s.assembly.newcomer("Nia")));
        s.closeAll(n - 1);
        QCOMPARE(s.ann.build().lack, Lack::Reports); // unanimity
        s.all(s.assembly.close(n - 1, {}));
        QCOMPARE(s.ben.judge(*s.ann.build().value).verdict, Verdict::Valid);
    }
}

void ValueTest::everyAlterationIsInvalid()
{
    Table s(4);
    const Value value = s.removal();
    const auto verdict = [&](const std::function<void(Value &)> &alter) {
        return verdictOf(s.ben, value, alter);
    };
    QCOMPARE(verdict([](Value &) {}), Verdict::Valid);
    QCOMPARE(verdict([](Value &v) { v.epoch = Epoch(1); }), Verdict::Invalid);
    QCOMPARE(verdict([](Value &v) { v.previousDecision.value[3] ^= std::byte{1}; }),
             Verdict::Invalid);
    QCOMPARE(verdict([](Value &v) { v.reports.pop_back(); }), Verdict::Invalid);
    QCOMPARE(verdict([](Value &v) { v.reports[0].seat = SeatIndex(9); }), Verdict::Invalid);
    QCOMPARE(verdict([](Value &v) { v.reports[2].seat = SeatIndex(3); }), Verdict::Invalid);
    QCOMPARE(verdict([](Value &v) { v.proposals.clear(); }), Verdict::Invalid);
    QCOMPARE(verdict([](Value &v) { v.keyOffer.reset(); }), Verdict::Invalid);
    QCOMPARE(verdict([](Value &v) { v.closing.value[0] ^= std::byte{1}; }), Verdict::Invalid);
    QCOMPARE(verdict([](Value &v) { v.nextConfiguration.value[0] ^= std::byte{1}; }),
             Verdict::Invalid);
    QCOMPARE(verdict([](Value &v) { v.stateRoot = v.closing; }), Verdict::Invalid);
    const Proposal moot = s.assembly.ask(1, Wake{});
    s.all(moot);
    QCOMPARE(verdict([&](Value &v) {
                 v.proposals.push_back(moot.hash());
                 std::ranges::sort(v.proposals);
             }),
             Verdict::Invalid);
}

void ValueTest::waitsForWhatIsMissing()
{
    Table s(4);
    const Value value = s.removal();
    Seat late(s.assembly, 2);
    Judgement judgement = late.judge(value);
    QCOMPARE(judgement.verdict, Verdict::Unknown);
    QCOMPARE(judgement.missingCloses.size(), std::size_t(3));
    for (const Close *close : s.ann.closes.undisputed())
        late.take(*close);
    judgement = late.judge(value);
    QCOMPARE(judgement.missingProposals, value.proposals);
    const Proposal proposal = *s.ann.proposals.find(value.proposals.front());
    late.take(proposal);
    judgement = late.judge(value);
    QCOMPARE(judgement.waitingProposals, value.proposals);
    late.approve(proposal, 2);
    QCOMPARE(late.judge(value).verdict, Verdict::Unknown);
    late.approve(proposal, 3);
    judgement = late.judge(value);
    QCOMPARE(judgement.verdict, Verdict::Unknown);
    QVERIFY(judgement.missingOffer == value.keyOffer);
    late.take(*s.ann.ground.offer(*value.keyOffer));
    QCOMPARE(late.judge(value).verdict, Verdict::Valid);
}

void ValueTest::reportThatIsNotClosedIsInvalid()
{
    Table s(4);
    const Value value = s.removal();
    s.ben.ground.unclosed.insert(headAt(0, 6).head);
    QCOMPARE(s.ben.judge(value).verdict, Verdict::Invalid);
    QCOMPARE(s.ben.build().lack, Lack::Reports);
    const Close other = s.assembly.close(3, {});
    s.ben.take(other);
    const BuiltValue built = s.ben.build();
    QVERIFY(built.value.has_value());
    QCOMPARE(built.value->reports.back().close, other.hash());
}

void ValueTest::needsTheClosure()
{
    Table s(4);
    const Value value = s.removal();
    s.ben.ground.order.unheld.insert(headAt(0, 7).head);
    QCOMPARE(s.ben.judge(value).verdict, Verdict::Unknown);
    QCOMPARE(s.ben.build().lack, Lack::Reports);
    s.ben.ground.order.unheld.clear();
    QCOMPARE(s.ben.judge(value).verdict, Verdict::Valid);
}

void ValueTest::withdrawnAnswersLeaveAPolkaValid()
{
    Table s(4);
    const Value value = s.removal();
    const Proposal proposal = *s.ann.proposals.find(value.proposals.front());
    s.ben.take(s.assembly.answer(1, proposal, Answer::No, 2));
    QCOMPARE(s.ben.judge(value).verdict, Verdict::Unknown);
    QCOMPARE(judge(value, s.ben.view(), ProposalBook::Answers::EverGiven).verdict, Verdict::Valid);
    QVERIFY(s.ben.build().value->proposals.empty());
}

void ValueTest::keyMustOpenForEveryone()
{
    Table s(4);
    Value value = s.removal();
    const BuiltValue built = s.ann.build();
    // One box of a member who stays is bad: each who opens his own finds it.
    for (std::size_t victim = 0; victim < 3; ++victim) {
        OfferedKey bad = *s.ann.ground.offer(*value.keyOffer);
        bad.boxes.boxes[victim][7] ^= std::byte{1};
        s.all(bad);
        const auto next = finished(built.change, bad.commitment, std::nullopt);
        const auto verdict = verdictOf(s.ben, value, [&](Value &v) {
            v.keyOffer = bad.hash();
            v.nextConfiguration = hashOf(next);
        });
        QCOMPARE(verdict, Verdict::Invalid);
    }
    OfferedKey forgetful = *s.ann.ground.offer(*value.keyOffer);
    forgetful.pastKey[0] ^= std::byte{1};
    s.all(forgetful);
    QCOMPARE(verdictOf(s.ben, value, [&](Value &v) { v.keyOffer = forgetful.hash(); }),
             Verdict::Invalid);
    QCOMPARE(*s.ben.build().value, value); // the bad ones are passed over
}

void ValueTest::keyOfALeaverIsRefused()
{
    Table s(4);
    const Value value = s.removal();
    const BuiltValue built = s.ann.build();
    const OfferedKey his = test::offerOf(s.assembly, 3, built.change.next);
    s.all(his);
    const auto next = finished(built.change, his.commitment, std::nullopt);
    QCOMPARE(verdictOf(s.ben, value,
                       [&](Value &v) {
                           v.keyOffer = his.hash();
                           v.nextConfiguration = hashOf(next);
                       }),
             Verdict::Invalid);
    QCOMPARE(*s.ben.build().value, value);
}

void ValueTest::leaversSkipTheKey()
{
    Table s(4);
    const Value value = s.removal();
    Seat leaver(s.assembly, 3);
    for (const Close *close : s.ann.closes.undisputed())
        leaver.take(*close);
    const Proposal proposal = *s.ann.proposals.find(value.proposals.front());
    leaver.take(proposal);
    leaver.approve(proposal, 3);
    QCOMPARE(leaver.build().lack, Lack::KeyOffer);
    QVERIFY(leaver.build(NewKeys::Postpone).value->proposals.empty());
    leaver.take(*s.ann.ground.offer(*value.keyOffer));
    QCOMPARE(leaver.judge(value).verdict, Verdict::Valid);
}

void ValueTest::departuresAreSplit()
{
    Table s(4); // Q - f = 2: one may go at a time
    const Proposal first = s.assembly.ask(2, Leave{});
    const Proposal second = s.assembly.ask(3, Leave{});
    const Proposal policy = s.assembly.ask(0, SetPolicy{{.text = "Be kind."}});
    s.all(first);
    s.all(second);
    s.eligible(policy);
    s.closeAll(3);
    const BuiltValue draft = s.ann.build();
    QCOMPARE(draft.lack, Lack::KeyOffer);
    QCOMPARE(draft.change.departing.size(), std::size_t(1));
    s.all(test::offerOf(s.assembly, 1, draft.change.next));
    const Value value = *s.ben.build().value;
    QCOMPARE(value.proposals.size(), std::size_t(2));
    QVERIFY(std::ranges::find(value.proposals, policy.hash()) != value.proposals.end());
    QCOMPARE(s.ann.judge(value).verdict, Verdict::Valid);
    QCOMPARE(verdictOf(s.ben, value,
                       [&](Value &v) {
                           v.proposals = {first.hash(), second.hash(), policy.hash()};
                           std::ranges::sort(v.proposals);
                       }),
             Verdict::Invalid);
    // The other one goes in the next epoch.
    DecisionLog log(s.assembly.configuration, s.assembly.scheme, s.assembly.certificateCheck());
    QVERIFY(log.append(s.ann.decision(value)).has_value());
    s.ann.proposals.enter(log.now());
    QCOMPARE(s.ann.proposals.eligible().size(), std::size_t(1));
}

void ValueTest::stateRootIsRecomputed()
{
    Table s(4);
    s.eligible(s.assembly.ask(0, TakeCheckpoint{}));
    s.closeAll(4);
    s.ann.ground.isStateComputed = false;
    QCOMPARE(s.ann.build().lack, Lack::StateRoot);
    const Value value = *s.ben.build().value;
    QCOMPARE(s.ann.judge(value).verdict, Verdict::Unknown);
    s.ann.ground.isStateComputed = true;
    QCOMPARE(s.ann.judge(value).verdict, Verdict::Valid);
    Judgement poisoned = [&] {
        Value other = value;
        other.stateRoot->value[0] ^= std::byte{1};
        return s.ann.judge(other);
    }();
    QCOMPARE(poisoned.verdict, Verdict::Invalid);
    QCOMPARE(poisoned.code, Code::E_STATE_ROOT);
    QCOMPARE(verdictOf(s.ann, value, [](Value &v) { v.stateRoot.reset(); }), Verdict::Invalid);
}

void ValueTest::disputedReportsAreLeftOut()
{
    Table s(4);
    s.eligible(s.assembly.ask(0, Rekey{}));
    s.closeAll(4);
    s.all(s.assembly.close(3, frontierAt({headAt(3, 1)})));
    const BuiltValue built = s.ann.build();
    QCOMPARE(built.lack, Lack::KeyOffer);
    s.all(test::offerOf(s.assembly, 0, built.change.next));
    const Value value = *s.ann.build().value;
    QCOMPARE(value.reports.size(), std::size_t(3));
    QCOMPARE(s.ben.judge(value).verdict, Verdict::Valid);
}

void ValueTest::tooManyProposalsWait()
{
    Assembly assembly(1);
    Seat seat(assembly, 0);
    // Asked for by others' naming, there can be more than one value holds.
    std::size_t held = 0;
    for (std::size_t i = 0; i < 3 + 16; ++i) {
        const Proposal rekey = assembly.ask(0, SetPolicy{{.text = std::string(i + 1, 'a')}});
        const auto reason = i < 3 ? ProposalBook::Reason::Offered : ProposalBook::Reason::Named;
        held += seat.proposals.add(rekey, reason).has_value() ? 1 : 0;
        seat.approve(rekey, 1);
    }
    QCOMPARE(held, std::size_t(19));
    seat.take(assembly.close(0, {}));
    const Value value = *seat.build().value;
    QCOMPARE(value.proposals.size(), std::size_t(19));
    QCOMPARE(seat.judge(value).verdict, Verdict::Valid);
}

void ValueTest::emptyValueEndsAnEpoch()
{
    Table s(4);
    s.closeAll(3);
    const Value value = *s.ann.build().value;
    QVERIFY(value.proposals.empty());
    QCOMPARE(s.ben.judge(value).verdict, Verdict::Valid);
}

QTEST_APPLESS_MAIN(ValueTest)
#include "value_test.moc"
