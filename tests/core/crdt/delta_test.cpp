#include "core/base/random.h"
#include "core/crdt/document.h"
#include "core/crdt/patch_delta.h"
#include "tests/support/fake_history.h"
#include "tests/support/plain_rich.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::FakeHistory;
using nlbd::test::PlainRich;

namespace {

DeltaStep retain(TextOffset length, AttributeChanges attributes = {})
{
    return {DeltaStep::Kind::Retain, length, {}, std::move(attributes)};
}
DeltaStep insert(std::string text, AttributeChanges attributes = {})
{
    return {DeltaStep::Kind::Insert, 0, std::move(text), std::move(attributes)};
}
DeltaStep remove(TextOffset length)
{
    return {DeltaStep::Kind::Delete, length, {}, {}};
}
const AttributeChanges kBold{{"bold", "1"}};
const AttributeChanges kPlain{{"bold", std::nullopt}};

Delta anyDelta(SeededRandom &random, TextOffset length)
{
    Delta delta;
    TextOffset left = length;
    for (std::uint64_t i = random.below(5); i > 0; --i) {
        const auto kind = static_cast<DeltaStep::Kind>(random.below(3));
        const AttributeChanges attributes = random.below(2) == 0 ? AttributeChanges()
            : random.below(2) == 0                               ? kBold
                                                                 : kPlain;
        const auto count = static_cast<TextOffset>(random.below(std::min(left, 4U) + 1));
        if (kind == DeltaStep::Kind::Insert)
            delta.push_back(insert(random.below(3) == 0 ? "\n" : "ab", attributes));
        else
            delta.push_back(kind == DeltaStep::Kind::Retain ? retain(count, attributes)
                                                            : remove(count));
        left -= kind == DeltaStep::Kind::Insert ? 0 : count;
    }
    if (random.below(3) == 0)
        delta.push_back(retain(left + 1, {{"block", "quote"}}));
    return delta;
}

} // namespace

class DeltaTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void composesAsQuillDoes_data();
    void composesAsQuillDoes();
    void composingIsDoingBoth();
    void fitsOnlyInside();
    void insertedTextHasTheMarksItNames();
    void lettersKeepWhatIsTheirs();
    void patchesBecomeSteps();
};

void DeltaTest::composesAsQuillDoes_data()
{
    QTest::addColumn<Delta>("first");
    QTest::addColumn<Delta>("second");
    QTest::addColumn<Delta>("both");
    QTest::newRow("insert, insert")
        << Delta{insert("A")} << Delta{insert("B")} << Delta{insert("BA")};
    QTest::newRow("insert, retain")
        << Delta{insert("A")} << Delta{retain(1, kBold)} << Delta{insert("A", kBold)};
    QTest::newRow("insert, delete") << Delta{insert("A")} << Delta{remove(1)} << Delta{};
    QTest::newRow("delete, insert")
        << Delta{remove(1)} << Delta{insert("B")} << Delta{insert("B"), remove(1)};
    QTest::newRow("delete, retain")
        << Delta{remove(1)} << Delta{retain(1, kBold)} << Delta{remove(1), retain(1, kBold)};
    QTest::newRow("delete, delete") << Delta{remove(1)} << Delta{remove(1)} << Delta{remove(2)};
    QTest::newRow("retain, retain")
        << Delta{retain(1, kBold)} << Delta{retain(1, kPlain)} << Delta{retain(1, kPlain)};
    QTest::newRow("retain, delete")
        << Delta{retain(1, kBold)} << Delta{remove(1)} << Delta{remove(1)};
    QTest::newRow("inside a word")
        << Delta{insert("Hello")} << Delta{retain(3), insert("X")} << Delta{insert("HelXlo")};
    QTest::newRow("marks go from an insertion")
        << Delta{insert("A", kBold)} << Delta{retain(1, kPlain)} << Delta{insert("A")};
    QTest::newRow("retained to the end")
        << Delta{retain(4), insert("A")} << Delta{retain(4)} << Delta{retain(4), insert("A")};
    QTest::newRow("deleted across") << Delta{retain(4), insert("AB")} << Delta{retain(3), remove(2)}
                                    << Delta{retain(3), remove(1), insert("B")};
}

void DeltaTest::composesAsQuillDoes()
{
    QFETCH(Delta, first);
    QFETCH(Delta, second);
    QFETCH(Delta, both);
    QVERIFY(test::compose(first, second) == both);
}

void DeltaTest::composingIsDoingBoth()
{
    SeededRandom random(7);
    for (int i = 0; i < 3000; ++i) {
        PlainRich text(Delta{insert("one"), insert("two\n", kBold)});
        PlainRich together = text;
        const Delta first = anyDelta(random, text.length());
        text.apply(first);
        const Delta second = anyDelta(random, text.length());
        text.apply(second);
        together.apply(test::compose(first, second));
        QVERIFY(together.content() == text.content());
    }
}

void DeltaTest::fitsOnlyInside()
{
    QVERIFY(fits({retain(2), remove(1), insert("x")}, 3));
    QVERIFY(fits({retain(4, kBold)}, 3)); // to the break that ends the text
    QVERIFY(!fits({retain(4), insert("x")}, 3));
    QVERIFY(!fits({retain(5)}, 3));
    QVERIFY(!fits({remove(4)}, 3));
    QVERIFY(!fits({retain(2), remove(2)}, 3));
    QVERIFY(!fits({retain(UINT32_MAX), retain(5)}, 3));
    QVERIFY(!fits({insert("\xC3")}, 3));
}

void DeltaTest::insertedTextHasTheMarksItNames()
{
    FakeHistory history(1);
    Document document(history);
    Draft draft{history.open(0), {}, 0};
    document.edit({insert("ab", {{"bold", "1"}, {"link", "x"}})}, draft);
    document.edit({retain(1), insert("plain")}, draft);
    document.edit({retain(7), insert("!", kBold)}, draft);
    const Delta expected{insert("a", {{"bold", "1"}, {"link", "x"}}), insert("plain"),
                         insert("b", {{"bold", "1"}, {"link", "x"}}), insert("!", kBold)};
    QVERIFY(document.content(0, document.length()) == expected);
    // Bold text typed behind bold text needs no op for that.
    const std::size_t ops = draft.ops.size();
    document.edit({retain(8), insert("?", kBold)}, draft);
    QVERIFY(draft.ops.size() <= ops + 1);
}

void DeltaTest::lettersKeepWhatIsTheirs()
{
    FakeHistory history(1);
    Document document(history);
    Draft draft{history.open(0), {}, 0};
    const std::string object(kObjectLetter);
    document.edit({insert("ab\n" + object, {{"block", "quote"}, {"embed", "hash"}})}, draft);
    document.edit({retain(5, {{"block", "heading"}})}, draft);
    const Delta expected{insert("ab"),
                         insert("\n" + object, {{"block", "heading"}, {"embed", "hash"}}),
                         retain(1, {{"block", "heading"}})};
    QVERIFY(document.content(0, document.length()) == expected);
    QVERIFY(document.content(1, 2) == Delta{insert("b")});
}

void DeltaTest::patchesBecomeSteps()
{
    using Kind = PatchSteps::Step::Kind;
    const auto told = [](const TextPatches &patches) {
        std::string text;
        const PatchSteps composed(patches);
        for (const PatchSteps::Step &it : composed.steps())
            text += (it.kind == Kind::Kept           ? "="
                         : it.kind == Kind::Inserted ? "+"
                                                     : "-")
                + std::to_string(it.length);
        return text;
    };
    QCOMPARE(told({{2, 0, "ab"}}), std::string("=2+2"));
    QCOMPARE(told({{2, 1, "ab"}, {2, 2, ""}}), std::string("=2-1"));
    QCOMPARE(told({{2, 0, "abc"}, {3, 1, ""}}), std::string("=2+1+1"));
    QCOMPARE(told({{4, 2, ""}, {1, 1, ""}, {0, 0, "x"}}), std::string("+1=1-1=2-2"));
    QCOMPARE(told({{1, 0, "ab"}, {0, 5, ""}}), std::string("-1-2"));
}

QTEST_APPLESS_MAIN(DeltaTest)
#include "delta_test.moc"
