#include "core/store/sqlite_store.h"
#include "tests/core/store/killed_writer.h"
#include "tests/core/store/rows.h"

#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

using namespace nlbd;
using namespace nlbd::store;
namespace make = nlbd::store::testing;

/// A child commits and reports each number once the commit has returned; it is killed in the
/// middle.
class StoreCrashTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingThatWasCommittedIsLost();
};

namespace {

[[noreturn]] void commitForEver(const std::filesystem::path &folder, std::uint64_t first,
                                int report)
{
    auto store = SqliteStore::open(folder);
    if (!store)
        _exit(1);
    for (std::uint64_t i = first;; ++i) {
        const Rows rows{make::journal(i, i), make::change(i, 500)};
        const Sync sync = i % 3 == 0 ? Sync::Lazy : Sync::Full;
        if (!(*store)->commit(rows, sync))
            _exit(1);
        if (sync == Sync::Full && write(report, &i, sizeof i) != sizeof i)
            _exit(1);
    }
}

} // namespace

void StoreCrashTest::nothingThatWasCommittedIsLost()
{
    QTemporaryDir dir;
    const std::filesystem::path folder = dir.path().toStdString();
    std::uint64_t next = 1;
    for (std::uint64_t round = 0; round < 12; ++round) {
        int pipes[2];
        QCOMPARE(pipe(pipes), 0);
        const pid_t child = fork();
        if (child == 0) {
            ::close(pipes[0]);
            commitForEver(folder, next, pipes[1]);
        }
        ::close(pipes[1]);
        const std::uint64_t last = killAfter(child, pipes[0], 3 + round * 7);
        ::close(pipes[0]);
        QVERIFY(last >= next);

        auto store = SqliteStore::open(folder);
        QVERIFY(store);
        const auto loaded = (*store)->load();
        QVERIFY(loaded);
        QVERIFY(loaded->repairs.empty());
        QVERIFY(loaded->journal.size() >= loaded->changes.size()); // the journal comes first
        QVERIFY(loaded->changes.size() >= last);
        for (std::size_t i = 0; i < loaded->changes.size(); ++i)
            QVERIFY(loaded->changes[i] == make::change(i + 1, 500)); // no hole, nothing half
        for (std::size_t i = 0; i < loaded->journal.size(); ++i)
            QVERIFY(loaded->journal[i] == make::journal(i + 1, i + 1));
        QVERIFY(loaded->journal.size() <= loaded->changes.size() + 1);
        // A journal row without its change is what the engine restores; here the child retries it.
        next = loaded->changes.size() + 1;
    }
}

QTEST_APPLESS_MAIN(StoreCrashTest)
#include "store_crash_test.moc"
