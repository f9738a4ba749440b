#include "core/crdt/document_parts.h"
#include "tests/support/same_document.h"
#include "tests/support/saved.h"

#include <csignal>
#include <memory>
#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::batchNamesOf;
using nlbd::test::batchResolverOf;
using nlbd::test::compareObjects;
using nlbd::test::compareText;
using nlbd::test::FakeHistory;
using nlbd::test::ObjectPen;
using nlbd::test::opened;
using nlbd::test::RichWorld;
using nlbd::test::saved;
using nlbd::test::setSum;

namespace {

std::uint64_t runningSeed = 0;

/// A contradiction aborts: says which case it was.
void nameSeed(int)
{
    std::fprintf(stderr, "seed %llu\n", static_cast<unsigned long long>(runningSeed));
}

/// A few people, one of whom is written down and opened again.
class Course {
public:
    explicit Course(std::uint64_t seed)
        : m_world(seed, 2 + seed % 2)
        , m_pen(m_world)
    {
    }

    void run(int steps)
    {
        for (int i = 0; i < steps; ++i)
            step();
        const Bytes bytes = save();
        auto document = opened(bytes, m_world.history);
        CHECK(document.has_value());
        CHECK(saved(*document, m_world.history) == bytes);
        m_copy = std::make_unique<Document>(std::move(*document));
        compare();
        travel();
        takeBack();
        edit();
        goOn();
        toggle();
        // As the first, so the second time.
        const Bytes later = saved(*m_copy, m_world.history);
        CHECK(later == save());
    }

    [[nodiscard]] Bytes save() { return saved(document(), m_world.history); }
    [[nodiscard]] RichWorld &world() { return m_world; }
    void step()
    {
        Replica &replica = m_world.anyone();
        const std::uint64_t what = m_world.below(12);
        if (what < 3) {
            (void)m_world.write(replica);
        } else if (what < 6) {
            (void)m_pen.write(replica);
        } else if (what < 8) {
            const ChangeHandle change = what < 7 ? m_world.craft(replica) : m_pen.craft(replica);
            mustBeValid(replica, change);
            replica.document.integrate(change, m_world.ops.at(change));
        } else if (what < 10) {
            toggleOne(replica);
        } else {
            catchUp(replica, m_world.anyone());
        }
    }

    [[nodiscard]] std::vector<BatchChange> batch()
    {
        std::vector<BatchChange> batch;
        for (const ChangeHandle change : first().known)
            batch.push_back({change, m_world.history.nameOf(change), m_world.ops.at(change)});
        return batch;
    }

private:
    using Replica = RichWorld::Replica;
    [[nodiscard]] Replica &first() { return m_world.replicas[0]; }
    [[nodiscard]] Document &document() { return first().document; }

    void mustBeValid(const Replica &replica, ChangeHandle change)
    {
        const auto isInPast = [&](ChangeHandle it) { return m_world.history.isInPast(it, change); };
        CHECK(replica.document.check(change, m_world.ops.at(change), isInPast).has_value());
    }

    void toggleOne(Replica &replica)
    {
        if (replica.known.empty())
            return;
        const ChangeHandle change = replica.known[m_world.below(replica.known.size())];
        const bool isVoid = replica.voids.insert(change).second;
        if (!isVoid)
            replica.voids.erase(change);
        (void)replica.document.setVoid(change, isVoid);
    }

    void catchUp(Replica &replica, const Replica &from)
    {
        for (const ChangeHandle change : from.known) {
            if (RichWorld::knows(replica, change))
                continue;
            replica.known.push_back(change);
            replica.document.integrate(change, m_world.ops.at(change));
        }
    }

    // ---- What the copy must do as the document does --------------------------------------------

    void compare()
    {
        m_copy->checkInvariants();
        compareText(document(), *m_copy);
        compareObjects(document(), *m_copy, m_pen.madeFor(first()));
    }

    void travel()
    {
        const std::vector<ChangeHandle> before = m_world.frontier(first());
        const std::vector<ChangeHandle> after = m_world.frontier(first());
        const auto isIn = [](const std::vector<ChangeHandle> &changes) {
            return [&changes](ChangeHandle it) { return std::ranges::binary_search(changes, it); };
        };
        CHECK(m_copy->textAt(isIn(before)) == document().textAt(isIn(before)));
        CHECK(m_copy->contentAt(isIn(before)) == document().contentAt(isIn(before)));
        CHECK(m_copy->fieldAt("title", isIn(after)) == document().fieldAt("title", isIn(after)));
        CHECK(m_copy->difference(isIn(before), isIn(after))
              == document().difference(isIn(before), isIn(after)));
        for (const ChangeHandle change : first().known) {
            const IdRange all = IdRange::whole(change);
            CHECK(std::ranges::equal(m_copy->deedsOf(all, 1000), document().deedsOf(all, 1000),
                                     [](const Deed &a, const Deed &b) {
                                         return a.kind == b.kind && a.first == b.first
                                             && a.text == b.text;
                                     }));
        }
    }

    /// Signs what both wrote the same.
    void finish(const Draft &draft, const Draft &other)
    {
        CHECK(other.ops == draft.ops && other.next == draft.next);
        (void)m_world.finish(first(), draft);
        compare();
    }

    void takeBack()
    {
        for (int i = 0; i < 3 && !first().known.empty(); ++i) {
            const ChangeHandle change = first().known[m_world.below(first().known.size())];
            Draft draft{m_world.history.open(0), {}, 0};
            Draft other{draft.change, {}, 0};
            document().revert(change, 0, UINT32_MAX, draft);
            m_copy->revert(change, 0, UINT32_MAX, other);
            finish(draft, other);
        }
    }

    void edit()
    {
        const SeededRandom random = m_world.random;
        Draft draft{m_world.history.open(0), {}, 0};
        Draft other{draft.change, {}, 0};
        for (int i = 0; i < 6; ++i)
            m_world.writeOne(document(), draft);
        m_world.random = random;
        for (int i = 0; i < 6; ++i)
            m_world.writeOne(*m_copy, other);
        finish(draft, other);
    }

    /// Others' later work comes to both.
    void goOn()
    {
        for (int i = 0; i < 12; ++i) {
            Replica &replica = m_world.replicas[1];
            if (m_world.below(3) == 0)
                catchUp(replica, first());
            (void)(m_world.below(2) == 0 ? m_world.write(replica) : m_pen.write(replica));
        }
        for (const ChangeHandle change : m_world.replicas[1].known) {
            if (RichWorld::knows(first(), change))
                continue;
            first().known.push_back(change);
            mustBeValid(first(), change);
            const TextPatches patches = document().apply(change, m_world.ops.at(change));
            CHECK(m_copy->apply(change, m_world.ops.at(change)) == patches);
            CHECK(m_copy->takeRestyled() == document().takeRestyled());
        }
        compare();
    }

    void toggle()
    {
        for (const ChangeHandle change : first().known) {
            if (m_world.below(3) > 0 && !first().voids.contains(change))
                continue;
            const bool isVoid = !first().voids.contains(change);
            CHECK(m_copy->setVoid(change, isVoid) == document().setVoid(change, isVoid));
            CHECK(m_copy->takeRestyled() == document().takeRestyled());
        }
        compare();
    }

    RichWorld m_world;
    ObjectPen m_pen;
    std::unique_ptr<Document> m_copy;
};

} // namespace

constexpr int kField = 0;
constexpr int kMark = 1;
constexpr int kItem = 2;
constexpr int kIncrement = 3;
constexpr int kAttribute = 5;

struct Numbered {
    int kind = kField;
    std::uint32_t number = 0;
};

/// Whether a snapshot opens that has two ops of the second change.
bool opensWith(Numbered first, Numbered second)
{
    FakeHistory history(1);
    Document document(history);
    const ChangeHandle before = history.add(0, {}, 0);
    const ChangeHandle after = history.add(0, {before}, 0);
    document.integrate(before,
                       {InsertText{kRoot, Side::Right, "abc"},
                        SetField{"list", Value(Value::Kind::List)},
                        SetField{"sum", Value(Value::Kind::Counter)},
                        InsertItem{{before, 3}, kRoot, Side::Right, "x"}});
    const std::array<Op, 6> ops{
        Op(SetField{"title", "A"}),
        Op(SetMark{{{before, 0}, Side::Left}, {kRoot, Side::Left}, "b", "1"}),
        Op(InsertItem{{before, 3}, {before, 5}, Side::Right, "y"}),
        Op(Increment{{before, 4}, 2}),
        Op(DeleteItem{{before, 5}}),
        Op(SetAttribute{{before, 0}, "block", "quote"}),
    };
    for (const Numbered &it : {first, second})
        DocumentParts::apply(document,
                             {{after, it.number}, ops[static_cast<std::size_t>(it.kind)]});
    return opened(saved(document, history), history).has_value();
}

/// Documents with formats, attributes, maps, lists and counters on disk, and their changes in
/// batches.
class SnapshotRichTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void randomWorlds()
    {
        std::signal(SIGABRT, nameSeed);
        const int cases = 400 * std::max(1, qEnvironmentVariableIntValue("NLBD_STRESS"));
        for (int i = 0; i < cases; ++i) {
            runningSeed = static_cast<std::uint64_t>(i);
            Course(runningSeed).run(5 + i % 60);
        }
    }

    /// Many flips, with a checksum that fits: nothing crashes, what opens is whole.
    void damage()
    {
        std::signal(SIGABRT, nameSeed);
        std::size_t accepted = 0;
        for (runningSeed = 0; runningSeed < 6; ++runningSeed) {
            Course course(runningSeed);
            for (int i = 0; i < 25; ++i)
                course.step();
            const Bytes bytes = course.save();
            for (std::size_t at = 0; at < bytes.size(); ++at)
                for (const unsigned flip : {0x01U, 0x02U, 0x10U, 0x80U, 0xFFU}) {
                    Bytes bent = bytes;
                    bent[at] ^= static_cast<std::byte>(flip);
                    setSum(bent);
                    const auto document = opened(bent, course.world().history);
                    if (!document)
                        continue;
                    ++accepted;
                    document->checkInvariants();
                    const Bytes again = saved(*document, course.world().history);
                    const auto second = opened(again, course.world().history);
                    QVERIFY(second.has_value());
                    QVERIFY(saved(*second, course.world().history) == again);
                }
        }
        QVERIFY(accepted > 0); // or the checks below the checksum were never asked
    }

    /// Two ops of different kinds with one id: each kind by itself would take it.
    void idsAreOfOneOp_data()
    {
        QTest::addColumn<int>("first");
        QTest::addColumn<int>("second");
        QTest::addRow("item, increment") << kItem << kIncrement;
        QTest::addRow("mark, attribute") << kMark << kAttribute;
        const char *const names[] = {"field", "mark", "item", "increment", "no item"};
        for (int first = 0; first < 5; ++first)
            for (int second = first + 1; second < 5; ++second)
                // Where one part of a document keeps both, none can be made that has them so. The
                // numbers of formats are no other's.
                if (first != kItem && first != kMark && second != kMark
                    && (second != kItem || first != kField))
                    QTest::addRow("%s, %s", names[first], names[second]) << first << second;
    }
    void idsAreOfOneOp()
    {
        QFETCH(int, first);
        QFETCH(int, second);
        const std::uint32_t number = first == kMark ? kFirstFormat + 5 : 5;
        QVERIFY(opensWith({first, number}, {second, number + 1}));
        QVERIFY(!opensWith({first, number}, {second, number}));
    }

    void formatsHaveTheirOwnNumbers()
    {
        QVERIFY(opensWith({kField, 5}, {kMark, kFirstFormat + 5}));
        QVERIFY(!opensWith({kField, 5}, {kMark, 6}));
        QVERIFY(!opensWith({kField, 5}, {kAttribute, 6}));
        QVERIFY(!opensWith({kMark, kFirstFormat}, {kField, kFirstFormat + 1}));
    }

    void batches()
    {
        std::signal(SIGABRT, nameSeed);
        for (runningSeed = 0; runningSeed < 100; ++runningSeed) {
            Course course(runningSeed);
            for (int i = 0; i < 30; ++i)
                course.step();
            std::vector<BatchChange> batch = course.batch();
            const std::size_t from = course.world().below(batch.size() + 1);
            batch.erase(batch.begin(), batch.begin() + std::ptrdiff_t(from));
            const FakeHistory &history = course.world().history;
            const Bytes bytes = encodeBatch(batch, batchNamesOf(history));
            const auto decoded = decodeBatch(bytes, batchResolverOf(history));
            QVERIFY(decoded.has_value() && *decoded == batch);
        }
    }
};

QTEST_APPLESS_MAIN(SnapshotRichTest)
#include "snapshot_rich_test.moc"
