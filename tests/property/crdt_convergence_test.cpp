#include "core/base/random.h"
#include "core/crdt/document.h"
#include "tests/support/crdt_oracle.h"
#include "tests/support/fake_history.h"
#include "tests/support/random_worlds.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::CrdtOracle;
using nlbd::test::FakeHistory;

namespace {

const std::vector<std::string> kWords{"a",  "bc",    "\xC3\xA9", "x\xF0\x9F\x8C\x8Dy",
                                      "\n", "word ", "1"};
const std::vector<std::string> kKeys{"title", "color"};

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
    void receive(ChangeHandle change, const Bytes &bytes, bool isWatched = true)
    {
        const auto ops = decodeOps(bytes, history->own(change), *history);
        CHECK(ops.has_value());
        const auto isInPast = [&](ChangeHandle it) { return history->isInPast(it, change); };
        CHECK(document.check(change, *ops, isInPast).has_value());
        oracle.apply(change, *ops);
        known.push_back(change);
        if (!isWatched)
            return document.integrate(change, *ops);
        std::string before = document.text();
        const TextPatches patches = document.apply(change, *ops);
        CHECK(fits(patches, document.length() + static_cast<TextOffset>(before.size())));
        applyTo(before, patches);
        CHECK(before == document.text());
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
    TextOffset caret = 0;            ///< where its person goes on
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

    /// Edits as typed, in one change, each compared with what the paper would do: mostly at the
    /// caret, where the change before ended.
    void write(Replica &replica)
    {
        m_draft.restart(m_history.open(replica.device));
        Draft expected{m_draft.change, {}, 0};
        for (std::uint64_t i = below(7) + 1; i > 0; --i) {
            if (below(9) == 0)
                set(replica, expected);
            else if (below(4) == 0)
                remove(replica, expected);
            else
                type(replica, expected);
            CHECK(m_draft.ops == expected.ops && m_draft.next == expected.next);
            if (below(3) == 0)
                look(replica);
            CHECK(m_draft.next == idsTakenBy(m_draft.ops));
        }
        finish(replica, m_draft.change, m_draft.ops);
        replica.known.push_back(m_draft.change);
        const ChangeHandle change = m_draft.change;
        const auto decoded = decodeOps(m_bytes[change], m_history.own(change), m_history);
        CHECK(decoded && *decoded == m_draft.ops);
    }

    /// Reads anywhere, as views do between two keys.
    void look(const Replica &replica)
    {
        const std::vector<OpId> visible = replica.oracle.visible();
        CHECK(replica.document.length() == visible.size());
        const auto at = static_cast<TextOffset>(below(visible.size() + 1));
        const Document::Anchor anchor = replica.document.anchorAt(at);
        CHECK(anchor.id == (at == 0 ? kRoot : visible[at - 1]));
        CHECK(replica.document.resolve(anchor) == at);
        if (at > 0)
            CHECK(replica.document.resolve({anchor.id, Side::Left}) == at - 1);
    }

    void set(Replica &replica, Draft &expected)
    {
        const SetField op{kKeys[below(2)], kWords[below(7)]};
        CHECK(m_draft.next == expected.next);
        replica.document.set(kRoot, op.key, op.value, m_draft);
        replica.oracle.applyOne(op, {expected.change, expected.next});
        expected.append(op);
    }

    void type(Replica &replica, Draft &expected)
    {
        const TextOffset length = replica.document.length();
        TextOffset &caret = replica.caret;
        caret = below(4) == 0 ? TextOffset(below(length + 1)) : std::min(caret, length);
        const std::string &word = below(2) == 0 ? kWords[0] : kWords[below(kWords.size())];
        const Op op = replica.oracle.insertion(caret, word);
        replica.oracle.applyOne(op, {expected.change, expected.next});
        expected.append(op);
        replica.document.insert(caret, word, m_draft);
        caret += below(5) > 0 ? utf8::length(word) : 0;
    }

    /// Backspace, delete, or a piece from anywhere.
    void remove(Replica &replica, Draft &expected)
    {
        const std::vector<OpId> visible = replica.oracle.visible();
        if (visible.empty())
            return;
        const auto length = static_cast<TextOffset>(visible.size());
        TextOffset &caret = replica.caret;
        caret = std::min(caret, length);
        TextOffset at = caret > 0 ? caret - 1 : 0;
        TextOffset count = 1;
        if (below(2) == 0) {
            // Mostly where the others delete too.
            at = TextOffset(below(below(2) == 0 ? length : std::min(length, 4U)));
            const TextOffset most = below(4) == 0 ? length : 6;
            count = TextOffset(below(std::min(length - at, most)) + 1);
        }
        caret = at;
        Ops ops;
        for (TextOffset i = at; i < at + count; ++i) {
            const DeleteText one{visible[i], 1};
            auto *last = ops.empty() ? nullptr : &std::get<DeleteText>(ops.back());
            const bool isNext = last != nullptr && last->first.change == one.first.change
                && last->first.index + last->length == one.first.index;
            if (isNext)
                ++last->length;
            else
                ops.emplace_back(one);
        }
        replica.document.erase(at, count, m_draft);
        for (const Op &op : ops) {
            replica.oracle.applyOne(op, {expected.change, expected.next});
            expected.append(op);
        }
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
                replica.receive(change, m_bytes.at(change), below(4) > 0);
        }
    }

    /// A newcomer gets all changes in another causal order.
    void shuffleInto()
    {
        Replica newcomer(m_history, 0);
        test::inCausalOrder(
            m_history, m_replicas[0].known, [this](std::size_t n) { return below(n); },
            [&](ChangeHandle change) {
                newcomer.receive(change, m_bytes.at(change), below(2) == 0);
            });
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
    Draft m_draft; ///< used again and again, as an author would
    std::vector<std::pair<ChangeHandle, OpId>> m_deleted; ///< by crafted changes
};

} // namespace

/// Random people, random edits, random delivery: all documents are equal and agree with the oracle.
class CrdtConvergenceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
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
        test::runWorlds(people, steps, cases,
                        [&](std::uint64_t seed) { World(seed, std::size_t(people)).run(steps); });
    }
};

QTEST_APPLESS_MAIN(CrdtConvergenceTest)
#include "crdt_convergence_test.moc"
