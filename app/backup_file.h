#pragma once

#include "core/identity/sealed_stream.h"

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace nlbd::app {

/// Why a backup could not be written or restored.
struct BackupError {
    enum class Kind : std::uint8_t {
        Unreadable, ///< no file, or none that may be read
        NoBackup,   ///< a file of something else
        NotOpened,  ///< another passphrase, or its beginning was altered
        Altered,    ///< opened, but cut short, or not as it was written
        Foreign,    ///< whole, but it holds what no backup of ours does
        NoMemory,
        Disk, ///< `detail` says what the system said
    } kind = Kind::Disk;
    std::string detail{};
};
[[nodiscard]] std::string sentenceOf(const BackupError &error);

/// A file in a backup: its name as a path below the profile folder, and how long it is.
struct BackupEntry {
    std::string name;
    std::uint64_t bytes = 0;
    friend bool operator==(const BackupEntry &, const BackupEntry &) = default;
};

/// What the sealed stream begins with: what is in it. Then come the files, in that order.
///
///     u32 bytes of what follows | varint count | count x (text name | u64 bytes)
///
/// Only names that a profile folder has are taken, each once and in ascending order:
///     addresses   identity   workspaces/64 digits/{journal,text}.db
///     workspaces/64 digits/blobs/64 digits.blob
inline constexpr std::size_t kBackupWorkspacesMax = 1024; ///< far more than a person has
inline constexpr std::size_t kBackupBlobsMax = 65'536;    ///< 11 MiB of names
inline constexpr std::size_t kBackupIndexBytesMax =
    (2 + 2 * kBackupWorkspacesMax) * 100 + kBackupBlobsMax * 170;

[[nodiscard]] Bytes encodeIndex(const std::vector<BackupEntry> &entries);
/// Nothing if it is none, or names anything else. Without the u32 before it.
[[nodiscard]] std::optional<std::vector<BackupEntry>> decodeIndex(ByteView bytes);

/// Seals all files below `folder` into `target`: written under another name, read again to its end,
/// and then given the name, so that a backup of before stays until the new one is whole. Answers
/// its length.
[[nodiscard]] std::expected<std::uint64_t, BackupError>
writeBackup(const std::filesystem::path &folder, const std::filesystem::path &target,
            std::string_view passphrase);

/// Opens it below `folder`, which is made; if that fails, nothing of it stays.
[[nodiscard]] std::expected<void, BackupError> readBackup(const std::filesystem::path &file,
                                                          std::string_view passphrase,
                                                          const std::filesystem::path &folder);

} // namespace nlbd::app
