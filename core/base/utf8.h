#pragma once

#include "core/base/ids.h"

#include <cstring>

/// UTF-8 as the core uses it: validated once at the border, then counted in Unicode scalars.
namespace nlbd::utf8 {

/// True for up to 16 bytes of ASCII, which most of what people type and all names of formats are;
/// in line, because there are so many of them.
[[nodiscard, gnu::always_inline]] inline bool isShortAscii(std::string_view text) noexcept
{
    constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080U;
    const char *const at = text.data();
    const std::size_t size = text.size();
    const auto ends = [&]<typename Word>(Word first) { // two words that overlap
        Word last = 0;
        std::memcpy(&first, at, sizeof first);
        std::memcpy(&last, at + size - sizeof last, sizeof last);
        return std::uint64_t(first | last);
    };
    if (size > 2 * sizeof kHighBits)
        return false;
    if (size >= sizeof(std::uint64_t))
        return (ends(std::uint64_t(0)) & kHighBits) == 0;
    if (size >= sizeof(std::uint32_t))
        return (ends(std::uint32_t(0)) & kHighBits) == 0;
    if (size == 0)
        return true; // The first, the middle one, the last:
    return ((at[0] | at[size / 2] | at[size - 1]) & 0x80) == 0;
}

/// As isValid and length, for what is mostly longer.
[[nodiscard]] bool isValidLong(std::string_view text, TextOffset &length) noexcept;
[[nodiscard]] TextOffset lengthOfLong(std::string_view text) noexcept;

/// True if the text is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
/// `length` becomes the number of scalars in it. @complexity linear.
[[nodiscard]] inline bool isValid(std::string_view text, TextOffset &length) noexcept
{
    length = static_cast<TextOffset>(text.size());
    return isShortAscii(text) || isValidLong(text, length);
}
[[nodiscard, gnu::always_inline]] inline bool isValid(std::string_view text) noexcept
{
    TextOffset length = 0;
    return isShortAscii(text) || isValidLong(text, length);
}

/// Number of scalars in valid UTF-8. @complexity linear.
[[nodiscard]] inline TextOffset length(std::string_view text) noexcept
{
    return isShortAscii(text) ? static_cast<TextOffset>(text.size()) : lengthOfLong(text);
}

/// Byte position of the scalar at `offset` in valid UTF-8; text.size() if beyond. @complexity
/// linear.
[[nodiscard]] std::size_t bytePosition(std::string_view text, TextOffset offset) noexcept;

/// `count` scalars from `offset` on, borrowed.
[[nodiscard]] std::string_view slice(std::string_view text, TextOffset offset,
                                     TextOffset count) noexcept;

/// The valid UTF-8 up to its first control (tab aside), line-breaking or bidirectional-embedding
/// character, borrowed: what can be drawn beside other text without acting on it.
[[nodiscard]] std::string_view plainStart(std::string_view text) noexcept;

} // namespace nlbd::utf8
