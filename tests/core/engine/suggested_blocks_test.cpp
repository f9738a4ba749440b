#include "tests/support/suggesting_table.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using Table = nlbd::testing::SuggestingTable;
using api::Verdict;

#define SHOWN(table, text) QCOMPARE(QString::fromStdString((table).shownToAll()), QString(text))
#define LOOKS(table, text) QCOMPARE(QString::fromStdString((table).looksToAll()), QString(text))

namespace {

const AttributeChanges kHeading{{"block", "h1"}};

} // namespace

/// What blocks should be, suggested and decided, and what is left of two when the break between
/// them goes.
class SuggestedBlocksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void blocks();
    void moreBlocksThanPlaces();
    void aBlockOfMyOwn();
    void anItemIsLeft();
    void aBreakInASuggestedHeading();
    void brokenAndJoined_data();
    void brokenAndJoined();
    void ownBreakTakenBack();
    void aHeadingWithItsBreakStruck();
    void onAnEmptyLine();
};

void SuggestedBlocksTest::blocks()
{
    Table table(2, "one\n\ntwo\nthree");
    table.format(0, 3, 4, kHeading);
    table.format(0, 4, 5, kHeading); // an empty one
    table.format(0, 8, 9, {{"block", "bullet"}, {"indent", "2"}});
    table.format(0, 14, 14, kHeading, true);
    table.settle();
    SHOWN(table, "[~one\n\n~][~[~two\n~]~][~three~]");
    LOOKS(table, "one\n\ntwo\nthree");
    table.type(1, 14, "!"); // behind the last letter, in the block
    table.settle();
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    SHOWN(table, "one\n\ntwo\nthree!");
    LOOKS(table, "one{h1}\n{h1}\ntwo{bullet}\nthree!{h1}");
    QCOMPARE(table.views[0].letters().at(8).attributes.at("indent"), std::string("2"));
}

/// From its break on nobody else has anything in it.
void SuggestedBlocksTest::moreBlocksThanPlaces()
{
    constexpr TextOffset kBlocks = 3'000; // of two letters
    std::string text;
    for (TextOffset i = 0; i < kBlocks; ++i)
        text += "a\n";
    Table table(2, text);
    std::vector<api::Styling> stylings; // as a page does it: each its own
    for (TextOffset i = 0; i < kBlocks; ++i)
        stylings.push_back({2 * i + 1, 2 * i + 2, kHeading, false});
    table.views[0].mode = api::EditText::Mode::Suggesting;
    table.views[0].edit({}, std::move(stylings), api::EditText::Cause::Format);
    table.settle();
    QCOMPARE(table.views[1].suggestions.size(), 1U);
    QCOMPARE(table.views[1].suggestions.front().parts.size(), 1U);
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    QVERIFY(table.views[0].suggestions.empty());
    for (TextOffset i = 0; i < kBlocks; ++i)
        QCOMPARE(table.views[0].letters().at(2 * i + 1).attributes.at("block"), std::string("h1"));
    table.undo(1);
    table.settle();
    LOOKS(table, QString::fromStdString(text));
}

void SuggestedBlocksTest::aBlockOfMyOwn()
{
    Table table(2, "one\ntwo");
    table.suggest(0, 7, "\nmore");
    table.settle();
    table.format(0, 12, 12, kHeading, true);
    table.settle();
    LOOKS(table, "one\ntwo\nmore{h1}");
    SHOWN(table, "one\ntwo[+\nmore+]");
    table.decideAll(1, Verdict::Rejected);
    table.settle();
    LOOKS(table, "one\ntwo"); // what its neighbour was
}

/// Enter at the end of an item, and once more: what was to be a paragraph is one at once, or nobody
/// could leave a list; and the item is one again if all of it is rejected.
void SuggestedBlocksTest::anItemIsLeft()
{
    Table table(2, "one\ntwo");
    table.views[0].edit({}, {{3, 4, {{"block", "bullet"}}}}, api::EditText::Cause::Format);
    table.settle();
    table.views[1].mode = api::EditText::Mode::Suggesting;
    table.views[1].edit({3, 0, "\n"}, {{3, 4, {{"block", "bullet"}}}},
                        api::EditText::Cause::Typing);
    table.views[1].mode = api::EditText::Mode::Writing;
    table.settle();
    LOOKS(table, "one{bullet}\n{bullet}\ntwo");
    table.format(1, 4, 5, {{"block", std::nullopt}});
    table.settle();
    LOOKS(table, "one{bullet}\n\ntwo");
    SHOWN(table, "one[+\n+]\ntwo");
    table.decideAll(0, Verdict::Rejected);
    table.settle();
    LOOKS(table, "one{bullet}\ntwo");
}

void SuggestedBlocksTest::aBreakInASuggestedHeading()
{
    Table table(2, "first line\nlast");
    table.format(0, 10, 11, kHeading);
    table.settle();
    table.type(1, 5, "\n"); // both halves were meant
    table.settle();
    SHOWN(table, "[~first~]\n[~ line\n~]last");
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    LOOKS(table, "first{h1}\n line{h1}\nlast");
}

void SuggestedBlocksTest::brokenAndJoined_data()
{
    QTest::addColumn<TextOffset>("from");
    QTest::addColumn<TextOffset>("to");
    QTest::addColumn<QString>("looks");
    QTest::addRow("a break") << 3U << 4U << "onetwo{h1}\nthree";
    QTest::addRow("more") << 2U << 9U << "onhree{h1}";
    QTest::addRow("from the start") << 0U << 4U << "two\nthree"; // nothing is left of it
    QTest::addRow("in one block") << 0U << 3U << "{h1}\ntwo\nthree";
}

/// What of two blocks is left when the break between them goes.
void SuggestedBlocksTest::brokenAndJoined()
{
    QFETCH(TextOffset, from);
    QFETCH(TextOffset, to);
    QFETCH(QString, looks);
    Table table(2, "one\ntwo\nthree");
    table.views[0].edit({}, {{3, 4, kHeading}}, api::EditText::Cause::Format);
    table.settle();
    table.strike(0, from, to);
    table.settle();
    LOOKS(table, "one{h1}\ntwo\nthree");
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    LOOKS(table, looks);
}

void SuggestedBlocksTest::ownBreakTakenBack()
{
    Table table(2, "one\ntwo");
    table.views[0].edit({}, {{3, 4, kHeading}}, api::EditText::Cause::Format);
    table.settle();
    table.views[1].mode = api::EditText::Mode::Suggesting; // as Enter at the end of a heading does
    table.views[1].edit({3, 0, "\n"}, {{3, 4, kHeading}, {4, 5, {{"block", std::nullopt}}}},
                        api::EditText::Cause::Typing);
    table.views[1].mode = api::EditText::Mode::Writing;
    table.settle();
    LOOKS(table, "one{h1}\n\ntwo");
    table.strike(1, 3, 4);
    table.settle();
    LOOKS(table, "one{h1}\ntwo");
    SHOWN(table, "one\ntwo");
}

void SuggestedBlocksTest::aHeadingWithItsBreakStruck()
{
    Table table(2, "one\ntwo");
    table.type(0, 1, "x"); // in three changes
    table.settle();
    table.format(0, 4, 5, kHeading);
    table.strike(0, 0, 5);
    table.settle();
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    LOOKS(table, "two"); // nothing is left of the heading
}

/// What was an empty line is one again, and no heading.
void SuggestedBlocksTest::onAnEmptyLine()
{
    Table table(2, "one\n\ntwo");
    table.suggest(0, 4, "\nmore");
    table.settle();
    table.format(0, 9, 10, kHeading);
    table.settle();
    LOOKS(table, "one\n\nmore{h1}\ntwo");
    table.decideAll(1, Verdict::Rejected);
    table.settle();
    LOOKS(table, "one\n\ntwo");
}

QTEST_GUILESS_MAIN(SuggestedBlocksTest)
#include "suggested_blocks_test.moc"
