#pragma once

#include "core/crdt/op.h"

#include <deque>
#include <map>
#include <set>

namespace nlbd::crdt {

/// Numbers of one change.
struct IdRange {
    ChangeHandle change;
    std::uint32_t first = 0;
    std::uint32_t count = 0;

    /// All of a change. Of an own one that is better than the numbers that it took: a deletion that
    /// was joined to the one before it may be known here by a number after the last.
    static IdRange whole(ChangeHandle change) noexcept { return {change, 0, UINT32_MAX}; }
    friend bool operator==(const IdRange &, const IdRange &) = default;
};

/// What a person calls a part of a change.
struct Deed {
    enum class Kind : std::uint8_t { Inserted, Deleted };
    Kind kind = Kind::Inserted;
    OpId first; ///< of the letters
    std::uint32_t length = 0;
    std::string text;
};

/// What came back after it was deleted came as something new, which stands for what it was: who
/// takes back the writing of a word means the word that came back, too.
class Copies {
public:
    struct Copy {
        OpId first;
        std::uint32_t length = 0;
        OpId of; ///< the first that it stands for
    };
    void add(const Copy &copy);

    [[nodiscard]] std::optional<OpId> originOf(OpId id) const;

    /// Calls visit(Copy) for what stands for a range of ids, cut to it.
    template <typename Visit>
    void forEachOf(OpId first, std::uint32_t length, Visit visit) const
    {
        const std::uint32_t end = first.index + length;
        for (auto it = m_byOrigin.lower_bound({first.change, 0});
             it != m_byOrigin.end() && it->first.change == first.change && it->first.index < end;
             ++it) {
            const Copy &copy = it->second;
            const std::uint32_t from = std::max(first.index, copy.of.index);
            const std::uint32_t to = std::min(end, copy.of.index + copy.length);
            if (from < to)
                visit(Copy{{copy.first.change, copy.first.index + (from - copy.of.index)},
                           to - from,
                           {first.change, from}});
        }
    }

    /// Calls visit(id) for each letter or item that stands for another.
    template <typename Visit>
    void forEach(Visit visit) const
    {
        for (const auto &[first, copy] : m_byCopy)
            for (std::uint32_t i = 0; i < copy.length; ++i)
                visit(OpId{first.change, first.index + i});
    }

private:
    std::map<OpId, Copy> m_byCopy;
    std::multimap<OpId, Copy> m_byOrigin;
};

/// What of one person's doing is to be taken back, and what is left to do of it. It is done step by
/// step, so that the changes that it takes are signed as they are full; nothing else may happen to
/// the document in between.
class Reversal {
public:
    /// `own` are the changes of the person from the first in `what` on. All but `what` itself must
    /// cancel out: it was done and taken back since. What won by one of them is as if it was not.
    Reversal(std::vector<IdRange> what, std::set<ChangeHandle> own, Copies &copies)
        : m_what(std::move(what))
        , m_own(std::move(own))
        , m_copies(&copies)
    {
    }

    /// The change that was written is signed, and what is left comes in another.
    void goesOnIn(ChangeHandle done) { m_own.insert(done); }

    [[nodiscard]] bool isOwn(ChangeHandle change) const { return m_own.contains(change); }

private:
    friend class Reverter;
    struct Task {
        enum class Kind : std::uint8_t {
            EraseText,
            RestoreText,
            EraseItems,
            RestoreItems,
            ClearMark,
            Mark,
            Setting,
            Increase
        };
        Kind kind = Kind::EraseText;
        std::uint32_t first = 0; ///< a local id, offset, mark or register
        std::uint32_t count = 0;
        OpId id;
        std::string key;
        std::optional<std::string> value;
        std::int64_t by = 0;
    };

    std::vector<IdRange> m_what;
    std::set<ChangeHandle> m_own;
    Copies *m_copies;
    std::deque<Task> m_tasks;
    bool m_isPlanned = false;
};

} // namespace nlbd::crdt
