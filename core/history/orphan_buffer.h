#pragma once

#include "core/history/validation.h"

#include <map>
#include <set>

namespace nlbd::history {

/// Changes that wait for a parent, within PROTOCOL C4's bounds. What is evicted is forgotten, not
/// blacklisted: anti-entropy pulls it again, in order.
class OrphanBuffer {
public:
    /// Keeps the change until one of `missing` (not empty) arrives. If a bound is reached, the
    /// oldest orphan of the peer that holds most goes first: who floods evicts his own. Returns
    /// false if the change waits here already. Precondition: it is signed, or what covers it came
    /// with it. @complexity O(log n + orphans of the device).
    bool add(UnverifiedChange change, PeerId from, const std::vector<DepRef> &missing,
             SignatureNeed need = SignatureNeed::Check);

    struct Waiting {
        UnverifiedChange change;
        PeerId from;
        SignatureNeed need;
    };
    /// Takes out everything that waited for this change, oldest first; the caller validates it
    /// again.
    [[nodiscard]] std::vector<Waiting> takeWaitingFor(const Hash &arrived);

    /// Parents that something here waits for and that do not wait here themselves: what to pull.
    /// Sorted, each once.
    [[nodiscard]] std::vector<DepRef> missing() const;

    /// What waits here at a place, and what waits here for a change. @complexity O(orphans of the
    /// device), O(log n + answers). The pointers hold until the buffer changes.
    [[nodiscard]] std::vector<const UnverifiedChange *> at(DeviceIndex device, Seq seq) const;
    [[nodiscard]] std::vector<const UnverifiedChange *> waitersFor(const Hash &parent) const;

    [[nodiscard]] std::size_t count() const noexcept { return m_waiting.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return m_bytes; }
    [[nodiscard]] std::size_t evicted() const noexcept { return m_evicted; }
    [[nodiscard]] bool contains(const Hash &hash) const { return m_waiting.contains(hash); }

private:
    struct Orphan {
        UnverifiedChange change;
        PeerId from;
        SignatureNeed need;
        std::vector<DepRef> missing;
        std::uint64_t order = 0;
        std::size_t bytes = 0;
    };
    /// The orphans of one device, or from one peer, by age.
    struct Share {
        std::map<std::uint64_t, Hash> byOrder;
        std::size_t bytes = 0;
    };
    void makeRoom(DeviceIndex device, std::size_t bytes);
    /// The oldest orphan in `share` of the peer that holds most.
    [[nodiscard]] Hash victimIn(const Share &share) const;
    [[nodiscard]] Hash victimAnywhere() const;
    void evict(const Hash &hash);
    void remove(std::map<Hash, Orphan>::iterator orphan);

    std::map<Hash, Orphan> m_waiting;
    std::multimap<Hash, Hash> m_byParent; ///< missing parent -> orphan
    std::map<DeviceIndex, Share> m_perDevice;
    std::map<PeerId, Share> m_perPeer;
    std::size_t m_bytes = 0;
    std::size_t m_evicted = 0;
    std::uint64_t m_nextOrder = 0;
};

} // namespace nlbd::history
