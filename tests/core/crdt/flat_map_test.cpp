#include "core/base/random.h"
#include "core/crdt/flat_map.h"

#include <map>
#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;

/// The flat table against std::map.
class FlatMapTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithAMap_data()
    {
        QTest::addColumn<quint32>("keysBelow");
        QTest::addColumn<int>("count");
        QTest::newRow("empty") << 1U << 0;
        QTest::newRow("dense") << 5000U << 20000;
        QTest::newRow("sparse") << UINT32_MAX << 20000;
    }

    void agreesWithAMap()
    {
        QFETCH(quint32, keysBelow);
        QFETCH(int, count);
        SeededRandom random(keysBelow);
        FlatMap table;
        std::map<std::uint32_t, std::uint32_t> expected;
        QVERIFY(table.find(0) == nullptr);
        for (int i = 0; i < count; ++i) {
            const auto key = static_cast<std::uint32_t>(random.below(keysBelow));
            const auto value = static_cast<std::uint32_t>(i);
            std::uint32_t *found = table.find(key);
            QCOMPARE(found != nullptr, expected.contains(key));
            if (found == nullptr)
                table.insert(key, value);
            else
                *found = value;
            expected[key] = value;
        }
        for (const auto &[key, value] : expected)
            QVERIFY(table.find(key) != nullptr && *table.find(key) == value);
        QVERIFY(table.find(keysBelow) == nullptr);
    }

    /// Keys that agree in many bits, as somebody might choose them, are found in few steps: a bad
    /// table would need minutes for this.
    void alikeKeysAreSpread()
    {
        constexpr std::uint32_t kKeys = 200'000;
        for (const std::uint32_t stride : {1U, 2U, 1U << 8U, 1U << 12U}) {
            FlatMap table;
            for (std::uint32_t i = 0; i < kKeys; ++i)
                table.insert(i * stride, i);
            QCOMPARE(*table.find(0), 0U);
            QCOMPARE(*table.find(stride), 1U);
        }
    }
};

QTEST_APPLESS_MAIN(FlatMapTest)
#include "flat_map_test.moc"
