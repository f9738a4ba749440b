#include "core/gossip/anti_entropy.h"
#include "core/gossip/budget.h"

#include <QTest>

#include <set>

using namespace nlbd;
using namespace std::chrono_literals;
using gossip::HeadPlace;

namespace {

HeadPlace head(std::uint16_t device, std::uint64_t seq, std::uint64_t prefix)
{
    return {DeviceIndex(device), Seq(seq), prefix};
}

gossip::Difference compared(const std::vector<HeadPlace> &mine,
                            const std::vector<HeadPlace> &theirs)
{
    return gossip::compare(gossip::headsByDevice(mine), theirs, [&mine](const HeadPlace &place) {
        return std::ranges::find(mine, place) != mine.end();
    });
}

} // namespace

class AntiEntropyTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void equalSidesAskForNothing()
    {
        const auto difference = compared({head(0, 5, 1)}, {head(0, 5, 1)});
        QVERIFY(difference.pull.empty());
        QVERIFY(difference.probe.empty());
        QVERIFY(!difference.peerLacks);
    }
    void whatThePeerHasBeyondMeIsPulled()
    {
        const auto difference = compared({head(0, 5, 1)}, {head(0, 8, 2), head(3, 2, 9)});
        QCOMPARE(difference.pull.size(), 2U);
        QVERIFY(difference.pull[0] == (gossip::Range{DeviceIndex(0), Seq(6), Seq(8), 2}));
        QVERIFY(difference.pull[1] == (gossip::Range{DeviceIndex(3), Seq(1), Seq(2), 9}));
        QVERIFY(!difference.peerLacks);
    }
    void equalHeightWithAnotherHeadIsProbed()
    {
        const auto difference = compared({head(0, 5, 1)}, {head(0, 5, 2)});
        QVERIFY(difference.pull.empty());
        QCOMPARE(difference.probe.size(), 1U);
        QVERIFY(difference.peerLacks);
    }
    void whatThePeerLacksIsSaid()
    {
        QVERIFY(compared({head(0, 5, 1)}, {}).peerLacks);
        QVERIFY(compared({head(0, 5, 1), head(1, 1, 3)}, {head(0, 5, 1)}).peerLacks);
    }
    void partnersAreDistinctAndUniform()
    {
        SeededRandom random(1);
        std::vector<PeerId> all;
        for (std::uint64_t i = 1; i <= 10; ++i)
            all.emplace_back(i);
        std::map<PeerId, int> drawn;
        for (int i = 0; i < 10'000; ++i) {
            const auto chosen = gossip::choosePartners(all, 3, random);
            QCOMPARE(chosen.size(), 3U);
            QVERIFY(chosen[0] != chosen[1] && chosen[1] != chosen[2] && chosen[0] != chosen[2]);
            for (const PeerId peer : chosen)
                ++drawn[peer];
        }
        for (const auto &[peer, count] : drawn) // 3,000 expected; seven standard deviations
            QVERIFY(count > 2680 && count < 3320);
        QCOMPARE(gossip::choosePartners({PeerId(1)}, 3, random).size(), 1U);
    }
    void nobodyIsLeftOutByChance()
    {
        SeededRandom random(1);
        std::vector<gossip::Candidate> all;
        for (std::uint64_t i = 1; i <= 16; ++i)
            all.push_back({PeerId(i), MonoTime{}});
        const auto longest = [&](MonoTime now) {
            return now - std::ranges::min(all, {}, &gossip::Candidate::compared).compared;
        };
        for (MonoTime now{Millis(1)}; now < MonoTime{Millis(2'000)}; now += 1ms) {
            const auto chosen = gossip::choosePartners(all, 3, random);
            QCOMPARE(std::set<PeerId>(chosen.begin(), chosen.end()).size(), 3U);
            for (const PeerId peer : chosen)
                all[peer.value - 1].compared = now;
            QVERIFY(longest(now) < Millis(16));
        }
        QVERIFY(gossip::choosePartners(std::vector<gossip::Candidate>(), 3, random).empty());
    }
    void budgetRefillsWithTime()
    {
        gossip::Budget budget(10, 20);
        MonoTime now{Millis(1000)};
        QVERIFY(budget.take(20, now));
        QVERIFY(!budget.take(1, now));
        now += 100ms;
        QVERIFY(budget.take(1, now));
        QVERIFY(!budget.take(1, now));
        now += 1h;
        QVERIFY(budget.take(20, now));
        QVERIFY(!budget.take(1, now));
    }
};

QTEST_APPLESS_MAIN(AntiEntropyTest)
#include "anti_entropy_test.moc"
