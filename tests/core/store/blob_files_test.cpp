#include "core/keys/blob_cipher.h"
#include "tests/core/store/blob_scene.h"

#include <QTest>
#include <sys/stat.h>
#include <unistd.h>

using namespace nlbd;
using namespace nlbd::store;
using namespace nlbd::store::test;

namespace {

Sealing sealingWith(std::uint8_t key, std::vector<blobs::BlobRef> known = {})
{
    Sealing how;
    how.key.fill(static_cast<std::byte>(key));
    how.mediaType = "text/plain";
    how.known = std::move(known);
    return how;
}

} // namespace

/// Files that a person attaches and saves: whole or not at all, and nothing else on the disk is
/// touched.
class BlobFilesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void comesBackAsItWas_data();
    void comesBackAsItWas();
    void theSameIsHeldOnce();
    void onlyTheSameIsReused();
    void whoBeginsAlikeCostsLittle();
    void whatChangesMeanwhile_data();
    void whatChangesMeanwhile();
    void whatIsNoFile();
    void canBeStopped();
    void aFullDiskLeavesNothing();
    void takesThePlaceOfOneFileAlone();
    void whereItCannotBeWritten();
    void damageIsTold();
    void isReadUpToABound();
};

void BlobFilesTest::comesBackAsItWas_data()
{
    QTest::addColumn<int>("size");
    for (const int size : {0, 1, 32767, 32768, 32769, 5 * 32768, 400'001})
        QTest::addRow("%d bytes", size) << size;
}

void BlobFilesTest::comesBackAsItWas()
{
    QFETCH(int, size);
    BlobScene s;
    const Bytes content = randomBytes(static_cast<std::size_t>(size), 1);
    std::uint64_t last = 0;
    const auto sealed = sealFile(s.folder(), s.write("Plan.txt", content), sealingWith(1),
                                 [&](std::uint64_t done, std::uint64_t whole) {
                                     last = done;
                                     return whole == content.size();
                                 });
    QVERIFY(sealed.has_value());
    QVERIFY(!sealed->isReused);
    QVERIFY(last + kPiece >= content.size()); // how far it was, was told
    QCOMPARE(sealed->ref.name, std::string("Plan.txt"));
    QCOMPARE(sealed->ref.mediaType, std::string("text/plain"));
    QCOMPARE(s.namesIn(s.folder().path()).size(), 1);
    QVERIFY(s.folder().list().front().held.isFull());
    const fs::path target = s.mine() / "saved.txt";
    QVERIFY(saveBlob(s.folder(), sealed->ref, target, goesOn).has_value());
    QVERIFY(s.read(target) == content);
    QVERIFY(readBlob(s.folder(), sealed->ref, content.size(), goesOn).value() == content);
    QCOMPARE(s.namesIn(s.mine()), (QStringList{"Plan.txt", "saved.txt"}));
    struct stat about {};
    QCOMPARE(::stat(target.c_str(), &about), 0);
    QCOMPARE(about.st_mode & 0777U, 0600U);
}

void BlobFilesTest::theSameIsHeldOnce()
{
    BlobScene s;
    const Bytes content = randomBytes(3 * kPiece + 5, 2);
    const auto first = s.seal(content, "first.pdf");
    const auto other = s.seal(randomBytes(3 * kPiece + 5, 3), "other.pdf");
    const auto again = sealFile(s.folder(), s.write("second.txt", content),
                                sealingWith(9, {other, first}), goesOn);
    QVERIFY(again.has_value());
    QVERIFY(again->isReused);
    QCOMPARE(again->ref.root(), first.root());
    QVERIFY(again->ref.key == first.key);
    QCOMPARE(again->ref.name, std::string("second.txt")); // as this one is called
    QCOMPARE(again->ref.mediaType, std::string("text/plain"));
    QCOMPARE(s.folder().list().size(), 2U);
    QVERIFY(saveBlob(s.folder(), again->ref, s.mine() / "saved", goesOn).has_value());
    QVERIFY(s.read(s.mine() / "saved") == content);
}

void BlobFilesTest::onlyTheSameIsReused()
{
    BlobScene s;
    Bytes content = randomBytes(3 * kPiece, 4);
    const auto first = s.seal(content);
    const fs::path file = s.write("b", content);
    const auto isReused = [&](const fs::path &source, const blobs::BlobRef &known) {
        const auto sealed = sealFile(s.folder(), source, sealingWith(9, {known}), goesOn);
        return sealed && sealed->isReused;
    };
    QVERIFY(isReused(file, first));
    content.back() ^= std::byte{1}; // one bit, in the last byte
    QVERIFY(!isReused(s.write("c", content), first));
    content.back() ^= std::byte{1};
    content.push_back(std::byte{0});
    QVERIFY(!isReused(s.write("d", content), first));
    blobs::BlobRef lie = first; // names ours, and gives a key that opens nothing
    lie.key.fill(std::byte{77});
    QVERIFY(!isReused(file, lie));
    // Named, and not here: where a bit flipped, where a piece is missing, where there is nothing.
    const blobs::Shape shape(first.size);
    const PlacedFile stored = PlacedFile::toChange(s.folder().fileOf(first.root()));
    QVERIFY(stored.writeAt(blob_file::placeOf(shape, 2) + 40, Bytes(1, std::byte{3})));
    QVERIFY(!isReused(file, first));
    s.folder().drop(first.root());
    QVERIFY(!isReused(file, first));
}

/// Others may name as many files as they like that begin like mine.
void BlobFilesTest::whoBeginsAlikeCostsLittle()
{
    BlobScene s;
    constexpr std::size_t kPieces = 8;
    Bytes content = randomBytes(kPieces * kPiece, 5);
    std::vector<blobs::BlobRef> known;
    for (int i = 0; i < 40; ++i) {
        content.back() = static_cast<std::byte>(i);
        known.push_back(s.seal(content));
    }
    content.back() = std::byte{200};
    std::size_t steps = 0;
    const auto sealed = sealFile(s.folder(), s.write("mine", content), sealingWith(99, known),
                                 [&steps](std::uint64_t, std::uint64_t) {
                                     ++steps;
                                     return true;
                                 });
    QVERIFY(sealed && !sealed->isReused);
    QVERIFY2(steps <= 5 * kPieces, qPrintable(QString::number(steps)));
}

void BlobFilesTest::whatChangesMeanwhile_data()
{
    QTest::addColumn<int>("how");
    QTest::newRow("shorter") << 0;
    QTest::newRow("longer") << 1;
    QTest::newRow("written over") << 2;
}

void BlobFilesTest::whatChangesMeanwhile()
{
    QFETCH(int, how);
    BlobScene s;
    const Bytes content = randomBytes(4 * kPiece, 6);
    const fs::path file = s.write("a", content);
    // Long ago: what is written now has another time, however coarse the file system's clock is.
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(1));
    bool isChanged = false;
    const auto sealed =
        sealFile(s.folder(), file, sealingWith(1), [&](std::uint64_t done, std::uint64_t) {
            if (done < 2 * kPiece || std::exchange(isChanged, true))
                return true;
            if (how == 0)
                fs::resize_file(file, 3 * kPiece);
            else if (how == 1)
                fs::resize_file(file, 5 * kPiece);
            else
                static_cast<void>(PlacedFile::toChange(file).writeAt(10, Bytes(9)));
            return true;
        });
    QVERIFY(isChanged);
    QVERIFY(!sealed);
    QCOMPARE(sealed.error(), BlobError::Changed);
    QVERIFY(s.namesIn(s.folder().path()).isEmpty());
}

void BlobFilesTest::whatIsNoFile()
{
    BlobScene s;
    const auto errorOf = [&s](const fs::path &source) {
        const auto sealed = sealFile(s.folder(), source, sealingWith(1), goesOn);
        return sealed ? std::optional<BlobError>() : std::optional(sealed.error());
    };
    QVERIFY(errorOf(s.mine() / "missing") == BlobError::NoSuchFile);
    QVERIFY(errorOf(s.mine()) == BlobError::NoSuchFile);
    QVERIFY(errorOf("/dev/zero") == BlobError::NoSuchFile);
    QCOMPARE(::mkfifo((s.mine() / "pipe").c_str(), 0600), 0);
    QVERIFY(errorOf(s.mine() / "pipe") == BlobError::NoSuchFile);
    const fs::path large = s.write("large", {});
    fs::resize_file(large, limits::kBlobBytesMax + 1); // a hole
    QVERIFY(errorOf(large) == BlobError::TooLarge);
    fs::create_symlink(s.write("true", randomBytes(5, 7)), s.mine() / "link");
    QVERIFY(!errorOf(s.mine() / "link")); // a person's own link is what it leads to
}

void BlobFilesTest::canBeStopped()
{
    BlobScene s;
    const Bytes content = randomBytes(4 * kPiece, 8);
    const auto once = [](std::uint64_t done, std::uint64_t) { return done < 2 * kPiece; };
    const auto sealed = sealFile(s.folder(), s.write("a", content), sealingWith(1), once);
    QVERIFY(!sealed && sealed.error() == BlobError::Stopped);
    QVERIFY(s.namesIn(s.folder().path()).isEmpty());
    const auto ref = s.seal(content);
    const fs::path target = s.write("target", randomBytes(10, 9));
    const auto saved = saveBlob(s.folder(), ref, target, once);
    QVERIFY(!saved && saved.error().error == BlobError::Stopped);
    QVERIFY(s.read(target) == randomBytes(10, 9));
    QCOMPARE(s.namesIn(s.mine()).size(), 3); // a, a.bin, target
}

void BlobFilesTest::aFullDiskLeavesNothing()
{
    BlobScene s;
    const Bytes content = randomBytes(4 * kPiece, 10);
    const fs::path file = s.write("a", content);
    for (const std::uint64_t room : {0U, 30U, 20'000U, 100'000U, 131'000U}) {
        const FullDisk full(room);
        const auto sealed = sealFile(s.folder(), file, sealingWith(1), goesOn);
        QVERIFY(!sealed && sealed.error() == BlobError::DiskRefuses);
        QVERIFY(s.namesIn(s.folder().path()).isEmpty());
    }
    const auto ref = s.seal(content);
    const fs::path target = s.write("target", randomBytes(10, 11));
    const QStringList before = s.namesIn(s.mine());
    for (const std::uint64_t room : {0U, 20'000U, 131'000U}) {
        const FullDisk full(room);
        const auto saved = saveBlob(s.folder(), ref, target, goesOn);
        QVERIFY(!saved && saved.error().error == BlobError::DiskRefuses);
        QVERIFY(s.read(target) == randomBytes(10, 11));
        QCOMPARE(s.namesIn(s.mine()), before);
    }
    QVERIFY(saveBlob(s.folder(), ref, target, goesOn).has_value());
    QVERIFY(s.read(target) == content);
}

void BlobFilesTest::takesThePlaceOfOneFileAlone()
{
    BlobScene s;
    const Bytes content = randomBytes(2 * kPiece, 12);
    const auto ref = s.seal(content);
    const Bytes precious = randomBytes(50, 13);
    const fs::path part = s.write("film.webm.part", precious); // of some other program
    QVERIFY(saveBlob(s.folder(), ref, s.mine() / "film.webm", goesOn).has_value());
    QVERIFY(s.read(part) == precious);
    const fs::path kept = s.write("kept", precious);
    fs::create_symlink(kept, s.mine() / "link");
    QVERIFY(saveBlob(s.folder(), ref, s.mine() / "link", goesOn).has_value());
    QVERIFY(s.read(kept) == precious);
    QVERIFY(!fs::is_symlink(s.mine() / "link"));
    QVERIFY(s.read(s.mine() / "link") == content);
    // What earlier ends left behind is stepped around.
    const std::string start = ".nlbd-" + ref.root().hex().substr(0, 16) + "-";
    fs::create_symlink(kept, s.mine() / (start + "0.part"));
    QVERIFY(saveBlob(s.folder(), ref, s.mine() / "film.webm", goesOn).has_value());
    QVERIFY(s.read(kept) == precious);
    const fs::path longest = s.mine() / std::string(255, 'x');
    QVERIFY(saveBlob(s.folder(), ref, longest, goesOn).has_value());
    QVERIFY(s.read(longest) == content);
}

void BlobFilesTest::whereItCannotBeWritten()
{
    BlobScene s;
    const auto ref = s.seal(randomBytes(2 * kPiece, 14));
    const auto errorOf = [&](const fs::path &target) {
        const auto saved = saveBlob(s.folder(), ref, target, goesOn);
        return saved ? std::optional<BlobError>() : std::optional(saved.error().error);
    };
    QVERIFY(errorOf(s.mine() / "no" / "such" / "folder") == BlobError::DiskRefuses);
    fs::create_directories(s.mine() / "folder");
    const QStringList before = s.namesIn(s.mine());
    QVERIFY(errorOf(s.mine() / "folder") == BlobError::DiskRefuses);
    QCOMPARE(s.namesIn(s.mine()), before);
}

void BlobFilesTest::damageIsTold()
{
    BlobScene s;
    const auto ref = s.seal(randomBytes(4 * kPiece, 15));
    const blobs::Shape shape(ref.size);
    const PlacedFile stored = PlacedFile::toChange(s.folder().fileOf(ref.root()));
    for (const std::uint32_t piece : {1U, 3U})
        QVERIFY(stored.writeAt(blob_file::placeOf(shape, piece) + 80, Bytes(4, std::byte{1})));
    const fs::path target = s.write("target", randomBytes(10, 16));
    const auto saved = saveBlob(s.folder(), ref, target, goesOn);
    QVERIFY(!saved && saved.error().error == BlobError::Damaged);
    QCOMPARE(saved.error().damaged, (std::vector<std::uint32_t>{1, 3}));
    QVERIFY(s.read(target) == randomBytes(10, 16));
    // Another key than it was sealed with: who attached it lied, and fetching helps nobody.
    const auto whole = s.seal(randomBytes(2 * kPiece, 17));
    blobs::BlobRef lie = whole;
    lie.key.fill(std::byte{99});
    const auto lied = saveBlob(s.folder(), lie, target, goesOn);
    QVERIFY(!lied && lied.error().error == BlobError::Damaged);
    QVERIFY(lied.error().damaged.empty());
}

/// What a view shows is never more than it asked for, and never what a damaged disk made of it.
void BlobFilesTest::isReadUpToABound()
{
    BlobScene s;
    const Bytes content = randomBytes(3 * kPiece, 12);
    const auto ref = s.seal(content);
    std::size_t steps = 0;
    const auto counted = [&steps](std::uint64_t, std::uint64_t) { return ++steps <= 2; };
    const auto tooLarge = readBlob(s.folder(), ref, content.size() - 1, counted);
    QVERIFY(!tooLarge && tooLarge.error().error == BlobError::TooLarge);
    QCOMPARE(steps, std::size_t{0}); // nothing was read for that
    const auto stopped = readBlob(s.folder(), ref, content.size(), counted);
    QVERIFY(!stopped && stopped.error().error == BlobError::Stopped);
    const blobs::Shape shape(ref.size);
    QVERIFY(PlacedFile::toChange(s.folder().fileOf(ref.root()))
                .writeAt(blob_file::placeOf(shape, 1) + 40, Bytes(1, std::byte{3})));
    const auto damaged = readBlob(s.folder(), ref, content.size(), goesOn);
    QVERIFY(!damaged && damaged.error().damaged == std::vector<std::uint32_t>{1});
    blobs::BlobRef lie = ref;
    lie.key.fill(std::byte{77});
    const auto lied = readBlob(s.folder(), lie, content.size(), goesOn);
    QVERIFY(!lied && lied.error().error == BlobError::Damaged && lied.error().damaged.empty());
}

QTEST_GUILESS_MAIN(BlobFilesTest)
#include "blob_files_test.moc"
