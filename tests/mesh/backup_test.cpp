// A person whose only computer is lost, and whose folder comes back out of a backup that was made
// while the program ran, with real processes on loopback.

#include "tests/mesh/files.h"
#include "tests/mesh/typed.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using nlbd::mesh::Peer;
using nlbd::mesh::Said;
using nlbd::mesh::stringOf;
using nlbd::mesh::type;
using nlbd::mesh::writeFile;

namespace {

constexpr int kPatienceMs = 90'000;

QString textOf(const Peer &peer)
{
    return stringOf(peer, {"show", "Plan"}, "text");
}

QString doesOf(const Peer &peer, const QString &key)
{
    for (const QJsonObject &line : peer.verb({"devices"}))
        if (line.value("key").toString() == key)
            return line.value("does").toString();
    return {};
}

int seatsAt(const Peer &peer)
{
    const auto lines = peer.verb({"members"});
    return lines.isEmpty() ? 0 : lines.back().value("seats").toInt();
}

QString attach(const Peer &peer, const QString &file)
{
    return type(peer, {"attach", file, "--document", "Plan"}).line["id"].toString();
}

const QString kPassphrase = QStringLiteral("seven pebbles in a ring\n");

} // namespace

class BackupTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }
    void cleanup() { m_peers.clear(); }

    void afterALoss();
    void onTheSameComputer();

private:
    Peer &add(const QString &name)
    {
        m_peers.push_back(std::make_unique<Peer>(name, m_dir->filePath(name)));
        return *m_peers.back();
    }

    std::unique_ptr<QTemporaryDir> m_dir;
    std::vector<std::unique_ptr<Peer>> m_peers;
};

void BackupTest::afterALoss()
{
    QStringList verb{"found", "--name", "Garden", "--with"};
    for (const char *name : {"Anna", "Ben", "Cleo", "Dan"}) {
        Peer &peer = add(name);
        QVERIFY(!peer.verb({"init", name}).isEmpty());
        QVERIFY(peer.goOnline({"run", "--accept-founding"}));
        if (m_peers.size() > 1)
            verb << stringOf(peer, {"card"}, "card");
    }
    QCOMPARE(type(*m_peers[0], verb).exit, 0);
    for (const auto &peer : m_peers)
        QTRY_COMPARE_WITH_TIMEOUT(seatsAt(*peer), 4, kPatienceMs);
    Peer &ben = *m_peers[1];
    Peer &dan = *m_peers[3];
    QCOMPARE(type(dan, {"new", "Plan"}).exit, 0);
    QCOMPARE(type(dan, {"edit", "Plan", "--append", "before "}).exit, 0);
    const QString photo = writeFile(m_dir->filePath("photo.jpg"), 3'000'000, 1);
    const QString film = writeFile(m_dir->filePath("film.webm"), 12'000'000, 2);
    const QString photoId = attach(dan, photo);
    QTRY_COMPARE_WITH_TIMEOUT(textOf(ben), "before ", kPatienceMs);
    const QString filmId = attach(ben, film); // too large to come to Dan by itself
    QTRY_VERIFY_WITH_TIMEOUT(!nlbd::mesh::fileAt(dan, filmId).isEmpty(), kPatienceMs);
    const QString file = m_dir->filePath("dan.nlbd-backup");
    QCOMPARE(type(dan, {"backup", file}, "short\n").exit, 1);
    QCOMPARE(type(dan, {"backup", dan.folder() + "/identity"}, kPassphrase).exit, 1);
    const Said written = type(dan, {"backup", file}, kPassphrase); // while it runs
    QVERIFY2(written.exit == 0, qPrintable(written.all));
    QCOMPARE(written.line["attachments"].toInt(), 1);
    QCOMPARE(written.line["missing"].toArray(), QJsonArray{"film.webm"});
    QVERIFY(!QDir(dan.folder()).exists("backing-up"));
    // Signed after the backup: a folder that does not know of it must not sign in its place.
    QCOMPARE(type(dan, {"edit", "Plan", "--append", "since "}).exit, 0);
    QTRY_COMPARE_WITH_TIMEOUT(textOf(ben), "before since ", kPatienceMs);
    const QString lost = dan.device();
    dan.kill();
    QVERIFY(QDir(dan.folder()).removeRecursively());

    Peer &fresh = add("New");
    QCOMPARE(type(fresh, {"restore", file}, "another passphrase\n").exit, 1);
    QCOMPARE(type(fresh, {"restore", nlbd::mesh::programPath("nlbd-peer")}, kPassphrase).exit, 1);
    QCOMPARE(type(fresh, {"card"}).exit, 3); // nobody yet
    const Said restored = type(fresh, {"restore", file}, kPassphrase);
    QVERIFY2(restored.exit == 0, qPrintable(restored.all));
    QCOMPARE(restored.line["name"].toString(), QString("Dan"));
    QVERIFY(restored.line["stuck"].toArray().isEmpty());
    QCOMPARE(type(fresh, {"restore", file}, kPassphrase).exit, 1); // somebody is here
    QCOMPARE(textOf(fresh), "before ");
    // What was on the lost computer is here, with nobody else online.
    const QString saved = m_dir->filePath("saved");
    QCOMPARE(nlbd::mesh::fileAt(fresh, photoId).value("state").toString(), "here");
    QCOMPARE(type(fresh, {"save-attachment", photoId, saved}).exit, 0);
    QCOMPARE(nlbd::mesh::hashOf(saved), nlbd::mesh::hashOf(photo));
    QCOMPARE(nlbd::mesh::fileAt(fresh, filmId).value("state").toString(), "nowhere");
    QVERIFY(fresh.goOnline({"run"}));
    QTRY_COMPARE_WITH_TIMEOUT(textOf(fresh), "before since ", kPatienceMs);
    QCOMPARE(type(fresh, {"devices", "renew"}).exit, 0);
    for (std::size_t i = 0; i < 3; ++i)
        QTRY_COMPARE_WITH_TIMEOUT(doesOf(*m_peers[i], lost), "reads", kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(type(fresh, {"edit", "Plan", "--append", "again"}).exit, 0,
                              kPatienceMs);
    for (std::size_t i = 0; i < 3; ++i)
        QTRY_VERIFY_WITH_TIMEOUT(textOf(*m_peers[i]).contains("again"), kPatienceMs);
    for (const auto &peer : m_peers)
        if (peer->isRunning())
            for (const QJsonObject &line : peer->verb({"evidence"}))
                QVERIFY2(!line.value("code").toString().startsWith("EV_"),
                         QJsonDocument(line).toJson().constData());
}

/// Put back before the program was started again: both places tell of the start that the backup was
/// made in, and nobody is there who could tell what was signed since.
void BackupTest::onTheSameComputer()
{
    Peer &anna = add("Anna");
    QVERIFY(!anna.verb({"init", "Anna"}).isEmpty());
    QVERIFY(anna.goOnline({"run"}));
    QCOMPARE(type(anna, {"found", "--name", "Alone"}).exit, 0);
    QCOMPARE(type(anna, {"new", "Plan"}).exit, 0);
    const QString file = m_dir->filePath("anna.nlbd-backup");
    QCOMPARE(type(anna, {"backup", file}, kPassphrase).exit, 0);
    QCOMPARE(type(anna, {"edit", "Plan", "--append", "since"}).exit, 0);
    anna.kill();
    QVERIFY(QDir(anna.folder()).removeRecursively());
    const Said restored = type(anna, {"restore", file}, kPassphrase);
    QVERIFY2(restored.exit == 0, qPrintable(restored.all));
    QCOMPARE(restored.line["stuck"].toArray().size(), 1); // she alone decides there
    const Said refused = type(anna, {"edit", "Plan", "--append", "otherwise"});
    QVERIFY2(refused.exit == 1, qPrintable(refused.all));
    QVERIFY2(refused.all.contains("copy"), qPrintable(refused.all));
}

QTEST_GUILESS_MAIN(BackupTest)
#include "backup_test.moc"
