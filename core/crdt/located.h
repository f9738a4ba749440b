#pragma once

#include "core/crdt/numbers.h"

namespace nlbd::crdt {

/// Where the check of a change found the letters that its ops name, in their order, for those who
/// then apply them. A letter keeps its local ids for ever and each entry says which letters it
/// speaks of, so that whatever happened in between, nothing that is taken from here is wrong.
class Located {
public:
    void clear() noexcept
    {
        m_entries.clear();
        rewind();
    }
    /// Begins anew with the first.
    void rewind() noexcept { m_next = 0; }

    void add(OpId first, LocalId local, std::uint32_t count)
    {
        m_entries.push_back({first, {local, count}});
    }

    /// The local ids of letters from one on, as far as they are a run: from here if they are what
    /// comes next, else from `numbers`, which knows them.
    [[nodiscard]] Numbers::LocalRun take(OpId first, const Numbers &numbers)
    {
        if (m_next < m_entries.size() && m_entries[m_next].first == first) [[likely]]
            return m_entries[m_next++].run;
        const auto found = numbers.find(first);
        CHECK(found.has_value());
        return *found;
    }

private:
    struct Entry {
        OpId first;
        Numbers::LocalRun run;
    };
    std::vector<Entry> m_entries;
    std::size_t m_next = 0;
};

} // namespace nlbd::crdt
