#pragma once

#include "core/base/check.h"
#include "core/consensus/roundtable.h"
#include "tests/support/fast_signatures.h"

namespace nlbd::test {

/// n seats with their keys and a configuration: what tests of agreement begin with.
struct Table {
    explicit Table(std::size_t seats, std::uint64_t seed = 1)
        : random(seed)
        , scheme(random)
    {
        random.fill(configuration.workspace.value);
        random.fill(configuration.decision.value);
        configuration.epoch = Epoch(3);
        for (std::size_t i = 0; i < seats; ++i)
            keys.push_back(identity::SecretKey::generate(random));
        seat(keys);
        const consensus::SeatOrder order(configuration);
        for (std::size_t i = 0; i < seats; ++i)
            ordinal.push_back(order.at(consensus::Round(0), i));
    }

    void seat(const std::vector<identity::SecretKey> &all)
    {
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto index = static_cast<std::uint16_t>(i);
            const PublicKey key = all[i].publicKey();
            configuration.members.push_back({key, "Member " + std::to_string(i)});
            configuration.devices.push_back({key, MemberIndex(index), true, true, Hash{}});
            configuration.seats.emplace_back(index);
        }
    }

    /// The seat that is `place`-th in the order of round 0.
    [[nodiscard]] SeatIndex at(std::size_t place) const { return ordinal.at(place); }

    [[nodiscard]] consensus::Vote sign(consensus::Vote vote) const
    {
        vote.epoch = configuration.epoch;
        return consensus::signVote(scheme, keys.at(vote.seat.value), configuration, vote);
    }
    [[nodiscard]] consensus::Vote vote(consensus::Phase phase, std::uint32_t round, SeatIndex seat,
                                       std::optional<Hash> value,
                                       std::optional<std::uint32_t> polka = std::nullopt) const
    {
        consensus::Vote result{phase, configuration.epoch, consensus::Round(round), seat, value, {},
                               {}};
        if (polka)
            result.polka = consensus::Round(*polka);
        return sign(result);
    }

    SeededRandom random;
    FastSignatures scheme;
    std::vector<identity::SecretKey> keys; ///< by seat
    identity::Configuration configuration;
    std::vector<SeatIndex> ordinal;
};

/// A value by a letter.
[[nodiscard]] inline Hash valueOf(char letter)
{
    Hash hash;
    hash.value.fill(static_cast<std::byte>(letter));
    return hash;
}

} // namespace nlbd::test
