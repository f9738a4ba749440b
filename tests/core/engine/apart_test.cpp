#include "tests/support/past_table.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::PastTable;

namespace {

/// People who lose each other.
struct PartedTable : PastTable {
    explicit PartedTable(std::size_t people, std::string text)
        : PastTable(people, std::move(text))
        , told(people)
    {
        heard = [this](std::size_t i, const api::Event &event) {
            if (const auto *news = std::get_if<api::ApartChanged>(&event))
                told.at(i) = news->apart;
        };
        group.run(10s);
        settle();
    }
    void part(std::size_t i, Millis time)
    {
        isolate(i);
        pass(time);
    }
    void meet(std::size_t i)
    {
        isolate(i, false);
        group.run(10s);
        settle();
    }
    std::vector<api::ApartPlace> places(std::size_t i)
    {
        const auto answer =
            ask<api::ApartTold>(i, api::AskApart{++requests, views[i].passage(0, 0)});
        return answer ? answer->places : std::vector<api::ApartPlace>();
    }
    std::vector<std::vector<api::ApartInfo>> told; ///< the last, by person
};

} // namespace

/// What came while people were apart.
class ApartTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bothAreToldWhenTheyMeet();
    void placesSayWhatWasAndWhatIs();
    void formatsAreToldToo();
    void whoOnlyReadIsToldNothing();
    void aShortSilenceIsNoTimeApart();
    void whoWritesOnIsNotToldOfNews();
    void newsOfAnAbsentOneCountToo();
    void itIsKeptUntilItIsRead();
    void whatIsWrittenOverIsNoPlace();
    void badRowsAndQuestionsDoNoHarm();
};

void ApartTest::bothAreToldWhenTheyMeet()
{
    PartedTable table(2, "Once upon a time there was a house. It stood at the sea, and was old.");
    table.part(1, 10min);
    table.type(0, 24, "had been", 3); // was
    table.settle();
    table.type(1, 29, "small ", 0);
    table.settle();
    table.type(1, 0, "So: ", 0);
    table.settle();
    table.pass(40h);
    table.meet(1);
    QCOMPARE(table.shown(0), table.shown(1));
    QCOMPARE(table.told[0].size(), 1U);
    QCOMPARE(table.told[0][0].doc, table.doc);
    QCOMPARE(table.told[0][0].members, std::vector{MemberIndex(1)});
    QCOMPARE(table.told[0][0].changes, 2U);
    QCOMPARE(table.told[0][0].places, 2U);
    QVERIFY(table.group.now().wall - table.told[0][0].since > 39h);
    QCOMPARE(table.told[1].size(), 1U);
    QCOMPARE(table.told[1][0].members, std::vector{MemberIndex(0)});
    QCOMPARE(table.told[1][0].places, 1U);
}

void ApartTest::placesSayWhatWasAndWhatIs()
{
    PartedTable table(2, "The quick brown fox jumps over the lazy dog, and nobody is astonished.");
    table.part(1, 10min);
    table.type(0, 69, "!", 1);
    table.settle();
    table.type(1, 4, "slow", 5);
    table.settle();
    table.type(1, 9, "red", 5); // near: one place
    table.settle();
    table.meet(1);
    const auto places = table.places(0);
    QCOMPARE(places.size(), 1U);
    QCOMPARE(places[0].before, std::string("quick brown"));
    QCOMPARE(places[0].now, std::string("slow red"));
    QCOMPARE(places[0].from, TextOffset(4));
    QCOMPARE(places[0].to, TextOffset(12));
    QVERIFY(!places[0].isFormat);
    QCOMPARE(places[0].members, std::vector{MemberIndex(1)});
    // What is typed since moves it, and is no part of it.
    table.type(0, 0, "Lo! ");
    const auto moved = table.places(0);
    QCOMPARE(moved.size(), 1U);
    QCOMPARE(moved[0].from, TextOffset(8));
    QCOMPARE(moved[0].now, std::string("slow red"));
}

void ApartTest::formatsAreToldToo()
{
    PartedTable table(2, "plain words and more of them");
    table.part(1, 10min);
    table.type(0, 28, ".");
    table.settle();
    table.format(1, 6, 11, {{"bold", "1"}});
    table.settle();
    table.meet(1);
    const auto places = table.places(0);
    QCOMPARE(places.size(), 1U);
    QVERIFY(places[0].isFormat);
    QCOMPARE(places[0].from, TextOffset(6));
    QCOMPARE(places[0].to, TextOffset(11));
    QCOMPARE(places[0].now, std::string("words"));
}

void ApartTest::whoOnlyReadIsToldNothing()
{
    PartedTable table(2, "page");
    table.part(1, 10min);
    table.type(1, 4, " two");
    table.settle();
    table.meet(1);
    QVERIFY(table.told[0].empty());
    QVERIFY(table.told[1].empty());
    QVERIFY(table.places(0).empty());
}

void ApartTest::aShortSilenceIsNoTimeApart()
{
    PartedTable table(2, "page");
    table.part(1, 1min);
    table.type(0, 0, "a");
    table.type(1, 4, "b");
    table.settle();
    table.meet(1);
    QCOMPARE(table.shown(0), std::string("apageb"));
    QVERIFY(table.told[0].empty() && table.told[1].empty());
}

void ApartTest::whoWritesOnIsNotToldOfNews()
{
    PartedTable table(2, "page one and page two");
    table.part(1, 10min);
    table.type(0, 0, "a");
    table.type(1, 21, "b");
    table.settle();
    table.meet(1);
    QCOMPARE(table.told[0].at(0).changes, 1U);
    for (int i = 0; i < 5; ++i) {
        table.type(1, table.views[1].length(), "c");
        table.settle();
        table.group.run(20s);
        table.type(0, 0, "d");
        table.settle();
    }
    QCOMPARE(table.told[0].at(0).changes, 1U);
    QCOMPARE(table.told[1].at(0).changes, 1U);
}

/// What another one brings of somebody who is not there.
void ApartTest::newsOfAnAbsentOneCountToo()
{
    PartedTable table(3, "page one and page two, all of it");
    table.part(0, 10min);
    table.type(0, 0, "a");
    table.type(1, 31, "b");
    table.settle();
    table.isolate(1); // it leaves its words with 2 and goes
    table.group.join(0, 2);
    table.group.run(10s);
    table.settle();
    QCOMPARE(table.told[0].size(), 1U);
    QCOMPARE(table.told[0][0].members, std::vector{MemberIndex(1)});
    QVERIFY(table.told[2].empty()); // it had written nothing
}

void ApartTest::itIsKeptUntilItIsRead()
{
    PartedTable table(2, "page one and page two");
    table.part(1, 10min);
    table.type(0, 0, "a");
    table.type(1, 21, "b");
    table.settle();
    table.meet(1);
    QCOMPARE(table.told[0].size(), 1U);
    const api::ApartInfo before = table.told[0][0];
    table.told[0].clear();
    table.pass(1min);
    table.group.restart(0);
    table.open(0);
    table.settle();
    QCOMPARE(table.told[0].size(), 1U);
    QVERIFY(table.told[0][0] == before);
    QCOMPARE(table.places(0).size(), 1U);
    table.group.submit(0, api::EndApart{table.doc});
    table.settle();
    QVERIFY(table.told[0].empty());
    QVERIFY(table.places(0).empty());
    table.group.restart(0);
    table.open(0);
    table.settle();
    QVERIFY(table.told[0].empty());
}

void ApartTest::whatIsWrittenOverIsNoPlace()
{
    PartedTable table(2, "page one and page two");
    table.part(1, 10min);
    table.type(0, 0, "a");
    table.type(1, 21, "b");
    table.settle();
    table.type(1, 21, "", 1);
    table.settle();
    table.meet(1);
    QVERIFY(table.told[0].empty());
    QCOMPARE(table.told[1].size(), 1U);
}

void ApartTest::badRowsAndQuestionsDoNoHarm()
{
    PartedTable table(2, "page");
    table.group.submit(0, api::EndApart{DocIndex(99)});
    table.group.submit(0, api::AskApart{1, {DocIndex(99), 7, 0, 0, 0, 0, 0}});
    table.settle();
    store::StoredWorkspace folder = table.group.folder(0);
    folder.meta.push_back({"apart." + std::to_string(table.doc.value), Bytes(5, std::byte{1})});
    folder.meta.push_back({"apart.x", Bytes(33, std::byte{1})});
    folder.meta.push_back({"apart.7", Bytes(33, std::byte{1})});
    table.group.startFrom(0, folder);
    table.open(0);
    table.settle();
    QCOMPARE(table.shown(0), std::string("page"));
    QVERIFY(table.told[0].empty());
    QVERIFY(table.places(0).empty());
}

QTEST_GUILESS_MAIN(ApartTest)
#include "apart_test.moc"
