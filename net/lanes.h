#pragma once

#include "core/base/bytes.h"
#include "net/frame.h"

#include <deque>

namespace nlbd::net {

/// What waits to go to one peer: the mesh's own words first, then live frames, then bulk as far as
/// the other end has given credit. Bounded by bytes. A full live lane is emptied as a whole: a hole
/// in the middle would look like news, while silence is repaired by the next digest.
class Lanes {
public:
    static constexpr std::size_t kLiveBytesMax = 2 * 1024 * 1024; ///< two of the largest frames
    static constexpr std::size_t kBulkBytesMax =
        8 * 1024 * 1024; ///< what kRequestsInFlight may ask for, and more
    static constexpr std::size_t kBulkInFlight =
        64 * 1024; ///< 4 x 16 KiB: 17 ms behind a full link

    static constexpr std::size_t kOwnFramesMax = 256;

    enum class Push : std::uint8_t { Queued, Overflowed };

    /// Own frames are few and small, and never dropped. False: so many wait that the other end does
    /// not read, and the session should end.
    [[nodiscard]] bool pushOwn(Bytes message)
    {
        m_own.push_back(std::move(message));
        return m_own.size() <= kOwnFramesMax;
    }
    [[nodiscard]] Push push(Lane lane, Bytes message);

    /// The next message that may go now, or nothing. Stays until pop().
    [[nodiscard]] const Bytes *front() const noexcept;
    void pop();

    /// The other end took `bytes` of bulk. False if it was never given that much.
    [[nodiscard]] bool credit(std::size_t bytes) noexcept;

    [[nodiscard]] bool isEmpty() const noexcept { return front() == nullptr; }
    /// What waits in each lane.
    struct Waiting {
        std::size_t frames = 0;
        std::size_t bytes = 0;
        friend bool operator==(const Waiting &, const Waiting &) = default;
    };
    [[nodiscard]] Waiting ownWaiting() const noexcept; ///< @complexity kOwnFramesMax at most
    [[nodiscard]] Waiting liveWaiting() const noexcept { return {m_live.size(), m_liveBytes}; }
    [[nodiscard]] Waiting bulkWaiting() const noexcept { return {m_bulk.size(), m_bulkBytes}; }
    [[nodiscard]] std::size_t queuedBytes() const noexcept { return m_liveBytes + m_bulkBytes; }

private:
    std::deque<Bytes> m_own;
    std::deque<Bytes> m_live;
    std::deque<Bytes> m_bulk;
    std::size_t m_liveBytes = 0;
    std::size_t m_bulkBytes = 0;
    std::size_t m_inFlight = 0;
};

} // namespace nlbd::net
