#include "core/consensus/decision_file.h"

#include "tests/core/engine/hostile_seat.h"

#include <QTest>

#include <filesystem>
#include <fstream>

using namespace nlbd;
using namespace nlbd::consensus;
using namespace nlbd::testing;

namespace {

const identity::Ed25519 kScheme;

std::string faultOf(ByteView file)
{
    const auto read = checkDecisionFile(file, kScheme);
    return read ? "none" : read.error().sentence;
}

bool has(const std::string &sentence, const char *words)
{
    return sentence.find(words) != std::string::npos;
}

/// The parts of a file, to put them together otherwise.
struct Parts {
    explicit Parts(ByteView file)
    {
        Reader in(file);
        static_cast<void>(in.raw(15));
        genesis = *identity::SignedGenesis::decode(in.blob(1 << 20));
        for (std::uint64_t left = in.varint(); left > 0; --left)
            decisions.push_back(copyOf(in.blob(1 << 20)));
    }
    [[nodiscard]] Bytes file() const { return encodeDecisionFile(genesis, decisions); }
    [[nodiscard]] Decision last() const { return *Decision::decode(decisions.back()); }
    void setLast(const Decision &decision) { decisions.back() = decision.encode(); }

    identity::SignedGenesis genesis;
    std::vector<Bytes> decisions;
};

/// Four members who decide without the first of them, and then a new key.
struct TwoDecisions {
    TwoDecisions()
    {
        api::Wish wish;
        wish.kind = api::Wish::Kind::RemoveMember;
        wish.member = MemberIndex(0);
        decide(1, wish, {2, 3});
        wish = {};
        wish.kind = api::Wish::Kind::NewKey;
        decide(1, wish, {2, 3});
    }

    void decide(std::size_t author, const api::Wish &wish, std::vector<std::size_t> others)
    {
        s.group.submit(author, api::Propose{++s.requests, wish});
        s.group.run(200ms);
        const Hash id = s.group.at(author).decisions().open.back().id;
        for (const std::size_t other : others)
            s.group.submit(other, api::Vote{++s.requests, id, true});
        s.group.run(20s);
    }

    [[nodiscard]] Bytes file(std::uint32_t closed)
    {
        return s.group.at(1).decisionFile(Epoch(closed)).value_or(Bytes{});
    }

    /// A certificate for the decision that closed epoch 1, by these devices in these seats.
    Bytes certificate(const Decision &decision, const identity::Configuration &then,
                      const std::vector<std::pair<std::uint16_t, std::size_t>> &lines)
    {
        Certificate certificate{decision.value.epoch, Round(0), decision.value.hash(), {}};
        for (const auto &[seat, device] : lines) {
            const Vote vote = signVote(kScheme, s.group.device(device), then,
                                       {Phase::Precommit,
                                        decision.value.epoch,
                                        Round(0),
                                        SeatIndex(seat),
                                        certificate.value,
                                        {},
                                        {}});
            certificate.lines.push_back({vote.seat, vote.signature});
        }
        return certificate.encode();
    }

    HostileSeat s;
};

} // namespace

/// A decision that a stranger checks. With NLBD_WRITE_VECTORS set the test writes the fuzz corpus.
class DecisionFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void saysWhatWasDecidedAndByWhom();
    void everyAlteredBitIsSeen();
    void everyCutIsSeen();
    void faultsAreSaid();
    void othersThanTheSeatsOfThatTimeDecideNothing();
    void lessThanAQuorumDecidesNothing();

private:
    TwoDecisions m_two;
};

void DecisionFileTest::initTestCase()
{
    QVERIFY(!m_two.s.group.at(1).decisionFile(Epoch(2)));
    if (!qEnvironmentVariableIsSet("NLBD_WRITE_VECTORS"))
        return;
    const auto corpus = std::filesystem::path(qEnvironmentVariable("NLBD_SOURCE_DIR").toStdString())
        / "tests/fuzz/corpus/decision_file";
    std::filesystem::create_directories(corpus);
    for (std::uint32_t closed = 0; closed < 2; ++closed) {
        const Bytes file = m_two.file(closed);
        const std::string name = std::to_string(closed + 1);
        std::ofstream(corpus / name, std::ios::binary) << viewOf(file);
        std::ofstream(corpus / (name + ".cut"), std::ios::binary)
            << viewOf(ByteView(file).first(file.size() * 2 / 3));
    }
}

void DecisionFileTest::saysWhatWasDecidedAndByWhom()
{
    const auto first = checkDecisionFile(m_two.file(0), kScheme);
    QVERIFY(first.has_value());
    QCOMPARE(first->before.seats.size(), std::size_t(4));
    QCOMPARE(first->after.seats.size(), std::size_t(3));
    QVERIFY(std::holds_alternative<RemoveMember>(first->decision.proposals.at(0).wish));
    QVERIFY(first->signers().size() >= 3);
    const auto second = checkDecisionFile(m_two.file(1), kScheme);
    QVERIFY(second.has_value());
    QCOMPARE(second->after, m_two.s.group.at(1).configuration());
    // With it rides what each computer says about its own key.
    QVERIFY(std::ranges::any_of(second->decision.proposals, [](const Proposal &proposal) {
        return std::holds_alternative<Rekey>(proposal.wish);
    }));
    // Seats have moved: the first of three is the second member.
    QCOMPARE(second->signers(),
             (std::vector<DeviceIndex>{DeviceIndex(1), DeviceIndex(2), DeviceIndex(3)}));
    QCOMPARE(Parts(m_two.file(1)).file(), m_two.file(1));
}

void DecisionFileTest::everyAlteredBitIsSeen()
{
    const Bytes good = m_two.file(1);
    for (std::size_t i = 0; i < good.size(); ++i) {
        Bytes altered = good;
        altered[i] ^= std::byte(1U << (i % 8));
        QVERIFY2(faultOf(altered) != "none", std::to_string(i).c_str());
    }
}

void DecisionFileTest::everyCutIsSeen()
{
    Bytes file = m_two.file(1);
    for (std::size_t size = 0; size < file.size(); ++size)
        QVERIFY(faultOf(ByteView(file).first(size)) != "none");
    file.push_back(std::byte{0});
    QVERIFY(has(faultOf(file), "behind the end"));
}

void DecisionFileTest::faultsAreSaid()
{
    QVERIFY(has(faultOf({}), "no decision file"));
    QVERIFY(has(faultOf(bytesOf("nlbd-evidence2\n")), "no decision file"));
    QVERIFY(has(faultOf(bytesOf("nlbd-decision2\nnonsense")), "a form that this version"));

    Parts forged(m_two.file(1));
    forged.genesis.signatures[0].value[3] ^= std::byte{1};
    QVERIFY(has(faultOf(forged.file()), "not signed by all its founders"));

    Parts without(m_two.file(1));
    without.decisions.erase(without.decisions.begin());
    QVERIFY(has(faultOf(without.file()), "does not follow"));
    Parts twice(m_two.file(1));
    twice.decisions.push_back(twice.decisions.back());
    QVERIFY(has(faultOf(twice.file()), "does not follow"));

    // The same decisions of a group that others founded.
    Parts others(m_two.file(1));
    const HostileSeat stranger(2);
    others.genesis = stranger.group.genesis();
    QVERIFY(has(faultOf(others.file()), "does not follow"));

    // As many decisions as no file has, announced by a few bytes.
    Writer out;
    out.raw(bytesOf("nlbd-decision1\n"));
    out.blob(others.genesis.encode());
    out.varint(kFileDecisionsMax);
    QVERIFY(has(faultOf(std::move(out).take()), "cut short"));
}

void DecisionFileTest::othersThanTheSeatsOfThatTimeDecideNothing()
{
    const auto good = checkDecisionFile(m_two.file(1), kScheme);
    QVERIFY(good.has_value());
    Parts parts(m_two.file(1));
    Decision decision = parts.last();
    const auto tell = [&](Bytes certificate) {
        decision.certificate = std::move(certificate);
        parts.setLast(decision);
        return faultOf(parts.file());
    };
    // The seats of that time are the devices 1, 2 and 3: with them it holds again.
    QCOMPARE(tell(m_two.certificate(decision, good->before, {{0, 1}, {1, 2}, {2, 3}})), "none");
    // Those of the epoch before: device 0, that was removed, in the first place.
    QVERIFY(has(tell(m_two.certificate(decision, good->before, {{0, 0}, {1, 1}, {2, 2}})),
                "not signed by a quorum"));
    // A seat that there was no more.
    identity::Configuration wider = good->before;
    wider.seats.push_back(DeviceIndex(0));
    QVERIFY(has(tell(m_two.certificate(decision, wider, {{1, 2}, {2, 3}, {3, 0}})),
                "not signed by a quorum"));
    // What a quorum signed for the epoch before.
    QVERIFY(has(tell(Decision::decode(parts.decisions.front())->certificate),
                "not signed by a quorum"));
}

void DecisionFileTest::lessThanAQuorumDecidesNothing()
{
    for (const std::uint32_t closed : {0U, 1U}) {
        Parts parts(m_two.file(closed));
        Decision decision = parts.last();
        auto certificate = *Certificate::decode(decision.certificate);
        const auto before = checkDecisionFile(m_two.file(closed), kScheme)->before;
        const std::size_t quorum = identity::quorumOf(before.seats.size());
        while (certificate.lines.size() > quorum)
            certificate.lines.pop_back();
        decision.certificate = certificate.encode();
        parts.setLast(decision);
        QCOMPARE(faultOf(parts.file()), "none");
        certificate.lines.pop_back();
        decision.certificate = certificate.encode();
        parts.setLast(decision);
        QVERIFY(has(faultOf(parts.file()), "not signed by a quorum"));
    }
}

QTEST_GUILESS_MAIN(DecisionFileTest)
#include "decision_file_test.moc"
