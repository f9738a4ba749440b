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
        if (word >= m_words.size()) {
            m_words.resize(word + 1);
            m_used.resize(word / kBits + 1);
        }
        m_words[word] |= bitOf(letter);
        m_used[word / kBits] |= bitOf(word);
    }

    [[nodiscard]] bool isEmpty() const noexcept { return m_words.empty(); }
    [[nodiscard]] bool has(LocalId letter) const noexcept
    {
        const std::size_t word = letter / kBits;
        return word < m_words.size() && (m_words[word] & bitOf(letter)) != 0;
    }

    /// The last one in [first, end), which is not empty. @complexity linear in its length / 4096.
    [[nodiscard]] std::optional<LocalId> lastIn(LocalId first, LocalId end) const noexcept
    {
        const std::size_t word = first / kBits;
        if (word != (end - 1) / kBits)
            return lastInMany(first, end);
        const std::uint64_t bits = word < m_words.size() ? m_words[word] : 0;
        return bits == 0 ? std::nullopt : lastOf(bits, word, first, end);
    }

private:
    static constexpr std::size_t kBits = 64;

    [[nodiscard]] static std::uint64_t bitOf(std::size_t number) noexcept
    {
        return std::uint64_t(1) << number % kBits;
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
    [[nodiscard]] std::optional<LocalId> lastInMany(LocalId first, LocalId end) const noexcept
    {
        const std::size_t from = first / kBits;
        const std::size_t to = std::min<std::size_t>((end - 1) / kBits + 1, m_words.size());
        // The first and the last may have bits outside: seen once more if they have none inside.
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

    std::vector<std::uint64_t> m_words;
    std::vector<std::uint64_t> m_used; ///< by word: it has bits
};

} // namespace nlbd::crdt
