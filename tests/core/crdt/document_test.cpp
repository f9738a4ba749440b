#include "core/base/utf8.h"
#include "core/crdt/document.h"
#include "tests/support/fake_history.h"
#include "tests/support/single_ops.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::eraseOps;
using nlbd::test::FakeHistory;
using nlbd::test::insertOp;

namespace {

/// A document with one change "hello world" and helpers to add to it.
struct Fixture {
    FakeHistory history{3};
    Document document{history};
    ChangeHandle base = history.add(0, {}, 0);

    Fixture() { (void)insertOp(document, 0, "hello world", base, 0); }

    /// A change that deletes, made with `parents` in view.
    ChangeHandle deleteFrom(std::size_t device, DeleteText range)
    {
        const ChangeHandle change = history.add(device, {base}, device);
        (void)document.apply(change, {range});
        return change;
    }
};

QList<quint32> flat(const std::vector<Document::Run> &runs)
{
    QList<quint32> numbers;
    for (const Document::Run &run : runs)
        numbers << run.from << run.length << run.first.change.value << run.first.index;
    return numbers;
}

} // namespace

class DocumentTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void localOpsNameTheirPlace()
    {
        FakeHistory history(1);
        Document document(history);
        const ChangeHandle change = history.open(0);
        // A run typed letter by letter hangs letter at letter; before it, a left child.
        QVERIFY(insertOp(document, 0, "a", change, 0) == Op(InsertText{kRoot, Side::Right, "a"}));
        QVERIFY(insertOp(document, 1, "b", change, 1)
                == Op(InsertText{{change, 0}, Side::Right, "b"}));
        QVERIFY(insertOp(document, 0, "c", change, 2)
                == Op(InsertText{{change, 0}, Side::Left, "c"}));
        // Between a and b: a has a right child, so it hangs left at b.
        QVERIFY(insertOp(document, 2, "d", change, 3)
                == Op(InsertText{{change, 1}, Side::Left, "d"}));
        QCOMPARE(document.text(), std::string("cadb"));
        // After a deleted b: d is the left neighbour, b its successor though nobody sees it.
        QVERIFY(eraseOps(document, 3, 1, change, 4) == Ops{DeleteText({change, 1}, 1)});
        QVERIFY(insertOp(document, 3, "e", change, 5)
                == Op(InsertText{{change, 3}, Side::Right, "e"}));
        QCOMPARE(document.text(), std::string("cade"));
        QCOMPARE(flat(document.runs(0, 4)),
                 QList<quint32>({0, 1, 1, 2, 1, 1, 1, 0, 2, 1, 1, 3, 3, 1, 1, 5}));
        document.checkInvariants();
    }

    void eraseSpeaksInRuns()
    {
        Fixture it;
        const ChangeHandle change = it.history.add(1, {it.base}, 0);
        (void)insertOp(it.document, 5, "XY", change, 0);
        const ChangeHandle eraser = it.history.add(0, {change}, 0);
        const Ops ops = eraseOps(it.document, 3, 6, eraser, 0);
        QVERIFY((ops
                 == Ops{DeleteText({it.base, 3}, 2), DeleteText({change, 0}, 2),
                        DeleteText({it.base, 5}, 2)}));
        QCOMPARE(it.document.text(), std::string("helorld"));
        QVERIFY(eraseOps(it.document, 2, 0, eraser, 3).empty());
    }

    /// A run goes on after another's text came in between: in the tree one run, in memory two.
    void runGoesOnAfterOthersText()
    {
        Fixture it;
        const ChangeHandle open = it.history.open(1);
        (void)insertOp(it.document, 11, "a", open, 0);
        const ChangeHandle other = it.history.add(2, {it.base}, 0);
        (void)it.document.apply(other, {InsertText{{it.base, 4}, Side::Left, "_"}});
        QVERIFY(insertOp(it.document, 13, "bc", open, 1)
                == Op(InsertText{{open, 0}, Side::Right, "bc"}));
        QCOMPARE(it.document.text(), std::string("hell_o worldabc"));
        QCOMPARE(flat(it.document.visibleRunsOf(open)), QList<quint32>({12, 3, open.value, 0}));
        it.document.checkInvariants();
    }

    void textInScalars()
    {
        FakeHistory history(1);
        Document document(history);
        const ChangeHandle change = history.add(0, {}, 0);
        (void)insertOp(document, 0, "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8C\x8D!", change, 0);
        QCOMPARE(document.length(), 5U);
        QCOMPARE(document.text(1, 3), std::string("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8C\x8D"));
        QCOMPARE(document.text(4, 100), std::string("!"));
        QCOMPARE(document.text(9, 1), std::string());
        (void)eraseOps(document, 2, 1, change, 5);
        QCOMPARE(document.text(), std::string("a\xC3\xA9\xF0\x9F\x8C\x8D!"));
    }

    void applySaysWhatItDid()
    {
        Fixture it;
        const ChangeHandle change = it.history.add(1, {it.base}, 0);
        // The o has its right child in "hello world" already: "s" is its sibling, and the later
        // one.
        const Ops ops{InsertText{{it.base, 4}, Side::Right, "s"}, DeleteText{{it.base, 0}, 1},
                      DeleteText{{it.base, 1}, 2}, InsertText{{change, 0}, Side::Right, "!"}};
        QVERIFY(
            (it.document.apply(change, ops) == TextPatches{{11, 0, "s"}, {0, 3, ""}, {9, 0, "!"}}));
        QCOMPARE(it.document.text(), std::string("lo worlds!"));
        it.document.checkInvariants();
    }

    /// What a check located serves those who apply the same ops and nobody else.
    void appliesOtherOpsThanWereChecked()
    {
        Fixture it;
        const auto isInPast = [](ChangeHandle) { return true; };
        const ChangeHandle change = it.history.add(1, {it.base}, 0);
        const Ops checked{DeleteText({it.base, 0}, 5), InsertText{{it.base, 10}, Side::Right, "!"},
                          DeleteText({it.base, 6}, 1)};
        const Ops applied{DeleteText({it.base, 1}, 2), InsertText{{it.base, 5}, Side::Left, ","},
                          DeleteText({it.base, 6}, 1)};
        QVERIFY(it.document.check(change, checked, isInPast).has_value());
        it.document.integrate(change, applied);
        QCOMPARE(it.document.text(), std::string("hlo, orld"));
        it.document.checkInvariants();

        const ChangeHandle again = it.history.add(2, {change}, 0);
        const Ops partly{DeleteText({it.base, 3}, 2), DeleteText({change, 2}, 1),
                         InsertText{{again, 0}, Side::Right, "?"}};
        QVERIFY(!it.document.check(again, partly, isInPast).has_value()); // {again, 0} is no letter
        const Ops rest{DeleteText({it.base, 3}, 1), InsertText{{it.base, 10}, Side::Right, "?"}};
        it.document.integrate(again, rest);
        QCOMPARE(it.document.text(), std::string("ho, orld?"));
        it.document.checkInvariants();
    }

    void deletingTwiceIsDeleting()
    {
        Fixture it;
        (void)it.deleteFrom(0, {{it.base, 0}, 6});
        const ChangeHandle second = it.history.add(1, {it.base}, 1);
        QVERIFY(
            (it.document.apply(second, {DeleteText{{it.base, 4}, 4}}) == TextPatches{{0, 2, ""}}));
        QCOMPARE(it.document.text(), std::string("rld"));
    }

    /// A key deletes beside what two others deleted: three letters, hidden for two reasons.
    void deletingBesideWhatTwoDeleted()
    {
        Fixture it;
        const ChangeHandle first = it.deleteFrom(1, {{it.base, 3}, 2});
        const ChangeHandle second = it.deleteFrom(2, {{it.base, 3}, 2});
        Draft draft{it.history.add(0, {first, second}, 0), {}, 0};
        it.document.erase(3, 1, draft);
        it.document.erase(2, 1, draft);
        QVERIFY((draft.ops == Ops{DeleteText{{it.base, 5}, 1}, DeleteText{{it.base, 2}, 1}}));
        it.document.checkInvariants();
        (void)it.document.setVoid(first, true);
        QCOMPARE(it.document.text(), std::string("heworld"));
        (void)it.document.setVoid(draft.change, true);
        QCOMPARE(it.document.text(), std::string("hel world"));
        (void)it.document.setVoid(second, true);
        QCOMPARE(it.document.text(), std::string("hello world"));
        it.document.checkInvariants();
    }

    /// Keys that go on with an op, joined deletions, and numbers that were given back.
    void draftJoinsKeys()
    {
        Fixture it;
        Draft draft{it.history.open(1), {}, 0};
        for (TextOffset i = 0; i < 3; ++i)
            it.document.insert(11 + i, std::string_view("abc").substr(i, 1), draft);
        it.document.erase(13, 1, draft);
        it.document.erase(12, 1, draft);
        it.document.insert(12, "\xC3\xA9", draft);
        it.document.insert(13, "!?", draft);
        const ChangeHandle own = draft.change;
        QVERIFY((draft.ops
                 == Ops{InsertText{{it.base, 10}, Side::Right, "abc"}, DeleteText{{own, 1}, 2},
                        InsertText{{own, 1}, Side::Left, "\xC3\xA9!?"}}));
        QCOMPARE(draft.next, 7U);
        QCOMPARE(it.document.text(), std::string("hello worlda\xC3\xA9!?"));
        QCOMPARE(flat(it.document.visibleRunsOf(own)),
                 QList<quint32>({11, 1, own.value, 0, 12, 3, own.value, 4}));
        it.document.checkInvariants();
    }

    void voidTakesInsertionsAway()
    {
        Fixture it;
        const ChangeHandle change = it.history.add(1, {it.base}, 0);
        const Op op = insertOp(it.document, 5, ", my", change, 0);
        QVERIFY(std::holds_alternative<InsertText>(op));
        QVERIFY((it.document.setVoid(change, true) == TextPatches{{5, 4, ""}}));
        QVERIFY(it.document.setVoid(change, true).empty());
        QCOMPARE(it.document.text(), std::string("hello world"));
        QVERIFY((it.document.setVoid(change, false) == TextPatches{{5, 0, ", my"}}));
        QCOMPARE(it.document.text(), std::string("hello, my world"));
        it.document.checkInvariants();
    }

    void voidGivesDeletionsBack()
    {
        Fixture it;
        const ChangeHandle first = it.deleteFrom(1, {{it.base, 0}, 8});
        const ChangeHandle second = it.deleteFrom(2, {{it.base, 6}, 5});
        QCOMPARE(it.document.text(), std::string());
        QVERIFY((it.document.setVoid(first, true) == TextPatches{{0, 0, "hello "}}));
        QVERIFY((it.document.setVoid(second, true) == TextPatches{{6, 0, "world"}}));
        QCOMPARE(it.document.text(), std::string("hello world"));
        QVERIFY((it.document.setVoid(first, false) == TextPatches{{0, 8, ""}}));
        QCOMPARE(it.document.text(), std::string("rld"));
        it.document.checkInvariants();
    }

    void ghostsAreNamedButNotSeen()
    {
        Fixture it;
        const ChangeHandle ghost = it.history.add(1, {it.base}, 0);
        (void)it.document.setVoid(ghost, true);
        const Ops ghostOps{InsertText{{it.base, 10}, Side::Right, "BAD"},
                           DeleteText{{it.base, 0}, 5}, SetField{"title", "bad"}};
        QVERIFY(it.document.apply(ghost, ghostOps).empty());
        const ChangeHandle honest = it.history.add(2, {ghost}, 0);
        const Ops ops{InsertText{{ghost, 1}, Side::Right, "good"}};
        QVERIFY(it.document.check(honest, ops, [](ChangeHandle) { return true; }).has_value());
        QVERIFY((it.document.apply(honest, ops) == TextPatches{{11, 0, "good"}}));
        QCOMPARE(it.document.text(), std::string("hello worldgood"));
        QCOMPARE(it.document.field("title"), std::string_view());
        (void)it.document.setVoid(ghost, false);
        QCOMPARE(it.document.text(), std::string(" worldBADgood"));
        QCOMPARE(it.document.field("title"), std::string_view("bad"));
        it.document.checkInvariants();
    }

    void runsOfAChange()
    {
        Fixture it;
        const ChangeHandle change = it.history.add(1, {it.base}, 0);
        (void)insertOp(it.document, 5, "-", change, 0);
        (void)eraseOps(it.document, 0, 1, change, 1);
        (void)insertOp(it.document, 10, "+", change, 2);
        QCOMPARE(it.document.text(), std::string("ello- worl+d"));
        const quint32 base = it.base.value;
        const quint32 own = change.value;
        QCOMPARE(flat(it.document.visibleRunsOf(change)),
                 QList<quint32>({4, 1, own, 0, 10, 1, own, 2}));
        QCOMPARE(flat(it.document.visibleRunsOf(it.base)),
                 QList<quint32>({0, 4, base, 1, 5, 5, base, 5, 11, 1, base, 10}));
        QCOMPARE(flat(it.document.runs(2, 7)),
                 QList<quint32>({2, 2, base, 3, 4, 1, own, 0, 5, 2, base, 5}));
        QVERIFY(it.document.runs(4, 4).empty());
        QVERIFY(it.document.visibleRunsOf(ChangeHandle(77)).empty());
    }

    void anchorsStay()
    {
        Fixture it;
        const Document::Anchor start = it.document.anchorAt(0);
        const Document::Anchor middle = it.document.anchorAt(5);
        const Document::Anchor end = it.document.anchorAt(11);
        QVERIFY((start == Document::Anchor{kRoot, Side::Right}));
        const ChangeHandle change = it.history.add(1, {it.base}, 0);
        (void)insertOp(it.document, 0, ">>", change, 0);
        QCOMPARE(it.document.resolve(start), 0U);
        QCOMPARE(it.document.resolve(middle), 7U);
        (void)eraseOps(it.document, 4, 5, change, 2); // "llo w" with the middle inside
        QCOMPARE(it.document.text(), std::string(">>heorld"));
        QCOMPARE(it.document.resolve(middle), 4U);
        QCOMPARE(it.document.resolve({middle.id, Side::Left}), 4U);
        QCOMPARE(it.document.resolve(end), 8U);
        QCOMPARE(it.document.resolve({end.id, Side::Left}), 7U);
        QVERIFY(!it.document.resolve({{it.base, 11}, Side::Right}).has_value());
        QVERIFY(!it.document.resolve({{ChangeHandle(99), 0}, Side::Right}).has_value());
    }

    void fieldsLastWriter()
    {
        FakeHistory history(3);
        Document document(history);
        const ChangeHandle first = history.open(0);
        Draft draft{first, {}, 0};
        QVERIFY((document.set(kRoot, "title", "draft", draft) == OpId{first, 0}));
        QVERIFY(draft.ops == Ops{Op(SetField{"title", "draft"})});
        QVERIFY((document.set(kRoot, "title", "Draft", draft) == OpId{first, 1}));
        history.sign(first, {}, 9);
        QCOMPARE(document.fieldValues("title"), std::vector<std::string>{"Draft"});
        // Two who saw it and not each other; then one who saw only the earlier of the two.
        const ChangeHandle left = history.add(1, {first}, 5);
        const ChangeHandle right = history.add(2, {first}, 3);
        (void)document.apply(right, {SetField{"title", "right"}});
        (void)document.apply(left, {SetField{"title", "left"}, SetField{"color", "red"}});
        QCOMPARE(document.field("title"), std::string_view("left"));
        QCOMPARE(document.fieldValues("title"), (std::vector<std::string>{"left", "right"}));
        const ChangeHandle last = history.add(2, {right}, 0);
        (void)document.apply(last, {SetField{"title", "last"}});
        QCOMPARE(document.fieldValues("title"), (std::vector<std::string>{"last", "left"}));
        QCOMPARE(document.fieldKeys(), (std::vector<std::string>{"color", "title"}));
        (void)document.setVoid(last, true);
        QCOMPARE(document.fieldValues("title"), (std::vector<std::string>{"left", "right"}));
        (void)document.setVoid(left, true);
        QCOMPARE(document.fieldValues("title"), std::vector<std::string>{"right"});
        QCOMPARE(document.fieldKeys(), std::vector<std::string>{"title"});
        (void)document.setVoid(last, false);
        (void)document.setVoid(left, false);
        QCOMPARE(document.fieldValues("title"), (std::vector<std::string>{"last", "left"}));
        QVERIFY(document.fieldValues("nothing").empty());
        QCOMPARE(document.field("nothing"), std::string_view());
    }
};

QTEST_APPLESS_MAIN(DocumentTest)
#include "document_test.moc"
