#include "core/consensus/configuration_codec.h"
#include "tests/core/consensus/assembly.h"
#include "tests/support/random_worlds.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::consensus;
using identity::Role;
using identity::Standing;
using nlbd::test::Assembly;
using nlbd::test::FakeGround;
using nlbd::test::headAt;

namespace {

using Record = std::variant<Proposal, Approval, Close>;

/// One computer's books, over all epochs.
struct Computer {
    explicit Computer(const Assembly &assembly)
        : proposals(assembly.configuration, assembly.scheme)
        , closes(assembly.configuration, assembly.scheme)
    {
    }
    /// No honest record is ever refused.
    void take(const Record &record)
    {
        const bool isTaken = std::visit([this](const auto &each) { return add(each); }, record);
        if (!isTaken)
            qFatal("an honest record is refused");
    }
    bool add(const Proposal &proposal)
    {
        return proposals.add(proposal, ProposalBook::Reason::Offered).has_value();
    }
    bool add(const Approval &approval) { return proposals.add(approval).has_value(); }
    bool add(const Close &close)
    {
        return closes.add(close, CloseBook::Reason::Offered).has_value();
    }
    [[nodiscard]] std::vector<Hash> eligible() const
    {
        std::vector<Hash> result;
        for (const Proposal *proposal : proposals.eligible())
            result.push_back(proposal->hash());
        return result;
    }

    ProposalBook proposals;
    CloseBook closes;
};

/// A group through many epochs: everything that members ask for, in any mixture, with forks.
class World {
public:
    explicit World(std::uint64_t seed)
        : m_random(seed)
        , m_assembly(2 + m_random.below(6), seed)
        , m_start(m_assembly.configuration)
        , m_log(m_start, m_assembly.scheme, m_assembly.certificateCheck())
        , m_ann(m_assembly)
        , m_ben(m_assembly)
    {
    }

    void epoch()
    {
        std::vector<Record> records;
        askAndAnswer(records);
        report(records);
        deliver(m_ann, records);
        deliver(m_ben, records);
        QCOMPARE(m_ann.eligible(), m_ben.eligible());
        newcomerKnowsTheSame();
        decideTogether();
        if (QTest::currentTestFailed())
            return;
        m_ann.proposals.enter(now());
        m_ann.closes.enter(now());
        m_ben.proposals.enter(now());
        m_ben.closes.enter(now());
        checkInvariants();
    }

    /// Somebody who comes at the end computes the same from the decisions' bytes.
    void replay() const
    {
        DecisionLog fresh(m_start, m_assembly.scheme, m_assembly.certificateCheck());
        std::optional<identity::Configuration> atCheckpoint;
        std::optional<Value> madeBy;
        for (Epoch epoch; epoch < now().epoch; epoch = epoch.next()) {
            const auto decision = Decision::decode(*m_log.decision(epoch));
            QVERIFY(decision && fresh.append(*decision).has_value());
            if (decision->value.stateRoot) {
                atCheckpoint = fresh.now();
                madeBy = decision->value;
            }
        }
        QVERIFY(fresh.now() == now());
        if (!atCheckpoint)
            return;
        const auto start =
            decodeConfiguration(encodeConfiguration(*atCheckpoint), atCheckpoint->decision);
        QVERIFY(start && *start == *atCheckpoint);
        std::vector<Decision> tail;
        for (Epoch epoch = start->epoch; epoch < now().epoch; epoch = epoch.next())
            tail.push_back(*Decision::decode(*m_log.decision(epoch)));
        const auto log = DecisionLog::anchored({*start, madeBy}, tail, now().decision,
                                               m_assembly.scheme, m_assembly.certificateCheck());
        QVERIFY(log && log->now() == now());
    }

    static constexpr std::size_t kNobody = SIZE_MAX;

    std::size_t decided = 0; ///< proposals with an effect
    std::size_t forked = 0;  ///< pens that ended by a fork in a closing frontier
    std::size_t rekeyed = 0;

private:
    [[nodiscard]] const identity::Configuration &now() const { return m_assembly.configuration; }
    [[nodiscard]] std::size_t below(std::size_t bound) { return m_random.below(bound); }
    [[nodiscard]] bool chance(std::size_t percent) { return below(100) < percent; }

    [[nodiscard]] std::uint16_t anyMember()
    {
        return static_cast<std::uint16_t>(below(now().members.size()));
    }
    [[nodiscard]] std::uint16_t anyDevice()
    {
        return static_cast<std::uint16_t>(below(now().devices.size()));
    }

    [[nodiscard]] Proposal anyWish()
    {
        const std::uint16_t author = anyMember();
        const MemberIndex target(anyMember());
        const Role role = chance(20) ? Role::Reader : Role::Writer;
        switch (below(16)) {
        case 0:
        case 1:
        case 2:
            return m_assembly.ask(author,
                                  m_assembly.newcomer("Guest " + std::to_string(++m_guests), role));
        case 3:
        case 4:
            return m_assembly.ask(author, m_assembly.companion(target));
        case 5:
            return m_assembly.ask(author, ChangeRole{target, role});
        case 6:
            return m_assembly.ask(author, SetPolicy{{.text = std::to_string(++m_guests)}});
        case 7:
            return m_assembly.askByIdentity(author, m_assembly.newSeat(MemberIndex(author)));
        case 8:
            return m_assembly.ask(author, MakeDormant{target});
        case 9:
        case 10:
            return m_assembly.ask(author, Wake{});
        case 11:
            return m_assembly.askByIdentity(author, Leave{});
        case 12:
            return m_assembly.ask(author, RemoveMember{target});
        case 13:
            return m_assembly.ask(author, RemoveDevice{DeviceIndex(anyDevice())});
        case 14:
            return m_assembly.ask(author, m_assembly.fenceOf(anyDevice()));
        default:
            return chance(50) ? m_assembly.ask(author, TakeCheckpoint{})
                              : m_assembly.ask(author, Rekey{});
        }
    }

    /// What an honest computer lets its person ask for.
    [[nodiscard]] bool maySend(const Proposal &proposal) const
    {
        if (isMoot(proposal, now()) || isOut(proposal))
            return false;
        const auto isLike = [&](const Proposal *open) { return open->author == proposal.author; };
        return std::ranges::count_if(m_ann.proposals.open(), isLike) < 2;
    }

    /// Who was removed asks nothing any more.
    [[nodiscard]] bool isOut(const Proposal &proposal) const
    {
        const identity::Device *device = proposal.device ? now().device(*proposal.device) : nullptr;
        return device != nullptr ? !device->mayRead
                                 : now().members[proposal.author.value].standing == Standing::Gone;
    }

    void askAndAnswer(std::vector<Record> &records)
    {
        std::vector<Proposal> open;
        for (const Proposal *each : m_ann.proposals.open())
            open.push_back(*each);
        std::set<MemberIndex> authors; // one each and epoch
        for (std::size_t i = 0; i < 4; ++i) {
            const Proposal proposal = anyWish();
            if (!maySend(proposal) || !authors.insert(proposal.author).second)
                continue;
            open.push_back(proposal);
            records.emplace_back(proposal);
        }
        const std::uint64_t counter = 1 + 2 * now().epoch.value;
        for (const Proposal &proposal : open)
            for (std::size_t seat = 0; seat < m_assembly.seats(); ++seat) {
                const auto life = static_cast<std::uint32_t>(below(3));
                if (chance(80))
                    records.emplace_back(
                        m_assembly.answer(seat, proposal, Answer::Yes, counter, life));
                if (chance(5))
                    records.emplace_back(
                        m_assembly.answer(seat, proposal, Answer::No, counter + 1, life));
            }
    }

    /// Honest reports, each ahead of the opening frontier by what its seat happened to hear; now
    /// and then a device wrote two branches.
    void report(std::vector<Record> &records)
    {
        const std::size_t forker = chance(10) ? anyDevice() : kNobody;
        std::size_t silent = m_assembly.seats() - m_assembly.quorum();
        for (std::size_t seat = 0; seat < m_assembly.seats(); ++seat) {
            if (silent > 0 && chance(30)) {
                --silent;
                continue;
            }
            records.emplace_back(m_assembly.close(seat, heardBy(forker), below(9)));
        }
    }

    [[nodiscard]] trust::Frontier heardBy(std::size_t forker)
    {
        const trust::Frontier opening = openingFrontier(now());
        trust::Frontier heard;
        for (std::uint16_t device = 0; device < now().devices.size(); ++device) {
            if (!now().devices[device].mayWrite)
                continue;
            const auto known =
                std::ranges::find(opening, DeviceIndex(device), &trust::FrontierEntry::device);
            std::uint64_t seq = known == opening.end() ? 0 : known->seq.value;
            std::uint8_t branch = 0;
            if (forker == device && chance(50)) {
                branch = static_cast<std::uint8_t>(1 + seq / 10);
                seq = std::uint64_t(10) * branch + 1;
            }
            seq += below(4);
            if (seq == 0)
                continue;
            const identity::ChainHead head = headAt(device, seq, branch);
            heard.push_back({head.device, head.seq, head.head});
        }
        return heard;
    }

    /// In an order of its own, some twice.
    void deliver(Computer &computer, std::vector<Record> records)
    {
        for (std::size_t i = records.size(); i > 1; --i)
            std::swap(records[i - 1], records[below(i)]);
        for (const Record &record : records) {
            computer.take(record);
            if (chance(10))
                computer.take(records[below(records.size())]);
        }
    }

    /// What gossip would bring to an empty computer makes it know the same.
    void newcomerKnowsTheSame()
    {
        Computer fresh(m_assembly);
        for (const Proposal *proposal : m_ann.proposals.open()) {
            for (const auto &[approval, hash] : m_ann.proposals.answers(proposal->hash()))
                fresh.take(approval);
            fresh.take(*proposal);
        }
        QCOMPARE(fresh.eligible(), m_ann.eligible());
    }

    [[nodiscard]] EpochView viewOf(const Computer &computer, const FakeGround &ground,
                                   std::size_t seat) const
    {
        return {now(), computer.proposals, computer.closes, ground, now().seats[seat]};
    }

    void decideTogether()
    {
        FakeGround ground(m_assembly, now().seats[0]);
        BuiltValue built = buildValue(viewOf(m_ann, ground, 0), NewKeys::Await);
        std::size_t judgeFrom = 0;
        if (built.lack == BuiltValue::Lack::KeyOffer) {
            judgeFrom = firstWhoStays(built.change);
            const OfferedKey offer = test::offerOf(m_assembly, judgeFrom, built.change.next);
            ground.held.emplace(offer.hash(), offer);
            FakeGround stays(m_assembly, now().seats[judgeFrom]);
            stays.held = ground.held;
            built = buildValue(viewOf(m_ann, stays, judgeFrom), NewKeys::Await);
        }
        QVERIFY(built.value.has_value());
        for (std::size_t seat = 0; seat < m_assembly.seats(); ++seat) {
            FakeGround own(m_assembly, now().seats[seat]);
            own.held = ground.held;
            const Judgement judgement =
                judge(*built.value, viewOf(m_ben, own, seat), ProposalBook::Answers::Standing);
            QVERIFY2(judgement.verdict == Judgement::Verdict::Valid, judgement.why.data());
            QCOMPARE(*buildValue(viewOf(m_ben, own, seat), NewKeys::Await).value, *built.value);
        }
        append(built, ground, judgeFrom);
    }

    [[nodiscard]] std::size_t firstWhoStays(const EpochChange &change) const
    {
        for (std::size_t seat = 0; seat < m_assembly.seats(); ++seat)
            if (std::ranges::find(change.departing, SeatIndex(static_cast<std::uint16_t>(seat)))
                == change.departing.end())
                return seat;
        qFatal("all leave at once");
    }

    void append(const BuiltValue &built, const FakeGround &ground, std::size_t stays)
    {
        const Value &value = *built.value;
        Decision decision;
        decision.value = value;
        for (const Hash &hash : value.proposals)
            decision.proposals.push_back(*m_ben.proposals.find(hash));
        decision.closing = built.closing;
        if (value.keyOffer) {
            decision.offer = ground.held.at(*value.keyOffer);
            const DeviceIndex device = now().seats[stays];
            auto key = openOfferedKey(
                *decision.offer, now(), built.change.next,
                {m_assembly.keyOf(now().device(device)->key), m_assembly.careSecrets},
                m_assembly.key);
            QVERIFY(key.has_value());
            m_assembly.key = std::move(*key);
            ++rekeyed;
        }
        decision.certificate = m_assembly.certificate(value.hash(), m_assembly.quorum());
        const auto again = Decision::decode(decision.encode());
        QVERIFY(again.has_value());
        m_before = now();
        QVERIFY(m_log.append(*again).has_value());
        m_assembly.configuration = m_log.now();
        decided += value.proposals.size() - built.change.moot.size();
        for (std::size_t i = 1; i < built.closing.size(); ++i)
            forked += built.closing[i - 1].device == built.closing[i].device ? 1 : 0;
    }

    void checkInvariants() const
    {
        QCOMPARE(now().epoch, m_before.epoch.next());
        QVERIFY(!now().seats.empty());
        QCOMPARE(now().seats, seatsOf(now()));
        for (std::size_t i = 0; i < m_before.members.size(); ++i)
            QVERIFY(now().members[i].identity == m_before.members[i].identity);
        for (std::size_t i = 0; i < now().devices.size(); ++i)
            checkDevice(i);
        for (const identity::ChainHead &head : now().closing)
            QVERIFY(m_before.devices[head.device.value].mayWrite);
        QVERIFY(now().keyCommit == m_assembly.key.commitment());
        const auto restored = decodeConfiguration(encodeConfiguration(now()), now().decision);
        QVERIFY(restored && *restored == now());
        for (const identity::SpentProposal &spent : now().spent)
            QVERIFY(m_ann.proposals.find(spent.proposal) == nullptr);
    }

    void checkDevice(std::size_t i) const
    {
        const identity::Device &device = now().devices[i];
        const identity::Member &member = now().members[device.member.value];
        QVERIFY(!device.mayWrite || (device.mayRead && !device.penEnd));
        if (member.standing == Standing::Gone)
            QVERIFY(!device.mayRead && !device.hasSeat);
        if (i >= m_before.devices.size())
            return;
        const identity::Device &before = m_before.devices[i];
        QVERIFY(device.key == before.key && device.member == before.member
                && device.admittedBy == before.admittedBy);
        QVERIFY(!before.penEnd || device.penEnd == before.penEnd);
        QVERIFY(before.mayRead || !device.mayRead);
        const bool hasLost = before.mayWrite && !device.mayWrite;
        QCOMPARE(hasLost, device.penEnd.has_value() && !before.penEnd.has_value());
        if (hasLost) {
            QCOMPARE(device.penEnd->epoch, m_before.epoch);
            QCOMPARE(device.penEnd->heads,
                     headsOf(now().closing, DeviceIndex(static_cast<std::uint16_t>(i))));
        }
    }

    SeededRandom m_random;
    Assembly m_assembly;
    identity::Configuration m_start;
    identity::Configuration m_before;
    DecisionLog m_log;
    Computer m_ann;
    Computer m_ben;
    std::size_t m_guests = 0;
};

} // namespace

class DecisionWorldsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sameRecordsDecideTheSame();
};

void DecisionWorldsTest::sameRecordsDecideTheSame()
{
    std::size_t decided = 0;
    std::size_t forked = 0;
    std::size_t rekeyed = 0;
    test::runWorlds(1, 14, 30, [&](std::uint64_t seed) {
        if (QTest::currentTestFailed())
            return;
        World world(seed);
        for (int i = 0; i < 14 && !QTest::currentTestFailed(); ++i)
            world.epoch();
        if (!QTest::currentTestFailed())
            world.replay();
        if (QTest::currentTestFailed())
            qWarning("seed %llu", static_cast<unsigned long long>(seed));
        decided += world.decided;
        forked += world.forked;
        rekeyed += world.rekeyed;
    });
    qInfo("%zu proposals decided, %zu forks closed, %zu new keys", decided, forked, rekeyed);
    QVERIFY(decided > 500 && forked > 3 && rekeyed > 50);
}

QTEST_APPLESS_MAIN(DecisionWorldsTest)
#include "decision_worlds_test.moc"
