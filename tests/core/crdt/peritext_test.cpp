#include "tests/support/marking_group.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::MarkingGroup;

namespace {

struct Case {
    const char *name;
    const char *base;                ///< what was done before the others got the text
    std::vector<std::string> people; ///< what each does at once
    const char *then;                ///< what the first one does then
    const char *expected;
};

const char *const kBold = "mark 4 7 bold";
const char *const kLink = "mark 4 7 link=a";

/// The text is "The fox jumped".
const std::vector<Case> kCases{
    {"formats of one flatten",
     "mark 4 7 bold; mark 0 14 italic",
     {"", ""},
     "",
     "[The |italic][fox|bold,italic][ jumped|italic]"},
    {"bold, overlapping", "", {"mark 0 7 bold", "mark 4 14 bold"}, "", "[The fox jumped|bold]"},
    {"bold and italic, overlapping",
     "",
     {"mark 0 7 bold", "mark 4 14 italic"},
     "",
     "[The |bold][fox|bold,italic][ jumped|italic]"},
    {"insertion at the end, bold to the end",
     "",
     {"mark 0 14 bold", "insert 14 !"},
     "",
     "[The fox jumped!|bold]"},
    {"insertion at the end, link to the end",
     "",
     {"mark 0 14 link=a", "insert 14 !"},
     "",
     "[The fox jumped|link=a]!"},
    {"unbold, then bold, partly",
     "mark 0 14 bold",
     {"unmark 0 7 bold", "mark 4 14 bold"},
     "",
     "The [fox jumped|bold]"},
    {"bold, then unbold, partly",
     "mark 0 14 bold",
     {"mark 4 14 bold", "unmark 0 7 bold"},
     "",
     "The fox[ jumped|bold]"},
    {"unbold nested in bold",
     "",
     {"mark 0 14 bold", "unmark 4 7 bold"},
     "",
     "[The |bold]fox[ jumped|bold]"},
    {"bold over nested unbold",
     "",
     {"unmark 4 7 bold", "mark 0 14 bold"},
     "",
     "[The fox jumped|bold]"},
    {"bold, then unbold, of one letter",
     "",
     {"mark 4 5 bold", "unmark 4 5 bold"},
     "",
     "The fox jumped"},
    {"unbold, then bold, of one letter",
     "",
     {"unmark 4 5 bold", "mark 4 5 bold"},
     "",
     "The [f|bold]ox jumped"},
    {"three at once",
     "",
     {"mark 0 7 bold", "unmark 2 9 bold", "mark 4 14 bold"},
     "",
     "[Th|bold]e [fox jumped|bold]"},
    {"of zero width", "", {kBold, "erase 4 3"}, "", "The  jumped"},
    {"typing where one of zero width is", "", {kBold, "erase 4 3"}, "insert 4 x", "The x jumped"},
    {"bold grows to the right", kBold, {"insert 7 es", ""}, "", "The [foxes|bold] jumped"},
    {"bold does not grow to the left",
     kBold,
     {"insert 4 big_", ""},
     "",
     "The big [fox|bold] jumped"},
    {"bold that starts the text",
     "mark 0 3 bold",
     {"insert 0 x", ""},
     "",
     "x[The|bold] fox jumped"},
    {"a link grows neither way",
     kLink,
     {"insert 7 es; insert 4 big_", ""},
     "",
     "The big [fox|link=a]es jumped"},
    {"bold and link end together",
     "mark 4 7 bold; mark 4 7 link=a",
     {"insert 7 es", ""},
     "",
     "The [fox|bold,link=a][es|bold] jumped"},
    {"link and bold end together",
     "mark 4 7 link=a; mark 4 7 bold",
     {"insert 7 es", ""},
     "",
     "The [fox|bold,link=a][es|bold] jumped"},
    {"unbold grows as bold does",
     "mark 0 14 bold; unmark 4 7 bold",
     {"insert 7 es", ""},
     "",
     "[The |bold]foxes[ jumped|bold]"},
    {"adjacent bold and unbold",
     "mark 0 14 bold; unmark 4 7 bold",
     {"insert 4 x", ""},
     "",
     "[The x|bold]fox[ jumped|bold]"},
    {"last letter of bold deleted",
     kBold,
     {"erase 6 1", ""},
     "insert 6 l",
     "The [fol|bold] jumped"},
    {"letter behind bold deleted", kBold, {"erase 7 1", ""}, "insert 7 y", "The [foxy|bold]jumped"},
    {"first letter of bold deleted",
     kBold,
     {"erase 4 1", ""},
     "insert 4 b",
     "The b[ox|bold] jumped"},
    {"last letter of link deleted",
     kLink,
     {"erase 6 1", ""},
     "insert 6 l",
     "The [fo|link=a]l jumped"},
    {"last letter of link deleted by another",
     "",
     {kLink, "erase 6 1"},
     "insert 6 l",
     "The [fo|link=a]l jumped"},
    {"last letter of link deleted, typing after another's inside",
     kLink,
     {"erase 6 1", "insert 6 b"},
     "insert 7 l",
     "The [fob|link=a]l jumped"},
    {"end of link deleted, and more",
     kLink,
     {"erase 5 4", ""},
     "insert 5 l",
     "The [f|link=a]lumped"},
    {"all of link deleted", kLink, {"erase 4 3", ""}, "insert 4 l", "The l jumped"},
    {"link and bold, last letter deleted",
     "mark 4 7 link=a; mark 4 7 bold",
     {"erase 6 1", ""},
     "insert 6 l",
     "The [fo|bold,link=a][l|bold] jumped"},
    {"ends of two links deleted",
     "mark 4 6 link=a; mark 4 7 comment:1",
     {"erase 5 2", ""},
     "insert 5 l",
     "The [f|comment:1,link=a]l jumped"},
    {"bold against typing at its end", "", {kBold, "insert 7 es"}, "", "The [foxes|bold] jumped"},
    {"bold against typing at its start",
     "",
     {kBold, "insert 4 big_"},
     "",
     "The big [fox|bold] jumped"},
    {"bold against typing inside", "", {kBold, "insert 5 l"}, "", "The [flox|bold] jumped"},
    {"link against typing at its end", "", {kLink, "insert 7 es"}, "", "The [fox|link=a]es jumped"},
    {"where bold ends and italic begins",
     "mark 0 4 bold; mark 4 7 italic",
     {"insert 4 x", ""},
     "",
     "[The x|bold][fox|italic] jumped"},
    {"the same, italic first",
     "mark 4 7 italic; mark 0 4 bold",
     {"insert 4 x", ""},
     "",
     "[The x|bold][fox|italic] jumped"},
    {"where a link ends and italic begins",
     "mark 0 4 link=a; mark 4 7 italic",
     {"insert 4 x", ""},
     "",
     "[The |link=a]x[fox|italic] jumped"},
    {"adjacent at once",
     "",
     {"mark 0 3 bold", "mark 3 7 italic"},
     "insert 3 y",
     "[They|bold][ fox|italic] jumped"},
    {"adjacent bold and bold at once",
     "",
     {"mark 0 3 bold", "mark 3 7 bold"},
     "",
     "[The fox|bold] jumped"},
    {"its start deleted at once", "", {kBold, "erase 3 2"}, "", "The[ox|bold] jumped"},
    {"its end deleted at once", "", {kBold, "erase 6 2"}, "", "The [fo|bold]jumped"},
    {"typing into a deleted bold word",
     kBold,
     {"erase 4 3", "insert 5 zz"},
     "",
     "The [zz|bold] jumped"},
    {"typing into a deleted word made bold",
     "",
     {"erase 4 3", kBold, "insert 5 zz"},
     "",
     "The [zz|bold] jumped"},
    {"bold for a deleted word", "", {"erase 4 3", kBold}, "", "The  jumped"},
    {"bold for a letter", "mark 4 5 bold", {"", ""}, "", "The [f|bold]ox jumped"},
    {"bold for a deleted letter", "", {"erase 4 1", "mark 4 5 bold"}, "", "The ox jumped"},
    {"its end beyond the text",
     "",
     {"erase 7 7", "mark 4 14 bold"},
     "insert 7 !",
     "The [fox!|bold]"},
    {"its start beyond the text", "", {"erase 7 7", "mark 7 14 bold"}, "insert 7 !", "The fox!"},
    {"its start before the text",
     "",
     {"erase 0 4", "mark 0 7 bold"},
     "insert 0 x",
     "x[fox|bold] jumped"},
    {"all gone", "", {"erase 0 14", "mark 0 14 bold"}, "insert 0 x", "x"},
    {"a comment",
     "mark 4 7 comment:1=why",
     {"", ""},
     "insert 7 y",
     "The [fox|comment:1=why]y jumped"},
    {"two comments of one",
     "mark 0 7 comment:1; mark 4 14 comment:2",
     {"", ""},
     "",
     "[The |comment:1][fox|comment:1,comment:2][ jumped|comment:2]"},
    {"comments of two",
     "",
     {"mark 0 7 comment:1", "mark 4 14 comment:2"},
     "",
     "[The |comment:1][fox|comment:1,comment:2][ jumped|comment:2]"},
    {"links over the same", "", {kLink, "mark 4 7 link=b"}, "", "The [fox|link=b] jumped"},
    {"links overlapping",
     "",
     {"mark 0 7 link=a", "mark 4 14 link=b"},
     "",
     "[The |link=a][fox jumped|link=b]"},
    {"links overlapping, the first later",
     "",
     {"mark 4 14 link=b", "mark 0 7 link=a"},
     "",
     "[The fox|link=a][ jumped|link=b]"},
    {"links that end together",
     "",
     {"mark 0 7 link=a", "mark 4 7 link=b"},
     "insert 7 y",
     "[The |link=a][fox|link=b]y jumped"},
    {"a line break inside", "mark 4 14 bold", {"insert 7 /", ""}, "", "The [fox\n jumped|bold]"},
    {"a line break inside a link, at once",
     "",
     {"mark 4 14 link=a", "insert 7 /"},
     "",
     "The [fox\n jumped|link=a]"},
    {"a line break at the end of bold",
     kBold,
     {"insert 7 /", ""},
     "insert 8 x",
     "The [fox\nx|bold] jumped"},
};

} // namespace

/// The cases of the Peritext paper (Litt et al. 2022) and of its authors' tests, each delivered in
/// every order.
class PeritextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void twoOrThreeAtOnce_data();
    void twoOrThreeAtOnce();
    void carets_data();
    void carets();
    void typingTakesMarks_data();
    void typingTakesMarks();
};

void PeritextTest::twoOrThreeAtOnce_data()
{
    QTest::addColumn<std::size_t>("number");
    for (std::size_t i = 0; i < kCases.size(); ++i)
        QTest::newRow(kCases[i].name) << i;
}

void PeritextTest::twoOrThreeAtOnce()
{
    QFETCH(std::size_t, number);
    const Case &it = kCases[number];
    MarkingGroup group(it.people.size(), "The fox jumped", it.base);
    group.actAtOnce(it.people);
    if (*it.then != '\0')
        group.actThen(it.then);
    QCOMPARE(group.shownToAll(), std::string(it.expected));
}

void PeritextTest::carets_data()
{
    QTest::addColumn<TextOffset>("caret");
    QTest::addColumn<std::string>("line");
    QTest::addColumn<TextOffset>("expected");
    const auto row = [](const char *name, TextOffset caret, const char *line, TextOffset expected) {
        QTest::newRow(name) << caret << std::string(line) << expected;
    };
    row("nothing happens", 4, "", 4);
    row("insertion before", 4, "insert 0 ab", 6);
    row("insertion behind", 4, "insert 5 ab", 4);
    row("insertion at it", 4, "insert 4 ab", 4);
    row("deletion before", 4, "erase 0 2", 2);
    row("deletion behind", 4, "erase 5 2", 4);
    row("all before deleted", 4, "erase 0 4", 0);
    row("all deleted", 4, "erase 0 14", 0);
    row("its letter deleted, then typing", 4, "erase 3 1; insert 3 ab", 5);
    row("at the start", 0, "insert 0 ab", 0);
    row("at the end", 14, "insert 14 !", 14);
    row("formats only", 4, "mark 0 7 bold", 4);
}

void PeritextTest::carets()
{
    QFETCH(TextOffset, caret);
    QFETCH(std::string, line);
    QFETCH(TextOffset, expected);
    MarkingGroup group(2, "The fox jumped", "");
    const Document::Anchor anchor = group.document(1).anchorAt(caret);
    group.actAtOnce({line, ""});
    QCOMPARE(group.document(1).resolve(anchor), expected);
    QCOMPARE(group.document(1).resolve({kRoot, Side::Left}), group.document(1).length());
    QCOMPARE(group.document(1).resolve({kRoot, Side::Right}), 0U);
}

void PeritextTest::typingTakesMarks_data()
{
    QTest::addColumn<std::string>("base");
    QTest::addColumn<TextOffset>("at");
    QTest::addColumn<std::string>("expected");
    const auto row = [](const char *name, const char *base, TextOffset at, const char *expected) {
        QTest::newRow(name) << std::string(base) << at << std::string(expected);
    };
    row("before bold", "mark 4 7 bold", 4, "x");
    row("in bold", "mark 4 7 bold", 5, "[x|bold]");
    row("behind bold", "mark 4 7 bold", 7, "[x|bold]");
    row("further behind bold", "mark 4 7 bold", 8, "x");
    row("in a link", "mark 4 7 link=a", 6, "[x|link=a]");
    row("behind a link", "mark 4 7 link=a", 7, "x");
    row("behind both", "mark 4 7 link=a; mark 4 7 bold", 7, "[x|bold]");
    row("at the start of all", "mark 0 14 bold", 0, "x");
    row("at the end of all", "mark 0 14 bold", 14, "[x|bold]");
    row("behind the rest of a link", "mark 4 7 link=a; erase 6 1", 6, "x");
    row("where bold was", "mark 4 7 bold; erase 4 3", 4, "x");
}

void PeritextTest::typingTakesMarks()
{
    QFETCH(std::string, base);
    QFETCH(TextOffset, at);
    QFETCH(std::string, expected);
    MarkingGroup group(1, "The fox jumped", base);
    Document &document = group.document(0);
    const Attributes marks = document.marksForTyping(at);
    static_cast<void>(group.act(0, "insert " + std::to_string(at) + " x", {}));
    const std::vector<StyledRun> runs = document.styledRuns(at, at + 1);
    QCOMPARE(runs.size(), 1U);
    QVERIFY(runs[0].marks == marks);
    std::string typed = "x";
    for (const auto &[key, value] : marks)
        typed = "[x|" + key + (value == "1" ? "" : "=" + value) + "]";
    QCOMPARE(typed, expected);
}

QTEST_APPLESS_MAIN(PeritextTest)
#include "peritext_test.moc"
