#pragma once

#include <cstdint>

namespace nlbd::api {

/// How far letters are on their way to being agreed.
enum class Agreement : std::uint8_t {
    Unsent, ///< typed here, not yet in a signed change
    Pencil, ///< fewer than a quorum have signed for it
    Agreed,
    Disputed, ///< written by a device that wrote two histories
};

} // namespace nlbd::api
