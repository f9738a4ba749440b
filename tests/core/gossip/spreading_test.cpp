#include "core/base/limits.h"
#include "core/gossip/spreading.h"

#include <QTest>

#include <algorithm>

using namespace nlbd;
using gossip::Fanout;
using gossip::HeadPlace;
using gossip::Spreading;

namespace {

HeadPlace place(std::uint16_t device, std::uint64_t seq)
{
    return {DeviceIndex(device), Seq(seq), seq * 1000 + device};
}

std::vector<PeerId> sessions(std::uint64_t count)
{
    std::vector<PeerId> all;
    for (std::uint64_t i = 1; i <= count; ++i)
        all.emplace_back(i);
    return all;
}

bool has(const std::vector<PeerId> &peers, std::uint64_t peer)
{
    return std::ranges::find(peers, PeerId(peer)) != peers.end();
}

std::size_t told(const std::vector<Spreading::Batch> &batches)
{
    std::size_t count = 0;
    for (const Spreading::Batch &batch : batches)
        count += batch.places.size();
    return count;
}

} // namespace

/// Whom a change is given, and whom it is announced to.
class SpreadingTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void ownGoesToEverybodyAndNeedsNoWord();
    void inASmallGroupOthersOnlySayThatItCame();
    void inALargeGroupThreeGetItAndSomeHear();
    void whereAllReachMostFewAreTold();
    void whoHasItIsLeftOut();
    void whatIsTooLargeOfMineIsToldToAll();
    void onlyTheNewestOfADeviceIsTold();
    void aFloodOfPlacesIsOneWordEach();
    void whoLeftIsForgotten();
};

void SpreadingTest::ownGoesToEverybodyAndNeedsNoWord()
{
    for (const std::size_t members : {4U, 12U, 13U, 128U}) {
        SeededRandom random(members);
        Spreading spreading;
        const Fanout fanout = gossip::fanoutOf(members, members - 1);
        const auto all = sessions(members - 1);
        QCOMPARE(spreading.fresh({place(0, 1), {}, true}, all, fanout, random), all);
        QVERIFY(spreading.hasBatch());
        QVERIFY(spreading.announce(all, fanout, random).empty());
        QVERIFY(!spreading.hasBatch());
    }
}

void SpreadingTest::inASmallGroupOthersOnlySayThatItCame()
{
    SeededRandom random(1);
    Spreading spreading;
    const Fanout fanout = gossip::fanoutOf(limits::kFullMeshMax, 11);
    const auto all = sessions(11);
    QVERIFY(spreading.fresh({place(5, 1), PeerId(5), true}, all, fanout, random).empty());
    const auto batches = spreading.announce(all, fanout, random);
    QCOMPARE(batches.size(), 10U); // all but the one that brought it
    QVERIFY(std::ranges::none_of(batches, [](const auto &b) { return b.to == PeerId(5); }));
}

void SpreadingTest::inALargeGroupThreeGetItAndSomeHear()
{
    SeededRandom random(1);
    std::map<PeerId, int> given;
    const Fanout fanout = gossip::fanoutOf(150, 99);
    const auto all = sessions(99);
    for (std::uint64_t seq = 1; seq <= 3000; ++seq) {
        Spreading spreading;
        const auto pushed = spreading.fresh({place(7, seq), PeerId(3), true}, all, fanout, random);
        QCOMPARE(pushed.size(), gossip::kPushPeers);
        QVERIFY(!has(pushed, 3));
        const auto batches = spreading.announce(all, fanout, random);
        QCOMPARE(batches.size(), gossip::kHavePeers);
        for (const auto &batch : batches)
            QVERIFY(batch.to != PeerId(3) && !has(pushed, batch.to.value));
        for (const PeerId peer : pushed)
            ++given[peer];
    }
    for (const auto &[peer, count] : given) // 91.8 expected; more than five standard deviations
        QVERIFY2(count > 40 && count < 145, std::to_string(count).c_str());
    QCOMPARE(given.size(), 98U);
}

void SpreadingTest::whereAllReachMostFewAreTold()
{
    const Fanout most{gossip::kPushPeersNearAll, gossip::kHavePeersNearAll};
    const Fanout few{gossip::kPushPeers, gossip::kHavePeers};
    const Fanout many{0, gossip::kHavePeersNearAll};
    QCOMPARE(gossip::fanoutOf(33, 32), most);
    QCOMPARE(gossip::fanoutOf(42, 28), most);
    QCOMPARE(gossip::fanoutOf(100, 99), many);
    QCOMPARE(gossip::fanoutOf(99, 66), many);
    QCOMPARE(gossip::fanoutOf(99, 65), few);
    QCOMPARE(gossip::fanoutOf(100, 0), few);
    QCOMPARE(gossip::fanoutOf(limits::kFullMeshMax, 0), gossip::fanoutOf(2, 1)); // small is small
    SeededRandom random(1);
    Spreading spreading;
    const auto all = sessions(99);
    QCOMPARE(spreading.fresh({place(7, 1), PeerId(3), true}, all, most, random).size(),
             gossip::kPushPeersNearAll);
    QCOMPARE(spreading.announce(all, most, random).size(), gossip::kHavePeersNearAll);
    QCOMPARE(spreading.fresh({place(7, 2), PeerId(3), true}, all, many, random).size(), 0U);
    QCOMPARE(spreading.announce(all, many, random).size(), gossip::kHavePeersNearAll);
}

void SpreadingTest::whoHasItIsLeftOut()
{
    SeededRandom random(1);
    Spreading spreading;
    const Fanout fanout = gossip::fanoutOf(20, 4);
    const auto all = sessions(4);
    QCOMPARE(spreading.fresh({place(7, 4), PeerId(1), false}, all, fanout, random).size(), 0U);
    spreading.holds(PeerId(2), place(7, 5)); // it has more
    spreading.holds(PeerId(3), place(7, 3)); // it has less
    spreading.holds(PeerId(4), place(8, 9)); // something else
    const auto batches = spreading.announce(all, fanout, random);
    QCOMPARE(batches.size(), 2U);
    QCOMPARE(batches[0].to, PeerId(3));
    QCOMPARE(batches[1].to, PeerId(4));
}

void SpreadingTest::whatIsTooLargeOfMineIsToldToAll()
{
    SeededRandom random(1);
    Spreading spreading;
    const Fanout fanout = gossip::fanoutOf(192, 127);
    const auto all = sessions(127);
    QVERIFY(spreading.fresh({place(0, 1), {}, false}, all, fanout, random).empty());
    static_cast<void>(spreading.fresh({place(9, 1), PeerId(1), false}, all, fanout, random));
    QCOMPARE(told(spreading.announce(all, fanout, random)), 127U + gossip::kHavePeers);
}

void SpreadingTest::onlyTheNewestOfADeviceIsTold()
{
    SeededRandom random(1);
    Spreading spreading;
    const Fanout fanout = gossip::fanoutOf(20, 4);
    for (const std::uint64_t seq : {1U, 2U, 9U, 3U})
        static_cast<void>(
            spreading.fresh({place(7, seq), PeerId(1), false}, sessions(2), fanout, random));
    const auto batches = spreading.announce(sessions(2), fanout, random);
    QCOMPARE(batches.size(), 1U);
    QCOMPARE(batches[0].to, PeerId(2)); // who brought the newest needs no word
    QVERIFY(batches[0].places == std::vector{place(7, 9)});
}

void SpreadingTest::aFloodOfPlacesIsOneWordEach()
{
    SeededRandom random(1);
    Spreading spreading;
    const Fanout fanout = gossip::fanoutOf(192, 127);
    for (std::uint64_t seq = 1; seq <= 20'000; ++seq)
        static_cast<void>(
            spreading.fresh({place(static_cast<std::uint16_t>(seq % 50), seq), PeerId(1), false},
                            sessions(127), fanout, random));
    QVERIFY(told(spreading.announce(sessions(127), fanout, random)) <= 50 * gossip::kHavePeers);
}

void SpreadingTest::whoLeftIsForgotten()
{
    SeededRandom random(1);
    Spreading spreading;
    const Fanout fanout = gossip::fanoutOf(4, 3);
    static_cast<void>(
        spreading.fresh({place(7, 1), PeerId(1), false}, sessions(2), fanout, random));
    spreading.gone(PeerId(1)); // it may come back without what it had
    QCOMPARE(spreading.announce(sessions(2), fanout, random).size(), 2U);
    static_cast<void>(
        spreading.fresh({place(7, 2), PeerId(1), false}, sessions(2), fanout, random));
    spreading.forget(DeviceIndex(7));
    QVERIFY(!spreading.hasBatch());
}

QTEST_APPLESS_MAIN(SpreadingTest)
#include "spreading_test.moc"
