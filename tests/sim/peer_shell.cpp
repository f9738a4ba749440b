#include "tests/sim/peer_shell.h"

#include "core/base/check.h"
#include "core/store/row_check.h"
#include "tests/sim/checker.h"

#include <utility>

namespace nlbd::sim {

namespace {

/// 2026-01-01 00:00 UTC: where the civil clocks of a simulation begin.
constexpr Millis kWallStart{1'767'225'600'000};
/// What a disk takes that is nearly broken, and how long the shell waits for room on a full one.
constexpr Millis kSlowDiskMin{200};
constexpr Millis kSlowDiskMax{3'000};
constexpr Millis kFullDiskPause{400};

} // namespace

PeerShell::PeerShell(World &world, Checker &checker, std::size_t number, DeviceIndex device,
                     bool isHonest)
    : m_world(world)
    , m_checker(checker)
    , m_number(number)
    , m_device(device)
    , m_isHonest(isHonest)
    , m_secret(world.group.devices[device.value].clone())
    , m_random(world.random.next64())
{
    m_wallOffset = world.between(-world.profile.clockSkewMax, world.profile.clockSkewMax);
}

PeerShell::PeerShell(World &world, Checker &checker, std::size_t number, identity::SecretKey device)
    : m_world(world)
    , m_checker(checker)
    , m_number(number)
    , m_device(kNobody)
    , m_isHonest(true)
    , m_isNewcomer(true)
    , m_secret(std::move(device))
    , m_random(world.random.next64())
{
}

Now PeerShell::now() const
{
    const Millis passed = m_world.queue.now().time_since_epoch();
    return {MonoTime(passed + m_monoOffset), WallTime(kWallStart + passed + m_wallOffset)};
}

void PeerShell::start()
{
    CHECK(!m_engine);
    ++m_generation;
    m_world.note(m_number, "start", m_generation);
    m_monoOffset = m_world.between(Millis(0), Millis(1'000'000));
    m_durable = {};
    m_wakeQueued.reset();
    std::optional<keys::WorkspaceKey> key;
    if (!m_isNewcomer)
        key = m_world.group.key.clone();
    const std::uint32_t checkpointEvery = m_world.profile.checkpointEvery;
    m_engine.emplace(engine::EngineConfig{
        m_world.group.genesis, m_secret.clone(), std::move(key), m_world.scheme, m_random,
        m_isHonest ? engine::BootGuard::On : engine::BootGuard::Off, m_anchor,
        checkpointEvery == 0 ? std::nullopt : std::optional(checkpointEvery)});
    const auto stored = m_store.load();
    CHECK(stored.has_value());
    execute(m_engine->load(*stored, now()));
    if (m_isHonest)
        step(engine::KeychainCounter{m_second});
}

void PeerShell::crash()
{
    if (!m_engine)
        return;
    ++m_generation;
    m_world.note(m_number, "crash", m_writes.size());
    // What was on its way to the disk may have arrived, in order.
    const std::size_t arrived = m_writes.empty() ? 0 : m_random.below(m_writes.size() + 1);
    for (std::size_t i = 0; i < arrived; ++i) {
        if (m_store.commit(m_writes[i].rows, m_writes[i].sync))
            m_checker.committed(*this, m_writes[i].rows, m_writes[i].sync);
    }
    m_store.crash(m_random);
    m_engine.reset();
    m_writes.clear();
    m_held.clear();
    m_counters.clear();
    m_sleptAt.reset();
    m_afterSleep.clear();
    m_mustWrite = false;
    m_strike = Strike::None;
    m_outlet.crashed();
}

void PeerShell::armCrash()
{
    m_strike = m_world.random.below(3) == 0 ? Strike::AfterCommit : Strike::AtAction;
    m_strikeAt = m_world.random.below(6);
}

void PeerShell::step(engine::Event event)
{
    if (!m_engine)
        return;
    if (isAsleep()) {
        m_afterSleep.push_back(std::move(event));
        return;
    }
    execute(m_engine->step(std::move(event), now()));
    m_checker.stepped(*this);
}

bool PeerShell::strikesBefore(std::size_t action, const engine::Actions &actions)
{
    if (m_strike != Strike::AtAction)
        return false;
    const bool doesStore = std::ranges::any_of(
        actions, [](const auto &a) { return std::holds_alternative<engine::Persist>(a); });
    return doesStore && action == std::min(m_strikeAt, actions.size());
}

void PeerShell::sleep()
{
    if (!m_engine || isAsleep())
        return;
    m_world.note(m_number, "sleep");
    m_sleptAt = m_world.queue.now();
}

void PeerShell::wake(bool isClockGoingOn)
{
    if (!isAsleep())
        return;
    m_world.note(m_number, "wake", isClockGoingOn ? 1 : 0);
    if (!isClockGoingOn)
        m_monoOffset -= m_world.queue.now() - *m_sleptAt;
    m_sleptAt.reset();
    if (std::exchange(m_mustWrite, false))
        scheduleWrite();
    m_afterSleep.emplace_back(engine::Tick{}); // the one that it slept through
    const std::uint64_t generation = m_generation;
    for (engine::Event &event : std::exchange(m_afterSleep, {}))
        if (generation == m_generation)
            step(std::move(event));
}

void PeerShell::putBack(Image image)
{
    CHECK(!m_engine);
    m_world.note(m_number, "another disk");
    m_store = std::move(image.disk);
    m_second = image.second;
    m_checker.putBack(*this);
}

std::size_t PeerShell::diskBytes()
{
    const auto stored = m_store.load();
    std::size_t bytes = 0;
    const auto add = [&bytes](const auto &rows) {
        for (const auto &row : rows)
            bytes += store::sizeOf(store::Row(row));
    };
    add(stored->meta);
    add(stored->packs);
    add(stored->changes);
    add(stored->acks);
    add(stored->evidence);
    add(stored->refusals);
    add(stored->journal);
    add(stored->control);
    add(stored->decisions);
    return bytes;
}

void PeerShell::learnDevice()
{
    if (m_isNewcomer && m_engine->myDevice() != nullptr)
        m_device = m_engine->me();
}

void PeerShell::execute(engine::Actions actions)
{
    learnDevice();
    for (std::size_t i = 0; i < actions.size(); ++i) {
        if (strikesBefore(i, actions)) {
            crash();
            return;
        }
        act(std::move(actions[i]));
    }
    if (strikesBefore(actions.size(), actions))
        crash();
}

void PeerShell::act(engine::Action action)
{
    if (auto *send = std::get_if<engine::Send>(&action)) {
        CHECK(send->after.value <= m_durable.value || !m_writes.empty());
        if (send->after.value > m_durable.value)
            m_held.push_back(std::move(*send));
        else
            release(std::move(*send));
    } else if (auto *persist = std::get_if<engine::Persist>(&action)) {
        m_checker.persisting(*this, persist->rows);
        if (m_outlet.stores)
            m_outlet.stores(persist->rows);
        m_writes.push_back(std::move(*persist));
        if (m_writes.size() == 1)
            scheduleWrite();
    } else if (const auto *notify = std::get_if<engine::Notify>(&action)) {
        m_outlet.notify(notify->event);
    } else if (const auto *wake = std::get_if<engine::WakeAt>(&action)) {
        wakeAt(wake->when);
    } else if (const auto *keep = std::get_if<engine::KeepCounter>(&action)) {
        m_counters.push_back(*keep);
    } else if (auto *doubt = std::get_if<engine::ReadBack>(&action)) {
        readBack(std::move(doubt->changes));
    } else if (const auto *absent = std::get_if<engine::Reach>(&action)) {
        if (m_outlet.reach)
            m_outlet.reach(absent->device);
    } else if (const auto *end = std::get_if<engine::Disconnect>(&action)) {
        m_world.note(m_number, codeName(end->code), end->peer.value);
        m_outlet.disconnect(end->peer, end->code, end->pause);
    }
}

void PeerShell::readBack(std::vector<Hash> changes)
{
    m_world.queue.after(
        m_world.between(m_world.profile.diskMin, m_world.profile.diskMax),
        [this, changes = std::move(changes), generation = m_generation]() mutable {
            if (generation != m_generation)
                return;
            engine::RowsRead answer{std::move(changes), {}, std::nullopt};
            const auto rows = m_store.readBack(answer.asked);
            if (rows && m_writes.empty())
                answer.rows = *rows;
            else
                answer.error = store::StoreError{store::StoreError::Kind::Full, "simulated"};
            step(std::move(answer));
        });
}

void PeerShell::release(engine::Send send)
{
    m_checker.sending(*this, send.kind, send.body);
    m_outlet.send(send.peer, send.kind, std::move(send.body));
}

void PeerShell::scheduleWrite()
{
    Millis delay = m_world.between(m_world.profile.diskMin, m_world.profile.diskMax);
    if (m_world.isActive && m_world.queue.now() < m_diskSlowUntil)
        delay = m_world.between(kSlowDiskMin, kSlowDiskMax);
    if (m_world.isActive && m_world.queue.now() < m_diskFullUntil)
        delay = kFullDiskPause;
    m_world.queue.after(delay, [this, generation = m_generation, count = m_writes.size()] {
        if (generation == m_generation)
            writeFirst(count);
    });
}

bool PeerShell::commitFirst()
{
    const engine::Persist &persist = m_writes.front();
    const auto result = m_store.commit(persist.rows, persist.sync);
    m_checker.stored(*this, result);
    m_checker.committed(*this, persist.rows, persist.sync);
    const bool isStruck = m_strike == Strike::AfterCommit;
    if (!isStruck)
        m_durable = persist.token;
    m_writes.pop_front();
    if (isStruck)
        crash();
    return !isStruck;
}

void PeerShell::writeFirst(std::size_t count)
{
    const engine::Persist &persist = m_writes.front();
    if (isAsleep()) {
        m_mustWrite = true;
        return;
    }
    const bool isFull = m_world.queue.now() < m_diskFullUntil;
    const bool fails = m_world.isActive && (isFull || m_world.chance(m_world.profile.diskFailures));
    if (fails) {
        const store::StoreError error{store::StoreError::Kind::Full, "simulated"};
        const engine::PersistToken token = persist.token;
        scheduleWrite();
        step(engine::PersistFailed{token, error});
        return;
    }
    for (; count > 0; --count)
        if (!commitFirst())
            return;
    std::vector<engine::Send> held = std::exchange(m_held, {});
    for (engine::Send &send : held) {
        if (send.after.value <= m_durable.value)
            release(std::move(send));
        else
            m_held.push_back(std::move(send));
    }
    if (!m_writes.empty())
        scheduleWrite();
    const std::uint64_t generation = m_generation;
    step(engine::Persisted{m_durable});
    if (generation == m_generation)
        keepCounters();
}

void PeerShell::keepCounters()
{
    while (!m_counters.empty() && m_counters.front().after.value <= m_durable.value) {
        const engine::BootMark mark = m_counters.front().mark;
        m_counters.erase(m_counters.begin());
        m_second = mark;
        step(engine::CounterKept{mark});
    }
}

void PeerShell::wakeAt(MonoTime local)
{
    const MonoTime soon = m_world.queue.now() + Millis(1);
    const MonoTime when = std::max(soon, MonoTime(local - m_monoOffset));
    m_wakeDue = when;
    // Most steps only put it off: what is queued before looks at it again.
    if (!m_wakeQueued || when < *m_wakeQueued)
        queueWake(when);
}

void PeerShell::queueWake(MonoTime when)
{
    m_wakeQueued = when;
    m_world.queue.at(when, [this, wake = ++m_wake, generation = m_generation] {
        if (wake != m_wake || generation != m_generation)
            return;
        m_wakeQueued.reset();
        if (m_world.queue.now() < m_wakeDue)
            queueWake(m_wakeDue);
        else
            step(engine::Tick{});
    });
}

} // namespace nlbd::sim
