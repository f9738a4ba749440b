#pragma once

#include "core/engine/engine.h"
#include "core/store/memory_store.h"
#include "tests/sim/world.h"

#include <deque>
#include <memory>

namespace nlbd::sim {

class Checker;

/// One computer: the engine's real object code with a disk, clocks and the habit of losing power.
///
/// It does what the app's shell does: rows reach the store one batch after the other, a Send waits
/// for the Persist that it depends on, a failed commit is retried. A crash may come at every border
/// between two actions, and between a commit and the news of it.
class PeerShell {
public:
    struct Outlet {
        std::function<void(PeerId, std::uint8_t, Bytes)> send;
        std::function<void(PeerId, Code, Millis)> disconnect;
        std::function<void(const api::Event &)> notify;
        std::function<void()> crashed;
        std::function<void(const store::Rows &)> stores;
        std::function<void(const PublicKey &)> reach;
    };

    PeerShell(World &world, Checker &checker, std::size_t number, DeviceIndex device,
              bool isHonest);
    /// Of somebody honest who comes later: with a key of its own, and no place until a decision
    /// gives it one.
    PeerShell(World &world, Checker &checker, std::size_t number, identity::SecretKey device);

    void setOutlet(Outlet outlet) { m_outlet = std::move(outlet); }

    /// A new engine takes up what is stored.
    void start();
    void crash();
    /// The next step that stores something ends in a crash at one of its borders.
    void armCrash();
    void disarmCrash() { m_strike = Strike::None; }

    void step(engine::Event event);
    void jumpClock(Millis by) { m_wallOffset += by; }

    // ---- what else happens to computers ----
    /// Everything stands still, as in a closed notebook: what happens meanwhile happens afterwards.
    /// Its steady clock goes on, or stood still as well.
    void sleep();
    void wake(bool isClockGoingOn);
    [[nodiscard]] bool isAsleep() const noexcept { return m_sleptAt.has_value(); }
    /// Nothing can be written until then; or all of it takes long.
    void fillDisk(MonoTime until) { m_diskFullUntil = until; }
    void slowDisk(MonoTime until) { m_diskSlowUntil = until; }

    /// A copy of the disk, and of the second place of PROTOCOL C13.
    struct Image {
        store::MemoryStore disk;
        std::optional<engine::BootMark> second;
    };
    [[nodiscard]] Image image() const { return {m_store, m_second}; }
    /// Puts a disk back, or a copy of another computer's. Precondition: power is off.
    void putBack(Image image);
    /// Whether this folder is not the one that its device writes in, or may be taken for one.
    enum class Folder : std::uint8_t {
        Own,      ///< the one folder of its device
        PutBack,  ///< an older one, which the second place cannot tell from the newest
        KnownCopy ///< a copy that must never sign: its second place tells
    };
    void setFolder(Folder folder) { m_folder = folder; }
    [[nodiscard]] Folder folder() const noexcept { return m_folder; }

    /// A newcomer's: the decision that its invitation names.
    void setAnchor(const engine::Anchor &anchor) { m_anchor = anchor; }
    [[nodiscard]] bool isNewcomer() const noexcept { return m_isNewcomer; }
    [[nodiscard]] bool isInvited() const noexcept { return m_anchor.has_value(); }
    [[nodiscard]] PublicKey key() const { return m_secret.publicKey(); }
    /// What nobody admitted has no number.
    static constexpr DeviceIndex kNobody{0xFFFF};

    [[nodiscard]] bool isUp() const noexcept { return m_engine.has_value(); }
    [[nodiscard]] bool isReachable() const noexcept { return isUp() && !isAsleep(); }
    [[nodiscard]] bool isHonest() const noexcept { return m_isHonest; }
    [[nodiscard]] engine::Engine &engine() { return *m_engine; }
    [[nodiscard]] const engine::Engine &engine() const { return *m_engine; }
    [[nodiscard]] store::MemoryStore &store() { return m_store; }
    [[nodiscard]] std::size_t number() const noexcept { return m_number; }
    [[nodiscard]] DeviceIndex device() const noexcept { return m_device; }
    [[nodiscard]] std::uint64_t generation() const noexcept { return m_generation; }
    [[nodiscard]] bool isDiskIdle() const noexcept { return m_writes.empty(); }
    /// It was neither full nor slow for a while.
    [[nodiscard]] bool isDiskGood() const
    {
        return m_world.queue.now() > std::max(m_diskFullUntil, m_diskSlowUntil) + Millis(5000);
    }
    [[nodiscard]] std::size_t writesWaiting() const noexcept { return m_writes.size(); }
    /// Of all records that are stored.
    [[nodiscard]] std::size_t diskBytes();
    [[nodiscard]] Now now() const;
    [[nodiscard]] World &world() { return m_world; }

private:
    /// Where an armed crash strikes.
    enum class Strike : std::uint8_t { None, AtAction, AfterCommit };

    void learnDevice();
    void execute(engine::Actions actions);
    [[nodiscard]] bool strikesBefore(std::size_t action, const engine::Actions &actions);
    void act(engine::Action action);
    void release(engine::Send send);
    void readBack(std::vector<Hash> changes);
    void keepCounters();
    /// What waits when the disk is free is written together, as the app does.
    void scheduleWrite();
    void writeFirst(std::size_t count);
    /// False: the power went right after it.
    [[nodiscard]] bool commitFirst();
    void wakeAt(MonoTime local);
    void queueWake(MonoTime when);

    World &m_world;
    Checker &m_checker;
    std::size_t m_number;
    DeviceIndex m_device;
    bool m_isHonest;
    bool m_isNewcomer = false;
    identity::SecretKey m_secret;
    std::optional<engine::Anchor> m_anchor;
    Folder m_folder = Folder::Own;
    Outlet m_outlet;
    SeededRandom m_random;
    store::MemoryStore m_store;
    std::optional<engine::Engine> m_engine;

    std::optional<engine::BootMark> m_second; ///< the second place: outlives crashes and restores
    std::vector<engine::KeepCounter> m_counters;
    std::deque<engine::Persist> m_writes;
    std::vector<engine::Send> m_held;
    engine::PersistToken m_durable;
    std::uint64_t m_generation = 0;
    MonoTime m_wakeDue{};                 ///< what the engine asked for last
    std::optional<MonoTime> m_wakeQueued; ///< the earliest that is in the queue, in this run
    std::uint64_t m_wake = 0;
    Strike m_strike = Strike::None;
    std::size_t m_strikeAt = 0;
    Millis m_monoOffset{0};
    Millis m_wallOffset{0};
    std::optional<MonoTime> m_sleptAt;
    std::vector<engine::Event> m_afterSleep;
    bool m_mustWrite = false; ///< the disk was asked for something while all stood still
    MonoTime m_diskFullUntil{};
    MonoTime m_diskSlowUntil{};
};

} // namespace nlbd::sim
