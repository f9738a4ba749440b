#include "core/consensus/decision_log.h"

#include "core/base/codec.h"
#include "core/consensus/configuration_codec.h"
#include "tests/core/consensus/assembly.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::consensus;
using nlbd::test::Assembly;
using nlbd::test::frontierAt;
using nlbd::test::headAt;
using nlbd::test::Seat;

namespace {

/// A group that decides one thing per epoch.
struct History {
    explicit History(std::size_t founders)
        : assembly(founders)
        , start(assembly.configuration)
        , log(start, assembly.scheme, assembly.certificateCheck())
    {
    }

    /// A decision that could follow now.
    Decision made(const Proposal &proposal, std::uint64_t height)
    {
        Seat seat(assembly, 0);
        seat.take(proposal);
        seat.approve(proposal, assembly.seats());
        for (std::size_t each = 0; each < assembly.quorum(); ++each)
            seat.take(assembly.close(each, frontierAt({headAt(0, height)})));
        BuiltValue built = seat.build();
        if (built.lack == BuiltValue::Lack::KeyOffer) {
            seat.take(test::offerOf(assembly, 0, built.change.next));
            built = seat.build();
        }
        return seat.decision(*built.value);
    }
    void decide(const Decision &decision)
    {
        const auto added = log.append(decision);
        if (!added || *added != DecisionLog::Added::New)
            qFatal("a good decision is refused");
        assembly.configuration = log.now();
        all.push_back(decision);
    }
    void decide(const Wish &wish) { decide(made(assembly.ask(0, wish), 1 + all.size())); }
    void decideFive()
    {
        decide(assembly.newcomer("Nia"));
        decide(SetPolicy{{.text = "Be kind."}});
        decide(RemoveMember{MemberIndex(2)});
        decide(TakeCheckpoint{});
        decide(ChangeRole{MemberIndex(4), identity::Role::Reader});
    }

    Assembly assembly;
    identity::Configuration start;
    DecisionLog log;
    std::vector<Decision> all;
};

} // namespace

class DecisionLogTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void newcomerReplaysToTheSame();
    void decisionRestores();
    void anchorIsReachedOrRefused();
    void beginsAtACheckpoint();
    void refusesWhatDoesNotFollow();
    void needsAQuorumOfTheRightEpoch();
    void neverGoesBack();
    void twoCertifiedDecisionsAreAProof();
    void tellsEveryEpoch();
};

void DecisionLogTest::newcomerReplaysToTheSame()
{
    History s(4);
    s.decideFive();
    DecisionLog fresh(s.start, s.assembly.scheme, s.assembly.certificateCheck());
    for (const Decision &decision : s.all) {
        const auto decoded = Decision::decode(decision.encode());
        QVERIFY(decoded.has_value());
        QCOMPARE(*fresh.append(*decoded), DecisionLog::Added::New);
        QCOMPARE(*fresh.append(*decoded), DecisionLog::Added::Known);
    }
    QVERIFY(fresh.now() == s.log.now());
    QCOMPARE(fresh.now().epoch, Epoch(5));
    QCOMPARE(fresh.now().keyEpoch, KeyEpoch(1));
}

void DecisionLogTest::decisionRestores()
{
    History s(4);
    s.decideFive();
    for (const Decision &decision : s.all) {
        const Bytes bytes = decision.encode();
        for (std::size_t size = 0; size < bytes.size(); ++size)
            QVERIFY(!Decision::decode(ByteView(bytes).first(size)).has_value());
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            Bytes altered = bytes;
            altered[i] ^= std::byte(1U << (i % 8));
            const auto other = Decision::decode(altered);
            QVERIFY(!other || other->encode() == altered);
            DecisionLog log(*s.log.at(decision.value.epoch), s.assembly.scheme,
                            s.assembly.certificateCheck());
            QVERIFY(!other || !log.append(*other).has_value());
        }
    }
}

void DecisionLogTest::anchorIsReachedOrRefused()
{
    History s(4);
    s.decideFive();
    const auto join = [&](const Hash &anchor, std::size_t count) {
        return DecisionLog::anchored({s.start, {}},
                                     {s.all.begin(), s.all.begin() + std::ptrdiff_t(count)}, anchor,
                                     s.assembly.scheme, s.assembly.certificateCheck());
    };
    QVERIFY(join(s.all[2].value.hash(), 5)->now() == s.log.now());
    QVERIFY(join(s.all[4].value.hash(), 5).has_value());
    QVERIFY(join(s.start.decision, 0).has_value());
    QCOMPARE(join(s.all[4].value.hash(), 4).error(), Code::E_STRUCT);
    QCOMPARE(join(Hash{}, 5).error(), Code::E_STRUCT);
}

void DecisionLogTest::beginsAtACheckpoint()
{
    History s(4);
    s.decideFive();
    const identity::Configuration atCheckpoint = *s.log.at(Epoch(4));
    QVERIFY(atCheckpoint.checkpoint.has_value());
    QCOMPARE(atCheckpoint.checkpoint->epoch, Epoch(3));
    // What is sent: the configuration's bytes. The decision before names their hash.
    const Bytes bytes = encodeConfiguration(atCheckpoint);
    const Value &value = s.all[3].value;
    const auto start = decodeConfiguration(bytes, value.hash());
    QVERIFY(start.has_value());
    QVERIFY(hashOf(*start) == value.nextConfiguration);
    const auto join = [&](const DecisionLog::Beginning &beginning, std::vector<Decision> decisions,
                          const Hash &anchor) {
        return DecisionLog::anchored(beginning, decisions, anchor, s.assembly.scheme,
                                     s.assembly.certificateCheck());
    };
    const auto log = join({*start, value}, {s.all[4]}, s.all[4].value.hash());
    QVERIFY(log.has_value());
    QVERIFY(log->now() == s.log.now());
    QCOMPARE(log->first(), Epoch(4));
    QVERIFY(!log->at(Epoch(3)).has_value() && !log->decision(Epoch(3)).has_value());
    QCOMPARE(DecisionLog(*log).append(s.all[1]).error(), Code::E_NOT_MEMBER);
    // A beginning with other members, even where no decision follows it.
    identity::Configuration forged = *start;
    forged.members[0].name = "Mallory";
    QVERIFY(join({*start, value}, {}, value.hash()).has_value());
    QCOMPARE(join({forged, value}, {}, value.hash()).error(), Code::E_STRUCT);
    QCOMPARE(join({*start, s.all[4].value}, {}, value.hash()).error(), Code::E_STRUCT);
    QCOMPARE(join({*start, {}}, {}, value.hash()).error(), Code::E_STRUCT);
    forged = s.start;
    forged.decision.value[0] ^= std::byte{1};
    QCOMPARE(join({forged, {}}, {}, forged.decision).error(), Code::E_STRUCT);
}

void DecisionLogTest::refusesWhatDoesNotFollow()
{
    History s(4);
    s.decideFive();
    const auto refusal = [&](const std::function<void(Decision &)> &alter, std::size_t which) {
        Decision decision = s.all[which];
        alter(decision);
        // Even if a quorum signed it.
        Assembly &then = s.assembly;
        then.configuration = *s.log.at(decision.value.epoch);
        decision.certificate = then.certificate(decision.value.hash(), then.quorum());
        DecisionLog log(then.configuration, then.scheme, then.certificateCheck());
        const auto added = log.append(decision);
        return added ? Code::DUPLICATE : added.error();
    };
    QCOMPARE(refusal([](Decision &) {}, 2), Code::DUPLICATE);
    QCOMPARE(refusal([](Decision &d) { d.value.previousDecision = {}; }, 2), Code::E_STRUCT);
    QCOMPARE(refusal([](Decision &d) { d.value.nextConfiguration = {}; }, 2), Code::E_STRUCT);
    QCOMPARE(refusal([](Decision &d) { d.closing.clear(); }, 2), Code::E_STRUCT);
    QCOMPARE(refusal([](Decision &d) { d.proposals.clear(); }, 2), Code::E_STRUCT);
    QCOMPARE(refusal([](Decision &d) { d.offer.reset(); }, 2), Code::E_STRUCT);
    QCOMPARE(refusal(
                 [](Decision &d) {
                     d.offer.reset();
                     d.value.keyOffer.reset();
                 },
                 2),
             Code::E_STRUCT);
    QCOMPARE(refusal([](Decision &d) { d.value.stateRoot.reset(); }, 3), Code::E_STRUCT);
    QCOMPARE(refusal([](Decision &d) { d.proposals[0].signature = {}; }, 2), Code::E_SIG);
}

void DecisionLogTest::needsAQuorumOfTheRightEpoch()
{
    History s(4);
    s.decideFive();
    Decision decision = s.all[0];
    Assembly &then = s.assembly;
    then.configuration = s.start;
    DecisionLog log(s.start, then.scheme, then.certificateCheck());
    decision.certificate = then.certificate(decision.value.hash(), 2);
    QCOMPARE(log.append(decision).error(), Code::E_SIG);
    decision.certificate = s.all[1].certificate;
    QCOMPARE(log.append(decision).error(), Code::E_SIG);
    QCOMPARE(log.append(s.all[1]).error(), Code::BUFFERED);
    QVERIFY(log.now() == s.start);
    QVERIFY(log.append(s.all[0]).has_value());
}

void DecisionLogTest::neverGoesBack()
{
    History s(4);
    s.decideFive();
    for (const Decision &decision : s.all)
        QCOMPARE(*s.log.append(decision), DecisionLog::Added::Known);
    QCOMPARE(s.log.now().epoch, Epoch(5));
    Decision other = s.all[1];
    other.value.closing = {};
    QCOMPARE(s.log.append(other).error(), Code::E_SIG);
    QVERIFY(!s.log.conflict().has_value());
}

void DecisionLogTest::twoCertifiedDecisionsAreAProof()
{
    History s(4);
    const Decision first = s.made(s.assembly.ask(0, s.assembly.newcomer("Nia")), 1);
    const Decision second = s.made(s.assembly.ask(1, s.assembly.newcomer("Rob")), 1);
    s.decide(first);
    s.decide(TakeCheckpoint{});
    QCOMPARE(s.log.append(second).error(), Code::EV_CONFLICT_DECISION);
    QVERIFY(s.log.conflict().has_value());
    const auto check = s.assembly.certificateCheck();
    QVERIFY(holds(*s.log.conflict(), s.start, check));
    const Bytes bytes = s.log.conflict()->encode();
    const auto decoded = DecisionConflict::decode(bytes);
    QVERIFY(decoded.has_value());
    QVERIFY(holds(*decoded, s.start, check) && decoded->encode() == bytes);
    QVERIFY(!holds(*decoded, s.log.now(), check));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes altered = bytes;
        altered[i] ^= std::byte(1U << (i % 8));
        const auto other = DecisionConflict::decode(altered);
        QVERIFY(!other || !holds(*other, s.start, check));
    }
    DecisionConflict same = conflictOf(first, first);
    QVERIFY(!holds(same, s.start, check));
    QCOMPARE(DecisionConflict::decode(same.encode()).error(), Code::E_CANON);
    // Decisions stop, what is decided stays.
    const Decision third = s.made(s.assembly.ask(0, Rekey{}), 3);
    QCOMPARE(s.log.append(third).error(), Code::EV_CONFLICT_DECISION);
    QCOMPARE(s.log.now().epoch, Epoch(2));
}

void DecisionLogTest::tellsEveryEpoch()
{
    History s(4);
    s.decideFive();
    QVERIFY(*s.log.at(Epoch(0)) == s.start);
    QVERIFY(*s.log.at(Epoch(5)) == s.log.now());
    QCOMPARE(s.log.at(Epoch(3))->members[2].standing, identity::Standing::Gone);
    QCOMPARE(s.log.at(Epoch(2))->members[2].standing, identity::Standing::Active);
    QVERIFY(!s.log.at(Epoch(6)).has_value());
    QVERIFY(std::ranges::equal(*s.log.decision(Epoch(1)), s.all[1].encode()));
    QVERIFY(!s.log.decision(Epoch(5)).has_value());
    QVERIFY(s.log.contains(s.all[4].value.hash()) && !s.log.contains(Hash{}));
}

QTEST_APPLESS_MAIN(DecisionLogTest)
#include "decision_log_test.moc"
