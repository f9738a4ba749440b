#pragma once

#include "tests/support/hostile.h"

namespace nlbd::malory {

/// Attacks that lie in wait for what others do: for a wish to remove me, for one nonce used twice.
/// Campaign::lurk() mounts them.
[[nodiscard]] const std::vector<hostile::Attack> &lurking();

} // namespace nlbd::malory
