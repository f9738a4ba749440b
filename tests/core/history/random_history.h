#pragma once

#include "tests/core/history/group.h"

#include <memory>

namespace nlbd::test {

/// An honest group that writes, reads and merges as chance has it: what every property is tried on.
class RandomHistory {
public:
    RandomHistory(const Group &group, Random &random, std::size_t steps);

    /// Every change in an order in which it was made.
    [[nodiscard]] const std::vector<history::UnverifiedChange> &changes() const
    {
        return m_changes;
    }
    [[nodiscard]] Replica &replica(std::size_t i) { return *m_replicas[i]; }

    /// The same changes in any order.
    [[nodiscard]] std::vector<history::UnverifiedChange> shuffled(Random &random) const;

private:
    void edit(Replica &author, Random &random);
    void read(Replica &reader, std::size_t upTo);

    std::vector<std::unique_ptr<Replica>> m_replicas;
    std::vector<history::UnverifiedChange> m_changes;
    std::vector<std::size_t> m_read; ///< by replica: how far in m_changes it has read
};

/// Delivers changes through validation and the orphan buffer as a peer would.
class Delivery {
public:
    explicit Delivery(Replica &replica)
        : m_replica(replica)
    {
    }

    /// The verdict on the change itself, then everything that waited for it is tried again.
    void bring(history::UnverifiedChange change, PeerId from);

    std::map<Hash, std::string> verdicts; ///< last word on each change: "valid" or its code
    history::OrphanBuffer orphans;

private:
    Replica &m_replica;
};

} // namespace nlbd::test
