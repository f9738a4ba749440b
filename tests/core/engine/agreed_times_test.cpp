#include "core/base/codec.h"
#include "core/engine/agreed_times.h"
#include "tests/support/past_table.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::PastTable;

namespace {

WallTime minuteOf(WallTime time)
{
    return WallTime(std::chrono::floor<std::chrono::minutes>(time));
}

std::vector<std::optional<WallTime>> timesOf(PastTable &table, std::size_t who)
{
    std::vector<std::optional<WallTime>> times;
    for (const api::PastGroup &group : table.groups(who))
        times.push_back(group.agreedSince);
    return times;
}

} // namespace

/// Since when a computer knows that something is agreed.
class AgreedTimesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void groupsSaySinceWhenThatIsKnown();
    void itIsKeptOverARestart();
    void whoIsAloneKnowsNoTime();
    void noTimeIsAheadOfTheClock();
    void oldTimesAreThinned();
    void badRowsAreNoTimes_data();
    void badRowsAreNoTimes();
};

/// No signature says when it was given: each computer says since when it knows.
void AgreedTimesTest::groupsSaySinceWhenThatIsKnown()
{
    PastTable table(4, "a");
    table.pass(10min);
    table.isolate(3);
    table.type(0, 1, "b");
    table.settle();
    const WallTime first = minuteOf(table.group.now().wall);
    table.group.run(10s);
    const auto since = table.groups(0).back().agreedSince;
    QVERIFY(since && first <= *since && *since <= table.group.now().wall);

    table.pass(20min);
    table.isolate(2);
    table.type(0, 2, "c");
    table.settle();
    table.group.run(10s);
    QVERIFY(!table.groups(0).back().agreedSince); // two of four have it
    table.isolate(3, false);
    table.group.run(30s);
    table.settle();
    const auto groups = table.groups(3);
    QVERIFY(groups.back().state == api::Agreement::Agreed);
    QVERIFY(groups.back().agreedSince.has_value());
    QVERIFY(groups[groups.size() - 2].agreedSince >= *since + 20min); // it was away till now
    QVERIFY(table.groups(0)[groups.size() - 2].agreedSince == since);
}

void AgreedTimesTest::itIsKeptOverARestart()
{
    PastTable table(4, "a");
    for (TextOffset i = 0; i < 3; ++i) {
        table.pass(10min);
        table.type(0, i, "b");
        table.settle();
        table.group.run(30s);
    }
    const auto before = timesOf(table, 0);
    QVERIFY(before.size() >= 3);
    for (std::size_t i = 0; i < before.size(); ++i)
        QVERIFY(before[i] && (i == 0 || *before[i] > *before[i - 1]));
    table.pass(30min);
    table.group.restart(0);
    table.open(0);
    table.settle();
    QVERIFY(timesOf(table, 0) == before);
}

void AgreedTimesTest::whoIsAloneKnowsNoTime()
{
    PastTable table(1, "a");
    table.type(0, 1, "b");
    table.settle();
    table.group.run(10s);
    QVERIFY(!table.groups(0).back().agreedSince);
}

/// The clock was wrong, and somebody put it right.
void AgreedTimesTest::noTimeIsAheadOfTheClock()
{
    PastTable table(2, "a");
    table.pass(24h * 365);
    table.type(0, 1, "b");
    table.settle();
    table.group.run(30s);
    table.pass(-24h * 365);
    QVERIFY(table.groups(0).back().agreedSince <= table.group.now().wall);
}

void AgreedTimesTest::oldTimesAreThinned()
{
    constexpr std::size_t kRows = engine::AgreedTimes::kStepsMax / engine::AgreedTimes::kRowSteps;
    PastTable table(2, "a");
    table.group.run(30s);
    store::StoredWorkspace folder = table.group.folder(0);
    const auto isRow = [](const store::MetaRow &row) { return row.key.starts_with("agreed.0."); };
    std::erase_if(folder.meta, isRow);
    for (std::size_t row = 0; row <= kRows; ++row) {
        Writer out;
        for (std::size_t i = 0; i < engine::AgreedTimes::kRowSteps; ++i) {
            const std::size_t before = i == 0 ? row * engine::AgreedTimes::kRowSteps : 0;
            out.varint(before + 1);
            out.varint(before + 1);
        }
        folder.meta.push_back({"agreed.0." + std::to_string(row), std::move(out).take()});
    }
    table.group.startFrom(0, folder);
    table.open(0);
    table.settle();
    table.type(0, 0, "c");
    table.settle();
    table.group.run(30s);
    const auto after = table.group.folder(0);
    QCOMPARE(static_cast<std::size_t>(std::ranges::count_if(after.meta, isRow)), kRows / 2 + 1);
}

void AgreedTimesTest::badRowsAreNoTimes_data()
{
    QTest::addColumn<QByteArray>("value");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("half") << QByteArray("\x01", 1);
    QTest::newRow("no number") << QByteArray(40, char(0xFF));
    QTest::newRow("far ahead") << QByteArray("\x7F\xFF\xFF\xFF\xFF\x07", 6);
    QTest::newRow("backwards") << QByteArray("\x05\x05\x00\x00\x00\x00", 6);
    QTest::newRow("too many") << QByteArray(2000, char(1));
}

/// A folder that somebody altered: it opens, and what is agreed stays agreed.
void AgreedTimesTest::badRowsAreNoTimes()
{
    QFETCH(QByteArray, value);
    PastTable table(2, "a");
    table.type(0, 1, "b");
    table.settle();
    table.group.run(30s);
    store::StoredWorkspace folder = table.group.folder(0);
    const auto *data = reinterpret_cast<const std::byte *>(value.constData());
    std::size_t rows = 0;
    for (store::MetaRow &row : folder.meta)
        if (row.key.starts_with("agreed.")) {
            row.value = Bytes(data, data + value.size());
            ++rows;
        }
    QVERIFY(rows > 0);
    for (const char *key : {"agreed.", "agreed.1", "agreed.x.1", "agreed.1.x", "agreed.99999.0"})
        folder.meta.push_back({key, Bytes(4)});
    table.group.startFrom(0, folder);
    table.open(0);
    table.settle();
    const auto groups = table.groups(0);
    QVERIFY(groups.back().state == api::Agreement::Agreed);
    table.type(0, 0, "c");
    table.settle();
    table.group.run(30s);
    QVERIFY(table.groups(0).back().agreedSince.has_value() || value.startsWith("\x7F"));
}

QTEST_APPLESS_MAIN(AgreedTimesTest)
#include "agreed_times_test.moc"
