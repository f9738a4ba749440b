#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/crdt/document.h"
#include "tests/support/crdt_oracle.h"
#include "tests/support/fake_history.h"
#include "tests/support/object_checks.h"

// Any bytes as what two people do: they type, delete, send each other what they made, hang letters
// where no editor would, set and clear fields and attributes, fill lists, count, and changes turn
// void and valid. Their documents must agree with the naive oracles at the end, and with each
// other.

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::CrdtOracle;
using nlbd::test::FakeHistory;
using nlbd::test::ObjectOracle;

namespace {

constexpr std::size_t kBytesMax = 400; // the oracle is slow
const std::vector<std::string> kKeys{"a", "title"};
const std::string kWords[] = {"a", "\xC3\xA9", "bcd", "x\xF0\x9F\x8C\x8Dy"};

struct Replica {
    explicit Replica(const FakeHistory &history)
        : document(history)
        , oracle(history)
        , objects(history)
    {
    }
    Document document;
    CrdtOracle oracle;
    ObjectOracle objects;
    std::vector<ChangeHandle> known;
    std::set<ChangeHandle> voids;
};

class World {
public:
    explicit World(std::span<const std::uint8_t> bytes)
        : m_bytes(bytes)
    {
        m_replicas.emplace_back(m_history);
        m_replicas.emplace_back(m_history);
    }

    void run()
    {
        while (!m_bytes.empty()) {
            const std::uint8_t command = next(24);
            const std::size_t device = command % 2;
            Replica &replica = m_replicas[device];
            if (command < 6)
                write(replica, device);
            else if (command < 10)
                craft(replica, device);
            else if (command < 14)
                deliver(m_replicas[1 - device], replica, next(4) + 1U);
            else if (command < 16)
                toggle(replica);
            else if (command < 20)
                writeObjects(replica, device);
            else
                craftObjects(replica, device);
        }
        for (Replica &replica : m_replicas) {
            while (!replica.voids.empty())
                setVoid(replica, *replica.voids.begin(), false);
            deliver(m_replicas[0], replica, SIZE_MAX);
            deliver(m_replicas[1], replica, SIZE_MAX);
        }
        for (const Replica &replica : m_replicas) {
            replica.document.checkInvariants();
            CHECK(replica.document.text() == replica.oracle.text());
            checkObjects(replica.document, replica.objects, kKeys);
            checkBlocks(replica.document, replica.objects);
        }
        CHECK(m_replicas[0].document.text() == m_replicas[1].document.text());
    }

private:
    std::uint8_t next(std::size_t bound)
    {
        if (m_bytes.empty())
            return 0;
        const std::uint8_t byte = m_bytes.front();
        m_bytes = m_bytes.subspan(1);
        return static_cast<std::uint8_t>(byte % bound);
    }

    /// A change as an editor makes it, key by key.
    void write(Replica &replica, std::size_t device)
    {
        m_draft.restart(m_history.open(device));
        TextOffset caret = next(replica.document.length() + 1UL);
        for (std::size_t keys = next(8); keys > 0; --keys) {
            const std::uint8_t key = next(8);
            if (key < 5) {
                const std::string &word = kWords[key % std::size(kWords)];
                replica.document.insert(caret, word, m_draft);
                caret += utf8::length(word);
            } else if (key == 5) {
                caret = next(replica.document.length() + 1UL);
            } else if (caret > 0) {
                replica.document.erase(--caret, 1, m_draft);
            }
        }
        replica.oracle.apply(m_draft.change, m_draft.ops);
        replica.objects.apply(m_draft.change, m_draft.ops);
        finish(replica, m_draft.change, m_draft.ops);
    }

    Value nextValue(std::size_t least)
    {
        const auto kind = static_cast<Value::Kind>(least + next(5 - least));
        return kind == Value::Kind::Text ? Value(kWords[next(std::size(kWords))]) : Value(kind);
    }
    /// One of the known objects of a kind, or the root.
    OpId nextObject(const Replica &replica, Value::Kind kind)
    {
        std::vector<OpId> all = replica.objects.objects(kind);
        std::erase_if(
            all, [&](OpId it) { return replica.objects.depth(it) >= limits::kObjectDepthMax; });
        all.push_back(kRoot);
        return all[next(all.size())];
    }

    /// A change of fields, items, counters and attributes as programs make it.
    void writeObjects(Replica &replica, std::size_t device)
    {
        m_draft.restart(m_history.open(device));
        Document &document = replica.document;
        for (std::size_t count = next(6); count > 0; --count) {
            const std::uint8_t what = next(8);
            const OpId list = nextObject(replica, Value::Kind::List);
            const std::vector<Document::Item> items = document.items(list);
            const OpId counter = nextObject(replica, Value::Kind::Counter);
            if (what < 2) {
                const OpId map = nextObject(replica, Value::Kind::Map);
                document.set(map, kKeys[next(kKeys.size())], nextValue(0), m_draft);
            } else if (what == 2 && counter != kRoot) {
                document.increment(counter, next(16) - 8, m_draft);
            } else if (what == 3) {
                const std::uint8_t key = next(3);
                const TextOffset at = next(document.length() + 1UL);
                document.setAttribute(at, kKeys[key % 2],
                                      key == 2 ? std::nullopt : std::optional(kWords[key]),
                                      m_draft);
            } else if (what == 4) {
                document.insert(next(document.length() + 1UL), "\n", m_draft);
            } else if (what == 5 && !items.empty()) {
                document.eraseItem(list, next(items.size()), m_draft);
            } else if (what == 6 && !items.empty()) {
                document.set(items[next(items.size())].id, "", nextValue(1), m_draft);
            } else if (list != kRoot) {
                document.insertItem(list, next(items.size() + 1), nextValue(1), m_draft);
            }
        }
        replica.oracle.apply(m_draft.change, m_draft.ops);
        replica.objects.apply(m_draft.change, m_draft.ops);
        finish(replica, m_draft.change, m_draft.ops);
    }

    /// Ops that may be refused; what is not must have its effect.
    void craftObjects(Replica &replica, std::size_t device)
    {
        const ChangeHandle change = m_history.open(device);
        std::vector<OpId> targets = replica.oracle.all();
        for (std::size_t kind = 1; kind < 5; ++kind)
            std::ranges::copy(replica.objects.objects(static_cast<Value::Kind>(kind)),
                              std::back_inserter(targets));
        Ops ops;
        for (std::size_t count = next(6); count > 0; --count) {
            targets.push_back({change, static_cast<std::uint32_t>(ops.size())});
            const OpId target = targets[next(targets.size())];
            const OpId other = targets[next(targets.size())];
            const Side side = next(2) == 0 ? Side::Left : Side::Right;
            switch (next(6)) {
            case 0:
                ops.emplace_back(SetField{kKeys[0], nextValue(0), target});
                break;
            case 1:
                ops.emplace_back(SetField{"", nextValue(0), target});
                break;
            case 2:
                ops.emplace_back(InsertItem{target, other, side, nextValue(0)});
                break;
            case 3:
                ops.emplace_back(DeleteItem{target});
                break;
            case 4:
                ops.emplace_back(Increment{target, side == Side::Left ? 1 : -1});
                break;
            default:
                ops.emplace_back(SetAttribute{target, kKeys[0], "1"});
            }
        }
        m_history.sign(change, replica.known, next(3));
        const auto isInPast = [&](ChangeHandle it) { return m_history.isInPast(it, change); };
        if (!replica.document.check(change, ops, isInPast))
            ops.clear();
        replica.known.push_back(change);
        m_ops[change] = ops;
        apply(replica, change);
    }

    /// A change that is valid and that no editor makes.
    void craft(Replica &replica, std::size_t device)
    {
        const ChangeHandle change = m_history.open(device);
        std::vector<OpId> targets = replica.oracle.all();
        std::set<OpId> deleted;
        Ops ops;
        for (std::size_t count = next(4) + 1U; count > 0; --count) {
            const OpId target = targets[next(targets.size())];
            const std::uint8_t kind = next(4);
            if (kind == 0 && target != kRoot && deleted.insert(target).second) {
                ops.emplace_back(DeleteText{target, 1});
                continue;
            }
            const Side side = kind < 3 || target == kRoot ? Side::Right : Side::Left;
            const std::uint32_t first = idsTakenBy(ops);
            ops.emplace_back(InsertText{target, side, kWords[next(std::size(kWords))]});
            for (std::uint32_t id = first; id < idsTakenBy(ops); ++id)
                targets.push_back({change, id});
        }
        finish(replica, change, ops);
        apply(replica, change);
    }

    void finish(Replica &replica, ChangeHandle change, const Ops &ops)
    {
        m_history.sign(change, replica.known, next(3));
        replica.known.push_back(change);
        m_ops[change] = ops;
    }

    void apply(Replica &replica, ChangeHandle change)
    {
        const Ops &ops = m_ops[change];
        const auto isInPast = [&](ChangeHandle it) { return m_history.isInPast(it, change); };
        CHECK(replica.document.check(change, ops, isInPast).has_value());
        std::string text = replica.document.text();
        applyTo(text, replica.document.apply(change, ops));
        CHECK(text == replica.document.text());
        replica.oracle.apply(change, ops);
        replica.objects.apply(change, ops);
    }

    void deliver(Replica &to, const Replica &from, std::size_t count)
    {
        for (std::size_t i = 0; i < from.known.size() && count > 0; ++i) {
            const ChangeHandle change = from.known[i];
            if (std::ranges::find(to.known, change) != to.known.end())
                continue;
            apply(to, change);
            to.known.push_back(change);
            --count;
        }
    }

    void toggle(Replica &replica)
    {
        if (replica.known.empty())
            return;
        const ChangeHandle change = replica.known[next(replica.known.size())];
        setVoid(replica, change, !replica.voids.contains(change));
    }

    static void setVoid(Replica &replica, ChangeHandle change, bool isVoid)
    {
        if (isVoid)
            replica.voids.insert(change);
        else
            replica.voids.erase(change);
        std::string text = replica.document.text();
        applyTo(text, replica.document.setVoid(change, isVoid));
        replica.oracle.setVoid(change, isVoid);
        replica.objects.setVoid(change, isVoid);
        CHECK(text == replica.document.text());
        CHECK(text == replica.oracle.text());
    }

    std::span<const std::uint8_t> m_bytes;
    FakeHistory m_history{2};
    std::vector<Replica> m_replicas;
    std::map<ChangeHandle, Ops> m_ops;
    Draft m_draft;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    World(std::span(data, std::min(size, kBytesMax))).run();
    return 0;
}
