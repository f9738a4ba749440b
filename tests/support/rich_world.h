#pragma once

#include "core/base/random.h"
#include "core/crdt/document.h"
#include "tests/support/fake_history.h"

#include <set>

namespace nlbd::test {

/// A few people who write, format and set things, each at times out of touch with the others; some
/// of what they send no editor would make.
class RichWorld {
public:
    struct Replica {
        explicit Replica(FakeHistory &history, std::size_t number)
            : device(number)
            , document(history)
        {
        }
        std::size_t device;
        crdt::Document document;
        std::vector<ChangeHandle> known; ///< in the order of arrival
        std::set<ChangeHandle> voids;
    };

    RichWorld(std::uint64_t seed, std::size_t people)
        : random(seed)
        , history(people)
    {
        replicas.reserve(people);
        for (std::size_t i = 0; i < people; ++i)
            replicas.emplace_back(history, i);
    }

    /// All have a list and a counter.
    void begin()
    {
        crdt::Document &document = replicas.front().document;
        crdt::Draft draft{history.open(0), {}, 0};
        document.set(crdt::kRoot, "list", crdt::Value(crdt::Value::Kind::List), draft);
        document.set(crdt::kRoot, "sum", crdt::Value(crdt::Value::Kind::Counter), draft);
        const ChangeHandle change = finish(replicas.front(), std::move(draft));
        for (std::size_t i = 1; i < replicas.size(); ++i) {
            replicas[i].known.push_back(change);
            replicas[i].document.integrate(change, ops.at(change));
        }
    }

    std::uint64_t below(std::uint64_t bound) { return random.below(bound); }
    TextOffset offset(TextOffset bound) { return TextOffset(below(bound)); }
    Replica &anyone() { return replicas[below(replicas.size())]; }
    const std::string &word() { return kWords[below(kWords.size())]; }
    const std::string &markKey() { return kMarkKeys[below(kMarkKeys.size())]; }
    const std::string &letterKey() { return kLetterKeysUsed[below(kLetterKeysUsed.size())]; }
    std::optional<std::string> value()
    {
        const std::uint64_t it = below(3);
        return it == 0 ? std::nullopt : std::optional(std::to_string(it));
    }

    /// One change of somebody's own, by what an editor calls.
    ChangeHandle write(Replica &replica)
    {
        crdt::Draft draft{history.open(replica.device), {}, 0};
        for (std::uint64_t i = below(5) + 1; i > 0; --i)
            writeOne(replica.document, draft);
        return finish(replica, std::move(draft));
    }

    void writeOne(crdt::Document &document, crdt::Draft &draft)
    {
        const TextOffset length = document.length();
        const TextOffset from = offset(length + 1);
        const TextOffset to = from + offset(std::min<TextOffset>(length - from, 8) + 1);
        const std::uint64_t what = below(12);
        if (what < 5)
            document.insert(from, word(), draft);
        else if (what < 7)
            document.erase(from, to - from, draft);
        else if (what < 9)
            document.mark(from, to, markKey(), value(), draft);
        else if (what < 11)
            document.setAttribute(from, letterKey(), value(), draft);
        else
            document.set(crdt::kRoot, "title", below(4) == 0 ? crdt::Value() : crdt::Value(word()),
                         draft);
    }

    ChangeHandle finish(Replica &replica, crdt::Draft draft)
    {
        history.sign(draft.change, replica.known, below(4));
        replica.known.push_back(draft.change);
        ops[draft.change] = std::move(draft.ops);
        return draft.change;
    }

    /// Valid ops that no editor makes: children on any side, marks that end before they begin,
    /// attributes of any letter.
    ChangeHandle craft(Replica &replica)
    {
        std::vector<crdt::OpId> letters{crdt::kRoot};
        for (const ChangeHandle change : replica.known) {
            std::uint32_t next = 0;
            for (const crdt::Op &op : ops.at(change)) {
                const std::uint32_t count = idsTakenBy(op);
                for (std::uint32_t i = 0; i < count && std::get_if<crdt::InsertText>(&op); ++i)
                    letters.push_back({change, next + i});
                next += count;
            }
        }
        const auto any = [&] { return letters[below(letters.size())]; };
        const auto side = [&] { return below(2) == 0 ? crdt::Side::Left : crdt::Side::Right; };
        const ChangeHandle change = history.add(replica.device, replica.known, below(4));
        crdt::Ops &made = ops[change];
        std::set<crdt::OpId> deleted;
        for (std::uint64_t i = below(4) + 1; i > 0; --i) {
            const crdt::OpId it = any();
            const std::uint64_t what = below(4);
            if (what == 0)
                made.emplace_back(
                    crdt::InsertText{it, it == crdt::kRoot ? crdt::Side::Right : side(), word()});
            else if (what == 1 && it != crdt::kRoot && deleted.insert(it).second)
                made.emplace_back(crdt::DeleteText{it, 1});
            else if (what == 2)
                made.emplace_back(crdt::SetMark{{it, side()}, {any(), side()}, markKey(), value()});
            else
                made.emplace_back(crdt::SetAttribute{it, letterKey(), value()});
        }
        replica.known.push_back(change);
        return change;
    }

    [[nodiscard]] static bool knows(const Replica &replica, ChangeHandle change)
    {
        return std::ranges::find(replica.known, change) != replica.known.end();
    }

    /// Changes with all that they stand on, in a causal order.
    std::vector<ChangeHandle> frontier(const Replica &replica)
    {
        std::set<ChangeHandle> chosen;
        for (std::uint64_t i = below(4); i > 0 && !replica.known.empty(); --i) {
            const ChangeHandle tip = replica.known[below(replica.known.size())];
            for (const ChangeHandle it : replica.known)
                if (history.isInPast(it, tip))
                    chosen.insert(it);
        }
        return {chosen.begin(), chosen.end()};
    }

    SeededRandom random;
    FakeHistory history;
    std::vector<Replica> replicas;
    std::map<ChangeHandle, crdt::Ops> ops;

private:
    inline static const std::vector<std::string> kWords{
        "a", "bc", "\xC3\xA9", "x\xF0\x9F\x8C\x8Dy", "\n", "word ", "\xEF\xBF\xBC"};
    inline static const std::vector<std::string> kMarkKeys{"bold", "link", "comment:1", "block"};
    inline static const std::vector<std::string> kLetterKeysUsed{"block", "indent", "embed",
                                                                 "bold"};
};

} // namespace nlbd::test
