#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>

namespace nlbd::app {

/// More is no document that people write; it would also take long to send.
inline constexpr std::size_t kImportBytesMax = 16'000'000;
/// A line is laid out anew with each key that is typed in it: beyond this, typing stutters.
inline constexpr std::size_t kImportLineBytesMax = 200'000;

struct TextFileError {
    enum class Kind : std::uint8_t { NotFound, NotText } kind = Kind::NotText;
    std::string sentence;
};

/// Reads a file for import: UTF-8 with or without its mark, lines ended by LF, CR LF or CR.
[[nodiscard]] std::expected<std::string, TextFileError>
readTextFile(const std::filesystem::path &file);

} // namespace nlbd::app
