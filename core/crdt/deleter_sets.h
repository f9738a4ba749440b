#pragma once

#include "core/base/ids.h"

#include <unordered_map>

namespace nlbd::crdt {

/// Sets of the changes that deleted a span, shared between all spans with the same history: a
/// number per set, so that the spans that come from one cost four bytes each, however many deleted
/// it. A set is the set before plus one change.
class DeleterSets {
public:
    using SetIndex = std::uint32_t;
    static constexpr SetIndex kNobody = 0;

    DeleterSets()
        : m_sets(1)
    {
    }

    /// The set with `deleter` added. A change is applied in one piece, so a set that holds it holds
    /// it as its latest; were it elsewhere, counting it twice would change nothing either.
    [[nodiscard]] SetIndex with(SetIndex set, ChangeHandle deleter)
    {
        if (set != kNobody && m_sets[set].latest == deleter)
            return set;
        const std::uint64_t key = std::uint64_t(set) << 32U | deleter.value;
        const auto [found, isNew] = m_known.try_emplace(key, SetIndex(m_sets.size()));
        if (isNew)
            m_sets.push_back({deleter, set});
        return found->second;
    }

    /// True if `predicate` holds for one of the set. @complexity linear in the deleters asked.
    template <typename Predicate>
    [[nodiscard]] bool any(SetIndex set, Predicate predicate) const
    {
        for (; set != kNobody; set = m_sets[set].before) {
            if (predicate(m_sets[set].latest))
                return true;
        }
        return false;
    }

private:
    struct Entry {
        ChangeHandle latest;
        SetIndex before = kNobody;
    };
    std::vector<Entry> m_sets;
    std::unordered_map<std::uint64_t, SetIndex> m_known; ///< set and deleter to set
};

} // namespace nlbd::crdt
