#pragma once

#include "core/base/time.h"

#include <algorithm>
#include <functional>
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
        m_heap.push_back({std::max(when, m_now), m_nextOrder++, std::move(run)});
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
        Scheduled next = std::move(m_heap.back());
        m_heap.pop_back();
        m_now = next.when;
        ++m_ran;
        next.run();
        return true;
    }

private:
    struct Scheduled {
        MonoTime when;
        std::uint64_t order = 0;
        Run run;
    };
    static bool isLater(const Scheduled &a, const Scheduled &b)
    {
        return a.when != b.when ? a.when > b.when : a.order > b.order;
    }

    std::vector<Scheduled> m_heap;
    MonoTime m_now{};
    std::uint64_t m_nextOrder = 0;
    std::uint64_t m_ran = 0;
};

} // namespace nlbd::sim
