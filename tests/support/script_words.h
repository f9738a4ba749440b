#pragma once

#include "core/crdt/rich.h"

/// What people of scripts type and set, by number.
namespace nlbd::test::script_words {

inline const std::vector<std::string> kWords{
    "a", "b", "\n", "cd", "\xC3\xA9", "x\xF0\x9F\x8C\x8Dy", "\xEF\xBF\xBC", "word "};
inline const std::vector<std::string> kMarkKeys{"bold", "link", "comment:1", "block"};
inline const std::vector<std::string> kLetterKeysUsed{"block", "indent", "embed", "bold"};
inline const std::vector<std::string> kFields{"title", "a"};

inline const std::string &one(const std::vector<std::string> &from, std::size_t number)
{
    return from[number % from.size()];
}

inline std::optional<std::string> valueOf(std::size_t number)
{
    return number % 3 == 2 ? std::nullopt : std::optional(std::to_string(number % 3 + 1));
}

/// A text, map, list, counter or, as the fifth of `kinds`, nothing.
inline crdt::Value objectOf(std::size_t number, std::size_t kinds)
{
    const std::size_t kind = number % kinds;
    if (kind == 0)
        return {std::to_string(number / kinds)};
    return kind == 4 ? crdt::Value() : crdt::Value(static_cast<crdt::Value::Kind>(kind + 1));
}

inline std::string quoted(const std::string &word)
{
    return word == "\n" ? "a line break" : '"' + word + '"';
}

} // namespace nlbd::test::script_words
