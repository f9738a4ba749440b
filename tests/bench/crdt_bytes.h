#pragma once

#include "tests/support/trace.h"

namespace nlbd::bench {

/// True if nobody typed anything but ASCII: then a letter is a byte.
[[nodiscard]] bool isAscii(const test::Trace &trace);

/// A sequential trace whose places and lengths are bytes instead of letters: the floor knows
/// nothing of letters, and what it takes to count them is not timed. @complexity O(text / 512) an
/// edit.
[[nodiscard]] test::Trace inBytes(test::Trace trace);

} // namespace nlbd::bench
