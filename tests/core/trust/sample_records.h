#pragma once

#include "core/base/bytes.h"

#include <map>

namespace nlbd::test {

/// One valid record of every stored or sent format, by name, the same on every machine: what the
/// vectors in tests/vectors hold and the fuzz corpora start from.
[[nodiscard]] std::map<std::string, Bytes> sampleRecords();

} // namespace nlbd::test
