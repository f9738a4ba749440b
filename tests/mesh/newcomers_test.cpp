// Somebody who has only an invitation comes into a group that runs: real processes on loopback.

#include "tests/mesh/process.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using nlbd::mesh::Peer;

namespace {

constexpr int kPatienceMs = 60'000;

QString textOf(const Peer &peer)
{
    const auto lines = peer.verb({"show", "Plan"});
    return lines.isEmpty() ? QString() : lines.front().value("text").toString();
}

QJsonObject workspaceOf(const Peer &peer)
{
    const auto lines = peer.verb({"status"});
    const auto all = lines.isEmpty() ? QJsonArray() : lines.front().value("workspaces").toArray();
    return all.isEmpty() ? QJsonObject() : all.first().toObject();
}

bool hasAllAgreed(const Peer &peer, const QString &text)
{
    const QJsonObject workspace = workspaceOf(peer);
    return !workspace.isEmpty() && workspace["ratified"] == workspace["changes"]
        && textOf(peer) == text;
}

QString stringOf(const Peer &peer, const QStringList &verb, const QString &field)
{
    const auto lines = peer.verb(verb);
    return lines.isEmpty() ? QString() : lines.front().value(field).toString();
}

int exitOf(const Peer &peer, const QStringList &verb)
{
    int code = -1;
    (void)peer.verb(verb, &code);
    return code;
}

int seatsAt(const Peer &peer)
{
    const auto lines = peer.verb({"members"});
    return lines.isEmpty() ? 0 : lines.back().value("seats").toInt();
}

int decisionsAt(const Peer &peer)
{
    const auto lines = peer.verb({"decisions"});
    return static_cast<int>(std::ranges::count_if(
        lines, [](const QJsonObject &line) { return line.contains("closed"); }));
}

} // namespace

class NewcomersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFifthComesAndGoes();

private:
    Peer &add(const QString &name);
    void found();
    /// Asks, and has the others vote once they have heard of it.
    void agree(Peer &who, const QStringList &wish, const QList<Peer *> &others);

    QTemporaryDir m_dir;
    std::vector<std::unique_ptr<Peer>> m_peers;
};

Peer &NewcomersTest::add(const QString &name)
{
    m_peers.push_back(std::make_unique<Peer>(name, m_dir.filePath(name)));
    Peer &peer = *m_peers.back();
    const auto made = peer.verb({"init", name});
    const bool isOnline = !made.isEmpty() && peer.goOnline({"run", "--accept-founding"});
    if (!isOnline)
        qWarning() << name << "did not start";
    return peer;
}

void NewcomersTest::found()
{
    QStringList found{"found", "--name", "Garden", "--with"};
    for (const char *name : {"Anna", "Ben", "Cleo", "Dan"})
        add(QString::fromLatin1(name));
    for (std::size_t i = 1; i < m_peers.size(); ++i)
        found << stringOf(*m_peers[i], {"card"}, "card");
    QCOMPARE(exitOf(*m_peers[0], found), 0);
    for (const auto &peer : m_peers)
        QTRY_VERIFY_WITH_TIMEOUT(!workspaceOf(*peer).isEmpty(), kPatienceMs);
    QCOMPARE(exitOf(*m_peers[0], {"new", "Plan"}), 0);
    QCOMPARE(exitOf(*m_peers[0], {"edit", "Plan", "--append", "old "}), 0);
    QTRY_VERIFY_WITH_TIMEOUT(hasAllAgreed(*m_peers[3], "old "), kPatienceMs);
}

void NewcomersTest::agree(Peer &who, const QStringList &wish, const QList<Peer *> &others)
{
    const QString id = stringOf(who, QStringList{"propose"} + wish, "id");
    QVERIFY(!id.isEmpty());
    for (const Peer *other : others) {
        QTRY_COMPARE_WITH_TIMEOUT(stringOf(*other, {"decisions"}, "id"), id, kPatienceMs);
        QCOMPARE(exitOf(*other, {"vote", id, "yes"}), 0);
    }
}

void NewcomersTest::aFifthComesAndGoes()
{
    found();
    Peer &anna = *m_peers[0];
    Peer &ben = *m_peers[1];
    Peer &cleo = *m_peers[2];
    Peer &dan = *m_peers[3];
    // The key turns first, so that the old text lies under another one than the newcomer gets.
    agree(anna, {"key"}, {&ben, &cleo});
    QTRY_COMPARE_WITH_TIMEOUT(decisionsAt(dan), 1, kPatienceMs);
    // What was written so far comes to her as a snapshot.
    agree(anna, {"checkpoint"}, {&ben, &cleo});
    QTRY_COMPARE_WITH_TIMEOUT(decisionsAt(dan), 2, kPatienceMs);

    const QString invitation = stringOf(ben, {"invite", "--workspace", "Garden"}, "invitation");
    Peer &eve = add("Eve");
    Peer &thief = add("Thief");
    QCOMPARE(exitOf(eve, {"join", invitation}), 0);
    int refused = 0;
    (void)thief.verb({"join", invitation}, &refused); // each is good for one use
    QCOMPARE(refused, 1);
    QTRY_COMPARE_WITH_TIMEOUT(stringOf(ben, {"requests"}, "name"), "Eve", kPatienceMs);
    eve.kill();
    agree(ben, {"admit", "Eve"}, {&anna, &cleo});
    QTRY_COMPARE_WITH_TIMEOUT(seatsAt(dan), 5, kPatienceMs);
    for (int i = 0; i < 3; ++i) { // in the middle of the way in
        QVERIFY(eve.goOnline({"run"}));
        if (i > 0)
            QTRY_VERIFY_WITH_TIMEOUT(!workspaceOf(eve).isEmpty(), kPatienceMs);
        eve.kill();
    }
    QVERIFY(eve.goOnline({"run"}));
    QTRY_COMPARE_WITH_TIMEOUT(textOf(eve), "old ", kPatienceMs);
    QCOMPARE(exitOf(eve, {"edit", "Plan", "--append", "new"}), 0);
    for (const Peer *peer : {&anna, &ben, &cleo, &dan, &eve}) {
        QTRY_VERIFY_WITH_TIMEOUT(hasAllAgreed(*peer, "old new"), kPatienceMs);
        QCOMPARE(seatsAt(*peer), 5);
        QCOMPARE(peer->verb({"members"}).back().value("quorum").toInt(), 4);
    }

    // Of five, four decide: three, the newcomer among them, are not enough; a fourth is.
    dan.stop();
    agree(anna, {"rule", "Be brief."}, {&ben, &eve});
    cleo.stop();
    QTRY_COMPARE_WITH_TIMEOUT(anna.verb({"decisions"}).front().value("yes").toInt(), 3,
                              kPatienceMs);
    QCOMPARE(anna.verb({"decisions"}).front().value("needed").toInt(), 4);
    QVERIFY(cleo.goOnline({"run"}));
    const QString id = stringOf(anna, {"decisions"}, "id");
    QTRY_COMPARE_WITH_TIMEOUT(stringOf(cleo, {"decisions"}, "id"), id, kPatienceMs);
    QCOMPARE(exitOf(cleo, {"vote", id, "yes"}), 0);
    QTRY_VERIFY_WITH_TIMEOUT(!stringOf(eve, {"decisions"}, "decision").isEmpty(), kPatienceMs);
    QVERIFY(dan.goOnline({"run"}));

    agree(anna, {"remove", "Eve"}, {&ben, &cleo, &dan});
    for (const Peer *peer : {&anna, &ben, &cleo, &dan})
        QTRY_COMPARE_WITH_TIMEOUT(seatsAt(*peer), 4, kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(exitOf(eve, {"edit", "Plan", "--append", " late"}), 1, kPatienceMs);
    QCOMPARE(exitOf(anna, {"edit", "Plan", "--append", " without her"}), 0);
    for (const Peer *peer : {&anna, &ben, &cleo, &dan})
        QTRY_VERIFY_WITH_TIMEOUT(hasAllAgreed(*peer, "old new without her"), kPatienceMs);
    QCOMPARE(textOf(eve), "old new");
    // What she had signed stays hers, and the way back is closed to that computer.
    const QString again = stringOf(ben, {"invite", "--workspace", "Garden"}, "invitation");
    QVERIFY(!again.isEmpty());
    QCOMPARE(stringOf(anna, {"propose", "admit", stringOf(eve, {"card"}, "card")}, "id"),
             QString());
}

QTEST_GUILESS_MAIN(NewcomersTest)
#include "newcomers_test.moc"
