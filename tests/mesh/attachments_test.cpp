// Files attached to documents, with real processes on loopback: fetched from two at once, and on
// after a kill -9 where it stopped.

#include "core/base/blob_limits.h"
#include "tests/mesh/typed.h"

#include <QtTest>

using nlbd::mesh::Peer;
using nlbd::mesh::Said;
using nlbd::mesh::stringOf;
using nlbd::mesh::type;

namespace {

constexpr int kPatienceMs = 90'000;
constexpr qint64 kLarge = 48LL * 1024 * 1024;

QString writeFile(const QString &path, qint64 size, quint32 seed)
{
    QRandomGenerator random(seed);
    QByteArray bytes(size, Qt::Uninitialized);
    random.fillRange(reinterpret_cast<quint32 *>(bytes.data()), size / 4);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != size)
        return {};
    return path;
}

QByteArray hashOf(const QString &path)
{
    QFile file(path);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    return file.open(QIODevice::ReadOnly) && hash.addData(&file) ? hash.result().toHex()
                                                                 : QByteArray();
}

/// The attachment as one of them lists it; empty if it does not.
QJsonObject infoAt(const Peer &peer, const QString &id)
{
    for (const QJsonObject &line : peer.verb({"attachments"}))
        if (line.value("id").toString() == id)
            return line;
    return {};
}

QString stateAt(const Peer &peer, const QString &id)
{
    return infoAt(peer, id).value("state").toString();
}

/// Bytes of pieces that came since it was started.
qint64 fetchedBy(const Peer &peer)
{
    const auto lines = peer.verb({"attachments"});
    return lines.isEmpty() ? 0 : lines.back().value("fetched").toInteger();
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
    const QJsonObject info = infoAt(*m_peers[2], id);
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
    QTRY_COMPARE_WITH_TIMEOUT(infoAt(cleo, id).value("holders").toArray().size(), 2, kPatienceMs);
    QCOMPARE(type(cleo, {"fetch", id.left(8)}).exit, 0);
    QSet<QString> from;
    qint64 held = 0;
    QDeadlineTimer patience(kPatienceMs);
    while (held < kLarge / 4 && !patience.hasExpired()) {
        const QJsonObject info = infoAt(cleo, id);
        held = info.value("held").toInteger();
        for (const QJsonValue &name : info.value("from").toArray())
            from.insert(name.toString());
    }
    const qint64 before = fetchedBy(cleo);
    cleo.kill(); // -9
    QVERIFY2(held >= kLarge / 4 && held < kLarge, qPrintable(QString::number(held)));
    QCOMPARE(from, (QSet<QString>{"Anna", "Ben"}));

    QVERIFY(cleo.goOnline({"run"}));
    QTRY_VERIFY_WITH_TIMEOUT(infoAt(cleo, id).value("held").toInteger() >= held, kPatienceMs);
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

QTEST_GUILESS_MAIN(AttachmentsTest)
#include "attachments_test.moc"
