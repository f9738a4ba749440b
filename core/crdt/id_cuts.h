#pragma once

#include "core/crdt/numbers.h"

#include <bit>

namespace nlbd::crdt {

/// std::popcount in place: without it the compiler calls a function on processors of any age.
[[nodiscard]] inline std::uint32_t onesIn(std::uint64_t word) noexcept
{
    word -= word >> 1U & 0x5555'5555'5555'5555U;
    word = (word & 0x3333'3333'3333'3333U) + (word >> 2U & 0x3333'3333'3333'3333U);
    word = (word + (word >> 4U)) & 0x0F0F'0F0F'0F0F'0F0FU;
    return static_cast<std::uint32_t>(word * 0x0101'0101'0101'0101U >> 56U);
}

/// Local ids cut into pieces, numbered in order: first all cuts are marked, then pieces have
/// numbers. A bit an id, and a word for 64 of them.
class IdCuts {
public:
    /// For ids up to `end`, which is one.
    explicit IdCuts(LocalId end)
        : m_words(end / 64 + 1)
        , m_before(end / 64 + 1)
    {
        mark(0);
        mark(end);
    }
    void mark(LocalId id) noexcept { m_words[id / 64] |= std::uint64_t(1) << (id % 64); }

    /// After the last mark.
    void seal()
    {
        std::uint32_t count = 0;
        for (std::size_t word = 0; word < m_words.size(); ++word) {
            m_before[word] = count;
            count += onesIn(m_words[word]);
        }
        m_firsts.reserve(count);
        for (std::size_t word = 0; word < m_words.size(); ++word)
            for (std::uint64_t bits = m_words[word]; bits != 0; bits &= bits - 1)
                m_firsts.push_back(static_cast<LocalId>(
                    word * 64 + static_cast<unsigned>(std::countr_zero(bits))));
    }

    /// The piece that holds an id.
    [[nodiscard]] std::uint32_t pieceOf(LocalId id) const noexcept
    {
        return m_before[id / 64] + onesIn(m_words[id / 64] << (63 - id % 64)) - 1;
    }

    /// Where each begins; the last begins at the end and is empty.
    [[nodiscard]] const std::vector<LocalId> &firsts() const noexcept { return m_firsts; }

private:
    std::vector<std::uint64_t> m_words;
    std::vector<std::uint32_t> m_before; ///< by word: pieces that begin before it
    std::vector<LocalId> m_firsts;
};

} // namespace nlbd::crdt
