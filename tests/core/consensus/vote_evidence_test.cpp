#include "tests/core/consensus/table.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::consensus;
using test::Table;
using test::valueOf;
using Result = trust::CheckedEvidence::Result;

namespace {

std::optional<char> letterOf(int letter)
{
    return letter == 0 ? std::optional<char>() : static_cast<char>(letter);
}

std::optional<Hash> hashOf(int letter)
{
    const auto name = letterOf(letter);
    return name ? std::optional(valueOf(*name)) : std::nullopt;
}

} // namespace

class VoteEvidenceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void twoWordsInOneSlotAreAProof_data()
    {
        QTest::addColumn<int>("phase");
        QTest::addColumn<int>("value");
        QTest::addColumn<int>("otherRound");
        QTest::addColumn<int>("otherPolka");
        QTest::addColumn<int>("otherValue");
        QTest::addColumn<bool>("isProof");
        QTest::newRow("two prevotes") << 2 << int('a') << 2 << -1 << int('b') << true;
        QTest::newRow("prevote and nil") << 2 << int('a') << 2 << -1 << 0 << true;
        QTest::newRow("another reason") << 2 << int('a') << 2 << 1 << int('a') << true;
        QTest::newRow("the same") << 2 << int('a') << 2 << -1 << int('a') << false;
        QTest::newRow("another round") << 2 << int('a') << 1 << -1 << int('b') << false;
        QTest::newRow("two precommits") << 3 << int('a') << 2 << -1 << int('b') << true;
        QTest::newRow("precommit and nil") << 3 << int('a') << 2 << -1 << 0 << true;
        QTest::newRow("precommits of two rounds") << 3 << int('a') << 3 << -1 << int('b') << false;
        QTest::newRow("two proposals") << 1 << int('a') << 2 << -1 << int('b') << true;
    }

    void twoWordsInOneSlotAreAProof()
    {
        QFETCH(const int, phase);
        QFETCH(const int, value);
        QFETCH(const int, otherRound);
        QFETCH(const int, otherPolka);
        QFETCH(const int, otherValue);
        QFETCH(const bool, isProof);
        const Table table(4);
        const Vote a = table.vote(static_cast<Phase>(phase), 2, SeatIndex(1), hashOf(value));
        const Vote b = table.vote(
            static_cast<Phase>(phase), static_cast<std::uint32_t>(otherRound), SeatIndex(1),
            hashOf(otherValue),
            otherPolka < 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(otherPolka)));
        expectProof(table, a, b, isProof ? std::optional(Code::EV_DOUBLE_VOTE) : std::nullopt);
        // Another seat's word is no contradiction.
        Vote other = b;
        other.seat = SeatIndex(2);
        QVERIFY(!contradiction(a, table.sign(other)));
        other = b;
        other.epoch = other.epoch.next();
        QVERIFY(!contradiction(a, other));
    }

    void amnesia_data()
    {
        QTest::addColumn<int>("commit");
        QTest::addColumn<int>("commitRound");
        QTest::addColumn<int>("vote");
        QTest::addColumn<int>("voteRound");
        QTest::addColumn<int>("reason");
        QTest::addColumn<bool>("isProof");
        QTest::newRow("without a reason") << int('a') << 1 << int('b') << 2 << -1 << true;
        QTest::newRow("much later") << int('a') << 1 << int('b') << 9 << -1 << true;
        QTest::newRow("an older reason") << int('a') << 2 << int('b') << 4 << 1 << true;
        QTest::newRow("a reason of that round") << int('a') << 2 << int('b') << 4 << 2 << true;
        QTest::newRow("a later reason") << int('a') << 2 << int('b') << 4 << 3 << false;
        QTest::newRow("its own value") << int('a') << 1 << int('a') << 2 << -1 << false;
        QTest::newRow("nil") << int('a') << 1 << 0 << 2 << -1 << false;
        QTest::newRow("committed nil") << 0 << 1 << int('b') << 2 << -1 << false;
        QTest::newRow("voted before") << int('a') << 2 << int('b') << 1 << -1 << false;
        QTest::newRow("one round") << int('a') << 2 << int('b') << 2 << -1 << false;
    }

    void amnesia()
    {
        QFETCH(const int, commit);
        QFETCH(const int, commitRound);
        QFETCH(const int, vote);
        QFETCH(const int, voteRound);
        QFETCH(const int, reason);
        QFETCH(const bool, isProof);
        const Table table(4);
        const Vote a = table.vote(Phase::Precommit, static_cast<std::uint32_t>(commitRound),
                                  SeatIndex(3), hashOf(commit));
        const Vote b = table.vote(
            Phase::Prevote, static_cast<std::uint32_t>(voteRound), SeatIndex(3), hashOf(vote),
            reason < 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(reason)));
        expectProof(table, a, b, isProof ? std::optional(Code::EV_AMNESIA) : std::nullopt);
    }

    void neverHoldsAfterAFlippedBit()
    {
        const Table table(4);
        const auto vote = [&](Phase phase, std::uint32_t round, char letter) {
            return table.vote(phase, round, SeatIndex(0), valueOf(letter));
        };
        const std::vector<VoteEvidence> all{
            *contradiction(vote(Phase::Prevote, 2, 'a'), vote(Phase::Prevote, 2, 'b')),
            *contradiction(vote(Phase::Precommit, 1, 'a'), vote(Phase::Prevote, 2, 'b'))};
        for (const VoteEvidence &evidence : all) {
            const Bytes bytes = evidence.encode();
            for (std::size_t size = 0; size < bytes.size(); ++size)
                QVERIFY(!VoteEvidence::decode(ByteView(bytes).first(size)).has_value());
            for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
                Bytes altered = bytes;
                altered[i / 8] ^= std::byte(1U << (i % 8));
                const auto decoded = VoteEvidence::decode(altered);
                if (!decoded)
                    continue;
                QCOMPARE(decoded->encode(), altered);
                QVERIFY(check(*decoded, table.configuration, table.scheme).result != Result::Holds);
            }
        }
    }

    void isOneProofHoweverItIsFound()
    {
        const Table table(4);
        const Vote a = table.vote(Phase::Prevote, 2, SeatIndex(0), valueOf('a'));
        const Vote b = table.vote(Phase::Prevote, 2, SeatIndex(0), valueOf('b'));
        QCOMPARE(contradiction(a, b)->id(), contradiction(b, a)->id());
        VoteEvidence turned = *contradiction(a, b);
        std::swap(turned.first, turned.second);
        QCOMPARE(VoteEvidence::decode(turned.encode()).error(), Code::E_CANON);
        Bytes renamed = contradiction(a, b)->encode();
        renamed[0] = std::byte{5};
        QCOMPARE(VoteEvidence::decode(renamed).error(), Code::E_CANON);
        VoteEvidence mislabelled = *contradiction(a, b);
        mislabelled.code = Code::EV_AMNESIA;
        QCOMPARE(check(mislabelled, table.configuration, table.scheme).result, Result::DoesNotHold);
        identity::Configuration next = table.configuration;
        next.epoch = next.epoch.next();
        QCOMPARE(check(*contradiction(a, b), next, table.scheme).result, Result::DoesNotHold);
    }

    void twoCertificatesGiveAwayWhoMadeThem()
    {
        // n = 4 tolerates one; seats 0 and 1 commit a in round 1 and help b through in round 3.
        const Table table(4);
        std::vector<Vote> votes;
        for (const std::uint16_t seat : std::array<std::uint16_t, 3>{0, 1, 2})
            votes.push_back(table.vote(Phase::Precommit, 1, SeatIndex(seat), valueOf('a')));
        for (const std::uint16_t seat : std::array<std::uint16_t, 3>{0, 1, 3})
            votes.push_back(table.vote(Phase::Prevote, 3, SeatIndex(seat), valueOf('b')));
        for (const std::uint16_t seat : std::array<std::uint16_t, 3>{0, 1, 3})
            votes.push_back(table.vote(Phase::Precommit, 3, SeatIndex(seat), valueOf('b')));
        const std::vector<VoteEvidence> proofs = contradictionsAmong(votes);
        QCOMPARE(proofs.size(), std::size_t(2));
        for (std::size_t i = 0; i < proofs.size(); ++i) {
            QCOMPARE(proofs[i].code, Code::EV_AMNESIA);
            const auto checked = check(proofs[i], table.configuration, table.scheme);
            QCOMPARE(checked.result, Result::Holds);
            QCOMPARE(checked.accused, DeviceIndex(static_cast<std::uint16_t>(i)));
        }
    }

private:
    static void expectProof(const Table &table, const Vote &a, const Vote &b,
                            std::optional<Code> code)
    {
        const auto found = contradiction(a, b);
        QVERIFY(found == contradiction(b, a));
        QCOMPARE(found.has_value(), code.has_value());
        if (!found)
            return;
        QCOMPARE(found->code, *code);
        QVERIFY(VoteEvidence::decode(found->encode()) == *found);
        const auto checked = check(*found, table.configuration, table.scheme);
        QCOMPARE(checked.result, Result::Holds);
        QCOMPARE(checked.accused, DeviceIndex(a.seat.value));
        QVERIFY(!checked.sentence.empty());
        VoteEvidence forged = *found;
        forged.second.signature.value[0] ^= std::byte{1};
        QCOMPARE(check(forged, table.configuration, table.scheme).result, Result::DoesNotHold);
    }
};

QTEST_APPLESS_MAIN(VoteEvidenceTest)
#include "vote_evidence_test.moc"
