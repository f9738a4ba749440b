#include "core/store/sqlite_store.h"
#include "tests/core/store/rows.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace nlbd;
using namespace nlbd::store;
namespace make = nlbd::store::testing;

class SqliteStoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void everythingComesBack();
    void acksAndNamedValuesAreReplaced();
    void whatIsTakenAwayLeavesNoBytes();
    void aSecondRecordIsAConflict();
    void aBatchIsAllOrNothing();
    void aRetriedBatchIsNoConflict();
    void tooLargeARowIsRefused();
    void oldRefusalsAreForgotten();
    void aFolderInUseIsAnswered();
    void aReadOnlyFolderIsAnswered();
    void aFullDiskIsAnswered();
    void aNewerFormatIsLeftAlone();
    void theFolderIsPrivate();
    void whatIsReadBackPassesItsCheck();

private:
    [[nodiscard]] std::filesystem::path folder() const
    {
        return std::filesystem::path(m_dir->path().toStdString()) / "w";
    }
    std::unique_ptr<QTemporaryDir> m_dir;
};

void SqliteStoreTest::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
}

void SqliteStoreTest::everythingComesBack()
{
    const AckRow ack{SeatIndex(2), make::filler(100, 1), make::filler(500, 2)};
    const RefusalRow refusal{1, make::filler(90, 3)};
    const MetaRow meta{"genesis", make::filler(400, 4)};
    const DecisionRow decision{Epoch(0), make::filler(300, 8)};
    const ControlRow decided{digest(make::kTest, make::filler(9, 1)), 1, Epoch(0),
                             make::filler(9, 1)};
    const ControlRow open{digest(make::kTest, make::filler(9, 2)), 1, Epoch(8), make::filler(9, 2)};
    ChangeRow unchecked = make::change(7);
    unchecked.isSignatureChecked = false;
    {
        auto store = SqliteStore::open(folder());
        QVERIFY(store);
        QVERIFY((*store)->commit({meta, make::change(9), make::journal(1, 5)}, Sync::Full));
        QVERIFY((*store)->commit({unchecked, ack, make::evidence(3), refusal}, Sync::Lazy));
        QVERIFY((*store)->commit({decided, open, open}, Sync::Lazy));
        QVERIFY((*store)->commit({decision}, Sync::Full));
    }
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    auto loaded = (*store)->load();
    QVERIFY(loaded);
    QVERIFY(loaded->changes == std::vector({make::change(9), unchecked})); // in order of arrival
    QVERIFY(loaded->acks == std::vector({ack}));
    QVERIFY(loaded->evidence == std::vector({make::evidence(3)}));
    QVERIFY(loaded->refusals == std::vector({refusal}));
    QVERIFY(loaded->journal == std::vector({make::journal(1, 5)}));
    QVERIFY(loaded->meta == std::vector({meta}));
    QVERIFY(loaded->decisions == std::vector({decision}));
    QVERIFY(loaded->control == std::vector({open})); // the other went with its epoch
    QVERIFY(loaded->repairs.empty());

    QVERIFY((*store)->commit({make::change(7)}, Sync::Lazy)); // its signature was tried meanwhile
    QVERIFY((*store)->load()->changes[1].isSignatureChecked);
}

void SqliteStoreTest::acksAndNamedValuesAreReplaced()
{
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    for (std::uint64_t i = 0; i < 3; ++i)
        QVERIFY((*store)->commit(
            {AckRow{SeatIndex(1), make::filler(9, i), {}}, MetaRow{"name", make::filler(5, i)}},
            Sync::Full));
    const auto loaded = (*store)->load();
    QCOMPARE(loaded->acks.size(), std::size_t{1});
    QVERIFY(loaded->acks[0].ack == make::filler(9, 2));
    QCOMPARE(loaded->meta.size(), std::size_t{1});
    QVERIFY(loaded->meta[0].value == make::filler(5, 2));
}

// A secret that is of no use any more, and what it was replaced by.
void SqliteStoreTest::whatIsTakenAwayLeavesNoBytes()
{
    const auto isOnDisk = [this](const Bytes &bytes) {
        for (const char *name : {"journal.db", "journal.db-wal"}) {
            std::ifstream in(folder() / name, std::ios::binary);
            const std::string all((std::istreambuf_iterator<char>(in)), {});
            if (all.find(std::string(reinterpret_cast<const char *>(bytes.data()), bytes.size()))
                != std::string::npos)
                return true;
        }
        return false;
    };
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    const MetaRow kept{"key.1", make::filler(32, 1)};
    const MetaRow secret{"care.a", make::filler(70, 2)};
    for (std::uint64_t i = 0; i < 20; ++i)
        QVERIFY((*store)->commit({make::journal(i, i)}, Sync::Full));
    QVERIFY((*store)->commit({kept, secret}, Sync::Full));
    QVERIFY(isOnDisk(secret.value));
    QVERIFY((*store)->commit({MetaRow{"care.a", {}}, MetaRow{"care.b", {}}}, Sync::Full));
    QVERIFY((*store)->load()->meta == std::vector({kept}));
    QVERIFY(isOnDisk(kept.value));
    QVERIFY(!isOnDisk(secret.value));
    QCOMPARE((*store)->load()->journal.size(), std::size_t{20});
}

void SqliteStoreTest::aSecondRecordIsAConflict()
{
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    QVERIFY((*store)->commit({make::journal(4, 1)}, Sync::Full));
    const auto refused = (*store)->commit({make::journal(4, 2)}, Sync::Full);
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, StoreError::Kind::Conflict);
    QVERIFY((*store)->load()->journal == std::vector({make::journal(4, 1)}));
}

void SqliteStoreTest::aBatchIsAllOrNothing()
{
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    QVERIFY((*store)->commit({make::journal(4, 1)}, Sync::Full));
    QVERIFY(
        !(*store)->commit({make::change(1), make::journal(3, 3), make::journal(4, 2)}, Sync::Full));
    const auto loaded = (*store)->load();
    QVERIFY(loaded->changes.empty());
    QCOMPARE(loaded->journal.size(), std::size_t{1});
}

void SqliteStoreTest::aRetriedBatchIsNoConflict()
{
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    const Rows batch{make::journal(1, 1), make::change(1), make::evidence(1)};
    QVERIFY((*store)->commit(batch, Sync::Full));
    QVERIFY((*store)->commit(batch, Sync::Full));
    const auto loaded = (*store)->load();
    QCOMPARE(loaded->changes.size(), std::size_t{1});
    QCOMPARE(loaded->evidence.size(), std::size_t{1});
}

void SqliteStoreTest::tooLargeARowIsRefused()
{
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    QVERIFY((*store)->commit({make::change(1, 1024 * 1024)}, Sync::Lazy));
    const auto refused = (*store)->commit({make::change(2, 1024 * 1024 + 1)}, Sync::Lazy);
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, StoreError::Kind::Failed);
    QCOMPARE((*store)->load()->changes.size(), std::size_t{1});
}

void SqliteStoreTest::oldRefusalsAreForgotten()
{
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    Rows rows;
    for (std::uint64_t number = 1; number <= 1100; ++number)
        rows.emplace_back(RefusalRow{number, make::filler(10, number)});
    QVERIFY((*store)->commit(rows, Sync::Lazy));
    const auto loaded = (*store)->load();
    QCOMPARE(loaded->refusals.size(), std::size_t{1000});
    QCOMPARE(loaded->refusals.front().number, std::uint64_t{101});
}

void SqliteStoreTest::aFolderInUseIsAnswered()
{
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    const pid_t child = fork();
    if (child == 0) {
        const auto second = SqliteStore::open(folder());
        const bool isRight = !second && second.error().kind == StoreError::Kind::InUse;
        _exit(isRight ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    QVERIFY(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    const auto again = SqliteStore::open(folder()); // the same process is no exception
    QVERIFY(!again);
    QCOMPARE(again.error().kind, StoreError::Kind::InUse);
    (*store).reset();
    QVERIFY(SqliteStore::open(folder()));
}

void SqliteStoreTest::aReadOnlyFolderIsAnswered()
{
    const std::string outer = m_dir->path().toStdString();
    std::filesystem::permissions(outer, std::filesystem::perms(0555));
    const pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0) // root may write anywhere
            _exit(2);
        const auto store = SqliteStore::open(folder());
        _exit(!store && store.error().kind == StoreError::Kind::ReadOnly ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    std::filesystem::permissions(outer, std::filesystem::perms(0755));
    QVERIFY(WIFEXITED(status));
    QCOMPARE(WEXITSTATUS(status), 0);
}

void SqliteStoreTest::aFullDiskIsAnswered()
{
    const std::string mountPoint = m_dir->path().toStdString();
    if (mount("tmpfs", mountPoint.c_str(), "tmpfs", 0, "size=1m") != 0)
        QSKIP("a small file system can only be mounted by root");
    std::uint64_t stored = 0;
    {
        auto store = SqliteStore::open(folder());
        QVERIFY(store);
        std::expected<void, StoreError> done;
        for (; stored < 100 && done; ++stored)
            done = (*store)->commit({make::change(stored, 30'000)}, Sync::Full);
        --stored;
        QVERIFY(!done);
        QCOMPARE(done.error().kind, StoreError::Kind::Full);
        QCOMPARE((*store)->load()->changes.size(),
                 std::size_t{stored}); // what was stored stays readable
        QCOMPARE(mount("tmpfs", mountPoint.c_str(), "tmpfs", MS_REMOUNT, "size=8m"), 0);
        QVERIFY((*store)->commit({make::change(stored, 30'000)}, Sync::Full)); // and it goes on
    }
    {
        auto store = SqliteStore::open(folder());
        QVERIFY(store);
        QCOMPARE((*store)->load()->changes.size(), std::size_t{stored + 1});
    }
    QCOMPARE(umount(mountPoint.c_str()), 0);
}

void SqliteStoreTest::aNewerFormatIsLeftAlone()
{
    QVERIFY(SqliteStore::open(folder()));
    QFile file(QString::fromStdString((folder() / "journal.db").string()));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(60)); // user_version, big-endian
    QCOMPARE(file.write("\0\0\0\x07", 4), 4);
    file.close();
    const auto store = SqliteStore::open(folder());
    QVERIFY(!store);
    QCOMPARE(store.error().kind, StoreError::Kind::Failed);
    QVERIFY(store.error().detail.contains("newer"));
}

void SqliteStoreTest::theFolderIsPrivate()
{
    QVERIFY(SqliteStore::open(folder()));
    const auto rights = std::filesystem::status(folder()).permissions();
    QVERIFY((rights & std::filesystem::perms(077)) == std::filesystem::perms::none);
}

void SqliteStoreTest::whatIsReadBackPassesItsCheck()
{
    const ChangeRow good = make::change(1);
    const ChangeRow bad = make::change(2);
    {
        auto store = SqliteStore::open(folder());
        QVERIFY(store && (*store)->commit({good, bad}, Sync::Full));
        const auto both = (*store)->readBack(std::vector{bad.hash, good.hash, Hash()});
        QVERIFY(both && *both == std::vector({bad, good}));
        QVERIFY((*store)->readBack({})->empty());
    }
    std::ifstream in(folder() / "text.db", std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    const std::string record(viewOf(bad.record));
    const std::size_t at = bytes.find(record);
    QVERIFY(at != std::string::npos);
    bytes[at + record.size() / 2] = static_cast<char>(bytes[at + record.size() / 2] ^ 1);
    std::ofstream(folder() / "text.db", std::ios::binary | std::ios::trunc) << bytes;
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    const auto left = (*store)->readBack(std::vector{bad.hash, good.hash});
    QVERIFY(left && *left == std::vector({good}));
    QVERIFY((*store)->commit({bad}, Sync::Full)); // written again it takes its place
    QCOMPARE((*store)->readBack(std::vector{bad.hash, good.hash})->size(), std::size_t(2));
}

QTEST_APPLESS_MAIN(SqliteStoreTest)
#include "sqlite_store_test.moc"
