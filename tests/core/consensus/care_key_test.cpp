#include "core/consensus/configuration_codec.h"
#include "core/consensus/epoch_change.h"
#include "core/consensus/proposal_book.h"
#include "tests/core/consensus/assembly.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::consensus;
using nlbd::test::Assembly;
using Eligibility = ProposalBook::Eligibility;
using Reason = ProposalBook::Reason;
using Taken = ProposalBook::Taken;

namespace {

EpochChange changeOf(const Assembly &assembly, const std::vector<Proposal> &proposals)
{
    std::vector<const Proposal *> pointers;
    for (const Proposal &proposal : proposals)
        pointers.push_back(&proposal);
    return planChange(assembly.configuration, pointers, {});
}

/// Decides at once, whatever anybody thinks of it.
void decide(Assembly &assembly, const std::vector<Proposal> &proposals)
{
    EpochChange change = changeOf(assembly, proposals);
    const auto commitment = change.needsKey ? std::optional(Hash{}) : std::nullopt;
    identity::Configuration next = finished(std::move(change), commitment, std::nullopt);
    const Hash hash = hashOf(next);
    assembly.configuration = completed(std::move(next), hash);
}

} // namespace

/// What a device's word about the key that is sealed to it does (PROTOCOL C17, KEYCARE).
class CareKeyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aCareKeyTurns();
    void ofTwoCareKeysTheFirstCounts();
    void whoWasRemovedHasNoCareKey();
    void boxesFollowTheCareKey();
    void anOfferOutlivesNewWords();
    void oneCareKeyPerDevice();
};

void CareKeyTest::aCareKeyTurns()
{
    Assembly assembly(4);
    const TurnKey wish = assembly.turnKey(DeviceIndex(2));
    const EpochChange change = changeOf(assembly, {assembly.ask(2, wish)});
    QVERIFY(!change.needsKey && change.moot.empty() && change.departing.empty());
    decide(assembly, {assembly.ask(2, wish)});
    QVERIFY(assembly.configuration.devices[2].careKey == wish.key);
    QVERIFY(!assembly.configuration.devices[1].careKey);
    const Bytes bytes = encodeConfiguration(assembly.configuration);
    const auto again = decodeConfiguration(bytes, assembly.configuration.decision);
    QVERIFY(again.has_value());
    QVERIFY(*again == assembly.configuration);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        QVERIFY(!decodeConfiguration(ByteView(bytes).first(size), assembly.configuration.decision));
    // Without one a row is written as before there were any.
    assembly.configuration.devices[2].careKey.reset();
    QVERIFY(encodeConfiguration(assembly.configuration).size() == bytes.size() - 32);
    assembly.configuration.devices[2].careKey = wish.key;
    assembly.configuration.devices[2].mayRead = assembly.configuration.devices[2].mayWrite = false;
    QVERIFY(!decodeConfiguration(encodeConfiguration(assembly.configuration),
                                 assembly.configuration.decision));
    assembly.configuration.devices[2].mayRead = true;
    QVERIFY(isMoot(assembly.ask(2, wish), assembly.configuration)); // it is so already
}

void CareKeyTest::ofTwoCareKeysTheFirstCounts()
{
    Assembly assembly(4);
    const Proposal one = assembly.ask(2, assembly.turnKey(DeviceIndex(2)));
    const Proposal two = assembly.ask(2, assembly.turnKey(DeviceIndex(2)));
    const Proposal other = assembly.ask(1, assembly.turnKey(DeviceIndex(1)));
    const Proposal &first = one.hash() < two.hash() ? one : two;
    const Proposal &second = one.hash() < two.hash() ? two : one;
    const EpochChange change = changeOf(assembly, {second, other, first});
    QVERIFY(change.moot == std::vector<Hash>{second.hash()});
    QVERIFY(change.next.devices[2].careKey == std::get<TurnKey>(first.wish).key);
    QVERIFY(change.next == changeOf(assembly, {first, second, other}).next);
    decide(assembly, {second, other, first});
    // Both are spent: the second cannot come back and take the place of the first.
    QCOMPARE(assembly.configuration.spent.size(), std::size_t(3));
}

void CareKeyTest::whoWasRemovedHasNoCareKey()
{
    Assembly assembly(5);
    decide(assembly, {assembly.ask(2, assembly.turnKey(DeviceIndex(2)))});
    const Proposal turn = assembly.ask(2, assembly.turnKey(DeviceIndex(2)));
    const Proposal removal = assembly.ask(0, RemoveMember{MemberIndex(2), "so be it"});
    const EpochChange change = changeOf(assembly, {turn, removal});
    QVERIFY(change.moot == std::vector<Hash>{turn.hash()});
    QVERIFY(!change.next.devices[2].careKey);
    decide(assembly, {removal});
    QVERIFY(!assembly.configuration.devices[2].careKey);
    QVERIFY(isMoot(turn, assembly.configuration));
}

// PROTOCOL C17: what is decided with an offer counts for it, if its maker had heard of it.
void CareKeyTest::boxesFollowTheCareKey()
{
    Assembly assembly(4);
    const identity::Configuration now = assembly.configuration;
    const Proposal rekey = assembly.ask(0, Rekey{});
    const TurnKey turned = assembly.turnKey(DeviceIndex(2));
    const auto unaware = changeOf(assembly, {rekey}).next;
    const auto aware = changeOf(assembly, {rekey, assembly.ask(2, turned)}).next;
    const auto opens = [&](const OfferedKey &offer, const identity::Configuration &at,
                           const identity::Configuration &next, std::uint16_t device,
                           const keys::KeyHolder::Secrets &secrets) {
        const identity::SecretKey &mine = assembly.keyOf(next.devices[device].key);
        return openOfferedKey(offer, at, next, {mine, secrets}, assembly.key).has_value();
    };
    const keys::KeyHolder::Secrets none;
    const OfferedKey early = nlbd::test::offerOf(assembly, 0, unaware);
    const OfferedKey late = nlbd::test::offerOf(assembly, 0, aware);
    for (const std::uint16_t device : std::initializer_list<std::uint16_t>{0, 1, 3})
        for (const OfferedKey *offer : {&early, &late})
            QVERIFY(opens(*offer, now, aware, device, none));
    QVERIFY(opens(early, now, aware, 2, none)); // sealed to what it had before
    QVERIFY(opens(late, now, aware, 2, assembly.careSecrets));
    QVERIFY(!opens(late, now, aware, 2, none));   // the signing key opens it no more
    QVERIFY(!opens(late, now, unaware, 1, none)); // sealed to a key that was not decided
    // Once it is decided, nothing else is good.
    decide(assembly, {assembly.ask(2, turned)});
    const auto next = changeOf(assembly, {rekey}).next;
    QVERIFY(!opens(early, assembly.configuration, next, 1, none));
    QVERIFY(opens(late, assembly.configuration, next, 1, none));
    QVERIFY(opens(late, assembly.configuration, next, 2, assembly.careSecrets));
    QVERIFY(!opens(late, assembly.configuration, next, 2, none));
}

// Else whoever has many devices could make each offer worthless, one word after the other.
void CareKeyTest::anOfferOutlivesNewWords()
{
    Assembly assembly(4);
    nlbd::test::Seat ann(assembly, std::size_t(0));
    nlbd::test::Seat ben(assembly, std::size_t(1));
    const Proposal rekey = assembly.ask(0, Rekey{});
    const OfferedKey offer = nlbd::test::offerOf(assembly, 0, changeOf(assembly, {rekey}).next);
    const auto frontier = nlbd::test::frontierAt({});
    for (nlbd::test::Seat *seat : {&ann, &ben}) {
        seat->take(rekey);
        seat->approve(rekey, 3);
        for (std::size_t i = 0; i < 3; ++i)
            seat->take(assembly.close(i, frontier));
        seat->take(offer);
    }
    const auto before = ann.build();
    QVERIFY(before.value.has_value());
    for (std::uint16_t device = 0; device < 4; ++device) {
        const Proposal turn = assembly.ask(device, assembly.turnKey(DeviceIndex(device)));
        ann.take(turn);
        const auto built = ann.build();
        QVERIFY(built.value.has_value());
        QVERIFY(built.value->keyOffer == offer.hash());
        QVERIFY(std::ranges::binary_search(built.value->proposals, turn.hash()));
        QCOMPARE(ben.judge(*built.value).verdict, Judgement::Verdict::Unknown); // asks for it
        ben.take(turn);
        QCOMPARE(ben.judge(*built.value).verdict, Judgement::Verdict::Valid);
        QCOMPARE(ben.judge(*before.value).verdict, Judgement::Verdict::Valid);
    }
}

void CareKeyTest::oneCareKeyPerDevice()
{
    Assembly assembly(4);
    ProposalBook book(assembly.configuration, assembly.scheme);
    const auto of = [&book](const Proposal &proposal) { return book.eligibility(proposal.hash()); };
    const auto open = [&book](const Proposal &proposal) {
        QCOMPARE(*book.add(proposal, Reason::Offered), Taken::New);
    };
    std::vector<Proposal> told;
    for (std::size_t i = 0; i < 12; ++i)
        told.push_back(assembly.ask(1, assembly.turnKey(DeviceIndex(1))));
    std::ranges::sort(told, {}, &Proposal::hash);
    // Whatever the order, the smallest stays, which all keep alike; a value may name the others.
    QCOMPARE(*book.add(told[3], Reason::Offered), Taken::New);
    QCOMPARE(*book.add(told[7], Reason::Offered), Taken::Over);
    QCOMPARE(*book.add(told[0], Reason::Offered), Taken::New);
    QCOMPARE(*book.add(told[3], Reason::Offered), Taken::Known); // for those who voted for it
    QCOMPARE(*book.add(told[1], Reason::Offered), Taken::Over);
    QCOMPARE(of(told[0]), Eligibility::Eligible);
    QCOMPARE(*book.add(told[7], Reason::Named), Taken::New);
    // They take nobody else's place, nor their owner's.
    for (std::size_t i = 0; i < ProposalBook::kOpenPerMemberMax; ++i)
        open(assembly.ask(1, SetPolicy{{.text = std::string(i + 1, 'a')}}));
    open(assembly.ask(1, Leave{}));
    open(assembly.ask(1, TakeCheckpoint{}));
    open(assembly.ask(2, assembly.turnKey(DeviceIndex(2))));
    // Once decided, the same key is no news.
    const Proposal again = assembly.ask(1, TurnKey{std::get<TurnKey>(told[0].wish)});
    decide(assembly, {told[0]});
    book.enter(assembly.configuration);
    QCOMPARE(of(told[0]), Eligibility::Never);
    QCOMPARE(*book.add(again, Reason::Offered), Taken::New);
    QCOMPARE(of(again), Eligibility::Never);
    QCOMPARE(*book.add(told[1], Reason::Offered), Taken::New);
    QCOMPARE(of(told[1]), Eligibility::Eligible);
}

QTEST_APPLESS_MAIN(CareKeyTest)
#include "care_key_test.moc"
