#pragma once

#include "core/crdt/numbers.h"

#include <set>
#include <span>

namespace nlbd::crdt {

/// Which runs hang at which letters. That a letter of a run hangs at the one before is not said
/// here (OpLog knows). One child, the common case, takes eight bytes.
class Children {
public:
    /// The runs at one side of a letter, by their first letters, in sibling order. Until the next
    /// insertion.
    [[nodiscard]] std::span<const LocalId> of(LocalId parent, Side side) const noexcept
    {
        const std::uint32_t *found = m_known.find(keyOf(parent, side));
        if (found == nullptr)
            return {};
        if ((*found & kListBit) != 0)
            return m_lists[*found & ~kListBit];
        return {found, 1};
    }

    /// Makes room for so many.
    void reserve(std::size_t runs) { m_known.reserve(runs); }

    /// Precondition: no run hangs there.
    void insertFirst(LocalId parent, Side side, LocalId child)
    {
        m_known.insert(keyOf(parent, side), child);
    }

    /// False, and nothing done, if a run hangs there.
    [[nodiscard]] bool insertIfFirst(LocalId parent, Side side, LocalId child)
    {
        return m_known.insertIfNew(keyOf(parent, side), child);
    }

    void insert(LocalId parent, Side side, std::size_t position, LocalId child)
    {
        std::uint32_t *found = m_known.find(keyOf(parent, side));
        if (found == nullptr) {
            CHECK(position == 0);
            m_known.insert(keyOf(parent, side), child);
            return;
        }
        if ((*found & kListBit) == 0) {
            m_lists.push_back({*found});
            *found = kListBit | static_cast<std::uint32_t>(m_lists.size() - 1);
        }
        std::vector<LocalId> &list = m_lists[*found & ~kListBit];
        CHECK(position <= list.size());
        list.insert(list.begin() + static_cast<std::ptrdiff_t>(position), child);
    }

    // ---- Forks: letters that their run goes on from and that others hang at on the right
    // ---------

    void addFork(LocalId letter) { m_forks.insert(letter); }

    /// The first fork in [first, end).
    [[nodiscard]] std::optional<LocalId> forkIn(LocalId first, LocalId end) const noexcept
    {
        if (m_forks.empty())
            return std::nullopt;
        const auto found = m_forks.lower_bound(first);
        return found != m_forks.end() && *found < end ? std::optional(*found) : std::nullopt;
    }

private:
    static constexpr std::uint32_t kListBit = 0x8000'0000U;
    [[nodiscard]] static std::uint32_t keyOf(LocalId parent, Side side) noexcept
    {
        return parent << 1U | static_cast<std::uint32_t>(side);
    }

    FlatMap m_known; ///< parent and side to a child; with the highest bit, to a list
    std::vector<std::vector<LocalId>> m_lists;
    std::set<LocalId> m_forks;
};

} // namespace nlbd::crdt
