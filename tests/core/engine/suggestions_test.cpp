#include "tests/support/suggesting_table.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using Table = nlbd::testing::SuggestingTable;
using Kind = api::Suggestion::Kind;
using api::Verdict;

#define SHOWN(table, text) QCOMPARE(QString::fromStdString((table).shownToAll()), QString(text))

/// Suggestions through engines: what views are told, and what becomes of it.
class SuggestionsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsTypedIsSuggested();
    void lettersThatShouldGoStay();
    void aReplacementIsOneGroup();
    void ownSuggestedLettersGo();
    void severalPatchesInOneEdit();
    void decided_data();
    void decided();
    void oneUndoTakesADecisionBack();
    void undoOfASuggestion();
    void writingBesideIsNotSuggested();
    void othersLettersInsideAreTheirs();
    void sittings();
    void acceptedAndRejectedAtOnce();
    void sameDecisionAtOnce();
    void aWordInARemovedParagraph();
    void keptIsDecided();
    void keptNoMoreWhenTheParagraphIsBack();
    void besideIsNotInside();
    void afterAStart();
    void viewsMayNotSayIt();
    void nothingToDecide();
};

void SuggestionsTest::whatIsTypedIsSuggested()
{
    Table table(3, "one three");
    table.suggest(1, 4, "t");
    table.settle();
    table.suggest(1, 5, "wo ");
    table.settle();
    SHOWN(table, "one [+two +]three");
    for (const auto &view : table.views) {
        QCOMPARE(view.suggestions.size(), 1U);
        const api::Suggestion &it = view.suggestions.front();
        QCOMPARE(it.member, MemberIndex(1));
        QCOMPARE(it.device, DeviceIndex(1));
        QVERIFY(it.kind == Kind::Proposed);
        QCOMPARE(it.added, std::string("two "));
        QVERIFY(it.removed.empty());
        QVERIFY(it.when && *it.when <= table.group.now().wall);
    }
    QCOMPARE(*table.group.at(2).text(table.doc), std::string("one two three"));
}

void SuggestionsTest::lettersThatShouldGoStay()
{
    Table table(2, "one two");
    table.suggest(0, 6, "", 1); // as Backspace does it
    table.settle();
    table.strike(0, 4, 6);
    table.settle();
    SHOWN(table, "one [-two-]");
    QCOMPARE(table.views[1].suggestions.front().removed, std::string("two"));
    QCOMPARE(table.views[1].suggestions.size(), 1U);
}

void SuggestionsTest::aReplacementIsOneGroup()
{
    Table table(2, "one two three");
    table.suggest(0, 4, "2", 3);
    table.suggest(0, 5, "!");
    table.settle();
    SHOWN(table, "one [-two-][+2!+] three");
    QCOMPARE(table.views[1].suggestions.size(), 1U);
    QCOMPARE(table.views[1].suggestions.front().parts.size(), 2U);
}

void SuggestionsTest::ownSuggestedLettersGo()
{
    Table table(2, "abc");
    table.suggest(0, 1, "xyz");
    table.settle();
    table.suggest(0, 2, "", 1);
    table.settle();
    SHOWN(table, "a[+xz+]bc");
    table.strike(0, 0, 4); // a, x, z and b
    table.settle();
    SHOWN(table, "[-ab-]c");
    QCOMPARE(*table.group.at(1).text(table.doc), std::string("abc"));
}

void SuggestionsTest::severalPatchesInOneEdit()
{
    Table table(2, "abcdef");
    // The view does them one after the other and hears of what stays only then: what is typed
    // stands before what comes back at its place.
    for (const TextPatch &patch : {TextPatch{0, 2, "x"}, {2, 1, ""}, {2, 2, "yz"}})
        table.suggest(0, patch.at, patch.inserted, patch.removed);
    table.settle();
    SHOWN(table, "[-ab-][+x+]c[+yz+][-def-]");
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    SHOWN(table, "xcyz");
}

void SuggestionsTest::decided_data()
{
    QTest::addColumn<bool>("isAccepted");
    QTest::addColumn<int>("by");
    QTest::addColumn<QString>("text");
    QTest::addRow("accepted by another") << true << 1 << "one 2 three four";
    QTest::addRow("accepted by its author") << true << 0 << "one 2 three four";
    QTest::addRow("rejected by another") << false << 2 << "one two three";
    QTest::addRow("rejected by its author") << false << 0 << "one two three";
}

void SuggestionsTest::decided()
{
    QFETCH(bool, isAccepted);
    QFETCH(int, by);
    QFETCH(QString, text);
    Table table(3, "one two three");
    table.suggest(0, 4, "2", 3);
    table.settle();
    table.suggest(0, 14, " four");
    table.settle();
    SHOWN(table, "one [-two-][+2+] three[+ four+]");
    table.decideAll(static_cast<std::size_t>(by),
                    isAccepted ? Verdict::Accepted : Verdict::Rejected);
    table.settle();
    SHOWN(table, text);
    QCOMPARE(QString::fromStdString(*table.group.at(1).text(table.doc)), text);
}

void SuggestionsTest::oneUndoTakesADecisionBack()
{
    for (const Verdict verdict : {Verdict::Accepted, Verdict::Rejected}) {
        Table table(3, "one two three");
        table.suggest(0, 4, "2", 3);
        table.settle();
        table.group.run(11s);
        table.suggest(0, 14, " four");
        table.settle();
        const auto before = table.shownToAll();
        QCOMPARE(table.views[0].suggestions.size(), 2U);
        table.decideAll(2, verdict);
        table.settle();
        const auto after = table.shownToAll();
        table.undo(2);
        table.settle();
        QCOMPARE(table.shownToAll(), before);
        for (const api::Suggestion &it : table.views[1].suggestions)
            QCOMPARE(it.member, MemberIndex(0)); // not of who took it back
        table.redo(2);
        table.settle();
        QCOMPARE(table.shownToAll(), after);
        table.undo(2);
        table.settle();
        table.decideAll(1, verdict); // and decided anew, by another
        table.settle();
        QCOMPARE(table.shownToAll(), after);
    }
}

void SuggestionsTest::undoOfASuggestion()
{
    Table table(2, "one two");
    api::UndoChanged name;
    table.heard = [&name](std::size_t i, const api::Event &event) {
        if (const auto *it = std::get_if<api::UndoChanged>(&event); it && i == 0)
            name = *it;
    };
    table.suggest(0, 0, "", 1);
    table.settle();
    QVERIFY(name.undoes == api::UndoChanged::What::Suggesting); // no letter came or went
    table.undo(0);
    table.settle();
    table.suggest(0, 4, "2", 3);
    table.settle();
    QVERIFY(name.undoes == api::UndoChanged::What::Typing);
    table.undo(0);
    table.settle();
    SHOWN(table, "one two");
    table.redo(0);
    table.settle();
    SHOWN(table, "one [-two-][+2+]");
    table.type(1, 0, "> ");
    table.settle();
    table.undo(0); // leaves what others wrote
    table.settle();
    SHOWN(table, "> one two");
}

void SuggestionsTest::writingBesideIsNotSuggested()
{
    Table table(2, "one");
    table.suggest(0, 3, "two");
    table.settle();
    table.type(0, 6, "thr");
    table.type(0, 9, "ee");
    table.type(0, 4, "_"); // amid
    table.settle();
    SHOWN(table, "one[+t+]_[+wo+]three");
    table.decideAll(1, Verdict::Rejected);
    table.settle();
    SHOWN(table, "one_three");
}

void SuggestionsTest::othersLettersInsideAreTheirs()
{
    Table table(2, "one two");
    table.suggest(0, 3, "xxxx");
    table.strike(0, 8, 11);
    table.settle();
    SHOWN(table, "one[+xxxx+] [-two-]");
    table.isolate(1);
    table.type(1, 5, "Y");
    table.type(1, 8, "#");  // before two
    table.type(1, 11, "Z"); // amid what is struck
    table.settle();
    table.isolate(1, false);
    table.settle();
    table.group.run(10s);
    table.settle();
    SHOWN(table, "one[+xx+]Y[+xx+]# [-t-]Z[-wo-]");
    table.decideAll(0, Verdict::Rejected);
    table.settle();
    SHOWN(table, "oneY# tZwo");
}

/// Pauses and places make groups; who goes on nearby soon after goes on with the same.
void SuggestionsTest::sittings()
{
    Table table(2, std::string(300, '.'));
    table.suggest(0, 10, "a");
    table.settle();
    table.suggest(0, 12, "b");
    table.settle();
    QCOMPARE(table.views[1].suggestions.size(), 1U);
    table.suggest(0, 200, "c");
    table.settle();
    QCOMPARE(table.views[1].suggestions.size(), 2U);
    table.group.run(11s);
    table.suggest(0, 201, "d");
    table.settle();
    QCOMPARE(table.views[1].suggestions.size(), 3U);
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    table.suggest(0, 202, "e");
    table.settle();
    QCOMPARE(table.views[1].suggestions.size(), 1U);
    QCOMPARE(table.views[1].suggestions.front().added, std::string("e"));
}

/// One decision stands at all; no word is lost that it keeps.
void SuggestionsTest::acceptedAndRejectedAtOnce()
{
    for (int accepts = 1; accepts <= 2; ++accepts) {
        Table table(3, "one two three");
        table.suggest(0, 4, "2", 3);
        table.settle();
        table.isolate(1);
        table.isolate(2);
        const auto rejects = static_cast<std::size_t>(3 - accepts);
        table.decideAll(static_cast<std::size_t>(accepts), Verdict::Accepted);
        table.decideAll(rejects, Verdict::Rejected);
        table.settle();
        QCOMPARE(table.shown(static_cast<std::size_t>(accepts)), std::string("one 2 three"));
        QCOMPARE(table.shown(rejects), std::string("one two three"));
        for (std::size_t i = 0; i < 3; ++i)
            table.group.subscribe(i);
        for (std::size_t i = 0; i < 3; ++i) {
            table.views[i] = nlbd::testing::StyledView(table.doc, 1);
            table.views[i].outbox.emplace_back(api::OpenDocument{table.doc, 1});
        }
        table.settle();
        table.isolate(1, false);
        table.isolate(2, false);
        table.group.run(10s);
        std::size_t told = 0;
        std::optional<Verdict> stands;
        for (std::size_t i = 0; i < 3; ++i)
            for (const api::Event &event : table.group.takeEvents(i)) {
                table.views[i].take(event);
                if (const auto *it = std::get_if<api::SuggestionContested>(&event)) {
                    ++told;
                    QVERIFY(!stands || *stands == it->stands);
                    stands = it->stands;
                    QVERIFY(it->by != it->against);
                }
            }
        QVERIFY(told >= 3 && stands);
        const bool isAccepted = *stands == Verdict::Accepted;
        SHOWN(table, isAccepted ? "one 2 three" : "one two three");
        for (std::size_t i = 0; i < 3; ++i)
            QCOMPARE(*table.group.at(i).text(table.doc), table.shownToAll());
        table.group.restart(1); // and is settled for good
        table.group.run(5s);
        QCOMPARE(*table.group.at(1).text(table.doc), table.shownToAll());
    }
}

void SuggestionsTest::sameDecisionAtOnce()
{
    Table table(3, "one two three");
    table.suggest(0, 4, "2", 3);
    table.settle();
    table.isolate(1);
    table.decideAll(1, Verdict::Accepted);
    table.decideAll(0, Verdict::Accepted);
    table.settle();
    table.isolate(1, false);
    table.group.run(10s);
    table.settle();
    SHOWN(table, "one 2 three");
}

void SuggestionsTest::aWordInARemovedParagraph()
{
    Table table(3, "first\nhello world\nlast");
    table.isolate(1);
    table.type(0, 6, "", 12); // the paragraph
    table.type(1, 11, " big");
    table.settle();
    table.type(1, 15, "ger"); // goes on, by another change
    table.settle();
    table.isolate(1, false);
    table.group.run(10s);
    table.settle();
    SHOWN(table, "first\n[= bigger=]last");
    const api::Suggestion &it = table.views[2].suggestions.front();
    QVERIFY(it.kind == Kind::Kept);
    QCOMPARE(it.member, MemberIndex(1));
    QCOMPARE(*it.removedBy, MemberIndex(0));
    QCOMPARE(it.added, std::string(" bigger"));
    QCOMPARE(table.views[2].suggestions.size(), 1U);
}

void SuggestionsTest::keptIsDecided()
{
    for (const Verdict verdict : {Verdict::Accepted, Verdict::Rejected}) {
        Table table(2, "first\nhello world\nlast");
        table.isolate(1);
        table.type(0, 6, "", 12);
        table.type(1, 11, " big");
        table.settle();
        table.isolate(1, false);
        table.group.run(10s);
        table.settle();
        table.decideAll(0, verdict);
        table.settle();
        SHOWN(table, verdict == Verdict::Accepted ? "first\n biglast" : "first\nlast");
        if (verdict == Verdict::Accepted) {
            table.undo(0);
            table.settle();
            SHOWN(table, "first\n[= big=]last");
        }
        table.open(1);
        table.settle();
        QCOMPARE(table.shown(1), table.shown(0));
    }
}

void SuggestionsTest::keptNoMoreWhenTheParagraphIsBack()
{
    Table table(2, "first\nhello world\nlast");
    table.isolate(1);
    table.type(0, 6, "", 12);
    table.type(1, 11, " big");
    table.settle();
    table.isolate(1, false);
    table.group.run(10s);
    table.settle();
    SHOWN(table, "first\n[= big=]last");
    table.undo(0);
    table.settle();
    SHOWN(table, "first\nhello big world\nlast");
}

void SuggestionsTest::besideIsNotInside()
{
    Table table(2, "one two three");
    table.isolate(1);
    table.type(0, 4, "", 4); // "two "
    table.type(1, 4, "X");
    table.type(1, 9, "Y");
    table.settle();
    table.isolate(1, false);
    table.group.run(10s);
    table.settle();
    SHOWN(table, "one XYthree");
    // Who knows that it was removed writes there like anywhere.
    table.type(1, 5, "Z");
    table.settle();
    SHOWN(table, "one XZYthree");
}

void SuggestionsTest::afterAStart()
{
    Table table(2, "first\nhello world\nlast one");
    table.suggest(0, 23, "2", 3);
    table.settle();
    table.isolate(1);
    table.type(0, 6, "", 12);
    table.type(1, 11, " big");
    table.settle();
    table.isolate(1, false);
    table.group.run(10s);
    table.settle();
    const auto before = table.shownToAll();
    QCOMPARE(QString::fromStdString(before), QString("first\n[= big=]last [-one-][+2+]"));
    table.group.restart(1);
    table.open(1);
    table.settle();
    QCOMPARE(table.shownToAll(), before);
    table.decideAll(1, Verdict::Accepted);
    table.settle();
    SHOWN(table, "first\n biglast 2");
    table.group.restart(0);
    table.open(0);
    table.settle();
    SHOWN(table, "first\n biglast 2");
}

/// The marks of suggestions are the engine's: a view can neither set nor clear them.
void SuggestionsTest::viewsMayNotSayIt()
{
    Table table(2, "one two");
    table.suggest(0, 3, "!");
    table.settle();
    const std::string id = table.views[0].suggestions.front().group;
    using Value = std::optional<std::string>;
    const std::vector<std::string> keys{"added:" + id, "removed:" + id, "kept"};
    for (const std::string &key : keys)
        for (const Value &value : std::vector<Value>{"1", std::nullopt})
            table.views[1].edit({}, {{0, 7, {{key, value}}}}, api::EditText::Cause::Format);
    table.settle();
    SHOWN(table, "one[+!+] two");
    for (const auto &view : table.views)
        for (const auto &letter : view.letters())
            QVERIFY(letter.attributes.empty()); // and does not see them among formats
}

void SuggestionsTest::nothingToDecide()
{
    Table table(2, "one");
    table.decide(0, Verdict::Accepted, {"0.1", "", "kept.0.1", "x", "0.99999999999999999999"});
    table.decide(0, Verdict::Rejected, std::vector<std::string>(2'000, "0.1"));
    table.settle();
    SHOWN(table, "one");
    QCOMPARE(table.group.at(0).graph().size(), table.group.at(1).graph().size());
}

QTEST_GUILESS_MAIN(SuggestionsTest)
#include "suggestions_test.moc"
