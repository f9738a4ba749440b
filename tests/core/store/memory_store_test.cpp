#include "core/store/memory_store.h"
#include "tests/core/store/rows.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::store;
namespace make = nlbd::store::testing;

class MemoryStoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void lazyBatchesVanishFromTheEnd();
    void syncedRowsAndJournalStay();
    void aSecondRecordIsAConflict();
    void failuresAreReported();
    void oldRefusalsAreForgotten();
};

void MemoryStoreTest::lazyBatchesVanishFromTheEnd()
{
    bool hasLost = false;
    bool hasKept = false;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        MemoryStore store;
        for (std::uint64_t i = 0; i < 6; ++i)
            QVERIFY(store.commit({make::change(i)}, Sync::Lazy));
        SeededRandom random(seed);
        store.crash(random);
        const auto loaded = store.load();
        QVERIFY(loaded);
        for (std::size_t i = 0; i < loaded->changes.size(); ++i)
            QVERIFY(loaded->changes[i] == make::change(i)); // a prefix, never a hole
        hasLost = hasLost || loaded->changes.size() < 6;
        hasKept = hasKept || !loaded->changes.empty();
    }
    QVERIFY(hasLost);
    QVERIFY(hasKept);
}

void MemoryStoreTest::syncedRowsAndJournalStay()
{
    MemoryStore store;
    QVERIFY(store.commit({make::change(1)}, Sync::Lazy));
    QVERIFY(store.commit({make::change(2)}, Sync::Full)); // takes the lazy one along
    QVERIFY(store.commit(
        {make::change(3), make::journal(1, 1), MetaRow{"name", make::filler(3, 1)}}, Sync::Lazy));
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        SeededRandom random(seed);
        store.crash(random);
    }
    const auto loaded = store.load();
    QVERIFY(loaded);
    QCOMPARE(loaded->changes.size(), std::size_t{2});
    QCOMPARE(loaded->journal.size(), std::size_t{1});
    QCOMPARE(loaded->meta.size(), std::size_t{1});
}

void MemoryStoreTest::aSecondRecordIsAConflict()
{
    MemoryStore store;
    QVERIFY(store.commit({make::journal(7, 1)}, Sync::Full));
    QVERIFY(store.commit({make::journal(7, 1)}, Sync::Full));
    const auto refused = store.commit({make::change(1), make::journal(7, 2)}, Sync::Full);
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, StoreError::Kind::Conflict);
    QVERIFY(store.load()->changes.empty());
    QVERIFY(!store.commit({make::journal(8, 1), make::journal(8, 2)}, Sync::Full));
}

void MemoryStoreTest::failuresAreReported()
{
    MemoryStore store;
    store.failWith(StoreError{StoreError::Kind::Full, "full"});
    QCOMPARE(store.commit({make::change(1)}, Sync::Full).error().kind, StoreError::Kind::Full);
    store.failWith(std::nullopt);
    QVERIFY(store.commit({make::change(1)}, Sync::Full));
    QCOMPARE(store.load()->changes.size(), std::size_t{1});
}

void MemoryStoreTest::oldRefusalsAreForgotten()
{
    MemoryStore store;
    for (std::uint64_t number = 1; number <= 1100; ++number)
        QVERIFY(store.commit({RefusalRow{number, make::filler(10, number)}}, Sync::Lazy));
    const auto loaded = store.load();
    QCOMPARE(loaded->refusals.size(), std::size_t{1000});
    QCOMPARE(loaded->refusals.front().number, std::uint64_t{101});
}

QTEST_APPLESS_MAIN(MemoryStoreTest)
#include "memory_store_test.moc"
