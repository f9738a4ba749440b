#pragma once

#include "core/base/random.h"
#include "core/base/utf8.h"
#include "core/crdt/document.h"
#include "tests/support/fake_history.h"

#include <map>
#include <set>

namespace nlbd::test {

/// Two people who write at once, hang letters where no editor would, set fields, and whose changes
/// turn void, at random: documents for tests that need some.
class CrdtWorld {
public:
    static constexpr std::size_t kPeople = 2;

    struct Replica {
        explicit Replica(const FakeHistory &history)
            : document(history)
        {
        }
        crdt::Document document;
        std::vector<ChangeHandle> known;
        std::set<ChangeHandle> voids;
    };

    explicit CrdtWorld(std::uint64_t seed)
        : m_random(seed)
    {
        for (std::size_t i = 0; i < kPeople; ++i)
            m_replicas.emplace_back(m_history);
    }

    void step()
    {
        const std::size_t person = below(kPeople);
        Replica &replica = m_replicas[person];
        const std::uint64_t what = below(12);
        if (what < 6)
            write(replica, person);
        else if (what < 9)
            craft(replica, person);
        else if (what < 11)
            deliver(replica, m_replicas[1 - person]);
        else
            toggle(replica);
    }

    void deliver(Replica &to, const Replica &from)
    {
        for (const ChangeHandle change : from.known) {
            if (std::ranges::find(to.known, change) != to.known.end())
                continue;
            to.document.integrate(change, m_ops.at(change));
            to.known.push_back(change);
        }
    }

    void setVoid(Replica &replica, ChangeHandle change, bool isVoid)
    {
        replica.document.setVoid(change, isVoid);
        if (isVoid)
            replica.voids.insert(change);
        else
            replica.voids.erase(change);
    }

    [[nodiscard]] FakeHistory &history() { return m_history; }
    [[nodiscard]] std::vector<Replica> &replicas() { return m_replicas; }
    [[nodiscard]] const crdt::Ops &ops(ChangeHandle change) const { return m_ops.at(change); }
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return m_random.below(bound); }

private:
    [[nodiscard]] const std::string &word()
    {
        static const std::vector<std::string> kWords{
            "a", "bc", "\xC3\xA9", "x\xF0\x9F\x8C\x8Dy", "word ", "\n"};
        return kWords[below(kWords.size())];
    }

    /// As an editor makes them, some at the end of what the change before typed.
    void write(Replica &replica, std::size_t person)
    {
        crdt::Draft draft;
        draft.restart(m_history.open(person));
        crdt::Document &document = replica.document;
        TextOffset caret = static_cast<TextOffset>(below(document.length() + 1UL));
        for (std::uint64_t keys = below(8); keys > 0; --keys) {
            const std::uint64_t key = below(10);
            if (key < 6) {
                const std::string &text = word();
                document.insert(caret, text, draft);
                caret += utf8::length(text);
            } else if (key == 6) {
                document.set(crdt::kRoot, "title", word(), draft);
            } else if (key == 7) {
                caret = static_cast<TextOffset>(below(document.length() + 1UL));
            } else if (caret > 0) {
                const auto count = static_cast<TextOffset>(1 + below(std::min(caret, 4U)));
                caret -= count;
                document.erase(caret, count, draft);
            }
        }
        finish(replica, draft.change, draft.ops);
    }

    /// Valid, and no editor makes it.
    void craft(Replica &replica, std::size_t person)
    {
        const ChangeHandle change = m_history.open(person);
        std::vector<crdt::OpId> letters;
        for (const ChangeHandle it : replica.known)
            addLetters(letters, it, m_ops.at(it));
        crdt::Ops ops;
        std::set<crdt::OpId> deleted;
        for (std::uint64_t count = below(4) + 1; count > 0; --count) {
            const crdt::OpId target =
                letters.empty() ? crdt::kRoot : letters[below(letters.size())];
            if (below(3) == 0 && target != crdt::kRoot && deleted.insert(target).second) {
                ops.emplace_back(crdt::DeleteText{target, 1});
                continue;
            }
            const bool isLeft = target != crdt::kRoot && below(2) == 0;
            ops.emplace_back(
                crdt::InsertText{target, isLeft ? crdt::Side::Left : crdt::Side::Right, word()});
            letters.push_back({change, idsTakenBy(ops) - 1});
        }
        finish(replica, change, ops);
        replica.document.integrate(change, ops);
    }

    static void addLetters(std::vector<crdt::OpId> &letters, ChangeHandle change,
                           const crdt::Ops &ops)
    {
        std::uint32_t index = 0;
        for (const crdt::Op &op : ops) {
            if (std::holds_alternative<crdt::InsertText>(op))
                for (std::uint32_t i = 0; i < idsTakenBy(op); ++i)
                    letters.push_back({change, index + i});
            index += idsTakenBy(op);
        }
    }

    void finish(Replica &replica, ChangeHandle change, const crdt::Ops &ops)
    {
        m_history.sign(change, replica.known, below(3));
        replica.known.push_back(change);
        m_ops[change] = ops;
    }

    void toggle(Replica &replica)
    {
        if (replica.known.empty())
            return;
        const ChangeHandle change = replica.known[below(replica.known.size())];
        setVoid(replica, change, !replica.voids.contains(change));
    }

    SeededRandom m_random;
    FakeHistory m_history{kPeople};
    std::vector<Replica> m_replicas;
    std::map<ChangeHandle, crdt::Ops> m_ops;
};

} // namespace nlbd::test
