#include "core/store/sqlite_store.h"
#include "tests/core/store/rows.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <fstream>

using namespace nlbd;
using namespace nlbd::store;
namespace make = nlbd::store::testing;

namespace {

constexpr std::uint64_t kRows = 400;

} // namespace

class StoreDamageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aBrokenPageCostsItsRowsOnly();
    void aTruncatedFileKeepsItsStart();
    void aFlippedBitInsideARowIsFound();
    void garbageInsteadOfADatabase();
    void aMissingTextDatabaseIsSaid();
    void anyFlippedByteIsSurvived();
    void aDamagedJournalIsNeverReplaced_data();
    void aDamagedJournalIsNeverReplaced();

private:
    void fill();
    [[nodiscard]] std::filesystem::path folder() const { return m_dir->path().toStdString(); }
    [[nodiscard]] std::filesystem::path text() const { return folder() / "text.db"; }
    [[nodiscard]] static Bytes read(const std::filesystem::path &file);
    static void write(const std::filesystem::path &file, ByteView bytes);
    [[nodiscard]] bool isSetAside() const;

    std::unique_ptr<QTemporaryDir> m_dir;
};

void StoreDamageTest::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
}

void StoreDamageTest::fill()
{
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    Rows rows{MetaRow{"genesis", make::filler(100, 1)}, make::journal(1, 1), make::journal(2, 2)};
    for (std::uint64_t i = 0; i < kRows; ++i)
        rows.emplace_back(make::change(i, 600));
    rows.emplace_back(make::evidence(1));
    QVERIFY((*store)->commit(rows, Sync::Full));
}

Bytes StoreDamageTest::read(const std::filesystem::path &file)
{
    std::ifstream in(file, std::ios::binary);
    const std::string all((std::istreambuf_iterator<char>(in)), {});
    return copyOf(bytesOf(all));
}

void StoreDamageTest::write(const std::filesystem::path &file, ByteView bytes)
{
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << viewOf(bytes);
}

bool StoreDamageTest::isSetAside() const
{
    for (const auto &entry : std::filesystem::directory_iterator(folder()))
        if (entry.path().filename().string().starts_with("text-damaged-20"))
            return true;
    return false;
}

void StoreDamageTest::aBrokenPageCostsItsRowsOnly()
{
    fill();
    Bytes bytes = read(text());
    const Bytes record = make::change(kRows / 2, 600).record; // its page holds rows, and no index
    const auto at = std::ranges::search(bytes, record).begin() - bytes.begin();
    QVERIFY(at < std::ssize(bytes));
    std::fill_n(bytes.begin() + at / 4096 * 4096, 4096, std::byte{0x5A});
    write(text(), bytes);

    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    const auto loaded = (*store)->load();
    QVERIFY(loaded);
    QCOMPARE(loaded->repairs.size(), std::size_t{1});
    QVERIFY(isSetAside());
    QVERIFY2(loaded->changes.size() >= kRows - 20,
             qPrintable(QString::number(loaded->changes.size())));
    QVERIFY(loaded->changes.size() < kRows);
    std::uint64_t next = 0;
    for (const ChangeRow &row : loaded->changes) { // in order, each whole
        while (next < kRows && make::change(next, 600) != row)
            ++next;
        QVERIFY(next < kRows);
    }
    QCOMPARE(loaded->evidence.size(), std::size_t{1});
    QCOMPARE(loaded->journal.size(), std::size_t{2});

    QVERIFY((*store)->commit({make::change(9000)}, Sync::Full)); // and it goes on
    QVERIFY((*store)->load()->repairs.empty());
}

void StoreDamageTest::aTruncatedFileKeepsItsStart()
{
    fill();
    const Bytes bytes = read(text());
    write(text(), ByteView(bytes).first(bytes.size() / 2));
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    const auto loaded = (*store)->load();
    QVERIFY(loaded);
    QCOMPARE(loaded->repairs.size(), std::size_t{1});
    QVERIFY(isSetAside());
    QVERIFY(loaded->changes.size() > kRows / 4);
    QVERIFY(loaded->changes.front() == make::change(0, 600));
}

void StoreDamageTest::aFlippedBitInsideARowIsFound()
{
    fill();
    const ChangeRow victim = make::change(77, 600);
    Bytes bytes = read(text());
    const auto found = std::ranges::search(bytes, ByteView(victim.record).first(64));
    QVERIFY(!found.empty());
    found[5] ^= std::byte{1};
    write(text(), bytes);

    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    const auto loaded = (*store)->load();
    QCOMPARE(loaded->changes.size(), std::size_t{kRows - 1});
    QVERIFY(std::ranges::find(loaded->changes, victim.hash, &ChangeRow::hash)
            == loaded->changes.end());
    QCOMPARE(loaded->repairs.size(), std::size_t{1});
    QVERIFY((*store)->commit({victim}, Sync::Full)); // fetched again
    const auto again = (*store)->load();
    QVERIFY(again->changes.back() == victim);
    QVERIFY(again->repairs.empty());
}

void StoreDamageTest::garbageInsteadOfADatabase()
{
    fill();
    write(text(), make::filler(50'000, 9));
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    const auto loaded = (*store)->load();
    QVERIFY(loaded->changes.empty());
    QCOMPARE(loaded->journal.size(), std::size_t{2});
    QCOMPARE(loaded->repairs.size(), std::size_t{1});
    QVERIFY(isSetAside());
}

void StoreDamageTest::aMissingTextDatabaseIsSaid()
{
    fill();
    std::filesystem::remove(text());
    auto store = SqliteStore::open(folder());
    QVERIFY(store);
    const auto loaded = (*store)->load();
    QCOMPARE(loaded->repairs.size(), std::size_t{1});
    QCOMPARE(loaded->journal.size(), std::size_t{2});
    QVERIFY(!isSetAside());
}

void StoreDamageTest::anyFlippedByteIsSurvived()
{
    fill();
    const Bytes bytes = read(text());
    SeededRandom random(11);
    for (int round = 0; round < 60; ++round) {
        Bytes altered = bytes;
        const bool isInHead = round < 20; // the first page decides about everything
        const std::uint64_t at = random.below(isInHead ? 200 : bytes.size());
        altered[at] ^= static_cast<std::byte>(1 + random.below(255));
        write(text(), altered);
        auto store = SqliteStore::open(folder());
        if (!store) { // a format number that nobody knows is the one thing left alone
            QCOMPARE(store.error().kind, StoreError::Kind::Failed);
            QVERIFY(store.error().detail.contains("newer"));
            continue;
        }
        const auto loaded = (*store)->load();
        QVERIFY(loaded);
        for (const ChangeRow &row : loaded->changes)
            QVERIFY(digest(make::kTest, row.record) == row.hash);
        QVERIFY(loaded->changes.size() == kRows || !loaded->repairs.empty());
    }
}

void StoreDamageTest::aDamagedJournalIsNeverReplaced_data()
{
    QTest::addColumn<QString>("how");
    for (const char *how : {"garbage", "empty", "missing", "flipped"})
        QTest::newRow(how) << QString::fromLatin1(how);
}

void StoreDamageTest::aDamagedJournalIsNeverReplaced()
{
    QFETCH(QString, how);
    fill();
    const std::filesystem::path journal = folder() / "journal.db";
    Bytes bytes = read(journal);
    if (how == QStringLiteral("garbage")) {
        write(journal, make::filler(9000, 3));
    } else if (how == QStringLiteral("empty")) {
        write(journal, {});
    } else if (how == QStringLiteral("missing")) {
        std::filesystem::remove(journal);
    } else {
        const Bytes entry = make::journal(2, 2).bytes;
        const auto found = std::ranges::search(bytes, entry);
        QVERIFY(!found.empty());
        found[0] ^= std::byte{4};
        write(journal, bytes);
    }
    const Bytes before = read(journal);
    auto store = SqliteStore::open(folder());
    StoreError error;
    if (store) {
        const auto loaded = (*store)->load();
        QVERIFY(!loaded);
        error = loaded.error();
    } else {
        error = store.error();
    }
    QCOMPARE(error.kind, StoreError::Kind::Damaged);
    QVERIFY(error.detail.starts_with("journal.db"));
    if (how == QStringLiteral("garbage"))
        QVERIFY(read(journal) == before);
    if (how == QStringLiteral("missing"))
        QVERIFY(!std::filesystem::exists(journal));
}

QTEST_APPLESS_MAIN(StoreDamageTest)
#include "store_damage_test.moc"
