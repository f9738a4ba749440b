#include "core/store/memory_store.h"
#include "core/store/sqlite_store.h"
#include "tests/core/store/killed_writer.h"
#include "tests/core/store/rows.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <unistd.h>

using namespace nlbd;
using namespace nlbd::store;
namespace make = nlbd::store::testing;

namespace {

constexpr std::uint64_t kPiece = 8;

/// A pack that takes the place of `kPiece` changes from `first` on. What it holds is only named.
PackRow pack(std::uint64_t first)
{
    PackRow row;
    row.record = make::filler(100, first);
    row.id = digest(make::kTest, row.record);
    for (std::uint64_t i = first; i < first + kPiece; ++i)
        row.instead.push_back(make::change(i).hash);
    return row;
}

PackRow stored(PackRow row)
{
    row.instead.clear();
    return row;
}

Rows changes(std::uint64_t first, std::uint64_t count, std::size_t bytes = 200)
{
    Rows rows;
    for (std::uint64_t i = first; i < first + count; ++i)
        rows.emplace_back(make::change(i, bytes));
    return rows;
}

/// Writes changes and puts them away, for ever; tells how many are there, whatever form they have.
[[noreturn]] void packForEver(const std::filesystem::path &folder, std::uint64_t first, int report)
{
    auto store = SqliteStore::open(folder);
    if (!store)
        _exit(1);
    for (std::uint64_t at = first;; at += kPiece) {
        const Sync sync = at / kPiece % 2 == 0 ? Sync::Lazy : Sync::Full;
        if (!(*store)->commit(changes(at, kPiece), Sync::Full))
            _exit(1);
        const std::uint64_t there = at + kPiece;
        if (write(report, &there, sizeof there) != sizeof there)
            _exit(1);
        if (!(*store)->commit({pack(at)}, sync))
            _exit(1);
    }
}

/// How many changes are there from 0 on; nothing if one is missing, or there twice.
std::optional<std::uint64_t> countWhole(const StoredWorkspace &loaded)
{
    const std::uint64_t packed = loaded.packs.size() * kPiece;
    for (std::uint64_t i = 0; i < loaded.packs.size(); ++i)
        if (loaded.packs[i] != stored(pack(i * kPiece)))
            return std::nullopt;
    for (std::size_t i = 0; i < loaded.changes.size(); ++i)
        if (loaded.changes[i] != make::change(packed + i))
            return std::nullopt;
    return packed + loaded.changes.size();
}

std::uintmax_t bytesIn(const std::filesystem::path &folder)
{
    return std::filesystem::file_size(folder / "text.db");
}

} // namespace

class PackRowsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itTakesTheirPlace();
    void inMemoryLikewise();
    void aRetriedBatchChangesNothing();
    void aLostBatchLeavesTheRows();
    void killedAtAnyMoment();
    void theFileShrinks();
    void anAlteredPackIsLeftOut();
    void packsAreCarriedOverFromADamagedFile();
};

void PackRowsTest::itTakesTheirPlace()
{
    const QTemporaryDir dir;
    const std::filesystem::path folder = dir.path().toStdString();
    {
        auto store = SqliteStore::open(folder);
        QVERIFY(store);
        QVERIFY((*store)->commit(changes(0, 3 * kPiece + 2), Sync::Full));
        QVERIFY((*store)->commit({pack(0)}, Sync::Lazy));
        QVERIFY((*store)->commit({pack(kPiece), make::change(99)}, Sync::Lazy));
    }
    auto store = SqliteStore::open(folder);
    QVERIFY(store);
    const auto loaded = (*store)->load();
    QVERIFY(loaded && loaded->repairs.empty());
    QVERIFY(loaded->packs == std::vector({stored(pack(0)), stored(pack(kPiece))}));
    QCOMPARE(loaded->changes.size(), kPiece + 2 + 1);
    QVERIFY(loaded->changes.front() == make::change(2 * kPiece));
    QVERIFY(loaded->changes.back() == make::change(99));
}

void PackRowsTest::inMemoryLikewise()
{
    MemoryStore store;
    QVERIFY(store.commit(changes(0, 3 * kPiece), Sync::Full));
    QVERIFY(store.commit({pack(kPiece)}, Sync::Full));
    QVERIFY(store.commit({make::change(0), make::change(99)}, Sync::Lazy)); // one is there already
    const auto loaded = store.load();
    QVERIFY(loaded->packs == std::vector({stored(pack(kPiece))}));
    QCOMPARE(loaded->changes.size(), 2 * kPiece + 1);
    QVERIFY(loaded->changes[kPiece] == make::change(2 * kPiece));
    QVERIFY(loaded->changes.back() == make::change(99));
}

void PackRowsTest::aRetriedBatchChangesNothing()
{
    const QTemporaryDir dir;
    auto onDisk = SqliteStore::open(dir.path().toStdString());
    QVERIFY(onDisk);
    MemoryStore inMemory;
    for (Store *store : {static_cast<Store *>(onDisk->get()), static_cast<Store *>(&inMemory)}) {
        QVERIFY(store->commit(changes(0, kPiece + 1), Sync::Full));
        QVERIFY(store->commit({pack(0)}, Sync::Full));
        QVERIFY(store->commit({pack(0)}, Sync::Full));
        const auto loaded = store->load();
        QVERIFY(loaded);
        QCOMPARE(countWhole(*loaded), std::optional(kPiece + 1));
    }
}

void PackRowsTest::aLostBatchLeavesTheRows()
{
    bool hasLost = false;
    bool hasKept = false;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        MemoryStore store;
        QVERIFY(store.commit(changes(0, 4 * kPiece), Sync::Full));
        for (std::uint64_t i = 0; i < 4; ++i)
            QVERIFY(store.commit({pack(i * kPiece)}, Sync::Lazy));
        SeededRandom random(seed);
        store.crash(random);
        const auto loaded = store.load();
        QCOMPARE(countWhole(*loaded), std::optional(4 * kPiece));
        hasLost = hasLost || loaded->packs.size() < 4;
        hasKept = hasKept || !loaded->packs.empty();
    }
    QVERIFY(hasLost && hasKept);
}

void PackRowsTest::killedAtAnyMoment()
{
    const QTemporaryDir dir;
    const std::filesystem::path folder = dir.path().toStdString();
    std::uint64_t next = 0;
    for (std::uint64_t round = 0; round < 10; ++round) {
        int pipes[2];
        QCOMPARE(pipe(pipes), 0);
        const pid_t child = fork();
        if (child == 0) {
            ::close(pipes[0]);
            packForEver(folder, next, pipes[1]);
        }
        ::close(pipes[1]);
        const std::uint64_t last = killAfter(child, pipes[0], 3 + round * 5);
        ::close(pipes[0]);
        QVERIFY(last > next);

        auto store = SqliteStore::open(folder);
        QVERIFY(store);
        const auto loaded = (*store)->load();
        QVERIFY(loaded && loaded->repairs.empty());
        const auto whole = countWhole(*loaded);
        QVERIFY(whole.has_value()); // each change in one form, none missing
        QVERIFY(*whole >= last);
        // What was not put away is put away now, as the engine does.
        for (next = loaded->packs.size() * kPiece; next < *whole; next += kPiece)
            QVERIFY((*store)->commit({pack(next)}, Sync::Full));
    }
}

void PackRowsTest::theFileShrinks()
{
    const QTemporaryDir dir;
    const std::filesystem::path folder = dir.path().toStdString();
    const auto commit = [&folder](const Rows &rows) {
        auto store = SqliteStore::open(folder);
        return store && (*store)->commit(rows, Sync::Full);
    };
    QVERIFY(commit(changes(0, 100 * kPiece, 1000)));
    const std::uintmax_t before = bytesIn(folder);
    Rows packs;
    for (std::uint64_t i = 0; i < 90; ++i) {
        PackRow row = pack(i * kPiece);
        row.instead.clear();
        for (std::uint64_t at = i * kPiece; at < (i + 1) * kPiece; ++at)
            row.instead.push_back(make::change(at, 1000).hash);
        packs.emplace_back(row);
    }
    QVERIFY(commit(packs));
    QVERIFY(bytesIn(folder) < before / 3);
}

void PackRowsTest::anAlteredPackIsLeftOut()
{
    const QTemporaryDir dir;
    const std::filesystem::path folder = dir.path().toStdString();
    {
        auto store = SqliteStore::open(folder);
        QVERIFY(store && (*store)->commit(changes(0, 2 * kPiece), Sync::Full));
        QVERIFY((*store)->commit({pack(0), pack(kPiece)}, Sync::Full));
    }
    std::ifstream in(folder / "text.db", std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    const std::string record(viewOf(pack(0).record));
    const std::size_t at = bytes.find(record);
    QVERIFY(at != std::string::npos);
    bytes[at + 50] = static_cast<char>(bytes[at + 50] ^ 1);
    std::ofstream(folder / "text.db", std::ios::binary | std::ios::trunc) << bytes;
    auto store = SqliteStore::open(folder);
    QVERIFY(store);
    const auto loaded = (*store)->load();
    QVERIFY(loaded);
    QVERIFY(loaded->packs == std::vector({stored(pack(kPiece))}));
    QCOMPARE(loaded->repairs.size(), std::size_t(1));
    QVERIFY((*store)->commit({pack(0)}, Sync::Full)); // its place is free again
    QCOMPARE((*store)->load()->packs.size(), std::size_t(2));
}

void PackRowsTest::packsAreCarriedOverFromADamagedFile()
{
    const QTemporaryDir dir;
    const std::filesystem::path folder = dir.path().toStdString();
    {
        auto store = SqliteStore::open(folder);
        QVERIFY(store && (*store)->commit(changes(0, 20 * kPiece, 600), Sync::Full));
        QVERIFY((*store)->commit({pack(1000), pack(2000)}, Sync::Full));
    }
    const std::uintmax_t size = bytesIn(folder);
    std::filesystem::resize_file(folder / "text.db", size - 3 * 4096); // its end is gone
    auto store = SqliteStore::open(folder);
    QVERIFY(store);
    const auto loaded = (*store)->load();
    QVERIFY(loaded && !loaded->repairs.empty());
    QVERIFY(!loaded->changes.empty());
    for (const PackRow &row : loaded->packs)
        QVERIFY(row == stored(pack(1000)) || row == stored(pack(2000)));
}

QTEST_APPLESS_MAIN(PackRowsTest)
#include "pack_rows_test.moc"
