#pragma once

#include "core/history/change.h"

#include <map>

namespace nlbd::history {

/// Changes that wait for a parent, within PROTOCOL C4's bounds. What is evicted is forgotten, not
/// blacklisted: anti-entropy pulls it again, in order.
class OrphanBuffer {
public:
    /// Keeps the change until one of `missing` arrives. Evicts first from the peer that holds most,
    /// then the oldest. Returns false if it was known or alone exceeds the bounds.
    bool add(UnverifiedChange change, PeerId from, const std::vector<DepRef> &missing);

    struct Waiting {
        UnverifiedChange change;
        PeerId from;
    };
    /// Takes out everything that waited for this change; the caller validates it again.
    [[nodiscard]] std::vector<Waiting> takeWaitingFor(const Hash &arrived);

    /// Parents that something here waits for and that nobody was asked for since `forgetRequests`.
    [[nodiscard]] std::vector<DepRef> missing() const;

    [[nodiscard]] std::size_t count() const noexcept { return m_waiting.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return m_bytes; }
    [[nodiscard]] std::size_t evicted() const noexcept { return m_evicted; }
    [[nodiscard]] bool contains(const Hash &hash) const { return m_waiting.contains(hash); }

private:
    struct Orphan {
        UnverifiedChange change;
        PeerId from;
        std::vector<DepRef> missing;
        std::uint64_t order = 0;
        std::size_t bytes = 0;
    };
    void evictFor(DeviceIndex device, std::size_t bytes);
    void remove(std::map<Hash, Orphan>::iterator orphan);

    std::map<Hash, Orphan> m_waiting;
    std::multimap<Hash, Hash> m_byParent; ///< missing parent -> orphan
    std::map<DeviceIndex, std::pair<std::size_t, std::size_t>> m_perDevice; ///< count, bytes
    std::map<PeerId, std::size_t> m_perPeer;                               ///< bytes
    std::size_t m_bytes = 0;
    std::size_t m_evicted = 0;
    std::uint64_t m_nextOrder = 0;
};

} // namespace nlbd::history
