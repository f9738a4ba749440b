#pragma once

#include "app/profile.h"
#include "core/engine/boot_mark.h"

namespace nlbd::app {

/// Where boot marks are kept besides the profile folder, so that a copied or restored folder is
/// recognised (PROTOCOL C13). Whatever a backup of the folder brings back or a copy takes along
/// must not hold it.
class SecondPlace {
public:
    virtual ~SecondPlace() = default;

    /// Nothing if this computer has no mark of the device in the workspace.
    [[nodiscard]] virtual std::expected<std::optional<engine::BootMark>, ProfileError>
    read(const WorkspaceId &workspace, const PublicKey &device) const = 0;

    /// Durable when it returns.
    [[nodiscard]] virtual std::expected<void, ProfileError> write(const WorkspaceId &workspace,
                                                                  const engine::BootMark &mark) = 0;
};

/// Linux: one small file per workspace and device in nlbd/starts of XDG_STATE_HOME, named by a
/// digest of machine id, workspace and device.
///
/// Why not the desktop's keyring: it is locked until somebody types a password, a terminal over ssh
/// has none, and its file stands in the home folder too: a restored home brings it back just the
/// same. What tells computers apart is the machine id, and a file can be named by it. A whole disk
/// that is put back takes both places along; members then know of the later words.
class StateFolder final : public SecondPlace {
public:
    StateFolder(std::filesystem::path folder, std::string machine)
        : m_folder(std::move(folder))
        , m_machine(std::move(machine))
    {
    }
    /// NLBD_STATE, or nlbd/starts in XDG_STATE_HOME (~/.local/state); /etc/machine-id.
    [[nodiscard]] static StateFolder ofThisComputer();

    [[nodiscard]] std::expected<std::optional<engine::BootMark>, ProfileError>
    read(const WorkspaceId &workspace, const PublicKey &device) const override;
    [[nodiscard]] std::expected<void, ProfileError> write(const WorkspaceId &workspace,
                                                          const engine::BootMark &mark) override;

private:
    [[nodiscard]] std::filesystem::path fileOf(const WorkspaceId &workspace,
                                               const PublicKey &device) const;

    std::filesystem::path m_folder;
    std::string m_machine;
};

} // namespace nlbd::app
