#pragma once

#include <type_traits>
#include <variant>

namespace nlbd {

template <typename T, typename Variant>
inline constexpr bool kIsAlternative = false;
template <typename T, typename... Types>
inline constexpr bool kIsAlternative<T, std::variant<Types...>> = (std::is_same_v<T, Types> || ...);

/// One of the types of a std::variant, by whatever reference. For the large ones, which are classes
/// of their own: their copying and destruction are in one source file, where each file that has
/// such a value would spend five to eight seconds of a compiler on forty types.
template <typename T, typename Variant>
concept AlternativeOf = kIsAlternative<std::remove_cvref_t<T>, Variant>;

} // namespace nlbd
