#pragma once

#include <string>
#include <string_view>

namespace nlbd {

/// What a name from elsewhere may be called in a folder of this computer and in a line of a window:
/// no path, no control, invisible or direction-changing characters, nothing that Windows keeps for
/// devices or refuses, no dot in front, at most 200 bytes, its ending kept. Never empty; the same
/// again for what it returned.
[[nodiscard]] std::string harmlessName(std::string_view name);

/// Whether a file of that name may run as a program where it is opened: by its ending, so that this
/// warns and proves nothing.
[[nodiscard]] bool mayRun(std::string_view name);

} // namespace nlbd
