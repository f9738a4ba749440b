#include "ui/decisions/isolation_watch.h"

namespace nlbd::ui {

void IsolationWatch::look(bool isCutOff, Time now)
{
    m_now = now;
    if (!isCutOff)
        m_since.reset();
    else if (!m_since)
        m_since = now;
}

std::optional<std::chrono::minutes> IsolationWatch::minutes() const
{
    if (!m_since || m_now - *m_since < kPatience)
        return std::nullopt;
    return std::chrono::duration_cast<std::chrono::minutes>(m_now - *m_since);
}

} // namespace nlbd::ui
