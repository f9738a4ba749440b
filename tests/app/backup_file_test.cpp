#include "app/backup_blobs.h"
#include "app/backup_file.h"
#include "core/store/blob_files.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace nlbd;
using namespace nlbd::app;
using Kind = BackupError::Kind;

namespace {

namespace fs = std::filesystem;

const std::string kWorkspace(64, 'a');
constexpr const char *kPassphrase = "seven pebbles in a ring";

std::string contentOf(const fs::path &file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void put(const fs::path &file, const std::string &content)
{
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

} // namespace

/// One file that only the passphrase opens.
class BackupFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_base = m_dir->path().toStdString();
        put(m_base / "from" / "identity", "a key");
        put(m_base / "from" / "workspaces" / kWorkspace / "text.db", m_text);
        put(m_base / "from" / "workspaces" / kWorkspace / "journal.db", "");
    }
    void itComesBack();
    void whatIsNotWhole();
    void namesThatAreNotOurs();
    void attachmentsComeAlong();
    void moreAttachmentsThanFit();

private:
    [[nodiscard]] fs::path file() const { return m_base / "all.nlbd-backup"; }
    [[nodiscard]] fs::path to() const { return m_base / "to"; }
    [[nodiscard]] std::optional<Kind> fault(const std::string &passphrase = kPassphrase) const
    {
        const auto done = readBackup(file(), passphrase, to());
        return done ? std::nullopt : std::optional(done.error().kind);
    }

    std::unique_ptr<QTemporaryDir> m_dir;
    fs::path m_base;
    // Two pieces and the beginning of a third.
    const std::string m_text = std::string(2 * identity::kPieceBytes + 5, 't');
};

void BackupFileTest::itComesBack()
{
    const auto written = writeBackup(m_base / "from", file(), kPassphrase);
    QVERIFY(written.has_value());
    QCOMPARE(*written, fs::file_size(file()));
    QVERIFY(!fs::exists(file().string() + ".new"));
    QCOMPARE(fs::status(file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    QCOMPARE(contentOf(file()).find("ttttttttt"), std::string::npos);
    QCOMPARE(fault("seven pebbles in a row!"), std::optional(Kind::NotOpened));
    QVERIFY(!fs::exists(to()));
    QCOMPARE(fault(), std::nullopt);
    QCOMPARE(contentOf(to() / "identity"), std::string("a key"));
    QCOMPARE(contentOf(to() / "workspaces" / kWorkspace / "text.db"), m_text);
    QCOMPARE(contentOf(to() / "workspaces" / kWorkspace / "journal.db"), std::string());
    QCOMPARE(fault(), std::optional(Kind::Disk)); // never into what is there
}

void BackupFileTest::whatIsNotWhole()
{
    QVERIFY(writeBackup(m_base / "from", file(), kPassphrase).has_value());
    const std::string whole = contentOf(file());
    const std::size_t head = identity::kStreamHeadBytes;
    const std::size_t piece = identity::kSealedPieceBytes;
    const std::vector<std::pair<std::string, Kind>> tried{
        {"", Kind::NoBackup},
        {whole.substr(0, head - 1), Kind::NoBackup},
        {"%PDF-1.4" + whole, Kind::NoBackup},
        {whole.substr(0, head), Kind::NotOpened},
        {whole.substr(0, head + piece), Kind::Altered}, // cut between two pieces
        {whole.substr(0, whole.size() - 1), Kind::Altered},
        {whole + "x", Kind::Altered},
        {whole.substr(0, head) + whole.substr(head + piece, piece) + whole.substr(head, piece)
             + whole.substr(head + 2 * piece),
         Kind::NotOpened}, // two pieces changed places
    };
    for (const auto &[content, kind] : tried) {
        put(file(), content);
        QCOMPARE(fault(), std::optional(kind));
        QVERIFY(!fs::exists(to()));
    }
    std::string flipped = whole;
    flipped[head + piece + 7] = static_cast<char>(flipped[head + piece + 7] ^ 1);
    put(file(), flipped);
    QCOMPARE(fault(), std::optional(Kind::Altered));
    QVERIFY(!fs::exists(to()));
}

void BackupFileTest::namesThatAreNotOurs()
{
    const auto isTaken = [](const std::vector<BackupEntry> &entries) {
        return decodeIndex(encodeIndex(entries)) == std::optional(entries);
    };
    const std::string folder = "workspaces/" + kWorkspace;
    QVERIFY(isTaken({{"identity", 1}}));
    QVERIFY(isTaken({{"addresses", 0}, {"identity", 1}, {folder + "/text.db", UINT64_MAX}}));
    QVERIFY(!isTaken({}));
    QVERIFY(!isTaken({{"addresses", 1}})); // nobody's
    QVERIFY(!isTaken({{"identity", 1}, {"identity", 1}}));
    QVERIFY(!isTaken({{"identity", 1}, {"addresses", 1}}));
    for (const std::string &name :
         {std::string("/etc/passwd"), std::string("../identity"), std::string("workspaces/../x"),
          folder, folder + "/", folder + "/lock", folder + "/../text.db", folder + "/text.db/x",
          "workspaces/" + std::string(64, 'A') + "/text.db"})
        QVERIFY2(!isTaken({{"identity", 1}, {name, 1}}), name.c_str());
    const std::string blob = folder + "/blobs/" + std::string(64, 'b');
    QVERIFY(isTaken({{"identity", 1}, {blob + ".blob", 1 << 20}}));
    for (const std::string &name :
         {blob, blob + ".blob.sealing", blob + "b.blob", folder + "/blobs/x.blob",
          folder + "/blobs/../" + std::string(61, 'b') + ".blob",
          folder + "/blobs/" + std::string(64, 'B') + ".blob", folder + "/blobs"})
        QVERIFY2(!isTaken({{"identity", 1}, {name, 1}}), name.c_str());
    Bytes many = encodeIndex({{"identity", 1}});
    many[0] = std::byte{0x7F}; // says more than there is
    QVERIFY(!decodeIndex(many));
    QVERIFY(!decodeIndex(Bytes(kBackupIndexBytesMax + 1)));
}

/// One is whole; of one there are parts, and more comes while the backup is written; one is dropped
/// meanwhile.
void BackupFileTest::attachmentsComeAlong()
{
    const auto goesOn = [](std::uint64_t, std::uint64_t) { return true; };
    const store::BlobFolder live(m_base / "live");
    std::vector<blobs::BlobRef> refs;
    for (const std::string content : {"first", "second"}) {
        put(m_base / content, std::string(200'000, content.front()));
        store::Sealing how;
        how.key.fill(static_cast<std::byte>(content.front()));
        refs.push_back(store::sealFile(live, m_base / content, how, goesOn).value().ref);
    }
    const blobs::Shape shape(refs[1].size);
    const Hash root = refs[1].root();
    const Bytes last = live.read(root, shape, shape.pieces() - 1);
    fs::resize_file(live.fileOf(root), store::blob_file::placeOf(shape, 3));
    put(m_base / "live" / "holiday.blob", "foreign");
    fs::create_symlink(m_base / "first", m_base / "live" / (std::string(64, 'c') + ".blob"));

    const fs::path part = m_base / "from" / "workspaces" / kWorkspace / "blobs";
    const auto added = addBlobs(m_base / "live", part, 100);
    QVERIFY(added.has_value());
    QCOMPARE(added->files, 2U);
    QCOMPARE(added->whole, 1U);
    QCOMPARE(added->leftOut, 0U);
    live.drop(refs[0].root());
    QVERIFY(writeBackup(m_base / "from", file(), kPassphrase).has_value());
    QVERIFY(live.keep(root, shape, shape.pieces() - 1, last));
    QCOMPARE(fault(), std::nullopt);
    const store::BlobFolder back(to() / "workspaces" / kWorkspace / "blobs");
    QCOMPARE(back.list().size(), 2U);
    QVERIFY(store::saveBlob(back, refs[0], m_base / "saved", goesOn).has_value());
    QCOMPARE(contentOf(m_base / "saved"), contentOf(m_base / "first"));
    for (const store::BlobFolder::Stored &stored : back.list())
        for (std::uint32_t piece = 0; stored.root == root && piece < shape.pieces(); ++piece)
            QCOMPARE(stored.held.has(piece), piece < 3);
}

void BackupFileTest::moreAttachmentsThanFit()
{
    const store::BlobFolder live(m_base / "live");
    for (std::uint8_t i = 0; i < 5; ++i) {
        Hash root;
        root.value.fill(static_cast<std::byte>(i));
        QVERIFY(live.begin(root, blobs::Shape(10)));
    }
    const auto added = addBlobs(m_base / "live", m_base / "some", 3);
    QVERIFY(added.has_value());
    QCOMPARE(added->files, 3U);
    QCOMPARE(added->leftOut, 2U);
    QCOMPARE(store::BlobFolder(m_base / "some").list().size(), 3U);
    const auto none = addBlobs(m_base / "nowhere", m_base / "none", 3);
    QVERIFY(none.has_value() && none->files == 0);
}

QTEST_GUILESS_MAIN(BackupFileTest)
#include "backup_file_test.moc"
