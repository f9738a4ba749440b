#include "core/base/random.h"
#include "core/crdt/document.h"
#include "tests/support/crdt_oracle.h"
#include "tests/support/fake_history.h"

#include <csignal>
#include <QtTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::CrdtOracle;
using nlbd::test::FakeHistory;

namespace {

const std::vector<std::string> kWords{"a",  "bc",    "\xC3\xA9", "x\xF0\x9F\x8C\x8Dy",
                                      "\n", "word ", "1"};
const std::vector<std::string> kKeys{"title", "color"};

std::uint64_t runningSeed = 0;

/// A contradiction aborts: says which case it was.
void nameSeed(int)
{
    std::fprintf(stderr, "seed %llu\n", static_cast<unsigned long long>(runningSeed));
}

/// One person's copy: the document under test beside the oracle.
struct Replica {
    Replica(FakeHistory &changes, std::size_t number)
        : history(&changes)
        , device(number)
        , document(changes)
        , oracle(changes)
    {
    }

    void agree() const
    {
        document.checkInvariants();
        const std::string text = document.text();
        CHECK(text == oracle.text());
        CHECK(document.length() == utf8::length(text));
        for (const std::string &key : kKeys)
            CHECK(document.fieldValues(key) == oracle.fieldValues(key));
        std::vector<OpId> ids;
        for (const Document::Run &run : document.runs(0, document.length())) {
            CHECK(run.from == ids.size());
            for (std::uint32_t i = 0; i < run.length; ++i)
                ids.push_back({run.first.change, run.first.index + i});
        }
        CHECK(ids == oracle.visible());
    }

    /// Takes the bytes of a change, as from the network.
    void receive(ChangeHandle change, const Bytes &bytes)
    {
        const auto ops = decodeOps(bytes, history->own(change), *history);
        CHECK(ops.has_value());
        const auto isInPast = [&](ChangeHandle it) { return history->isInPast(it, change); };
        CHECK(document.check(change, *ops, isInPast).has_value());
        std::string before = document.text();
        const TextPatches patches = document.apply(change, *ops);
        CHECK(fits(patches, document.length() + static_cast<TextOffset>(before.size())));
        applyTo(before, patches);
        CHECK(before == document.text());
        oracle.apply(change, *ops);
        known.push_back(change);
    }

    void setVoid(ChangeHandle change, bool isVoid)
    {
        std::string before = document.text();
        applyTo(before, document.setVoid(change, isVoid));
        oracle.setVoid(change, isVoid);
        CHECK(before == document.text());
    }

    FakeHistory *history;
    std::size_t device;
    Document document;
    CrdtOracle oracle;
    std::vector<ChangeHandle> known; ///< in the order of arrival
};

/// A few people who write, each at times out of touch with the others.
class World {
public:
    World(std::uint64_t seed, std::size_t people)
        : m_random(seed)
        , m_history(people)
    {
        m_replicas.reserve(people);
        for (std::size_t i = 0; i < people; ++i)
            m_replicas.emplace_back(m_history, i);
    }

    void run(int steps)
    {
        for (int i = 0; i < steps; ++i) {
            Replica &replica = m_replicas[below(m_replicas.size())];
            const std::uint64_t what = below(12);
            if (what < 6)
                write(replica);
            else if (what < 8)
                craft(replica);
            else
                catchUp(replica, m_replicas[below(m_replicas.size())], below(2) == 0);
        }
        for (Replica &replica : m_replicas) {
            for (const Replica &other : m_replicas)
                catchUp(replica, other, true);
            replica.agree();
            CHECK(replica.document.text() == m_replicas[0].document.text());
        }
        shuffleInto();
        toggleVoids();
    }

private:
    std::uint64_t below(std::uint64_t bound) { return m_random.below(bound); }

    /// Edits as typed, each compared with what the paper would do, in one change.
    void write(Replica &replica)
    {
        const ChangeHandle change = m_history.open(replica.device);
        Ops ops;
        std::uint32_t next = 0;
        TextOffset caret = TextOffset(below(replica.document.length() + 1));
        for (std::uint64_t i = below(5) + 1; i > 0; --i) {
            const TextOffset length = replica.document.length();
            const std::uint64_t what = below(8);
            std::vector<Op> made;
            if (what == 0) {
                made.push_back(
                    replica.document.setField(kKeys[below(2)], kWords[below(7)], change));
            } else if (what < 3 && length > 0) {
                const TextOffset at = TextOffset(below(length));
                const TextOffset count = TextOffset(below(std::min(length - at, 6U)) + 1);
                std::string expected = replica.document.text();
                applyTo(expected, {{at, count, {}}});
                made = replica.document.erase(at, count, change, next);
                CHECK(replica.document.text() == expected);
                caret = at;
            } else {
                const std::string &word = kWords[below(kWords.size())];
                const Op expected = replica.oracle.insertion(caret, word);
                made.push_back(replica.document.insert(caret, word, change, next));
                CHECK(made[0] == expected);
                caret += below(3) > 0 ? utf8::length(word) : 0;
            }
            for (const Op &op : made) {
                replica.oracle.applyOne(op, {change, next});
                next = appendOp(ops, op, change, next);
                CHECK(next == idsTakenBy(ops));
            }
            caret = below(4) == 0 ? TextOffset(below(replica.document.length() + 1))
                                  : std::min(caret, replica.document.length());
        }
        finish(replica, change, ops);
        replica.known.push_back(change);
        const auto decoded = decodeOps(m_bytes[change], m_history.own(change), m_history);
        CHECK(decoded && *decoded == ops);
    }

    /// Valid ops that no editor makes: children on any side of anything, several at one place.
    void craft(Replica &replica)
    {
        const ChangeHandle change = m_history.open(replica.device);
        std::vector<OpId> targets = replica.oracle.all();
        Ops ops;
        for (std::uint64_t i = below(6) + 1; i > 0; --i) {
            const std::uint32_t next = idsTakenBy(ops);
            // The latest letters now and then, so that runs are continued and branched off.
            const std::uint64_t reach =
                below(2) == 0 ? std::min<std::size_t>(targets.size(), 3) : targets.size();
            const OpId target = targets[targets.size() - 1 - below(reach)];
            const bool isDeleted =
                std::ranges::find(m_deleted, std::pair(change, target)) != m_deleted.end();
            if (below(5) == 0 && target != kRoot && !isDeleted) {
                m_deleted.emplace_back(change, target);
                ops.emplace_back(DeleteText{target, 1});
                continue;
            }
            const Side side = target == kRoot || below(2) == 0 ? Side::Right : Side::Left;
            const InsertText op{target, side, kWords[below(kWords.size())]};
            for (std::uint32_t k = 0; k < utf8::length(op.text); ++k)
                targets.push_back({change, next + k});
            ops.emplace_back(op);
        }
        finish(replica, change, ops);
        replica.receive(change, m_bytes.at(change));
    }

    void finish(Replica &replica, ChangeHandle change, const Ops &ops)
    {
        m_history.sign(change, replica.known, below(4));
        m_bytes[change] = encodeOps(ops, m_history.own(change), m_history);
    }

    /// Everything, or a beginning, of what another has: in the other's order, which is causal.
    void catchUp(Replica &replica, const Replica &from, bool isAll)
    {
        const std::size_t count = isAll ? from.known.size() : below(from.known.size() + 1);
        for (std::size_t i = 0; i < count; ++i) {
            const ChangeHandle change = from.known[i];
            if (std::ranges::find(replica.known, change) == replica.known.end())
                replica.receive(change, m_bytes.at(change));
        }
    }

    /// A newcomer gets all changes in another causal order.
    void shuffleInto()
    {
        Replica newcomer(m_history, 0);
        std::vector<ChangeHandle> waiting = m_replicas[0].known;
        while (!waiting.empty()) {
            const std::size_t pick = below(waiting.size());
            const ChangeHandle change = waiting[pick];
            const bool isReady = std::ranges::none_of(waiting, [&](ChangeHandle other) {
                return other != change && m_history.isInPast(other, change);
            });
            if (!isReady)
                continue;
            newcomer.receive(change, m_bytes.at(change));
            waiting.erase(waiting.begin() + std::ptrdiff_t(pick));
        }
        newcomer.agree();
        CHECK(newcomer.document.text() == m_replicas[0].document.text());
    }

    /// Void changes in any order; a newcomer who knows of them beforehand sees the same.
    void toggleVoids()
    {
        Replica &replica = m_replicas[0];
        const std::string before = replica.document.text();
        std::vector<ChangeHandle> voids;
        for (const ChangeHandle change : replica.known) {
            if (below(3) == 0)
                voids.push_back(change);
        }
        for (const ChangeHandle change : voids)
            replica.setVoid(change, true);
        replica.agree();

        Replica newcomer(m_history, 0);
        for (const ChangeHandle change : voids)
            newcomer.setVoid(change, true);
        for (const ChangeHandle change : replica.known)
            newcomer.receive(change, m_bytes.at(change));
        newcomer.agree();
        CHECK(newcomer.document.text() == replica.document.text());

        for (const ChangeHandle change : voids)
            replica.setVoid(change, false);
        replica.agree();
        CHECK(replica.document.text() == before);
    }

    SeededRandom m_random;
    FakeHistory m_history;
    std::vector<Replica> m_replicas;
    std::map<ChangeHandle, Bytes> m_bytes;
    std::vector<std::pair<ChangeHandle, OpId>> m_deleted; ///< by crafted changes
};

} // namespace

/// Random people, random edits, random delivery: all documents are equal and agree with the oracle.
class CrdtConvergenceTest : public QObject {
    Q_OBJECT

private slots:
    void everyOrderGivesTheSame_data()
    {
        QTest::addColumn<int>("people");
        QTest::addColumn<int>("steps");
        QTest::addColumn<int>("cases");
        QTest::newRow("two, short") << 2 << 6 << 1500;
        QTest::newRow("three, short") << 3 << 9 << 1000;
        QTest::newRow("four") << 4 << 16 << 300;
        QTest::newRow("three, long") << 3 << 60 << 25;
    }

    void everyOrderGivesTheSame()
    {
        QFETCH(int, people);
        QFETCH(int, steps);
        QFETCH(int, cases);
        std::signal(SIGABRT, nameSeed);
        for (int i = 0; i < cases; ++i) {
            runningSeed = std::uint64_t(people * 1'000'000 + steps * 10'000 + i);
            World(runningSeed, std::size_t(people)).run(steps);
        }
    }
};

QTEST_APPLESS_MAIN(CrdtConvergenceTest)
#include "crdt_convergence_test.moc"
