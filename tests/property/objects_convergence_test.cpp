#include "core/base/limits.h"
#include "core/base/random.h"
#include "core/base/utf8.h"
#include "tests/support/fake_history.h"
#include "tests/support/object_checks.h"
#include "tests/support/random_worlds.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::checkBlocks;
using nlbd::test::checkObjects;
using nlbd::test::FakeHistory;
using nlbd::test::lettersOf;
using nlbd::test::ObjectOracle;

namespace {

const std::vector<std::string> kKeys{"title", "a", "\xC3\xA9"};
const std::vector<std::string> kLetterKeys{"block", "done", "embed"};
const std::vector<std::string> kWords{"a", "\n", "b\nc", "\xEF\xBF\xBC", "x\xF0\x9F\x8C\x8D\n"};

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
        checkObjects(document, oracle, kKeys);
        checkBlocks(document, oracle);
    }

    /// Takes the bytes of a change, as from the network.
    void receive(ChangeHandle change, const Bytes &bytes)
    {
        const auto ops = decodeOps(bytes, history->own(change), *history);
        CHECK(ops.has_value());
        const auto isInPast = [&](ChangeHandle it) { return history->isInPast(it, change); };
        CHECK(document.check(change, *ops, isInPast).has_value());
        watch([&] {
            (void)document.apply(change, *ops);
            oracle.apply(change, *ops);
        });
        known.push_back(change);
    }

    void setVoid(ChangeHandle change, bool isVoid)
    {
        watch([&] {
            (void)document.setVoid(change, isVoid);
            oracle.setVoid(change, isVoid);
        });
    }

    /// What looks different after something happened is told.
    template <typename Happen>
    void watch(Happen happen)
    {
        std::map<OpId, Attributes> before;
        for (const OpId letter : lettersOf(document))
            before[letter] = oracle.attributes(letter);
        happen();
        const std::vector<OpId> after = lettersOf(document);
        const std::vector<Stretch> restyled = document.takeRestyled();
        const auto isTold = [&](TextOffset at) {
            return std::ranges::any_of(restyled,
                                       [&](const Stretch &it) { return at - it.from < it.length; });
        };
        TextOffset start = 0;
        for (TextOffset at = 0; at < after.size(); ++at) {
            const bool isEnd = at == document.length();
            const bool isBreak = isEnd || document.text(at, 1) == "\n";
            const auto was = before.find(after[at]);
            if (was != before.end() && was->second != oracle.attributes(after[at])) {
                for (TextOffset i = isBreak ? start : at; i <= at && i < document.length(); ++i)
                    CHECK(isTold(i));
            }
            start = isBreak ? at + 1 : start;
        }
        CHECK(document.takeRestyled().empty());
    }

    FakeHistory *history;
    std::size_t device;
    Document document;
    ObjectOracle oracle;
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
            if (what < 5)
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
        }
        shuffleInto();
        toggleVoids();
    }

private:
    std::uint64_t below(std::uint64_t bound) { return m_random.below(bound); }
    template <typename List>
    const auto &oneOf(const List &list)
    {
        return list[below(list.size())];
    }
    Value value(std::uint64_t least)
    {
        const auto kind = static_cast<Value::Kind>(least + below(5 - least));
        return kind == Value::Kind::Text ? Value(oneOf(kWords)) : Value(kind);
    }

    /// Objects in which one change makes none that is too deep.
    static std::vector<OpId> shallow(const ObjectOracle &oracle, Value::Kind kind)
    {
        std::vector<OpId> all = oracle.objects(kind);
        std::erase_if(all,
                      [&](OpId it) { return oracle.depth(it) + 6 >= limits::kObjectDepthMax; });
        return all;
    }

    // ---- As an editor does, each op compared with a plain picture of what it should do ---------

    void write(Replica &replica)
    {
        m_draft.restart(m_history.open(replica.device));
        m_maps = shallow(replica.oracle, Value::Kind::Map);
        m_maps.push_back(kRoot);
        m_lists = shallow(replica.oracle, Value::Kind::List);
        m_counters = replica.oracle.objects(Value::Kind::Counter);
        for (std::uint64_t i = below(6) + 1; i > 0; --i) {
            switch (below(6)) {
            case 0:
                set(replica.document, oneOf(m_maps), oneOf(kKeys), value(0));
                break;
            case 1:
            case 2:
                writeItem(replica.document);
                break;
            case 3:
                writeAttribute(replica.document);
                break;
            case 4:
                increment(replica.document);
                break;
            default:
                type(replica.document);
            }
        }
        // The oracle must not be asked about a change that is open.
        replica.oracle.apply(m_draft.change, m_draft.ops);
        finish(replica, m_draft.ops);
        replica.known.push_back(m_draft.change);
        replica.agree();
    }

    void remember(OpId id, Value::Kind kind)
    {
        if (kind == Value::Kind::Map)
            m_maps.push_back(id);
        if (kind == Value::Kind::List)
            m_lists.push_back(id);
        if (kind == Value::Kind::Counter)
            m_counters.push_back(id);
    }

    void set(Document &document, OpId object, const std::string &key, const Value &value)
    {
        const OpId id = document.set(object, key, value, m_draft);
        CHECK(id.change == m_draft.change && id.index + 1 == m_draft.next);
        std::vector<Document::Entry> expected;
        if (value.kind != Value::Kind::Nothing)
            expected.push_back({value, id});
        CHECK(document.entries(object, key) == expected);
        remember(id, value.kind);
    }

    void writeItem(Document &document)
    {
        if (m_lists.empty())
            return;
        const OpId list = oneOf(m_lists);
        std::vector<Document::Item> items = document.items(list);
        const std::size_t at = below(items.size() + 1);
        const std::uint64_t what = below(4);
        if (what == 0 && at < items.size()) {
            document.eraseItem(list, at, m_draft);
            items.erase(items.begin() + std::ptrdiff_t(at));
        } else if (what == 1 && at < items.size()) {
            set(document, items[at].id, "", value(1));
            items[at].entry = document.entries(items[at].id, "").front();
        } else {
            const Value fresh = value(1);
            const OpId id = document.insertItem(list, at, fresh, m_draft);
            items.insert(items.begin() + std::ptrdiff_t(at), {id, {fresh, id}});
            remember(id, fresh.kind);
        }
        CHECK(document.items(list) == items);
    }

    void writeAttribute(Document &document)
    {
        const auto at = static_cast<TextOffset>(below(document.length() + 1UL));
        Attributes expected = document.attributes(at);
        const std::string &key = oneOf(kLetterKeys);
        const bool isSet = below(3) > 0;
        document.setAttribute(at, key, isSet ? std::optional(oneOf(kKeys)) : std::nullopt, m_draft);
        expected.erase(key);
        if (isSet)
            expected[key] = *std::get<SetAttribute>(m_draft.ops.back()).value;
        CHECK(document.attributes(at) == expected);
    }

    void increment(Document &document)
    {
        if (m_counters.empty())
            return;
        const OpId counter = oneOf(m_counters);
        const auto by = static_cast<std::int64_t>(below(9)) - 4;
        const std::int64_t before = document.counter(counter);
        document.increment(counter, by, m_draft);
        CHECK(document.counter(counter) == before + by);
    }

    void type(Document &document)
    {
        const auto at = static_cast<TextOffset>(below(document.length() + 1UL));
        if (below(3) > 0 || at == document.length())
            document.insert(at, oneOf(kWords), m_draft);
        else
            document.erase(at, 1, m_draft);
    }

    // ---- Valid ops that no editor makes --------------------------------------------------------

    void craft(Replica &replica)
    {
        const ChangeHandle change = m_history.open(replica.device);
        const ObjectOracle &oracle = replica.oracle;
        std::vector<OpId> maps = shallow(oracle, Value::Kind::Map);
        maps.push_back(kRoot);
        const std::vector<OpId> lists = shallow(oracle, Value::Kind::List);
        std::map<OpId, std::vector<OpId>> items;
        for (const OpId list : lists)
            items[list] = oracle.allItems(list);
        std::set<OpId> deleted;
        Ops ops;
        for (std::uint64_t i = below(6) + 1; i > 0; --i) {
            const std::uint64_t what = below(5);
            const OpId list = lists.empty() ? kRoot : oneOf(lists);
            if (what == 0 || lists.empty()) {
                ops.emplace_back(SetField{oneOf(kKeys), value(0), oneOf(maps)});
            } else if (what < 3 || items[list].empty()) {
                InsertItem op{list, kRoot, Side::Right, value(1)};
                if (!items[list].empty() && below(5) > 0) {
                    op.parent = oneOf(items[list]);
                    op.side = below(2) == 0 ? Side::Left : Side::Right;
                }
                items[list].push_back({change, idsTakenBy(ops)});
                ops.emplace_back(op);
            } else if (what == 3) {
                ops.emplace_back(SetField{"", value(1), oneOf(items[list])});
            } else if (const OpId item = oneOf(items[list]); deleted.insert(item).second) {
                ops.emplace_back(DeleteItem{item});
            }
        }
        finish(replica, ops, change);
        replica.receive(change, m_bytes.at(change));
    }

    void finish(Replica &replica, const Ops &ops, std::optional<ChangeHandle> crafted = {})
    {
        const ChangeHandle change = crafted.value_or(m_draft.change);
        m_history.sign(change, replica.known, below(4));
        m_bytes[change] = encodeOps(ops, m_history.own(change), m_history);
        const auto decoded = decodeOps(m_bytes[change], m_history.own(change), m_history);
        CHECK(decoded && *decoded == ops);
    }

    // ---- Delivery ------------------------------------------------------------------------------

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

    /// A newcomer gets all changes in another causal order, some of them void on their way.
    void shuffleInto()
    {
        Replica newcomer(m_history, 0);
        std::vector<ChangeHandle> waiting = m_replicas[0].known;
        std::set<ChangeHandle> voids;
        while (!waiting.empty()) {
            const ChangeHandle any = oneOf(m_replicas[0].known);
            if (below(3) == 0)
                newcomer.setVoid(any, voids.insert(any).second || voids.erase(any) == 0);
            const std::size_t pick = below(waiting.size());
            const ChangeHandle change = waiting[pick];
            const bool isReady = std::ranges::none_of(waiting, [&](ChangeHandle other) {
                return other != change && m_history.isInPast(other, change);
            });
            if (!isReady)
                continue;
            newcomer.receive(change, m_bytes.at(change));
            waiting.erase(waiting.begin() + std::ptrdiff_t(pick));
            if (below(4) == 0)
                newcomer.agree();
        }
        for (const ChangeHandle change : voids)
            newcomer.setVoid(change, false);
        newcomer.agree();
    }

    /// Void changes in any order; a newcomer who knows of them beforehand sees the same.
    void toggleVoids()
    {
        Replica &replica = m_replicas[0];
        std::vector<ChangeHandle> voids;
        for (const ChangeHandle change : replica.known) {
            if (below(3) == 0)
                voids.push_back(change);
        }
        for (std::size_t i = voids.size(); i > 1; --i)
            std::swap(voids[i - 1], voids[below(i)]);
        for (const ChangeHandle change : voids) {
            replica.setVoid(change, true);
            replica.setVoid(change, true);
        }
        replica.agree();

        Replica newcomer(m_history, 0);
        for (const ChangeHandle change : voids)
            newcomer.setVoid(change, true);
        for (const ChangeHandle change : replica.known)
            newcomer.receive(change, m_bytes.at(change));
        newcomer.agree();

        for (const ChangeHandle change : voids) {
            replica.setVoid(change, false);
            if (below(3) == 0)
                replica.agree();
        }
        replica.agree();
    }

    SeededRandom m_random;
    FakeHistory m_history;
    std::vector<Replica> m_replicas;
    std::map<ChangeHandle, Bytes> m_bytes;
    Draft m_draft; ///< used again and again, as an author would
    std::vector<OpId> m_maps;
    std::vector<OpId> m_lists;
    std::vector<OpId> m_counters;
};

} // namespace

/// Random people, random objects, random delivery and void changes: all documents agree with the
/// oracle.
class ObjectsConvergenceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyOrderGivesTheSame_data()
    {
        QTest::addColumn<int>("people");
        QTest::addColumn<int>("steps");
        QTest::addColumn<int>("cases");
        QTest::newRow("one") << 1 << 8 << 500;
        QTest::newRow("two, short") << 2 << 8 << 1500;
        QTest::newRow("three") << 3 << 12 << 800;
        QTest::newRow("four, long") << 4 << 40 << 50;
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

QTEST_APPLESS_MAIN(ObjectsConvergenceTest)
#include "objects_convergence_test.moc"
