#include "core/consensus/closing_frontier.h"

#include "tests/core/consensus/assembly.h"

#include "core/consensus/close_book.h"
#include "tests/core/trust/frontiers.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::consensus;
using identity::ChainHeads;
using nlbd::test::Assembly;
using nlbd::test::frontierAt;
using nlbd::test::headAt;

namespace {

ChainHeads closingOf(const Assembly &assembly, const std::vector<Close> &reports,
                     const ChainOrder &order = test::NamedChains())
{
    std::vector<const Close *> pointers;
    for (const Close &report : reports)
        pointers.push_back(&report);
    return closingFrontier(assembly.configuration, pointers, order).value();
}

} // namespace

class ClosingFrontierTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isTheUnionOfTheReports();
    void keepsEveryBranchOfAFork();
    void neverFallsBehindTheOneBefore();
    void waitsForWhatIsNotHeld();
    void orderOfReportsIsNoInput();
    void containsWhatAQuorumAcknowledged();
    void readsRealChains();
    void bookKeepsOneReportPerSeat();
};

void ClosingFrontierTest::isTheUnionOfTheReports()
{
    const Assembly assembly(4);
    const ChainHeads heads = closingOf(assembly,
                                       {assembly.close(0, frontierAt({headAt(0, 5), headAt(1, 2)})),
                                        assembly.close(1, frontierAt({headAt(0, 3), headAt(1, 9)})),
                                        assembly.close(3, frontierAt({headAt(3, 1)}))});
    QCOMPARE(heads, (ChainHeads{headAt(0, 5), headAt(1, 9), headAt(3, 1)}));
    QVERIFY(closingOf(assembly, {}).empty());
}

void ClosingFrontierTest::keepsEveryBranchOfAFork()
{
    const Assembly assembly(4);
    // Branch 1 leaves after 10: what is below it is on both.
    const ChainHeads heads = closingOf(assembly,
                                       {assembly.close(0, frontierAt({headAt(2, 9)})),
                                        assembly.close(1, frontierAt({headAt(2, 14)})),
                                        assembly.close(2, frontierAt({headAt(2, 12, 1)})),
                                        assembly.close(3, frontierAt({headAt(2, 14, 1)}))});
    QCOMPARE(heads, (ChainHeads{headAt(2, 14), headAt(2, 14, 1)}));
    QVERIFY(hashOfHeads(heads) != hashOfHeads({headAt(2, 14)}));
    QCOMPARE(headsOf(heads, DeviceIndex(2)), heads);
    QVERIFY(headsOf(heads, DeviceIndex(1)).empty());
}

void ClosingFrontierTest::neverFallsBehindTheOneBefore()
{
    Assembly assembly(4);
    assembly.configuration.closing = {headAt(0, 7), headAt(1, 7), headAt(3, 7)};
    assembly.configuration.devices[3].mayWrite = false;
    const ChainHeads heads =
        closingOf(assembly, {assembly.close(0, frontierAt({headAt(0, 9), headAt(1, 2)}))});
    QCOMPARE(heads, (ChainHeads{headAt(0, 9), headAt(1, 7)}));
}

void ClosingFrontierTest::waitsForWhatIsNotHeld()
{
    const Assembly assembly(4);
    test::NamedChains order;
    order.unheld.insert(headAt(0, 9).head);
    const Close high = assembly.close(0, frontierAt({headAt(0, 9)}));
    const Close low = assembly.close(1, frontierAt({headAt(0, 2)}));
    QCOMPARE(closingFrontier(assembly.configuration, {&high, &low}, order).error(), Code::BUFFERED);
}

void ClosingFrontierTest::orderOfReportsIsNoInput()
{
    const Assembly assembly(7);
    SeededRandom random(7);
    std::vector<Close> reports;
    for (std::size_t seat = 0; seat < 7; ++seat) {
        trust::Frontier frontier;
        for (std::uint16_t device = 0; device < 7; ++device) {
            const auto branch = static_cast<std::uint8_t>(random.below(3));
            const auto head = headAt(device, 1 + 10 * branch + random.below(9), branch);
            frontier.push_back({head.device, head.seq, head.head});
        }
        reports.push_back(assembly.close(seat, frontier));
    }
    const ChainHeads expected = closingOf(assembly, reports);
    for (int i = 0; i < 100; ++i) {
        std::swap(reports[random.below(7)], reports[random.below(7)]);
        QCOMPARE(closingOf(assembly, reports), expected);
    }
}

/// The theorem of PROTOCOL C8, for every way in which a quorum acknowledged, a quorum reports, and
/// the hostile seats leave out what they acknowledged.
void ClosingFrontierTest::containsWhatAQuorumAcknowledged()
{
    for (const std::size_t n : {4U, 5U, 7U}) {
        const Assembly assembly(n);
        const std::size_t quorum = identity::quorumOf(n);
        const std::size_t hostile = identity::toleratedFaults(n);
        for (std::uint32_t acks = 0; acks < 1U << n; ++acks) {
            if (std::size_t(std::popcount(acks)) != quorum)
                continue;
            for (std::uint32_t reporting = 0; reporting < 1U << n; ++reporting) {
                if (std::size_t(std::popcount(reporting)) != quorum)
                    continue;
                std::vector<Close> reports;
                for (std::size_t seat = 0; seat < n; ++seat) {
                    const bool isHonestAck = (acks >> seat & 1U) != 0 && seat >= hostile;
                    if ((reporting >> seat & 1U) != 0)
                        reports.push_back(
                            assembly.close(seat, frontierAt({headAt(0, isHonestAck ? 9 : 3)})));
                }
                QCOMPARE(closingOf(assembly, reports), ChainHeads{headAt(0, 9)});
            }
        }
    }
}

void ClosingFrontierTest::readsRealChains()
{
    const identity::Ed25519 scheme;
    const test::Group group(4, scheme);
    test::Replica ann(group, 0);
    test::Replica ben(group, 1);
    test::Replica copy(group, 0);
    const DocIndex doc = history::docIndexOf(DeviceIndex(0), 1);
    const auto title = ann.setTitle(doc, "Winter").raw();
    QVERIFY(ben.receive(title) && copy.receive(title));
    copy.head = copy.graph.find(title.header.hash());
    const auto snow = ann.insert(doc, 0, "snow").raw();
    const auto hail = copy.insert(doc, 0, "hail").raw();
    QVERIFY(ben.receive(snow) && ben.receiveBranch(hail));
    const auto headOf = [](const history::UnverifiedChange &change) {
        return identity::ChainHead{change.header.device, change.header.seq, change.header.hash()};
    };
    const GraphOrder order(ben.graph);
    QCOMPARE(order.follows(headOf(snow), headOf(title)), std::optional(true));
    QCOMPARE(order.follows(headOf(hail), headOf(title)), std::optional(true));
    QCOMPARE(order.follows(headOf(hail), headOf(snow)), std::optional(false));
    const GraphOrder annsOrder(ann.graph);
    QVERIFY(!annsOrder.follows(headOf(hail), headOf(title)).has_value());

    const auto closeOf = [&](std::uint16_t seat, const history::UnverifiedChange &change) {
        return signClose(scheme, group.people[seat].device, group.configuration, SeatIndex(seat), 1,
                         {{change.header.device, change.header.seq, change.header.hash()}});
    };
    const Close first = closeOf(1, snow);
    const Close second = closeOf(2, hail);
    const Close third = closeOf(3, title);
    QVERIFY(verify(first, group.configuration, scheme).has_value());
    ChainHeads expected{headOf(snow), headOf(hail)};
    std::ranges::sort(expected);
    QCOMPARE(closingFrontier(group.configuration, {&first, &second, &third}, order).value(),
             expected);
}

void ClosingFrontierTest::bookKeepsOneReportPerSeat()
{
    const Assembly assembly(4);
    CloseBook book(assembly.configuration, assembly.scheme);
    using Reason = CloseBook::Reason;
    const Close honest = assembly.close(0, frontierAt({headAt(0, 1)}));
    QCOMPARE(*book.add(honest, Reason::Offered), CloseBook::Taken::New);
    QCOMPARE(*book.add(honest, Reason::Offered), CloseBook::Taken::Known);
    for (std::uint64_t no = 1; no <= 2; ++no)
        QVERIFY(book.add(assembly.close(1, {}, no), Reason::Offered).has_value());
    QCOMPARE(book.add(assembly.close(1, {}, 3), Reason::Offered).error(), Code::E_RATE);
    QCOMPARE(book.undisputed().size(), std::size_t(1));
    QVERIFY(*book.undisputed().front() == honest);
    QCOMPARE(book.contradictions().size(), std::size_t(1));
    // What values name is held, the newest few; the rest can be fetched again.
    for (std::uint64_t no = 3; no <= 12; ++no)
        QVERIFY(book.add(assembly.close(1, {}, no), Reason::Named).has_value());
    std::size_t held = 0;
    for (std::uint64_t no = 1; no <= 12; ++no)
        held += book.find(assembly.close(1, {}, no).hash()) != nullptr ? 1 : 0;
    QCOMPARE(held, 2 + CloseBook::kNamedPerSeatMax);
    Close forged = assembly.close(2, {});
    forged.seat = SeatIndex(3);
    QCOMPARE(book.add(forged, Reason::Named).error(), Code::E_SIG);
    book.enter(assembly.configuration);
    QVERIFY(book.find(honest.hash()) == nullptr && book.contradictions().empty());
}

QTEST_APPLESS_MAIN(ClosingFrontierTest)
#include "closing_frontier_test.moc"
