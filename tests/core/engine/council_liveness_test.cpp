// Decisions that must come in spite of what one seat alone knows.

#include "core/consensus/approval.h"
#include "core/consensus/seat_order.h"
#include "core/consensus/vote.h"
#include "core/gossip/message.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;

namespace {

using gossip::ControlKind;

std::vector<gossip::ControlRecords::Record> recordsIn(std::uint8_t kind, const Bytes &body)
{
    const auto message = gossip::decode(kind, body);
    const auto *records = message ? std::get_if<gossip::ControlRecords>(&*message) : nullptr;
    return records == nullptr ? std::vector<gossip::ControlRecords::Record>() : records->records;
}

bool holdsPrecommit(const std::vector<gossip::ControlRecords::Record> &records)
{
    return std::ranges::any_of(records, [](const auto &record) {
        const auto vote = record.kind == ControlKind::Vote
            ? consensus::Vote::decode(record.bytes)
            : std::expected<consensus::Vote, Code>(std::unexpected(Code::E_CANON));
        return vote && vote->phase == consensus::Phase::Precommit;
    });
}

bool holds(const std::vector<gossip::ControlRecords::Record> &records, ControlKind kind)
{
    return std::ranges::find(records, kind, &gossip::ControlRecords::Record::kind) != records.end();
}

api::Wish policy(std::string text)
{
    api::Wish wish;
    wish.kind = api::Wish::Kind::SetPolicy;
    wish.text = std::move(text);
    return wish;
}

} // namespace

class CouncilLivenessTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whoAloneSeesTheQuorumTellsIt();
    void whatWasTakenBackStillEnds_data();
    void whatWasTakenBackStillEnds();
    void twoAnswersWithOneCounterReachEverybody();
    void whoLeavesDoesNotHoldUpItsLeaving_data();
    void whoLeavesDoesNotHoldUpItsLeaving();
    void anEpochEndsWithoutANewKey();
    void whatAnAnswerNamesIsAskedFor();
};

/// The last one hears an answer before what it answers, and does not wait for a comparison.
void CouncilLivenessTest::whatAnAnswerNamesIsAskedFor()
{
    SmallGroup group(4);
    group.run(300ms);
    std::size_t questions = 0;
    group.setFilter([&](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body) {
        const auto message = gossip::decode(kind, body);
        if (to != 3 && from != 3)
            return true;
        questions += from == 3 && message && std::holds_alternative<gossip::PullControl>(*message);
        const bool isDigest = message && std::holds_alternative<gossip::Digest>(*message);
        return !isDigest && from != 0;
    });
    group.submit(0, api::Propose{1, policy("Be kind.")});
    const Hash proposal = group.at(0).lastAnswer().proposal;
    group.run(200ms);
    QVERIFY(group.at(3).decisions().open.empty());
    group.submit(1, api::Vote{1, proposal, true});
    group.run(200ms);
    QCOMPARE(group.at(3).decisions().open.size(), std::size_t{1});
    QCOMPARE(group.at(3).decisions().open.front().id, proposal);
    QCOMPARE(questions, std::size_t{1});
}

/// Only the last of four sees a quorum of precommits, before it has the value: a hostile seat can
/// bring that about, for nobody takes a second vote of it for a first. The others wait for it.
void CouncilLivenessTest::whoAloneSeesTheQuorumTellsIt()
{
    constexpr std::size_t kLast = 3;
    SmallGroup group(4);
    group.run(300ms);
    bool isValueHidden = true;
    group.setFilter([&](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body) {
        const auto records = recordsIn(kind, body);
        if (to != kLast && holdsPrecommit(records))
            return false;
        if (from == kLast) // it has a say in nothing
            return !holds(records, ControlKind::Vote);
        // Without one of the reports its own value is another than the one that is decided.
        const bool isMissing = holds(records, ControlKind::Value)
            || (from == 0 && holds(records, ControlKind::ShortClose));
        return to != kLast || !isValueHidden || !isMissing;
    });
    group.subscribe(0);
    group.submit(0, api::Propose{1, policy("Be kind.")});
    const Hash proposal = group.at(0).lastAnswer().proposal;
    group.run(200ms);
    group.submit(1, api::Vote{1, proposal, true});
    group.submit(2, api::Vote{1, proposal, true});
    group.run(20s);
    for (std::size_t i = 0; i < 4; ++i)
        QCOMPARE(group.at(i).configuration().epoch, Epoch(0));
    isValueHidden = false;
    group.run(20s);
    for (std::size_t i = 0; i < 4; ++i)
        QCOMPARE(group.at(i).configuration().policy.text, std::string("Be kind."));
}

void CouncilLivenessTest::whatWasTakenBackStillEnds_data()
{
    QTest::addColumn<bool>("isYesHidden");
    QTest::newRow("others saw the yes before the no") << false;
    QTest::newRow("others hear of the no first") << true;
}

/// One closes the epoch on a quorum of yes, of which one is taken back before others closed. None
/// of the four could acknowledge anything with one that is frozen, and one that is silent.
void CouncilLivenessTest::whatWasTakenBackStillEnds()
{
    QFETCH(bool, isYesHidden);
    SmallGroup group(4);
    group.run(300ms);
    for (std::size_t i = 0; i < 3; ++i)
        group.cut(i, 3);
    group.submit(0, api::Propose{1, policy("Be kind.")});
    const Hash proposal = group.at(0).lastAnswer().proposal;
    group.run(200ms);
    group.submit(1, api::Vote{1, proposal, true});
    group.run(200ms);
    bool isHidden = isYesHidden;
    group.setFilter([&](std::size_t, std::size_t to, std::uint8_t kind, const Bytes &body) {
        const bool isApproval = holds(recordsIn(kind, body), ControlKind::Approval);
        return !isApproval || to == 0 || !isHidden;
    });
    // The third says yes to the first alone, then no to all.
    if (!isYesHidden)
        group.cut(0, 1);
    group.cut(1, 2);
    group.submit(2, api::Vote{1, proposal, true});
    group.run(40ms);
    group.submit(2, api::Vote{2, proposal, false});
    group.run(40ms);
    isHidden = false;
    group.join(1, 2);
    if (!isYesHidden)
        group.join(0, 1);
    group.run(60s);
    QCOMPARE(group.at(0).configuration().epoch, Epoch(1));
    QCOMPARE(group.at(1).configuration().epoch, Epoch(1));
    QCOMPARE(group.at(2).configuration().epoch, Epoch(1));
    group.submit(0, api::CreateDocument{1, "Notes", ""});
    group.run(10s);
    const auto snapshot = group.at(0).snapshot();
    QCOMPARE(snapshot.ratified, snapshot.changes);
}

/// A seat tells one that it says yes and another that it says no, under one counter. Unless all
/// come to count the same, they propose different values for ever.
void CouncilLivenessTest::twoAnswersWithOneCounterReachEverybody()
{
    constexpr std::size_t kHostile = 3;
    SmallGroup group(4);
    const identity::Ed25519 scheme;
    group.run(300ms);
    group.subscribe(0);
    group.submit(0, api::Propose{1, policy("Be kind.")});
    group.run(200ms);
    for (std::size_t i = 0; i < 3; ++i)
        group.cut(i, kHostile);
    const auto tell = [&](std::size_t victim, consensus::Answer answer) {
        consensus::Approval approval;
        approval.proposal = group.at(0).lastAnswer().proposal;
        approval.device = DeviceIndex(kHostile);
        approval.counter = 1;
        approval.answer = answer;
        approval.untilEpoch = Epoch(9);
        approval = consensus::signApproval(scheme, group.device(kHostile),
                                           group.at(0).configuration().workspace, approval);
        const gossip::Message message =
            gossip::ControlRecords{{{ControlKind::Approval, approval.encode()}}};
        group.join(victim, kHostile);
        group.step(victim,
                   engine::FrameIn{group.sessionWith(victim, kHostile),
                                   static_cast<std::uint8_t>(gossip::kindOf(message)),
                                   gossip::encode(message)});
        group.cut(victim, kHostile);
    };
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t other = 0; other < i; ++other)
            group.cut(i, other);
    tell(0, consensus::Answer::Yes);
    tell(1, consensus::Answer::No);
    const auto tallyAt = [&](std::size_t i) {
        const api::ProposalInfo info = group.at(i).decisions().open.front();
        return std::pair(info.yes, info.no);
    };
    QVERIFY(tallyAt(0) != tallyAt(1));
    group.join(0, 1);
    group.run(20s);
    QVERIFY(tallyAt(0) == tallyAt(1));
}

void CouncilLivenessTest::whoLeavesDoesNotHoldUpItsLeaving_data()
{
    QTest::addColumn<std::size_t>("count");
    QTest::addColumn<std::size_t>("place");
    for (const std::size_t count : {4, 7})
        for (const std::size_t place : {0, 1, 3})
            QTest::addRow("of %zu, number %zu of the order", count, place) << count << place;
}

/// A seat that leaves can make no new key. It proposes with one that others offer, however early
/// its turn is: the epoch ends with what it was closed for.
void CouncilLivenessTest::whoLeavesDoesNotHoldUpItsLeaving()
{
    QFETCH(const std::size_t, count);
    QFETCH(const std::size_t, place);
    SmallGroup group(count);
    group.run(300ms);
    const auto &before = group.at(0).configuration();
    const consensus::SeatOrder order(before);
    const DeviceIndex leaver = before.seats[order.at(consensus::Round(0), place).value];
    api::Wish leave;
    leave.kind = api::Wish::Kind::Leave;
    for (std::size_t i = 0; i < count; ++i)
        if (group.at(i).me() == leaver)
            group.submit(i, api::Propose{1, leave});
    group.run(10s);
    for (std::size_t i = 0; i < count; ++i) {
        if (group.at(i).me() == leaver)
            continue;
        const auto &now = group.at(i).configuration();
        QCOMPARE(now.epoch, Epoch(1));
        QCOMPARE(now.keyEpoch, KeyEpoch(1));
        QCOMPARE(now.seats.size(), count - 1);
    }
}

/// Nobody gets an offer of anybody: what needs a key waits, and the epoch ends for the rest.
void CouncilLivenessTest::anEpochEndsWithoutANewKey()
{
    SmallGroup group(4);
    group.run(300ms);
    bool isOfferHidden = true;
    group.setFilter([&](std::size_t, std::size_t, std::uint8_t kind, const Bytes &body) {
        return !isOfferHidden || !holds(recordsIn(kind, body), ControlKind::Offer);
    });
    api::Wish leave;
    leave.kind = api::Wish::Kind::Leave;
    group.submit(3, api::Propose{1, leave});
    for (int passed = 0; passed < 120 && group.at(0).configuration().epoch == Epoch(0); ++passed)
        group.run(1s);
    QVERIFY(group.at(0).configuration().epoch > Epoch(0));
    QCOMPARE(group.at(0).configuration().seats.size(), std::size_t(4));
    isOfferHidden = false;
    group.run(60s);
    QCOMPARE(group.at(0).configuration().seats.size(), std::size_t(3));
}

QTEST_APPLESS_MAIN(CouncilLivenessTest)
#include "council_liveness_test.moc"
