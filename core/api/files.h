#pragma once

#include "core/base/ids.h"

#include <cstdint>
#include <string>
#include <vector>

namespace nlbd::api {

// ---- Files that a person asks for: written beside the loop, and whole or not at all -------------

/// Writes this person's key, workspaces and texts to one file that only the passphrase opens
/// (app/BACKUPS.md). Answered by BackedUp, or by LobbyTrouble BackupFailed.
struct BackUp {
    std::string file; ///< absolute; what is there is replaced once the new one is whole
    std::string passphrase;
    static constexpr std::size_t kPassphraseBytesMin = 8;
    static constexpr std::size_t kPassphraseBytesMax = 1024;
};
struct BackedUp {
    std::string file;
    std::uint64_t bytes = 0;
    std::uint16_t workspaces = 0;
    std::uint64_t attachments = 0; ///< files in it, whole ones
    /// Of files that documents name and that are not on this computer, or not all of them: not in
    /// it. So many by name, and how many in all.
    static constexpr std::size_t kMissingNamedMax = 20;
    std::vector<std::string> missing{};
    std::uint64_t missingCount = 0;
};

/// Makes an empty folder what was backed up. Answered by BackupRestored, or by LobbyTrouble
/// BadBackup, and then nothing was changed.
struct RestoreBackup {
    std::string file;
    std::string passphrase;
};
struct BackupRestored {
    std::string name;
    /// Workspaces in which nothing can be decided without the computer that was lost: two or three
    /// decide there, or it was the only one (PROTOCOL C16).
    std::vector<std::string> stuck;
};

} // namespace nlbd::api
