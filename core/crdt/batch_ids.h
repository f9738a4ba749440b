#pragma once

#include "core/crdt/flat_map.h"
#include "core/crdt/op.h"

#include <optional>

namespace nlbd::crdt {

/// Numbers all ids of the changes of a batch through, 0 for the root: what an op points at is then
/// mostly near the op before.
class BatchIds {
public:
    static constexpr std::uint32_t kIdsMax = 1U << 30U;

    /// Ids of the next change follow. False if there are too many, or the handle is not new.
    [[nodiscard]] bool begin(ChangeHandle change)
    {
        if (change == kRoot.change || m_places.find(change.value) != nullptr)
            return false;
        m_places.insert(change.value, static_cast<std::uint32_t>(m_changes.size()));
        m_changes.push_back({change, m_next});
        return true;
    }
    [[nodiscard]] bool add(std::uint32_t count)
    {
        if (count >= kIdsMax - m_next)
            return false;
        m_next += count;
        return true;
    }
    [[nodiscard]] std::uint32_t next() const noexcept { return m_next; }
    [[nodiscard]] std::uint32_t nextIndex() const noexcept
    {
        return m_next - m_changes.back().first;
    }

    /// The number of an id that was given already; nothing for all others.
    [[nodiscard]] std::optional<std::uint32_t> numberOf(OpId id) const noexcept
    {
        if (id == kRoot)
            return 0;
        const std::uint32_t *place = m_places.find(id.change.value);
        if (place == nullptr)
            return std::nullopt;
        const std::uint32_t first = m_changes[*place].first;
        const std::uint32_t end =
            *place + 1 < m_changes.size() ? m_changes[*place + 1].first : m_next;
        return id.index < end - first ? std::optional(first + id.index) : std::nullopt;
    }

    /// Precondition: the number was given.
    [[nodiscard]] OpId idOf(std::uint32_t number) const noexcept
    {
        if (number == 0)
            return kRoot;
        const auto after = std::ranges::upper_bound(m_changes, number, {}, &Change::first);
        const Change &it = *(after - 1);
        return {it.handle, number - it.first};
    }

private:
    struct Change {
        ChangeHandle handle;
        std::uint32_t first = 0;
    };
    std::vector<Change> m_changes;
    FlatMap m_places; ///< of handles among them
    std::uint32_t m_next = 1;
};

} // namespace nlbd::crdt
