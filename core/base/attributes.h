#pragma once

#include "core/base/ids.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nlbd {

/// Keys with values, sorted by key: how letters look and what blocks are. "bold" -> "1", "link" ->
/// "https://...", "block" -> "task".
using Attributes = std::map<std::string, std::string, std::less<>>;

/// What is asked of attributes: a value sets, nothing clears.
using AttributeChanges = std::map<std::string, std::optional<std::string>, std::less<>>;

/// A part of a text.
struct Stretch {
    TextOffset from = 0;
    TextOffset length = 0;
    friend bool operator==(const Stretch &, const Stretch &) = default;
};

} // namespace nlbd
