#include "tests/support/two_writers.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::FakeHistory;
using nlbd::test::TwoWriters;

namespace {

using Kind = Value::Kind;
using Strings = std::vector<std::string>;

Strings textsOf(const std::vector<Document::Entry> &entries)
{
    Strings texts;
    for (const Document::Entry &entry : entries)
        texts.push_back(entry.value.text);
    return texts;
}

Strings textsOf(const std::vector<Document::Item> &items)
{
    Strings texts;
    for (const Document::Item &item : items)
        texts.push_back(item.entry.value.text);
    return texts;
}

} // namespace

/// Maps, lists and counters.
class ObjectsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // ---- Maps

    void mapsNest()
    {
        TwoWriters pair;
        OpId task;
        OpId sub;
        pair.begin([&](Document &document, Draft &draft) {
            task = document.set(kRoot, "task", Value(Kind::Map), draft);
            document.set(task, "name", "buy milk", draft);
            sub = document.set(task, "sub", Value(Kind::Map), draft);
            document.set(sub, "name", "which?", draft);
        });
        for (const Document *document : {&pair.ann, &pair.bob}) {
            QVERIFY(document->keys(kRoot) == Strings{"task"});
            QVERIFY(document->keys(task) == (Strings{"name", "sub"}));
            QVERIFY(document->entries(sub, "name")
                    == (std::vector{Document::Entry{"which?", {pair.base[0], 3}}}));
            QVERIFY(document->entries(task, "sub")
                    == (std::vector{Document::Entry{Value(Kind::Map), sub}}));
            // An object is no text of the document's own map.
            QVERIFY(document->field("task").empty());
            QVERIFY(document->fieldValues("task").empty() && document->fieldKeys().empty());
        }
    }

    void concurrentValuesAreReadable()
    {
        TwoWriters pair;
        pair.begin(
            [](Document &document, Draft &draft) { document.set(kRoot, "title", "old", draft); });
        const auto [ann, bob] = pair.concurrently(
            2, [](Document &it, Draft &draft) { it.set(kRoot, "title", "ann's", draft); }, 1,
            [](Document &it, Draft &draft) { it.set(kRoot, "title", "bob's", draft); });
        for (const Document *document : {&pair.ann, &pair.bob}) {
            QVERIFY(textsOf(document->entries(kRoot, "title")) == (Strings{"ann's", "bob's"}));
            QVERIFY(document->fieldValues("title") == (Strings{"ann's", "bob's"}));
            QCOMPARE(document->field("title"), std::string_view("ann's"));
        }
        pair.setVoid(ann, true);
        QVERIFY(pair.bob.fieldValues("title") == Strings{"bob's"});
        pair.setVoid(bob, true);
        QVERIFY(pair.bob.fieldValues("title") == Strings{"old"});
        pair.setVoid(pair.base[0], true);
        QVERIFY(pair.bob.fieldValues("title").empty() && pair.bob.fieldKeys().empty());
        pair.setVoid(ann, false);
        QVERIFY(pair.bob.fieldValues("title") == Strings{"ann's"});
        pair.setVoid(bob, false);
        QVERIFY(pair.bob.fieldValues("title") == (Strings{"ann's", "bob's"}));
    }

    /// A removal takes away what its author saw, whichever of both is later.
    void removalLosesToConcurrentValue_data()
    {
        QTest::addColumn<int>("removalTie");
        QTest::newRow("removed earlier") << 0;
        QTest::newRow("removed later") << 9;
    }

    void removalLosesToConcurrentValue()
    {
        QFETCH(int, removalTie);
        TwoWriters pair;
        pair.begin([](Document &document, Draft &draft) {
            document.set(kRoot, "color", "red", draft);
            document.set(kRoot, "size", "5", draft);
        });
        const auto [ann, bob] = pair.concurrently(
            std::uint64_t(removalTie),
            [](Document &it, Draft &draft) {
                it.set(kRoot, "color", Value(), draft);
                it.set(kRoot, "size", Value(), draft);
            },
            5, [](Document &it, Draft &draft) { it.set(kRoot, "color", "blue", draft); });
        QVERIFY(pair.ann.keys(kRoot) == Strings{"color"});
        QVERIFY(textsOf(pair.bob.entries(kRoot, "color")) == Strings{"blue"});
        pair.setVoid(bob, true);
        QVERIFY(pair.ann.keys(kRoot).empty());
        pair.setVoid(ann, true);
        QVERIFY(pair.ann.keys(kRoot) == (Strings{"color", "size"}));
        QVERIFY(textsOf(pair.bob.entries(kRoot, "color")) == Strings{"red"});
    }

    /// Who writes into a map that another overwrites meanwhile does no harm.
    void overwrittenObjectsLiveOn()
    {
        TwoWriters pair;
        OpId map;
        pair.begin([&](Document &document, Draft &draft) {
            map = document.set(kRoot, "settings", Value(Kind::Map), draft);
        });
        const auto [ann, bob] = pair.concurrently(
            1, [](Document &it, Draft &draft) { it.set(kRoot, "settings", "none", draft); }, 2,
            [&](Document &it, Draft &draft) { it.set(map, "font", "serif", draft); });
        for (const Document *document : {&pair.ann, &pair.bob}) {
            QVERIFY(textsOf(document->entries(kRoot, "settings")) == Strings{"none"});
            QVERIFY(textsOf(document->entries(map, "font")) == Strings{"serif"});
        }
        pair.setVoid(ann, true);
        QCOMPARE(pair.ann.entries(kRoot, "settings").front().id, map);
        pair.setVoid(pair.base[0], true);
        QVERIFY(pair.ann.entries(map, "font").empty() && pair.ann.keys(map).empty());
        pair.setVoid(pair.base[0], false);
        QVERIFY(pair.ann.keys(map) == Strings{"font"});
    }

    // ---- Lists

    void listsKeepRunsWhole()
    {
        TwoWriters pair;
        OpId list;
        pair.begin([&](Document &document, Draft &draft) {
            list = document.set(kRoot, "list", Value(Kind::List), draft);
            document.insertItem(list, 0, "first", draft);
            document.insertItem(list, 1, "last", draft);
        });
        const auto add = [&](const char *first, const char *second) {
            return [&list, first, second](Document &it, Draft &draft) {
                it.insertItem(list, 1, first, draft);
                it.insertItem(list, 2, second, draft);
            };
        };
        const auto [ann, bob] = pair.concurrently(2, add("a1", "a2"), 1, add("b1", "b2"));
        const Strings both{"first", "b1", "b2", "a1", "a2", "last"};
        QVERIFY(textsOf(pair.ann.items(list)) == both);
        QVERIFY(textsOf(pair.bob.items(list)) == both);
        pair.setVoid(bob, true);
        QVERIFY(textsOf(pair.ann.items(list)) == (Strings{"first", "a1", "a2", "last"}));
        pair.setVoid(bob, false);
        QVERIFY(textsOf(pair.ann.items(list)) == both);
    }

    void itemsGoAndComeBack()
    {
        TwoWriters pair;
        OpId list;
        pair.begin([&](Document &document, Draft &draft) {
            list = document.set(kRoot, "list", Value(Kind::List), draft);
            for (const char *text : {"a", "b", "c"})
                document.insertItem(list, document.items(list).size(), text, draft);
        });
        // Both delete b; Bob changes c, which Ann deletes too, and adds behind it.
        const auto [ann, bob] = pair.concurrently(
            1,
            [&](Document &it, Draft &draft) {
                it.eraseItem(list, 1, draft);
                it.eraseItem(list, 1, draft);
            },
            2,
            [&](Document &it, Draft &draft) {
                it.eraseItem(list, 1, draft);
                it.set(it.items(list)[1].id, "", "C", draft);
                it.insertItem(list, 2, "d", draft);
            });
        QVERIFY(textsOf(pair.ann.items(list)) == (Strings{"a", "d"}));
        pair.setVoid(ann, true);
        QVERIFY(textsOf(pair.bob.items(list)) == (Strings{"a", "C", "d"}));
        pair.setVoid(bob, true);
        QVERIFY(textsOf(pair.bob.items(list)) == (Strings{"a", "b", "c"}));
        pair.setVoid(ann, false);
        QVERIFY(textsOf(pair.bob.items(list)) == Strings{"a"});
    }

    void listsDoNotMix()
    {
        TwoWriters pair;
        std::vector<OpId> lists;
        pair.begin([&](Document &document, Draft &draft) {
            for (const char *key : {"a", "b", "c"})
                lists.push_back(document.set(kRoot, key, Value(Kind::List), draft));
            // In another order than they were made, and one in another's item.
            document.insertItem(lists[2], 0, "c", draft);
            document.insertItem(lists[0], 0, "a", draft);
            lists.push_back(document.insertItem(lists[0], 1, Value(Kind::List), draft));
            document.insertItem(lists[3], 0, "inner", draft);
            document.insertItem(lists[0], 2, "z", draft);
        });
        for (const Document *document : {&pair.ann, &pair.bob}) {
            QVERIFY(textsOf(document->items(lists[0])) == (Strings{"a", "", "z"}));
            QVERIFY(document->items(lists[1]).empty());
            QVERIFY(textsOf(document->items(lists[2])) == Strings{"c"});
            QVERIFY(textsOf(document->items(lists[3])) == Strings{"inner"});
        }
    }

    // ---- Counters

    void countersAddUp()
    {
        TwoWriters pair;
        OpId votes;
        pair.begin([&](Document &document, Draft &draft) {
            votes = document.set(kRoot, "votes", Value(Kind::Counter), draft);
            document.increment(votes, 5, draft);
        });
        const auto [ann, bob] = pair.concurrently(
            1,
            [&](Document &it, Draft &draft) {
                it.increment(votes, 2, draft);
                it.increment(votes, -4, draft);
            },
            2, [&](Document &it, Draft &draft) { it.increment(votes, INT64_MAX, draft); });
        QCOMPARE(pair.ann.counter(votes), INT64_MIN + 2);
        QCOMPARE(pair.bob.counter(votes), INT64_MIN + 2);
        pair.setVoid(bob, true);
        QCOMPARE(pair.bob.counter(votes), std::int64_t(3));
        pair.setVoid(ann, true);
        pair.setVoid(ann, true);
        QCOMPARE(pair.ann.counter(votes), std::int64_t(5));
        pair.setVoid(pair.base[0], true);
        QCOMPARE(pair.ann.counter(votes), std::int64_t(0));
    }

    /// A ghost is named, not seen: it comes after it was found to be void.
    void ghostsComeWithoutEffect()
    {
        FakeHistory history(2);
        Document document(history);
        const ChangeHandle base = history.add(0, {}, 0);
        const OpId list{base, 0};
        const OpId counter{base, 1};
        (void)document.apply(base,
                             {SetField{"l", Value(Kind::List)}, SetField{"c", Value(Kind::Counter)},
                              InsertItem{list, kRoot, Side::Right, "a"}, SetField{"t", "old"}});
        const ChangeHandle ghost = history.add(1, {base}, 0);
        (void)document.setVoid(ghost, true);
        (void)document.apply(ghost,
                             {InsertItem{list, {base, 2}, Side::Right, "b"}, DeleteItem{{base, 2}},
                              Increment{counter, 7}, SetField{"t", "new"},
                              SetAttribute{kRoot, "block", "code"}});
        QVERIFY(textsOf(document.items(list)) == Strings{"a"});
        QCOMPARE(document.counter(counter), std::int64_t(0));
        QCOMPARE(document.field("t"), std::string_view("old"));
        QVERIFY(document.takeRestyled().empty());
        document.checkInvariants();
        (void)document.setVoid(ghost, false);
        QVERIFY(textsOf(document.items(list)) == Strings{"b"});
        QCOMPARE(document.counter(counter), std::int64_t(7));
        QCOMPARE(document.field("t"), std::string_view("new"));
        QVERIFY(document.attributes(0) == (Attributes{{"block", "code"}}));
        document.checkInvariants();
    }
};

QTEST_APPLESS_MAIN(ObjectsTest)
#include "objects_test.moc"
