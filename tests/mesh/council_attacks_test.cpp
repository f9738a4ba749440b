#include "tests/mesh/process.h"

#include <QtTest>

using nlbd::mesh::Peer;

namespace {

constexpr int kAttackMs = 60'000;

bool isFounded(const Peer &peer)
{
    const auto lines = peer.verb({QStringLiteral("status")});
    return !lines.isEmpty()
        && !lines.first().value(QStringLiteral("workspaces")).toArray().isEmpty();
}

/// How often the peer answered with a code: refusals by their count, proofs as they are.
qint64 timesOf(const Peer &peer, const QString &code)
{
    qint64 times = 0;
    for (const QJsonObject &line : peer.verb({QStringLiteral("evidence")}))
        if (line.value(QStringLiteral("code")).toString() == code)
            times += line.contains(QStringLiteral("count"))
                ? line.value(QStringLiteral("count")).toInteger()
                : 1;
    return times;
}

} // namespace

/// Three honest processes and nlbd-malory over loopback: each attack on what is decided is answered
/// by its code of PROTOCOL B, no honest member is cut, and proofs are checked by a stranger.
class CouncilAttacksTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void answered_data();
    void answered();
    void proofsHoldElsewhere();
    void theGroupStillDecides();
    void wordsOutliveAFork();

private:
    void mount(const QString &verb);
    [[nodiscard]] QStringList targets() const;

    QTemporaryDir m_folder;
    std::vector<std::unique_ptr<Peer>> m_honest;
    std::unique_ptr<Peer> m_malory;
};

void CouncilAttacksTest::initTestCase()
{
    QVERIFY(m_folder.isValid());
    for (const char *name : {"Ada", "Ben", "Cai", "Malory"}) {
        auto peer = std::make_unique<Peer>(QString::fromLatin1(name), m_folder.filePath(name));
        int exitCode = -1;
        peer->verb({QStringLiteral("init"), peer->name()}, &exitCode);
        QCOMPARE(exitCode, 0);
        QVERIFY(peer->goOnline({QStringLiteral("run"), QStringLiteral("--accept-founding")}));
        if (peer->name() == QStringLiteral("Malory"))
            m_malory = std::move(peer);
        else
            m_honest.push_back(std::move(peer));
    }
    QStringList found{QStringLiteral("found"), QStringLiteral("--name"), QStringLiteral("Table"),
                      QStringLiteral("--with")};
    for (const Peer *peer : {m_honest[1].get(), m_honest[2].get(), m_malory.get()}) {
        const auto card =
            peer->verb({QStringLiteral("card"), QStringLiteral("--address"), peer->address()});
        QVERIFY(!card.isEmpty());
        found << card.first().value(QStringLiteral("card")).toString();
    }
    int exitCode = -1;
    m_honest[0]->verb(found, &exitCode);
    QCOMPARE(exitCode, 0);
    for (const auto &peer : m_honest)
        QTRY_VERIFY_WITH_TIMEOUT(isFounded(*peer), 30'000);
    QTRY_VERIFY_WITH_TIMEOUT(isFounded(*m_malory), 30'000);
    m_malory->stop();
}

QStringList CouncilAttacksTest::targets() const
{
    QStringList arguments;
    for (const auto &peer : m_honest)
        arguments << QStringLiteral("--target")
                  << peer->address() + QLatin1Char('=') + peer->device();
    return arguments;
}

void CouncilAttacksTest::answered_data()
{
    QTest::addColumn<QString>("verb");
    QTest::addColumn<QString>("code");
    QProcess list;
    list.start(nlbd::mesh::programPath(QStringLiteral("nlbd-malory")),
               {"--list", "--attack", "council", "--json"});
    QVERIFY(list.waitForFinished(30'000));
    for (const QByteArray &line : list.readAllStandardOutput().split('\n')) {
        const QJsonObject attack = QJsonDocument::fromJson(line).object();
        const QString verb = attack.value(QStringLiteral("verb")).toString();
        if (!verb.isEmpty())
            QTest::newRow(verb.toUtf8().constData())
                << verb << attack.value(QStringLiteral("code")).toString();
    }
}

void CouncilAttacksTest::mount(const QString &verb)
{
    QProcess malory;
    malory.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    malory.start(nlbd::mesh::programPath(QStringLiteral("nlbd-malory")),
                 QStringList{"--profile", m_malory->folder(), "--attack", verb, "--json"}
                     + targets());
    QVERIFY(malory.waitForFinished(kAttackMs));
    QCOMPARE(malory.exitCode(), 0);
}

void CouncilAttacksTest::answered()
{
    QFETCH(QString, verb);
    QFETCH(QString, code);
    std::vector<qint64> before;
    for (const auto &peer : m_honest)
        before.push_back(timesOf(*peer, code));
    mount(verb);
    // Of a kind of proof one is kept, whatever attack made it.
    const bool isProof = code.startsWith(QStringLiteral("EV_"));
    for (std::size_t i = 0; i < m_honest.size(); ++i)
        QTRY_VERIFY_WITH_TIMEOUT(
            timesOf(*m_honest[i], code) >= (isProof ? qint64(1) : before[i] + 1), 20'000);
}

void CouncilAttacksTest::proofsHoldElsewhere()
{
    int proofs = 0;
    for (const QJsonObject &line : m_honest[0]->verb({QStringLiteral("evidence")})) {
        if (!line.contains(QStringLiteral("id")))
            continue;
        QCOMPARE(line.value(QStringLiteral("accused")).toString(), QStringLiteral("Malory"));
        const QString file = m_folder.filePath(QStringLiteral("proof"));
        int exitCode = -1;
        m_honest[0]->verb({QStringLiteral("evidence"), QStringLiteral("--id"),
                           line.value(QStringLiteral("id")).toString(), QStringLiteral("--output"),
                           file},
                          &exitCode);
        QCOMPARE(exitCode, 0);
        Peer stranger(QStringLiteral("Zoe"), m_folder.filePath(QStringLiteral("Zoe")));
        const auto verdict = stranger.verb({QStringLiteral("verify-evidence"), file}, &exitCode);
        QCOMPARE(exitCode, 0);
        QCOMPARE(verdict.first().value(QStringLiteral("accused")).toString(),
                 QStringLiteral("Malory"));
        QCOMPARE(verdict.first().value(QStringLiteral("code")).toString(),
                 line.value(QStringLiteral("code")).toString());
        ++proofs;
    }
    QCOMPARE(proofs, 3); // double vote, amnesia, two reports
}

void CouncilAttacksTest::theGroupStillDecides()
{
    int exitCode = -1;
    const auto asked =
        m_honest[0]->verb({QStringLiteral("propose"), QStringLiteral("key")}, &exitCode);
    QCOMPARE(exitCode, 0);
    const QString id = asked.first().value(QStringLiteral("id")).toString();
    for (std::size_t i = 1; i < m_honest.size(); ++i) {
        QList<QJsonObject> said;
        bool hasVoted = false; // once: the answer may end the epoch at once
        const auto votes = [&] {
            if (hasVoted)
                return true;
            said =
                m_honest[i]->verb({QStringLiteral("vote"), id, QStringLiteral("yes")}, &exitCode);
            hasVoted = exitCode == 0;
            return hasVoted;
        };
        const auto show = qScopeGuard([&] {
            if (QTest::currentTestFailed())
                qWarning() << said << m_honest[i]->verb({QStringLiteral("decisions")})
                           << m_honest[i]->verb({QStringLiteral("status")});
        });
        QTRY_VERIFY_WITH_TIMEOUT(votes(), 20'000);
    }
    const auto hasDecided = [](const Peer &peer) {
        const auto lines = peer.verb({QStringLiteral("decisions")});
        return std::ranges::any_of(lines, [](const QJsonObject &line) {
            return line.contains(QStringLiteral("signatures"));
        });
    };
    for (const auto &peer : m_honest)
        QTRY_VERIFY_WITH_TIMEOUT(hasDecided(*peer), 60'000);
}

/// Where two histories of one device are held, what honest people write is there and stays.
void CouncilAttacksTest::wordsOutliveAFork()
{
    int exitCode = -1;
    m_honest[0]->verb({QStringLiteral("new"), QStringLiteral("Plan")}, &exitCode);
    QCOMPARE(exitCode, 0);
    mount(QStringLiteral("fork"));
    for (const auto &peer : m_honest)
        QTRY_VERIFY_WITH_TIMEOUT(timesOf(*peer, QStringLiteral("EV_FORK")) > 0, 20'000);
    const auto text = [](const Peer &peer) {
        const auto lines = peer.verb({QStringLiteral("show"), QStringLiteral("Plan")});
        return lines.isEmpty() ? QString() : lines.first().value(QStringLiteral("text")).toString();
    };
    QString expected;
    for (const auto &peer : m_honest) {
        QTRY_COMPARE_WITH_TIMEOUT(text(*peer), expected, 20'000);
        peer->verb({QStringLiteral("edit"), QStringLiteral("Plan"), QStringLiteral("--append"),
                    peer->name()},
                   &exitCode);
        QCOMPARE(exitCode, 0);
        expected += peer->name();
    }
    for (const auto &peer : m_honest)
        QTRY_COMPARE_WITH_TIMEOUT(text(*peer), expected, 20'000);
}

QTEST_GUILESS_MAIN(CouncilAttacksTest)
#include "council_attacks_test.moc"
