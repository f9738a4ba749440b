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
        || kind == "code" || kind == "highlight" || kind == "added";
}

/// The same of an op that sets or clears. Who accepts what was suggested says nothing of letters
/// that its author types on with meanwhile.
[[nodiscard]] constexpr bool growsAtEnd(std::string_view key, bool sets) noexcept
{
    return growsAtEnd(key) && (sets || !key.starts_with("added:"));
}

/// Kinds of marks that stand for suggestions: "added:" and "removed:" with the group, "styled:"
/// with the group and what is to be set ("styled:3.17:bold"), and over letters that were kept by
/// decision. Only the engine sets them, and views do not see them.
inline constexpr std::string_view kAddedMark = "added:";
inline constexpr std::string_view kRemovedMark = "removed:";
inline constexpr std::string_view kStyledMark = "styled:";
inline constexpr std::string_view kKeptMark = "kept";

[[nodiscard]] constexpr bool isSuggestionKey(std::string_view key) noexcept
{
    const std::string_view kind = key.substr(0, key.find(':'));
    return kind == "added" || kind == "removed" || kind == "styled" || kind == kKeptMark;
}

/// What SetAttribute keeps at a letter: blocks and embedded objects.
inline constexpr std::array<std::string_view, 5> kLetterKeys{"block", "done", "embed", "indent",
                                                             "language"};

/// True for these. All other keys of a delta are marks.
[[nodiscard]] constexpr bool isLetterKey(std::string_view key) noexcept
{
    return std::ranges::find(kLetterKeys, key) != kLetterKeys.end();
}

/// What people say beside a text hangs at its letters by marks of their own, which do not grow and
/// are no part of how a text looks.
inline constexpr std::string_view kCommentPrefix = "comment:";
[[nodiscard]] constexpr bool isCommentKey(std::string_view key) noexcept
{
    return key.starts_with(kCommentPrefix);
}

} // namespace nlbd::crdt
