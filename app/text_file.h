#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace nlbd::app {

/// More is no document that people write; it would also take long to send.
inline constexpr std::size_t kImportBytesMax = 16 * 1024 * 1024;

/// Reads a file for import: UTF-8 with or without its mark, lines ended by LF, CR LF or CR. The
/// error is a sentence.
[[nodiscard]] std::expected<std::string, std::string>
readTextFile(const std::filesystem::path &file);

} // namespace nlbd::app
