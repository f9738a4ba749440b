#pragma once

#include "core/crdt/numbers.h"

#include <algorithm>
#include <bit>
#include <vector>

namespace nlbd::crdt {

/// A bit for each local id, in words, so that ranges cost a 64th of what they hold.
class Bits {
public:
    /// Of the ids before `end`, all false.
    explicit Bits(LocalId end)
        : m_words(end / 64 + 1)
    {
    }

    [[nodiscard]] bool has(LocalId id) const noexcept
    {
        return (m_words[id / 64] >> (id % 64) & 1U) != 0;
    }
    void set(LocalId first, LocalId end) noexcept
    {
        forEachWord(first, end, [](std::uint64_t &word, std::uint64_t mask) { word |= mask; });
    }
    void clear(LocalId first, LocalId end) noexcept
    {
        forEachWord(first, end, [](std::uint64_t &word, std::uint64_t mask) { word &= ~mask; });
    }

    /// The first id after `id` whose bit is another, at most `end`. Precondition: id < end.
    [[nodiscard]] LocalId endOfRun(LocalId id, LocalId end) const noexcept
    {
        const std::uint64_t flip = has(id) ? ~std::uint64_t(0) : 0;
        std::size_t word = id / 64;
        const std::size_t last = (end - 1) / 64;
        std::uint64_t others = (m_words[word] ^ flip) >> (id % 64) << (id % 64);
        while (others == 0 && word < last)
            others = m_words[++word] ^ flip;
        if (others == 0)
            return end;
        const auto found = word * 64 + static_cast<std::size_t>(std::countr_zero(others));
        return std::min(end, static_cast<LocalId>(found));
    }

private:
    template <typename Change>
    void forEachWord(LocalId first, LocalId end, Change change) noexcept
    {
        while (first < end) {
            const LocalId next = std::min(end, (first / 64 + 1) * 64);
            change(m_words[first / 64], ~std::uint64_t(0) >> (64 - (next - first)) << (first % 64));
            first = next;
        }
    }

    std::vector<std::uint64_t> m_words;
};

} // namespace nlbd::crdt
