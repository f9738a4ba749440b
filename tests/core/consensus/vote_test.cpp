#include "tests/core/consensus/table.h"

#include <QTest>

#include <set>

using namespace nlbd;
using namespace nlbd::consensus;
using test::Table;
using test::valueOf;

namespace {

std::vector<Vote> allKinds(const Table &table)
{
    return {
        table.vote(Phase::Propose, 0, SeatIndex(0), valueOf('a')),
        table.vote(Phase::Propose, 7, SeatIndex(1), valueOf('a'), 6),
        table.vote(Phase::Prevote, 0, SeatIndex(2), valueOf('a')),
        table.vote(Phase::Prevote, 3, SeatIndex(2), valueOf('a'), 0),
        table.vote(Phase::Prevote, 3, SeatIndex(3), std::nullopt),
        table.vote(Phase::Precommit, 1, SeatIndex(3), valueOf('b')),
        table.vote(Phase::Precommit, 1, SeatIndex(3), std::nullopt),
    };
}

Certificate certificateOf(const Table &table, std::initializer_list<std::uint16_t> seats)
{
    Certificate result{table.configuration.epoch, Round(2), valueOf('a'), {}};
    for (const std::uint16_t seat : seats)
        result.lines.push_back(
            {SeatIndex(seat),
             table.vote(Phase::Precommit, 2, SeatIndex(seat), valueOf('a')).signature});
    return result;
}

Polka polkaOf(const Table &table, std::initializer_list<std::uint16_t> seats)
{
    Polka result{table.configuration.epoch, Round(2), valueOf('a'), {}};
    for (const std::uint16_t seat : seats) {
        const Vote vote = table.vote(Phase::Prevote, 2, SeatIndex(seat), valueOf('a'),
                                     seat == 1 ? std::optional(0U) : std::nullopt);
        result.lines.push_back({vote.seat, vote.polka, vote.signature});
    }
    return result;
}

/// Whatever decodes is spelled in one way, and nothing that was cut or extended decodes.
template <typename Record>
void expectCanonical(const Bytes &bytes)
{
    QVERIFY(Record::decode(bytes).has_value());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        QVERIFY(!Record::decode(ByteView(bytes).first(size)).has_value());
    Bytes longer = bytes;
    longer.push_back(std::byte{0});
    QCOMPARE(Record::decode(longer).error(), Code::E_CANON);
    for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
        Bytes altered = bytes;
        altered[i / 8] ^= std::byte(1U << (i % 8));
        if (const auto decoded = Record::decode(altered))
            QCOMPARE(decoded->encode(), altered);
    }
}

} // namespace

class VoteTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void votesRestoreFromTheirBytes()
    {
        const Table table(4);
        for (const Vote &vote : allKinds(table)) {
            const Bytes bytes = vote.encode();
            QVERIFY(bytes.size() <= kVoteBytesMax);
            QVERIFY(Vote::decode(bytes) == vote);
            expectCanonical<Vote>(bytes);
        }
    }

    void unsoundVotesAreRefused()
    {
        const Table table(4);
        Bytes noValue = table.vote(Phase::Prevote, 3, SeatIndex(0), std::nullopt).encode();
        noValue[0] = std::byte{1}; // a proposal of nothing
        QCOMPARE(Vote::decode(noValue).error(), Code::E_CANON);
        noValue[0] = std::byte{2};
        noValue[12] = std::byte{1}; // a reason for nothing
        QCOMPARE(Vote::decode(noValue).error(), Code::E_CANON);

        Bytes late = table.vote(Phase::Prevote, 3, SeatIndex(0), valueOf('a'), 2).encode();
        QVERIFY(Vote::decode(late).has_value());
        late[44] = std::byte{4}; // a polka of its own round
        QCOMPARE(Vote::decode(late).error(), Code::E_CANON);

        Bytes far = table.vote(Phase::Precommit, 0, SeatIndex(0), valueOf('a')).encode();
        far[8] = std::byte{1}; // round 2^24
        QCOMPARE(Vote::decode(far).error(), Code::E_BOUNDS);
        Bytes zero = table.vote(Phase::Precommit, 0, SeatIndex(0), valueOf('\0')).encode();
        QCOMPARE(Vote::decode(zero).error(), Code::E_CANON);
        for (const int phase : {0, 4, 255}) {
            zero[0] = static_cast<std::byte>(phase);
            QVERIFY(!Vote::decode(zero).has_value());
        }
    }

    void signaturesServeOneVoteOnly()
    {
        const Table table(4);
        const std::vector<Vote> votes = allKinds(table);
        std::set<Hash> hashes;
        for (const Vote &vote : votes) {
            QVERIFY(isSigned(table.scheme, table.configuration, vote));
            hashes.insert(vote.hash());
            for (const Vote &other : votes) {
                Vote stolen = other;
                stolen.signature = vote.signature;
                QCOMPARE(isSigned(table.scheme, table.configuration, stolen), saySame(vote, other));
            }
            Vote moved = vote;
            moved.epoch = moved.epoch.next();
            QVERIFY(!isSigned(table.scheme, table.configuration, moved));
            moved = vote;
            moved.seat = SeatIndex(4); // nobody's
            QVERIFY(!isSigned(table.scheme, table.configuration, moved));
            const Table elsewhere(4, 2);
            QVERIFY(!isSigned(table.scheme, elsewhere.configuration, vote));
        }
        QCOMPARE(hashes.size(), votes.size());
    }

    void certificatesNeedAQuorum()
    {
        const Table table(4);
        const auto verdict = [&](const Certificate &c) {
            const auto result = c.verify(table.scheme, table.configuration);
            return result ? std::optional<Code>() : result.error();
        };
        const Certificate good = certificateOf(table, {0, 1, 3});
        QCOMPARE(verdict(good), std::nullopt);
        QCOMPARE(verdict(certificateOf(table, {0, 1, 2, 3})), std::nullopt);
        QCOMPARE(verdict(certificateOf(table, {0, 1})), Code::E_STRUCT);
        QCOMPARE(verdict(certificateOf(table, {})), Code::E_STRUCT);
        QCOMPARE(verdict(certificateOf(table, {0, 1, 1})), Code::E_STRUCT);
        QCOMPARE(verdict(certificateOf(table, {1, 0, 3})), Code::E_STRUCT);
        Certificate bad = good;
        bad.lines[2].seat = SeatIndex(9);
        QCOMPARE(verdict(bad), Code::E_STRUCT);
        bad = good;
        bad.epoch = bad.epoch.next();
        QCOMPARE(verdict(bad), Code::E_STRUCT);
        bad = good;
        bad.round = Round(1);
        QCOMPARE(verdict(bad), Code::E_SIG);
        bad = good;
        bad.value = valueOf('b');
        QCOMPARE(verdict(bad), Code::E_SIG);
        bad = good;
        std::swap(bad.lines[0].signature, bad.lines[1].signature);
        QCOMPARE(verdict(bad), Code::E_SIG);
    }

    void polkasNeedAQuorum()
    {
        const Table table(4);
        Polka polka = polkaOf(table, {0, 1, 3});
        QVERIFY(polka.verify(table.scheme, table.configuration).has_value());
        for (const Vote &vote : polka.votes())
            QVERIFY(isSigned(table.scheme, table.configuration, vote));
        QCOMPARE(polkaOf(table, {0, 3}).verify(table.scheme, table.configuration).error(),
                 Code::E_STRUCT);
        polka.lines[1].polka.reset(); // it signed for a reason
        QCOMPARE(polka.verify(table.scheme, table.configuration).error(), Code::E_SIG);
    }

    void certificatesAndPolkasRestoreFromTheirBytes()
    {
        const Table table(4);
        const Certificate certificate = certificateOf(table, {0, 2, 3});
        QCOMPARE(certificate.encode().size(), std::size_t(4 + 4 + 32 + 1 + 3 * 66));
        QVERIFY(Certificate::decode(certificate.encode()) == certificate);
        expectCanonical<Certificate>(certificate.encode());
        QVERIFY(!Certificate::decode(certificateOf(table, {2, 1}).encode()).has_value());
        QVERIFY(!Certificate::decode(certificateOf(table, {1, 1}).encode()).has_value());

        const Polka polka = polkaOf(table, {0, 1, 3});
        QVERIFY(Polka::decode(polka.encode()) == polka);
        expectCanonical<Polka>(polka.encode());
        Bytes many = polka.encode();
        many[40] = std::byte{0xFF}; // 16,383 lines, which are not there
        many[41] = std::byte{0x7F};
        QCOMPARE(Polka::decode(many).error(), Code::E_BOUNDS);
    }

    void seatStatesRestoreFromTheirBytes()
    {
        const Table table(4);
        const auto polka = std::make_shared<const Polka>(polkaOf(table, {0, 1, 3}));
        for (const SeatState &state :
             {SeatState{}, SeatState{Round(5), Step::Prevote, nullptr, polka},
              SeatState{Round(9), Step::Decided, polka, polka}}) {
            const auto decoded = SeatState::decode(state.encode());
            QVERIFY(decoded.has_value());
            QCOMPARE(decoded->encode(), state.encode());
            QCOMPARE(decoded->round, state.round);
            QCOMPARE(decoded->step, state.step);
            QCOMPARE(decoded->valid != nullptr, state.valid != nullptr);
            expectCanonical<SeatState>(state.encode());
        }
    }

    void everySeatIsFirstInItsRound()
    {
        for (const std::size_t n : {1U, 4U, 7U, 128U}) {
            const Table table(n);
            const SeatOrder order(table.configuration);
            QCOMPARE(order.quorum(), n - order.faults());
            std::set<SeatIndex> first;
            std::set<SeatIndex> all;
            for (std::size_t i = 0; i < n; ++i) {
                first.insert(order.at(Round(static_cast<std::uint32_t>(i)), 0));
                all.insert(order.at(Round(5), i));
                QCOMPARE(order.at(Round(static_cast<std::uint32_t>(i)), 0), order.at(Round(0), i));
            }
            QCOMPARE(first.size(), n);
            QCOMPARE(all.size(), n);
        }
        // The order is drawn anew by each decision.
        Table table(7);
        const SeatOrder before(table.configuration);
        table.configuration.decision.value[0] ^= std::byte{1};
        const SeatOrder after(table.configuration);
        bool differs = false;
        for (std::size_t i = 0; i < 7; ++i)
            differs = differs || before.at(Round(0), i) != after.at(Round(0), i);
        QVERIFY(differs);
    }
};

QTEST_APPLESS_MAIN(VoteTest)
#include "vote_test.moc"
