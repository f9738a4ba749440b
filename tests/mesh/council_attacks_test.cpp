#include "tests/mesh/loopback.h"
#include "tests/mesh/questions.h"

#include <QJsonObject>
#include <QScopeGuard>
#include <QTemporaryDir>
#include <QTest>

using namespace nlbd::mesh;

/// Three honest processes and nlbd-malory over loopback: each attack on what is decided is answered
/// by its code of PROTOCOL B, no honest member is cut, and proofs are checked by a stranger.
class CouncilAttacksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void answered_data();
    void answered();
    void proofsHoldElsewhere();
    void theGroupStillDecides();
    void wordsOutliveAFork();

private:
    QTemporaryDir m_folder;
    Loopback m_table;
};

void CouncilAttacksTest::initTestCase()
{
    QVERIFY(m_folder.isValid());
    QVERIFY(m_table.found({"Ada", "Ben", "Cai"}, m_folder.path()));
}

void CouncilAttacksTest::answered_data()
{
    QTest::addColumn<QString>("verb");
    QTest::addColumn<QString>("code");
    const auto list = Loopback::listOf(QStringLiteral("council"));
    QVERIFY(!list.isEmpty());
    for (const QJsonObject &attack : list) {
        const QString verb = attack.value(QStringLiteral("verb")).toString();
        QTest::newRow(verb.toUtf8().constData())
            << verb << attack.value(QStringLiteral("code")).toString();
    }
}

void CouncilAttacksTest::answered()
{
    QFETCH(QString, verb);
    QFETCH(QString, code);
    std::vector<qint64> before;
    for (const auto &peer : m_table.honest())
        before.push_back(timesOf(*peer, code));
    QVERIFY(m_table.mount(verb));
    // Of a kind of proof one is kept, whatever attack made it.
    const bool isProof = code.startsWith(QStringLiteral("EV_"));
    for (std::size_t i = 0; i < m_table.honest().size(); ++i)
        QTRY_VERIFY_WITH_TIMEOUT(
            timesOf(*m_table.honest()[i], code) >= (isProof ? qint64(1) : before[i] + 1), 20'000);
}

void CouncilAttacksTest::proofsHoldElsewhere()
{
    int proofs = 0;
    for (const QJsonObject &line : m_table.honest()[0]->verb({QStringLiteral("evidence")})) {
        if (!line.contains(QStringLiteral("id")))
            continue;
        QCOMPARE(line.value(QStringLiteral("accused")).toString(), QStringLiteral("Malory"));
        const QString file = m_folder.filePath(QStringLiteral("proof"));
        int exitCode = -1;
        m_table.honest()[0]->verb({QStringLiteral("evidence"), QStringLiteral("--id"),
                                   line.value(QStringLiteral("id")).toString(),
                                   QStringLiteral("--output"), file},
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
        m_table.honest()[0]->verb({QStringLiteral("propose"), QStringLiteral("key")}, &exitCode);
    QCOMPARE(exitCode, 0);
    const QString id = asked.first().value(QStringLiteral("id")).toString();
    for (std::size_t i = 1; i < m_table.honest().size(); ++i) {
        QList<QJsonObject> said;
        bool hasVoted = false; // once: the answer may end the epoch at once
        const auto votes = [&] {
            if (hasVoted)
                return true;
            said = m_table.honest()[i]->verb({QStringLiteral("vote"), id, QStringLiteral("yes")},
                                             &exitCode);
            hasVoted = exitCode == 0;
            return hasVoted;
        };
        const auto show = qScopeGuard([&] {
            if (QTest::currentTestFailed())
                qWarning() << said << m_table.honest()[i]->verb({QStringLiteral("decisions")})
                           << m_table.honest()[i]->verb({QStringLiteral("status")});
        });
        QTRY_VERIFY_WITH_TIMEOUT(votes(), 20'000);
    }
    const auto hasDecided = [](const Peer &peer) {
        const auto lines = peer.verb({QStringLiteral("decisions")});
        return std::ranges::any_of(lines, [](const QJsonObject &line) {
            return line.contains(QStringLiteral("signatures"));
        });
    };
    for (const auto &peer : m_table.honest())
        QTRY_VERIFY_WITH_TIMEOUT(hasDecided(*peer), 60'000);
}

/// Where two histories of one device are held, what honest people write is there and stays.
void CouncilAttacksTest::wordsOutliveAFork()
{
    int exitCode = -1;
    m_table.honest()[0]->verb({QStringLiteral("new"), QStringLiteral("Plan")}, &exitCode);
    QCOMPARE(exitCode, 0);
    QVERIFY(m_table.mount(QStringLiteral("fork")));
    for (const auto &peer : m_table.honest())
        QTRY_VERIFY_WITH_TIMEOUT(timesOf(*peer, QStringLiteral("EV_FORK")) > 0, 20'000);
    const auto text = [](const Peer &peer) {
        const auto lines = peer.verb({QStringLiteral("show"), QStringLiteral("Plan")});
        return lines.isEmpty() ? QString() : lines.first().value(QStringLiteral("text")).toString();
    };
    QString expected;
    for (const auto &peer : m_table.honest()) {
        QTRY_COMPARE_WITH_TIMEOUT(text(*peer), expected, 20'000);
        peer->verb({QStringLiteral("edit"), QStringLiteral("Plan"), QStringLiteral("--append"),
                    peer->name()},
                   &exitCode);
        QCOMPARE(exitCode, 0);
        expected += peer->name();
    }
    for (const auto &peer : m_table.honest())
        QTRY_COMPARE_WITH_TIMEOUT(text(*peer), expected, 20'000);
}

QTEST_GUILESS_MAIN(CouncilAttacksTest)
#include "council_attacks_test.moc"
