#pragma once

#include "core/base/check.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace nlbd::crdt {

/// A table from numbers to numbers in one piece of memory: eight bytes an entry and a fifth to
/// three fifths of air.
///
/// Hashing is multiply-shift (Dietzfelbinger et al. 1997), universal for a multiplier that nobody
/// outside knows: it comes from the address of the table, anew whenever that grows. So who chooses
/// what hangs where cannot choose what collides. Nothing depends on the order inside.
class FlatMap {
public:
    static constexpr std::uint32_t kNoKey = UINT32_MAX;

    /// The value of a key, until the next insertion; null if it has none.
    [[nodiscard]] const std::uint32_t *find(std::uint32_t key) const noexcept
    {
        if (m_slots.empty())
            return nullptr;
        for (std::size_t at = place(key);; at = (at + 1) & m_mask) {
            if (m_slots[at].key == kNoKey)
                return nullptr;
            if (m_slots[at].key == key)
                return &m_slots[at].value;
        }
    }
    [[nodiscard]] std::uint32_t *find(std::uint32_t key) noexcept
    {
        return const_cast<std::uint32_t *>(const_cast<const FlatMap *>(this)->find(key));
    }

    /// Precondition: the key is new and not kNoKey.
    void insert(std::uint32_t key, std::uint32_t value) { CHECK(insertIfNew(key, value)); }

    /// False, and nothing done, if the key has a value. Precondition: it is not kNoKey.
    [[nodiscard]] bool insertIfNew(std::uint32_t key, std::uint32_t value)
    {
        CHECK(key != kNoKey);
        if ((m_count + 1) * 5 > m_slots.size() * 4)
            grow(m_slots.empty() ? kSlotsMin : m_slots.size() * 2);
        std::size_t at = place(key);
        for (; m_slots[at].key != kNoKey; at = (at + 1) & m_mask) {
            if (m_slots[at].key == key)
                return false;
        }
        m_slots[at] = {key, value};
        ++m_count;
        return true;
    }

    /// Makes room for so many in all.
    void reserve(std::size_t count)
    {
        const std::size_t slots = std::bit_ceil(std::max(kSlotsMin, count * 5 / 4 + 1));
        if (slots > m_slots.size())
            grow(slots);
    }

private:
    static constexpr std::size_t kSlotsMin = 8;
    struct Slot {
        std::uint32_t key = kNoKey;
        std::uint32_t value = 0;
    };
    [[nodiscard]] std::size_t place(std::uint32_t key) const noexcept
    {
        return static_cast<std::size_t>(key * m_multiplier >> m_shift);
    }
    void put(Slot slot)
    {
        std::size_t at = place(slot.key);
        while (m_slots[at].key != kNoKey)
            at = (at + 1) & m_mask;
        m_slots[at] = slot;
    }
    void grow(std::size_t slots)
    {
        std::vector<Slot> old(slots);
        old.swap(m_slots);
        m_mask = m_slots.size() - 1;
        m_shift = std::countl_zero(m_mask);
        constexpr std::uint64_t kGolden = 0x9E37'79B9'7F4A'7C15U;
        const auto address = reinterpret_cast<std::uintptr_t>(m_slots.data());
        m_multiplier = ((address >> 4U) ^ address << 32U) * kGolden | 1U;
        for (const Slot &slot : old) {
            if (slot.key != kNoKey)
                put(slot);
        }
    }

    std::vector<Slot> m_slots; ///< a power of two of them
    std::size_t m_mask = 0;
    int m_shift = 0; ///< leaves as many bits as the mask has
    std::uint64_t m_multiplier = 1;
    std::size_t m_count = 0;
};

} // namespace nlbd::crdt
