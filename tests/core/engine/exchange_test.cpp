#include "core/gossip/spreading.h"
#include "core/trust/ack.h"
#include "tests/support/acks_of.h"
#include "tests/support/hostile.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using gossip::Kind;
using nlbd::testing::SmallGroup;

namespace {

constexpr std::size_t kLarge = limits::kFullMeshMax + 4;

/// Counts frames by who sends them, and loses those that a test names.
struct Wires {
    explicit Wires(SmallGroup &group)
    {
        group.setFilter([this](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &) {
            const bool arrives = !isLost || !isLost(from, to, static_cast<Kind>(kind));
            ++sent[static_cast<Kind>(kind)][{from, to}];
            return arrives;
        });
    }
    [[nodiscard]] int of(Kind kind, std::size_t from)
    {
        int count = 0;
        for (const auto &[way, frames] : sent[kind])
            count += way.first == from ? frames : 0;
        return count;
    }
    std::map<Kind, std::map<std::pair<std::size_t, std::size_t>, int>> sent;
    std::function<bool(std::size_t, std::size_t, Kind)> isLost;
};

void create(SmallGroup &group, std::size_t by, const std::string &title)
{
    group.submit(by, api::CreateDocument{7, title, "Once"});
}

bool has(SmallGroup &group, std::size_t who, const std::string &title)
{
    return group.at(who).findDocument(title).has_value();
}

gossip::HeadPlace invented(std::uint16_t device, std::uint64_t seq)
{
    return {DeviceIndex(device), Seq(seq), 0x1234'5678'9ABC'DEF0U + seq};
}

} // namespace

/// How news gets around, what is asked for if it does not, and what announcements that are not
/// true can bring about.
class ExchangeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aLargeGroupGivesToFew();
    void aSmallGroupOnlySaysThatItCame();
    void theManyOfALargeGroupTakeTurnsToAcknowledge();
    void acksGoOnToFewWhereTheirSeatsReachHalf();
    void anAckThatWasMissedComesAsAChange();
    void whatIsMissedIsAskedForOfTheNext();
    void whatIsCaughtUpIsNotPushed();
    void inventedAnnouncementsCostLittle_data();
    void inventedAnnouncementsCostLittle();
    void inventedAnnouncementsHideNothing();
    void whoIsAbsentIsLookedFor();
    void aDiskThatLiesIsFoundOut();
    void aGoodDiskIsNoNews();
};

void ExchangeTest::aLargeGroupGivesToFew()
{
    SmallGroup group(kLarge);
    group.run(3s);
    Wires wires(group);
    create(group, 0, "Charter");
    group.run(100ms);
    QCOMPARE(wires.of(Kind::Push, 0), static_cast<int>(kLarge - 1));
    int others = 0;
    for (std::size_t i = 1; i < kLarge; ++i) {
        QVERIFY(has(group, i, "Charter"));
        QVERIFY(wires.of(Kind::Push, i) <= static_cast<int>(gossip::kPushPeersNearAll));
        QVERIFY(wires.of(Kind::Have, i) <= static_cast<int>(gossip::kHavePeersNearAll));
        QCOMPARE((wires.sent[Kind::Push][{i, 0}]), 0); // its author has it
        others += wires.of(Kind::Push, i);
    }
    QVERIFY2(others > static_cast<int>(kLarge) / 2, std::to_string(others).c_str());
}

void ExchangeTest::aSmallGroupOnlySaysThatItCame()
{
    SmallGroup group(5);
    group.run(3s);
    Wires wires(group);
    create(group, 0, "Charter");
    group.run(100ms);
    QCOMPARE(wires.of(Kind::Push, 0), 4);
    for (std::size_t i = 1; i < 5; ++i) {
        QCOMPARE(wires.of(Kind::Push, i), 0);
        QVERIFY(wires.of(Kind::Have, i) <= 3);
    }
    QCOMPARE(wires.of(Kind::PullRanges, 4), 0);
}

void ExchangeTest::theManyOfALargeGroupTakeTurnsToAcknowledge()
{
    for (const std::size_t members : {limits::kFullMeshMax, kLarge}) {
        const bool isLarge = members > limits::kFullMeshMax;
        SmallGroup group(members);
        create(group, 0, "Of all");
        group.run(5s);
        std::set<std::size_t> signers;
        group.setFilter([&](std::size_t from, std::size_t, std::uint8_t kind, const Bytes &body) {
            for (const gossip::AckMessage &message : nlbd::testing::acksOf(kind, body))
                if (trust::Ack::decode(message.ack)->seat.value == from)
                    signers.insert(from);
            return true;
        });
        create(group, 0, "Charter");
        group.run(40ms);
        QCOMPARE(signers.size() > members / 2, !isLarge);
        group.run(limits::kAckIntervalMin / 2);
        QCOMPARE(signers.size(), members);
        const ChangeHandle last(static_cast<std::uint32_t>(group.at(0).graph().size()));
        for (std::size_t i = 0; i < members; ++i)
            QVERIFY(group.at(i).isRatified(last));
    }
}

/// Twenty in a ring, each linked to ten: no quorum, so acknowledgements go on, and not to all.
void ExchangeTest::acksGoOnToFewWhereTheirSeatsReachHalf()
{
    constexpr std::size_t kMembers = 20;
    constexpr std::size_t kReach = 5;
    SmallGroup group(kMembers);
    for (std::size_t i = 0; i < kMembers; ++i)
        for (std::size_t other = i + 1; other < kMembers; ++other)
            if (std::min(other - i, kMembers - (other - i)) > kReach)
                group.cut(i, other);
    group.run(2s);
    std::size_t signings = 0; // times ten
    std::size_t relays = 0;
    group.setFilter([&](std::size_t from, std::size_t, std::uint8_t kind, const Bytes &body) {
        for (const gossip::AckMessage &message : nlbd::testing::acksOf(kind, body)) {
            const bool isOwn = trust::Ack::decode(message.ack)->seat.value == from;
            ++(isOwn ? signings : relays);
        }
        return true;
    });
    create(group, 0, "Charter");
    group.run(5s);
    QVERIFY(signings >= kMembers * 2 * kReach);
    QVERIFY2(relays * 2 * kReach <= signings * (kMembers - 1) * 3, // two, and what is compared
             std::to_string(relays).append(" of ").append(std::to_string(signings)).c_str());
    const ChangeHandle last(static_cast<std::uint32_t>(group.at(0).graph().size()));
    for (std::size_t i = 0; i < kMembers; ++i)
        QVERIFY(group.at(i).isRatified(last));
}

/// Comparing tells who is one behind: to him no list of everybody's changes is said again.
void ExchangeTest::anAckThatWasMissedComesAsAChange()
{
    constexpr std::size_t kMembers = 5;
    SmallGroup group(kMembers);
    for (std::size_t i = 0; i < kMembers; ++i)
        create(group, i, "Of " + std::to_string(i));
    group.run(5s);
    bool isLost = true;
    std::vector<gossip::AckMessage> come;
    group.setFilter([&](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body) {
        const auto acks = nlbd::testing::acksOf(kind, body);
        if (acks.empty() || (from != 3 && to != 3))
            return true;
        if (!isLost && to == 3)
            come.insert(come.end(), acks.begin(), acks.end());
        return !isLost;
    });
    create(group, 0, "Charter");
    group.run(400ms);
    isLost = false;
    group.run(5s);
    QVERIFY(come.size() >= kMembers - 1);
    for (const gossip::AckMessage &message : come)
        QVERIFY(message.form == gossip::AckMessage::Form::Delta);
    const ChangeHandle last(static_cast<std::uint32_t>(group.at(3).graph().size()));
    QVERIFY(group.at(3).isRatified(last));
}

void ExchangeTest::whatIsMissedIsAskedForOfTheNext()
{
    SmallGroup group(4);
    group.run(3s);
    Wires wires(group);
    wires.isLost = [](std::size_t from, std::size_t to, Kind kind) {
        return kind == Kind::Digest || kind == Kind::Summary || (kind == Kind::Push && to == 3)
            || (kind == Kind::PullRanges && from == 3 && to == 1);
    };
    create(group, 0, "Charter");
    group.run(50ms);
    QVERIFY(!has(group, 3, "Charter"));
    group.run(300ms);
    QVERIFY(has(group, 3, "Charter"));
    QVERIFY(wires.of(Kind::PullRanges, 3) <= 2);
    QVERIFY(wires.of(Kind::Changes, 1) + wires.of(Kind::Changes, 2) >= 1);
}

void ExchangeTest::whatIsCaughtUpIsNotPushed()
{
    SmallGroup group(kLarge);
    group.run(3s);
    for (std::size_t i = 0; i < kLarge - 1; ++i)
        group.cut(i, kLarge - 1);
    for (int i = 0; i < 30; ++i) {
        create(group, 0, "Charter " + std::to_string(i));
        group.run(200ms);
    }
    Wires wires(group);
    for (std::size_t i = 0; i < kLarge - 1; ++i)
        group.join(i, kLarge - 1);
    group.run(3s);
    QVERIFY(has(group, kLarge - 1, "Charter 29"));
    QCOMPARE(wires.of(Kind::Push, kLarge - 1), 0);
    QVERIFY(wires.of(Kind::Have, kLarge - 1) > 0);
}

void ExchangeTest::inventedAnnouncementsCostLittle_data()
{
    QTest::addColumn<int>("device");
    QTest::addColumn<bool>("doesAnswer");
    QTest::addColumn<int>("requestsMax");
    QTest::addRow("of one who wrote nothing, silence") << 2 << false << 20;
    QTest::addRow("of one who wrote nothing, empty answers") << 2 << true << 20;
    QTest::addRow("of nobody") << 500 << false << 0;
}

/// A thousand announcements of what nobody wrote, in ten seconds: few requests, no verdict.
void ExchangeTest::inventedAnnouncementsCostLittle()
{
    QFETCH(int, device);
    QFETCH(bool, doesAnswer);
    QFETCH(int, requestsMax);
    constexpr std::size_t kMalory = 3;
    SmallGroup group(4);
    group.run(3s);
    const auto say = [&group](const gossip::Message &message) {
        const hostile::Frame frame = hostile::frameOf(message);
        group.step(0, engine::FrameIn{group.sessionWith(0, kMalory), frame.kind, frame.body});
    };
    std::vector<std::uint32_t> asked;
    group.setFilter([&](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body) {
        if (from == 0 && to == kMalory && kind == static_cast<std::uint8_t>(Kind::PullRanges))
            asked.push_back(std::get<gossip::PullRanges>(*gossip::decode(kind, body)).request);
        return from != kMalory && to != kMalory;
    });
    std::size_t answered = 0;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        say(gossip::Have{{invented(static_cast<std::uint16_t>(device), 1 + i % 50)}});
        group.run(10ms);
        for (; doesAnswer && answered < asked.size(); ++answered)
            say(gossip::Changes{asked[answered], true, {}});
    }
    QVERIFY2(asked.size() <= static_cast<std::size_t>(requestsMax),
             std::to_string(asked.size()).c_str());
    QVERIFY(group.cuts(0).empty());
    QVERIFY(group.at(0).evidence().empty());
    QVERIFY(group.at(0).refusals().empty());
}

void ExchangeTest::inventedAnnouncementsHideNothing()
{
    constexpr std::size_t kMalory = 3;
    SmallGroup group(4);
    group.run(3s);
    group.setFilter([](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &) {
        const auto what = static_cast<Kind>(kind);
        return from != kMalory && what != Kind::Digest && what != Kind::Summary
            && !(what == Kind::Push && to == 0);
    });
    const auto lie = [&group] {
        const hostile::Frame frame = hostile::frameOf(gossip::Have{{invented(1, 40)}});
        group.step(0, engine::FrameIn{group.sessionWith(0, kMalory), frame.kind, frame.body});
    };
    lie(); // first, and again and again
    create(group, 1, "Charter");
    for (int i = 0; i < 50; ++i) {
        lie();
        group.run(10ms);
    }
    QVERIFY(has(group, 0, "Charter")); // member 2 said that it has it, and was asked as well
}

void ExchangeTest::whoIsAbsentIsLookedFor()
{
    constexpr std::size_t kAbsent = 3;
    SmallGroup group(5);
    group.run(3s);
    for (std::size_t i = 0; i < 5; ++i)
        if (i != kAbsent)
            group.cut(i, kAbsent);
    Now now = group.now();
    int reached = 0;
    for (int i = 0; i < 100; ++i) {
        now.mono += 7s; // every tick is due
        int inThisTick = 0;
        for (const engine::Action &action : group.at(0).step(engine::Tick{}, now))
            if (const auto *reach = std::get_if<engine::Reach>(&action)) {
                QCOMPARE(reach->device, group.device(kAbsent).publicKey());
                ++inThisTick;
            }
        QVERIFY(inThisTick <= 1);
        reached += inThisTick;
    }
    QVERIFY2(reached > 15 && reached < 60, std::to_string(reached).c_str()); // 33 expected
}

void ExchangeTest::aDiskThatLiesIsFoundOut()
{
    SmallGroup group(4);
    group.setDay(10s);
    group.restart(0);
    group.run(1s);
    for (int i = 0; i < 5; ++i)
        create(group, 1, "Charter " + std::to_string(i));
    group.run(2s);
    group.subscribe(0);
    static_cast<void>(group.takeEvents(0));
    const auto before = group.disk(0).load()->changes;
    QVERIFY(before.size() >= 5);
    group.disk(0).lie(before[1].hash, std::nullopt);
    Bytes altered = before[3].record;
    altered[altered.size() / 2] ^= std::byte{1};
    group.disk(0).lie(before[3].hash, altered);
    group.run(15s);
    const auto loaded = group.disk(0).load();
    std::map<Hash, Bytes> after;
    for (const store::ChangeRow &row : loaded->changes)
        after[row.hash] = row.record;
    for (const store::ChangeRow &row : before)
        QVERIFY(after[row.hash] == row.record);
    int told = 0;
    for (const api::Event &event : group.takeEvents(0))
        if (const auto *trouble = std::get_if<api::Trouble>(&event);
            trouble != nullptr && trouble->kind == api::Trouble::Kind::StoreRecovered) {
            QVERIFY(trouble->detail.starts_with("2 records"));
            ++told;
        }
    QCOMPARE(told, 1);
}

void ExchangeTest::aGoodDiskIsNoNews()
{
    SmallGroup group(4);
    group.setDay(10s);
    group.restart(0);
    create(group, 1, "Charter");
    group.run(2s);
    group.subscribe(0);
    Wires wires(group);
    group.run(15s);
    for (const api::Event &event : group.takeEvents(0))
        QVERIFY(!std::holds_alternative<api::Trouble>(event));
    QVERIFY(wires.of(Kind::Summary, 0) >= 1); // everything with one member, once a day
    QVERIFY(wires.of(Kind::PullRanges, 0) <= 3);
}

QTEST_APPLESS_MAIN(ExchangeTest)
#include "exchange_test.moc"
