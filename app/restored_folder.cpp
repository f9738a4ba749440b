#include "app/restored_folder.h"

#include "app/small_file.h"

#include <cerrno>

namespace nlbd::app {

namespace {

namespace fs = std::filesystem;

fs::path settledFolder(const fs::path &profile)
{
    return profile / "restored";
}

/// A name that is gone was moved before the power went.
std::expected<void, ProfileError> move(const fs::path &from, const fs::path &to)
{
    std::error_code error;
    if (!fs::exists(from, error))
        return {};
    fs::rename(from, to, error);
    if (error)
        return std::unexpected(systemError(error.value(), to));
    return {};
}

} // namespace

fs::path foldersToBackUp(const fs::path &profile)
{
    return profile / "backing-up";
}

fs::path folderBeingRestored(const fs::path &profile)
{
    return profile / "restoring";
}

std::expected<void, ProfileError> settleRestored(const fs::path &profile)
{
    if (auto done = move(folderBeingRestored(profile), settledFolder(profile)); !done)
        return done;
    return tidyRestored(profile);
}

// The identity comes last: before, the folder is nobody's, and nothing is opened in it.
std::expected<void, ProfileError> tidyRestored(const fs::path &profile)
{
    std::error_code error;
    fs::remove_all(foldersToBackUp(profile), error);
    fs::remove_all(folderBeingRestored(profile), error);
    const fs::path settled = settledFolder(profile);
    if (!fs::exists(settled, error))
        return {};
    fs::create_directories(profile / "workspaces", error);
    for (const auto &entry : fs::directory_iterator(settled / "workspaces", error)) {
        fs::permissions(entry.path(), fs::perms::owner_all, error);
        if (auto done = move(entry.path(), profile / "workspaces" / entry.path().filename()); !done)
            return done;
    }
    for (const char *name : {"addresses", "identity"})
        if (auto done = move(settled / name, profile / name); !done)
            return done;
    fs::remove_all(settled, error);
    return {};
}

} // namespace nlbd::app
