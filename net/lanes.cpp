#include "net/lanes.h"

#include "core/base/check.h"

namespace nlbd::net {

Lanes::Push Lanes::push(Lane lane, Bytes message)
{
    auto &queue = lane == Lane::Live ? m_live : m_bulk;
    auto &bytes = lane == Lane::Live ? m_liveBytes : m_bulkBytes;
    const std::size_t max = lane == Lane::Live ? kLiveBytesMax : kBulkBytesMax;
    if (bytes + message.size() > max) {
        queue.clear();
        bytes = 0;
        return Push::Overflowed;
    }
    bytes += message.size();
    queue.push_back(std::move(message));
    return Push::Queued;
}

const Bytes *Lanes::front() const noexcept
{
    if (!m_own.empty())
        return &m_own.front();
    if (!m_live.empty())
        return &m_live.front();
    if (!m_bulk.empty() && m_inFlight < kBulkInFlight)
        return &m_bulk.front();
    return nullptr;
}

void Lanes::pop()
{
    CHECK(front() != nullptr);
    if (!m_own.empty()) {
        m_own.pop_front();
    } else if (!m_live.empty()) {
        m_liveBytes -= m_live.front().size();
        m_live.pop_front();
    } else {
        m_bulkBytes -= m_bulk.front().size();
        m_inFlight += m_bulk.front().size();
        m_bulk.pop_front();
    }
}

Lanes::Waiting Lanes::ownWaiting() const noexcept
{
    Waiting waiting{m_own.size(), 0};
    for (const Bytes &message : m_own)
        waiting.bytes += message.size();
    return waiting;
}

bool Lanes::credit(std::size_t bytes) noexcept
{
    if (bytes > m_inFlight)
        return false;
    m_inFlight -= bytes;
    return true;
}

} // namespace nlbd::net
