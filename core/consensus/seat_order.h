#pragma once

#include "core/consensus/vote.h"

namespace nlbd::consensus {

/// Whose proposal goes first when several differ: the seats sorted by BLAKE2b(prevDecision | seat),
/// rotated by the round (PROTOCOL C11.1). It is consulted only among proposals that came: a seat
/// that is not there is skipped within the same round. Cheap to copy.
class SeatOrder {
public:
    explicit SeatOrder(const identity::Configuration &configuration);

    [[nodiscard]] std::size_t seats() const noexcept { return m_seats.size(); }
    [[nodiscard]] std::size_t quorum() const noexcept;
    [[nodiscard]] std::size_t faults() const noexcept
    {
        return identity::toleratedFaults(m_seats.size());
    }

    /// The seat at a place, 0 being the first, in the order of a round.
    [[nodiscard]] SeatIndex at(Round round, std::size_t place) const;

private:
    std::vector<SeatIndex> m_seats; ///< the order of round 0
};

} // namespace nlbd::consensus
