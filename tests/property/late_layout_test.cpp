#include "core/crdt/document_parts.h"
#include "tests/support/random_worlds.h"
#include "tests/support/same_document.h"
#include "tests/support/saved.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::compareObjects;
using nlbd::test::compareText;
using nlbd::test::ObjectPen;
using nlbd::test::RichWorld;
using nlbd::test::saved;

namespace {

using Replica = RichWorld::Replica;

/// Two documents that take the same changes: one is looked at after each, the other is only written
/// down until somebody looks at it for the first time.
class Pair {
public:
    Pair(RichWorld &world, ObjectPen &pen)
        : m_world(&world)
        , m_pen(&pen)
        , m_early(world.history)
        , m_late(world.history)
        , m_known(world.history, 0)
    {
    }

    void run()
    {
        const std::vector<ChangeHandle> all = m_world->replicas[0].known;
        for (const ChangeHandle change : all)
            if (below(8) == 0)
                setVoid(change, true);
        const std::size_t looks = below(2) == 0 ? all.size() : below(all.size() + 1);
        test::inCausalOrder(
            m_world->history, all, [this](std::size_t n) { return below(n); },
            [&](ChangeHandle change) {
                if (m_known.known.size() == looks)
                    look();
                take(change);
            });
        look();
        compare();
        for (const ChangeHandle change : all)
            if (below(6) == 0)
                setVoid(change, !m_known.voids.contains(change));
        compare();
        edit();
        takeBack(all);
        compare();
    }

private:
    std::uint64_t below(std::uint64_t bound) { return m_world->below(bound); }

    void take(ChangeHandle change)
    {
        const Ops &ops = m_world->ops.at(change);
        CHECK(verdict(m_early, change, ops).has_value());
        CHECK(verdict(m_late, change, ops).has_value());
        for (int i = 0; i < 3; ++i) {
            const Ops wrong = spoilt(ops);
            CHECK(verdict(m_early, change, wrong) == verdict(m_late, change, wrong));
        }
        const bool isWaiting = !DocumentParts::isLaidOut(m_late);
        (void)m_early.apply(change, ops);
        m_late.integrate(change, ops);
        CHECK(DocumentParts::isLaidOut(m_early));
        m_known.known.push_back(change);
        compareObjects(m_early, m_late, m_pen->madeFor(m_known));
        CHECK(!isWaiting || !DocumentParts::isLaidOut(m_late));
        if (below(16) == 0)
            setVoid(m_world->replicas[0].known[below(m_world->replicas[0].known.size())], true);
    }

    [[nodiscard]] std::expected<void, Code> verdict(const Document &document, ChangeHandle change,
                                                    const Ops &ops) const
    {
        return document.check(change, ops, [&](ChangeHandle it) {
            return it != change && m_world->history.isInPast(it, change);
        });
    }

    /// The same ops, of which one names something else or comes twice.
    [[nodiscard]] Ops spoilt(Ops ops)
    {
        const std::vector<ChangeHandle> &all = m_world->replicas[0].known;
        const OpId wrong{all[below(all.size())], static_cast<std::uint32_t>(below(6))};
        if (ops.empty())
            return {DeleteText{wrong, 1}};
        Op &op = ops[below(ops.size())];
        if (auto *deletion = std::get_if<DeleteText>(&op)) {
            if (below(2) == 0)
                *deletion = {wrong, static_cast<std::uint32_t>(1 + below(3))};
            else
                ops.emplace_back(DeleteText(*deletion));
        } else if (auto *insertion = std::get_if<InsertText>(&op)) {
            insertion->parent = wrong;
        } else if (auto *mark = std::get_if<SetMark>(&op)) {
            mark->to.id = wrong;
        } else {
            ops.emplace_back(DeleteText{wrong, static_cast<std::uint32_t>(1 + below(3))});
        }
        return ops;
    }

    void setVoid(ChangeHandle change, bool isVoid)
    {
        if (isVoid)
            m_known.voids.insert(change);
        else
            m_known.voids.erase(change);
        const bool isToCome = !RichWorld::knows(m_known, change);
        const bool isWaiting = !DocumentParts::isLaidOut(m_late);
        CHECK(m_early.setVoid(change, isVoid) == m_late.setVoid(change, isVoid));
        CHECK(!isToCome || isWaiting == !DocumentParts::isLaidOut(m_late));
        if (!isToCome)
            CHECK(m_early.takeRestyled() == m_late.takeRestyled());
    }

    /// The first who reads lays it out, whatever he reads.
    void look()
    {
        const std::uint64_t what = below(4);
        if (what == 0)
            CHECK(m_early.text() == m_late.text());
        else if (what == 1)
            CHECK(m_early.content(0, m_early.length()) == m_late.content(0, m_early.length()));
        else if (what == 2)
            CHECK(saved(m_late, m_world->history) == saved(m_early, m_world->history));
        else
            CHECK(m_early.resolve({kRoot, Side::Left}) == m_late.resolve({kRoot, Side::Left}));
        CHECK(DocumentParts::isLaidOut(m_late));
    }

    void compare()
    {
        m_late.checkInvariants();
        m_early.checkInvariants();
        compareText(m_early, m_late);
        compareObjects(m_early, m_late, m_pen->madeFor(m_known));
        CHECK(saved(m_late, m_world->history) == saved(m_early, m_world->history));
    }

    /// What is typed on is the same in both.
    void edit()
    {
        const SeededRandom random = m_world->random;
        Draft draft{m_world->history.open(0), {}, 0};
        Draft other{draft.change, {}, 0};
        for (int i = 0; i < 5; ++i)
            m_world->writeOne(m_early, draft);
        m_world->random = random;
        for (int i = 0; i < 5; ++i)
            m_world->writeOne(m_late, other);
        finish(draft, other);
    }

    void takeBack(const std::vector<ChangeHandle> &all)
    {
        for (int i = 0; i < 2; ++i) {
            const ChangeHandle change = all[below(all.size())];
            Draft draft{m_world->history.open(0), {}, 0};
            Draft other{draft.change, {}, 0};
            m_early.revert(change, 0, UINT32_MAX, draft);
            m_late.revert(change, 0, UINT32_MAX, other);
            finish(draft, other);
        }
    }

    void finish(const Draft &draft, const Draft &other)
    {
        CHECK(draft.ops == other.ops && draft.next == other.next);
        (void)m_world->finish(m_known, draft);
    }

    RichWorld *m_world;
    ObjectPen *m_pen;
    Document m_early;
    Document m_late;
    Replica m_known; ///< what both have; its document is not used
};

/// People who write, format and craft, each at times out of touch with the others.
void runWorld(std::uint64_t seed, std::size_t people, int steps)
{
    RichWorld world(seed, people);
    ObjectPen pen(world);
    const auto catchUp = [&](Replica &replica, const Replica &from) {
        for (const ChangeHandle change : from.known) {
            if (RichWorld::knows(replica, change))
                continue;
            replica.known.push_back(change);
            replica.document.integrate(change, world.ops.at(change));
        }
    };
    for (int i = 0; i < steps; ++i) {
        Replica &replica = world.anyone();
        const std::uint64_t what = world.below(12);
        if (what < 4)
            (void)world.write(replica);
        else if (what < 6)
            (void)pen.write(replica);
        else if (what < 9) {
            const ChangeHandle change = what < 8 ? world.craft(replica) : pen.craft(replica);
            replica.document.integrate(change, world.ops.at(change));
        } else {
            catchUp(replica, world.anyone());
        }
    }
    for (const Replica &other : world.replicas)
        catchUp(world.replicas[0], other);
    if (!world.replicas[0].known.empty())
        Pair(world, pen).run();
}

} // namespace

/// A document that is laid out at once when somebody looks is the one that was kept up to date all
/// along: it shows the same, judges the same and is written on the same.
class LateLayoutTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void lateIsAsEarly_data()
    {
        QTest::addColumn<int>("people");
        QTest::addColumn<int>("steps");
        QTest::addColumn<int>("cases");
        QTest::newRow("one") << 1 << 12 << 300;
        QTest::newRow("two, short") << 2 << 8 << 800;
        QTest::newRow("three") << 3 << 20 << 300;
        QTest::newRow("three, long") << 3 << 120 << 12;
    }

    void lateIsAsEarly()
    {
        QFETCH(int, people);
        QFETCH(int, steps);
        QFETCH(int, cases);
        test::runWorlds(people, steps, cases,
                        [&](std::uint64_t seed) { runWorld(seed, std::size_t(people), steps); });
    }
};

QTEST_APPLESS_MAIN(LateLayoutTest)
#include "late_layout_test.moc"
