#include "core/base/random.h"
#include "core/crdt/span_tree.h"

#include <QtTest>

using namespace nlbd;
using namespace nlbd::crdt;

/// The counted tree against a plain list of (span, weight).
class SpanTreeTest : public QObject {
    Q_OBJECT

private slots:
    void emptyHoldsTheRoot()
    {
        const SpanTree tree;
        QCOMPARE(tree.length(), 0U);
        QCOMPARE(tree.next(kRootSpan).value, kRootSpan.value);
        QCOMPARE(tree.offsetOf(kRootSpan), 0U);
        tree.checkInvariants();
    }

    void agreesWithAList_data()
    {
        QTest::addColumn<int>("steps");
        QTest::addColumn<int>("appendsInTen");
        QTest::newRow("anywhere") << 6000 << 0;
        QTest::newRow("mostly at the end") << 20000 << 9;
        QTest::newRow("only at the end") << 5000 << 10;
    }

    void agreesWithAList()
    {
        QFETCH(int, steps);
        QFETCH(int, appendsInTen);
        SeededRandom random(std::uint64_t(steps + appendsInTen));
        SpanTree tree;
        std::vector<SpanIndex> order{kRootSpan};
        std::vector<TextOffset> weights{0};
        for (int i = 1; i <= steps; ++i) {
            const SpanIndex added(std::uint32_t(weights.size()));
            const TextOffset weight = random.below(3) == 0 ? 0 : TextOffset(random.below(9));
            const bool isAppend = random.below(10) < std::uint64_t(appendsInTen);
            const std::size_t beside = isAppend ? order.size() - 1 : random.below(order.size());
            const bool isBefore = !isAppend && beside > 0 && random.below(2) == 0;
            if (isBefore)
                tree.insertBefore(order[beside], added, weight);
            else
                tree.insertAfter(order[beside], added, weight);
            order.insert(order.begin() + std::ptrdiff_t(beside + (isBefore ? 0 : 1)), added);
            weights.push_back(weight);
            const SpanIndex changed(std::uint32_t(random.below(order.size() - 1) + 1));
            weights[changed.value] = TextOffset(random.below(4));
            tree.setWeight(changed, weights[changed.value]);
            if (i % 500 == 0)
                compare(tree, order, weights);
        }
        compare(tree, order, weights);
    }

private:
    static void compare(const SpanTree &tree, const std::vector<SpanIndex> &order,
                        const std::vector<TextOffset> &weights)
    {
        tree.checkInvariants();
        TextOffset start = 0;
        std::vector<std::pair<SpanIndex, TextOffset>> visible;
        for (std::size_t i = 0; i < order.size(); ++i) {
            const SpanIndex span = order[i];
            const TextOffset weight = weights[span.value];
            QCOMPARE(tree.offsetOf(span), start);
            QCOMPARE(tree.weight(span), weight);
            const SpanIndex next = i + 1 < order.size() ? order[i + 1] : kRootSpan;
            QCOMPARE(tree.next(span).value, next.value);
            if (weight > 0) {
                visible.emplace_back(span, start);
                QCOMPARE(tree.find(start).span.value, span.value);
                QCOMPARE(tree.find(start + weight - 1).start, start);
            }
            start += weight;
        }
        QCOMPARE(tree.length(), start);
        std::vector<std::pair<SpanIndex, TextOffset>> visited;
        tree.forEachVisible(0, start,
                            [&](SpanIndex span, TextOffset at) { visited.emplace_back(span, at); });
        QVERIFY(visited == visible);
    }
};

QTEST_APPLESS_MAIN(SpanTreeTest)
#include "span_tree_test.moc"
