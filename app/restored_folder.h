#pragma once

#include "app/profile.h"

namespace nlbd::app {

/// Folders inside of a profile in which a backup is got ready, or opened. What stands in them is as
/// secret as the rest.
[[nodiscard]] std::filesystem::path foldersToBackUp(const std::filesystem::path &profile);
[[nodiscard]] std::filesystem::path folderBeingRestored(const std::filesystem::path &profile);

/// A backup was opened whole: from here on the profile is what it holds, though the power may go
/// before all of it is in its place. @pre the profile has no identity and no workspaces
[[nodiscard]] std::expected<void, ProfileError>
settleRestored(const std::filesystem::path &profile);

/// At a start: drops what was not finished, and finishes what was settled.
[[nodiscard]] std::expected<void, ProfileError> tidyRestored(const std::filesystem::path &profile);

} // namespace nlbd::app
