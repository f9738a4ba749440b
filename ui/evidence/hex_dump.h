#pragma once

#include "core/base/bytes.h"

#include <QString>

namespace nlbd::ui {

inline constexpr std::size_t kDumpBytesMax = 4096; ///< as much as anybody reads on a screen

/// Bytes as offset, hexadecimal and letters, sixteen to a line. Of a long record the beginning, and
/// how much more there is.
[[nodiscard]] QString hexDump(ByteView bytes);

} // namespace nlbd::ui
