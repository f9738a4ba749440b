// Files attached to documents, with real processes on loopback: fetched from two at once, and on
// after a kill -9 where it stopped.

#include "core/base/blob_limits.h"
#include "tests/mesh/files.h"
#include "tests/mesh/questions.h"
#include "tests/mesh/typed.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QJsonValue>
#include <QMap>
#include <QProcess>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

using namespace nlbd::mesh;

namespace {

constexpr int kPatienceMs = 90'000;
constexpr qint64 kLarge = 48LL * 1024 * 1024;

QString stateAt(const Peer &peer, const QString &id)
{
    return fileAt(peer, id).value("state").toString();
}

/// Bytes of pieces that came since it was started.
qint64 fetchedBy(const Peer &peer)
{
    return filesAt(peer).value("fetched").toInteger();
}

} // namespace

class AttachmentsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_peers.clear(); }

    void smallOnesAreEverywhere();
    void largeOneFromTwoThroughAKill();
    void whatCannotBeAttached();
    void whoHasWhatIsTold();
    void theSameIsHeldOnce();
    void aLargeOneKeepsNobodyWaiting();
    void whatWasTakenOffGoes();

private:
    Peer &add(const QString &name)
    {
        m_peers.push_back(std::make_unique<Peer>(name, m_dir->filePath(name)));
        return *m_peers.back();
    }
    [[nodiscard]] QString attach(const Peer &peer, const QString &file)
    {
        return type(peer, {"attach", file, "--document", "Plan"}).line.value("id").toString();
    }

    std::unique_ptr<QTemporaryDir> m_dir;
    std::vector<std::unique_ptr<Peer>> m_peers;
};

void AttachmentsTest::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    QStringList verb{"found", "--name", "Garden", "--with"};
    for (const char *name : {"Anna", "Ben", "Cleo"}) {
        Peer &peer = add(name);
        QVERIFY(!peer.verb({"init", name}).isEmpty());
        QVERIFY(peer.goOnline({"run", "--accept-founding"}));
        if (m_peers.size() > 1)
            verb << stringOf(peer, {"card"}, "card");
    }
    QCOMPARE(type(*m_peers[0], verb).exit, 0);
    const auto isThere = [](const Peer &peer) { return type(peer, {"show", "Plan"}).exit == 0; };
    const auto hasRoom = [](const Peer &peer) { return type(peer, {"members"}).exit == 0; };
    for (const auto &peer : m_peers)
        QTRY_VERIFY_WITH_TIMEOUT(hasRoom(*peer), kPatienceMs);
    QCOMPARE(type(*m_peers[0], {"new", "Plan"}).exit, 0);
    for (const auto &peer : m_peers)
        QTRY_VERIFY_WITH_TIMEOUT(isThere(*peer), kPatienceMs);
}

void AttachmentsTest::smallOnesAreEverywhere()
{
    const QString file = writeFile(m_dir->filePath("Plan of the garden.pdf"), 3'000'000, 1);
    const QString id = attach(*m_peers[0], file);
    QVERIFY(!id.isEmpty());
    for (const auto &peer : m_peers)
        QTRY_COMPARE_WITH_TIMEOUT(stateAt(*peer, id), "here", kPatienceMs);
    const QJsonObject info = fileAt(*m_peers[2], id);
    QCOMPARE(info.value("name").toString(), "Plan of the garden.pdf");
    QCOMPARE(info.value("by").toString(), "Anna");
    QCOMPARE(info.value("type").toString(), "application/pdf");
    const QString saved = m_dir->filePath("saved.pdf");
    QCOMPARE(type(*m_peers[2], {"save-attachment", id.left(8), saved}).exit, 0);
    QCOMPARE(hashOf(saved), hashOf(file));
    // What lies on the disk and went over the wire is sealed.
    QFile plain(file);
    QVERIFY(plain.open(QIODevice::ReadOnly));
    const QByteArray probe = plain.read(4096).mid(1000, 32);
    QDirIterator stored(m_peers[2]->folder(), {id + ".blob"}, QDir::Files,
                        QDirIterator::Subdirectories);
    QVERIFY(stored.hasNext());
    QFile blob(stored.next());
    QVERIFY(blob.open(QIODevice::ReadOnly));
    QVERIFY(!blob.readAll().contains(probe));
    QCOMPARE(type(*m_peers[1], {"detach", id.left(8)}).exit, 0);
    QTRY_COMPARE_WITH_TIMEOUT(stateAt(*m_peers[2], id), QString(), kPatienceMs);
}

void AttachmentsTest::largeOneFromTwoThroughAKill()
{
    Peer &anna = *m_peers[0];
    Peer &ben = *m_peers[1];
    Peer &cleo = *m_peers[2];
    const QString file = writeFile(m_dir->filePath("film.webm"), kLarge, 2);
    const QString id = attach(anna, file);
    QVERIFY(!id.isEmpty());
    QTRY_COMPARE_WITH_TIMEOUT(stateAt(ben, id), "elsewhere", kPatienceMs);
    QCOMPARE(fetchedBy(ben), 0); // too large to come unasked
    QCOMPARE(type(ben, {"fetch", id.left(8)}).exit, 0);
    QTRY_COMPARE_WITH_TIMEOUT(stateAt(ben, id), "here", kPatienceMs);
    QCOMPARE(type(cleo, {"save-attachment", id, m_dir->filePath("early.webm")}).exit, 3);

    // From both at once.
    QTRY_COMPARE_WITH_TIMEOUT(fileAt(cleo, id).value("holders").toArray().size(), 2, kPatienceMs);
    QCOMPARE(type(cleo, {"fetch", id.left(8)}).exit, 0);
    QSet<QString> from;
    qint64 held = 0;
    QDeadlineTimer patience(kPatienceMs);
    while (held < kLarge / 4 && !patience.hasExpired()) {
        const QJsonObject info = fileAt(cleo, id);
        held = info.value("held").toInteger();
        for (const QJsonValue &name : info.value("from").toArray())
            from.insert(name.toString());
    }
    const qint64 before = fetchedBy(cleo);
    cleo.kill(); // -9
    QVERIFY2(held >= kLarge / 4 && held < kLarge, qPrintable(QString::number(held)));
    QCOMPARE(from, (QSet<QString>{"Anna", "Ben"}));

    QVERIFY(cleo.goOnline({"run"}));
    QTRY_VERIFY_WITH_TIMEOUT(fileAt(cleo, id).value("held").toInteger() >= held, kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(stateAt(cleo, id), "here", kPatienceMs);
    const qint64 after = fetchedBy(cleo);
    // Each piece with its branch once; what was under way at the kill once more, and what came
    // between the last question and the kill does not count at all.
    const qint64 pieces = kLarge / qint64(nlbd::limits::kBlobPieceBytes);
    const qint64 whole = pieces * (qint64(nlbd::limits::kBlobPieceBytes) + 16 + 11 * 32);
    const qint64 underWay = 3 * 2 * qint64(nlbd::limits::kBlobWindow) * 40'000;
    qInfo("fetched %lld before the kill and %lld after it, of %lld", before, after, whole);
    QVERIFY(after <= whole - held + underWay);
    QVERIFY(before + after <= whole + underWay + kLarge / 2);
    const QString saved = m_dir->filePath("saved.webm");
    QCOMPARE(type(cleo, {"save-attachment", id.left(8), saved}).exit, 0);
    QCOMPARE(hashOf(saved), hashOf(file));
}

void AttachmentsTest::whatCannotBeAttached()
{
    Peer &anna = *m_peers[0];
    const auto exitOf = [&anna](const QStringList &verb) { return type(anna, verb).exit; };
    QCOMPARE(exitOf({"attach", m_dir->filePath("missing"), "--document", "Plan"}), 3);
    QCOMPARE(exitOf({"attach", m_dir->path(), "--document", "Plan"}), 3); // a folder
    const QString file = writeFile(m_dir->filePath("a.txt"), 40, 3);
    QCOMPARE(exitOf({"attach", file}), 2);
    QCOMPARE(exitOf({"attach", file, "--document", "Nothing"}), 3);
    QFile large(m_dir->filePath("large"));
    QVERIFY(large.open(QIODevice::WriteOnly) && large.resize((1LL << 30) + 1)); // has a hole
    QCOMPARE(exitOf({"attach", large.fileName(), "--document", "Plan"}), 2);
    QCOMPARE(exitOf({"save-attachment", "abcd", m_dir->filePath("b")}), 3);
    QCOMPARE(exitOf({"fetch", "zz"}), 3);
    QCOMPARE(anna.verb({"attachments"}).size(), 1); // nothing, and what was counted
    const QString id = attach(anna, file);
    QCOMPARE(exitOf({"save-attachment", id, m_dir->filePath("no/such/folder")}), 5);
    QCOMPARE(exitOf({"save-attachment", id, m_dir->filePath("b")}), 0);
}

void AttachmentsTest::whoHasWhatIsTold()
{
    Peer &anna = *m_peers[0];
    Peer &ben = *m_peers[1];
    const QString small = attach(anna, writeFile(m_dir->filePath("small.bin"), 300'000, 4));
    const QString large = attach(ben, writeFile(m_dir->filePath("large.bin"), kLarge / 4, 5));
    const auto filesOf = [&anna] { return workspaceOf(anna).value("attachments").toObject(); };
    const auto heldBy = [&anna](const QString &name) {
        for (const QJsonObject &line : anna.verb({"status"}))
            for (const QJsonValue &row :
                 line.value("connections").toObject().value("peers").toArray())
                if (row.toObject().value("name").toString() == name)
                    return row.toObject().value("filesHeld").toInt(-1);
        return -1;
    };
    QTRY_COMPARE_WITH_TIMEOUT(filesOf().value("named").toInt(), 2, kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(heldBy("Ben"), 2, kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(heldBy("Cleo"), 1, kPatienceMs); // the large one was not asked for
    QCOMPARE(filesOf().value("here").toInt(), 1);
    QMap<QString, QJsonArray> holders;
    for (const QJsonValue &file : filesOf().value("files").toArray())
        holders[file.toObject().value("id").toString()] = file.toObject()["holders"].toArray();
    QCOMPARE(holders[small].size(), 2);
    QCOMPARE(holders[large], QJsonArray{"Ben"});
}

/// One content, attached twice on one computer: one file on its disk and on all others.
void AttachmentsTest::theSameIsHeldOnce()
{
    Peer &anna = *m_peers[0];
    QCOMPARE(type(anna, {"new", "Second"}).exit, 0);
    const QString first = attach(anna, writeFile(m_dir->filePath("first.bin"), 300'000, 6));
    const QString second = type(anna,
                                {"attach", writeFile(m_dir->filePath("second.bin"), 300'000, 6),
                                 "--document", "Second"})
                               .line.value("id")
                               .toString();
    QVERIFY(!first.isEmpty());
    QCOMPARE(second, first);
    const auto stored = [](const Peer &peer) {
        QDirIterator files(peer.folder(), {"*.blob"}, QDir::Files, QDirIterator::Subdirectories);
        int count = 0;
        for (; files.hasNext(); files.next())
            ++count;
        return count;
    };
    for (const auto &peer : m_peers) {
        const auto names = [&peer] {
            QSet<QString> all;
            for (const QJsonObject &line : peer->verb({"attachments"}))
                all.insert(line.value("name").toString());
            return all;
        };
        QTRY_VERIFY_WITH_TIMEOUT(names().contains("first.bin") && names().contains("second.bin"),
                                 kPatienceMs);
        QTRY_COMPARE_WITH_TIMEOUT(stateAt(*peer, first), "here", kPatienceMs);
        QCOMPARE(stored(*peer), 1);
    }
}

/// While a file of most of a gibibyte is sealed others write and ask, on this computer too.
void AttachmentsTest::aLargeOneKeepsNobodyWaiting()
{
    Peer &anna = *m_peers[0];
    QFile large(m_dir->filePath("film.webm"));
    QVERIFY(large.open(QIODevice::WriteOnly) && large.resize(900LL << 20)); // has a hole
    QProcess attaching;
    attaching.start(
        programPath("nlbd-peer"),
        {"--profile", anna.folder(), "--json", "attach", large.fileName(), "--document", "Plan"});
    QVERIFY(attaching.waitForStarted());
    int writtenMeanwhile = 0;
    while (!attaching.waitForFinished(1)) {
        QCOMPARE(type(anna, {"edit", "Plan", "--append", "on "}).exit, 0);
        writtenMeanwhile += attaching.state() == QProcess::Running ? 1 : 0;
    }
    QCOMPARE(attaching.exitCode(), 0);
    const QJsonObject said = QJsonDocument::fromJson(attaching.readAllStandardOutput()).object();
    QCOMPARE(stateAt(anna, said.value("id").toString()), "here");
    QVERIFY2(writtenMeanwhile > 1, qPrintable(QString::number(writtenMeanwhile)));
}

/// After thirty days, which are short here; what is named stays.
void AttachmentsTest::whatWasTakenOffGoes()
{
    const QString kept = attach(*m_peers[0], writeFile(m_dir->filePath("kept.bin"), 300'000, 7));
    const QString gone = attach(*m_peers[0], writeFile(m_dir->filePath("gone.bin"), 300'000, 8));
    for (const auto &peer : m_peers) {
        QTRY_COMPARE_WITH_TIMEOUT(stateAt(*peer, kept), "here", kPatienceMs);
        QTRY_COMPARE_WITH_TIMEOUT(stateAt(*peer, gone), "here", kPatienceMs);
    }
    for (const auto &peer : m_peers)
        peer->stop();
    for (const auto &peer : m_peers)
        QVERIFY(peer->goOnline({"run", "--day", "1"}));
    const auto isDetached = [&] { return type(*m_peers[1], {"detach", gone.left(12)}).exit == 0; };
    QVERIFY(QTest::qWaitFor(isDetached, kPatienceMs)); // once: QTRY would do it again
    const auto isStored = [](const Peer &peer, const QString &id) {
        return QDirIterator(peer.folder(), {id + ".blob"}, QDir::Files,
                            QDirIterator::Subdirectories)
            .hasNext();
    };
    for (const auto &peer : m_peers)
        QTRY_COMPARE_WITH_TIMEOUT(filesAt(*peer).value("leaving").toInt(), 1, kPatienceMs);
    QVERIFY(isStored(*m_peers[2], gone));
    for (const auto &peer : m_peers) {
        QTRY_VERIFY_WITH_TIMEOUT(!isStored(*peer, gone), kPatienceMs);
        QVERIFY(isStored(*peer, kept));
    }
    QCOMPARE(type(*m_peers[2], {"save-attachment", kept, m_dir->filePath("saved")}).exit, 0);
}

QTEST_GUILESS_MAIN(AttachmentsTest)
#include "attachments_test.moc"
