#include "core/crdt/document.h"
#include "tests/support/fake_history.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::FakeHistory;

namespace {

/// A writes "hello" and a counter, B knows it; both go on, apart or together.
struct Two {
    FakeHistory history{2};
    Document a{history};
    Document b{history};
    std::vector<ChangeHandle> knownToA;
    std::vector<ChangeHandle> knownToB;
    std::map<ChangeHandle, Ops> ops;
    OpId counter;
    OpId list;

    Two()
    {
        (void)byA([this](Document &it, Draft &draft) {
            it.insert(0, "hello", draft);
            counter = it.set(kRoot, "sum", Value(Value::Kind::Counter), draft);
            list = it.set(kRoot, "list", Value(Value::Kind::List), draft);
            (void)it.insertItem(list, 0, "one", draft);
            (void)it.insertItem(list, 1, "two", draft);
        });
        meet();
    }

    template <typename Edit>
    ChangeHandle byA(Edit edit)
    {
        return by(0, a, knownToA, edit);
    }
    template <typename Edit>
    ChangeHandle byB(Edit edit)
    {
        return by(1, b, knownToB, edit);
    }
    ChangeHandle takeBack(ChangeHandle change)
    {
        return byA(
            [change](Document &it, Draft &draft) { it.revert(change, 0, UINT32_MAX, draft); });
    }
    /// The same for a person who remembers what came back, and what she did since.
    ChangeHandle takeBack(ChangeHandle change, std::set<ChangeHandle> own, Copies &copies)
    {
        own.insert(change);
        return byA([&](Document &it, Draft &draft) {
            Reversal reversal({IdRange::whole(change)}, own, copies);
            TextPatches patches;
            while (it.revertStep(reversal, draft, patches)) {
            }
        });
    }
    void meet()
    {
        give(knownToA, b, knownToB);
        give(knownToB, a, knownToA);
        QCOMPARE(QString::fromStdString(a.text()), QString::fromStdString(b.text()));
        QVERIFY(a.content(0, a.length()) == b.content(0, b.length()));
    }

private:
    template <typename Edit>
    ChangeHandle by(std::size_t device, Document &document, std::vector<ChangeHandle> &known,
                    Edit edit)
    {
        Draft draft{history.open(device), {}, 0};
        edit(document, draft);
        history.sign(draft.change, known, device);
        known.push_back(draft.change);
        ops[draft.change] = draft.ops;
        return draft.change;
    }
    void give(const std::vector<ChangeHandle> &from, Document &to, std::vector<ChangeHandle> &known)
    {
        for (const ChangeHandle change : from) {
            if (std::ranges::find(known, change) != known.end())
                continue;
            known.push_back(change);
            (void)to.apply(change, ops.at(change));
        }
    }
};

/// "a[b:1]c" for a text with marks or attributes.
std::string shown(const Document &document)
{
    std::string text;
    for (const DeltaStep &step : document.content(0, document.length())) {
        text += step.kind == DeltaStep::Kind::Insert ? step.text : "<end>";
        for (const auto &[key, value] : step.attributes)
            text += "[" + key + ":" + value.value_or("-") + "]";
    }
    return text;
}

} // namespace

class TakingBackTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void lettersOfOthersStay()
    {
        Two it;
        const ChangeHandle typed =
            it.byA([](Document &doc, Draft &draft) { doc.insert(5, " world", draft); });
        it.meet();
        (void)it.byB([](Document &doc, Draft &draft) { doc.insert(8, "__", draft); });
        it.meet();
        const ChangeHandle back = it.takeBack(typed);
        it.meet();
        QCOMPARE(it.b.text(), std::string("hello__"));
        (void)it.takeBack(back);
        it.meet();
        QCOMPARE(it.b.text(), std::string("hello wo__rld"));
    }

    void numbersAreTakenBackOneByOne()
    {
        Two it;
        const ChangeHandle typed =
            it.byA([](Document &doc, Draft &draft) { doc.insert(0, "abcd", draft); });
        (void)it.byA([&](Document &doc, Draft &draft) { doc.revert(typed, 1, 2, draft); });
        QCOMPARE(it.a.text(), std::string("adhello"));
    }

    void deletedByAnotherTooStaysAway()
    {
        Two it;
        const auto erase = [](Document &doc, Draft &draft) { doc.erase(1, 3, draft); };
        const ChangeHandle mine = it.byA(erase);
        (void)it.byB([](Document &doc, Draft &draft) { doc.erase(2, 1, draft); });
        it.meet();
        (void)it.takeBack(mine);
        it.meet();
        QCOMPARE(it.a.text(), std::string("helo"));
    }

    void comesBackWhereItWas()
    {
        Two it;
        const ChangeHandle mine =
            it.byA([](Document &doc, Draft &draft) { doc.erase(1, 3, draft); });
        (void)it.byB([](Document &doc, Draft &draft) { doc.insert(3, "^", draft); });
        it.meet();
        QCOMPARE(it.a.text(), std::string("h^o"));
        (void)it.takeBack(mine);
        it.meet();
        QCOMPARE(it.a.text(), std::string("hel^lo"));
    }

    void comesBackWithWhatWasSet()
    {
        Two it;
        (void)it.byA([](Document &doc, Draft &draft) {
            doc.insert(5, "\n", draft);
            doc.setAttribute(5, "block", "heading", draft);
            doc.mark(1, 3, "link", "x", draft);
        });
        const std::string before = shown(it.a);
        const ChangeHandle gone =
            it.byA([](Document &doc, Draft &draft) { doc.erase(0, 6, draft); });
        (void)it.takeBack(gone);
        it.meet();
        QCOMPARE(shown(it.b), before);
        QCOMPARE(before, std::string("hel[link:x]lo\n[block:heading]"));
    }

    void marksAreReplacedWhereTheyWin()
    {
        Two it;
        const auto mark = [](TextOffset from, TextOffset to, const std::string &value) {
            return
                [=](Document &doc, Draft &draft) { doc.mark(from, to, "highlight", value, draft); };
        };
        (void)it.byB(mark(0, 2, "below"));
        it.meet();
        const ChangeHandle mine = it.byA(mark(0, 4, "mine"));
        it.meet();
        (void)it.byB(mark(3, 5, "above"));
        it.meet();
        QCOMPARE(shown(it.a), std::string("hel[highlight:mine]lo[highlight:above]"));
        const ChangeHandle back = it.takeBack(mine);
        it.meet();
        QCOMPARE(shown(it.b), std::string("he[highlight:below]llo[highlight:above]"));
        (void)it.takeBack(back);
        it.meet();
        QCOMPARE(shown(it.b), std::string("hel[highlight:mine]lo[highlight:above]"));
    }

    void settingsOnlyWhereTheyWin()
    {
        Two it;
        const auto set = [](const std::string &value) {
            return [=](Document &doc, Draft &draft) {
                doc.setAttribute(5, "block", value, draft);
                doc.set(kRoot, "title", value, draft);
            };
        };
        (void)it.byB(set("first"));
        it.meet();
        const ChangeHandle mine = it.byA(set("mine"));
        it.meet();
        const ChangeHandle back = it.takeBack(mine);
        QCOMPARE(std::string(it.a.field("title")), std::string("first"));
        QCOMPARE(shown(it.a), std::string("hello<end>[block:first]"));
        (void)it.takeBack(back);
        QCOMPARE(std::string(it.a.field("title")), std::string("mine"));
        it.meet();
        (void)it.byB(set("last"));
        it.meet();
        const ChangeHandle nothing = it.takeBack(mine);
        QVERIFY(it.ops.at(nothing).empty());
        QCOMPARE(std::string(it.a.field("title")), std::string("last"));
    }

    void sumsKeepWhatOthersAdded()
    {
        Two it;
        const ChangeHandle mine =
            it.byA([&](Document &doc, Draft &draft) { doc.increment(it.counter, 5, draft); });
        (void)it.byB([&](Document &doc, Draft &draft) { doc.increment(it.counter, 7, draft); });
        it.meet();
        (void)it.takeBack(mine);
        it.meet();
        QCOMPARE(it.b.counter(it.counter), std::int64_t(7));
    }

    void itemsComeAndGo()
    {
        Two it;
        const auto texts = [&](const Document &doc) {
            std::string all;
            for (const Document::Item &item : doc.items(doc.entries(kRoot, "list").front().id))
                all += item.entry.value.text + " ";
            return all;
        };
        const ChangeHandle mine = it.byA([&](Document &doc, Draft &draft) {
            doc.eraseItem(it.list, 0, draft);
            (void)doc.insertItem(it.list, 1, "three", draft);
        });
        const ChangeHandle back = it.takeBack(mine);
        QCOMPARE(texts(it.a), std::string("one two "));
        (void)it.takeBack(back);
        QCOMPARE(texts(it.a), std::string("two three "));
        const ChangeHandle gone =
            it.byA([](Document &doc, Draft &draft) { doc.set(kRoot, "list", Value(), draft); });
        QVERIFY(it.a.entries(kRoot, "list").empty());
        (void)it.takeBack(gone);
        it.meet();
        QCOMPARE(texts(it.b), std::string("two three "));
    }

    void whatCameBackOnceDoesNotAgain()
    {
        Two it;
        Copies copies;
        const ChangeHandle gone =
            it.byA([](Document &doc, Draft &draft) { doc.erase(1, 3, draft); });
        const ChangeHandle back = it.takeBack(gone, {}, copies);
        QCOMPARE(it.a.text(), std::string("hello"));
        QVERIFY(it.ops.at(it.takeBack(gone, {back}, copies)).empty());
        it.meet();
        (void)it.byB([](Document &doc, Draft &draft) { doc.erase(2, 1, draft); });
        it.meet();
        QVERIFY(it.ops.at(it.takeBack(gone, {back}, copies)).empty());
        QCOMPARE(it.a.text(), std::string("helo"));
    }

    /// Of a letter that came back as another, too.
    void othersSettingsStay()
    {
        Two it;
        Copies copies;
        (void)it.byA([](Document &doc, Draft &draft) { doc.insert(2, "\n", draft); });
        const auto set = [](const std::string &value) {
            return [=](Document &doc, Draft &draft) { doc.setAttribute(2, "block", value, draft); };
        };
        const ChangeHandle mine = it.byA(set("mine"));
        const ChangeHandle gone =
            it.byA([](Document &doc, Draft &draft) { doc.erase(2, 1, draft); });
        const ChangeHandle back = it.takeBack(gone, {}, copies);
        QCOMPARE(shown(it.a), std::string("he\n[block:mine]llo"));
        it.meet();
        (void)it.byB(set("theirs"));
        const ChangeHandle cleared = it.takeBack(mine, {gone, back}, copies);
        QCOMPARE(shown(it.a), std::string("he\nllo"));
        (void)it.takeBack(cleared, {}, copies);
        QCOMPARE(shown(it.a), std::string("he\n[block:mine]llo"));
        it.meet();
        (void)it.byB(set("theirs"));
        it.meet();
        QVERIFY(it.ops.at(it.takeBack(mine, {gone, back, cleared}, copies)).empty());
        QCOMPARE(shown(it.b), std::string("he\n[block:theirs]llo"));
    }

    void voidChangesHaveNothingToTakeBack()
    {
        Two it;
        const ChangeHandle added =
            it.byA([&](Document &doc, Draft &draft) { doc.increment(it.counter, 5, draft); });
        (void)it.a.setVoid(added, true);
        QVERIFY(it.ops.at(it.takeBack(added)).empty());
        const ChangeHandle erased =
            it.byA([](Document &doc, Draft &draft) { doc.erase(0, 1, draft); });
        const ChangeHandle typed =
            it.byA([](Document &doc, Draft &draft) { doc.insert(0, "J", draft); });
        (void)it.a.setVoid(erased, true);
        (void)it.a.setVoid(typed, true);
        QCOMPARE(it.a.text(), std::string("hello"));
        QVERIFY(it.ops.at(it.takeBack(erased)).empty());
        QVERIFY(it.ops.at(it.takeBack(typed)).empty());
        (void)it.a.setVoid(typed, false);
        QCOMPARE(it.a.text(), std::string("Jhello"));
        const ChangeHandle back = it.takeBack(typed);
        QCOMPARE(it.a.text(), std::string("hello"));
        (void)it.a.setVoid(back, true);
        QCOMPARE(it.a.text(), std::string("Jhello"));
    }
};

QTEST_APPLESS_MAIN(TakingBackTest)
#include "taking_back_test.moc"
