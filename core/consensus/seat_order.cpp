#include "core/consensus/seat_order.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/mutant.h"

namespace nlbd::consensus {

SeatOrder::SeatOrder(const identity::Configuration &configuration)
{
    std::vector<std::pair<Hash, SeatIndex>> places;
    for (std::size_t i = 0; i < configuration.seats.size(); ++i) {
        const SeatIndex seat(static_cast<std::uint16_t>(i));
        Writer number;
        number.u16(seat.value);
        places.emplace_back(
            digest(domains::kSeatOrder, {configuration.decision.view(), number.bytes()}), seat);
    }
    std::ranges::sort(places);
    for (const auto &[place, seat] : places)
        m_seats.push_back(seat);
}

std::size_t SeatOrder::quorum() const noexcept
{
    if (NLBD_MUTANT("quorum-minus-one"))
        return identity::quorumOf(seats()) - 1;
    if (NLBD_MUTANT("quorum-half"))
        return seats() / 2 + 1;
    return identity::quorumOf(seats());
}

SeatIndex SeatOrder::at(Round round, std::size_t place) const
{
    CHECK(place < m_seats.size());
    if (NLBD_MUTANT("no-rotation"))
        round = Round(0);
    return m_seats[(round.value + place) % m_seats.size()];
}

} // namespace nlbd::consensus
