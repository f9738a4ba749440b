#include "tests/support/suggesting_table.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using Table = nlbd::testing::SuggestingTable;
using Format = api::Suggestion::Format;
using api::Verdict;

#define SHOWN(table, text) QCOMPARE(QString::fromStdString((table).shownToAll()), QString(text))
#define LOOKS(table, text) QCOMPARE(QString::fromStdString((table).looksToAll()), QString(text))

namespace {

const AttributeChanges kBold{{"bold", "1"}};

} // namespace

/// How letters should look, suggested and decided: what views are told, and see.
class SuggestedFormatsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFormatIsSuggested();
    void decided_data();
    void decided();
    void oneUndoTakesADecisionBack();
    void undoOfASuggestion();
    void onlyWhatDoesNotLookSo();
    void ownLettersLookSoAtOnce();
    void manyRunsAndFormats();
    void morePlacesThanAGroupHas();
    void valuesThatFillChanges();
    void toWhatItIsAlready();
    void lettersThatCameInside();
    void theLastCounts();
    void othersLettersInsideAreNotMeant();
    void acceptedAndRejectedAtOnce();
    void manyFormats();
    void afterAStart();
    void viewsMayNotSayIt();
};

void SuggestedFormatsTest::aFormatIsSuggested()
{
    Table table(3, "one two three");
    table.format(1, 4, 7, kBold);
    table.settle();
    SHOWN(table, "one [~two~] three");
    LOOKS(table, "one two three"); // also to the view that took it as done
    for (const auto &view : table.views) {
        QCOMPARE(view.suggestions.size(), 1U);
        const api::Suggestion &it = view.suggestions.front();
        QCOMPARE(it.member, MemberIndex(1));
        QCOMPARE(it.styled, std::string("two"));
        QVERIFY(it.formats == std::vector<Format>({{"bold", "1"}}));
        QVERIFY(it.added.empty() && it.removed.empty());
    }
}

void SuggestedFormatsTest::decided_data()
{
    QTest::addColumn<int>("by");
    QTest::addRow("by another") << 1;
    QTest::addRow("by its author") << 0;
}

void SuggestedFormatsTest::decided()
{
    QFETCH(int, by);
    const auto who = static_cast<std::size_t>(by);
    Table table(3, "one two\nthree");
    table.views[0].edit({}, {{0, 3, {{"italic", "1"}}}}, api::EditText::Cause::Format);
    table.settle();
    table.format(0, 0, 7, {{"bold", "1"}, {"italic", std::nullopt}});
    table.settle();
    QVERIFY(table.views[2].suggestions.front().formats
            == std::vector<Format>({{"bold", "1"}, {"italic", std::nullopt}}));
    table.decideAll(who, Verdict::Rejected);
    table.settle();
    SHOWN(table, "one two\nthree");
    LOOKS(table, "<italic>one</> two\nthree");
    table.group.run(20s);
    table.format(0, 0, 7, {{"bold", "1"}, {"italic", std::nullopt}});
    table.settle();
    table.decideAll(who, Verdict::Accepted);
    table.settle();
    SHOWN(table, "one two\nthree");
    LOOKS(table, "<bold>one two</>\nthree");
}

void SuggestedFormatsTest::oneUndoTakesADecisionBack()
{
    Table table(2, "one two");
    table.format(0, 4, 7, kBold);
    table.settle();
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    LOOKS(table, "one <bold>two</>");
    table.undo(1);
    table.settle();
    LOOKS(table, "one two");
    SHOWN(table, "one [~two~]");
    table.redo(1);
    table.settle();
    LOOKS(table, "one <bold>two</>");
    SHOWN(table, "one two");
}

void SuggestedFormatsTest::undoOfASuggestion()
{
    Table table(2, "one two");
    table.format(0, 4, 7, kBold);
    table.format(0, 0, 7, {{"block", "h1"}}, true);
    table.settle();
    SHOWN(table, "[~one [~two~]~]");
    table.undo(0);
    table.settle();
    SHOWN(table, "one [~two~]");
    table.undo(0);
    table.settle();
    SHOWN(table, "one two");
    table.redo(0);
    table.redo(0);
    table.settle();
    SHOWN(table, "[~one [~two~]~]");
}

void SuggestedFormatsTest::onlyWhatDoesNotLookSo()
{
    Table table(2, "one two three");
    table.views[0].edit({}, {{4, 7, kBold}}, api::EditText::Cause::Format);
    table.settle();
    table.format(1, 0, 13, kBold);
    table.settle();
    SHOWN(table, "[~one ~]two[~ three~]");
    table.format(1, 0, 13, kBold); // once more is no more
    table.settle();
    SHOWN(table, "[~one ~]two[~ three~]");
    QCOMPARE(table.views[0].suggestions.size(), 1U);
}

void SuggestedFormatsTest::ownLettersLookSoAtOnce()
{
    Table table(2, "one three");
    table.suggest(1, 4, "two ");
    table.settle();
    table.format(1, 2, 6, kBold); // "e ", and "tw" of mine
    table.settle();
    SHOWN(table, "on[~e ~][+two +]three");
    LOOKS(table, "one <bold>tw</>o three");
    table.decideAll(0, Verdict::Accepted);
    table.settle();
    LOOKS(table, "on<bold>e tw</>o three");
}

/// Parts are whole, whoever typed them in how many changes, and words are said once.
void SuggestedFormatsTest::manyRunsAndFormats()
{
    constexpr int kRuns = 600;
    Table table(2);
    for (int i = 0; i < kRuns; ++i) {
        table.type(static_cast<std::size_t>(i % 2), 0, "ab");
        table.send(static_cast<std::size_t>(i % 2));
        table.group.run(200ms);
        table.take(0);
        table.take(1);
    }
    table.settle();
    QVERIFY(table.group.at(0).graph().size() > kRuns);
    table.format(0, 0, 2 * kRuns, {{"bold", "1"}, {"italic", "1"}});
    table.settle();
    const api::Suggestion &it = table.views[1].suggestions.front();
    QCOMPARE(it.parts.size(), 2U);
    QVERIFY(it.styled.find(" ") == std::string::npos); // no words between words
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    for (const auto &letter : table.views[0].letters())
        QVERIFY(letter.attributes.contains("bold") && letter.attributes.contains("italic"));
}

/// Words far apart, more than one group tells of: another goes on.
void SuggestedFormatsTest::morePlacesThanAGroupHas()
{
    constexpr TextOffset kWords = 1'400;
    std::string text;
    std::vector<api::Styling> bold;
    for (TextOffset i = 0; i < kWords; ++i) {
        text += "a ";
        bold.push_back({2 * i, 2 * i + 1, kBold, false});
    }
    Table table(2, text);
    table.views[0].edit({}, std::move(bold), api::EditText::Cause::Format);
    table.settle();
    table.format(1, 0, 2 * kWords, kBold); // all blanks between them
    table.settle();
    QCOMPARE(table.views[0].suggestions.size(), 2U);
    QVERIFY(table.views[0].suggestions == table.views[1].suggestions);
    for (int i = 0; i < 2; ++i) {
        table.decideAll(0, Verdict::Accepted);
        table.settle();
    }
    QVERIFY(table.views[1].suggestions.empty());
    for (const auto &letter : table.views[0].letters())
        QVERIFY(letter.attributes.contains("bold"));
}

/// Twenty links of four thousand bytes are more than one change holds, also taken back.
void SuggestedFormatsTest::valuesThatFillChanges()
{
    constexpr TextOffset kLinks = 20;
    const auto link = [](TextOffset i) { return std::to_string(i) + std::string(4'080, 'x'); };
    Table table(2, std::string(kLinks, '.') + "\n");
    std::vector<api::Styling> links;
    for (TextOffset i = 0; i < kLinks; ++i)
        links.push_back({i, i + 1, {{"link", link(i)}}, false});
    table.views[0].mode = api::EditText::Mode::Suggesting;
    table.views[0].edit({}, links, api::EditText::Cause::Format);
    table.views[0].mode = api::EditText::Mode::Writing;
    table.settle();
    const std::string shown = table.shownToAll();
    QCOMPARE(shown.size(), static_cast<std::size_t>(kLinks * 5 + 1));
    table.decideAll(1, Verdict::Rejected);
    table.settle();
    table.undo(1);
    table.settle();
    QCOMPARE(table.shownToAll(), shown);
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    table.type(1, 0, "", kLinks); // letters that bring all of it back with them
    table.settle();
    table.undo(1);
    table.settle();
    for (TextOffset i = 0; i < kLinks; ++i)
        QCOMPARE(table.views[0].letters().at(i).attributes.at("link"), link(i));
}

/// Who suggests what is there already takes back what he suggested otherwise.
void SuggestedFormatsTest::toWhatItIsAlready()
{
    Table table(2, "one\ntwo");
    table.format(0, 0, 3, kBold);
    table.format(1, 0, 3, {{"italic", "1"}});
    table.format(0, 3, 4, {{"block", "h1"}});
    table.settle();
    table.format(0, 1, 3, {{"bold", std::nullopt}, {"italic", std::nullopt}});
    table.format(0, 3, 4, {{"block", std::nullopt}});
    table.settle();
    QCOMPARE(table.views[1].suggestions.size(), 2U);
    SHOWN(table, "[~[~o~]ne~]\ntwo"); // the other's stays
    LOOKS(table, "one\ntwo");
}

void SuggestedFormatsTest::lettersThatCameInside()
{
    Table table(2, "one two");
    table.format(0, 0, 7, kBold);
    table.settle();
    table.type(1, 3, "!");
    table.settle();
    SHOWN(table, "[~one~]![~ two~]");
    table.format(0, 0, 8, kBold); // now he has seen it
    table.settle();
    SHOWN(table, "[~one! two~]");
}

void SuggestedFormatsTest::theLastCounts()
{
    Table table(2, "one two");
    table.views[0].mode = api::EditText::Mode::Suggesting;
    table.views[0].edit({},
                        {{0, 3, {{"link", "a"}}, false},
                         {0, 7, {{"link", "b"}}, false},
                         {4, 7, {{"link", "a"}}, false}},
                        api::EditText::Cause::Format);
    table.views[0].mode = api::EditText::Mode::Writing;
    table.settle();
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    LOOKS(table, "<b>one </><a>two</>");
}

void SuggestedFormatsTest::othersLettersInsideAreNotMeant()
{
    Table table(2, "one two");
    table.format(0, 0, 7, kBold);
    table.settle();
    table.type(1, 3, "!");
    table.settle();
    SHOWN(table, "[~one~]![~ two~]");
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    LOOKS(table, "<bold>one</>!<bold> two</>");
    SHOWN(table, "one! two");
}

void SuggestedFormatsTest::acceptedAndRejectedAtOnce()
{
    Table table(3, "one two");
    table.format(0, 0, 3, kBold);
    table.format(0, 7, 7, {{"block", "h1"}}, true);
    table.settle();
    SHOWN(table, "[~[~one~] two~]");
    table.isolate(1);
    table.decideAll(1, Verdict::Accepted);
    table.decideAll(2, Verdict::Rejected);
    table.settle();
    table.isolate(1, false);
    for (int i = 0; i < 4; ++i) {
        table.group.run(10s);
        table.settle();
    }
    SHOWN(table, "one two");
    const std::string looks = table.looksToAll();
    QVERIFY2(looks == "one two" || looks == "<bold>one</> two{h1}", looks.c_str());
    for (std::size_t i = 0; i < 3; ++i) {
        table.group.restart(i);
        table.open(i);
        table.settle();
        QCOMPARE(table.looksToAll(), looks);
    }
}

/// More in one group than are told at once: the others come as those are decided.
void SuggestedFormatsTest::manyFormats()
{
    constexpr TextOffset kLinks = 40;
    Table table(2, std::string(2 * kLinks, '.'));
    for (TextOffset i = 0; i < kLinks; ++i)
        table.format(0, 2 * i, 2 * i + 1, {{"link", "https://" + std::to_string(i)}});
    table.format(0, 0, 1, {{"link", std::string(4'096, 'x')}}); // no mark could hold it
    table.settle();
    QCOMPARE(table.views[1].suggestions.size(), 1U);
    QCOMPARE(table.views[1].suggestions.front().formats.size(), api::Suggestion::kFormatsMax);
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    QCOMPARE(table.views[1].suggestions.front().formats.size(),
             kLinks - api::Suggestion::kFormatsMax);
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    QVERIFY(table.views[1].suggestions.empty());
    for (TextOffset i = 0; i < kLinks; ++i)
        QCOMPARE(table.views[1].letters().at(2 * i).attributes.at("link"),
                 "https://" + std::to_string(i));
}

void SuggestedFormatsTest::afterAStart()
{
    Table table(2, "one\ntwo");
    table.format(0, 0, 2, kBold);
    table.format(0, 7, 7, {{"block", "h1"}}, true);
    table.settle();
    const std::string shown = table.shownToAll();
    QCOMPARE(shown, std::string("[~on~]e\n[~two~]"));
    for (std::size_t i = 0; i < 2; ++i) {
        table.group.restart(i);
        table.open(i);
        table.settle();
        QCOMPARE(table.shownToAll(), shown);
    }
    table.decideAll(0, Verdict::Accepted);
    table.settle();
    LOOKS(table, "<bold>on</>e\ntwo{h1}");
}

void SuggestedFormatsTest::viewsMayNotSayIt()
{
    Table table(2, "one two");
    table.format(0, 0, 3, kBold);
    table.settle();
    const std::string id = table.views[0].suggestions.front().group;
    using Value = std::optional<std::string>;
    for (const Value &value : std::vector<Value>{"=1", "-", std::nullopt})
        table.views[1].edit({}, {{0, 7, {{"styled:" + id + ":bold", value}}}},
                            api::EditText::Cause::Format);
    table.format(1, 4, 7, {{"quoted", "x"}, {"comment:1", "x"}, {"embed", "x"}, {"kept", ""}});
    table.settle();
    SHOWN(table, "[~one~] two");
    for (const auto &view : table.views)
        for (const auto &letter : view.letters())
            QVERIFY(letter.attributes.empty()); // and does not see them among formats
}

QTEST_GUILESS_MAIN(SuggestedFormatsTest)
#include "suggested_formats_test.moc"
