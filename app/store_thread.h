#pragma once

#include "app/mailbox.h"
#include "core/engine/io.h"
#include "core/store/copying.h"
#include "core/store/reading_back.h"

#include <expected>
#include <map>
#include <thread>

namespace nlbd::app {

/// The thread that waits for the disk, for all workspaces. What came in while it waited is
/// committed together, and the last of it told (group commit). A batch that fails is tried again
/// every kRetry, and everything behind it in its workspace waits. A lazy batch with journal rows is
/// told as done when these are on the disk, and its text rows are written after that.
class StoreThread {
public:
    struct Outcome {
        WorkspaceId workspace;
        engine::PersistToken token;
        std::expected<void, store::StoreError> result;
        std::optional<engine::RowsRead> read{}; ///< the answer to readBack(), and nothing else
    };
    /// Called on the store thread; must return at once.
    using Report = std::function<void(Outcome)>;

    static constexpr Millis kRetry{2000};
    static constexpr std::size_t kGroupBytesMax = 4 * 1024 * 1024;

    explicit StoreThread(Report report);
    /// Tries what waits once more, then ends.
    ~StoreThread();

    void add(const WorkspaceId &workspace, std::unique_ptr<store::Store> storage);
    void commit(const WorkspaceId &workspace, engine::Persist persist);
    /// A copy of the workspace with what was given to commit before; `done` is called on the store
    /// thread, and must return at once.
    using CopyDone = std::function<void(std::expected<void, store::StoreError>)>;
    void copy(const WorkspaceId &workspace, std::filesystem::path folder, store::Copying::Mend mend,
              CopyDone done);
    /// What the disk holds of these changes, likewise. Told with an Outcome.
    void readBack(const WorkspaceId &workspace, std::vector<Hash> changes);
    /// Tries what failed now.
    void retry();

private:
    struct Add {
        WorkspaceId workspace;
        std::unique_ptr<store::Store> storage;
    };
    struct Commit {
        WorkspaceId workspace;
        engine::Persist persist;
    };
    struct Copy {
        WorkspaceId workspace;
        std::filesystem::path folder;
        store::Copying::Mend mend;
        CopyDone done;
    };
    struct Read {
        WorkspaceId workspace;
        std::vector<Hash> changes;
    };
    struct Retry {};
    using Job = std::variant<Add, Commit, Copy, Read, Retry>;

    struct Lane {
        std::unique_ptr<store::Store> storage;
        std::deque<engine::Persist> waiting;
        MonoTime nextTry{};
    };

    void run();
    void take(Job job);
    void carryOut(Copy copy);
    void carryOut(Read read);
    void work(const WorkspaceId &workspace, Lane &lane);
    [[nodiscard]] std::expected<void, store::StoreError>
    tellAfterJournal(const WorkspaceId &workspace, Lane &lane, store::Rows rows, std::size_t count);
    void tellDone(const WorkspaceId &workspace, Lane &lane, std::size_t count);
    [[nodiscard]] Millis pause() const;

    Report m_report;
    Mailbox<Job> m_jobs;
    std::map<WorkspaceId, Lane> m_lanes;
    std::vector<Copy> m_copies; ///< asked for in this round, after what was to be committed
    std::vector<Read> m_reads;  ///< likewise
    std::thread m_thread;
};

} // namespace nlbd::app
