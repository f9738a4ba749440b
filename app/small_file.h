#pragma once

#include "app/profile.h"

namespace nlbd::app {

/// errno as a ProfileError about `file`.
[[nodiscard]] ProfileError systemError(int error, const std::filesystem::path &file);

/// All of it, or false: the reason is in errno.
[[nodiscard]] bool writeAll(int file, ByteView bytes);

/// Writes a whole file of mode 0600: to a new one, synced, which then takes the name.
[[nodiscard]] std::expected<void, ProfileError> writeSmallFile(const std::filesystem::path &file,
                                                               ByteView bytes);

/// Reads a file of at most `max` bytes; nothing if it is missing. Damaged if it is larger.
[[nodiscard]] std::expected<std::optional<Bytes>, ProfileError>
readSmallFile(const std::filesystem::path &file, std::size_t max);

} // namespace nlbd::app
