#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace nlbd::crdt {

/// Numbers as bits: a set that is filled with ranges and emptied often.
class NumberSet {
public:
    /// Adds [first, first + count), which is not empty; false, and it need not be whole, if one was
    /// in the set.
    /// @complexity O(count / 64).
    [[nodiscard]] bool add(std::uint32_t first, std::uint32_t count)
    {
        const std::uint32_t word = first / 64;
        if (word >= m_words.size() || count > 64 - first % 64) [[unlikely]]
            return addWords(first, count);
        const std::uint64_t bits = ~std::uint64_t(0) >> (64 - count) << (first % 64);
        const std::uint64_t twice = m_words[word] & bits;
        m_words[word] |= bits;
        if (m_added.empty() || m_added.back().last != word)
            m_added.push_back({word, word});
        return twice == 0;
    }

    /// @complexity that of adding what is in it.
    void clear() noexcept
    {
        for (const Words &words : m_added)
            for (std::size_t at = words.first; at <= words.last; ++at)
                m_words[at] = 0;
        m_added.clear();
    }

private:
    bool addWords(std::uint32_t first, std::uint32_t count)
    {
        const std::size_t end = std::size_t(first) + count;
        if (m_words.size() * 64 < end)
            m_words.resize(std::max(end / 64 + 1, m_words.size() + m_words.size() / 4));
        m_added.push_back({first / 64, static_cast<std::uint32_t>((end - 1) / 64)});
        std::uint64_t twice = 0;
        for (std::size_t at = first; at < end;) {
            const std::size_t next = std::min(end, (at / 64 + 1) * 64);
            const std::uint64_t bits = ~std::uint64_t(0) >> (64 - (next - at)) << (at % 64);
            twice |= m_words[at / 64] & bits;
            m_words[at / 64] |= bits;
            at = next;
        }
        return twice == 0;
    }

    struct Words {
        std::uint32_t first = 0;
        std::uint32_t last = 0;
    };
    std::vector<std::uint64_t> m_words;
    std::vector<Words> m_added;
};

} // namespace nlbd::crdt
