#include "core/base/codec.h"
#include "tests/core/store/blob_scene.h"

#include <QTest>
#include <sys/stat.h>
#include <unistd.h>

using namespace nlbd;
using namespace nlbd::store;
using namespace nlbd::store::test;

namespace {

/// Three pieces, held by one computer and wanted by another.
struct Fetched : BlobScene {
    Fetched()
        : content(randomBytes(2 * kPiece + 100, 1))
        , ref(seal(content))
        , shape(ref.size)
        , pieces(piecesOf(ref))
        , other(root() / "other")
    {
    }
    [[nodiscard]] bool keepAll() const
    {
        bool areKept = true;
        for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece)
            areKept = other.keep(ref.root(), shape, piece, pieces[piece],
                                 piece + 1 == shape.pieces() ? BlobFolder::Which::Last
                                                             : BlobFolder::Which::OneOfMany)
                && areKept;
        return areKept;
    }
    [[nodiscard]] bool isWhole() const
    {
        const auto all = other.list();
        if (all.size() != 1 || all[0].root != ref.root() || !all[0].held.isFull())
            return false;
        for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece)
            if (other.read(ref.root(), shape, piece) != pieces[piece])
                return false;
        return true;
    }
    [[nodiscard]] std::size_t heldCount() const
    {
        const auto all = other.list();
        return all.empty() ? 0 : all[0].held.count();
    }
    [[nodiscard]] fs::path file() const { return other.fileOf(ref.root()); }

    Bytes content;
    blobs::BlobRef ref;
    blobs::Shape shape;
    std::vector<Bytes> pieces;
    BlobFolder other;
};

} // namespace

/// Attachments on the disk: whatever a power cut, a full disk or a stranger's hand left there, no
/// piece passes for one that it is not, and what is missing can be fetched anew.
class BlobFolderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void holdsWhatItWasGiven();
    void isForItsOwnerAlone();
    void aCutAnywhereIsHealed_data();
    void aCutAnywhereIsHealed();
    void aBeginningOfZerosIsReplaced();
    void aFlippedBitIsNoPiece_data();
    void aFlippedBitIsNoPiece();
    void aFullDiskIsTold_data();
    void aFullDiskIsTold();
    void whatHasOurNameAndIsNone_data();
    void whatHasOurNameAndIsNone();
    void linksAreNotFollowed();
    void leftoversGo();
};

void BlobFolderTest::holdsWhatItWasGiven()
{
    Fetched s;
    QVERIFY(s.other.list().empty()); // there is no folder yet
    QVERIFY(s.other.begin(s.ref.root(), s.shape));
    QVERIFY(s.other.begin(s.ref.root(), s.shape)); // again: nothing is done
    QCOMPARE(s.other.list().size(), 1U);
    QCOMPARE(s.heldCount(), 0U);
    QVERIFY(s.other.keep(s.ref.root(), s.shape, 1, s.pieces[1]));
    QCOMPARE(s.heldCount(), 1U);
    QVERIFY(s.other.begin(s.ref.root(), s.shape)); // what is there stays
    QCOMPARE(s.heldCount(), 1U);
    QVERIFY(s.other.read(s.ref.root(), s.shape, 0).empty());
    QVERIFY(s.other.read(s.ref.root(), s.shape, 3).empty()); // beyond the last
    QVERIFY(s.keepAll());
    QVERIFY(s.isWhole());
    s.other.lose(s.ref.root(), s.shape, 2);
    s.other.lose(s.ref.root(), s.shape, 3); // beyond the last
    QCOMPARE(s.heldCount(), 2U);
    s.other.drop(s.ref.root());
    QVERIFY(s.other.list().empty());
    s.other.drop(s.ref.root()); // again
}

void BlobFolderTest::isForItsOwnerAlone()
{
    Fetched s;
    QVERIFY(s.keepAll());
    struct stat about {};
    QCOMPARE(::stat(s.other.path().c_str(), &about), 0);
    QCOMPARE(about.st_mode & 0777U, 0700U);
    QCOMPARE(::stat(s.file().c_str(), &about), 0);
    QCOMPARE(about.st_mode & 0777U, 0600U);
}

void BlobFolderTest::aCutAnywhereIsHealed_data()
{
    QTest::addColumn<qint64>("length");
    const Fetched s;
    const auto place = [&s](std::uint32_t piece) {
        return static_cast<qint64>(blob_file::placeOf(s.shape, piece));
    };
    for (const qint64 length :
         {qint64(0), qint64(7), qint64(blob_file::kHeaderBytes - 1),
          qint64(blob_file::kHeaderBytes), qint64(blob_file::kHeaderBytes + 2), place(0),
          place(0) + 1, place(1) - 1, place(1), place(2), place(2) + 50})
        QTest::addRow("%lld bytes", static_cast<long long>(length)) << length;
}

/// The name was durable, and of what is in the file only the first bytes.
void BlobFolderTest::aCutAnywhereIsHealed()
{
    QFETCH(qint64, length);
    Fetched s;
    QVERIFY(s.keepAll());
    fs::resize_file(s.file(), static_cast<std::uintmax_t>(length));
    for (const BlobFolder::Stored &blob : s.other.list())
        for (std::uint32_t piece = 0; piece < s.shape.pieces(); ++piece)
            QCOMPARE(blob.held.has(piece), !s.other.read(s.ref.root(), s.shape, piece).empty());
    QVERIFY(s.heldCount() < s.shape.pieces());
    QVERIFY(s.other.begin(s.ref.root(), s.shape));
    QVERIFY(s.keepAll());
    QVERIFY(s.isWhole());
}

/// The length was durable, and nothing of what is in the file.
void BlobFolderTest::aBeginningOfZerosIsReplaced()
{
    Fetched s;
    QVERIFY(s.keepAll());
    const auto size = fs::file_size(s.file());
    fs::resize_file(s.file(), 0);
    fs::resize_file(s.file(), size);
    QVERIFY(s.other.list().empty());
    QVERIFY(s.other.read(s.ref.root(), s.shape, 0).empty());
    QVERIFY(s.other.keep(s.ref.root(), s.shape, 0, s.pieces[0])); // without a begin before
    QCOMPARE(s.heldCount(), 1U);
    QVERIFY(s.keepAll());
    QVERIFY(s.isWhole());
}

void BlobFolderTest::aFlippedBitIsNoPiece_data()
{
    QTest::addColumn<qint64>("at");
    const Fetched s;
    const auto place = static_cast<qint64>(blob_file::placeOf(s.shape, 1));
    QTest::newRow("in the branch") << place + 3;
    QTest::newRow("at the end of the branch") << place + qint64(s.shape.branchBytes(1)) - 1;
    QTest::newRow("in the piece") << place + qint64(s.shape.branchBytes(1)) + 100;
    QTest::newRow("in the seal") << place + qint64(s.shape.provedBytes(1)) - 1;
}

void BlobFolderTest::aFlippedBitIsNoPiece()
{
    QFETCH(qint64, at);
    Fetched s;
    QVERIFY(s.keepAll());
    QFile file(QString::fromStdString(s.file().string()));
    QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(at));
    char byte = 0;
    QVERIFY(file.getChar(&byte) && file.seek(at));
    QVERIFY(file.putChar(static_cast<char>(byte ^ 4)));
    file.close();
    QVERIFY(s.other.read(s.ref.root(), s.shape, 1).empty());
    QVERIFY(s.other.read(s.ref.root(), s.shape, 0) == s.pieces[0]);
    QVERIFY(s.other.keep(s.ref.root(), s.shape, 1, s.pieces[1])); // fetched anew
    QVERIFY(s.isWhole());
}

void BlobFolderTest::aFullDiskIsTold_data()
{
    QTest::addColumn<qint64>("room");
    QTest::newRow("for nothing") << qint64(0);
    QTest::newRow("for half a header") << qint64(20);
    QTest::newRow("for a header and no notes") << qint64(blob_file::kHeaderBytes + 1);
    QTest::newRow("for half a piece") << qint64(20'000);
    QTest::newRow("for one piece and a bit") << qint64(40'000);
}

void BlobFolderTest::aFullDiskIsTold()
{
    QFETCH(qint64, room);
    Fetched s;
    {
        const FullDisk full(static_cast<std::uint64_t>(room));
        QVERIFY(!s.keepAll());
        const auto wouldHold = room > 33'000 ? 1U : 0U;
        QCOMPARE(s.heldCount(), std::size_t(wouldHold));
        for (const QString &name : s.namesIn(s.other.path()))
            QVERIFY2(!name.endsWith(".sealing"), qPrintable(name));
    }
    QVERIFY(s.keepAll()); // somebody made room
    QVERIFY(s.isWhole());
}

void BlobFolderTest::whatHasOurNameAndIsNone_data()
{
    QTest::addColumn<int>("what");
    const char *names[]{
        "an empty file",        "another file", "a blob of another root", "a larger size",
        "a size beyond limits", "a pipe",       "capital letters",        "no digits"};
    for (int what = 0; what < 8; ++what)
        QTest::newRow(names[what]) << what;
}

void BlobFolderTest::whatHasOurNameAndIsNone()
{
    QFETCH(int, what);
    Fetched s;
    QVERIFY(s.other.make());
    const auto put = [&s](const fs::path &path, const Bytes &bytes) {
        const PlacedFile file = PlacedFile::toMake(path);
        return file.isOpen() && file.writeAt(0, bytes);
    };
    const Hash foreign = blobs::leafOf(1, Bytes(3));
    Bytes giant = blob_file::headerOf(s.ref.root(), s.shape);
    Writer size;
    size.u64(limits::kBlobBytesMax + 1);
    std::ranges::copy(size.bytes(), giant.begin() + 8);
    QString name = QString::fromStdString(s.ref.root().hex());
    switch (what) {
    case 0:
        QVERIFY(put(s.file(), {}));
        break;
    case 1:
        QVERIFY(put(s.file(), randomBytes(5000, 3)));
        break;
    case 2:
        QVERIFY(put(s.file(), blob_file::headerOf(foreign, s.shape)));
        break;
    case 3:
        QVERIFY(put(s.file(), blob_file::headerOf(s.ref.root(), blobs::Shape(90 * kPiece))));
        break;
    case 4:
        QVERIFY(put(s.file(), giant));
        break;
    case 5:
        QCOMPARE(::mkfifo(s.file().c_str(), 0600), 0); // nobody writes: who waits hangs
        break;
    case 6:
        QVERIFY(put(s.other.path() / (name.toUpper().toStdString() + ".blob"),
                    blob_file::headerOf(s.ref.root(), s.shape)));
        break;
    default:
        QVERIFY(put(s.other.path() / "holiday.blob", blob_file::headerOf(s.ref.root(), s.shape)));
    }
    // One that says a larger size of itself cannot be told from ours without the name's.
    QCOMPARE(s.other.list().size(), what == 3 ? 1U : 0U);
    QVERIFY(s.other.read(s.ref.root(), s.shape, 0).empty());
    QVERIFY(s.keepAll());
    QVERIFY(s.isWhole());
}

void BlobFolderTest::linksAreNotFollowed()
{
    Fetched s;
    const Bytes precious = randomBytes(200'000, 4);
    const fs::path mine = s.write("precious", precious);
    QVERIFY(s.other.make());
    fs::create_symlink(mine, s.file());
    QVERIFY(s.other.list().empty());
    QVERIFY(s.keepAll());
    QVERIFY(s.isWhole());
    QVERIFY(!fs::is_symlink(s.file()));
    QVERIFY(s.read(mine) == precious);
    // Neither where something was begun, nor to read.
    s.other.drop(s.ref.root());
    fs::create_symlink(mine, s.file().string() + ".sealing");
    QVERIFY(!s.other.begin(s.ref.root(), s.shape));
    QVERIFY(s.read(mine) == precious);
    s.other.tidy();
    QVERIFY(s.read(mine) == precious);
    fs::create_symlink(s.folder().fileOf(s.ref.root()), s.file()); // a true one, elsewhere
    QVERIFY(s.other.read(s.ref.root(), s.shape, 0).empty());
    s.other.lose(s.ref.root(), s.shape, 0);
    QVERIFY(s.folder().list().front().held.isFull());
}

void BlobFolderTest::leftoversGo()
{
    Fetched s;
    QVERIFY(s.keepAll());
    QVERIFY(PlacedFile::toMake(s.other.path() / "abc.blob.sealing").isOpen());
    QVERIFY(PlacedFile::toMake(s.other.path() / "holiday.jpg").isOpen());
    fs::create_directories(s.other.path() / "folder.sealing" / "full");
    QVERIFY(s.isWhole()); // looking at it takes nothing away
    QVERIFY(s.namesIn(s.other.path()).contains("abc.blob.sealing"));
    s.other.tidy();
    QVERIFY(!s.namesIn(s.other.path()).contains("abc.blob.sealing"));
    QVERIFY(s.namesIn(s.other.path()).contains("holiday.jpg"));
    QVERIFY(s.namesIn(s.other.path()).contains("folder.sealing"));
    QVERIFY(s.isWhole());
}

QTEST_GUILESS_MAIN(BlobFolderTest)
#include "blob_folder_test.moc"
