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
    };

    PeerShell(World &world, Checker &checker, std::size_t number, DeviceIndex device,
              bool isHonest);

    void setOutlet(Outlet outlet) { m_outlet = std::move(outlet); }

    /// A new engine takes up what is stored.
    void start();
    void crash();
    /// The next step that stores something ends in a crash at one of its borders.
    void armCrash();
    void disarmCrash() { m_strike = Strike::None; }

    void step(engine::Event event);
    void jumpClock(Millis by) { m_wallOffset += by; }

    [[nodiscard]] bool isUp() const noexcept { return m_engine.has_value(); }
    [[nodiscard]] bool isHonest() const noexcept { return m_isHonest; }
    [[nodiscard]] engine::Engine &engine() { return *m_engine; }
    [[nodiscard]] const engine::Engine &engine() const { return *m_engine; }
    [[nodiscard]] store::MemoryStore &store() { return m_store; }
    [[nodiscard]] std::size_t number() const noexcept { return m_number; }
    [[nodiscard]] DeviceIndex device() const noexcept { return m_device; }
    [[nodiscard]] std::uint64_t generation() const noexcept { return m_generation; }
    /// Nothing was typed here for so long that everything must be signed.
    [[nodiscard]] bool isSettled() const
    {
        return m_world.queue.now() > m_lastLocal + Millis(1500)
            && !(m_engine && m_engine->hasDrafts());
    }
    [[nodiscard]] bool isDiskIdle() const noexcept { return m_writes.empty(); }
    [[nodiscard]] Now now() const;
    [[nodiscard]] World &world() { return m_world; }

private:
    /// Where an armed crash strikes.
    enum class Strike : std::uint8_t { None, AtAction, AfterCommit };

    void execute(engine::Actions actions);
    [[nodiscard]] bool strikesBefore(std::size_t action, const engine::Actions &actions);
    void act(engine::Action action);
    void release(engine::Send send);
    void keepCounters();
    /// What waits when the disk is free is written together, as the app does.
    void scheduleWrite();
    void writeFirst(std::size_t count);
    /// False: the power went right after it.
    [[nodiscard]] bool commitFirst();
    void wakeAt(MonoTime local);

    World &m_world;
    Checker &m_checker;
    std::size_t m_number;
    DeviceIndex m_device;
    bool m_isHonest;
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
    std::uint64_t m_wake = 0;
    Strike m_strike = Strike::None;
    std::size_t m_strikeAt = 0;
    MonoTime m_lastLocal{};
    Millis m_monoOffset{0};
    Millis m_wallOffset{0};
};

} // namespace nlbd::sim
