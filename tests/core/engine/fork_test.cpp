#include "tests/support/hostile.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;

namespace {

constexpr std::size_t kMalory = 3;
constexpr std::size_t kHonest = 3;

using Records = std::vector<hostile::Record>;

/// Four members. The last one's device writes with a pen, speaks once to this one and that one, and
/// is never seen again: what she did must come out among those who are left.
struct Table {
    explicit Table(std::uint64_t seed = 1)
        : group(4, seed)
        , configuration(group.genesis().genesis.configuration())
        , pen({configuration, scheme, group.device(kMalory), DeviceIndex(kMalory), group.key()})
    {
        group.run(200ms);
        for (std::size_t a = 0; a < kHonest; ++a)
            for (std::size_t b = a + 1; b < kHonest; ++b)
                group.cut(a, b);
    }

    /// The next `count` changes of a branch that the pen goes on with.
    Records write(std::size_t count)
    {
        Records records;
        for (std::size_t i = 0; i < count; ++i)
            records.push_back(pen.append("a", group.now().wall));
        return records;
    }

    void give(std::size_t to, const Records &records)
    {
        const hostile::Frame frame = hostile::changesFrame(records);
        group.step(to, engine::FrameIn{group.sessionWith(to, kMalory), frame.kind, frame.body});
    }

    /// Malory goes, and the others meet in the given order.
    void meet(const std::vector<std::pair<std::size_t, std::size_t>> &links)
    {
        for (std::size_t i = 0; i < kHonest; ++i)
            group.cut(i, kMalory);
        for (const auto &[a, b] : links) {
            group.join(a, b);
            group.run(100ms);
        }
        group.run(8s);
    }

    [[nodiscard]] bool knowsFork(std::size_t i)
    {
        return std::ranges::any_of(group.at(i).evidence(), [](const api::EvidenceInfo &evidence) {
            return evidence.code == Code::EV_FORK && evidence.accused == DeviceIndex(kMalory);
        });
    }

    SmallGroup group;
    identity::Ed25519 scheme;
    identity::Configuration configuration;
    hostile::Pen pen;
};

/// Another branch beside the pen's chain: `count` changes after `base` of them.
Records branch(Table &table, const Records &base, std::size_t count, std::string_view text = "b")
{
    hostile::Pen other(table.pen.member());
    for (const hostile::Record &record : base)
        static_cast<void>(other.take(record));
    Records records;
    for (std::size_t i = 0; i < count; ++i)
        records.push_back(other.append(text, table.group.now().wall));
    return records;
}

Records joined(Records a, const Records &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

} // namespace

/// A fork is proven and healed by the honest alone, whoever holds what of it, in any order of
/// meeting (PROTOCOL C6).
class ForkTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void comesOutAmongTheHonest_data();
    void comesOutAmongTheHonest();
    void whoForkedWritesNoMore();
    void anAlteredLinkIsNobodysFault();
    void anAlteredLinkOfABranchReachesAll_data();
    void anAlteredLinkOfABranchReachesAll();
    void whatVouchedIsNotTaken_data();
    void whatVouchedIsNotTaken();
    void aCoverThatIsTooLongIsNone();
};

void ForkTest::comesOutAmongTheHonest_data()
{
    QTest::addColumn<int>("base");    // changes below the fork
    QTest::addColumn<int>("ofFirst"); // length of the branch that 0 holds
    QTest::addColumn<int>("ofSecond");
    QTest::addColumn<int>("way"); // what 1 gets: 0 all, 1 without the base, 2 backwards
    QTest::addColumn<int>("order");
    const int lengths[][3] = {{0, 1, 1},   {0, 3, 2},  {1, 1, 1},  {3, 1, 4},    {3, 4, 1},
                              {2, 2, 2},   {2, 5, 5},  {4, 20, 3}, {4, 3, 20},   {10, 30, 30},
                              {0, 90, 90}, {5, 90, 2}, {5, 2, 90}, {3, 200, 150}};
    const auto isProvable = [](int base, int first, int second, int way) {
        // What has no parents waits, within its bound: of a long branch only the end is kept.
        const int waiting = static_cast<int>(limits::kOrphansPerDevice);
        return way != 1 || base == 0 || second <= waiting || first > second - waiting;
    };
    for (const auto &[base, first, second] : lengths)
        for (int way = 0; way < 3; ++way)
            for (int order = 0;
                 order < (first + second > 100 ? 2 : 4) && isProvable(base, first, second, way);
                 ++order)
                QTest::addRow("%d below, %d beside %d, way %d, order %d", base, first, second, way,
                              order)
                    << base << first << second << way << order;
}

void ForkTest::comesOutAmongTheHonest()
{
    QFETCH(int, base);
    QFETCH(int, ofFirst);
    QFETCH(int, ofSecond);
    QFETCH(int, way);
    QFETCH(int, order);
    Table table(static_cast<std::uint64_t>(order + 1));
    const Records below = table.write(static_cast<std::size_t>(base));
    const Records second = branch(table, below, static_cast<std::size_t>(ofSecond));
    const Records first = table.write(static_cast<std::size_t>(ofFirst));
    table.give(0, joined(below, first));
    Records toOne = way == 1 ? second : joined(below, second);
    if (way == 2)
        std::ranges::reverse(toOne);
    table.give(1, toOne);
    const std::vector<std::vector<std::pair<std::size_t, std::size_t>>> orders{
        {{0, 1}, {1, 2}, {0, 2}}, {{0, 2}, {1, 2}}, {{1, 2}, {0, 2}}, {{0, 1}, {0, 2}}};
    table.meet(orders[static_cast<std::size_t>(order)]);
    for (std::size_t i = 0; i < kHonest; ++i) {
        QVERIFY2(table.knowsFork(i), qPrintable(QString::number(i)));
        QVERIFY(table.group.cuts(i).empty());
        QCOMPARE(table.group.at(i).snapshot().frontierRoot,
                 table.group.at(0).snapshot().frontierRoot);
        QCOMPARE(table.group.at(i).snapshot().documents, table.group.at(0).snapshot().documents);
        table.group.at(i).graph().checkInvariants();
    }
}

void ForkTest::whoForkedWritesNoMore()
{
    Table table;
    const Records below = table.write(2);
    const Records second = branch(table, below, 1);
    const Records first = table.write(1);
    table.give(0, joined(below, first));
    table.give(0, second);
    QVERIFY(table.knowsFork(0));
    const Records later = table.write(3);
    table.give(0, later);
    table.group.run(2s);
    // A fence may be decided meanwhile, and make more of it void: never less.
    for (const hostile::Record &record : later)
        QCOMPARE(table.group.at(0).graph().find(record.hash), ChangeHandle());
    QCOMPARE(table.group.at(0).snapshot().orphans, std::size_t{0});
}

void ForkTest::anAlteredLinkIsNobodysFault()
{
    // The signature of a link is altered, which the end of its run makes up for; then comes the
    // other branch. What would be a proof does not hold, so whoever told it would be cut.
    Table table;
    const Records below = table.write(2);
    const Records second = branch(table, below, 1);
    Records run = joined(below, table.write(3));
    run[2].signature.value[5] ^= std::byte{1};
    table.give(0, run);
    QCOMPARE(table.group.at(0).graph().size(), run.size());
    table.group.join(0, 1);
    table.group.run(200ms);
    table.give(0, second);
    table.meet({{0, 2}, {1, 2}});
    for (std::size_t i = 0; i < kHonest; ++i)
        QVERIFY(table.group.cuts(i).empty());
    QCOMPARE(table.group.at(1).graph().size(), run.size());
    QCOMPARE(table.group.at(2).graph().size(), run.size());
}

void ForkTest::anAlteredLinkOfABranchReachesAll_data()
{
    QTest::addColumn<QList<int>>("altered");
    QTest::addColumn<int>("letters");
    QTest::addRow("one") << QList{0} << 1;
    QTest::addRow("some") << QList{0, 3, 4} << 1;
    QTest::addRow("all but the last") << QList{0, 1, 2, 3, 4, 5} << 1;
    QTest::addRow("more bytes than one answer has") << QList{0, 1, 2, 3, 4, 5} << 55'000;
}

void ForkTest::anAlteredLinkOfABranchReachesAll()
{
    QFETCH(QList<int>, altered);
    QFETCH(int, letters);
    // Honest work stands on one branch, the others hold the other one. They ask for what is missing
    // by its hash, link by link; the one whose signature was altered convinces only together with
    // what follows.
    Table table;
    const Records below = table.write(2);
    SeededRandom random(7);
    std::string text;
    while (text.size() < static_cast<std::size_t>(letters))
        text.push_back(static_cast<char>(' ' + random.below(95))); // cannot be made much smaller
    Records second = branch(table, below, 7, text);
    const Records third = branch(table, below, 1, "c");
    const Records first = table.write(4);
    for (const int link : altered)
        second[static_cast<std::size_t>(link)].signature.value[5] ^= std::byte{1};
    table.give(0, joined(below, second));
    for (const std::size_t other : {1, 2}) {
        table.give(other, joined(below, first));
        table.give(other, third); // from here on the device is known to fork
        QVERIFY(table.knowsFork(other));
    }
    for (std::size_t i = 0; i < kHonest; ++i)
        table.group.cut(i, kMalory);
    table.group.submit(0, api::CreateDocument{1, "Stands on it", ""});
    table.group.run(200ms);
    table.meet({{0, 1}, {1, 2}});
    for (std::size_t i = 0; i < kHonest; ++i) {
        QVERIFY(table.group.cuts(i).empty());
        for (const hostile::Record &record : second)
            QVERIFY(table.group.at(i).graph().find(record.hash) != ChangeHandle());
        QCOMPARE(table.group.at(i).snapshot().frontierRoot,
                 table.group.at(0).snapshot().frontierRoot);
    }
}

void ForkTest::whatVouchedIsNotTaken_data()
{
    QTest::addColumn<QString>("after"); // what comes after the altered link, to one member alone
    QTest::addRow("an invalid one") << "invalid";
    QTest::addRow("an invalid one, altered, and a good one") << "invalid-altered good";
    QTest::addRow("garbage, and a good one") << "garbage good";
    QTest::addRow("one that waits") << "waits";
    QTest::addRow("one that waits, altered, and a good one") << "waits-altered good";
}

void ForkTest::whatVouchedIsNotTaken()
{
    // The signature of a link is altered, and what makes up for it cannot be taken. Honest work may
    // stand on that link a moment later, and must still reach everybody.
    QFETCH(QString, after);
    Table table;
    Records run = table.write(2);
    run.back().signature.value[5] ^= std::byte{1};
    const Hash altered = run.back().hash;
    Hash last = altered;
    for (const QString &word : after.split(' ')) {
        if (word == "garbage") { // somebody else's, unsigned: its bringer is cut in the middle
            hostile::Record foreign =
                table.pen.draft(table.pen.typing("b"), table.group.now().wall);
            foreign.header.device = DeviceIndex(1);
            foreign.hash = foreign.header.hash();
            run.push_back(foreign);
            continue;
        }
        hostile::Record next = table.pen.append("b", table.group.now().wall);
        next.header.prev = last;
        if (word.startsWith("invalid"))
            next.header.lamport = Lamport(next.header.lamport.value + 7);
        if (word.startsWith("waits"))
            next.header.deps.push_back({DeviceIndex(0), Seq(40), altered});
        next = table.pen.resigned(next);
        if (word.endsWith("altered"))
            next.signature.value[5] ^= std::byte{1};
        last = next.hash;
        run.push_back(next);
    }
    table.give(0, run);
    QVERIFY(table.group.at(0).graph().find(altered) != ChangeHandle());
    for (std::size_t i = 0; i < kHonest; ++i)
        table.group.cut(i, kMalory);
    table.group.submit(0, api::CreateDocument{1, "Stands on it", ""});
    table.group.run(200ms);
    table.group.restart(0);
    table.meet({{0, 1}, {1, 2}});
    for (std::size_t i = 0; i < kHonest; ++i) {
        QVERIFY2(table.group.at(i).graph().find(altered) != ChangeHandle(),
                 qPrintable(QString::number(i)));
        QCOMPARE(table.group.at(i).snapshot().frontierRoot,
                 table.group.at(0).snapshot().frontierRoot);
    }
    for (std::size_t i = 1; i < kHonest; ++i)
        QVERIFY(table.group.cuts(i).empty());
}

void ForkTest::aCoverThatIsTooLongIsNone()
{
    // What vouches has as long a cover as there may be, so with it there would be one link more.
    Table table;
    Records run = table.write(2);
    run.back().signature.value[5] ^= std::byte{1};
    const Hash altered = run.back().hash;
    Hash last = altered;
    const auto next = [&](std::uint64_t lamportAhead) {
        hostile::Record record = table.pen.append("b", table.group.now().wall);
        record.header.prev = last;
        record.header.lamport = Lamport(record.header.lamport.value + lamportAhead);
        record = table.pen.resigned(record);
        last = record.hash;
        return record;
    };
    hostile::Record invalid = next(7);
    invalid.signature.value[5] ^= std::byte{1};
    for (std::size_t i = 0; i < limits::kRangeChangesMax; ++i) {
        const hostile::Record link = next(0);
        invalid.cover.push_back({link.header, link.signature});
    }
    run.push_back(invalid);
    table.give(0, run);
    QVERIFY(table.group.at(0).graph().find(altered) == ChangeHandle());
    table.group.restart(0);
    table.meet({{0, 1}, {1, 2}});
    for (std::size_t i = 1; i < kHonest; ++i)
        QVERIFY(table.group.cuts(i).empty());
}

QTEST_APPLESS_MAIN(ForkTest)
#include "fork_test.moc"
