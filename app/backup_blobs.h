#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>

namespace nlbd::app {

/// What of a workspace's attachments goes into a backup.
struct BackupBlobs {
    std::uint64_t files = 0;
    std::uint64_t whole = 0;   ///< of these; of the others there are parts
    std::uint64_t leftOut = 0; ///< beyond `max`
};

/// Gives the attachments in one folder a second name in another, which is made: nothing is copied
/// where the disk can do that, and what is dropped meanwhile stays there. At most `max`. What comes
/// later is not in the part that a backup takes: it ends where the file ends now. Or why not.
[[nodiscard]] std::expected<BackupBlobs, std::string>
addBlobs(const std::filesystem::path &from, const std::filesystem::path &to, std::uint64_t max);

} // namespace nlbd::app
