#pragma once

#include "core/history/causal_graph.h"
#include "core/trust/ack.h"

namespace nlbd::trust {

/// Counts acknowledgements. The ratified height of a chain is the Q-th largest of the heights that
/// the n seats acknowledged on it, like a commit index (PROTOCOL C5).
class Ratification {
public:
    explicit Ratification(std::size_t seats);

    /// Takes a seat's newest frontier, whose root its signed ack names. Heads that the graph does
    /// not hold yet count from the moment they are added (see changeAdded).
    void acknowledged(SeatIndex seat, const Frontier &frontier, const history::CausalGraph &graph);

    /// A change came in: heads that waited for it count now. @complexity O(log n) if none waits.
    void changeAdded(ChangeHandle change, const history::CausalGraph &graph);

    /// A seat's acks about a device contradict each other: neither counts (PROTOCOL B 10).
    void ignore(SeatIndex seat, DeviceIndex device);

    [[nodiscard]] bool isRatified(ChangeHandle change, const history::CausalGraph &graph) const;

    /// How many seats have signed for the change.
    [[nodiscard]] std::size_t seenBy(ChangeHandle change, const history::CausalGraph &graph) const;
    [[nodiscard]] bool hasSeen(SeatIndex seat, ChangeHandle change,
                               const history::CausalGraph &graph) const;

    /// Highest ratified seq on a chain.
    [[nodiscard]] Seq ratifiedHeight(history::ChainId chain) const;

    /// Chains whose ratified height grew since the last call, with their height before.
    [[nodiscard]] std::vector<std::pair<history::ChainId, Seq>> takeGrown();

    /// Chains on which any seat's height changed since the last call (the "seen by k" marks).
    [[nodiscard]] bool takeChanged();

    /// How many changes of the graph a seat has not signed for.
    [[nodiscard]] std::uint64_t behind(SeatIndex seat, const history::CausalGraph &graph) const;

private:
    struct Impl;
    std::shared_ptr<Impl> m_impl;
};

} // namespace nlbd::trust
