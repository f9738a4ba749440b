#include "app/second_place.h"

#include "app/base_folder.h"
#include "app/small_file.h"
#include "core/base/digest.h"

namespace nlbd::app {

namespace fs = std::filesystem;

namespace {

constexpr Domain kStarts{"rt1.starts"};
constexpr std::size_t kFileMax = 4096;

std::string machineId()
{
    for (const char *file : {"/etc/machine-id", "/var/lib/dbus/machine-id"})
        if (const auto bytes = readSmallFile(file, kFileMax); bytes && *bytes)
            return std::string(viewOf(**bytes));
    return {}; // all such computers look alike: copies among them are told by their marks alone
}

} // namespace

StateFolder StateFolder::ofThisComputer()
{
    return {baseFolder("NLBD_STATE", "XDG_STATE_HOME", ".local/state", "nlbd/starts"), machineId()};
}

fs::path StateFolder::fileOf(const WorkspaceId &workspace, const PublicKey &device) const
{
    return m_folder / digest(kStarts, {workspace.view(), device.view(), bytesOf(m_machine)}).hex();
}

std::expected<std::optional<engine::BootMark>, ProfileError>
StateFolder::read(const WorkspaceId &workspace, const PublicKey &device) const
{
    const fs::path file = fileOf(workspace, device);
    const auto bytes = readSmallFile(file, kFileMax);
    if (!bytes)
        return std::unexpected(bytes.error());
    if (!*bytes)
        return std::optional<engine::BootMark>();
    auto mark = engine::BootMark::decode(**bytes);
    if (!mark || mark->device != device)
        return std::unexpected(ProfileError{ProfileError::Kind::Damaged, file.string()});
    return mark;
}

std::expected<void, ProfileError> StateFolder::write(const WorkspaceId &workspace,
                                                     const engine::BootMark &mark)
{
    std::error_code error;
    fs::create_directories(m_folder, error);
    if (error)
        return std::unexpected(systemError(error.value(), m_folder));
    fs::permissions(m_folder, fs::perms::owner_all, error);
    return writeSmallFile(fileOf(workspace, mark.device), mark.encode());
}

} // namespace nlbd::app
