#pragma once

#include <algorithm>
#include <array>
#include <string_view>

/// Which keys of SetMark and SetAttribute there are and how they behave.
namespace nlbd::crdt {

/// True if a mark takes in what is typed at its end (Peritext, section 3.2: bold does, a link does
/// not). At its start no mark does. Of a key with a colon, the part before it decides.
[[nodiscard]] constexpr bool growsAtEnd(std::string_view key) noexcept
{
    const std::string_view kind = key.substr(0, key.find(':'));
    return kind == "bold" || kind == "italic" || kind == "underline" || kind == "strike"
        || kind == "code" || kind == "highlight";
}

/// What SetAttribute keeps at a letter: blocks and embedded objects.
inline constexpr std::array<std::string_view, 5> kLetterKeys{"block", "done", "embed", "indent",
                                                             "language"};

/// True for these. All other keys of a delta are marks.
[[nodiscard]] constexpr bool isLetterKey(std::string_view key) noexcept
{
    return std::ranges::find(kLetterKeys, key) != kLetterKeys.end();
}

} // namespace nlbd::crdt
