#pragma once

#include <string_view>

namespace nlbd::identity {

/// True for a name that can be shown everywhere without fooling anyone: 1 to 64 scalars of valid
/// UTF-8, no control, line-breaking or bidirectional-override characters, no invisible ones, no
/// white space at its ends (PROTOCOL B 46).
[[nodiscard]] bool isValidName(std::string_view name) noexcept;

} // namespace nlbd::identity
