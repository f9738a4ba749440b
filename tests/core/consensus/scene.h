#pragma once

#include "tests/core/consensus/seat_fixture.h"

namespace nlbd::test {

inline const Hash kA = valueOf('a');
inline const Hash kB = valueOf('b');
inline const Hash kMine = valueOf('m');

/// Four seats, one of them may be hostile: three are a quorum. "me" is the second in the order of
/// round 0 and has started.
struct Scene {
    Table table{4};
    Seat me{table, table.at(1)};

    Scene() { me.start(); }

    void hearAll(consensus::Phase phase, std::uint32_t round, std::optional<Hash> value)
    {
        for (const std::size_t place : {0, 2, 3})
            me.hear(place, phase, round, value);
    }
    /// Everybody else goes on to `round` without deciding.
    void passTo(std::uint32_t round)
    {
        for (std::uint32_t r = me.core->round().value; r < round; ++r)
            hearAll(consensus::Phase::Precommit, r, std::nullopt);
    }
    /// I am locked on a since round 0, and in round 1.
    void lockOnA()
    {
        hearAll(consensus::Phase::Prevote, 0, kA);
        passTo(1);
    }
    [[nodiscard]] consensus::Polka polka(std::uint32_t round, const Hash &value) const
    {
        consensus::Polka result{table.configuration.epoch, consensus::Round(round), value, {}};
        for (std::uint16_t seat = 0; seat < 4; ++seat)
            if (SeatIndex(seat) != table.at(1))
                result.lines.push_back(
                    {SeatIndex(seat), std::nullopt,
                     table.vote(consensus::Phase::Prevote, round, SeatIndex(seat), value)
                         .signature});
        return result;
    }
};

} // namespace nlbd::test
