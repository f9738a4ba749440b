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
/// on the engine loop; no call waits for the disk. Of the files that a person attaches or saves one
/// is in hand, the others wait their turn; none before it is known what is on the disk.
class BlobDesk {
public:
    using Answer = std::variant<api::FileAttached, api::AttachmentSaved, api::AttachmentFailed>;
    /// Names what was asked for by a person.
    using Ticket = std::uint64_t;
    static constexpr std::size_t kFilesWaitingMax = 64; ///< attached or saved, in all
    static constexpr std::size_t kReadsMax = 8;         ///< for a view, at once

    /// Tells the engine by and by what is there.
    BlobDesk(const WorkspaceId &workspace, std::filesystem::path folder, BlobClerks &clerks,
             std::shared_ptr<LoopMailbox> loop);

    void carryOut(const engine::ReadPiece &action);
    void carryOut(engine::KeepPiece action);
    void carryOut(const engine::BeginBlob &action);
    void carryOut(const engine::DropBlob &action);

    Ticket attach(const api::AttachFile &command);
    Ticket save(const api::SaveAttachment &command);
    /// Answered by an event alone; beside what is attached and saved, in its turn on the same
    /// thread.
    void read(WorkspaceHost &host, const api::ReadAttachment &command);

    /// The engine knows what is there.
    [[nodiscard]] bool isReady() const noexcept { return m_isReady; }
    /// Nothing: it is not done yet, or long ago.
    [[nodiscard]] std::optional<Answer> answerTo(Ticket ticket) const;
    /// How far it is; no size yet: it waits for others.
    [[nodiscard]] api::FileProgress progressOf(Ticket ticket) const;

private:
    /// From the clerks' threads to the loop, where the workspace may be gone.
    struct Line {
        WorkspaceId workspace;
        std::shared_ptr<LoopMailbox> loop;
        void post(std::function<void(WorkspaceHost &, BlobDesk &)> work) const;
        void tell(engine::Event event) const;
    };
    struct Job {
        Ticket ticket = 0;
        std::variant<api::AttachFile, api::SaveAttachment> command;
    };
    using Sealed = std::expected<store::SealedFile, store::BlobError>;
    using Saved = std::expected<void, store::BlobFailure>;
    using Read = std::expected<Bytes, store::BlobFailure>;

    Ticket add(std::variant<api::AttachFile, api::SaveAttachment> command);
    void next(WorkspaceHost &host);
    void begin(WorkspaceHost &host, const api::AttachFile &command);
    void begin(WorkspaceHost &host, const api::SaveAttachment &command);
    [[nodiscard]] store::OnTheWay onTheWay() const;
    void remember(Ticket ticket, Answer answer);
    void answer(WorkspaceHost &host, Answer answer);
    void sealed(WorkspaceHost &host, const api::AttachFile &command, const Sealed &done);
    void saved(WorkspaceHost &host, const api::SaveAttachment &command, const Saved &done);
    void wasRead(WorkspaceHost &host, const api::ReadAttachment &command, Read done);
    void fetchAgain(WorkspaceHost &host, DocIndex doc, const Hash &blob,
                    const std::vector<std::uint32_t> &pieces);

    Line m_line;
    store::BlobFolder m_folder;
    BlobClerks &m_clerks;
    bool m_isReady = false;
    Ticket m_lastTicket = 0;
    std::deque<Job> m_jobs; ///< the first is in hand, if `m_isBusy`
    bool m_isBusy = false;
    std::size_t m_reads = 0;
    api::FileProgress m_progress;                    ///< of the first
    std::deque<std::pair<Ticket, Answer>> m_answers; ///< the newest few
};

} // namespace nlbd::app
