#include "core/consensus/proposal_book.h"

#include "core/consensus/configuration_codec.h"
#include "core/consensus/epoch_change.h"
#include "tests/core/consensus/assembly.h"

#include "core/trust/evidence.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::consensus;
using Answers = ProposalBook::Answers;
using Eligibility = ProposalBook::Eligibility;
using Reason = ProposalBook::Reason;
using Taken = ProposalBook::Taken;
using nlbd::test::Assembly;

Q_DECLARE_METATYPE(nlbd::consensus::Wish)

namespace {

/// The next epoch of the assembly, by these proposals.
void decide(Assembly &assembly, const std::vector<Proposal> &proposals)
{
    std::vector<const Proposal *> pointers;
    for (const Proposal &proposal : proposals)
        pointers.push_back(&proposal);
    EpochChange change = planChange(assembly.configuration, pointers, {});
    const auto commitment = change.needsKey ? std::optional(Hash{}) : std::nullopt;
    const auto root = change.needsStateRoot ? std::optional(Hash{}) : std::nullopt;
    identity::Configuration next = finished(std::move(change), commitment, root);
    const Hash hash = hashOf(next);
    assembly.configuration = completed(std::move(next), hash);
}

struct Book {
    explicit Book(std::size_t founders)
        : assembly(founders)
        , book(assembly.configuration, assembly.scheme)
    {
    }
    Proposal open(const Proposal &proposal)
    {
        const auto taken = book.add(proposal, Reason::Offered);
        if (!taken || *taken != Taken::New)
            qFatal("a good proposal is refused");
        return proposal;
    }
    void answer(std::size_t seat, const Proposal &proposal, Answer answer = Answer::Yes,
                std::uint64_t counter = 1, std::uint32_t life = 8)
    {
        const auto taken = book.add(assembly.answer(seat, proposal, answer, counter, life));
        if (!taken)
            qFatal("a good answer is refused");
    }
    [[nodiscard]] Eligibility of(const Proposal &proposal,
                                 Answers answers = Answers::Standing) const
    {
        return book.eligibility(proposal.hash(), answers);
    }
    void next(const std::vector<Proposal> &proposals)
    {
        decide(assembly, proposals);
        book.enter(assembly.configuration);
    }

    Assembly assembly;
    ProposalBook book;
};

} // namespace

class ProposalBookTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void needsExactlyAQuorum_data();
    void needsExactlyAQuorum();
    void ownWishesNeedNobody();
    void fenceNeedsItsEvidence();
    void theTargetCountsAndHasNoSay();
    void fewCannotRemoveEachOther();
    void newestAnswerCounts();
    void whatWasGivenStaysGiven();
    void answersMayComeFirst();
    void answersOfOthersDoNotCount();
    void expiresByEpochs();
    void anExpiredAnswerStillSupersedes();
    void decidedIsOver();
    void mootMayBecomeEligibleLater();
    void carriesApprovalsOver();
    void approvalsOfLeaversStopCounting();
    void limitsWhatOneMemberHasOpen();
    void whoWasRemovedAsksNothing();
    void oneFencePerDevice();
    void aFenceThatAValueNamesStays();
    void confusableNamesAreSaidSo();
    void answersAreBounded();
};

void ProposalBookTest::needsExactlyAQuorum_data()
{
    QTest::addColumn<Wish>("wish");
    QTest::newRow("role") << Wish(ChangeRole{MemberIndex(0), identity::Role::Reader});
    QTest::newRow("policy") << Wish(SetPolicy{{.text = "Be kind."}});
    QTest::newRow("dormant") << Wish(MakeDormant{MemberIndex(0)});
    QTest::newRow("checkpoint") << Wish(TakeCheckpoint{});
    QTest::newRow("rekey") << Wish(Rekey{});
}

void ProposalBookTest::needsExactlyAQuorum()
{
    QFETCH(Wish, wish);
    for (const std::size_t n : {2U, 3U, 4U, 5U, 7U, 10U, 16U}) {
        Book s(n);
        const Proposal proposal = s.open(s.assembly.ask(1, wish));
        const std::size_t quorum = n * 2 / 3 + 1;
        for (std::size_t seat = 0; seat < quorum; ++seat) {
            QCOMPARE(s.of(proposal), Eligibility::Waiting);
            QVERIFY(s.book.eligible().empty());
            s.answer(seat, proposal);
            s.answer(seat, proposal); // a second time counts once
        }
        QCOMPARE(s.of(proposal), Eligibility::Eligible);
        QCOMPARE(s.book.eligible().size(), std::size_t(1));
        QCOMPARE(s.book.tally(proposal.hash()).needed, quorum);
    }
    Book s(4);
    const Proposal admit = s.open(s.assembly.ask(0, s.assembly.newcomer("Nia")));
    s.answer(0, admit);
    s.answer(1, admit);
    QCOMPARE(s.of(admit), Eligibility::Waiting);
    s.answer(3, admit);
    QCOMPARE(s.of(admit), Eligibility::Eligible);
}

void ProposalBookTest::ownWishesNeedNobody()
{
    Book s(4);
    QCOMPARE(s.of(s.open(s.assembly.ask(1, Leave{}))), Eligibility::Eligible);
    QCOMPARE(s.of(s.open(s.assembly.askByIdentity(2, s.assembly.newSeat(MemberIndex(2))))),
             Eligibility::Eligible);
    QCOMPARE(s.of(s.open(s.assembly.askByIdentity(3, RemoveDevice{DeviceIndex(3)}))),
             Eligibility::Eligible);
    // A device does not give up another one, and nobody gives up somebody else's.
    QCOMPARE(s.of(s.open(s.assembly.ask(3, RemoveDevice{DeviceIndex(3)}))), Eligibility::Waiting);
    QCOMPARE(s.of(s.open(s.assembly.askByIdentity(0, RemoveDevice{DeviceIndex(3)}))),
             Eligibility::Waiting);
    s.next({s.assembly.ask(0, MakeDormant{MemberIndex(0)})});
    QCOMPARE(s.of(s.open(s.assembly.ask(0, Wake{}))), Eligibility::Eligible);
}

void ProposalBookTest::fenceNeedsItsEvidence()
{
    Book s(4);
    const Fence good = s.assembly.fenceOf(3);
    QCOMPARE(s.of(s.open(s.assembly.ask(1, good))), Eligibility::Eligible);
    const auto refusal = [&](const Fence &fence) {
        return s.book.add(s.assembly.ask(0, fence), Reason::Offered).error();
    };
    QCOMPARE(refusal({DeviceIndex(2), good.evidence}), Code::E_STRUCT); // accuses another
    Fence altered = good;
    altered.evidence.back() ^= std::byte{1};
    QCOMPARE(refusal(altered), Code::E_STRUCT);
    altered.evidence.pop_back();
    QCOMPARE(refusal(altered), Code::E_CANON);
    QCOMPARE(refusal({DeviceIndex(2), {}}), Code::E_CANON);
    // Only who holds the history can tell whether it is one: nobody is blamed who asks too early.
    const auto fork = trust::Evidence::decode(good.evidence);
    const auto &[header, signature] = std::get<trust::ForkProof>(fork->proof).first;
    const auto unclear =
        trust::invalidEvidence(Code::E_OP_TARGET, {header, signature, {}, header.hash(), {}}, {});
    QCOMPARE(refusal({DeviceIndex(3), unclear.encode()}), Code::BUFFERED);
    // A double ack proves something else and takes nobody's pen.
    const auto ackOf = [&](std::uint64_t device) {
        const trust::Frontier frontier = test::frontierAt({test::headAt(0, device)});
        return std::pair(trust::signAck(s.assembly.scheme, s.assembly.seatKey(2),
                                        s.assembly.configuration, SeatIndex(2), 1,
                                        trust::rootOf(frontier)),
                         frontier);
    };
    const auto [first, firstFrontier] = ackOf(1);
    const auto [second, secondFrontier] = ackOf(2);
    const auto doubled = trust::doubleAckEvidence(first, firstFrontier, second, secondFrontier);
    QCOMPARE(trust::check(doubled, s.assembly.configuration, s.assembly.scheme).result,
             trust::CheckedEvidence::Result::Holds);
    QCOMPARE(refusal({DeviceIndex(2), doubled.encode()}), Code::E_STRUCT);
}

void ProposalBookTest::theTargetCountsAndHasNoSay()
{
    Book s(4);
    const Proposal removal = s.open(s.assembly.ask(0, RemoveMember{MemberIndex(3)}));
    s.answer(3, removal, Answer::No);
    s.answer(0, removal);
    s.answer(1, removal);
    QCOMPARE(s.book.tally(removal.hash()).no, std::size_t(0));
    QCOMPARE(s.of(removal), Eligibility::Waiting);
    s.answer(3, removal, Answer::Yes, 2);
    QCOMPARE(s.of(removal), Eligibility::Waiting);
    s.answer(2, removal);
    QCOMPARE(s.of(removal), Eligibility::Eligible);
    // The owner of a companion has a say in its removal, the device itself has not.
    s.next({s.assembly.ask(0, s.assembly.companion(MemberIndex(1)))});
    const Proposal companion = s.open(s.assembly.ask(0, RemoveDevice{DeviceIndex(4)}));
    const Proposal seat = s.open(s.assembly.ask(0, RemoveDevice{DeviceIndex(1)}));
    s.answer(1, companion);
    s.answer(1, seat);
    QCOMPARE(s.book.tally(companion.hash()).yes, std::size_t(1));
    QCOMPARE(s.book.tally(seat.hash()).yes, std::size_t(0));
}

void ProposalBookTest::fewCannotRemoveEachOther()
{
    for (const std::size_t n : {2U, 3U}) {
        Book s(n);
        const Proposal removal = s.open(s.assembly.ask(0, RemoveMember{MemberIndex(1)}));
        for (std::size_t seat = 0; seat < n; ++seat)
            s.answer(seat, removal);
        QCOMPARE(s.of(removal), Eligibility::Waiting);
        QCOMPARE(s.of(s.open(s.assembly.ask(1, Leave{}))), Eligibility::Eligible);
    }
    Book alone(1);
    const Proposal admit = alone.open(alone.assembly.ask(0, alone.assembly.newcomer("Nia")));
    alone.answer(0, admit);
    QCOMPARE(alone.of(admit), Eligibility::Eligible);
}

void ProposalBookTest::newestAnswerCounts()
{
    Book s(4);
    const Proposal rekey = s.open(s.assembly.ask(0, Rekey{}));
    for (std::size_t seat = 0; seat < 3; ++seat)
        s.answer(seat, rekey);
    QCOMPARE(s.of(rekey), Eligibility::Eligible);
    s.answer(1, rekey, Answer::No, 2);
    QCOMPARE(s.of(rekey), Eligibility::Waiting);
    s.answer(1, rekey, Answer::Yes, 1); // an old one again
    QCOMPARE(s.of(rekey), Eligibility::Waiting);
    QCOMPARE(s.book.tally(rekey.hash()).no, std::size_t(1));
    s.answer(1, rekey, Answer::Yes, 3);
    QCOMPARE(s.of(rekey), Eligibility::Eligible);
}

void ProposalBookTest::whatWasGivenStaysGiven()
{
    Book s(4);
    const Proposal rekey = s.open(s.assembly.ask(0, Rekey{}));
    s.answer(0, rekey);
    s.answer(1, rekey, Answer::No, 2); // arrives before what it takes back
    s.answer(1, rekey, Answer::Yes, 1);
    s.answer(2, rekey);
    QCOMPARE(s.of(rekey), Eligibility::Waiting);
    QCOMPARE(s.of(rekey, Answers::EverGiven), Eligibility::Eligible);
    QCOMPARE(s.book.answers(rekey.hash()).size(), std::size_t(4));
    s.answer(2, rekey, Answer::No, 2);
    QCOMPARE(s.of(rekey, Answers::EverGiven), Eligibility::Eligible);
}

void ProposalBookTest::answersMayComeFirst()
{
    Book s(4);
    const Proposal rekey = s.assembly.ask(0, Rekey{});
    for (std::size_t seat = 0; seat < 3; ++seat)
        s.answer(seat, rekey);
    QCOMPARE(s.of(rekey), Eligibility::NotHeld);
    s.open(rekey);
    QCOMPARE(s.of(rekey), Eligibility::Eligible);
}

void ProposalBookTest::answersOfOthersDoNotCount()
{
    Book s(4);
    s.next({s.assembly.ask(0, s.assembly.companion(MemberIndex(1))),
            s.assembly.ask(0, MakeDormant{MemberIndex(3)})});
    const Proposal rekey = s.open(s.assembly.ask(0, Rekey{}));
    const auto answerBy = [&](std::uint16_t device) {
        Approval approval = s.assembly.answer(0, rekey);
        approval.device = DeviceIndex(device);
        return signApproval(s.assembly.scheme,
                            s.assembly.keyOf(s.assembly.configuration.devices.at(device).key),
                            s.assembly.configuration.workspace, approval);
    };
    QCOMPARE(s.book.add(answerBy(4)).error(), Code::E_NOT_MEMBER); // a companion
    QVERIFY(s.book.add(answerBy(3)).has_value());                  // dormant: kept, not counted
    QCOMPARE(s.book.tally(rekey.hash()).yes, std::size_t(0));
    Approval forged = answerBy(1);
    forged.device = DeviceIndex(2);
    QCOMPARE(s.book.add(forged).error(), Code::E_SIG);
    forged.device = DeviceIndex(77);
    QCOMPARE(s.book.add(forged).error(), Code::E_NOT_MEMBER);
    s.next({s.assembly.ask(3, Wake{})});
    QCOMPARE(s.book.tally(rekey.hash()).yes, std::size_t(1));
}

void ProposalBookTest::expiresByEpochs()
{
    Book s(4);
    const Proposal rekey = s.open(s.assembly.ask(0, Rekey{}, 1));
    for (std::size_t seat = 0; seat < 3; ++seat)
        s.answer(seat, rekey, Answer::Yes, 1, 0);
    QCOMPARE(s.of(rekey), Eligibility::Eligible);
    s.next({});
    QCOMPARE(s.of(rekey), Eligibility::Waiting); // the answers have expired
    for (std::size_t seat = 0; seat < 3; ++seat)
        s.answer(seat, rekey, Answer::Yes, 2, 0);
    QCOMPARE(s.of(rekey), Eligibility::Eligible);
    const Approval late = s.assembly.answer(0, rekey, Answer::Yes, 3, 0);
    s.next({});
    QCOMPARE(s.of(rekey), Eligibility::NotHeld);
    QCOMPARE(*s.book.add(rekey, Reason::Named), Taken::Over);
    QVERIFY(s.book.add(late).has_value());
    const Proposal eternal = s.assembly.ask(0, Rekey{}, ProposalBook::kLifeEpochsMax + 1);
    QCOMPARE(s.book.add(eternal, Reason::Named).error(), Code::E_RATE);
}

void ProposalBookTest::anExpiredAnswerStillSupersedes()
{
    Book s(4);
    const Proposal rekey = s.open(s.assembly.ask(0, Rekey{}));
    for (std::size_t seat = 0; seat < 3; ++seat)
        s.answer(seat, rekey);
    s.answer(1, rekey, Answer::No, 2, 0);
    s.next({});
    QCOMPARE(s.of(rekey), Eligibility::Waiting);
    // The same for somebody who hears of it only now, in the order that is worse.
    ProposalBook fresh(s.assembly.configuration, s.assembly.scheme);
    for (const auto &[approval, hash] : s.book.answers(rekey.hash()))
        QVERIFY(fresh.add(approval).has_value());
    QVERIFY(fresh.add(rekey, Reason::Offered).has_value());
    QCOMPARE(fresh.eligibility(rekey.hash()), Eligibility::Waiting);
}

void ProposalBookTest::decidedIsOver()
{
    Book s(4);
    const Proposal rekey = s.open(s.assembly.ask(0, Rekey{}));
    for (std::size_t seat = 0; seat < 3; ++seat)
        s.answer(seat, rekey);
    s.next({rekey});
    QCOMPARE(s.of(rekey), Eligibility::Never);
    QCOMPARE(*s.book.add(rekey, Reason::Named), Taken::Over);
    QCOMPARE(*s.book.add(s.assembly.answer(0, rekey, Answer::Yes, 2)), Taken::Over);
    QVERIFY(s.book.eligible().empty());
}

void ProposalBookTest::mootMayBecomeEligibleLater()
{
    Book s(4);
    const Proposal wake = s.assembly.ask(2, Wake{});
    QCOMPARE(*s.book.add(wake, Reason::Offered), Taken::New);
    QCOMPARE(s.of(wake), Eligibility::Never);
    QVERIFY(s.book.open().empty());
    s.next({s.assembly.ask(0, MakeDormant{MemberIndex(2)})});
    QCOMPARE(s.of(wake), Eligibility::Eligible);
}

void ProposalBookTest::carriesApprovalsOver()
{
    Book s(4);
    const Proposal rekey = s.open(s.assembly.ask(0, Rekey{}));
    s.answer(1, rekey);
    s.answer(2, rekey);
    s.next({s.assembly.ask(0, SetPolicy{{.text = "Be kind."}})});
    QCOMPARE(s.book.tally(rekey.hash()).yes, std::size_t(2));
    s.answer(3, rekey);
    QCOMPARE(s.of(rekey), Eligibility::Eligible);
}

void ProposalBookTest::approvalsOfLeaversStopCounting()
{
    Book s(5);
    const Proposal other = s.open(s.assembly.ask(0, RemoveMember{MemberIndex(4)}));
    for (std::size_t seat = 0; seat < 3; ++seat)
        s.answer(seat, other);
    QCOMPARE(s.of(other), Eligibility::Waiting); // 3 of 5, 4 are needed
    // Its author goes: what he asked for belongs to those who approved it.
    s.next({s.assembly.ask(4, RemoveMember{MemberIndex(0)})});
    QCOMPARE(s.book.tally(other.hash()).yes, std::size_t(2));
    QCOMPARE(s.book.tally(other.hash()).needed, std::size_t(3));
    s.answer(2, other);
    QCOMPARE(s.of(other), Eligibility::Eligible);
}

void ProposalBookTest::limitsWhatOneMemberHasOpen()
{
    Book s(4);
    std::vector<Proposal> all;
    for (std::size_t i = 0; i < ProposalBook::kOpenPerMemberMax; ++i)
        s.open(s.assembly.ask(0, SetPolicy{{.text = std::string(i + 1, 'a')}}));
    const Proposal fourth = s.assembly.ask(0, Rekey{});
    QCOMPARE(s.book.add(fourth, Reason::Offered).error(), Code::E_RATE);
    s.open(s.assembly.ask(1, Rekey{}));
    s.open(s.assembly.ask(0, TakeCheckpoint{})); // noticed, not asked
    s.open(s.assembly.ask(0, Leave{}));          // nobody is kept by what he asked for before
    QCOMPARE(*s.book.add(fourth, Reason::Named), Taken::New);
    std::size_t named = 1;
    while (s.book.add(s.assembly.ask(0, Rekey{}), Reason::Named).has_value())
        QVERIFY(++named <= ProposalBook::kNamedPerMemberMax);
    QCOMPARE(named, ProposalBook::kNamedPerMemberMax);
    s.open(s.assembly.ask(1, SetPolicy{{.text = "b"}})); // no one else suffers
}

// PROTOCOL C7, B16: a key that was revoked signs on in a thief's hand, and somebody passes it on.
void ProposalBookTest::whoWasRemovedAsksNothing()
{
    Book s(4);
    s.next({s.assembly.ask(0, s.assembly.companion(MemberIndex(1)))});
    const DeviceIndex stolen(4);
    std::vector<Proposal> before;
    for (std::size_t i = 0; i < ProposalBook::kOpenPerMemberMax; ++i)
        before.push_back(s.open(s.assembly.askBy(stolen, Rekey{})));
    const Proposal answered = s.assembly.askBy(stolen, SetPolicy{{.text = "Be kind."}});
    s.answer(2, answered);
    s.next(
        {s.assembly.ask(0, RemoveDevice{stolen}), s.assembly.ask(0, RemoveMember{MemberIndex(3)})});
    QVERIFY(!s.assembly.configuration.devices.at(stolen.value).mayRead);

    // What it asked before stays for those who took it up, and takes none of its owner's places.
    for (const Proposal &proposal : before)
        QVERIFY(s.book.find(proposal.hash()) != nullptr);
    for (std::size_t i = 0; i < ProposalBook::kOpenPerMemberMax; ++i)
        s.open(s.assembly.askBy(DeviceIndex(1), SetPolicy{{.text = std::string(i + 1, 'a')}}));
    QCOMPARE(s.book.add(s.assembly.askBy(stolen, Rekey{}), Reason::Offered).error(),
             Code::E_NOT_MEMBER);
    QCOMPARE(s.book.add(s.assembly.ask(3, Rekey{}), Reason::Offered).error(), Code::E_NOT_MEMBER);
    QCOMPARE(s.book.add(s.assembly.askByIdentity(3, Rekey{}), Reason::Offered).error(),
             Code::E_NOT_MEMBER);
    // What a seat answered, or a value names, was asked in time: it belongs to them (C15).
    QCOMPARE(*s.book.add(answered, Reason::Offered), Taken::New);
    QCOMPARE(*s.book.add(s.assembly.ask(3, Rekey{}), Reason::Named), Taken::New);
}

void ProposalBookTest::oneFencePerDevice()
{
    Book s(4);
    std::vector<Proposal> fences;
    for (std::uint16_t author = 0; author < 4; ++author)
        fences.push_back(s.assembly.ask(author, s.assembly.fenceOf(3)));
    for (const Proposal &fence : fences)
        QVERIFY(s.book.add(fence, Reason::Offered).has_value());
    const Hash smallest = std::ranges::min(fences, {}, &Proposal::hash).hash();
    QCOMPARE(s.book.open().size(), std::size_t(1));
    QCOMPARE(s.book.open().front()->hash(), smallest);
    for (const Proposal &fence : fences) // a value may name another one
        QVERIFY(s.book.add(fence, Reason::Named).has_value());
    QCOMPARE(s.book.eligible().size(), std::size_t(4));
}

// A seat that is locked on the value lets go of it only when everybody could judge it.
void ProposalBookTest::aFenceThatAValueNamesStays()
{
    Book s(4);
    std::vector<Proposal> fences;
    for (std::uint16_t author = 0; author < 4; ++author)
        fences.push_back(s.assembly.ask(author, s.assembly.fenceOf(3)));
    std::ranges::sort(fences, std::greater<>{}, &Proposal::hash); // each takes the place before
    QVERIFY(s.book.add(fences[0], Reason::Offered).has_value());
    s.book.named(fences[0].hash());
    for (const Proposal &fence : fences)
        QVERIFY(s.book.add(fence, Reason::Offered).has_value());
    for (const Proposal &fence : fences) // one that gave its place may be in a value elsewhere
        QVERIFY(s.book.find(fence.hash()) != nullptr);
    QCOMPARE(s.book.eligible().size(), std::size_t(4));
}

void ProposalBookTest::confusableNamesAreSaidSo()
{
    Book s(4);
    const Proposal admit = s.assembly.ask(0, s.assembly.newcomer("MEMBER 1"));
    QCOMPARE(s.book.add(admit, Reason::Offered).error(), Code::E_NAME_CONFUSABLE);
    QCOMPARE(*s.book.add(admit, Reason::Named), Taken::New);
    QCOMPARE(s.of(admit), Eligibility::Never);
}

void ProposalBookTest::answersAreBounded()
{
    Book s(4);
    Approval approval = s.assembly.answer(1, s.assembly.ask(0, Rekey{}));
    std::size_t taken = 0;
    for (std::uint32_t i = 0; i <= ProposalBook::kAnswersPerDeviceMax; ++i) {
        approval.proposal.value[0] = static_cast<std::byte>(i);
        approval.proposal.value[1] = static_cast<std::byte>(i >> 8);
        const Approval each = signApproval(s.assembly.scheme, s.assembly.seatKey(1),
                                           s.assembly.configuration.workspace, approval);
        const auto result = s.book.add(each);
        QVERIFY(result.has_value() || result.error() == Code::E_RATE);
        taken += result.has_value() ? 1 : 0;
    }
    QCOMPARE(taken, ProposalBook::kAnswersPerDeviceMax);
}

QTEST_APPLESS_MAIN(ProposalBookTest)
#include "proposal_book_test.moc"
