#include "tests/mesh/reaper.h"

#include <algorithm>
#include <csignal>
#include <poll.h>
#include <unistd.h>

extern "C" { // glibc 2.36 forgets to say so
#include <sys/pidfd.h>
}

namespace nlbd::mesh {

Reaper::Reaper(quint64 seed, Pause pause)
    : m_pause(pause)
    , m_random(seed)
    , m_thread([this](const std::stop_token &stop) { run(stop); })
{
}

Reaper::~Reaper()
{
    m_thread.request_stop();
    m_thread.join();
    for (const auto &[key, file] : m_alive)
        ::close(file);
}

void Reaper::watch(int key, qint64 process, std::chrono::milliseconds start)
{
    forget(key);
    const int file = ::pidfd_open(static_cast<pid_t>(process), 0);
    if (file < 0)
        return;
    const std::scoped_lock lock(m_mutex);
    m_alive[key] = file;
    m_start = start;
}

void Reaper::forget(int key)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_alive.find(key);
    if (found == m_alive.end())
        return;
    ::close(found->second);
    m_alive.erase(found);
}

bool Reaper::isGone(int key) const
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_alive.find(key);
    pollfd process{found == m_alive.end() ? -1 : found->second, POLLIN, 0};
    return found != m_alive.end() && ::poll(&process, 1, 0) == 1;
}

int Reaper::timesOf(int key) const
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_times.find(key);
    return found == m_times.end() ? 0 : found->second;
}

Reaper::Clock::time_point Reaper::nextMoment()
{
    std::uniform_int_distribution<std::int64_t> pause(m_pause.min.count(), m_pause.max.count());
    return Clock::now() + std::chrono::milliseconds(pause(m_random)) + m_start;
}

void Reaper::run(const std::stop_token &stop)
{
    std::unique_lock lock(m_mutex);
    Clock::time_point next = nextMoment();
    while (!stop.stop_requested()) {
        m_wake.wait_until(lock, stop, next, [] { return false; });
        if (stop.stop_requested() || Clock::now() < next)
            continue;
        reapOne();
        next = nextMoment();
    }
}

void Reaper::reapOne()
{
    std::vector<int> keys;
    for (const auto &[key, file] : m_alive)
        keys.push_back(key);
    std::ranges::shuffle(keys, m_random);
    const auto rarest =
        std::ranges::min_element(keys, {}, [this](int key) { return m_times[key]; });
    if (rarest != keys.end() && ::pidfd_send_signal(m_alive[*rarest], SIGKILL, nullptr, 0) == 0)
        ++m_times[*rarest];
}

} // namespace nlbd::mesh
