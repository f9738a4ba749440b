// Acknowledgements where each reaches many: to one of each cluster, who gathers them for the
// others.
#include "core/trust/ack.h"
#include "tests/support/acks_of.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using gossip::Kind;
using nlbd::testing::acksOf;
using nlbd::testing::SmallGroup;

namespace {

constexpr std::size_t kMany = 40;
constexpr std::size_t kClusters = 6; // of 40

void create(SmallGroup &group, std::size_t by, const std::string &title)
{
    group.submit(by, api::CreateDocument{7, title, "Once"});
}

ChangeHandle newest(SmallGroup &group, std::size_t i)
{
    return ChangeHandle(static_cast<std::uint32_t>(group.at(i).graph().size()));
}

bool areAllAgreed(SmallGroup &group, std::size_t from = 0)
{
    for (std::size_t i = from; i < group.size(); ++i)
        if (!group.at(i).isRatified(newest(group, i)))
            return false;
    return true;
}

struct Way {
    std::size_t from = 0;
    std::size_t to = 0;
    friend auto operator<=>(const Way &, const Way &) = default;
};

/// What comes of each ack, and in how many frames.
struct Counted {
    explicit Counted(SmallGroup &group)
    {
        group.setFilter([this](std::size_t from, std::size_t to, std::uint8_t kind,
                               const Bytes &body) { return passes(from, to, kind, body); });
    }
    bool passes(std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body)
    {
        const auto acks = acksOf(kind, body);
        if (acks.empty())
            return true;
        if (isMute && isMute(from) && kind == static_cast<std::uint8_t>(Kind::Acks))
            return false;
        ++frames;
        for (const gossip::AckMessage &message : acks) {
            const trust::Ack ack = *trust::Ack::decode(message.ack);
            if (ack.seat.value == from && kind == static_cast<std::uint8_t>(Kind::Ack))
                ++own[{ack.seat.value, ack.no}];
            ++came[to][{ack.seat.value, ack.no}];
        }
        return true;
    }
    using Word = std::pair<std::size_t, std::uint64_t>; ///< seat, number
    std::size_t frames = 0;
    std::map<Word, std::size_t> own; ///< how often its seat said it
    std::map<std::size_t, std::map<Word, std::size_t>> came;
    std::function<bool(std::size_t from)> isMute;
};

} // namespace

class AcksOfManyTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theyGoToFewWhoGatherThem();
    void carriersWhoKeepThemAreNoHarm();
    void amongSeveralOneForgedCuts();
    void whoMovedOnKnowsWhatItSaid();
};

void AcksOfManyTest::theyGoToFewWhoGatherThem()
{
    SmallGroup group(kMany);
    create(group, 0, "Of all");
    group.run(10s);
    Counted counted(group);
    create(group, 0, "Charter");
    group.run(2500ms); // a turn, and the gathering: comparing alone takes longer
    QVERIFY(areAllAgreed(group));
    std::size_t words = 0;
    std::size_t copies = 0;
    for (const auto &[to, came] : counted.came)
        for (const auto &[word, times] : came) {
            ++words;
            copies += times;
        }
    QCOMPARE(counted.own.size(), kMany); // each once: nobody went on typing
    for (const auto &[word, times] : counted.own)
        QCOMPARE(times, kClusters);
    QCOMPARE(words, kMany * (kMany - 1)); // everybody has everybody's
    QVERIFY2(copies * 10 <= words * 12,
             std::to_string(copies).append(" of ").append(std::to_string(words)).c_str());
    QVERIFY2(counted.frames * 2 < words, std::to_string(counted.frames).c_str());
}

/// A third of all passes nothing on: comparing finds what is missing.
void AcksOfManyTest::carriersWhoKeepThemAreNoHarm()
{
    SmallGroup group(kMany);
    create(group, 0, "Of all");
    group.run(10s);
    Counted counted(group);
    counted.isMute = [](std::size_t from) { return from % 3 == 1; };
    create(group, 0, "Charter");
    group.run(20s);
    QVERIFY(areAllAgreed(group));
    for (const auto &[to, came] : counted.came)
        QCOMPARE(came.size(), kMany - 1);
}

void AcksOfManyTest::amongSeveralOneForgedCuts()
{
    SmallGroup group(4);
    create(group, 0, "Of all");
    group.run(5s);
    gossip::Acks taken;
    group.setFilter([&](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body) {
        const auto acks = acksOf(kind, body);
        if (acks.empty() || to != 3)
            return true;
        for (const gossip::AckMessage &ack : acks)
            if (trust::Ack::decode(ack.ack)->seat.value == from && taken.acks.size() < 3)
                taken.acks.push_back(ack);
        return false;
    });
    create(group, 0, "Charter");
    group.run(1s);
    QVERIFY(taken.acks.size() == 3);
    QVERIFY(!group.at(3).isRatified(newest(group, 3)));
    taken.acks[2].ack.back() ^= std::byte{1};
    const PeerId bringer = group.sessionWith(3, 1);
    group.step(3,
               engine::FrameIn{bringer, static_cast<std::uint8_t>(Kind::Acks),
                               gossip::encode(gossip::Message(taken))});
    QCOMPARE(group.cuts(3), std::vector<Code>{Code::E_SIG});
    // What stood before it is signed, and counts: with its own that is a quorum of four.
    group.run(1s);
    QVERIFY(group.at(3).isRatified(newest(group, 3)));
}

/// Who says of another "it holds what I hold" goes by what that one said last; he may have typed
/// since.
void AcksOfManyTest::whoMovedOnKnowsWhatItSaid()
{
    SmallGroup group(4);
    create(group, 0, "Of all");
    group.run(5s);
    gossip::AckMessage late;
    std::size_t asked = 0;
    group.setFilter([&](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body) {
        asked += from == 3 && kind == static_cast<std::uint8_t>(Kind::PullAcks) ? 1 : 0;
        bool isLate = false;
        for (const gossip::AckMessage &ack : acksOf(kind, body))
            if (to == 3 && trust::Ack::decode(ack.ack)->seat == SeatIndex(1)) {
                late = ack;
                isLate = true;
            }
        return !isLate;
    });
    create(group, 0, "Charter");
    group.run(3s); // 3 signs for it, as 1 did
    QVERIFY(!late.ack.empty());
    create(group, 3, "Of my own");
    asked = 0;
    late.form = gossip::AckMessage::Form::Bare;
    late.baseNo = 0;
    late.entries.clear();
    group.step(3,
               engine::FrameIn{group.sessionWith(3, 1), static_cast<std::uint8_t>(Kind::Ack),
                               gossip::encode(gossip::Message(late))});
    QCOMPARE(asked, 0U);
}

QTEST_APPLESS_MAIN(AcksOfManyTest)
#include "acks_of_many_test.moc"
