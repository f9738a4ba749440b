#pragma once

#include "core/base/time.h"

namespace nlbd::app {

/// The only place that reads the computer's clocks for the core.
[[nodiscard]] Now readClocks();

} // namespace nlbd::app
