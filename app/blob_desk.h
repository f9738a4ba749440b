#pragma once

#include "app/clerk.h"
#include "app/loop_input.h"
#include "core/store/blob_files.h"

#include <atomic>
#include <deque>
#include <filesystem>

namespace nlbd::app {

/// The threads that read and write attachments, for all workspaces: one for pieces, a moment each,
/// and one for whole files that a person attaches or saves.
struct BlobClerks {
    BlobClerks() = default;
    ~BlobClerks() { isEnding = true; }
    BlobClerks(const BlobClerks &) = delete;
    BlobClerks &operator=(const BlobClerks &) = delete;

    std::atomic<bool> isEnding = false; ///< what takes long stops
    Clerk pieces;
    Clerk files;
};

/// Attachments of one workspace between its engine and the disk (core/store/blob_folder.h). Lives
/// on the engine loop; no call waits for the disk.
class BlobDesk {
public:
    using Answer = std::variant<api::FileAttached, api::AttachmentSaved, api::AttachmentFailed>;
    /// Names what was asked for by a person.
    using Ticket = std::uint64_t;
    static constexpr std::size_t kFilesWaitingMax = 64; ///< attached or saved, in all

    /// Tells the engine by and by what is there.
    BlobDesk(const WorkspaceId &workspace, std::filesystem::path folder, BlobClerks &clerks,
             std::shared_ptr<LoopMailbox> loop);

    void carryOut(const engine::ReadPiece &action);
    void carryOut(engine::KeepPiece action);
    void carryOut(const engine::BeginBlob &action);
    void carryOut(const engine::DropBlob &action);

    Ticket attach(const api::AttachFile &command);
    Ticket save(const api::SaveAttachment &command, const engine::Engine &engine);

    /// The engine knows what is there.
    [[nodiscard]] bool isReady() const noexcept { return m_isReady; }
    /// Nothing: it is not done yet, or long ago.
    [[nodiscard]] std::optional<Answer> answerTo(Ticket ticket) const;

private:
    /// From the clerks' threads to the loop, where the workspace may be gone.
    struct Line {
        WorkspaceId workspace;
        std::shared_ptr<LoopMailbox> loop;
        void post(std::function<void(WorkspaceHost &, BlobDesk &)> work) const;
        void tell(engine::Event event) const;
    };
    void answer(WorkspaceHost &host, Ticket ticket, Answer answer);
    void sealed(WorkspaceHost &host, Ticket ticket, const api::AttachFile &command,
                const std::expected<blobs::BlobRef, store::BlobError> &done);
    void saved(WorkspaceHost &host, Ticket ticket, const api::SaveAttachment &command,
               const std::expected<void, store::BlobFailure> &done);

    Line m_line;
    store::BlobFolder m_folder;
    BlobClerks &m_clerks;
    bool m_isReady = false;
    Ticket m_lastTicket = 0;
    std::size_t m_waiting = 0;
    std::deque<std::pair<Ticket, Answer>> m_answers; ///< the newest few
};

} // namespace nlbd::app
