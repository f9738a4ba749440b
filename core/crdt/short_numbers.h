#pragma once

#include "core/base/ids.h"

namespace nlbd::crdt {

/// Reads LEB128 numbers of one or two bytes without a jump: which of the two comes next cannot be
/// guessed. A longer or padded one is noticed; then all that was read is void, and somebody who
/// knows all forms has to begin anew.
class ShortNumbers {
public:
    static constexpr std::size_t kBytesMax = 2; ///< of one number

    /// Precondition: kBytesMax bytes are there for each number that is read.
    explicit ShortNumbers(ByteView bytes) noexcept
        : m_begin(bytes.data())
        , m_at(bytes.data())
    {
    }

    [[nodiscard, gnu::always_inline]] std::uint32_t get() noexcept { return getIf(1); }

    /// The next number if `isThere` is 1; zero, and nothing read, if it is 0.
    [[nodiscard, gnu::always_inline]] std::uint32_t getIf(std::uint32_t isThere) noexcept
    {
        const auto first = static_cast<std::uint32_t>(m_at[0]);
        const auto second = static_cast<std::uint32_t>(m_at[1]);
        const std::uint32_t isTwo = first >> 7U;
        const std::uint32_t value = (first & 0x7FU) | (second << 7U & (0U - isTwo));
        const auto isEnd = static_cast<std::uint32_t>(second - 1U < 0x7FU);
        m_isUnsound |= isThere & isTwo & ~isEnd;
        m_at += isThere + (isThere & isTwo);
        return value & (0U - isThere);
    }

    [[nodiscard]] bool isSound() const noexcept { return m_isUnsound == 0; }
    [[nodiscard]] std::size_t bytesRead() const noexcept
    {
        return static_cast<std::size_t>(m_at - m_begin);
    }

private:
    const std::byte *m_begin;
    const std::byte *m_at;
    std::uint32_t m_isUnsound = 0;
};

} // namespace nlbd::crdt
