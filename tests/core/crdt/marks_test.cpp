#include "core/base/random.h"
#include "tests/support/marking_group.h"

#include <malloc.h>
#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::Change;
using nlbd::test::FakeHistory;
using nlbd::test::MarkingGroup;
using nlbd::test::shown;

/// Marks that come and go, what is said about it, and what hostile people could do with many.
class MarksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void restyledIsWhatLooksDifferent_data();
    void restyledIsWhatLooksDifferent();
    void voidMarksShowNothing();
    void anOpenChangeIsTheLatest();
    void typingBehindEndsThatNobodyRead_data();
    void typingBehindEndsThatNobodyRead();
    void manyMarksAtOnePlace_data();
    void manyMarksAtOnePlace();
};

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
    MarkingGroup group(2, "The fox jumped", "");
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
    MarkingGroup group(2, "The fox jumped", "");
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

void MarksTest::typingBehindEndsThatNobodyRead_data()
{
    QTest::addColumn<std::uint32_t>("last"); // letter of the link
    for (const std::uint32_t last : {50U, 63U, 64U, 130U, 249U})
        QTest::addRow("%u", last) << last;
}

/// Of letters 50 to 249, all deleted, one is the last of a link: what is typed there is behind it.
void MarksTest::typingBehindEndsThatNobodyRead()
{
    QFETCH(std::uint32_t, last);
    const auto opTyped = [last](bool isRead) {
        FakeHistory history(2);
        Document document(history);
        const ChangeHandle other = history.add(1, {}, 1);
        document.integrate(
            other,
            {InsertText{kRoot, Side::Right, std::string(300, 'a')},
             SetMark{{{other, 0}, Side::Left}, {{other, last}, Side::Right}, "link", "x"},
             DeleteText{{other, 50}, 200}});
        if (isRead)
            static_cast<void>(document.styledRuns(0, document.length()));
        Draft draft;
        draft.restart(history.open(0));
        document.insert(50, "b", draft);
        const auto runs = document.styledRuns(0, document.length());
        const bool isBehind = runs.size() == 2 && runs[0].length == 50 && runs[1].marks.empty();
        document.checkInvariants();
        return isBehind ? draft.ops : Ops();
    };
    const Ops unread = opTyped(false);
    QVERIFY((unread == Ops{InsertText{{ChangeHandle(1), last + 1}, Side::Left, "b"}}));
    QVERIFY(unread == opTyped(true));
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
    QCOMPARE(draft.next, 2U); // formats have numbers of their own
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
