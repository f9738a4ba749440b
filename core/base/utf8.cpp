#include "core/base/utf8.h"

#include <bit>
#include <cstring>

namespace nlbd::utf8 {

namespace {

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

bool isContinuation(char c) noexcept
{
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Scalars that begin in the eight bytes at `at`.
TextOffset startsInWord(const char *at) noexcept
{
    constexpr std::uint64_t kLowBits = 0x0101'0101'0101'0101U;
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t continuations = (word >> 7U) & ~(word >> 6U) & kLowBits;
    return static_cast<TextOffset>(kWordBytes)
        - static_cast<TextOffset>(std::popcount(continuations));
}

/// Bytes of the well-formed sequence at the front, 0 if there is none (Unicode 15, table 3-7).
std::size_t sequenceLength(std::string_view text) noexcept
{
    const auto at = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto within = [](unsigned value, unsigned low, unsigned high) {
        return value >= low && value <= high;
    };
    const unsigned first = at(0);
    if (first < 0x80)
        return 1;
    if (within(first, 0xC2, 0xDF))
        return within(at(1), 0x80, 0xBF) ? 2 : 0;
    if (within(first, 0xE0, 0xEF)) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = first == 0xED ? 0x9F : 0xBF;
        return within(at(1), low, high) && within(at(2), 0x80, 0xBF) ? 3 : 0;
    }
    if (within(first, 0xF0, 0xF4)) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
        return within(at(1), low, high) && within(at(2), 0x80, 0xBF) && within(at(3), 0x80, 0xBF)
            ? 4
            : 0;
    }
    return 0;
}

/// Eight bytes at a time, as long as none has its highest bit set; returns how many were passed,
/// all or a multiple of eight.
std::size_t asciiPrefix(std::string_view text) noexcept
{
    constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080U;
    std::size_t at = 0;
    std::uint64_t word = 0;
    for (; text.size() - at >= sizeof word; at += sizeof word) {
        std::memcpy(&word, text.data() + at, sizeof word);
        if ((word & kHighBits) != 0)
            return at;
    }
    return isShortAscii(text.substr(at)) ? text.size() : at;
}

} // namespace

bool isValidLong(std::string_view text, TextOffset &length) noexcept
{
    length = 0;
    for (;;) {
        const std::size_t ascii = asciiPrefix(text);
        length += static_cast<TextOffset>(ascii);
        text.remove_prefix(ascii);
        // Somewhere here is a scalar beyond ASCII, and often more of them.
        for (std::size_t i = 0; i < kWordBytes; ++i, ++length) {
            if (text.empty())
                return true;
            const std::size_t bytes = sequenceLength(text);
            if (bytes == 0)
                return false;
            text.remove_prefix(bytes);
        }
    }
}

TextOffset lengthOfLong(std::string_view text) noexcept
{
    TextOffset count = 0;
    for (; text.size() >= kWordBytes; text.remove_prefix(kWordBytes))
        count += startsInWord(text.data());
    for (const char c : text)
        count += isContinuation(c) ? 0 : 1;
    return count;
}

std::size_t bytePosition(std::string_view text, TextOffset offset) noexcept
{
    std::size_t i = 0;
    // A word that holds the start we look for is left to what follows.
    for (; text.size() - i >= kWordBytes; i += kWordBytes) {
        const TextOffset starts = startsInWord(text.data() + i);
        if (starts > offset)
            break;
        offset -= starts;
    }
    for (; i < text.size(); ++i) {
        if (isContinuation(text[i]))
            continue;
        if (offset == 0)
            return i;
        --offset;
    }
    return text.size();
}

std::string_view slice(std::string_view text, TextOffset offset, TextOffset count) noexcept
{
    const std::size_t begin = bytePosition(text, offset);
    const std::string_view rest = text.substr(begin);
    return rest.substr(0, bytePosition(rest, count));
}

std::string_view plainStart(std::string_view text) noexcept
{
    const auto byte = [text](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool isControl = (byte(at) < 0x20 && byte(at) != '\t') || byte(at) == 0x7F
            || (byte(at) == 0xC2 && byte(at + 1) < 0xA0);
        // U+2028 to U+202E and U+2066 to U+2069: line ends, embeddings, overrides, isolates.
        const bool isLayout = byte(at) == 0xE2
            && ((byte(at + 1) == 0x80 && byte(at + 2) >= 0xA8 && byte(at + 2) <= 0xAE)
                || (byte(at + 1) == 0x81 && byte(at + 2) >= 0xA6 && byte(at + 2) <= 0xA9));
        if (isControl || isLayout)
            return text.substr(0, at);
    }
    return text;
}

} // namespace nlbd::utf8
