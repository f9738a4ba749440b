// Malory runs what everybody runs, and only what leaves his computer about attachments is not as it
// should be; or he names files of which there is nothing. Real processes over loopback.

#include "core/base/blob_limits.h"
#include "tests/mesh/files.h"
#include "tests/mesh/loopback.h"
#include "tests/mesh/questions.h"
#include "tests/mesh/resources.h"
#include "tests/mesh/typed.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace nlbd::mesh;

namespace {

constexpr int kPatienceMs = 90'000;
constexpr qint64 kPiece = nlbd::limits::kBlobPieceBytes;
constexpr qint64 kGrowthMax = 64LL * 1024 * 1024; // of memory, while it lasts
const QString kProgram = QStringLiteral("nlbd-malory");

qint64 residentBytes(const Peer &peer)
{
    QFile file(QStringLiteral("/proc/%1/statm").arg(peer.processId()));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').value(1).toLongLong() * sysconf(_SC_PAGESIZE);
}

} // namespace

/// What Malory can do with attachments (ATTACKS.md): honest files arrive with everybody, nothing of
/// his is kept, memory stays bounded, and nobody is accused.
class BlobMouthsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void files_data();
    void files();
    void filesOfWhichThereIsNothing();
    void cleanupTestCase();

private:
    [[nodiscard]] QString attach(const Peer &peer, const QString &name, qint64 size);
    [[nodiscard]] bool allHonestHave(const QString &id) const;

    QTemporaryDir m_folder;
    Loopback m_table;
    QStringList m_ids;
    quint32 m_seed = 0;
};

void BlobMouthsTest::initTestCase()
{
    QVERIFY(m_folder.isValid());
    QVERIFY(m_table.found({"Ada", "Ben", "Cai"}, m_folder.path()));
    QCOMPARE(type(*m_table.honest()[0], {"new", "Plan"}).exit, 0);
    for (const auto &peer : m_table.honest())
        QTRY_COMPARE_WITH_TIMEOUT(type(*peer, {"show", "Plan"}).exit, 0, kPatienceMs);
}

QString BlobMouthsTest::attach(const Peer &peer, const QString &name, qint64 size)
{
    const QString file = writeFile(m_folder.filePath(name), size, ++m_seed);
    return type(peer, {"attach", file, "--document", "Plan"}).line.value("id").toString();
}

bool BlobMouthsTest::allHonestHave(const QString &id) const
{
    return std::ranges::all_of(m_table.honest(), [&id](const auto &peer) {
        return fileAt(*peer, id).value("state").toString() == "here";
    });
}

void BlobMouthsTest::files_data()
{
    QTest::addColumn<QString>("mouth");
    QTest::addColumn<QString>("code"); // that somebody honest tells of; empty: nothing
    QTest::newRow("pieces that are others") << "wrong-pieces"
                                            << "E_BLOB_PIECE";
    QTest::newRow("shares that are none") << "false-shares"
                                          << "";
    QTest::newRow("questions without end") << "endless-pulls"
                                           << "E_RATE";
    QTest::newRow("pieces that nobody asked for") << "unasked-pieces"
                                                  << "E_RATE";
    QTest::newRow("files that nobody names") << "unnamed-roots"
                                             << "";
}

void BlobMouthsTest::files()
{
    QFETCH(QString, mouth);
    QFETCH(QString, code);
    Peer &malory = m_table.malory();
    malory.stop();
    QVERIFY(malory.goOnline({"--attack", mouth}, kProgram));
    for (const auto &peer : m_table.honest())
        QTRY_VERIFY_WITH_TIMEOUT(isOnlineAt(*peer, "Malory"), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(type(malory, {"show", "Plan"}).exit, 0, kPatienceMs);
    std::vector<qint64> before;
    for (const auto &peer : m_table.honest())
        before.push_back(residentBytes(*peer));

    // His own file, which others can have of nobody else, and an honest one at the same time.
    const QString his = attach(malory, mouth + "-his.bin", 20 * kPiece);
    QVERIFY(!his.isEmpty());
    const QString mine = attach(*m_table.honest()[0], mouth + "-mine.bin", 100 * kPiece);
    QVERIFY(!mine.isEmpty());
    m_ids << mine;
    QTRY_VERIFY_WITH_TIMEOUT(allHonestHave(mine), kPatienceMs);
    const auto isTold = [&] {
        return std::ranges::any_of(m_table.honest(),
                                   [&code](const auto &peer) { return timesOf(*peer, code) > 0; });
    };
    if (!code.isEmpty())
        QTRY_VERIFY_WITH_TIMEOUT(isTold(), kPatienceMs);
    if (mouth == "wrong-pieces" || mouth == "false-shares") {
        for (const auto &peer : m_table.honest()) {
            QTRY_VERIFY_WITH_TIMEOUT(!fileAt(*peer, his).isEmpty(), kPatienceMs);
            QCOMPARE(fileAt(*peer, his).value("held").toInteger(), 0);
        }
    } else if (mouth != "unasked-pieces") { // these are wrong ones of his own file, too
        QTRY_VERIFY_WITH_TIMEOUT(allHonestHave(his), kPatienceMs);
        m_ids << his;
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
        const qint64 growth = residentBytes(*m_table.honest()[i]) - before[i];
        QVERIFY2(!kIsMemoryMeant || growth < kGrowthMax, qPrintable(QString::number(growth)));
    }
    QCOMPARE(type(*m_table.honest()[1], {"edit", "Plan", "--append", mouth}).exit, 0);
    const auto allShow = [&] {
        return std::ranges::all_of(m_table.honest(), [&](const auto &peer) {
            return type(*peer, {"show", "Plan"}).line.value("text").toString().contains(mouth);
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(allShow(), kPatienceMs);
    malory.stop();
}

/// Names of a gibibyte each cost nobody a byte of the disk, and no room for others' files. Among
/// others than above, as Malory's hand would not go on from what his computer signed there.
void BlobMouthsTest::filesOfWhichThereIsNothing()
{
    QTemporaryDir folder;
    Loopback table;
    QVERIFY(table.found({"Dora", "Eli", "Fay"}, folder.path()));
    const Peer &dora = *table.honest()[0];
    QCOMPARE(type(dora, {"new", "Plan"}).exit, 0);
    QVERIFY(table.mount("giant-attachments"));
    const auto named = [](const Peer &peer) {
        return std::ranges::count_if(peer.verb({"attachments"}), [](const QJsonObject &line) {
            return line.value("name").toString() == "film.webm";
        });
    };
    for (const auto &peer : table.honest())
        QTRY_COMPARE_WITH_TIMEOUT(named(*peer), 56, kPatienceMs); // 8 of 64 are beyond the limit
    const QString id = attach(dora, "after.bin", 10 * kPiece);
    QVERIFY(!id.isEmpty());
    for (const auto &peer : table.honest()) {
        QTRY_COMPARE_WITH_TIMEOUT(fileAt(*peer, id).value("state").toString(), "here", kPatienceMs);
        QDirIterator stored(peer->folder(), {"*.blob"}, QDir::Files, QDirIterator::Subdirectories);
        qint64 bytes = 0;
        while (stored.hasNext()) {
            stored.next();
            bytes += stored.fileInfo().size();
        }
        QVERIFY2(bytes < 20 * kPiece, qPrintable(QString::number(bytes)));
        for (const QJsonObject &line : peer->verb({"evidence"}))
            QVERIFY2(!line.contains("id"), qPrintable(line.value("code").toString()));
    }
}

/// Whatever he did, what is held is what was attached, and nothing proves anything against anybody.
void BlobMouthsTest::cleanupTestCase()
{
    for (const auto &peer : m_table.honest()) {
        for (const QString &id : m_ids) {
            const QString saved = m_folder.filePath(peer->folder().section('/', -1) + id.left(8));
            QCOMPARE(type(*peer, {"save-attachment", id, saved}).exit, 0);
            const QString name = fileAt(*peer, id).value("name").toString();
            QCOMPARE(hashOf(saved), hashOf(m_folder.filePath(name)));
        }
        for (const QJsonObject &line : peer->verb({"evidence"}))
            QVERIFY2(!line.contains("id"), qPrintable(line.value("code").toString()));
    }
}

QTEST_GUILESS_MAIN(BlobMouthsTest)
#include "blob_mouths_test.moc"
