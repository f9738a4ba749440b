// Seats and devices over time, with real processes on loopback: a second computer of a person, a
// member who is silent for two short weeks, a workspace that is founded anew.

#include "tests/mesh/process.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using nlbd::mesh::Peer;

namespace {

constexpr int kPatienceMs = 90'000;

QString stringOf(const Peer &peer, const QStringList &verb, const QString &field)
{
    const auto lines = peer.verb(verb);
    return lines.isEmpty() ? QString() : lines.front().value(field).toString();
}

QString textOf(const Peer &peer)
{
    return stringOf(peer, {"show", "Plan"}, "text");
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

int epochAt(const Peer &peer)
{
    const auto lines = peer.verb({"members"});
    return lines.isEmpty() ? -1 : lines.back().value("epoch").toInt(-1);
}

QString standingIn(const QList<QJsonObject> &members, const QString &name)
{
    for (const QJsonObject &line : members)
        if (line.value("name").toString() == name)
            return line.value("standing").toString();
    return {};
}

QString standingOf(const Peer &peer, const QString &name)
{
    return standingIn(peer.verb({"members"}), name);
}

bool isMember(const Peer &peer)
{
    const auto lines = peer.verb({"status"});
    return !lines.isEmpty() && lines.front().value("workspaces")[0]["isMember"].toBool();
}

QString doesOf(const Peer &peer, const QString &key)
{
    for (const QJsonObject &line : peer.verb({"devices"}))
        if (line.value("key").toString() == key)
            return line.value("does").toString();
    return {};
}

} // namespace

class SeatsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }
    void cleanup() { m_peers.clear(); }

    void aSecondComputer();
    void whoIsSilentIsLeftOutAndComesBack();
    void foundedAnew();

private:
    Peer &add(const QString &name, const QStringList &options = {});
    void found(int count, const QStringList &options = {});
    void verifyNoProofs() const
    {
        for (const auto &peer : m_peers)
            if (peer->isRunning())
                for (const QJsonObject &line : peer->verb({"evidence"}))
                    QVERIFY2(!line.value("code").toString().startsWith("EV_"),
                             QJsonDocument(line).toJson().constData());
    }

    std::unique_ptr<QTemporaryDir> m_dir;
    std::vector<std::unique_ptr<Peer>> m_peers;
    QStringList m_run;
};

Peer &SeatsTest::add(const QString &name, const QStringList &options)
{
    m_peers.push_back(std::make_unique<Peer>(name, m_dir->filePath(name)));
    Peer &peer = *m_peers.back();
    m_run = QStringList{"run", "--accept-founding"} + options;
    if (peer.verb({"init", name}).isEmpty() || !peer.goOnline(m_run))
        qWarning() << name << "did not start";
    return peer;
}

void SeatsTest::found(int count, const QStringList &options)
{
    const QStringList names{"Anna", "Ben", "Cleo", "Dan", "Eve"};
    QStringList found{"found", "--name", "Garden", "--with"};
    for (int i = 0; i < count; ++i)
        add(names[i], options);
    for (std::size_t i = 1; i < m_peers.size(); ++i)
        found << stringOf(*m_peers[i], {"card"}, "card");
    QCOMPARE(exitOf(*m_peers[0], found), 0);
    for (const auto &peer : m_peers)
        QTRY_VERIFY_WITH_TIMEOUT(!peer->verb({"members"}).isEmpty() && seatsAt(*peer) == count,
                                 kPatienceMs);
    QCOMPARE(exitOf(*m_peers[0], {"new", "Plan"}), 0);
    QCOMPARE(exitOf(*m_peers[0], {"edit", "Plan", "--append", "old "}), 0);
    for (const auto &peer : m_peers)
        QTRY_COMPARE_WITH_TIMEOUT(textOf(*peer), "old ", kPatienceMs);
}

void SeatsTest::aSecondComputer()
{
    found(4);
    Peer &anna = *m_peers[0];
    Peer &ben = *m_peers[1];
    m_peers.push_back(std::make_unique<Peer>("Laptop", m_dir->filePath("Laptop")));
    Peer &laptop = *m_peers.back();
    const QString line = stringOf(laptop, {"devices", "link"}, "line");
    const QString pass = stringOf(anna, {"devices", "link", line}, "pass");
    QVERIFY(!pass.isEmpty());
    QCOMPARE(exitOf(ben, {"devices", "link", pass}), 1); // he is somebody already
    QCOMPARE(stringOf(laptop, {"devices", "link", pass}, "name"), "Anna");
    for (int i = 0; i < 2; ++i) { // in the middle of the way in
        QVERIFY(laptop.goOnline({"run"}));
        laptop.kill();
    }
    QVERIFY(laptop.goOnline({"run"}));
    QTRY_COMPARE_WITH_TIMEOUT(textOf(laptop), "old ", kPatienceMs);
    QCOMPARE(exitOf(laptop, {"edit", "Plan", "--append", "new"}), 0);
    for (const auto &peer : m_peers) {
        QTRY_COMPARE_WITH_TIMEOUT(textOf(*peer), "old new", kPatienceMs);
        QCOMPARE(seatsAt(*peer), 4);
    }
    for (const QJsonObject &run : ben.verb({"blame", "Plan"}))
        QCOMPARE(run.value("author").toString(), "Anna");
    QCOMPARE(exitOf(laptop, {"devices", "revoke", anna.device().left(12)}), 1);
    QCOMPARE(exitOf(laptop, {"found", "--name", "Mine"}), 1);
    // It helps when the first computer is off: what it holds reaches whoever comes later.
    anna.stop();
    QCOMPARE(exitOf(laptop, {"edit", "Plan", "--append", "er"}), 0);
    QTRY_COMPARE_WITH_TIMEOUT(textOf(ben), "old newer", kPatienceMs);
    QVERIFY(anna.goOnline({"run"}));
    QTRY_COMPARE_WITH_TIMEOUT(textOf(anna), "old newer", kPatienceMs);

    QCOMPARE(exitOf(anna, {"devices", "revoke", laptop.device().left(12)}), 0);
    for (const Peer *peer : {&anna, &ben, &laptop})
        QTRY_COMPARE_WITH_TIMEOUT(doesOf(*peer, laptop.device()), "revoked", kPatienceMs);
    QCOMPARE(exitOf(laptop, {"edit", "Plan", "--append", " late"}), 1);
    QCOMPARE(exitOf(anna, {"edit", "Plan", "--append", "!"}), 0);
    for (std::size_t i = 0; i < 4; ++i)
        QTRY_COMPARE_WITH_TIMEOUT(textOf(*m_peers[i]), "old newer!", kPatienceMs);
    QCOMPARE(textOf(laptop), "old newer");
    verifyNoProofs();
    // Four would become three: nobody asks for that, or says yes, without having been warned.
    QCOMPARE(exitOf(anna, {"propose", "remove", "Dan"}), 1);
    const QString id = stringOf(anna, {"propose", "remove", "Dan", "--anyway"}, "id");
    QVERIFY(!id.isEmpty());
    QTRY_COMPARE_WITH_TIMEOUT(stringOf(ben, {"decisions"}, "id"), id, kPatienceMs);
    QCOMPARE(exitOf(ben, {"vote", id, "yes"}), 1);
    QCOMPARE(exitOf(ben, {"vote", id, "no"}), 0);
    QCOMPARE(seatsAt(*m_peers[2]), 4);
    // Dan is away when it is decided after all, and hears so when he comes back, but nothing else.
    Peer &dan = *m_peers[3];
    dan.kill();
    for (const std::size_t i : {1, 2}) {
        QTRY_COMPARE_WITH_TIMEOUT(stringOf(*m_peers[i], {"decisions"}, "id"), id, kPatienceMs);
        QCOMPARE(exitOf(*m_peers[i], {"vote", id, "yes", "--anyway"}), 0);
    }
    QTRY_COMPARE_WITH_TIMEOUT(seatsAt(anna), 3, kPatienceMs);
    QCOMPARE(exitOf(anna, {"edit", "Plan", "--append", " secret"}), 0);
    QVERIFY(isMember(dan));
    QVERIFY(dan.goOnline({"run"}));
    QTRY_VERIFY_WITH_TIMEOUT(!isMember(dan), kPatienceMs);
    QCOMPARE(exitOf(dan, {"edit", "Plan", "--append", " late"}), 1);
    QCOMPARE(textOf(dan), "old newer!");
}

void SeatsTest::whoIsSilentIsLeftOutAndComesBack()
{
    found(5, {"--day", "2"});
    Peer &anna = *m_peers[0];
    Peer &eve = *m_peers[4];
    eve.kill();
    QTRY_COMPARE_WITH_TIMEOUT(standingOf(anna, "Eve"), "away", kPatienceMs);
    for (std::size_t i = 0; i < 4; ++i)
        QTRY_COMPARE_WITH_TIMEOUT(seatsAt(*m_peers[i]), 4, kPatienceMs);
    QCOMPARE(exitOf(anna, {"edit", "Plan", "--append", "meanwhile "}), 0);
    const int withoutEve = epochAt(anna);
    QVERIFY(eve.goOnline(m_run));
    // Her own computer begins with the table before, and passes through the one without her.
    const auto isBackAt = [withoutEve](const Peer &peer) {
        const auto lines = peer.verb({"members"});
        const QJsonObject now = lines.isEmpty() ? QJsonObject() : lines.back();
        return now.value("epoch").toInt() > withoutEve && now.value("seats").toInt() == 5
            && standingIn(lines, "Eve") == "writes";
    };
    for (const auto &peer : m_peers) {
        // Asked once more it may be another day, of two seconds, on which somebody was too slow.
        QVERIFY(QTest::qWaitFor([&] { return isBackAt(*peer); }, kPatienceMs));
        QTRY_COMPARE_WITH_TIMEOUT(textOf(*peer), "old meanwhile ", kPatienceMs);
    }
    QCOMPARE(exitOf(eve, {"edit", "Plan", "--append", "again"}), 0);
    QTRY_COMPARE_WITH_TIMEOUT(textOf(anna), "old meanwhile again", kPatienceMs);
    verifyNoProofs();
}

void SeatsTest::foundedAnew()
{
    found(3);
    Peer &anna = *m_peers[0];
    Peer &ben = *m_peers[1];
    QCOMPARE(exitOf(ben, {"edit", "Plan", "--append", "words"}), 0);
    QTRY_COMPARE_WITH_TIMEOUT(textOf(anna), "old words", kPatienceMs);
    m_peers[2]->kill(); // for ever: of three, two decide nothing
    const auto anew = anna.verb({"found-anew", "--workspace", "Garden", "--name", "Orchard",
                                 "--with", stringOf(ben, {"card"}, "card")});
    QVERIFY(!anew.isEmpty());
    const QString id = anew.front().value("workspace").toString();
    const QString archive = anew.front().value("archive").toString();
    QVERIFY(!id.isEmpty() && QFile::exists(archive));
    for (const Peer *peer : {&anna, &ben}) {
        const QStringList show{"show", "Plan", "--workspace", "Orchard"};
        QTRY_COMPARE_WITH_TIMEOUT(stringOf(*peer, show, "text"), "old words", kPatienceMs);
        const auto runs = peer->verb({"blame", "Plan", "--workspace", "Orchard"});
        QCOMPARE(runs.size(), 2);
        QCOMPARE(runs[0].value("author").toString(), "Anna");
        QCOMPARE(runs[0].value("quoted").toString(), "Anna");
        QCOMPARE(runs[1].value("author").toString(), "Anna");
        QCOMPARE(runs[1].value("quoted").toString(), "Ben");
        QCOMPARE(runs[1].value("text").toString(), "words");
        const QString past = anew.front().value("past").toString();
        int told = 0;
        for (const QJsonObject &line : peer->verb({"list"}))
            told += line.value("origin").toString().contains(past) ? 1 : 0;
        QCOMPARE(told, 1);
        QCOMPARE(peer->verb({"members", "--workspace", "Orchard"}).back().value("seats").toInt(),
                 2);
    }
    // The archive holds, and the old one is as it was.
    QCOMPARE(exitOf(ben, {"verify", archive, "--workspace", "Garden"}), 0);
    QCOMPARE(stringOf(ben, {"show", "Plan", "--workspace", "Garden"}, "text"), "old words");
    QCOMPARE(exitOf(ben, {"edit", "Plan", "--workspace", "Orchard", "--append", " more"}), 0);
    const QStringList show{"show", "Plan", "--workspace", "Orchard"};
    QTRY_COMPARE_WITH_TIMEOUT(stringOf(anna, show, "text"), "old words more", kPatienceMs);
    anna.stop(); // what was taken over is not taken over twice
    QVERIFY(anna.goOnline({"run"}));
    QTRY_COMPARE_WITH_TIMEOUT(stringOf(anna, show, "text"), "old words more", kPatienceMs);
    int plans = 0;
    for (const QJsonObject &line : anna.verb({"list"}))
        plans += line.value("title").toString() == "Plan" && line.value("workspace") == id ? 1 : 0;
    QCOMPARE(plans, 1);
    verifyNoProofs();
}

QTEST_GUILESS_MAIN(SeatsTest)
#include "seats_test.moc"
