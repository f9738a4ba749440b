#include "core/consensus/close_book.h"

namespace nlbd::consensus {

CloseBook::CloseBook(const identity::Configuration &configuration,
                     const identity::SignatureScheme &scheme)
    : m_now(configuration)
    , m_scheme(scheme)
{
}

std::expected<CloseBook::Taken, Code> CloseBook::add(Close close, Reason reason)
{
    const Hash hash = close.hash();
    if (m_closes.contains(hash))
        return Taken::Known;
    if (const auto verified = verify(close, m_now, m_scheme); !verified)
        return std::unexpected(verified.error());
    Seat &seat = m_seats[close.seat];
    if (seat.offered.size() < 2) {
        seat.offered.push_back(hash);
    } else if (reason == Reason::Named) {
        if (seat.named.size() == kNamedPerSeatMax) {
            m_closes.erase(seat.named.front());
            seat.named.erase(seat.named.begin());
        }
        seat.named.push_back(hash);
    } else {
        return std::unexpected(Code::E_RATE);
    }
    m_closes.emplace(hash, std::move(close));
    return Taken::New;
}

const Close *CloseBook::find(const Hash &close) const
{
    const auto found = m_closes.find(close);
    return found == m_closes.end() ? nullptr : &found->second;
}

std::vector<const Close *> CloseBook::undisputed() const
{
    std::vector<const Close *> result;
    for (const auto &[index, seat] : m_seats)
        if (seat.offered.size() == 1)
            result.push_back(find(seat.offered.front()));
    return result;
}

std::vector<std::pair<const Close *, const Close *>> CloseBook::contradictions() const
{
    std::vector<std::pair<const Close *, const Close *>> result;
    for (const auto &[index, seat] : m_seats)
        if (seat.offered.size() > 1)
            result.emplace_back(find(seat.offered[0]), find(seat.offered[1]));
    return result;
}

bool CloseBook::isContradicted(SeatIndex seat) const
{
    const auto found = m_seats.find(seat);
    return found != m_seats.end() && found->second.offered.size() > 1;
}

void CloseBook::enter(const identity::Configuration &next)
{
    m_now = next;
    m_closes.clear();
    m_seats.clear();
}

} // namespace nlbd::consensus
