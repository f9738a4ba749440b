#include "app/verb_parts.h"

#include <QTest>

using namespace nlbd;

class RefusedCountsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Copies and what waits for its parents come in every honest group: "refused" is for the rest.
    void onlyWhatWasTurnedAwayIsRefused()
    {
        std::vector<api::Refusal> list;
        const auto add = [&list](Code code, std::uint64_t count) {
            api::Refusal refusal;
            refusal.code = code;
            refusal.count = count;
            list.push_back(refusal);
        };
        QCOMPARE(app::countsOf(list)["refused"].get<std::uint64_t>(), std::uint64_t(0));
        add(Code::DUPLICATE, 400);
        add(Code::BUFFERED, 30);
        add(Code::E_RATE, 5);
        QCOMPARE(app::countsOf(list)["refused"].get<std::uint64_t>(), std::uint64_t(0));
        QVERIFY(app::countsOf(list)["refusedByCode"].empty());
        add(Code::E_SIG, 2);
        add(Code::E_SIG, 1); // from another
        add(Code::EV_FORK, 4);
        const auto counts = app::countsOf(list);
        QCOMPARE(counts["refused"].get<std::uint64_t>(), std::uint64_t(7));
        QCOMPARE(counts["refusedByCode"]["E_SIG"].get<std::uint64_t>(), std::uint64_t(3));
        QCOMPARE(counts["refusedByCode"]["EV_FORK"].get<std::uint64_t>(), std::uint64_t(4));
        QCOMPARE(counts["refusedByCode"].size(), std::size_t(2));
        QCOMPARE(counts["notedByCode"]["DUPLICATE"].get<std::uint64_t>(), std::uint64_t(400));
        QCOMPARE(counts["notedByCode"]["BUFFERED"].get<std::uint64_t>(), std::uint64_t(30));
        QCOMPARE(counts["notedByCode"]["E_RATE"].get<std::uint64_t>(), std::uint64_t(5));
    }
};

QTEST_GUILESS_MAIN(RefusedCountsTest)
#include "refused_counts_test.moc"
