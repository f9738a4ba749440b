#include "core/base/random.h"
#include "core/crdt/document.h"
#include "tests/support/fake_history.h"
#include "tests/support/random_worlds.h"
#include "tests/support/rich_oracle.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::FakeHistory;
using nlbd::test::RichOracle;

namespace {

const std::vector<std::string> kWords{"a", "bc", "\xC3\xA9", "x\xF0\x9F\x8C\x8Dy", "\n", "word "};
const std::vector<std::string> kKeys{"bold", "link", "comment:1", "code"};

using Letters = std::vector<std::pair<OpId, Attributes>>;

std::vector<StyledRun> runsOf(const Letters &letters, TextOffset from, TextOffset to)
{
    std::vector<StyledRun> runs;
    for (TextOffset at = from; at < to; ++at) {
        if (runs.empty() || runs.back().marks != letters[at].second)
            runs.push_back({at, 0, letters[at].second});
        ++runs.back().length;
    }
    return runs;
}

/// Where letters that were there before look different, by their offsets now.
std::vector<Stretch> restyled(const Letters &before, const Letters &now)
{
    const std::map<OpId, Attributes> known(before.begin(), before.end());
    std::vector<Stretch> stretches;
    for (TextOffset at = 0; at < now.size(); ++at) {
        const auto it = known.find(now[at].first);
        if (it == known.end() || it->second == now[at].second)
            continue;
        if (stretches.empty() || stretches.back().from + stretches.back().length != at)
            stretches.push_back({at, 0});
        ++stretches.back().length;
    }
    return stretches;
}

/// One person's copy: the document under test beside the oracle.
struct Replica {
    Replica(FakeHistory &changes, std::size_t number)
        : device(number)
        , document(changes)
        , oracle(changes)
    {
    }

    void agree() const
    {
        document.checkInvariants();
        CHECK(document.text() == oracle.text());
        const Letters letters = oracle.styled();
        CHECK(document.length() == letters.size());
        CHECK(document.styledRuns(0, document.length()) == runsOf(letters, 0, document.length()));
    }

    /// Takes a change, as from the network.
    void receive(ChangeHandle change, const Ops &ops, bool isWatched)
    {
        known.push_back(change);
        if (!isWatched) {
            oracle.apply(change, ops);
            document.integrate(change, ops);
            CHECK(document.takeRestyled().empty());
            return;
        }
        const Letters before = oracle.styled();
        oracle.apply(change, ops);
        std::string text = document.text();
        applyTo(text, document.apply(change, ops));
        CHECK(text == document.text());
        CHECK(document.takeRestyled() == restyled(before, oracle.styled()));
        CHECK(document.takeRestyled().empty());
    }

    void setVoid(ChangeHandle change, bool isVoid)
    {
        const Letters before = oracle.styled();
        oracle.setVoid(change, isVoid);
        static_cast<void>(document.setVoid(change, isVoid));
        CHECK(document.takeRestyled() == restyled(before, oracle.styled()));
        if (isVoid)
            voids.insert(change);
        else
            voids.erase(change);
    }

    std::size_t device;
    Document document;
    RichOracle oracle;
    std::vector<ChangeHandle> known; ///< in the order of arrival
    std::set<ChangeHandle> voids;
};

/// A few people who write and format, each at times out of touch with the others.
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

    /// A text that all begin with, each second letter deleted: as many spans as letters.
    void begin(std::size_t letters)
    {
        const ChangeHandle change = m_history.add(0, {}, 0);
        Ops ops{InsertText{kRoot, Side::Right, std::string(letters, 'z')}};
        for (std::uint32_t i = 1; i < letters; i += 2)
            ops.emplace_back(DeleteText{{change, i}, 1});
        m_ops[change] = ops;
        for (Replica &replica : m_replicas)
            replica.receive(change, ops, false);
    }

    void run(int steps, bool isLarge)
    {
        for (int i = 0; i < steps; ++i) {
            Replica &replica = m_replicas[below(m_replicas.size())];
            const std::uint64_t what = below(15);
            if (what < 6)
                write(replica);
            else if (what < 8)
                craft(replica);
            else if (what == 8 && isLarge)
                scatter(replica);
            else if (what < 10 && !replica.known.empty())
                replica.setVoid(replica.known[below(replica.known.size())], below(2) == 0);
            else
                catchUp(replica, m_replicas[below(m_replicas.size())], below(2) == 0);
        }
        finish();
    }

private:
    std::uint64_t below(std::uint64_t bound) { return m_random.below(bound); }
    TextOffset offset(std::uint64_t bound) { return static_cast<TextOffset>(below(bound)); }

    /// Edits as typed, in one change, each compared with what the papers would do.
    void write(Replica &replica)
    {
        m_draft.restart(m_history.open(replica.device));
        Draft expected{m_draft.change, {}, 0};
        for (std::uint64_t i = below(7) + 1; i > 0; --i) {
            const std::uint64_t what = below(8);
            if (what < 3)
                mark(replica, expected);
            else if (what < 5)
                remove(replica, expected);
            else
                type(replica, expected);
            CHECK(m_draft.ops == expected.ops && m_draft.next == expected.next);
            if (below(4) == 0)
                look(replica);
        }
        m_history.sign(m_draft.change, replica.known, below(4));
        m_ops[m_draft.change] = m_draft.ops;
        replica.known.push_back(m_draft.change);
        replica.oracle.apply(m_draft.change, {});
        if (below(8) == 0)
            replica.agree();
    }

    /// Many letters in places of their own, as in a text that is worked over: leaves split.
    void scatter(Replica &replica)
    {
        const ChangeHandle change = m_history.open(replica.device);
        const std::vector<OpId> targets = replica.oracle.all();
        // Mostly near each other.
        const std::uint64_t around = below(targets.size());
        Ops ops;
        for (int i = 0; i < 120; ++i) {
            const std::uint64_t at = below(4) == 0
                ? below(targets.size())
                : std::min(around + below(9), targets.size() - 1);
            const Side side = at == 0 || below(2) == 0 ? Side::Right : Side::Left;
            ops.emplace_back(InsertText{targets[at], side, "s"});
        }
        m_history.sign(change, replica.known, below(4));
        m_ops[change] = ops;
        replica.receive(change, ops, false);
    }

    /// Reads anywhere, as views do between two keys.
    void look(const Replica &replica)
    {
        const Letters letters = replica.oracle.styled();
        const TextOffset from = offset(letters.size() + 1);
        const TextOffset to = from + offset(letters.size() - from + 1);
        CHECK(replica.document.styledRuns(from, to) == runsOf(letters, from, to));
        const OpId left = replica.oracle.letterBefore(from);
        CHECK(replica.document.marksForTyping(from) == replica.oracle.marksBehind(left));
    }

    void expect(Replica &replica, const Op &op, Draft &expected)
    {
        const OpId id = isFormat(op) ? expected.nextFormat() : OpId{expected.change, expected.next};
        replica.oracle.applyOne(op, id);
        expected.append(op);
    }

    void type(Replica &replica, Draft &expected)
    {
        const TextOffset length = replica.document.length();
        m_caret = below(3) == 0 ? offset(length + 1) : std::min(m_caret, length);
        const std::string &word = below(2) == 0 ? kWords[0] : kWords[below(kWords.size())];
        const OpId left = replica.oracle.letterBefore(m_caret);
        const Attributes marks = replica.oracle.marksBehind(left);
        expect(replica, replica.oracle.insertionBehind(left, word), expected);
        replica.document.insert(m_caret, word, m_draft);
        CHECK(replica.document.styledRuns(m_caret, m_caret + 1)[0].marks == marks);
        m_caret += utf8::length(word);
    }

    void remove(Replica &replica, Draft &expected)
    {
        const std::vector<OpId> visible = replica.oracle.visible();
        if (visible.empty())
            return;
        const TextOffset at = offset(visible.size());
        const TextOffset count = offset(std::min<std::size_t>(visible.size() - at, 5)) + 1;
        replica.document.erase(at, count, m_draft);
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
        for (const Op &op : ops)
            expect(replica, op, expected);
        m_caret = at;
    }

    [[nodiscard]] std::optional<std::string> someValue()
    {
        const std::uint64_t value = below(3);
        return value == 0 ? std::nullopt : std::optional(std::to_string(value));
    }

    void mark(Replica &replica, Draft &expected)
    {
        const TextOffset length = replica.document.length();
        const std::string &key = kKeys[below(kKeys.size())];
        const std::optional<std::string> value = someValue();
        const TextOffset from = offset(length + 1);
        const TextOffset most = below(4) == 0 ? length : 5;
        const TextOffset to = from + offset(std::min(length - from, most) + 1);
        replica.document.mark(from, to, key, value, m_draft);
        if (from < to)
            expect(replica, replica.oracle.mark(from, to, key, value), expected);
    }

    /// Valid ops that no editor makes: children and marks at any side of anything.
    void craft(Replica &replica)
    {
        const ChangeHandle change = m_history.open(replica.device);
        std::vector<OpId> targets = replica.oracle.all();
        std::set<OpId> deleted;
        Ops ops;
        const auto anchor = [&] {
            return Anchor{targets[below(targets.size())], below(2) == 0 ? Side::Left : Side::Right};
        };
        for (std::uint64_t i = below(6) + 1; i > 0; --i) {
            const std::uint64_t what = below(5);
            if (what < 3) {
                ops.emplace_back(SetMark{anchor(), anchor(), kKeys[below(4)], someValue()});
                continue;
            }
            const OpId target = targets[below(targets.size())];
            if (what == 3 && target != kRoot && deleted.insert(target).second) {
                ops.emplace_back(DeleteText{target, 1});
                continue;
            }
            const std::uint32_t next = idsTakenBy(ops);
            const Side side = target == kRoot || below(2) == 0 ? Side::Right : Side::Left;
            ops.emplace_back(InsertText{target, side, "q"});
            targets.push_back({change, next});
        }
        m_history.sign(change, replica.known, below(4));
        m_ops[change] = ops;
        replica.receive(change, ops, below(2) == 0);
    }

    /// Everything, or a beginning, of what another has: in the other's order, which is causal.
    void catchUp(Replica &replica, const Replica &from, bool isAll)
    {
        const std::size_t count = isAll ? from.known.size() : below(from.known.size() + 1);
        for (std::size_t i = 0; i < count; ++i) {
            const ChangeHandle change = from.known[i];
            if (std::ranges::find(replica.known, change) == replica.known.end())
                replica.receive(change, m_ops.at(change), below(2) == 0);
        }
    }

    /// All get all, then void what the first has as void.
    void finish()
    {
        const std::set<ChangeHandle> voids = m_replicas[0].voids;
        for (Replica &replica : m_replicas) {
            for (const Replica &other : m_replicas)
                catchUp(replica, other, true);
            const std::set<ChangeHandle> old = replica.voids;
            for (const ChangeHandle change : old)
                replica.setVoid(change, voids.contains(change));
            for (const ChangeHandle change : voids)
                replica.setVoid(change, true);
            replica.agree();
            compare(replica.document);
        }
        shuffleInto(voids);
    }

    void compare(const Document &document) const
    {
        const Document &first = m_replicas[0].document;
        CHECK(document.text() == first.text());
        CHECK(document.styledRuns(0, document.length()) == first.styledRuns(0, first.length()));
    }

    /// A newcomer gets all changes in another causal order, some void before they come.
    void shuffleInto(const std::set<ChangeHandle> &voids)
    {
        Replica newcomer(m_history, 0);
        std::vector<ChangeHandle> late;
        for (const ChangeHandle change : voids) {
            if (below(2) == 0)
                late.push_back(change);
            else
                newcomer.setVoid(change, true);
        }
        test::inCausalOrder(
            m_history, m_replicas[0].known, [this](std::size_t n) { return below(n); },
            [&](ChangeHandle change) {
                newcomer.receive(change, m_ops.at(change), below(3) == 0);
            });
        for (const ChangeHandle change : late)
            newcomer.setVoid(change, true);
        newcomer.agree();
        compare(newcomer.document);
    }

    SeededRandom m_random;
    FakeHistory m_history;
    std::vector<Replica> m_replicas;
    std::map<ChangeHandle, Ops> m_ops;
    Draft m_draft; ///< used again and again, as an author would
    TextOffset m_caret = 0;
};

} // namespace

/// Random people, random formats, random delivery: all documents look the same and as the oracle
/// says.
class RichConvergenceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyOrderLooksTheSame_data()
    {
        QTest::addColumn<int>("people");
        QTest::addColumn<int>("letters");
        QTest::addColumn<int>("steps");
        QTest::addColumn<int>("cases");
        QTest::newRow("two, short") << 2 << 0 << 8 << 2000;
        QTest::newRow("three, short") << 3 << 6 << 12 << 1000;
        QTest::newRow("four") << 4 << 0 << 20 << 200;
        QTest::newRow("leaves that split") << 3 << 60 << 60 << 30;
        QTest::newRow("a tree of three levels") << 2 << 1500 << 40 << 8;
        QTest::newRow("a tree of more nodes") << 2 << 3000 << 40 << 2;
    }

    void everyOrderLooksTheSame()
    {
        QFETCH(int, people);
        QFETCH(int, letters);
        QFETCH(int, steps);
        QFETCH(int, cases);
        test::runWorlds(people, steps, cases, [&](std::uint64_t seed) {
            World world(seed, std::size_t(people));
            if (letters > 0)
                world.begin(std::size_t(letters));
            world.run(steps, letters >= 60);
        });
    }
};

QTEST_APPLESS_MAIN(RichConvergenceTest)
#include "rich_convergence_test.moc"
