#pragma once

#include "core/base/ids.h"

/// UTF-8 as the core uses it: validated once at the border, then counted in Unicode scalars.
namespace nlbd::utf8 {

/// True if the text is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
/// @complexity linear.
[[nodiscard]] bool isValid(std::string_view text) noexcept;

/// The same; `length` becomes the number of scalars in it.
[[nodiscard]] bool isValid(std::string_view text, TextOffset &length) noexcept;

/// Number of scalars in valid UTF-8. @complexity linear.
[[nodiscard]] TextOffset length(std::string_view text) noexcept;

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
