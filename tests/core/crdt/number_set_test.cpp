#include "core/base/random.h"
#include "core/crdt/number_set.h"

#include <QTest>
#include <set>

using namespace nlbd;
using namespace nlbd::crdt;

/// Ranges of numbers as bits against std::set.
class NumberSetTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithASet_data()
    {
        QTest::addColumn<quint32>("numbersBelow");
        QTest::addColumn<quint32>("lengthMax");
        QTest::newRow("single") << 3000U << 1U;
        QTest::newRow("within words") << 20000U << 40U;
        QTest::newRow("across words") << 200000U << 400U;
        QTest::newRow("borders of words") << 260U << 64U;
    }

    void agreesWithASet()
    {
        QFETCH(quint32, numbersBelow);
        QFETCH(quint32, lengthMax);
        SeededRandom random(numbersBelow);
        NumberSet numbers;
        for (int round = 0; round < 50; ++round) {
            std::set<std::uint32_t> expected;
            for (bool isNew = true; isNew;) {
                const auto first = static_cast<std::uint32_t>(random.below(numbersBelow));
                const auto count = static_cast<std::uint32_t>(random.below(lengthMax) + 1);
                const auto next = expected.lower_bound(first);
                isNew = next == expected.end() || *next >= first + count;
                QCOMPARE(numbers.add(first, count), isNew);
                for (std::uint32_t i = 0; i < count; ++i)
                    expected.insert(first + i);
            }
            numbers.clear();
        }
    }
};

QTEST_APPLESS_MAIN(NumberSetTest)
#include "number_set_test.moc"
