#include "tests/mesh/loopback.h"
#include "tests/mesh/questions.h"
#include "tests/mesh/resources.h"

#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace nlbd::mesh;

namespace {

constexpr int kMeetMs = 60'000;
constexpr int kTurnsMs = 120'000;

/// Connections that wait for a word of one address (net/guard.h), and their two ends here.
constexpr qsizetype kHandlesMore = 64;
constexpr qint64 kMemoryMoreKiB = 16 * 1024;

/// So many connections were turned away under this code.
qint64 turnedAway(const Peer &peer, const QString &code)
{
    const auto lines = peer.verb({"status"});
    const QJsonObject all =
        lines.isEmpty() ? QJsonObject() : lines.front().value("refusedByMesh").toObject();
    return all.value(code).toInteger();
}

/// Everybody else who is honest has a session with this one.
bool meetsAll(const Peer &peer, const QStringList &honest)
{
    return std::ranges::all_of(honest,
                               [&peer](const QString &name) { return isOnlineAt(peer, name); });
}

QString textOf(const Peer &peer)
{
    const auto lines = peer.verb({"show", "Plan"});
    return lines.isEmpty() ? QString() : lines.front().value("text").toString();
}

} // namespace

/// Attacks on how computers find and meet each other, against real processes over loopback: they
/// are counted under their code, take no more than they may, and the honest go on meeting.
class NetworkAttacksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void answered_data();
    void answered();
    void whoStartsAgainFindsTheOthers();

private:
    [[nodiscard]] bool allMeet() const;

    const QStringList m_names{"Ada", "Ben", "Cai"};
    QTemporaryDir m_folder;
    Loopback m_table;
};

void NetworkAttacksTest::initTestCase()
{
    QVERIFY(m_folder.isValid());
    QVERIFY(m_table.found(m_names, m_folder.path()));
    int exitCode = -1;
    (void)m_table.honest()[0]->verb({"new", "Plan"}, &exitCode);
    QCOMPARE(exitCode, 0);
    for (const auto &peer : m_table.honest()) { // strangers knock at an open door, and may
        peer->stop();
        QVERIFY(peer->goOnline({"run", "--shut-door"}));
    }
    QTRY_VERIFY_WITH_TIMEOUT(allMeet(), kMeetMs);
}

bool NetworkAttacksTest::allMeet() const
{
    return std::ranges::all_of(m_table.honest(),
                               [this](const auto &peer) { return meetsAll(*peer, m_names); });
}

void NetworkAttacksTest::answered_data()
{
    QTest::addColumn<QString>("verb");
    QTest::addColumn<QString>("code");
    const auto list = Loopback::listOf(QStringLiteral("network"));
    QVERIFY(!list.isEmpty());
    for (const QJsonObject &attack : list)
        QTest::newRow(attack.value("verb").toString().toUtf8().constData())
            << attack.value("verb").toString() << attack.value("code").toString();
}

/// Nobody is parted by it, and what it takes is given back.
void NetworkAttacksTest::answered()
{
    QFETCH(QString, verb);
    QFETCH(QString, code);
    const bool isCounted = code != QStringLiteral("nothing");
    std::vector<qint64> countsBefore;
    std::vector<Resources> before;
    for (const auto &peer : m_table.honest()) {
        countsBefore.push_back(turnedAway(*peer, code));
        before.push_back(resourcesOf(peer->processId()));
    }
    QVERIFY(m_table.mount(verb));
    for (std::size_t i = 0; i < m_table.honest().size(); ++i) {
        const Peer &peer = *m_table.honest()[i];
        if (isCounted)
            QTRY_VERIFY_WITH_TIMEOUT(turnedAway(peer, code) > countsBefore[i], kMeetMs);
        const Resources now = resourcesOf(peer.processId());
        qInfo("%s: %lld turned away, %lld handles more, %lld KiB more", qPrintable(peer.name()),
              turnedAway(peer, code) - countsBefore[i],
              static_cast<long long>(now.handles - before[i].handles),
              static_cast<long long>(now.memoryPeakKiB - before[i].memoryKiB));
        QVERIFY(now.handles <= before[i].handles + kHandlesMore);
        QVERIFY(!kIsMemoryMeant || now.memoryPeakKiB <= before[i].memoryKiB + kMemoryMoreKiB);
        QTRY_VERIFY_WITH_TIMEOUT(resourcesOf(peer.processId()).handles <= before[i].handles,
                                 kMeetMs);
    }
    QVERIFY(allMeet());
    QVERIFY(turnedAway(*m_table.honest()[0], QStringLiteral("E_CANON")) == 0);
}

/// Turn after turn, while somebody comes back with what he was told of where the others are.
void NetworkAttacksTest::whoStartsAgainFindsTheOthers()
{
    const auto malory = m_table.mountEndlessly(QStringLiteral("network"));
    QByteArray said;
    const auto turnsOver = [&](qsizetype turns) {
        said += malory->readAllStandardOutput();
        return said.count("silent-connections") >= turns * m_names.size();
    };
    QString expected;
    for (qsizetype turn = 1; turn <= 2; ++turn) {
        QTRY_VERIFY_WITH_TIMEOUT(turnsOver(turn), kTurnsMs);
        Peer &cai = *m_table.honest()[2];
        cai.kill();
        QVERIFY(cai.goOnline({"run", "--shut-door"}));
        QTRY_VERIFY_WITH_TIMEOUT(allMeet(), kMeetMs);
        int exitCode = -1;
        (void)cai.verb({"edit", "Plan", "--append", "here "}, &exitCode);
        QCOMPARE(exitCode, 0);
        expected += QStringLiteral("here ");
        for (const auto &peer : m_table.honest())
            QTRY_COMPARE_WITH_TIMEOUT(textOf(*peer), expected, kMeetMs);
    }
    QCOMPARE(malory->state(), QProcess::Running);
    for (const auto &peer : m_table.honest()) {
        const Resources now = resourcesOf(peer->processId());
        qInfo("%s: %lld handles, %lld KiB at most", qPrintable(peer->name()),
              static_cast<long long>(now.handles), static_cast<long long>(now.memoryPeakKiB));
    }
    malory->kill();
    QVERIFY(malory->waitForFinished());
}

QTEST_GUILESS_MAIN(NetworkAttacksTest)
#include "network_attacks_test.moc"
