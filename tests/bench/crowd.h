#pragma once

#include "app/workspace_host.h"
#include "tests/support/group.h"
#include "wire_child.h"

#include <array>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

namespace nlbd::bench {

/// Where a member's computer is.
struct Place {
    int networkNamespace = -1; ///< an open file of it; -1: ours
    std::string host = "127.0.0.1";
};

/// What somebody else wrote, or is to be written: one change, with nothing known of others.
struct Writing {
    std::vector<TextPatches> changes;
    std::string text; ///< in the end
};

/// A member in this process: engine, store and mesh as the programs have them, on threads of its
/// own. Its view shows the workspace's first document; keys are letters of letterOf().
class CrowdMember {
public:
    /// Everything of it is in `folder`; in memory if that is empty.
    CrowdMember(const test::FoundedGroup &group, std::size_t number, Place place,
                std::filesystem::path folder);
    ~CrowdMember();
    CrowdMember(const CrowdMember &) = delete;
    CrowdMember &operator=(const CrowdMember &) = delete;

    /// It has sessions and reads what it is sent, and says nothing of the workspace to anybody.
    void setSilent() { m_isSilent = true; }

    /// Listens when this returns. False if it can't.
    [[nodiscard]] bool start();
    void stop();
    /// Asks it to; stop() waits.
    void beginToStop();
    void dial(const CrowdMember &other);

    void createDocument();
    void type(std::size_t key);
    /// One signed change for each, as quickly as the engine takes them.
    void write(std::shared_ptr<const Writing> writing);

    // ---- what is seen of it, from any thread; times are nowNs() ----
    [[nodiscard]] std::size_t sessions() const { return m_sessions; }
    [[nodiscard]] std::size_t held() const { return m_held; } ///< changes
    [[nodiscard]] std::int64_t heldAt() const { return m_heldAt; }
    [[nodiscard]] bool isOpen() const { return m_isOpen; }         ///< the document
    [[nodiscard]] std::int64_t lostAt() const { return m_lostAt; } ///< the last session that ended
    /// When the key could be shown first, and when it was in the text; 0: not yet.
    [[nodiscard]] std::int64_t shownAt(std::size_t key) const { return m_shown[key]; }
    [[nodiscard]] std::int64_t mergedAt(std::size_t key) const { return m_merged[key]; }
    [[nodiscard]] std::int64_t typedAt(std::size_t key) const { return m_typed[key]; }
    /// Copies of changes that came in.
    [[nodiscard]] std::size_t copies() const { return m_copies; }
    [[nodiscard]] bool isSilent() const { return m_isSilent; }
    /// The document as it is now; asks the member's thread.
    [[nodiscard]] std::string text();

    static constexpr std::size_t kKeys = 4000;

private:
    using Work = std::function<void(CrowdMember &)>;
    using Input = std::variant<std::vector<net::MeshEvent>, app::StoreThread::Outcome, Work>;
    struct Running; ///< what lives from start() to stop()

    void run(const std::stop_token &stop);
    [[nodiscard]] bool open();
    void take(Input input);
    void take(const net::MeshEvent &event);
    void share(PeerId peer, const PublicKey &device, bool isShared);
    void look(const api::Event &event);
    void note(std::array<std::atomic<std::int64_t>, kKeys> &times, std::string_view letters);
    void openDocument();
    void countCopies(const net::FrameReceived &frame);

    const test::FoundedGroup &m_group;
    const std::size_t m_number;
    const Place m_place;
    const std::filesystem::path m_folder;
    bool m_isSilent = false;
    std::shared_ptr<app::Mailbox<Input>> m_inputs;
    std::unique_ptr<Running> m_running; ///< of its thread
    std::jthread m_thread;
    std::atomic<std::uint16_t> m_port = 0;
    std::atomic<int> m_opened = 0; ///< 1: it listens, -1: it can't

    std::optional<DocIndex> m_doc;
    std::uint64_t m_patch = 0;
    std::uint64_t m_serial = 0;
    std::int64_t m_length = 0;

    std::atomic<std::size_t> m_sessions = 0;
    std::atomic<std::size_t> m_held = 0;
    std::atomic<std::int64_t> m_heldAt = 0;
    std::atomic<std::int64_t> m_lostAt = 0;
    std::atomic<std::size_t> m_copies = 0;
    std::atomic<bool> m_isOpen = false;
    std::array<std::atomic<std::int64_t>, kKeys> m_typed{};
    std::array<std::atomic<std::int64_t>, kKeys> m_shown{};
    std::array<std::atomic<std::int64_t>, kKeys> m_merged{};
};

/// All of a workspace. Their founding is not played: keys and genesis are made here.
class Crowd {
public:
    /// `places` for each, or none: all on this computer. Nobody is started.
    Crowd(std::size_t members, std::vector<Place> places, const std::filesystem::path &folder);
    ~Crowd();
    Crowd(const Crowd &) = delete;
    Crowd &operator=(const Crowd &) = delete;

    [[nodiscard]] std::size_t size() const { return m_members.size(); }
    [[nodiscard]] CrowdMember &at(std::size_t i) { return *m_members[i]; }

    /// All of them start, and each has a session with each, or with its nearest in a ring if no
    /// more than so many are wanted. The error is a sentence.
    [[nodiscard]] std::expected<void, std::string> meet(Millis patience,
                                                        std::size_t sessions = SIZE_MAX);
    /// The first makes the document, and whoever reads has it open.
    [[nodiscard]] std::expected<void, std::string> openDocument(Millis patience);
    [[nodiscard]] bool until(const std::function<bool()> &isTrue, Millis patience);
    /// Nobody holds what another lacks, and all show the same.
    [[nodiscard]] bool isConverged();

private:
    SystemRandom m_random;
    identity::Ed25519 m_scheme;
    test::FoundedGroup m_group;
    std::vector<std::unique_ptr<CrowdMember>> m_members;
};

} // namespace nlbd::bench
