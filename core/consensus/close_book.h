#pragma once

#include "core/consensus/close.h"

#include <map>

namespace nlbd::consensus {

/// The reports of one epoch. An honest seat makes one; of a seat that makes more, values that are
/// proposed already may name any, hence named ones are taken in, a few at a time.
class CloseBook {
public:
    CloseBook(const identity::Configuration &configuration,
              const identity::SignatureScheme &scheme);

    enum class Reason : std::uint8_t { Offered, Named };
    enum class Taken : std::uint8_t { New, Known };

    /// Errors: those of verify(); E_RATE if two of the seat are held and nothing names this one.
    [[nodiscard]] std::expected<Taken, Code> add(Close close, Reason reason);

    [[nodiscard]] const Close *find(const Hash &close) const;

    /// One per seat, by seat, without seats that contradict themselves: what honest seats build
    /// from, so that a seat with many reports cannot keep their values apart for longer than one
    /// spread of gossip.
    [[nodiscard]] std::vector<const Close *> undisputed() const;
    /// Two different ones of each seat that made several: what others must see too.
    /// Two of its reports were told: none of this seat counts any more.
    [[nodiscard]] bool isContradicted(SeatIndex seat) const;
    [[nodiscard]] std::vector<std::pair<const Close *, const Close *>> contradictions() const;

    /// The next epoch begins without any.
    void enter(const identity::Configuration &next);

    /// Named reports of one seat that are held; the oldest goes first and can be fetched again.
    static constexpr std::size_t kNamedPerSeatMax = 8;

private:
    struct Seat {
        std::vector<Hash> offered; ///< at most two
        std::vector<Hash> named;   ///< oldest first
    };

    identity::Configuration m_now;
    const identity::SignatureScheme &m_scheme;
    std::map<Hash, Close> m_closes;
    std::map<SeatIndex, Seat> m_seats;
};

} // namespace nlbd::consensus
