#include "tests/mesh/loopback.h"
#include "tests/mesh/questions.h"

#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace nlbd::mesh;

namespace {

constexpr int kPatienceMs = 90'000;

int exitOf(const Peer &peer, const QStringList &verb)
{
    int code = -1;
    (void)peer.verb(verb, &code);
    return code;
}

QString textOf(const Peer &peer)
{
    const auto lines = peer.verb({"show", "Plan"});
    return lines.isEmpty() ? QString() : lines.front().value("text").toString();
}

/// What was decided about Malory's device, in words.
QStringList decidedAt(const Peer &peer)
{
    QStringList asked;
    for (const QJsonObject &line : peer.verb({"decisions"}))
        if (line.contains("signatures"))
            asked << line.value("asked").toString();
    return asked;
}

/// A decision, which Malory's profile hears of as well. False if it does not come to be.
bool decideSomething(Loopback &table)
{
    QString id;
    const auto isAsked = [&] {
        const auto lines = table.honest()[0]->verb({"propose", "rule", "Be brief."});
        id = lines.isEmpty() ? QString() : lines.front().value("id").toString();
        return !id.isEmpty();
    };
    if (!QTest::qWaitFor(isAsked, kPatienceMs))
        return false;
    for (std::size_t i = 1; i < table.honest().size(); ++i)
        if (!QTest::qWaitFor(
                [&] {
                    return exitOf(*table.honest()[i], {"vote", id, "yes"}) == 0;
                },
                kPatienceMs))
            return false;
    Peer &malory = table.malory();
    if (!malory.goOnline({"run"}))
        return false;
    const bool hasHeard = QTest::qWaitFor(
        [&] {
            return decidedAt(malory).size() == 1 && workspaceOf(malory).value("stored").toBool();
        },
        kPatienceMs);
    malory.stop();
    return hasHeard;
}

} // namespace

/// Each attack whose proof alone convicts, by a Malory of its own: three real processes answer it
/// with its code, fence her without anybody's vote, and go on.
class PensTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void endsThePen_data();
    void endsThePen();
};

void PensTest::endsThePen_data()
{
    QTest::addColumn<QString>("verb");
    QTest::addColumn<QString>("code");
    const auto list = Loopback::listOf(QStringLiteral("pens"));
    QVERIFY(list.size() >= 5);
    for (const QJsonObject &attack : list) {
        const QString verb = attack.value("verb").toString();
        QTest::newRow(verb.toUtf8().constData()) << verb << attack.value("code").toString();
    }
}

void PensTest::endsThePen()
{
    QFETCH(QString, verb);
    QFETCH(QString, code);
    QTemporaryDir folder;
    Loopback table;
    QVERIFY(table.found({"Ada", "Ben", "Cai"}, folder.path()));
    const Peer &ada = *table.honest()[0];
    QCOMPARE(exitOf(ada, {"new", "Plan"}), 0);
    QCOMPARE(exitOf(ada, {"edit", "Plan", "--append", "before "}), 0);
    for (const auto &peer : table.honest())
        QTRY_COMPARE_WITH_TIMEOUT(textOf(*peer), "before ", kPatienceMs);

    const bool isOfLaterEpoch = verb == "epoch-backwards";
    if (isOfLaterEpoch)
        QVERIFY(decideSomething(table));
    const qsizetype before = isOfLaterEpoch ? 1 : 0;
    for (const auto &peer : table.honest())
        QTRY_COMPARE_WITH_TIMEOUT(decidedAt(*peer).size(), before, kPatienceMs);

    QVERIFY(table.mount(verb));
    const QString proof = code.startsWith("EV_") ? code : QStringLiteral("EV_INVALID");
    for (const auto &peer : table.honest()) {
        QTRY_VERIFY_WITH_TIMEOUT(hasProofAgainst(*peer, "Malory", proof), kPatienceMs);
        QTRY_COMPARE_WITH_TIMEOUT(decidedAt(*peer).size(), before + 1, kPatienceMs);
        const QString asked = decidedAt(*peer).join('|');
        QVERIFY2(asked.contains("Malory"), qPrintable(asked));
        QTRY_COMPARE_WITH_TIMEOUT(seatsAt(*peer), 3, kPatienceMs); // her seat was that device's
        QVERIFY(isMember(*peer, "Malory"));                        // the person stays
        for (const char *name : {"Ada", "Ben", "Cai"})
            QVERIFY(!hasProofAgainst(*peer, name));
    }
    qint64 refused = 0; // whoever heard of it from others judged the proof, not the change
    for (const auto &peer : table.honest())
        refused += timesOf(*peer, code);
    QVERIFY(refused > 0);
    QCOMPARE(exitOf(*table.honest()[1], {"edit", "Plan", "--append", "after"}), 0);
    for (const auto &peer : table.honest())
        QTRY_COMPARE_WITH_TIMEOUT(textOf(*peer), "before after", kPatienceMs);
}

QTEST_GUILESS_MAIN(PensTest)
#include "pens_test.moc"
