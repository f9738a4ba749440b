#pragma once

#include "core/base/time.h"

#include <algorithm>
#include <deque>
#include <vector>

namespace nlbd::engine {

/// How long news takes to get around: half of the time from when I signed a change until a quorum
/// was heard to have signed for it, there and back. Rounds wait by its tail (PROTOCOL C11.2). By a
/// quorum's time, not by each seat's, because the hostile third may answer as late as it likes.
class Spread {
public:
    /// Longer ones are left out: nobody was there, and no round waits for that.
    static constexpr Millis kLongest{30'000};

    void add(Millis thereAndBack)
    {
        const Millis sample = thereAndBack / 2;
        if (sample > kLongest)
            return;
        if (m_samples.size() == kSamples)
            m_samples.pop_front();
        m_samples.push_back(sample);
        if (m_samples.size() < kSamplesMin)
            return;
        std::vector<Millis> sorted(m_samples.begin(), m_samples.end());
        const auto place = static_cast<std::ptrdiff_t>((sorted.size() * 19 + 19) / 20 - 1);
        std::ranges::nth_element(sorted, sorted.begin() + place);
        m_tail = sorted[static_cast<std::size_t>(place)];
    }

    /// The 95th percentile of the last ones; 0 while there are too few to tell.
    [[nodiscard]] Millis tail() const noexcept { return m_tail; }

private:
    static constexpr std::size_t kSamples = 40;
    static constexpr std::size_t kSamplesMin = 5;
    std::deque<Millis> m_samples;
    Millis m_tail{};
};

} // namespace nlbd::engine
