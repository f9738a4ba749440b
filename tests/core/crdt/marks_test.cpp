#include "core/base/random.h"
#include "core/crdt/document.h"
#include "tests/support/fake_history.h"

#include <algorithm>
#include <malloc.h>
#include <QtTest>
#include <sstream>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::FakeHistory;

namespace {

/// A text with its formats: "The [fox|bold,link=a] jumped".
std::string shown(const Document &document)
{
    std::string result;
    for (const StyledRun &run : document.styledRuns(0, document.length())) {
        const std::string text = document.text(run.from, run.length);
        if (run.marks.empty()) {
            result += text;
            continue;
        }
        std::string marks;
        for (const auto &[key, value] : run.marks)
            marks += (marks.empty() ? "" : ",") + key + (value == "1" ? "" : "=" + value);
        result += '[';
        result += text;
        result += "|" + marks + "]";
    }
    return result;
}

/// Does what a line says: "mark 4 7 bold; mark 0 3 link=a; unmark 4 5 bold; insert 4 x; erase 0 2".
/// In an insertion '_' stands for a space and '/' for a line break.
void edit(Document &document, Draft &draft, const std::string &line)
{
    std::istringstream steps(line);
    for (std::string step; std::getline(steps, step, ';');) {
        std::istringstream words(step);
        std::string verb;
        TextOffset at = 0;
        words >> verb >> at;
        if (verb == "insert") {
            std::string text;
            words >> text;
            std::ranges::replace(text, '_', ' ');
            std::ranges::replace(text, '/', '\n');
            document.insert(at, text, draft);
            continue;
        }
        TextOffset end = 0;
        words >> end;
        if (verb == "erase") {
            document.erase(at, end, draft);
            continue;
        }
        std::string key;
        words >> key;
        const std::size_t equals = key.find('=');
        std::optional<std::string> value =
            equals == std::string::npos ? "1" : key.substr(equals + 1);
        if (verb == "unmark")
            value.reset();
        document.mark(at, end, key.substr(0, equals), value, draft);
    }
}

struct Change {
    ChangeHandle handle;
    Ops ops;
};

/// People with a copy each, who begin with one text; of what they do at once the later person's
/// comes later in the tie order.
class Group {
public:
    Group(std::size_t people, const std::string &text, const std::string &base)
        : m_history(people)
    {
        Document &document = m_documents.emplace_back(m_history);
        Draft draft;
        draft.restart(m_history.open(0));
        document.insert(0, text, draft);
        edit(document, draft, base);
        m_history.sign(draft.change, {}, 0);
        m_base = {draft.change, draft.ops};
        for (std::size_t i = 1; i < people; ++i)
            m_documents.emplace_back(m_history).integrate(m_base.handle, m_base.ops);
    }

    [[nodiscard]] Document &document(std::size_t person) { return m_documents[person]; }

    [[nodiscard]] Change act(std::size_t person, const std::string &line,
                             const std::vector<ChangeHandle> &parents)
    {
        Draft draft;
        draft.restart(m_history.open(person));
        edit(m_documents[person], draft, line);
        m_history.sign(draft.change, parents, person);
        return {draft.change, draft.ops};
    }

    /// Each does one thing without knowing of the others. All then get all in every order, and
    /// newcomers too.
    void actAtOnce(const std::vector<std::string> &lines)
    {
        std::vector<Change> changes;
        for (std::size_t person = 0; person < lines.size(); ++person)
            changes.push_back(act(person, lines[person], {m_base.handle}));
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < lines.size(); ++i)
            order.push_back(i);
        do {
            Document &newcomer = m_documents.emplace_back(m_history);
            newcomer.integrate(m_base.handle, m_base.ops);
            for (const std::size_t i : order)
                static_cast<void>(newcomer.apply(changes[i].handle, changes[i].ops));
        } while (std::ranges::next_permutation(order).found);
        for (std::size_t person = 0; person < lines.size(); ++person) {
            for (std::size_t i = 1; i < lines.size(); ++i) {
                const Change &other = changes[(person + i) % lines.size()];
                static_cast<void>(m_documents[person].apply(other.handle, other.ops));
            }
        }
        for (const Change &change : changes)
            m_heads.push_back(change.handle);
    }

    /// One does something with all that in view.
    void actThen(const std::string &line)
    {
        const Change change = act(0, line, m_heads);
        for (std::size_t i = 1; i < m_documents.size(); ++i)
            static_cast<void>(m_documents[i].apply(change.handle, change.ops));
    }

    void compare(const std::string &expected) const
    {
        for (const Document &document : m_documents) {
            document.checkInvariants();
            QCOMPARE(shown(document), expected);
        }
    }

private:
    FakeHistory m_history;
    std::vector<Document> m_documents;
    Change m_base;
    std::vector<ChangeHandle> m_heads;
};

} // namespace

/// Formats: the cases of the Peritext paper and of its authors' tests, marks that come and go, and
/// what hostile people could do with many.
class MarksTest : public QObject {
    Q_OBJECT

private slots:
    void twoOrThreeAtOnce_data();
    void twoOrThreeAtOnce();
    void carets_data();
    void carets();
    void typingTakesMarks_data();
    void typingTakesMarks();
    void restyledIsWhatLooksDifferent_data();
    void restyledIsWhatLooksDifferent();
    void voidMarksShowNothing();
    void anOpenChangeIsTheLatest();
    void manyMarksAtOnePlace_data();
    void manyMarksAtOnePlace();
};

/// The text is "The fox jumped".
void MarksTest::twoOrThreeAtOnce_data()
{
    QTest::addColumn<std::string>("base");
    QTest::addColumn<std::vector<std::string>>("people");
    QTest::addColumn<std::string>("then");
    QTest::addColumn<std::string>("expected");
    using Lines = std::vector<std::string>;
    const auto row = [](const char *name, const char *base, const Lines &people, const char *then,
                        const char *expected) {
        QTest::newRow(name) << std::string(base) << people << std::string(then)
                            << std::string(expected);
    };
    const char *const bold = "mark 4 7 bold";
    const char *const link = "mark 4 7 link=a";

    row("formats of one flatten", "mark 4 7 bold; mark 0 14 italic", {"", ""}, "",
        "[The |italic][fox|bold,italic][ jumped|italic]");
    row("bold, overlapping", "", {"mark 0 7 bold", "mark 4 14 bold"}, "", "[The fox jumped|bold]");
    row("bold and italic, overlapping", "", {"mark 0 7 bold", "mark 4 14 italic"}, "",
        "[The |bold][fox|bold,italic][ jumped|italic]");
    row("insertion at the end, bold to the end", "", {"mark 0 14 bold", "insert 14 !"}, "",
        "[The fox jumped!|bold]");
    row("insertion at the end, link to the end", "", {"mark 0 14 link=a", "insert 14 !"}, "",
        "[The fox jumped|link=a]!");
    row("unbold, then bold, partly", "mark 0 14 bold", {"unmark 0 7 bold", "mark 4 14 bold"}, "",
        "The [fox jumped|bold]");
    row("bold, then unbold, partly", "mark 0 14 bold", {"mark 4 14 bold", "unmark 0 7 bold"}, "",
        "The fox[ jumped|bold]");
    row("unbold nested in bold", "", {"mark 0 14 bold", "unmark 4 7 bold"}, "",
        "[The |bold]fox[ jumped|bold]");
    row("bold over nested unbold", "", {"unmark 4 7 bold", "mark 0 14 bold"}, "",
        "[The fox jumped|bold]");
    row("bold, then unbold, of one letter", "", {"mark 4 5 bold", "unmark 4 5 bold"}, "",
        "The fox jumped");
    row("unbold, then bold, of one letter", "", {"unmark 4 5 bold", "mark 4 5 bold"}, "",
        "The [f|bold]ox jumped");
    row("three at once", "", {"mark 0 7 bold", "unmark 2 9 bold", "mark 4 14 bold"}, "",
        "[Th|bold]e [fox jumped|bold]");
    row("of zero width", "", {bold, "erase 4 3"}, "", "The  jumped");
    row("typing where one of zero width is", "", {bold, "erase 4 3"}, "insert 4 x", "The x jumped");

    row("bold grows to the right", bold, {"insert 7 es", ""}, "", "The [foxes|bold] jumped");
    row("bold does not grow to the left", bold, {"insert 4 big_", ""}, "",
        "The big [fox|bold] jumped");
    row("bold that starts the text", "mark 0 3 bold", {"insert 0 x", ""}, "",
        "x[The|bold] fox jumped");
    row("a link grows neither way", link, {"insert 7 es; insert 4 big_", ""}, "",
        "The big [fox|link=a]es jumped");
    row("bold and link end together", "mark 4 7 bold; mark 4 7 link=a", {"insert 7 es", ""}, "",
        "The [fox|bold,link=a][es|bold] jumped");
    row("link and bold end together", "mark 4 7 link=a; mark 4 7 bold", {"insert 7 es", ""}, "",
        "The [fox|bold,link=a][es|bold] jumped");
    row("unbold grows as bold does", "mark 0 14 bold; unmark 4 7 bold", {"insert 7 es", ""}, "",
        "[The |bold]foxes[ jumped|bold]");
    row("adjacent bold and unbold", "mark 0 14 bold; unmark 4 7 bold", {"insert 4 x", ""}, "",
        "[The x|bold]fox[ jumped|bold]");

    row("last letter of bold deleted", bold, {"erase 6 1", ""}, "insert 6 l",
        "The [fol|bold] jumped");
    row("letter behind bold deleted", bold, {"erase 7 1", ""}, "insert 7 y",
        "The [foxy|bold]jumped");
    row("first letter of bold deleted", bold, {"erase 4 1", ""}, "insert 4 b",
        "The b[ox|bold] jumped");
    row("last letter of link deleted", link, {"erase 6 1", ""}, "insert 6 l",
        "The [fo|link=a]l jumped");
    row("last letter of link deleted by another", "", {link, "erase 6 1"}, "insert 6 l",
        "The [fo|link=a]l jumped");
    row("end of link deleted, and more", link, {"erase 5 4", ""}, "insert 5 l",
        "The [f|link=a]lumped");
    row("all of link deleted", link, {"erase 4 3", ""}, "insert 4 l", "The l jumped");
    row("link and bold, last letter deleted", "mark 4 7 link=a; mark 4 7 bold", {"erase 6 1", ""},
        "insert 6 l", "The [fo|bold,link=a][l|bold] jumped");
    row("ends of two links deleted", "mark 4 6 link=a; mark 4 7 comment:1", {"erase 5 2", ""},
        "insert 5 l", "The [f|comment:1,link=a]l jumped");

    row("bold against typing at its end", "", {bold, "insert 7 es"}, "", "The [foxes|bold] jumped");
    row("bold against typing at its start", "", {bold, "insert 4 big_"}, "",
        "The big [fox|bold] jumped");
    row("bold against typing inside", "", {bold, "insert 5 l"}, "", "The [flox|bold] jumped");
    row("link against typing at its end", "", {link, "insert 7 es"}, "",
        "The [fox|link=a]es jumped");
    row("where bold ends and italic begins", "mark 0 4 bold; mark 4 7 italic", {"insert 4 x", ""},
        "", "[The x|bold][fox|italic] jumped");
    row("the same, italic first", "mark 4 7 italic; mark 0 4 bold", {"insert 4 x", ""}, "",
        "[The x|bold][fox|italic] jumped");
    row("where a link ends and italic begins", "mark 0 4 link=a; mark 4 7 italic",
        {"insert 4 x", ""}, "", "[The |link=a]x[fox|italic] jumped");
    row("adjacent at once", "", {"mark 0 3 bold", "mark 3 7 italic"}, "insert 3 y",
        "[They|bold][ fox|italic] jumped");
    row("adjacent bold and bold at once", "", {"mark 0 3 bold", "mark 3 7 bold"}, "",
        "[The fox|bold] jumped");

    row("its start deleted at once", "", {bold, "erase 3 2"}, "", "The[ox|bold] jumped");
    row("its end deleted at once", "", {bold, "erase 6 2"}, "", "The [fo|bold]jumped");
    row("typing into a deleted bold word", bold, {"erase 4 3", "insert 5 zz"}, "",
        "The [zz|bold] jumped");
    row("typing into a deleted word made bold", "", {"erase 4 3", bold, "insert 5 zz"}, "",
        "The [zz|bold] jumped");
    row("bold for a deleted word", "", {"erase 4 3", bold}, "", "The  jumped");
    row("bold for a letter", "mark 4 5 bold", {"", ""}, "", "The [f|bold]ox jumped");
    row("bold for a deleted letter", "", {"erase 4 1", "mark 4 5 bold"}, "", "The ox jumped");
    row("its end beyond the text", "", {"erase 7 7", "mark 4 14 bold"}, "insert 7 !",
        "The [fox!|bold]");
    row("its start beyond the text", "", {"erase 7 7", "mark 7 14 bold"}, "insert 7 !", "The fox!");
    row("its start before the text", "", {"erase 0 4", "mark 0 7 bold"}, "insert 0 x",
        "x[fox|bold] jumped");
    row("all gone", "", {"erase 0 14", "mark 0 14 bold"}, "insert 0 x", "x");

    row("a comment", "mark 4 7 comment:1=why", {"", ""}, "insert 7 y",
        "The [fox|comment:1=why]y jumped");
    row("two comments of one", "mark 0 7 comment:1; mark 4 14 comment:2", {"", ""}, "",
        "[The |comment:1][fox|comment:1,comment:2][ jumped|comment:2]");
    row("comments of two", "", {"mark 0 7 comment:1", "mark 4 14 comment:2"}, "",
        "[The |comment:1][fox|comment:1,comment:2][ jumped|comment:2]");
    row("links over the same", "", {link, "mark 4 7 link=b"}, "", "The [fox|link=b] jumped");
    row("links overlapping", "", {"mark 0 7 link=a", "mark 4 14 link=b"}, "",
        "[The |link=a][fox jumped|link=b]");
    row("links overlapping, the first later", "", {"mark 4 14 link=b", "mark 0 7 link=a"}, "",
        "[The fox|link=a][ jumped|link=b]");
    row("links that end together", "", {"mark 0 7 link=a", "mark 4 7 link=b"}, "insert 7 y",
        "[The |link=a][fox|link=b]y jumped");
    row("a line break inside", "mark 4 14 bold", {"insert 7 /", ""}, "", "The [fox\n jumped|bold]");
    row("a line break inside a link, at once", "", {"mark 4 14 link=a", "insert 7 /"}, "",
        "The [fox\n jumped|link=a]");
    row("a line break at the end of bold", bold, {"insert 7 /", ""}, "insert 8 x",
        "The [fox\nx|bold] jumped");
}

void MarksTest::twoOrThreeAtOnce()
{
    QFETCH(std::string, base);
    QFETCH(std::vector<std::string>, people);
    QFETCH(std::string, then);
    QFETCH(std::string, expected);
    Group group(people.size(), "The fox jumped", base);
    group.actAtOnce(people);
    if (!then.empty())
        group.actThen(then);
    group.compare(expected);
}

void MarksTest::carets_data()
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

void MarksTest::carets()
{
    QFETCH(TextOffset, caret);
    QFETCH(std::string, line);
    QFETCH(TextOffset, expected);
    Group group(2, "The fox jumped", "");
    const Document::Anchor anchor = group.document(1).anchorAt(caret);
    group.actAtOnce({line, ""});
    QCOMPARE(group.document(1).resolve(anchor), expected);
    QCOMPARE(group.document(1).resolve({kRoot, Side::Left}), group.document(1).length());
    QCOMPARE(group.document(1).resolve({kRoot, Side::Right}), 0U);
}

void MarksTest::typingTakesMarks_data()
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

void MarksTest::typingTakesMarks()
{
    QFETCH(std::string, base);
    QFETCH(TextOffset, at);
    QFETCH(std::string, expected);
    Group group(1, "The fox jumped", base);
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

void MarksTest::restyledIsWhatLooksDifferent_data()
{
    QTest::addColumn<std::string>("own");
    QTest::addColumn<std::string>("others");
    QTest::addColumn<std::vector<Stretch>>("expected");
    using Stretches = std::vector<Stretch>;
    const auto row = [](const char *name, const char *own, const char *others,
                        const Stretches &expected) {
        QTest::newRow(name) << std::string(own) << std::string(others) << expected;
    };
    row("a mark", "", "mark 4 7 bold", {{4, 3}});
    row("one that loses", "mark 0 14 bold=2", "mark 4 7 bold", {});
    row("one that loses in part", "mark 5 6 bold=2", "mark 4 7 bold", {{4, 1}, {6, 1}});
    row("one that says the same", "mark 0 14 bold", "mark 4 7 bold", {});
    row("taking away what is not there", "", "unmark 4 7 bold", {});
    row("there and away", "", "mark 4 7 bold; unmark 4 7 bold", {});
    row("two that touch", "", "mark 4 7 bold; mark 7 9 link=a", {{4, 5}});
    row("two apart", "", "mark 9 11 bold; mark 4 7 link=a", {{4, 3}, {9, 2}});
    row("not what is typed with it", "", "insert 5 zz; mark 4 9 bold", {{4, 1}, {7, 2}});
    row("not what it deletes", "", "mark 4 7 bold; erase 5 1", {{4, 2}});
    row("only text", "mark 4 7 bold", "insert 5 zz", {});
    row("where others typed", "insert 5 zz", "mark 4 7 bold", {{4, 5}});
}

void MarksTest::restyledIsWhatLooksDifferent()
{
    QFETCH(std::string, own);
    QFETCH(std::string, others);
    QFETCH(std::vector<Stretch>, expected);
    // The one who looks comes later in the tie order.
    Group group(2, "The fox jumped", "");
    const Change change = group.act(0, others, {});
    static_cast<void>(group.act(1, own, {}));
    Document &document = group.document(1);
    const std::string before = shown(document);
    static_cast<void>(document.apply(change.handle, change.ops));
    QVERIFY(document.takeRestyled() == expected);
    QVERIFY(document.takeRestyled().empty());
    static_cast<void>(document.setVoid(change.handle, true));
    QCOMPARE(shown(document), before);
    static_cast<void>(document.setVoid(change.handle, true));
    QVERIFY(document.takeRestyled().empty()); // it was void already
    static_cast<void>(document.setVoid(change.handle, false));
    if (others.find("insert") == std::string::npos && others.find("erase") == std::string::npos)
        QVERIFY(document.takeRestyled() == expected);
}

void MarksTest::voidMarksShowNothing()
{
    Group group(2, "The fox jumped", "");
    const Change first = group.act(0, "mark 0 7 bold; mark 0 7 link=a", {});
    const Change second = group.act(1, "unmark 4 14 bold", {});
    Document &document = group.document(0);
    static_cast<void>(document.apply(second.handle, second.ops));
    QCOMPARE(shown(document), std::string("[The |bold,link=a][fox|link=a] jumped"));
    static_cast<void>(document.setVoid(second.handle, true));
    QVERIFY((document.takeRestyled() == std::vector<Stretch>{{4, 3}}));
    QCOMPARE(shown(document), std::string("[The fox|bold,link=a] jumped"));
    static_cast<void>(document.setVoid(first.handle, true));
    QVERIFY((document.takeRestyled() == std::vector<Stretch>{{0, 7}}));
    QCOMPARE(shown(document), std::string("The fox jumped"));
    static_cast<void>(document.setVoid(second.handle, false));
    QVERIFY(document.takeRestyled().empty());
    static_cast<void>(document.setVoid(first.handle, false));
    QCOMPARE(shown(document), std::string("[The |bold,link=a][fox|link=a] jumped"));

    // A ghost: void before it comes.
    Document &other = group.document(1);
    static_cast<void>(other.setVoid(first.handle, true));
    static_cast<void>(other.apply(first.handle, first.ops));
    QVERIFY(other.takeRestyled().empty());
    QCOMPARE(shown(other), std::string("The fox jumped"));
    QCOMPARE(other.marksForTyping(5).size(), 0U);
}

/// FakeHistory aborts if it is asked about the order of an open change.
void MarksTest::anOpenChangeIsTheLatest()
{
    FakeHistory history(2);
    Document document(history);
    const ChangeHandle other = history.add(1, {}, 9);
    document.integrate(other,
                       {InsertText{kRoot, Side::Right, "abc"},
                        SetMark{{{other, 0}, Side::Left}, {kRoot, Side::Left}, "bold", "2"}});
    Draft draft;
    draft.restart(history.open(0));
    document.mark(0, 2, "bold", "3", draft);
    QCOMPARE(shown(document), std::string("[ab|bold=3][c|bold=2]"));
    document.insert(1, "x", draft);
    document.mark(1, 2, "bold", std::nullopt, draft);
    document.erase(0, 1, draft);
    QCOMPARE(draft.next, 4U);
    QCOMPARE(shown(document), std::string("x[b|bold=3][c|bold=2]"));
    document.mark(1, 1, "bold", "4", draft); // nothing there
    QCOMPARE(draft.ops.size(), 4U);
    history.sign(draft.change, {other}, 0);
    document.checkInvariants();
    Document late(history);
    late.integrate(other,
                   {InsertText{kRoot, Side::Right, "abc"},
                    SetMark{{{other, 0}, Side::Left}, {kRoot, Side::Left}, "bold", "2"}});
    late.integrate(draft.change, draft.ops);
    QCOMPARE(shown(late), shown(document));
}

void MarksTest::manyMarksAtOnePlace_data()
{
    QTest::addColumn<bool>("isOneLetter");
    QTest::addColumn<std::string>("key");
    QTest::newRow("the whole text, bold") << false << std::string("bold");
    QTest::newRow("the whole text, links") << false << std::string("link");
    QTest::newRow("one letter, bold") << true << std::string("bold");
    QTest::newRow("one letter, links") << true << std::string("link");
}

/// Neither a mark nor an edit may cost in proportion to all marks there are, nor memory with each
/// edit: if it did, this would need minutes and gigabytes.
void MarksTest::manyMarksAtOnePlace()
{
    QFETCH(bool, isOneLetter);
    QFETCH(std::string, key);
    constexpr std::uint32_t kMarks = 100'000;
    constexpr std::uint32_t kEdits = 50'000;
    FakeHistory history(1);
    Document document(history);
    Draft draft;
    SeededRandom random(1);
    draft.restart(history.open(0));
    const std::size_t before = mallinfo2().uordblks;
    for (std::uint32_t i = 0; i < kEdits; ++i)
        document.insert(TextOffset(random.below(document.length() + 1)), "a", draft);
    const TextOffset middle = document.length() / 2;
    for (std::uint32_t i = 0; i < kMarks; ++i) {
        const TextOffset from = isOneLetter ? middle : 0;
        const TextOffset to = isOneLetter ? middle + 1 : document.length();
        document.mark(from, to, key, std::to_string(i % 7), draft);
    }
    for (std::uint32_t i = 0; i < kEdits; ++i) {
        // At the borders and anywhere, so that the leaves there split.
        const TextOffset places[] = {0, 1, middle, middle + 1, document.length()};
        const std::uint64_t place = random.below(8);
        const TextOffset at =
            place < 5 ? places[place] : TextOffset(random.below(document.length() + 1));
        document.insert(at, "b", draft);
    }
    // About a kilobyte a mark in the worst case, which is one over the whole of a tree.
    QVERIFY(mallinfo2().uordblks - before < 200U * 1024 * 1024);
    const auto runs = document.styledRuns(0, document.length());
    QVERIFY(runs.size() <= 4);
    QVERIFY(std::ranges::any_of(runs, [&](const StyledRun &it) {
        return it.marks == Attributes{{key, std::to_string((kMarks - 1) % 7)}};
    }));
}

QTEST_APPLESS_MAIN(MarksTest)
#include "marks_test.moc"
