#include "tests/malory/membership.h"
#include "tests/mesh/loopback.h"
#include "tests/mesh/questions.h"
#include "tests/mesh/resources.h"
#include "tests/support/offenders.h"

#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace nlbd;
using namespace nlbd::mesh;

namespace {

constexpr int kPatienceMs = 60'000;
constexpr qint64 kMemoryMoreKiB = 64 * 1024;
constexpr int kTurns = 4;
/// A second is promised; a machine that does many things at once may take longer to do it. With
/// sanitizers the victims answer so slowly that it takes long to ask for too much.
constexpr Millis kCutMax{kIsMemoryMeant ? 5'000 : 60'000};

QString textOf(const Peer &peer)
{
    const auto lines = peer.verb({"show", "Plan"});
    return lines.isEmpty() ? QString() : lines.front().value("text").toString();
}

hostile::Attacked attackedAt(const Peer &peer)
{
    const auto bytes = fromHex(peer.device().toStdString());
    const auto device = bytes ? PublicKey::from(*bytes) : std::nullopt;
    return {static_cast<std::uint16_t>(peer.port()), device.value_or(PublicKey{})};
}

} // namespace

/// Whoever reaches the port, and a member with programs of his own, against two real processes that
/// write to each other: all that they write arrives, they take a bounded part of their computer,
/// and who does what no program of ours does is cut. Times are bench_mesh's to tell.
class HostileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theyGoOnWriting_data();
    void theyGoOnWriting();
};

void HostileTest::theyGoOnWriting_data()
{
    QTest::addColumn<std::size_t>("number");
    for (std::size_t i = 0; i < hostile::offenders().size(); ++i)
        QTest::newRow(hostile::offenders()[i].name.data()) << i;
}

void HostileTest::theyGoOnWriting()
{
    QFETCH(std::size_t, number);
    const hostile::Offender &offender = hostile::offenders()[number];
    QTemporaryDir folder;
    Loopback table;
    QVERIFY(table.found({"Ada", "Ben"}, folder.path()));
    int exitCode = -1;
    (void)table.honest()[0]->verb({"new", "Plan"}, &exitCode);
    QCOMPARE(exitCode, 0);
    auto profile = app::Profile::open(table.malory().folder().toStdString());
    const auto membership = profile ? malory::membershipOf(*profile) : std::nullopt;
    QVERIFY(membership.has_value());
    const hostile::Insider insider{&profile->self()->device, membership->tag()};
    std::vector<Resources> before;
    std::vector<hostile::Deeds> deeds(table.honest().size());
    for (const auto &peer : table.honest())
        before.push_back(resourcesOf(peer->processId()));

    std::vector<std::jthread> attackers;
    for (std::size_t i = 0; i < deeds.size(); ++i)
        attackers.emplace_back([&, i](const std::stop_token &stop) {
            deeds[i] = offender.attack(stop, attackedAt(*table.honest()[i]), insider);
        });
    QString expected;
    for (int turn = 0; turn < kTurns; ++turn) {
        const auto &writer = table.honest()[static_cast<std::size_t>(turn % 2)];
        const QString word = QStringLiteral("word%1 ").arg(turn);
        (void)writer->verb({"edit", "Plan", "--append", word}, &exitCode);
        QCOMPARE(exitCode, 0);
        expected += word;
        for (const auto &peer : table.honest())
            QTRY_COMPARE_WITH_TIMEOUT(textOf(*peer), expected, kPatienceMs);
    }
    for (std::jthread &attacker : attackers)
        attacker.request_stop();
    for (std::jthread &attacker : attackers)
        attacker.join();
    for (std::size_t i = 0; i < deeds.size(); ++i) {
        const Resources now = resourcesOf(table.honest()[i]->processId());
        const qint64 memory = now.memoryPeakKiB - before[i].memoryKiB;
        qInfo(
            "%zu connections, %zu cut, the last after %lld ms; %lld KiB more at most, %lld handles",
            deeds[i].tries, deeds[i].cuts, static_cast<long long>(deeds[i].longest.count()),
            static_cast<long long>(memory),
            static_cast<long long>(now.handles - before[i].handles));
        QVERIFY(deeds[i].tries > 0);
        QVERIFY(now.memoryKiB > 0); // it lives
        QVERIFY(!kIsMemoryMeant || memory <= kMemoryMoreKiB);
        QVERIFY(!offender.isCut || (deeds[i].cuts > 0 && deeds[i].longest <= kCutMax));
    }
}

QTEST_GUILESS_MAIN(HostileTest)
#include "hostile_test.moc"
