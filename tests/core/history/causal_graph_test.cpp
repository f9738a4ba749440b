#include "core/base/check.h"
#include "tests/core/history/group.h"
#include "tests/support/fast_signatures.h"

#include <QElapsedTimer>
#include <QTest>

using namespace nlbd;
using namespace nlbd::history;
using nlbd::test::FastSignatures;
using nlbd::test::Group;
using nlbd::test::Replica;

namespace {

const FastSignatures kScheme = nlbd::test::fastSignatures();
const DocIndex kDoc = docIndexOf(DeviceIndex(0), 1);

/// One device with two branches at seq 2, the second of three changes, and a reader who holds both.
struct ForkScene {
    Group group{3, kScheme};
    Replica ann{group, 0};
    Replica copy{group, 0};
    Replica reader{group, 1};
    UnverifiedChange root = ann.setTitle(kDoc, "T").raw();
    UnverifiedChange left = ann.insert(kDoc, 0, "left").raw();
    std::vector<UnverifiedChange> right;

    enum class Arrival { LeftFirst, RightFirst };

    explicit ForkScene(Arrival arrival = Arrival::LeftFirst)
    {
        CHECK(copy.receive(root));
        for (const char *text : {"r", "i", "g"})
            right.push_back(copy.insert(kDoc, 0, text).raw());
        CHECK(reader.receive(root));
        if (arrival == Arrival::LeftFirst)
            CHECK(reader.receive(left));
        for (const UnverifiedChange &change : right)
            CHECK(reader.receiveBranch(change));
        if (arrival == Arrival::RightFirst)
            CHECK(reader.receiveBranch(left));
    }
};

} // namespace

class CausalGraphTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void startsEmpty();
    void keepsBranchesApart();
    void namesPlacesOnBranches_data();
    void namesPlacesOnBranches();
    void forksAtTheFirstChange();
    void ordersByLamportThenHash();
    void treatsTheOpenChangeAsLast();
    void knowsDocumentsFromTheirCreatorOnly();
    void holdsAHundredThousand();
};

void CausalGraphTest::startsEmpty()
{
    const CausalGraph graph;
    QCOMPARE(graph.size(), std::size_t(0));
    QCOMPARE(graph.nextHandle(), ChangeHandle(1));
    QCOMPARE(graph.find(Hash{}), ChangeHandle(0));
    QVERIFY(graph.heads().empty() && graph.documents().empty());
    QVERIFY(graph.at(DeviceIndex(0), Seq(1)).empty());
    QVERIFY(!graph.isForked(DeviceIndex(0)));
    QVERIFY(graph.reduce(ChangeHandle(0), {}).empty());
    QVERIFY(!graph.isInPast(ChangeHandle(1), ChangeHandle(1).next()));
    graph.checkInvariants();
}

void CausalGraphTest::keepsBranchesApart()
{
    const ForkScene s;
    const CausalGraph &graph = s.reader.graph;
    const ChangeHandle root = graph.find(s.root.hash);
    const ChangeHandle left = graph.find(s.left.hash);
    const ChangeHandle right = graph.find(s.right[2].hash);
    QVERIFY(graph.isForked(DeviceIndex(0)));
    QVERIFY(!graph.isForked(DeviceIndex(1)));
    const auto chains = graph.chainsOf(DeviceIndex(0));
    QCOMPARE(chains.size(), std::size_t(2));
    QCOMPARE(graph.headOf(chains[0]), left);
    QCOMPARE(graph.headOf(chains[1]), right);
    QCOMPARE(graph.parentOf(chains[1]), std::optional(chains[0]));
    QCOMPARE(graph.firstOf(chains[1]), Seq(2));
    QVERIFY(!graph.parentOf(chains[0]).has_value());
    QCOMPARE(graph.onChain(chains[1], Seq(1)), root);
    QCOMPARE(graph.onChain(chains[1], Seq(2)), graph.find(s.right[0].hash));
    QCOMPARE(graph.onChain(chains[0], Seq(2)), left);
    QCOMPARE(graph.onChain(chains[0], Seq(3)), ChangeHandle(0));
    QVERIFY(graph.descendsOnChain(right, root) && graph.descendsOnChain(right, right));
    QVERIFY(!graph.descendsOnChain(right, left) && !graph.descendsOnChain(root, left));
    QVERIFY(!graph.isInPast(left, right) && graph.isInPast(root, right));
    QCOMPARE(graph.heads(), (std::set<ChangeHandle>{left, right}));
    graph.checkInvariants();
}

void CausalGraphTest::namesPlacesOnBranches_data()
{
    QTest::addColumn<bool>("isLeftFirstToArrive");
    QTest::newRow("left branch arrives first") << true;
    QTest::newRow("right branch arrives first") << false;
}

void CausalGraphTest::namesPlacesOnBranches()
{
    QFETCH(const bool, isLeftFirstToArrive);
    const ForkScene s(isLeftFirstToArrive ? ForkScene::Arrival::LeftFirst
                                          : ForkScene::Arrival::RightFirst);
    const CausalGraph &graph = s.reader.graph;
    const ChangeHandle left = graph.find(s.left.hash);
    const ChangeHandle right = graph.find(s.right[0].hash);
    const Clock both = graph.merged(ChangeHandle(0), {left, right});
    const Clock one = graph.merged(ChangeHandle(0), {right});
    const bool isLeftFirst = s.left.hash < s.right[0].hash;
    QCOMPARE(graph.branchOrdinalOf(both, left), isLeftFirst ? 0U : 1U);
    QCOMPARE(graph.branchOrdinalOf(both, right), isLeftFirst ? 1U : 0U);
    QCOMPARE(graph.branchOrdinalOf(one, right), 0U);
    QCOMPARE(graph.inPastAt(both, DeviceIndex(0), Seq(2), isLeftFirst ? 0 : 1),
             std::optional(left));
    QCOMPARE(graph.inPastAt(both, DeviceIndex(0), Seq(2), isLeftFirst ? 1 : 0),
             std::optional(right));
    QCOMPARE(graph.inPastAt(one, DeviceIndex(0), Seq(2), 0), std::optional(right));
    QVERIFY(!graph.inPastAt(one, DeviceIndex(0), Seq(2), 1).has_value());
    QVERIFY(!graph.inPastAt(both, DeviceIndex(0), Seq(2), 2).has_value());
    QVERIFY(!graph.inPastAt(one, DeviceIndex(0), Seq(3), 0).has_value());
    QVERIFY(!graph.inPastAt(both, DeviceIndex(2), Seq(1), 0).has_value());
}

void CausalGraphTest::forksAtTheFirstChange()
{
    const Group group(2, kScheme);
    Replica ann(group, 0);
    Replica copy(group, 0);
    Replica reader(group, 1);
    const UnverifiedChange one = ann.setTitle(kDoc, "one").raw();
    const UnverifiedChange two = copy.setTitle(kDoc, "two").raw();
    QVERIFY(reader.receive(one));
    QCOMPARE(reader.receive(two).error().kind, Refused::Kind::Fork);
    QVERIFY(reader.receiveBranch(two));
    QVERIFY(reader.graph.isForked(DeviceIndex(0)));
    QVERIFY(!reader.graph.parentOf(reader.graph.chainsOf(DeviceIndex(0))[1]).has_value());
    // The document exists for whoever has seen either of its beginnings.
    const CausalGraph &graph = reader.graph;
    QVERIFY(graph.documentExists(graph.clockOf(graph.find(one.hash)), kDoc));
    QVERIFY(graph.documentExists(graph.clockOf(graph.find(two.hash)), kDoc));
    QCOMPARE(graph.documents().size(), std::size_t(1));
    graph.checkInvariants();
}

void CausalGraphTest::ordersByLamportThenHash()
{
    const ForkScene s;
    const CausalGraph &graph = s.reader.graph;
    for (ChangeHandle a(1); a != graph.nextHandle(); a = a.next())
        for (ChangeHandle b(1); b != graph.nextHandle(); b = b.next()) {
            const auto &left = graph.entry(a);
            const auto &right = graph.entry(b);
            const bool expected = left.lamport != right.lamport ? left.lamport < right.lamport
                                                                : left.hash < right.hash;
            QCOMPARE(graph.isBefore(a, b), expected);
        }
}

void CausalGraphTest::treatsTheOpenChangeAsLast()
{
    const ForkScene s;
    const CausalGraph &graph = s.reader.graph;
    const ChangeHandle open = graph.nextHandle();
    QVERIFY(graph.isInPast(ChangeHandle(1), open) && graph.isInPast(open, open));
    QVERIFY(!graph.isInPast(open, ChangeHandle(1)));
    QVERIFY(graph.isBefore(ChangeHandle(1), open) && !graph.isBefore(open, ChangeHandle(1)));
    QVERIFY(!graph.contains(graph.clockOf(ChangeHandle(1)), open));
}

void CausalGraphTest::knowsDocumentsFromTheirCreatorOnly()
{
    const ForkScene s;
    const CausalGraph &graph = s.reader.graph;
    QVERIFY(graph.documentExists(graph.clockOf(ChangeHandle(1)), kDoc));
    QVERIFY(!graph.documentExists(Clock{}, kDoc));
    QVERIFY(!graph.documentExists(graph.clockOf(ChangeHandle(1)), docIndexOf(DeviceIndex(1), 1)));
}

void CausalGraphTest::holdsAHundredThousand()
{
    constexpr std::uint32_t kChanges = 100'000;
    const Group group(4, kScheme);
    Replica reader(group, 3);
    Replica ann(group, 0);
    QVERIFY(reader.receive(ann.setTitle(kDoc, "T").raw()));
    // Merges without content: what is measured is the graph and the header rules.
    QElapsedTimer timer;
    qint64 nanos = 0;
    for (std::uint32_t i = 1; i < kChanges; ++i) {
        // Every tenth change merges: the reader answers Ann, and Ann sees it.
        if (i % 10 == 0) {
            const Change answer = reader.merge(kDoc, reader.heads());
            QVERIFY(ann.receive(answer.raw()).has_value());
            continue;
        }
        const Change change = ann.merge(kDoc, ann.heads());
        timer.start();
        const bool isTaken = reader.receive(change.raw()).has_value();
        nanos += timer.nsecsElapsed();
        QVERIFY(isTaken);
    }
    QCOMPARE(reader.graph.size(), std::size_t(kChanges));
    qInfo("validating and adding a change, quick signatures: %.1f us",
          static_cast<double>(nanos) / 1000.0 / (kChanges * 0.9));
    QVERIFY(reader.graph.isInPast(ChangeHandle(1), ChangeHandle(kChanges)));
    reader.graph.checkInvariants();
}

QTEST_APPLESS_MAIN(CausalGraphTest)
#include "causal_graph_test.moc"
