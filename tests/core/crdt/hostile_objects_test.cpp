#include "core/base/limits.h"
#include "core/crdt/document.h"
#include "tests/support/fake_history.h"

#include <cstdlib>
#include <malloc.h>
#include <new>
#include <QElapsedTimer>
#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::FakeHistory;

namespace {

std::size_t allocated = 0; ///< bytes that live now

} // namespace

// Counts what the documents of this program keep.
void *operator new(std::size_t size)
{
    void *memory = std::malloc(size);
    if (memory == nullptr)
        std::abort();
    allocated += malloc_usable_size(memory);
    return memory;
}
void operator delete(void *memory) noexcept
{
    allocated -= memory == nullptr ? 0 : malloc_usable_size(memory);
    std::free(memory);
}
void operator delete(void *memory, std::size_t) noexcept
{
    operator delete(memory);
}

namespace {

using Kind = Value::Kind;
constexpr auto kRight = Side::Right;

/// A change with one of everything in the past of the one under test, the same in a concurrent one.
struct Fixture {
    FakeHistory history{3};
    Document document{history};
    ChangeHandle base = history.add(0, {}, 0);
    ChangeHandle concurrent = history.add(1, {}, 0);
    ChangeHandle change = history.add(2, {base}, 0);

    OpId letter{base, 0};
    OpId map{base, 2};
    OpId list{base, 3};
    OpId text{base, 4}; ///< an item of the list, a text
    OpId mapItem{base, 5};
    OpId counter{base, 6};
    OpId otherList{base, 7};
    OpId otherItem{base, 8};
    OpId field{base, 9}; ///< a text in the document's own map
    OpId attribute{base, kFirstFormat};
    OpId overwriting{base, 10}; ///< puts a list into the item that is a text

    Fixture()
    {
        const auto all = [](ChangeHandle by) {
            const OpId l{by, 3};
            const OpId k{by, 7};
            return Ops{InsertText{kRoot, kRight, "a\n"},
                       SetField{"m", Value(Kind::Map)},
                       SetField{"l", Value(Kind::List)},
                       InsertItem{l, kRoot, kRight, "x"},
                       InsertItem{l, {by, 4}, kRight, Value(Kind::Map)},
                       SetField{"c", Value(Kind::Counter)},
                       SetField{"k", Value(Kind::List)},
                       InsertItem{k, kRoot, kRight, "y"},
                       SetField{"t", "text"},
                       SetAttribute{{by, 1}, "block", "h1"},
                       SetField{"", Value(Kind::List), {by, 4}}};
        };
        (void)document.apply(base, all(base));
        (void)document.apply(concurrent, all(concurrent));
    }

    [[nodiscard]] OpId there(OpId id) const { return {concurrent, id.index}; }
    [[nodiscard]] OpId own(std::uint32_t index) const { return {change, index}; }

    [[nodiscard]] std::expected<void, Code> check(const Ops &ops) const
    {
        return document.check(change, ops,
                              [this](ChangeHandle it) { return history.isInPast(it, change); });
    }
};

std::string repeated(std::size_t count)
{
    return std::string(count, 'x');
}

/// Maps in each other, the first in the document's own map.
Ops nested(const Fixture &f, std::size_t depth)
{
    Ops ops;
    for (std::uint32_t i = 0; i < depth; ++i)
        ops.emplace_back(SetField{"k", Value(Kind::Map), i == 0 ? kRoot : f.own(i - 1)});
    return ops;
}

/// The same of lists, with items that are lists.
Ops nestedLists(const Fixture &f, std::size_t depth)
{
    Ops ops{SetField{"k", Value(Kind::List)}};
    for (std::uint32_t i = 1; i < depth; ++i)
        ops.emplace_back(InsertItem{f.own(i - 1), kRoot, kRight, Value(Kind::List)});
    return ops;
}

template <typename Added>
Ops with(Ops ops, Added added)
{
    ops.emplace_back(std::move(added));
    return ops;
}

struct Row {
    const char *name;
    std::optional<Code> code;
    Ops (*build)(const Fixture &);
};

#define OPS(...)                 \
    [](const Fixture &f) {       \
        static_cast<void>(f);    \
        return Ops{__VA_ARGS__}; \
    }

constexpr auto kTarget = Code::E_OP_TARGET;
constexpr auto kBounds = Code::E_BOUNDS;

const std::vector<Row> kRows{
    // Of the right kind.
    {"marks", {}, OPS(SetMark{{f.letter, Side::Left}, {f.letter, kRight}, "bold", "1"})},
    {"marks all", {}, OPS(SetMark{{kRoot, kRight}, {kRoot, Side::Left}, "bold", {}})},
    {"mark that ends before it begins", {},
     OPS(SetMark{{kRoot, Side::Left}, {kRoot, kRight}, "bold", "1"},
         SetMark{{f.letter, kRight}, {f.letter, Side::Left}, "bold", "1"})},
    {"mark over own letters", {},
     OPS(InsertText{kRoot, kRight, "ab"},
         SetMark{{f.own(0), Side::Left}, {f.own(1), Side::Left}, "link", "x"})},
    {"attributes", {},
     OPS(SetAttribute{kRoot, "block", "h1"}, SetAttribute{{f.base, 1}, "block", {}})},
    {"fields in a map", {},
     OPS(SetField{"k", "v", f.map}, SetField{"k", Value(), f.map}, SetField{"k", "v", f.mapItem})},
    {"what an item holds", {}, OPS(SetField{"", "v", f.text}, SetField{"", "v", f.mapItem})},
    {"object in an overwritten item", {}, OPS(InsertItem{f.overwriting, kRoot, kRight, "x"})},
    {"items", {},
     OPS(InsertItem{f.list, f.text, Side::Left, "a"}, InsertItem{f.list, f.own(0), kRight, "b"},
         DeleteItem{f.own(0)}, DeleteItem{f.text})},
    {"counter", {}, OPS(Increment{f.counter, INT64_MIN}, Increment{f.counter, 0})},
    {"own objects", {},
     OPS(SetField{"m", Value(Kind::Map)}, SetField{"l", Value(Kind::List), f.own(0)},
         InsertItem{f.own(1), kRoot, kRight, Value(Kind::Counter)}, Increment{f.own(2), 1},
         SetField{"", Value(Kind::Map), f.own(2)}, SetField{"k", "v", f.own(4)})},
    {"16 maps deep", {}, [](const Fixture &f) { return with(nested(f, 16), SetField{"k", "v", f.own(15)}); }},
    {"16 lists deep", {}, [](const Fixture &f) {
         return with(nestedLists(f, 16), InsertItem{f.own(15), kRoot, kRight, "v"});
     }},

    // Not of the right kind.
    {"mark from a field", kTarget, OPS(SetMark{{f.field, kRight}, {f.letter, kRight}, "k", "v"})},
    {"mark to an item", kTarget, OPS(SetMark{{f.letter, kRight}, {f.text, kRight}, "k", "v"})},
    {"attribute of a map", kTarget, OPS(SetAttribute{f.map, "block", "h1"})},
    {"attribute of an attribute", kTarget, OPS(SetAttribute{f.attribute, "block", "h1"})},
    {"field in a list", kTarget, OPS(SetField{"k", "v", f.list})},
    {"field in a text", kTarget, OPS(SetField{"k", "v", f.field})},
    {"field in a letter", kTarget, OPS(SetField{"k", "v", f.letter})},
    {"field in an item that is a text", kTarget, OPS(SetField{"k", "v", f.text})},
    {"field in an attribute", kTarget, OPS(SetField{"k", "v", f.attribute})},
    {"field without key in a map", kTarget, OPS(SetField{"", "v", f.map})},
    {"field without key in the root", kTarget, OPS(SetField{"", "v"})},
    {"field without key in what filled an item", kTarget, OPS(SetField{"", "v", f.overwriting})},
    {"item of a map", kTarget, OPS(InsertItem{f.map, kRoot, kRight, "v"})},
    {"item of the root", kTarget, OPS(InsertItem{kRoot, kRoot, kRight, "v"})},
    {"item of an item", kTarget, OPS(InsertItem{f.text, kRoot, kRight, "v"})},
    {"item beside another list's", kTarget, OPS(InsertItem{f.list, f.otherItem, kRight, "v"})},
    {"item beside a letter", kTarget, OPS(InsertItem{f.list, f.letter, kRight, "v"})},
    {"item beside its list", kTarget, OPS(InsertItem{f.list, f.list, kRight, "v"})},
    {"item beside what filled an item", kTarget,
     OPS(InsertItem{f.list, f.overwriting, kRight, "v"})},
    {"item left of the start", kTarget, OPS(InsertItem{f.list, kRoot, Side::Left, "v"})},
    {"own item beside another list's", kTarget,
     OPS(InsertItem{f.otherList, kRoot, kRight, "a"}, InsertItem{f.list, f.own(0), kRight, "b"})},
    {"deletes a list as an item", kTarget, OPS(DeleteItem{f.list})},
    {"deletes a letter as an item", kTarget, OPS(DeleteItem{f.letter})},
    {"deletes the root as an item", kTarget, OPS(DeleteItem{kRoot})},
    {"deletes an item as a letter", kTarget, OPS(DeleteText{f.text, 1})},
    {"types beside an item", kTarget, OPS(InsertText{f.text, kRight, "a"})},
    {"deletes an item twice", kTarget, OPS(DeleteItem{f.text}, DeleteItem{f.text})},
    {"counts in a map", kTarget, OPS(Increment{f.map, 1})},
    {"counts in the root", kTarget, OPS(Increment{kRoot, 1})},

    // Not in the past, or not yet.
    {"concurrent letter marked", kTarget,
     OPS(SetMark{{f.there(f.letter), kRight}, {f.letter, kRight}, "k", "v"})},
    {"concurrent letter at the end", kTarget,
     OPS(SetMark{{f.letter, kRight}, {f.there(f.letter), kRight}, "k", "v"})},
    {"concurrent letter's attribute", kTarget, OPS(SetAttribute{f.there(f.letter), "k", "v"})},
    {"concurrent map", kTarget, OPS(SetField{"k", "v", f.there(f.map)})},
    {"concurrent item", kTarget, OPS(SetField{"", "v", f.there(f.text)})},
    {"concurrent list", kTarget, OPS(InsertItem{f.there(f.list), kRoot, kRight, "v"})},
    {"beside a concurrent item", kTarget, OPS(InsertItem{f.list, f.there(f.text), kRight, "v"})},
    {"concurrent item deleted", kTarget, OPS(DeleteItem{f.there(f.text)})},
    {"concurrent counter", kTarget, OPS(Increment{f.there(f.counter), 1})},
    {"map in itself", kTarget, OPS(SetField{"k", Value(Kind::Map), f.own(0)})},
    {"own map to come", kTarget,
     OPS(SetField{"k", "v", f.own(1)}, SetField{"m", Value(Kind::Map)})},
    {"own letter to come", kTarget,
     OPS(SetAttribute{f.own(1), "k", "v"}, InsertText{kRoot, kRight, "a"})},

    // Sizes.
    {"mark without key", kBounds, OPS(SetMark{{kRoot, kRight}, {kRoot, Side::Left}, "", "1"})},
    {"attribute without key", kBounds, OPS(SetAttribute{kRoot, "", "1"})},
    {"long key of a mark", kBounds,
     OPS(SetMark{{kRoot, kRight}, {kRoot, Side::Left}, repeated(65), "1"})},
    {"long value of a mark", kBounds,
     OPS(SetMark{{kRoot, kRight}, {kRoot, Side::Left}, "k", repeated(4097)})},
    {"long key of an attribute", kBounds, OPS(SetAttribute{kRoot, repeated(65), {}})},
    {"long value of an attribute", kBounds, OPS(SetAttribute{kRoot, "k", repeated(4097)})},
    {"malformed attribute", kBounds, OPS(SetAttribute{kRoot, "k", "\xFF"})},
    {"long value in a map", kBounds, OPS(SetField{"k", repeated(4097), f.map})},
    {"long item", kBounds, OPS(InsertItem{f.list, kRoot, kRight, repeated(4097)})},
    {"malformed item", kBounds, OPS(InsertItem{f.list, kRoot, kRight, "\xC3"})},
    {"item of nothing", kBounds, OPS(InsertItem{f.list, kRoot, kRight, Value()})},
    {"item becomes nothing", kBounds, OPS(SetField{"", Value(), f.text})},
    {"map with a text", kBounds, [](const Fixture &) {
         Value value(Kind::Map);
         value.text = "x";
         return Ops{SetField{"k", value}};
     }},
    {"values of 256 KiB and more", kBounds, [](const Fixture &f) {
         return Ops(65, SetAttribute{f.letter, "k", repeated(4096)});
     }},
    {"17 maps deep", kBounds, [](const Fixture &f) { return nested(f, 17); }},
    {"17 lists deep", kBounds, [](const Fixture &f) { return nestedLists(f, 17); }},
    {"item overwritten too deep", kBounds, [](const Fixture &f) {
         Ops ops = with(nestedLists(f, 16), InsertItem{f.own(15), kRoot, kRight, "v"});
         return with(std::move(ops), SetField{"", Value(Kind::Counter), f.own(16)});
     }},
};

#undef OPS

} // namespace

/// Ops on objects that no honest author makes: refused before anything is applied, and costly
/// shapes bounded.
class HostileObjectsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void judged()
    {
        for (const Row &row : kRows) {
            Fixture fixture;
            const Ops ops = row.build(fixture);
            const auto verdict = fixture.check(ops);
            QVERIFY2(verdict.has_value() == !row.code, row.name);
            QVERIFY2(!row.code || verdict.error() == *row.code, row.name);
            // Whether the past is void makes no difference.
            (void)fixture.document.setVoid(fixture.base, true);
            QVERIFY2(fixture.check(ops) == verdict, row.name);
            (void)fixture.document.setVoid(fixture.base, false);
            if (!row.code) {
                (void)fixture.document.apply(fixture.change, ops);
                fixture.document.checkInvariants();
            }
        }
    }

    /// Depth counts through changes.
    void depthIsRemembered()
    {
        Fixture fixture;
        const Ops ops = nested(fixture, limits::kObjectDepthMax);
        (void)fixture.document.apply(fixture.change, ops);
        const ChangeHandle later = fixture.history.add(2, {fixture.change}, 0);
        const OpId deepest = fixture.own(limits::kObjectDepthMax - 1);
        const auto all = [](ChangeHandle) { return true; };
        const Document &document = fixture.document;
        QVERIFY(document.check(later, {SetField{"k", "v", deepest}}, all).has_value());
        QVERIFY(document.check(later, {SetField{"k", Value(Kind::List), deepest}}, all)
                == std::unexpected(kBounds));
    }

    void objectsAreSmall_data()
    {
        QTest::addColumn<int>("shape");
        QTest::addColumn<int>("bytesEach");
        QTest::newRow("lists in one field") << 0 << 100;
        QTest::newRow("lists with an item") << 1 << 400;
        QTest::newRow("items") << 2 << 150;
        QTest::newRow("attributes") << 3 << 200;
        QTest::newRow("fields of new names") << 4 << 300;
        QTest::newRow("increments") << 5 << 50;
    }

    /// What one change can make others keep.
    void objectsAreSmall()
    {
        QFETCH(int, shape);
        QFETCH(int, bytesEach);
        Fixture f;
        Ops ops;
        for (std::uint32_t i = 0; i < limits::kOpsMax; ++i) {
            const bool isOdd = i % 2 == 1;
            if (shape == 0 || (shape == 1 && !isOdd))
                ops.emplace_back(SetField{"k", Value(Kind::List)});
            else if (shape == 1)
                ops.emplace_back(InsertItem{f.own(i - 1), kRoot, kRight, "x"});
            else if (shape == 2)
                ops.emplace_back(InsertItem{f.list, isOdd ? f.own(i - 1) : kRoot, kRight, "x"});
            else if (shape == 3)
                ops.emplace_back(SetAttribute{{f.base, i % 2}, std::to_string(i / 2), "1"});
            else if (shape == 4)
                ops.emplace_back(SetField{std::to_string(i), "1"});
            else
                ops.emplace_back(Increment{f.counter, 1});
        }
        QVERIFY(f.check(ops).has_value());
        const std::size_t before = allocated;
        f.document.integrate(f.change, ops);
        const std::size_t grown = (allocated - before) / limits::kOpsMax;
        QVERIFY2(grown < std::size_t(bytesEach), std::to_string(grown).c_str());
        f.document.checkInvariants();
    }

    /// A field that was set a hundred thousand times, and the last settings void and back.
    void voidsCostTheirOwnOps()
    {
        constexpr std::uint32_t kSettings = 100'000;
        FakeHistory history(2);
        Document document(history);
        std::vector<ChangeHandle> changes;
        for (std::uint32_t i = 0; i < kSettings; ++i) {
            const std::vector<ChangeHandle> past =
                changes.empty() ? std::vector<ChangeHandle>{} : std::vector{changes.back()};
            changes.push_back(history.add(i % 2, past, 0));
            document.integrate(changes.back(), {SetField{"title", std::to_string(i)}});
        }
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < 10'000; ++i) {
            (void)document.setVoid(changes.back(), true);
            QCOMPARE(document.field("title"), std::string_view("99998"));
            (void)document.setVoid(changes.back(), false);
        }
        QVERIFY2(timer.elapsed() < 5'000, "the history of a field must not be walked");
    }
};

QTEST_APPLESS_MAIN(HostileObjectsTest)
#include "hostile_objects_test.moc"
