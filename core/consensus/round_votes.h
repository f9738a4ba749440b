#pragma once

#include "core/consensus/polka_book.h"

namespace nlbd::consensus {

/// The votes of one phase in one round. Of each seat the first word is kept and one other word as
/// proof, and a seat counts once for each value that it signed for: a receiver that counted first
/// words only could be kept from ever seeing a polka that others saw (see Polka).
class PhaseVotes {
public:
    explicit PhaseVotes(std::size_t seats)
        : m_seats(seats)
    {
    }

    enum class Taken : std::uint8_t {
        First,
        Second, ///< another word of a seat that had spoken: `other` is the first one
        Known,
        Beyond, ///< a third word of a seat that was caught already
    };
    struct Result {
        Taken taken = Taken::Known;
        std::size_t index = 0; ///< of the vote that was taken
        std::size_t other = 0;
    };

    /// `isShown`: part of a polka, kept however many words the seat has spoken.
    Result insert(const Vote &vote, bool isShown);

    /// Lets a vote count for its value. False if its seat counts for that already.
    bool count(std::size_t index);

    [[nodiscard]] const std::vector<Vote> &votes() const noexcept { return m_votes; }
    [[nodiscard]] const Vote *firstOf(SeatIndex seat) const;
    [[nodiscard]] bool isCounted(std::size_t index) const { return m_isCounted[index]; }
    [[nodiscard]] std::size_t seats() const noexcept { return m_seatsCounted; } ///< of any kind
    [[nodiscard]] std::size_t countFor(const std::optional<Hash> &value) const;

    /// The counted votes for a value, by seat.
    [[nodiscard]] std::vector<const Vote *> countedFor(const Hash &value) const;

private:
    struct SeatEntry {
        std::uint16_t first = 0; ///< index + 1
        std::uint16_t words = 0;
        bool isCounted = false;
    };
    struct Count {
        std::optional<Hash> value;
        std::size_t seats = 0;
    };

    std::vector<Vote> m_votes; ///< as they came
    std::vector<bool> m_isCounted;
    std::vector<SeatEntry> m_seats; ///< by seat
    std::vector<Count> m_counts;
    std::size_t m_seatsCounted = 0;
};

/// All votes of one round.
class RoundVotes {
public:
    RoundVotes(Round round, std::size_t seats)
        : m_round(round)
        , m_phases{PhaseVotes(seats), PhaseVotes(seats), PhaseVotes(seats)}
    {
    }

    [[nodiscard]] Round round() const noexcept { return m_round; }
    [[nodiscard]] PhaseVotes &of(Phase phase) { return m_phases[indexOf(phase)]; }
    [[nodiscard]] const PhaseVotes &of(Phase phase) const { return m_phases[indexOf(phase)]; }

    /// Takes a vote and counts it, unless it is a prevote whose reason is not in the book.
    PhaseVotes::Result insert(const Vote &vote, bool isShown, const PolkaBook &book);

    /// Counts what waited for a reason that is in the book now.
    void recount(const PolkaBook &book);

    /// The prevotes for a value as they can be shown.
    [[nodiscard]] Polka polkaFor(const Hash &value) const;
    [[nodiscard]] Certificate certificateFor(const Hash &value) const;

private:
    static std::size_t indexOf(Phase phase) { return static_cast<std::size_t>(phase) - 1; }

    Round m_round;
    std::array<PhaseVotes, 3> m_phases;
};

} // namespace nlbd::consensus
