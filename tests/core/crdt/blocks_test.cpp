#include "tests/support/two_writers.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::FakeHistory;
using nlbd::test::TwoWriters;

namespace {

/// "one{block:task} two{}", a break between the blocks.
std::string picture(const Document &document)
{
    std::string result;
    for (const Block &block : document.blocks(0, document.length())) {
        result += result.empty() ? "" : " / ";
        result += document.text(block.from, block.length);
        for (const auto &[key, value] : block.attributes)
            result += "|" + key + "=" + value;
    }
    return result;
}

void setBlock(Document &document, TextOffset at, const char *key, const char *value, Draft &draft)
{
    document.setAttribute(
        at, key, value == nullptr ? std::nullopt : std::optional<std::string>(value), draft);
}

} // namespace

/// Attributes of letters: of line breaks, which make blocks, and of embedded objects.
class BlocksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// What Ann and Bob do at once to "one/two", a heading and a quote, and what becomes of it.
    void blocks_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("both");
        QTest::addColumn<QString>("withoutBob");
        QTest::newRow("split against join") << 0 << "o|block=h1 / netwo|block=quote"
                                            << "o|block=h1 / ne|block=h1 / two|block=quote";
        QTest::newRow("two splits")
            << 1 << "o|block=h1 / n|block=code / e|block=h1 / two|block=quote"
            << "o|block=h1 / ne|block=h1 / two|block=quote";
        QTest::newRow("restyled against join") << 2 << "onetwo|block=quote"
                                               << "one|block=h2 / two|block=quote";
        QTest::newRow("indent against deletion") << 3 << "two|block=quote"
                                                 << "one|block=h1|indent=2 / two|block=quote";
        QTest::newRow("done against split")
            << 4 << "o|block=h1 / ne|block=h1|done=1 / two|block=quote"
            << "one|block=h1|done=1 / two|block=quote";
        QTest::newRow("cleared against set") << 5 << "one|block=h2 / two|block=quote"
                                             << "one / two|block=quote";
        QTest::newRow("last block against join") << 6 << "onetwo|block=code"
                                                 << "one|block=h1 / two|block=code";
    }

    void blocks()
    {
        QFETCH(int, which);
        QFETCH(QString, both);
        QFETCH(QString, withoutBob);
        using Write = void (*)(Document &, Draft &);
        const Write split = [](Document &it, Draft &draft) {
            it.insert(1, "\n", draft);
            setBlock(it, 1, "block", "h1", draft);
        };
        const Write splitLater = [](Document &it, Draft &draft) {
            it.insert(2, "\n", draft);
            setBlock(it, 2, "block", "code", draft);
        };
        const Write join = [](Document &it, Draft &draft) { it.erase(3, 1, draft); };
        const Write second = [](Document &it, Draft &draft) {
            setBlock(it, 3, "block", "h2", draft);
        };
        const Write indent = [](Document &it, Draft &draft) {
            setBlock(it, 3, "indent", "2", draft);
        };
        const Write remove = [](Document &it, Draft &draft) { it.erase(0, 4, draft); };
        const Write done = [](Document &it, Draft &draft) { setBlock(it, 3, "done", "1", draft); };
        const Write clear = [](Document &it, Draft &draft) {
            setBlock(it, 3, "block", nullptr, draft);
        };
        const Write last = [](Document &it, Draft &draft) {
            setBlock(it, it.length(), "block", "code", draft);
        };
        const std::pair<Write, Write> all[] = {
            {split, join}, {split, splitLater}, {second, join}, {indent, remove},
            {done, split}, {clear, second},     {last, join}};
        TwoWriters pair;
        pair.begin([](Document &document, Draft &draft) {
            document.insert(0, "one\ntwo", draft);
            setBlock(document, 3, "block", "h1", draft);
            setBlock(document, 7, "block", "quote", draft);
        });
        const auto [ann, bob] = pair.concurrently(1, all[which].first, 2, all[which].second);
        QCOMPARE(QString::fromStdString(picture(pair.ann)), both);
        QCOMPARE(QString::fromStdString(picture(pair.bob)), both);
        pair.setVoid(bob, true);
        QCOMPARE(QString::fromStdString(picture(pair.ann)), withoutBob);
        pair.setVoid(bob, false);
        pair.setVoid(ann, true);
        pair.setVoid(ann, false);
        QCOMPARE(QString::fromStdString(picture(pair.ann)), both);
    }

    /// Of two blocks that become one, the second's attributes stay, and undoing gives both back.
    void joinsKeepTheSecond()
    {
        FakeHistory history(1);
        Document document(history);
        Draft draft;
        draft.restart(history.open(0));
        document.insert(0, "a\nb\n", draft);
        setBlock(document, 1, "block", "h1", draft);
        setBlock(document, 3, "block", "task", draft);
        history.sign(draft.change, {}, 0);
        const ChangeHandle base = draft.change;
        draft.restart(history.open(0));
        document.erase(1, 1, draft);
        history.sign(draft.change, {base}, 0);
        QCOMPARE(picture(document), std::string("ab|block=task / "));
        (void)document.setVoid(draft.change, true);
        QCOMPARE(picture(document), std::string("a|block=h1 / b|block=task / "));
    }

    void blocksAreWhole()
    {
        FakeHistory history(1);
        Document document(history);
        Draft draft;
        draft.restart(history.open(0));
        const std::string line(500, '.');
        document.insert(0, "\xC3\xA9\n" + line + "\n\nend", draft);
        setBlock(document, 502, "block", "code", draft);
        const Block first{0, 1, {}};
        const Block second{2, 500, {{"block", "code"}}};
        const Block empty{503, 0, {}};
        const Block last{504, 3, {}};
        QVERIFY(document.blocks(0, 507) == (std::vector{first, second, empty, last}));
        QVERIFY(document.blocks(1, 1) == std::vector{first});
        QVERIFY(document.blocks(1, 2) == (std::vector{first, second}));
        QVERIFY(document.blocks(2, 502) == std::vector{second});
        QVERIFY(document.blocks(400, 503) == (std::vector{second, empty}));
        QVERIFY(document.blocks(507, 507) == std::vector{last});
        QVERIFY(Document(history).blocks(0, 0) == (std::vector{Block{0, 0, {}}}));
    }

    void restyledBlocksAreTold()
    {
        FakeHistory history(2);
        Document document(history);
        const ChangeHandle base = history.add(0, {}, 0);
        // 0-2 "ab\n", 3-5 "cd\n", 6 the object, 7 "e"
        (void)document.apply(
            base, {InsertText{kRoot, Side::Right, "ab\ncd\n" + std::string(kObjectLetter) + "e"}});
        QVERIFY(document.takeRestyled().empty());
        const ChangeHandle later = history.add(1, {base}, 0);
        (void)document.apply(later,
                             {SetAttribute{{base, 5}, "block", "h1"},
                              SetAttribute{{base, 5}, "indent", "1"},
                              SetAttribute{{base, 6}, "embed", "hash"}, DeleteText{{base, 2}, 1},
                              SetAttribute{{base, 2}, "block", "h2"}});
        // The break before it went, so the block is "abcd\n"; what is deleted is not named.
        QVERIFY(document.takeRestyled() == (std::vector{Stretch{0, 6}}));
        QVERIFY(document.takeRestyled().empty());
        (void)document.setVoid(later, true);
        QVERIFY(document.takeRestyled() == (std::vector{Stretch{0, 7}}));
        const ChangeHandle last = history.add(1, {base}, 1);
        (void)document.apply(last, {SetAttribute{kRoot, "block", "code"}, SetField{"t", "x"}});
        QVERIFY(document.takeRestyled() == (std::vector{Stretch{6, 2}}));
        // What is inserted is not named; its block is read with it.
        const ChangeHandle own = history.add(0, {last}, 0);
        (void)document.apply(
            own,
            {InsertText{{base, 7}, Side::Right, "\nx"}, SetAttribute{{own, 0}, "block", "h2"}});
        QVERIFY(document.takeRestyled().empty());
        QVERIFY(document.attributes(8) == (Attributes{{"block", "h2"}}));
        // Nobody looked.
        document.integrate(history.add(0, {last}, 0), {SetAttribute{kRoot, "block", "h1"}});
        QVERIFY(document.takeRestyled().empty());
    }

    void objectsInTheTextNameTheirContent()
    {
        TwoWriters pair;
        pair.begin([](Document &document, Draft &draft) {
            document.insert(0, "a", draft);
            document.insert(1, kObjectLetter, draft);
            document.setAttribute(1, "embed", "00ff", draft);
        });
        const auto [ann, bob] = pair.concurrently(
            2, [](Document &it, Draft &draft) { it.setAttribute(1, "embed", "1111", draft); }, 1,
            [](Document &it, Draft &draft) {
                it.setAttribute(1, "embed", "2222", draft);
                it.erase(1, 1, draft);
            });
        QCOMPARE(pair.ann.text(), std::string("a"));
        pair.setVoid(bob, true);
        QVERIFY(pair.ann.attributes(1) == (Attributes{{"embed", "1111"}}));
        pair.setVoid(ann, true);
        QVERIFY(pair.bob.attributes(1) == (Attributes{{"embed", "00ff"}}));
        QVERIFY(pair.bob.attributes(0).empty());
        QVERIFY(pair.bob.attributes(2).empty());
    }
};

QTEST_APPLESS_MAIN(BlocksTest)
#include "blocks_test.moc"
