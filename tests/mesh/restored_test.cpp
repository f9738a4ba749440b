// A person whose only computer is gone for ever, with real processes on loopback: four people, one
// folder deleted, and the same person again from twelve words and one member who is there.

#include "tests/mesh/typed.h"

#include <QCryptographicHash>
#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using nlbd::mesh::Peer;
using nlbd::mesh::Said;
using nlbd::mesh::stringOf;
using nlbd::mesh::type;

namespace {

constexpr int kPatienceMs = 90'000;

QString textOf(const Peer &peer, const QString &title)
{
    return stringOf(peer, {"show", title}, "text");
}

/// Of every change that the peer holds, and the digest of each text.
QStringList hashesOf(const Peer &peer)
{
    QStringList hashes;
    for (const QJsonObject &line : peer.verb({"log"}))
        hashes << line.value("hash").toString();
    hashes.sort();
    for (const char *title : {"Plan", "List"})
        hashes << QCryptographicHash::hash(textOf(peer, title).toUtf8(), QCryptographicHash::Sha256)
                      .toHex();
    return hashes;
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

} // namespace

class RestoredTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }
    void cleanup() { m_peers.clear(); }

    void afterALoss();

private:
    Peer &add(const QString &name)
    {
        m_peers.push_back(std::make_unique<Peer>(name, m_dir->filePath(name)));
        return *m_peers.back();
    }
    void found();

    std::unique_ptr<QTemporaryDir> m_dir;
    std::vector<std::unique_ptr<Peer>> m_peers;
};

void RestoredTest::found()
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
    QCOMPARE(type(*m_peers[0], {"new", "Plan"}).exit, 0);
    QCOMPARE(type(*m_peers[3], {"new", "List"}).exit, 0);
    QCOMPARE(type(*m_peers[3], {"edit", "List", "--append", "seeds, string"}).exit, 0);
    for (const auto &peer : m_peers)
        QTRY_COMPARE_WITH_TIMEOUT(textOf(*peer, "List"), "seeds, string", kPatienceMs);
}

void RestoredTest::afterALoss()
{
    found();
    Peer &ben = *m_peers[1];
    Peer &dan = *m_peers[3];
    // Words do not go to a file by mistake, nor to whoever lists the processes.
    const Said refused = type(dan, {"recovery", "show"});
    QCOMPARE(refused.exit, 2);
    const QString words = type(dan, {"recovery", "show", "--anyway"}).line["recovery"].toString();
    QCOMPARE(words.count(' '), 11);
    QVERIFY(!refused.all.contains(words.section(' ', 0, 2)));
    QCOMPARE(type(dan, {"recovery", "check"}, words + "\n").exit, 0);
    QCOMPARE(type(ben, {"recovery", "check"}, words).exit, 1);
    const QString lost = dan.device();
    dan.kill();
    QVERIFY(QDir(dan.folder()).rename(dan.folder(), m_dir->filePath("Shelf"))); // and forgotten
    // Meanwhile the others go on.
    QCOMPARE(type(ben, {"edit", "Plan", "--append", "meanwhile "}).exit, 0);

    Peer &fresh = add("New");
    const Said slip =
        type(fresh, {"recovery", "restore", "Dan"}, "abxndon" + words.mid(words.indexOf(' ')));
    QCOMPARE(slip.exit, 2);
    QVERIFY2(slip.line["error"].toString().startsWith("Word 1, \"abxndon\", is not in the list"),
             qPrintable(slip.all));
    QCOMPARE(type(fresh, {"recovery", "restore", "Dan"}, words.section(' ', 0, 10)).exit, 2);
    QCOMPARE(type(fresh, {"card"}).exit, 3); // nobody yet
    QCOMPARE(type(fresh, {"recovery", "restore", "Dan"}, words.toUpper()).exit, 0);
    QVERIFY(fresh.goOnline({"run"}));
    const QString invitation = stringOf(ben, {"invite", "--workspace", "Garden"}, "invitation");
    QVERIFY(!invitation.isEmpty());
    QCOMPARE(type(fresh, {"join", invitation}).exit, 0);
    QTRY_COMPARE_WITH_TIMEOUT(textOf(fresh, "List"), "seeds, string", kPatienceMs);
    for (std::size_t i = 0; i < 3; ++i) {
        QTRY_COMPARE_WITH_TIMEOUT(doesOf(*m_peers[i], lost), "reads", kPatienceMs);
        QCOMPARE(doesOf(*m_peers[i], fresh.device()), "writes and votes");
        QCOMPARE(seatsAt(*m_peers[i]), 4);
        QTRY_COMPARE_WITH_TIMEOUT(hashesOf(*m_peers[i]), hashesOf(fresh), kPatienceMs);
    }
    QVERIFY(hashesOf(fresh).size() > 3);
    QCOMPARE(type(fresh, {"verify"}).exit, 0);
    QCOMPARE(type(fresh, {"edit", "Plan", "--append", "again"}).exit, 0);
    for (std::size_t i = 0; i < 3; ++i)
        QTRY_COMPARE_WITH_TIMEOUT(textOf(*m_peers[i], "Plan"), "meanwhile again", kPatienceMs);
    for (const QJsonObject &run : ben.verb({"blame", "Plan"}))
        QVERIFY(run["author"] == "Ben" || run["author"] == "Dan");

    // The disk is found again: its folder reads on, writes nothing, and says why.
    Peer old("Shelf", m_dir->filePath("Shelf"));
    QVERIFY(old.goOnline({"run"}));
    QTRY_COMPARE_WITH_TIMEOUT(textOf(old, "Plan"), "meanwhile again", kPatienceMs);
    const Said late = type(old, {"edit", "Plan", "--append", "late"});
    QCOMPARE(late.exit, 1);
    QVERIFY2(late.line["error"].toString().startsWith("Another computer of yours writes and votes"),
             qPrintable(late.all));
    QCOMPARE(type(fresh, {"devices", "revoke", lost.left(12)}).exit, 0); // nor does it read on
    QTRY_COMPARE_WITH_TIMEOUT(doesOf(ben, lost), "revoked", kPatienceMs);
    for (const auto &peer : m_peers)
        if (peer->isRunning())
            for (const QJsonObject &line : peer->verb({"evidence"}))
                QVERIFY2(!line.value("code").toString().startsWith("EV_"),
                         QJsonDocument(line).toJson().constData());
}

QTEST_GUILESS_MAIN(RestoredTest)
#include "restored_test.moc"
