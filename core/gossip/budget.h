#pragma once

#include "core/base/time.h"

#include <algorithm>
#include <cstddef>

namespace nlbd::gossip {

/// A token bucket: `perSecond` flows in, at most `burst` is kept. Delays, never judges.
class Budget {
public:
    Budget(std::size_t perSecond, std::size_t burst)
        : m_perSecond(static_cast<double>(perSecond))
        , m_burst(static_cast<double>(burst))
        , m_tokens(m_burst)
    {
    }

    /// Takes `amount` if it is there. @complexity O(1).
    [[nodiscard]] bool take(std::size_t amount, MonoTime now)
    {
        if (m_isStarted && now > m_last) {
            const auto elapsed = static_cast<double>((now - m_last).count());
            m_tokens = std::min(m_burst, m_tokens + elapsed / 1000.0 * m_perSecond);
        }
        m_last = now;
        m_isStarted = true;
        const auto wanted = static_cast<double>(amount);
        if (m_tokens < wanted)
            return false;
        m_tokens -= wanted;
        return true;
    }

private:
    double m_perSecond;
    double m_burst;
    double m_tokens;
    MonoTime m_last{};
    bool m_isStarted = false;
};

} // namespace nlbd::gossip
