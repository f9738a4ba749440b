#include "core/base/check.h"
#include "core/trust/ratification.h"
#include "tests/core/history/random_history.h"
#include "tests/core/trust/frontiers.h"
#include "tests/support/fast_signatures.h"

#include <QElapsedTimer>
#include <QTest>
#include <rapidcheck.h>

using namespace nlbd;
using namespace nlbd::trust;
using history::CausalGraph;
using history::ChainId;
using history::UnverifiedChange;
using nlbd::test::FastSignatures;
using nlbd::test::Group;
using nlbd::test::RandomHistory;
using nlbd::test::Replica;

namespace {

const FastSignatures kScheme = nlbd::test::fastSignatures();
const DocIndex kDoc = history::docIndexOf(DeviceIndex(0), 1);

FrontierEntry entryOf(const UnverifiedChange &change)
{
    return {change.header.device, change.header.seq, change.hash};
}

/// Four seats; device 0 wrote a title and two words, and forked after the first.
struct Scene {
    Group group{4, kScheme};
    Replica ann{group, 0};
    Replica copy{group, 0};
    Replica reader{group, 1};
    UnverifiedChange one = ann.setTitle(kDoc, "T").raw();
    UnverifiedChange two = ann.insert(kDoc, 0, "two").raw();
    UnverifiedChange three = ann.insert(kDoc, 0, "three").raw();
    UnverifiedChange other;
    Ratification ratification{4};

    Scene()
    {
        CHECK(copy.receive(one));
        other = copy.insert(kDoc, 0, "other").raw();
        CHECK(reader.receive(one) && reader.receive(two) && reader.receive(three));
    }
    const CausalGraph &graph() { return reader.graph; }
    void says(std::uint16_t seat, const UnverifiedChange &head)
    {
        ratification.acknowledged(SeatIndex(seat), {entryOf(head)}, graph());
    }
    bool isRatified(const UnverifiedChange &change)
    {
        return ratification.isRatified(graph().find(change.hash), graph());
    }
    std::size_t seenBy(const UnverifiedChange &change)
    {
        return ratification.seenBy(graph().find(change.hash), graph());
    }
};

} // namespace

class RatificationTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void needsAQuorum();
    void countsWaitingHeads();
    void countsBranchesUpToTheFork();
    void keepsASeatOnItsBranch();
    void believesNoFalsePlace();
    void neverFalls();
    void ignoresContradictions();
    void tellsWhatGrew();
    void agreesWithTheDefinition();
    void isCheapForALargeGroup();
};

void RatificationTest::needsAQuorum()
{
    Scene s;
    s.says(0, s.three);
    s.says(1, s.two);
    QVERIFY(!s.isRatified(s.one));
    QCOMPARE(s.seenBy(s.two), std::size_t(2));
    QCOMPARE(s.seenBy(s.three), std::size_t(1));
    s.says(3, s.one);
    QVERIFY(s.isRatified(s.one) && !s.isRatified(s.two));
    s.says(2, s.three);
    QVERIFY(s.isRatified(s.two) && !s.isRatified(s.three));
    s.says(1, s.three);
    QVERIFY(s.isRatified(s.three));
    QVERIFY(s.ratification.hasSeen(SeatIndex(3), s.graph().find(s.one.hash), s.graph()));
    QVERIFY(!s.ratification.hasSeen(SeatIndex(3), s.graph().find(s.two.hash), s.graph()));
    QCOMPARE(s.ratification.behind(SeatIndex(3), s.graph()), std::uint64_t(2));
    QCOMPARE(s.ratification.behind(SeatIndex(0), s.graph()), std::uint64_t(0));
}

void RatificationTest::countsWaitingHeads()
{
    Scene s;
    const UnverifiedChange later = s.ann.insert(kDoc, 0, "later").raw();
    const UnverifiedChange latest = s.ann.insert(kDoc, 0, "latest").raw();
    s.says(0, s.one);
    for (std::uint16_t seat = 0; seat < 3; ++seat)
        s.says(seat, later);
    s.says(0, latest);                         // replaces the head that it waited for
    QCOMPARE(s.seenBy(s.one), std::size_t(1)); // the older word still counts
    for (const UnverifiedChange &change : {later, latest}) {
        const auto taken = s.reader.receive(change);
        QVERIFY(taken.has_value());
        s.ratification.changeAdded(taken->handle(), s.graph());
        QCOMPARE(s.isRatified(later), change == latest);
    }
    QCOMPARE(s.seenBy(later), std::size_t(3));
    QCOMPARE(s.seenBy(latest), std::size_t(1));
}

void RatificationTest::countsBranchesUpToTheFork()
{
    Scene s;
    QVERIFY(s.reader.receiveBranch(s.other));
    s.says(0, s.three);
    s.says(1, s.other);
    s.says(2, s.other);
    QVERIFY(s.isRatified(s.one));
    QVERIFY(!s.isRatified(s.two) && !s.isRatified(s.other));
    QCOMPARE(s.seenBy(s.other), std::size_t(2));
    QCOMPARE(s.seenBy(s.two), std::size_t(1));
    QCOMPARE(s.ratification.behind(SeatIndex(1), s.graph()), std::uint64_t(2));
}

void RatificationTest::keepsASeatOnItsBranch()
{
    Scene s;
    QVERIFY(s.reader.receiveBranch(s.other));
    for (std::uint16_t seat = 0; seat < 4; ++seat) {
        s.says(seat, s.two);
        s.says(seat, s.other);
    }
    QVERIFY(s.isRatified(s.two));
    QCOMPARE(s.seenBy(s.other), std::size_t(0));
    QVERIFY(!s.isRatified(s.other));
}

void RatificationTest::believesNoFalsePlace()
{
    Scene s;
    FrontierEntry lie = entryOf(s.one);
    lie.seq = Seq(3); // the hash of the first change, called the third
    s.ratification.acknowledged(SeatIndex(0), {lie}, s.graph());
    QCOMPARE(s.seenBy(s.one), std::size_t(0));
    FrontierEntry borrowed = entryOf(s.one);
    borrowed.device = DeviceIndex(2);
    s.ratification.acknowledged(SeatIndex(1), {borrowed}, s.graph());
    QCOMPARE(s.seenBy(s.one), std::size_t(0));
}

void RatificationTest::neverFalls()
{
    Scene s;
    for (std::uint16_t seat = 0; seat < 3; ++seat)
        s.says(seat, s.three);
    QVERIFY(s.isRatified(s.three));
    s.says(0, s.one);
    QVERIFY(s.isRatified(s.three));
    QCOMPARE(s.seenBy(s.three), std::size_t(3));
    s.ratification.ignore(SeatIndex(0), DeviceIndex(0));
    QVERIFY(s.isRatified(s.three));
}

void RatificationTest::ignoresContradictions()
{
    Scene s;
    s.says(0, s.two);
    s.says(1, s.two);
    s.ratification.ignore(SeatIndex(1), DeviceIndex(0));
    QCOMPARE(s.ratification.behind(SeatIndex(1), s.graph()), std::uint64_t(3));
    s.says(1, s.three);
    s.says(2, s.two);
    QVERIFY(!s.isRatified(s.one));
    QCOMPARE(s.seenBy(s.two), std::size_t(2));
    s.says(3, s.two);
    QVERIFY(s.isRatified(s.two));
}

void RatificationTest::tellsWhatGrew()
{
    Scene s;
    QVERIFY(!s.ratification.takeChanged());
    s.says(0, s.two);
    QVERIFY(s.ratification.takeChanged() && !s.ratification.takeChanged());
    s.says(0, s.two);
    QVERIFY(!s.ratification.takeChanged());
    s.says(1, s.one);
    QVERIFY(s.ratification.takeGrown().empty());
    s.says(2, s.two);
    s.says(1, s.two);
    const auto grown = s.ratification.takeGrown();
    QCOMPARE(grown.size(), std::size_t(1));
    QCOMPARE(grown[0].second, Seq(0)); // before both steps
    QCOMPARE(s.ratification.ratifiedHeight(grown[0].first), Seq(2));
    QVERIFY(s.ratification.takeGrown().empty());
}

void RatificationTest::agreesWithTheDefinition()
{
    QVERIFY(rc::check("ratified is what a quorum of frontiers contains", [](std::uint32_t seed) {
        SeededRandom random(seed);
        const std::size_t seats = 1 + static_cast<std::size_t>(random.below(7));
        const Group group(seats, kScheme);
        RandomHistory history(group, random, 30);
        Replica reader(group, 0);
        Ratification ratification(seats);

        // Each seat acknowledges what it holds, in several steps, before or after the reader holds
        // it.
        std::vector<std::unique_ptr<Replica>> owned;
        for (std::size_t i = 0; i < seats; ++i)
            owned.push_back(std::make_unique<Replica>(group, i));
        std::vector<std::size_t> held(seats);
        std::size_t mine = 0;
        const auto &changes = history.changes();
        for (int step = 0; step < 60; ++step) {
            const auto who = static_cast<std::size_t>(random.below(seats + 1));
            if (who == seats && mine < changes.size()) {
                const auto taken = reader.receive(changes[mine++]);
                RC_ASSERT(taken.has_value());
                ratification.changeAdded(taken->handle(), reader.graph);
            } else if (who < seats) {
                for (int n = 0; n < 3 && held[who] < changes.size(); ++n)
                    RC_ASSERT(owned[who]->receive(changes[held[who]++]).has_value());
                ratification.acknowledged(SeatIndex(static_cast<std::uint16_t>(who)),
                                          test::frontierOf(owned[who]->graph), reader.graph);
            }
        }
        while (mine < changes.size()) {
            const auto taken = reader.receive(changes[mine++]);
            RC_ASSERT(taken.has_value());
            ratification.changeAdded(taken->handle(), reader.graph);
        }
        for (const UnverifiedChange &change : changes) {
            const ChangeHandle handle = reader.graph.find(change.hash);
            std::size_t holders = 0;
            for (std::size_t i = 0; i < seats; ++i)
                holders += owned[i]->graph.find(change.hash) != ChangeHandle(0) ? 1U : 0U;
            RC_ASSERT(ratification.seenBy(handle, reader.graph) == holders);
            RC_ASSERT(ratification.isRatified(handle, reader.graph)
                      == (holders >= identity::quorumOf(seats)));
        }
        for (std::uint16_t i = 0; i < seats; ++i)
            RC_ASSERT(ratification.behind(SeatIndex(i), reader.graph) == changes.size() - held[i]);
    }));
}

void RatificationTest::isCheapForALargeGroup()
{
    const Group group(128, kScheme);
    Replica reader(group, 0);
    QVERIFY(reader.graph.size() == 0);
    (void)reader.setTitle(kDoc, "T");
    for (int i = 0; i < 2000; ++i)
        (void)reader.merge(kDoc, reader.heads());
    Ratification ratification(128);
    QElapsedTimer timer;
    timer.start();
    for (std::uint64_t height = 1; height <= 200; ++height) {
        const ChangeHandle head = reader.graph.at(DeviceIndex(0), Seq(height * 10))[0];
        const Frontier frontier{{DeviceIndex(0), Seq(height * 10), reader.graph.entry(head).hash}};
        for (std::uint16_t seat = 0; seat < 128; ++seat)
            ratification.acknowledged(SeatIndex(seat), frontier, reader.graph);
    }
    qInfo("an ack that moves one entry, 128 seats: %.2f us",
          static_cast<double>(timer.nsecsElapsed()) / 1000.0 / (200 * 128));
    timer.start();
    std::uint64_t behind = 0;
    for (std::uint16_t seat = 0; seat < 128; ++seat)
        behind += ratification.behind(SeatIndex(seat), reader.graph);
    qInfo("behind() of 128 seats: %.2f us", static_cast<double>(timer.nsecsElapsed()) / 1000.0);
    QCOMPARE(behind, std::uint64_t(128));
    QCOMPARE(ratification.ratifiedHeight(ChainId(0)), Seq(2000));
}

QTEST_APPLESS_MAIN(RatificationTest)
#include "ratification_test.moc"
