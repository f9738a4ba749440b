#pragma once

#include "app/backup_file.h"
#include "app/clerk.h"
#include "core/api/lobby.h"

namespace nlbd::app {

class Loop;

/// Files that a person asks for: backups, and a folder out of one. A part of the loop, on its
/// thread; what takes long is the store thread's and the clerk's (BACKUPS.md). One backup and one
/// restore at a time.
class FileDesk {
public:
    using Answer = std::variant<api::LobbyTrouble, api::BackedUp, api::BackupRestored>;

    explicit FileDesk(Loop &loop)
        : m_loop(loop)
    {
    }

    void backUp(const api::BackUp &command);
    void restore(const api::RestoreBackup &command);
    /// Waits for what is in hand.
    void stop() { m_clerk.reset(); }

    /// How the newest backup or restore went, and how many ended since the start.
    [[nodiscard]] const Answer &answer() const noexcept { return m_answer; }
    [[nodiscard]] std::uint64_t answers() const noexcept { return m_answers; }

private:
    struct UnderWay {
        std::string file;
        std::string passphrase;
        std::size_t missing = 0; ///< workspaces that are not copied yet
        std::string failure;
        api::BackedUp done{}; ///< what is known of it already
    };

    /// Folder of what is to be sealed, with the small files in it; or why not.
    [[nodiscard]] std::expected<std::filesystem::path, std::string> beginFolder();
    void copyWorkspaces(const std::filesystem::path &folder);
    void noteMissing();
    void copied(std::string failure);
    void seal();
    void opened(std::string failure);
    void tell(Answer answer);
    void failToBackUp(std::string why);
    void failToRestore(std::string why);
    [[nodiscard]] Clerk &clerk();

    Loop &m_loop;
    std::optional<UnderWay> m_backup;
    bool m_isRestoring = false;
    Answer m_answer;
    std::uint64_t m_answers = 0;
    std::unique_ptr<Clerk> m_clerk; ///< made when there is work for it
};

} // namespace nlbd::app
