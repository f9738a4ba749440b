#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <thread>

namespace nlbd::mesh {

/// Ends processes with SIGKILL at moments and in an order that a seed draws, from a thread of its
/// own: in the middle of whatever they and the test do. Each is ended about equally often.
class Reaper {
public:
    struct Pause {
        std::chrono::milliseconds min;
        std::chrono::milliseconds max;
    };
    Reaper(quint64 seed, Pause pause);
    ~Reaper();
    Reaper(const Reaper &) = delete;
    Reaper &operator=(const Reaper &) = delete;

    /// `key` lives as this process from now on. Only a child that was not waited for may be named:
    /// so its number means nobody else. `start`: what it took to come online; on a slow machine
    /// everybody gets so much more time, or nothing would ever be done.
    void watch(int key, qint64 process, std::chrono::milliseconds start);
    /// It is to be left alone, or is gone.
    void forget(int key);
    [[nodiscard]] bool isGone(int key) const; ///< watched, and ended, by whomever
    [[nodiscard]] int timesOf(int key) const; ///< how often it was ended here

private:
    using Clock = std::chrono::steady_clock;
    void run(const std::stop_token &stop);
    void reapOne();
    [[nodiscard]] Clock::time_point nextMoment();

    const Pause m_pause;
    mutable std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::mt19937_64 m_random;
    std::map<int, int> m_alive; ///< descriptors of processes
    std::map<int, int> m_times;
    std::chrono::milliseconds m_start{};
    std::jthread m_thread;
};

} // namespace nlbd::mesh
