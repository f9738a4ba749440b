#pragma once

#include <filesystem>
#include <string_view>

namespace nlbd::app {

/// A folder of this person's by the XDG Base Directory Specification: what the variable `own`
/// names, or `leaf` in the folder that `xdg` names, if that is absolute, or that is usual in the
/// home folder.
[[nodiscard]] std::filesystem::path baseFolder(const char *own, const char *xdg,
                                               std::string_view usual, std::string_view leaf);

} // namespace nlbd::app
