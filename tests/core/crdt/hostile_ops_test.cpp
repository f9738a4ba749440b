#include "core/base/limits.h"
#include "core/crdt/document.h"
#include "tests/support/fake_history.h"

#include <QElapsedTimer>
#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::FakeHistory;

namespace {

/// Two changes in the past of the one under test, one that is concurrent, one that nobody has.
struct Fixture {
    FakeHistory history{3};
    Document document{history};
    ChangeHandle base = history.add(0, {}, 0);           // 0-10 "hello world"
    ChangeHandle mixed = history.add(0, {base}, 0);      // 0 "X", 1 deletes, 2 sets, 3-4 "YZ"
    ChangeHandle concurrent = history.add(1, {base}, 0); // 0 "C"
    ChangeHandle change = history.add(2, {mixed}, 0);
    ChangeHandle unknown = history.add(1, {concurrent}, 0);

    Fixture()
    {
        (void)document.apply(base, {InsertText{kRoot, Side::Right, "hello world"}});
        (void)document.apply(mixed,
                             {InsertText{{base, 10}, Side::Right, "X"}, DeleteText{{base, 0}, 2},
                              SetField{"title", "t"}, InsertText{{base, 0}, Side::Left, "YZ"}});
        (void)document.apply(concurrent, {InsertText{{base, 10}, Side::Right, "C"}});
    }

    [[nodiscard]] std::expected<void, Code> check(const Ops &ops) const
    {
        return document.check(change, ops,
                              [this](ChangeHandle it) { return history.isInPast(it, change); });
    }
};

using Build = Ops (*)(const Fixture &);

struct Row {
    const char *name;
    std::optional<Code> code;
    Build build;
};
constexpr auto kRight = Side::Right;
const std::vector<Row> kRows{
    {"under a character of the past",
     {},
     [](const Fixture &f) {
         return Ops{InsertText{{f.base, 3}, Side::Left, "a"},
                    InsertText{{f.mixed, 4}, kRight, "b"}};
     }},
    {"under a deleted character",
     {},
     [](const Fixture &f) {
         return Ops{InsertText{{f.base, 0}, kRight, "a"}, DeleteText{{f.base, 0}, 11}};
     }},
    {"under an own earlier character",
     {},
     [](const Fixture &f) {
         return Ops{InsertText{kRoot, kRight, "ab"}, InsertText{{f.change, 1}, kRight, "c"},
                    InsertText{{f.change, 0}, Side::Left, "d"}, DeleteText{{f.change, 0}, 4}};
     }},
    {"unknown change", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{InsertText{{f.unknown, 0}, kRight, "a"}};
     }},
    {"concurrent change", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{DeleteText{{f.concurrent, 0}, 1}};
     }},
    {"index beyond the change", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{InsertText{{f.base, 11}, kRight, "a"}};
     }},
    {"deletion reaches beyond", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{DeleteText{{f.base, 5}, 7}};
     }},
    {"huge deletion", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{DeleteText{{f.base, 0}, UINT32_MAX}};
     }},
    {"deletion over the last number", Code::E_BOUNDS,
     [](const Fixture &f) {
         return Ops{DeleteText{{f.base, 2}, UINT32_MAX}};
     }},
    {"deletes a deletion", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{DeleteText{{f.mixed, 1}, 1}};
     }},
    {"deletes across a field", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{DeleteText{{f.mixed, 0}, 5}};
     }},
    {"under a field", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{InsertText{{f.mixed, 2}, Side::Left, "a"}};
     }},
    {"left of the root", Code::E_OP_TARGET,
     [](const Fixture &) {
         return Ops{InsertText{kRoot, Side::Left, "a"}};
     }},
    {"deletes the root", Code::E_OP_TARGET,
     [](const Fixture &) {
         return Ops{DeleteText{kRoot, 1}};
     }},
    {"another number of the root", Code::E_OP_TARGET,
     [](const Fixture &) {
         return Ops{InsertText{{kRoot.change, 1}, kRight, "a"}};
     }},
    {"its own parent", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{InsertText{{f.change, 0}, kRight, "a"}};
     }},
    {"parents in a circle", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{InsertText{{f.change, 1}, kRight, "a"}, InsertText{{f.change, 0}, kRight, "b"}};
     }},
    {"under its own later letter", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{InsertText{kRoot, kRight, "a"}, InsertText{{f.change, 2}, kRight, "bc"}};
     }},
    {"under its own deletion", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{DeleteText{{f.base, 5}, 1}, InsertText{{f.change, 0}, kRight, "a"}};
     }},
    {"deletes own text yet to come", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{InsertText{kRoot, kRight, "ab"}, DeleteText{{f.change, 1}, 2}};
     }},
    {"deletes twice", Code::E_OP_TARGET,
     [](const Fixture &f) {
         return Ops{DeleteText{{f.base, 4}, 3}, DeleteText{{f.base, 2}, 3}};
     }},
    {"empty insertion", Code::E_BOUNDS,
     [](const Fixture &) {
         return Ops{InsertText{kRoot, kRight, ""}};
     }},
    {"malformed text", Code::E_BOUNDS,
     [](const Fixture &) {
         return Ops{InsertText{kRoot, kRight, "\xFF"}};
     }},
    {"empty deletion", Code::E_BOUNDS,
     [](const Fixture &f) {
         return Ops{DeleteText{{f.base, 2}, 0}};
     }},
    {"long key", Code::E_BOUNDS,
     [](const Fixture &) {
         return Ops{SetField{std::string(limits::kFieldKeyBytesMax + 1, 'k'), ""}};
     }},
    {"long value", Code::E_BOUNDS,
     [](const Fixture &) {
         return Ops{SetField{"k", std::string(limits::kFieldValueBytesMax + 1, 'v')}};
     }},
    {"too much text", Code::E_BOUNDS,
     [](const Fixture &) {
         return Ops{2,
                    InsertText{kRoot, kRight, std::string(limits::kDecodedBytesMax / 2 + 1, 'x')}};
     }},
    {"too many ops", Code::E_BOUNDS,
     [](const Fixture &) {
         return Ops{limits::kOpsMax + 1, SetField{"k", "v"}};
     }},
};

} // namespace

/// Ops that no honest author makes: refused before anything is applied, and costly shapes bounded.
class HostileOpsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void judged()
    {
        for (const Row &row : kRows) {
            Fixture fixture;
            const Ops ops = row.build(fixture);
            const std::string before = fixture.document.text();
            const auto verdict = fixture.check(ops);
            QVERIFY2(verdict.has_value() == !row.code, row.name);
            QVERIFY2(!row.code || verdict.error() == *row.code, row.name);
            QCOMPARE(fixture.document.text(), before);
            if (!row.code) {
                (void)fixture.document.apply(fixture.change, ops);
                fixture.document.checkInvariants();
            }
        }
    }

    /// A chain of characters, each on the other side of the one before, as deep as the text is
    /// long.
    void deepChains_data()
    {
        QTest::addColumn<int>("shape");
        QTest::newRow("left and right in turns") << 0;
        QTest::newRow("all left") << 1;
        QTest::newRow("all right, no two in one run") << 2;
    }

    void deepChains()
    {
        QFETCH(int, shape);
        constexpr std::uint32_t kDepth = 100'000;
        constexpr std::uint32_t kPerChange = 4'000;
        FakeHistory history(2);
        Document document(history);
        OpId last = kRoot;
        ChangeHandle before;
        QElapsedTimer timer;
        timer.start();
        for (std::uint32_t done = 0; done < kDepth; done += kPerChange) {
            const ChangeHandle change = history.add(
                0, before.value == 0 ? std::vector<ChangeHandle>{} : std::vector{before}, 0);
            Ops ops;
            for (std::uint32_t i = 0; i < kPerChange; ++i) {
                if (shape == 2 && i % 2 == 1) {
                    ops.emplace_back(SetField{"k", ""}); // Takes a number, so that no run forms.
                    continue;
                }
                const bool isLeft = last != kRoot && (shape == 1 || (shape == 0 && i % 2 == 1));
                ops.emplace_back(InsertText{last, isLeft ? Side::Left : Side::Right, "x"});
                last = {change, i};
            }
            const auto isInPast = [&](ChangeHandle it) { return it != change; };
            QVERIFY(document.check(change, ops, isInPast).has_value());
            (void)document.apply(change, ops);
            before = change;
        }
        document.checkInvariants();
        // Siblings of the first, from someone who saw nothing: past the whole chain, in both
        // orders.
        for (std::uint64_t i = 0; i < 50; ++i) {
            const ChangeHandle other = history.add(1, {}, i);
            (void)document.apply(other, {InsertText{kRoot, Side::Right, "y"}});
        }
        document.checkInvariants();
        QCOMPARE(document.length(), (shape == 2 ? kDepth / 2 : kDepth) + 50);
        // The square of the depth would not end before ctest's patience does.
        qInfo("%u letters deep: %lld ms", kDepth, timer.elapsed());
    }

    /// A hundred thousand children of one character, each placed among all others.
    void manySiblings()
    {
        constexpr std::uint32_t kChildren = 100'000;
        FakeHistory history(1);
        Document document(history);
        for (std::uint32_t i = 0; i < kChildren; ++i) {
            const ChangeHandle change = history.add(0, {}, i * 2'654'435'761U % 1'000'003U);
            (void)document.apply(change, {InsertText{kRoot, Side::Right, "z"}});
        }
        // Found by halving: 17 questions, and a few for the gap between two siblings.
        QVERIFY2(history.comparisons() < std::size_t{kChildren} * 25,
                 std::to_string(history.comparisons()).c_str());
        document.checkInvariants();
        QCOMPARE(document.length(), kChildren);
    }

    /// A long text cut into single letters, deleted by hundreds of changes: memory is shared.
    void manyDeleters()
    {
        constexpr std::uint32_t kLength = 4'000;
        FakeHistory history(2);
        Document document(history);
        const ChangeHandle base = history.add(0, {}, 0);
        (void)document.apply(base, {InsertText{kRoot, Side::Right, std::string(kLength, 'a')}});
        std::vector<ChangeHandle> deleters;
        for (std::uint64_t i = 0; i < 300; ++i) {
            deleters.push_back(history.add(1, {base}, i));
            const TextPatches patches =
                document.apply(deleters.back(), {DeleteText{{base, 0}, kLength}});
            QCOMPARE(patches.size(), std::size_t(i == 0 ? 1 : 0));
        }
        const ChangeHandle cutter = history.add(0, {base}, 0);
        Ops cuts;
        for (std::uint32_t i = 0; i < kLength; i += 2)
            cuts.emplace_back(DeleteText{{base, i}, 1});
        (void)document.apply(cutter, cuts);
        for (const ChangeHandle deleter : deleters)
            (void)document.setVoid(deleter, true);
        QCOMPARE(document.length(), kLength / 2);
        QVERIFY((document.setVoid(deleters[7], false) == TextPatches{{0, kLength / 2, ""}}));
        document.checkInvariants();
    }
};

QTEST_APPLESS_MAIN(HostileOpsTest)
#include "hostile_ops_test.moc"
