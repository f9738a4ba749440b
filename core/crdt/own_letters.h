#pragma once

#include "core/crdt/rich.h"

namespace nlbd::crdt {

/// True for the letters of which attributes of SetAttribute show: line breaks and what stands for
/// objects.
[[nodiscard]] constexpr bool isOwnLetter(std::string_view scalar) noexcept
{
    return scalar == "\n" || scalar == kObjectLetter;
}

/// Calls visit(offset, byte, bytes) for those of a text, valid UTF-8, that begins at `at`.
template <typename Visit>
void forEachOwnLetter(std::string_view text, TextOffset at, Visit visit)
{
    for (std::size_t byte = 0; byte < text.size(); ++at) {
        std::size_t end = byte + 1;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
            ++end;
        if (isOwnLetter(text.substr(byte, end - byte)))
            visit(at, byte, end - byte);
        byte = end;
    }
}

} // namespace nlbd::crdt
