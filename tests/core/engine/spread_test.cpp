#include "core/consensus/roundtable.h"
#include "core/engine/spread.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using engine::Spread;
using nlbd::testing::SmallGroup;

/// How long rounds wait follows the network (PROTOCOL C11.2).
class SpreadTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void followsTheTail();
    void forgetsBadHours();
    void isMeasured();
};

void SpreadTest::followsTheTail()
{
    Spread spread;
    for (int i = 0; i < 4; ++i)
        spread.add(10s);
    QCOMPARE(spread.tail(), Millis(0)); // too few to tell
    Spread slow;
    for (int i = 1; i <= 40; ++i)
        slow.add(i * 100ms);
    QCOMPARE(slow.tail(), Millis(1'900)); // the 38th of 40, one way
    QCOMPARE(consensus::firstWaitAt(slow.tail()), Millis(11'400));
    QCOMPARE(consensus::firstWaitAt(spread.tail()), Millis(2'500));
}

void SpreadTest::forgetsBadHours()
{
    Spread spread;
    for (int i = 0; i < 40; ++i)
        spread.add(20s);
    QCOMPARE(consensus::firstWaitAt(spread.tail()), Millis(30'000));
    for (int i = 0; i < 40; ++i)
        spread.add(8h); // nobody was there
    QCOMPARE(spread.tail(), Millis(10'000));
    for (int i = 0; i < 40; ++i)
        spread.add(300ms);
    QCOMPARE(spread.tail(), Millis(150));
}

void SpreadTest::isMeasured()
{
    SmallGroup group(4);
    group.run(200ms);
    for (std::uint64_t i = 1; i <= 12; ++i) {
        for (std::size_t other = 1; other < 4; ++other)
            group.cut(0, other);
        group.submit(0, api::CreateDocument{i, "Notes", "words"});
        group.run(1s);
        for (std::size_t other = 1; other < 4; ++other)
            group.join(0, other);
        group.run(3s);
    }
    const Millis tail = group.at(0).newsSpread();
    QVERIFY2(tail >= Millis(500) && tail < Millis(2'000),
             qPrintable(QString::number(tail.count())));
    QCOMPARE(group.at(1).newsSpread(), Millis(0)); // it wrote nothing
}

QTEST_APPLESS_MAIN(SpreadTest)
#include "spread_test.moc"
