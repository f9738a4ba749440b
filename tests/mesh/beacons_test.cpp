// False beacons (PROTOCOL B 45): real processes in network namespaces, where beacons are heard.

#include "tests/mesh/networks.h"
#include "tests/mesh/questions.h"
#include "tests/mesh/resources.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QProcess>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

using namespace nlbd::mesh;

namespace {

constexpr int kPatienceMs = 90'000;
constexpr qint64 kMemoryMoreKiB = 16 * 1024;
const QString kMalory = QStringLiteral("Malory");
const QStringList kHonest{"Ada", "Ben", "Cai"};

QSet<QString> seenBy(const Peer &peer)
{
    QSet<QString> names;
    for (const QJsonObject &line : peer.verb({"status"}))
        for (const auto &near : line.value("neighbours").toArray())
            names << near.toObject().value("name").toString();
    return names;
}

int neighboursOf(const Peer &peer)
{
    const auto lines = peer.verb({"status"});
    return lines.isEmpty() ? -1
                           : static_cast<int>(lines.front().value("neighbours").toArray().size());
}

} // namespace

class BeaconsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void membersMeetAmongFalseBeacons();
    void cleanupTestCase();

private:
    void found();
    [[nodiscard]] bool allMeet() const;

    QTemporaryDir m_folder;
    std::unique_ptr<Networks> m_networks;
    std::map<QString, std::unique_ptr<Peer>> m_peers;
    std::unique_ptr<QProcess> m_attack;
};

void BeaconsTest::initTestCase()
{
    auto networks = Networks::open(5);
    if (!networks) // it takes root's right to make them, which a user or a container may lack
        QSKIP(qPrintable("no network namespaces here: " + networks.error()));
    m_networks = std::move(*networks);
    int computer = 0;
    for (const QString &name : kHonest + QStringList{kMalory, "Eve"}) {
        auto peer = std::make_unique<Peer>(name, m_folder.filePath(name));
        (void)peer->verb({"init", name});
        peer->liveIn(m_networks->namespaceOf(computer++), {});
        m_peers[name] = std::move(peer);
    }
    found();
}

void BeaconsTest::found()
{
    QStringList found{"found", "--name", "Garden"};
    for (const QString &name : kHonest + QStringList{kMalory}) {
        Peer &peer = *m_peers.at(name);
        QVERIFY(peer.goOnline({"run", "--visible", "--accept-founding"}));
        const auto card = peer.verb({"card"});
        QVERIFY(!card.isEmpty());
        if (name != "Ada")
            found << "--with" << card.front().value("card").toString();
    }
    QTRY_COMPARE_WITH_TIMEOUT(seenBy(*m_peers.at("Ada")).size(), 3, kPatienceMs);
    int exitCode = -1;
    (void)m_peers.at("Ada")->verb(found, &exitCode);
    QCOMPARE(exitCode, 0);
    QTRY_VERIFY_WITH_TIMEOUT(allMeet() && isOnlineAt(*m_peers.at("Ada"), kMalory), kPatienceMs);
}

bool BeaconsTest::allMeet() const
{
    return std::ranges::all_of(kHonest, [this](const QString &name) {
        return std::ranges::all_of(kHonest, [&](const QString &other) {
            return name == other || isOnlineAt(*m_peers.at(name), other);
        });
    });
}

/// Everybody moves while he is off, so that beacons alone can lead to him; true ones do, however
/// many are false, and a newcomer who shows himself is seen. Nobody is cut, nothing is proven.
void BeaconsTest::membersMeetAmongFalseBeacons()
{
    Peer &ada = *m_peers.at("Ada");
    Peer &malory = *m_peers.at(kMalory);
    const QString target =
        m_networks->hostOf(0) + QStringLiteral(":%1=%2").arg(ada.port()).arg(ada.device());
    malory.stop();
    m_attack = std::make_unique<QProcess>();
    m_attack->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    settle(*m_attack, m_networks->namespaceOf(3));
    m_attack->start(programPath(QStringLiteral("nlbd-malory")),
                    {"--profile", malory.folder(), "--attack", "false-beacons", "--networks",
                     "--endless", "--json", "--target", target});
    QByteArray said;
    const auto isSent = [&](qsizetype times) {
        said += m_attack->readAllStandardOutput();
        return said.count("\"sent\":true") >= times;
    };
    QVERIFY(QTest::qWaitFor([&] { return isSent(1); }, kPatienceMs));
    for (const QString &name : kHonest)
        m_peers.at(name)->stop();
    for (int i = 0; i < 3; ++i)
        QVERIFY(m_networks->move(i, QStringLiteral("10.77.0.%1").arg(100 + i)));
    for (const QString &name : kHonest)
        QVERIFY(m_peers.at(name)->goOnline({"run", "--visible"}));
    std::vector<Resources> before;
    for (const QString &name : kHonest)
        before.push_back(resourcesOf(m_peers.at(name)->processId()));
    QTRY_VERIFY_WITH_TIMEOUT(allMeet(), kPatienceMs);
    QVERIFY(m_peers.at("Eve")->goOnline({"run", "--visible"}));
    for (const QString &name : kHonest)
        QTRY_VERIFY_WITH_TIMEOUT(seenBy(*m_peers.at(name)).contains("Eve"), kPatienceMs);
    const qsizetype more = said.count("\"sent\":true") + 2;
    QVERIFY(QTest::qWaitFor([&] { return isSent(more); }, kPatienceMs));
    QVERIFY(allMeet());
    for (std::size_t i = 0; i < before.size(); ++i) {
        const Peer &peer = *m_peers.at(kHonest[static_cast<qsizetype>(i)]);
        // They are heard, but never more than a few.
        QTRY_VERIFY_WITH_TIMEOUT(neighboursOf(peer) > 3, kPatienceMs);
        QVERIFY(neighboursOf(peer) < 50);
        const Resources now = resourcesOf(peer.processId());
        qInfo("%s: %d people nearby, %lld KiB more", qPrintable(peer.name()), neighboursOf(peer),
              static_cast<long long>(now.memoryPeakKiB - before[i].memoryKiB));
        QVERIFY(!kIsMemoryMeant || now.memoryPeakKiB <= before[i].memoryKiB + kMemoryMoreKiB);
        for (const QJsonObject &line : peer.verb({"evidence"})) {
            const QString code = line.value("code").toString();
            QVERIFY2(!code.startsWith("E_") && !code.startsWith("EV_"), qPrintable(code));
        }
    }
}

void BeaconsTest::cleanupTestCase()
{
    if (m_attack) {
        m_attack->kill();
        m_attack->waitForFinished();
    }
    m_peers.clear();
    m_networks.reset();
}

QTEST_GUILESS_MAIN(BeaconsTest)
#include "beacons_test.moc"
