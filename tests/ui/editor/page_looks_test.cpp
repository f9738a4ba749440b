#include "ui/editor/page_looks.h"

#include <QTest>

#include <random>

using namespace nlbd;

/// How a text looks, kept in runs, against a list with a look for each unit.
class PageLooksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void runsAgainstAnOracle()
    {
        std::mt19937 random(5);
        for (int round = 0; round < 60; ++round) {
            ui::PageLooks looks;
            std::vector<Attributes> oracle(random() % 2000);
            looks.assign(static_cast<qsizetype>(oracle.size()));
            for (int step = 0; step < 800; ++step) {
                const auto at = static_cast<qsizetype>(random() % (oracle.size() + 1));
                const auto left = static_cast<std::size_t>(oracle.size()) - std::size_t(at);
                const auto count = static_cast<qsizetype>(
                    std::min<std::size_t>(left, random() % (random() % 50 == 0 ? 900 : 5)));
                const auto first = oracle.begin() + at;
                if (random() % 3 == 0) {
                    const auto come = static_cast<qsizetype>(random() % 4);
                    looks.replace(at, count, come);
                    oracle.insert(oracle.erase(first, first + count), std::size_t(come), {});
                } else {
                    const Attributes look = random() % 4 == 0
                        ? Attributes()
                        : Attributes{{"bold", std::to_string(random() % 6)}};
                    looks.set(at, at + count, look);
                    std::fill(first, first + count, look);
                }
                QCOMPARE(looks.units(), static_cast<qsizetype>(oracle.size()));
            }
            std::vector<Attributes> found;
            for (const auto &run : looks.runs(0, looks.units())) {
                QCOMPARE(run.from, static_cast<qsizetype>(found.size()));
                found.insert(found.end(), static_cast<std::size_t>(run.to - run.from),
                             *run.attributes);
            }
            QVERIFY(found == oracle);
            for (int i = 0; i < 20 && !oracle.empty(); ++i) {
                const std::size_t at = random() % oracle.size();
                QVERIFY(looks.at(static_cast<qsizetype>(at)) == oracle[at]);
            }
        }
    }

    void theLastBlockHasALookOfItsOwn()
    {
        ui::PageLooks looks;
        looks.assign(2);
        looks.setLast({{"block", "quote"}});
        looks.set(1, 2, {{"block", "task"}});
        QVERIFY(looks.blockAt(1) == (Attributes{{"block", "task"}}));
        QVERIFY(looks.blockAt(2) == (Attributes{{"block", "quote"}}));
        looks.replace(0, 2, 0);
        QVERIFY(looks.blockAt(0) == (Attributes{{"block", "quote"}}));
        looks.assign(0);
        QVERIFY(looks.blockAt(0).empty());
    }
};

QTEST_APPLESS_MAIN(PageLooksTest)
#include "page_looks_test.moc"
