#include "tests/core/engine/hostile_seat.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::consensus;
using namespace std::chrono_literals;
using namespace nlbd::testing;

class ProofsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void contradictoryWordsAreProven_data();
    void contradictoryWordsAreProven();
    void lateWordsToo();
    void whoWasAwayHearsOfIt();
    void proofsOutliveEpochsAndRestarts();
    void oneProofOfAKind();
    void nobodyIsAccusedInVain();
    void proofsOfTheFutureWait();
    void twoDecisionsEndAllDeciding();
    void whoeverSignedBothIsNamed();
    void twoHistoriesThatMeetAreCompared_data();
    void twoHistoriesThatMeetAreCompared();
};

void ProofsTest::contradictoryWordsAreProven_data()
{
    QTest::addColumn<int>("deed");
    QTest::addColumn<int>("code");
    QTest::newRow("two prevotes") << 0 << int(Code::EV_DOUBLE_VOTE);
    QTest::newRow("two proposals") << 1 << int(Code::EV_DOUBLE_VOTE);
    QTest::newRow("forgotten lock") << 2 << int(Code::EV_AMNESIA);
    QTest::newRow("two reports") << 3 << int(Code::EV_DOUBLE_CLOSE);
    QTest::newRow("report behind its acks") << 4 << int(Code::EV_DOUBLE_CLOSE);
}

void ProofsTest::contradictoryWordsAreProven()
{
    QFETCH(int, deed);
    QFETCH(int, code);
    HostileSeat s;
    if (deed == 0) {
        s.tell(0, s.vote(Phase::Prevote, 0, named(1)));
        s.tell(0, s.vote(Phase::Prevote, 0, std::nullopt));
    } else if (deed == 1) {
        s.tell(0, s.vote(Phase::Propose, 0, named(1)));
        s.tell(0, s.vote(Phase::Propose, 0, named(2)));
    } else if (deed == 2) {
        s.tell(0, s.vote(Phase::Precommit, 0, named(1)));
        s.tell(0, s.vote(Phase::Prevote, 1, named(2)));
    } else if (deed == 3) {
        s.tell(0, s.close(99));
        s.tell(0, s.close(98));
    } else {
        s.tell(0, s.close(0));
    }
    s.group.run(2s);
    for (std::size_t i = 0; i < 4; ++i)
        QVERIFY2(s.isProven(i, Code(code)), std::to_string(i).c_str());
    // Shown by the event as well, once.
    std::size_t told = 0;
    for (const api::Event &event : s.group.takeEvents(1))
        if (const auto *found = std::get_if<api::EvidenceFound>(&event))
            told += found->evidence.size();
    QVERIFY(told >= 1);
    QVERIFY(s.group.cuts(1).empty() && s.group.cuts(2).empty());
}

void ProofsTest::lateWordsToo()
{
    HostileSeat s;
    const Vote late = s.vote(Phase::Precommit, 0, named(7));
    const Close report = s.close(98);
    s.decideNewKey();
    QCOMPARE(s.configuration().epoch, Epoch(1));
    s.tell(0, late); // contradicts what it precommitted then
    s.tell(1, report);
    s.group.run(2s);
    for (std::size_t i = 0; i < 4; ++i) {
        QVERIFY(s.isProven(i, Code::EV_DOUBLE_VOTE));
        QVERIFY(s.isProven(i, Code::EV_DOUBLE_CLOSE));
    }
}

void ProofsTest::whoWasAwayHearsOfIt()
{
    HostileSeat s;
    for (std::size_t i : {0U, 1U, 3U})
        s.group.cut(2, i);
    s.tell(0, s.vote(Phase::Prevote, 0, named(1)));
    s.tell(0, s.vote(Phase::Prevote, 0, named(2)));
    s.group.run(2s);
    QVERIFY(s.isProven(1, Code::EV_DOUBLE_VOTE) && !s.isProven(2, Code::EV_DOUBLE_VOTE));
    s.group.join(1, 2);
    s.group.run(10s);
    QVERIFY(s.isProven(2, Code::EV_DOUBLE_VOTE));
}

void ProofsTest::proofsOutliveEpochsAndRestarts()
{
    HostileSeat s;
    s.tell(0, s.vote(Phase::Prevote, 0, named(1)));
    s.tell(0, s.vote(Phase::Prevote, 0, named(2)));
    s.group.run(2s);
    s.decideNewKey();
    QCOMPARE(s.configuration().epoch, Epoch(1));
    s.tell(1, s.close(99));
    s.tell(1, s.close(98));
    s.group.run(2s);
    for (std::size_t i = 0; i < 4; ++i) {
        s.group.restart(i);
        QVERIFY(s.isProven(i, Code::EV_DOUBLE_VOTE));  // of epoch 0
        QVERIFY(s.isProven(i, Code::EV_DOUBLE_CLOSE)); // of epoch 1: the file holds a decision
    }
}

void ProofsTest::oneProofOfAKind()
{
    HostileSeat s;
    std::set<Hash> ids;
    for (std::uint8_t i = 0; i < 40; ++i) {
        const auto proof =
            contradiction(s.vote(Phase::Prevote, i, named(1)), s.vote(Phase::Prevote, i, named(2)));
        ids.insert(proof->id());
        s.tell(i % 3, gossip::EvidenceMessage{proof->encode()});
    }
    s.group.run(10s);
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(s.group.at(i).evidence().size(), std::size_t(1));
        QCOMPARE(s.group.at(i).evidence()[0].id, *ids.begin());
        s.group.restart(i);
        QCOMPARE(s.group.at(i).evidence()[0].id, *ids.begin());
    }
}

void ProofsTest::nobodyIsAccusedInVain()
{
    HostileSeat s;
    VoteEvidence forged =
        *contradiction(s.vote(Phase::Prevote, 0, named(1)), s.vote(Phase::Prevote, 0, named(2)));
    forged.first.seat = forged.second.seat = SeatIndex(1); // Malory's signatures under Ben's name
    if (forged.second.hash() < forged.first.hash())
        std::swap(forged.first, forged.second);
    s.tell(0, gossip::EvidenceMessage{forged.encode()});
    QCOMPARE(s.group.cuts(0).back(), Code::E_SIG);
    s.group.run(2s);
    // Late words in another's name accuse nobody either, and blame nobody: epochs end anywhere.
    Vote late = s.vote(Phase::Precommit, 0, named(7));
    late.seat = SeatIndex(1);
    s.decideNewKey();
    s.tell(2, late);
    s.group.run(2s);
    for (std::size_t i = 0; i < 4; ++i)
        QVERIFY(s.group.at(i).evidence().empty());
}

void ProofsTest::proofsOfTheFutureWait()
{
    HostileSeat s;
    for (std::size_t i : {0U, 1U, 3U})
        s.group.cut(2, i);
    s.decideNewKey();
    s.tell(0, s.close(99));
    s.tell(0, s.close(98));
    s.group.run(2s);
    const auto known = s.group.at(0).evidence();
    QCOMPARE(known.size(), std::size_t(1));
    // It reaches Cem before the decision that made its epoch does: nobody is to blame.
    s.group.join(2, 3);
    const auto file = checkEvidenceFile(known[0].file, s.scheme);
    s.tell(2, gossip::EvidenceMessage{file->proof.encode()});
    s.group.run(10s);
    QVERIFY(s.group.cuts(2).empty());
    QVERIFY(s.isProven(2, Code::EV_DOUBLE_CLOSE));
}

void ProofsTest::twoDecisionsEndAllDeciding()
{
    HostileSeat s;
    s.decideNewKey();
    const Decision second = s.rival(s.lastDecision(), 5, 3);
    static_cast<void>(s.group.takeEvents(1));
    s.tell(0, gossip::Decisions{{second.encode()}});
    s.group.run(3s);
    QVERIFY(s.group.cuts(0).empty()); // not the bringer's fault
    for (std::size_t i = 0; i < 4; ++i)
        QVERIFY(s.isProven(i, Code::EV_CONFLICT_DECISION, std::nullopt));
    const auto isTold = [](const api::Event &event) {
        const auto *trouble = std::get_if<api::Trouble>(&event);
        return trouble != nullptr && trouble->kind == api::Trouble::Kind::DecisionsConflict;
    };
    for (std::size_t i : {0U, 1U}) // who found it, and who heard of it
        QVERIFY(std::ranges::any_of(s.group.takeEvents(i), isTold));
    s.group.restart(1);
    s.group.subscribe(1);
    QVERIFY(std::ranges::any_of(s.group.takeEvents(1), isTold));
    for (std::size_t i : {0U, 2U, 3U})
        s.group.restart(i);
    s.decideNewKey();
    QCOMPARE(s.configuration().epoch, Epoch(1)); // writing goes on, deciding does not
}

void ProofsTest::whoeverSignedBothIsNamed()
{
    HostileSeat s;
    s.decideNewKey();
    const Decision first = s.lastDecision();
    const auto certificate = Certificate::decode(first.certificate);
    s.tell(0, gossip::Decisions{{s.rival(first, certificate->round.value, 3).encode()}});
    s.group.run(3s);
    for (std::size_t i = 0; i < 4; ++i) {
        const auto proven = s.proven(i);
        const auto culprits = std::ranges::count_if(
            proven, [](const auto &proof) { return proof.first == Code::EV_DOUBLE_VOTE; });
        QVERIFY(culprits >= 2); // f + 1
    }
}

void ProofsTest::twoHistoriesThatMeetAreCompared_data()
{
    QTest::addColumn<bool>("isAhead");
    QTest::newRow("as long as mine: its digest tells") << false;
    QTest::newRow("longer than mine: what it decided last does not follow") << true;
}

/// Nobody sends the rival decision of itself: it is asked for, and whoever brings a past that
/// contradicts mine may be as honest as I am.
void ProofsTest::twoHistoriesThatMeetAreCompared()
{
    QFETCH(bool, isAhead);
    HostileSeat s;
    s.decideNewKey();
    const Decision rival = s.rival(s.lastDecision(), 5, 3);
    std::vector<Epoch> asked;
    s.group.setFilter(
        [&asked](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body) {
            const auto message = gossip::decode(kind, body);
            if (from == 0 && to == kMalory && message)
                if (const auto *pull = std::get_if<gossip::PullDecisions>(&*message))
                    asked.push_back(pull->from);
            return true;
        });
    if (isAhead) {
        Decision next = rival;
        next.value.epoch = Epoch(1);
        next.value.previousDecision = rival.value.hash();
        s.tell(0, gossip::Decisions{{next.encode()}});
    } else {
        gossip::Digest digest;
        digest.epoch = Epoch(1);
        digest.decision = rival.value.hash();
        s.tell(0, digest);
    }
    s.group.run(100ms);
    QVERIFY(s.group.cuts(0).empty());
    QCOMPARE(asked, std::vector<Epoch>{Epoch(0)});
    s.tell(0, gossip::Decisions{{rival.encode()}});
    s.group.run(3s);
    QVERIFY(s.group.cuts(0).empty());
    QVERIFY(s.isProven(0, Code::EV_CONFLICT_DECISION, std::nullopt));
}

QTEST_GUILESS_MAIN(ProofsTest)
#include "proofs_test.moc"
