#include "tests/core/history/random_history.h"
#include "tests/support/fast_signatures.h"

#include <QTest>
#include <rapidcheck.h>

using namespace nlbd;
using namespace nlbd::history;
using nlbd::test::Delivery;
using nlbd::test::FastSignatures;
using nlbd::test::Group;
using nlbd::test::RandomHistory;
using nlbd::test::Replica;

namespace {

const FastSignatures kScheme = nlbd::test::fastSignatures();

/// What a replica shows, in a form that any two can compare.
std::string shown(Replica &replica)
{
    crdt::Document &document = replica.document(replica.firstDocument());
    std::string result = document.text();
    for (const std::string &value : document.fieldValues("title"))
        result += "|" + value;
    return result;
}

/// Causality by its definition, walked along the edges.
bool isReachable(const CausalGraph &graph, ChangeHandle past, ChangeHandle from)
{
    std::vector<ChangeHandle> todo{from};
    std::set<ChangeHandle> seen;
    while (!todo.empty()) {
        const ChangeHandle at = todo.back();
        todo.pop_back();
        if (at == past)
            return true;
        if (at == ChangeHandle(0) || !seen.insert(at).second)
            continue;
        const CausalGraph::Entry &entry = graph.entry(at);
        todo.push_back(entry.prev);
        todo.insert(todo.end(), entry.deps.begin(), entry.deps.end());
    }
    return false;
}

} // namespace

class DeliveryPropertyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anyOrderGivesTheSame();
    void causalityIsReachability();
    void reduceNamesExactlyThePast();
    void shortFormRestoresFull();
    void hostileChangesFallTheSameWay();
};

void DeliveryPropertyTest::anyOrderGivesTheSame()
{
    QVERIFY(
        rc::check("any order and duplication gives one graph and one text", [](std::uint32_t seed) {
            const Group group(4, kScheme);
            SeededRandom random(seed);
            RandomHistory history(group, random, 30);

            Replica inOrder(group, 1);
            for (const UnverifiedChange &change : history.changes())
                RC_ASSERT(inOrder.receive(change).has_value());

            Replica reader(group, 2);
            Delivery delivery(reader);
            for (const UnverifiedChange &change : history.shuffled(random)) {
                delivery.bring(change, PeerId(1));
                if (random.below(3) == 0)
                    delivery.bring(change, PeerId(2));
            }
            reader.graph.checkInvariants();
            RC_ASSERT(delivery.orphans.count() == 0U);
            RC_ASSERT(delivery.orphans.bytes() == 0U);
            RC_ASSERT(reader.graph.size() == history.changes().size());
            RC_ASSERT(delivery.verdicts.size() == history.changes().size());
            for (const auto &[hash, verdict] : delivery.verdicts)
                RC_ASSERT(verdict == "valid");
            RC_ASSERT(shown(reader) == shown(inOrder));
            for (const UnverifiedChange &change : history.changes()) {
                const auto clockSum = [&](const CausalGraph &graph) {
                    std::uint64_t sum = 0;
                    for (const std::uint64_t height : graph.clockOf(graph.find(change.hash)))
                        sum += height;
                    return sum;
                };
                RC_ASSERT(clockSum(reader.graph) == clockSum(inOrder.graph));
            }
        }));
}

void DeliveryPropertyTest::causalityIsReachability()
{
    QVERIFY(rc::check("isInPast is reachability", [](std::uint32_t seed) {
        const Group group(3, kScheme);
        SeededRandom random(seed);
        RandomHistory history(group, random, 20);
        Replica reader(group, 0);
        for (const UnverifiedChange &change : history.changes())
            RC_ASSERT(reader.receive(change).has_value());
        const CausalGraph &graph = reader.graph;
        for (ChangeHandle a(1); a != graph.nextHandle(); a = a.next())
            for (ChangeHandle b(1); b != graph.nextHandle(); b = b.next()) {
                RC_ASSERT(graph.isInPast(a, b) == isReachable(graph, a, b));
                RC_ASSERT(graph.contains(graph.clockOf(b), a) == graph.isInPast(a, b));
            }
    }));
}

void DeliveryPropertyTest::reduceNamesExactlyThePast()
{
    QVERIFY(rc::check("reduce keeps the past and nothing implied", [](std::uint32_t seed) {
        const Group group(4, kScheme);
        SeededRandom random(seed);
        RandomHistory history(group, random, 25);
        Replica reader(group, 0);
        for (const UnverifiedChange &change : history.changes())
            RC_ASSERT(reader.receive(change).has_value());
        const CausalGraph &graph = reader.graph;
        const auto any = [&] {
            return ChangeHandle(static_cast<std::uint32_t>(1 + random.below(graph.size())));
        };
        const ChangeHandle prev = any();
        const std::vector<ChangeHandle> wanted{any(), any(), any(), any()};
        std::vector<ChangeHandle> deps;
        for (const DepRef &dep : graph.reduce(prev, wanted))
            deps.push_back(graph.find(dep.hash));
        RC_ASSERT(graph.merged(prev, deps) == graph.merged(prev, wanted));
        for (const ChangeHandle dep : deps) {
            RC_ASSERT(!graph.isInPast(dep, prev));
            for (const ChangeHandle other : deps)
                RC_ASSERT(dep == other || !graph.isInPast(dep, other));
        }
    }));
}

void DeliveryPropertyTest::shortFormRestoresFull()
{
    QVERIFY(rc::check("the short form restores what was signed", [](std::uint32_t seed) {
        const Group group(3, kScheme);
        SeededRandom random(seed);
        RandomHistory history(group, random, 20);
        Replica reader(group, 0);
        const ParentLookup parent = [&](DeviceIndex device, Seq seq) -> std::optional<KnownParent> {
            const auto held = reader.graph.at(device, seq);
            if (held.size() != 1)
                return std::nullopt;
            return KnownParent{reader.graph.entry(held[0]).hash,
                               reader.graph.entry(held[0]).lamport};
        };
        const auto admittedBy = [&](DeviceIndex device) -> std::optional<Hash> {
            return group.configuration.devices.at(device.value).admittedBy;
        };
        for (const UnverifiedChange &change : history.changes()) {
            const Bytes bytes = encodeShort(change);
            const bool needsParent = change.header.seq > Seq(1) || !change.header.deps.empty();
            if (needsParent) {
                const auto nobody = [](DeviceIndex, Seq) { return std::optional<KnownParent>(); };
                RC_ASSERT(decodeShort(bytes, nobody, admittedBy).error() == Code::BUFFERED);
            }
            const auto restored = decodeShort(bytes, parent, admittedBy);
            RC_ASSERT(restored.has_value());
            RC_ASSERT(*restored == change);
            RC_ASSERT(bytes.size() < encodeFull(change).size());
            RC_ASSERT(reader.receive(*restored).has_value());
        }
    }));
}

void DeliveryPropertyTest::hostileChangesFallTheSameWay()
{
    QVERIFY(rc::check("a verdict does not depend on the order of arrival", [](std::uint32_t seed) {
        const Group group(4, kScheme);
        SeededRandom random(seed);
        RandomHistory history(group, random, 20);
        const std::vector<UnverifiedChange> &all = history.changes();
        const auto isBySilent = [](const UnverifiedChange &change) {
            return change.header.device == DeviceIndex(3);
        };
        RC_PRE(std::ranges::none_of(all, isBySilent));
        // The silent device's first change lies about its logical time: one fault, and no rival.
        UnverifiedChange bad = all[static_cast<std::size_t>(random.below(all.size()))];
        bad.header.device = DeviceIndex(3);
        bad.header.seq = Seq(1);
        bad.header.prev = group.configuration.decision;
        bad.header.deps = {{all[0].header.device, all[0].header.seq, all[0].hash}};
        bad.header.lamport = Lamport(7);
        bad = test::resigned(group, bad);
        std::optional<std::string> word;
        for (int round = 0; round < 3; ++round) {
            Replica reader(group, 2);
            Delivery delivery(reader);
            std::vector<UnverifiedChange> mixed = history.shuffled(random);
            mixed.insert(
                mixed.begin() + static_cast<std::ptrdiff_t>(random.below(mixed.size() + 1)), bad);
            for (const UnverifiedChange &change : mixed)
                delivery.bring(change, PeerId(1));
            const std::string verdict = delivery.verdicts[bad.hash];
            RC_ASSERT(verdict == "E_LAMPORT");
            RC_ASSERT(!word || *word == verdict);
            word = verdict;
            RC_ASSERT(reader.graph.size() == history.changes().size());
        }
    }));
}

QTEST_APPLESS_MAIN(DeliveryPropertyTest)
#include "delivery_property_test.moc"
