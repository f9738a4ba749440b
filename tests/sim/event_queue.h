#pragma once

#include "core/base/time.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace nlbd::sim {

/// Virtual time: everything that will happen, in order. Events of one instant run in the order in
/// which they were scheduled, so that a seed has one history only.
class EventQueue {
public:
    using Run = std::move_only_function<void()>;

    [[nodiscard]] MonoTime now() const noexcept { return m_now; }
    [[nodiscard]] std::uint64_t ran() const noexcept { return m_ran; }

    void at(MonoTime when, Run run)
    {
        std::size_t place = m_runs.size();
        if (m_freed.empty()) {
            m_runs.push_back(std::move(run));
        } else {
            place = m_freed.back();
            m_freed.pop_back();
            m_runs[place] = std::move(run);
        }
        m_heap.push_back({std::max(when, m_now), m_nextOrder++, place});
        std::ranges::push_heap(m_heap, isLater);
    }
    void after(Millis delay, Run run) { at(m_now + delay, std::move(run)); }

    /// Runs the next event if it is due by `until`; otherwise moves time there and returns false.
    bool runNext(MonoTime until)
    {
        if (m_heap.empty() || m_heap.front().when > until) {
            m_now = std::max(m_now, until);
            return false;
        }
        std::ranges::pop_heap(m_heap, isLater);
        const Scheduled next = m_heap.back();
        m_heap.pop_back();
        m_now = next.when;
        ++m_ran;
        Run run = std::exchange(m_runs[next.place], nullptr); // it may schedule others
        m_freed.push_back(next.place);
        run();
        return true;
    }

private:
    /// What the heap moves about is small: what runs stays at its place.
    struct Scheduled {
        MonoTime when;
        std::uint64_t order = 0;
        std::size_t place = 0;
    };
    /// A type of its own, which the heap calls in line.
    struct IsLater {
        bool operator()(const Scheduled &a, const Scheduled &b) const noexcept
        {
            return a.when != b.when ? a.when > b.when : a.order > b.order;
        }
    };
    static constexpr IsLater isLater{};

    std::vector<Scheduled> m_heap;
    std::vector<Run> m_runs;
    std::vector<std::size_t> m_freed; ///< places in it
    MonoTime m_now{};
    std::uint64_t m_nextOrder = 0;
    std::uint64_t m_ran = 0;
};

} // namespace nlbd::sim
