#pragma once

#include "core/crdt/numbers.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <vector>

namespace nlbd::crdt {

/// A set of letters as bits by their local ids, and a bit for every word of them that is not empty:
/// few letters in a long range are found at once.
class LetterBits {
public:
    void add(LocalId letter)
    {
        const std::size_t word = letter / kBits;
        if (word / kBits >= m_used.size() || word >= m_words.size()) {
            m_words.resize(word + 1);
            m_used.resize(word / kBits + 1);
        }
        m_words[word] |= bitOf(letter);
        m_used[word / kBits] |= bitOf(word);
    }

    void remove(LocalId letter) noexcept
    {
        std::uint64_t &word = m_words[letter / kBits];
        word &= ~bitOf(letter);
        if (word == 0)
            m_used[letter / kBits / kBits] &= ~bitOf(letter / kBits);
    }

    [[nodiscard]] bool isEmpty() const noexcept { return m_used.empty(); }
    [[nodiscard]] bool has(LocalId letter) const noexcept
    {
        const std::size_t word = letter / kBits;
        return word < m_words.size() && (m_words[word] & bitOf(letter)) != 0;
    }

    /// True if one is in [first, end), which is not empty; true, too, if that would be long to
    /// tell.
    [[nodiscard]] bool mayBeIn(LocalId first, LocalId end) const noexcept
    {
        const std::size_t from = first / kBits;
        const std::size_t to = (end - 1) / kBits;
        const std::uint64_t before = wordAt(from) >> first % kBits; // No jumps but for a long one.
        const std::uint64_t behind = wordAt(to) << (kBits - 1 - (end - 1) % kBits);
        const std::uint64_t inOne = before
            << (first % kBits + kBits - 1 - (end - 1) % kBits) % kBits;
        return to - from > 1 || (from == to ? inOne : before | behind) != 0;
    }

    /// The last one in [first, end), which is not empty. @complexity linear in its length / 4096.
    [[nodiscard]] std::optional<LocalId> lastIn(LocalId first, LocalId end) const noexcept
    {
        const std::size_t from = first / kBits;
        const std::size_t to = std::min<std::size_t>((end - 1) / kBits + 1, m_words.size());
        // The first and the last word may have bits outside, and no others.
        for (std::size_t before = to; before > from;) {
            const auto word = lastUsedIn(from, before);
            if (!word)
                return std::nullopt;
            if (const auto found = lastOf(m_words[*word], *word, first, end))
                return found;
            before = *word;
        }
        return std::nullopt;
    }

private:
    static constexpr std::size_t kBits = 64;

    [[nodiscard]] static std::uint64_t bitOf(std::size_t number) noexcept
    {
        return std::uint64_t(1) << number % kBits;
    }
    [[nodiscard]] std::uint64_t wordAt(std::size_t word) const noexcept
    {
        const bool isKnown = word < m_words.size();
        return m_words[isKnown ? word : 0] & (0 - static_cast<std::uint64_t>(isKnown));
    }
    /// The highest number in [first, end) of those that a word has the bits of.
    [[nodiscard]] static std::optional<LocalId> lastOf(std::uint64_t bits, std::size_t word,
                                                       std::size_t first, std::size_t end) noexcept
    {
        const std::size_t start = word * kBits;
        if (end < start + kBits)
            bits &= bitOf(end) - 1;
        if (first > start)
            bits &= ~(bitOf(first) - 1);
        if (bits == 0)
            return std::nullopt;
        return static_cast<LocalId>(start + static_cast<std::size_t>(std::bit_width(bits)) - 1);
    }
    /// The last word in [first, end) that is not empty.
    [[nodiscard]] std::optional<std::size_t> lastUsedIn(std::size_t first,
                                                        std::size_t end) const noexcept
    {
        for (std::size_t at = (end - 1) / kBits + 1; at-- > first / kBits;) {
            if (const auto found = lastOf(m_used[at], at, first, end))
                return found;
        }
        return std::nullopt;
    }

    std::vector<std::uint64_t> m_words{0};
    std::vector<std::uint64_t> m_used; ///< by word: it has bits
};

} // namespace nlbd::crdt
