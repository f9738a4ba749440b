#pragma once

#include "core/engine/engine.h"
#include "core/store/memory_store.h"
#include "tests/support/memory_blobs.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace nlbd::testing {

/// A few engines on one table: frames arrive at once and in order, disks answer at once, time moves
/// when the test says so. For what needs no bad luck; the simulator brings that.
class SmallGroup {
public:
    explicit SmallGroup(std::size_t count, std::uint64_t seed = 1);

    [[nodiscard]] std::size_t size() const { return m_peers.size(); }
    engine::Engine &at(std::size_t i) { return *m_peers[i].engine; }
    void submit(std::size_t i, api::Command command);
    void step(std::size_t i, engine::Event event);

    /// Delivers everything, then lets time pass in small steps, delivering what it brings.
    void run(Millis time);

    /// From the next start on a day is as long as this.
    void setDay(Millis length) { m_day = length; }
    /// All computers sleep: the civil clock goes on, and the timer or not.
    void sleep(Millis time, bool doesTimerGoOn)
    {
        m_now.wall += time;
        m_now.mono += doesTimerGoOn ? time : Millis(0);
    }

    /// Ends or opens the link between two.
    void cut(std::size_t a, std::size_t b);
    void join(std::size_t a, std::size_t b);

    /// A person who holds an invitation that names a decision, and whom nobody admitted yet. It has
    /// no links.
    std::size_t addNewcomer(const engine::Anchor &anchor);
    /// A second computer of one of the founders, like a newcomer.
    std::size_t addCompanion(std::size_t founder, const engine::Anchor &anchor);
    /// What admits it.
    [[nodiscard]] api::Wish admission(std::size_t newcomer) const;

    /// Others know it by this key from now on, as after a start with a renewed device.
    void reconnectAs(std::size_t i, identity::SecretKey device);

    /// Power cut and start: what was committed with Sync::Full is there again.
    void restart(std::size_t i);

    /// From the next start on boot marks are compared (PROTOCOL C13). The second place of each
    /// computer outlives restarts.
    void guardStarts() { m_isGuarded = true; }
    [[nodiscard]] std::optional<engine::BootMark> &secondPlace(std::size_t i)
    {
        return m_peers[i].second;
    }
    /// The folder as it is now, to be put back or elsewhere.
    [[nodiscard]] store::StoredWorkspace folder(std::size_t i);
    /// Stops the computer's engine, gives it this folder and starts it.
    void startFrom(std::size_t i, const store::StoredWorkspace &folder);

    /// From the next start on seats want a checkpoint after so many changes.
    void takeCheckpointsEvery(std::uint32_t changes) { m_checkpointEvery = changes; }

    /// What is committed from now on is not told, nor sent, until the disk is fast again.
    void setDiskSlow(std::size_t i, bool isSlow);

    /// From now on all keep attachments.
    void giveBlobDisks();
    [[nodiscard]] MemoryBlobs &blobs(std::size_t i) { return m_peers[i].blobs; }
    /// What a person does who attaches a file.
    blobs::BlobRef attach(std::size_t i, DocIndex doc, ByteView content, std::string name);

    /// Frames for which it says no are lost; it may alter them.
    using Filter =
        std::function<bool(std::size_t from, std::size_t to, std::uint8_t kind, Bytes &body)>;
    void setFilter(Filter filter) { m_filter = std::move(filter); }

    /// A proof that one of them forked reaches another.
    void proveFork(std::size_t culprit, std::size_t judge);

    void subscribe(std::size_t i) { step(i, engine::Subscribe{}); }
    std::vector<api::Event> takeEvents(std::size_t i)
    {
        return std::exchange(m_peers[i].events, {});
    }
    store::MemoryStore &disk(std::size_t i) { return *m_peers[i].disk; }

    [[nodiscard]] Now now() const { return m_now; }
    [[nodiscard]] const identity::SignedGenesis &genesis() const { return m_genesis; }
    [[nodiscard]] const identity::SecretKey &device(std::size_t i) const
    {
        return m_peers[i].device;
    }
    [[nodiscard]] const identity::SecretKey &identity(std::size_t i) const { return m_people[i]; }
    [[nodiscard]] const keys::WorkspaceKey &key() const { return m_key; }
    [[nodiscard]] const std::vector<Code> &cuts(std::size_t i) const { return m_peers[i].cuts; }
    [[nodiscard]] PeerId sessionWith(std::size_t i, std::size_t other) const;

private:
    struct Peer {
        explicit Peer(identity::SecretKey key)
            : device(std::move(key))
        {
        }
        identity::SecretKey device;
        std::optional<identity::SecretKey> person; ///< a newcomer's
        std::optional<identity::SecretKey> link;   ///< that sessions prove, if not the device
        std::optional<engine::Anchor> anchor;
        std::unique_ptr<store::MemoryStore> disk = std::make_unique<store::MemoryStore>();
        std::unique_ptr<engine::Engine> engine;
        std::vector<api::Event> events;
        std::vector<Code> cuts;
        MemoryBlobs blobs;
        std::optional<engine::BootMark> second;
        bool isDiskSlow = false;
        std::vector<engine::Event> answers; ///< of the slow disk
        std::vector<engine::Send> held;     ///< waiting for them
    };
    struct Frame {
        std::size_t from = 0;
        std::size_t to = 0;
        std::uint8_t kind = 0;
        Bytes body;
    };
    void execute(std::size_t i, engine::Actions actions);
    void post(std::size_t i, engine::Send send);
    void deliver();
    void start(std::size_t i);
    [[nodiscard]] PublicKey linkKey(std::size_t i) const;

    SystemRandom m_chance;
    std::unique_ptr<SeededRandom> m_random;
    identity::Ed25519 m_scheme;
    identity::SignedGenesis m_genesis;
    keys::WorkspaceKey m_key;
    std::vector<Peer> m_peers;
    std::vector<identity::SecretKey> m_people; ///< their identity keys
    std::set<std::pair<std::size_t, std::size_t>> m_links;
    std::vector<Frame> m_frames;
    Filter m_filter;
    Now m_now;
    bool m_isGuarded = false;
    bool m_haveBlobs = false;
    std::uint8_t m_lastBlobKey = 0;
    std::optional<std::uint32_t> m_checkpointEvery;
    Millis m_day = std::chrono::hours(24);
};

/// What view 1 sends when somebody types.
[[nodiscard]] inline api::EditText typed(DocIndex doc, std::uint64_t serial, TextOffset at,
                                         std::string text, TextOffset removed = 0,
                                         std::uint64_t basePatch = 0)
{
    return {
        doc, 1, basePatch, serial, {{at, removed, std::move(text)}}, api::EditText::Cause::Typing};
}

} // namespace nlbd::testing
