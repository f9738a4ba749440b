#pragma once

#include "core/consensus/certificate.h"

#include <deque>
#include <memory>

namespace nlbd::consensus {

using SharedPolka = std::shared_ptr<const Polka>;

/// The polkas that a seat holds, of all rounds: what lets it leave a lock and what it shows to
/// others. A prevote that names a polka counts only together with it (PROTOCOL C11.5), so a polka
/// with such prevotes is held from the moment that a quorum of its lines has its reasons here.
class PolkaBook {
public:
    explicit PolkaBook(std::size_t quorum)
        : m_quorum(quorum)
    {
    }

    [[nodiscard]] bool holds(Round round, const Hash &value) const;
    [[nodiscard]] SharedPolka find(Round round, const Hash &value) const;

    /// The polka of a round; with at most f hostile seats there is one at most.
    [[nodiscard]] SharedPolka of(Round round) const;

    /// The latest one that is not later than `round`.
    [[nodiscard]] SharedPolka latest(Round round) const;

    /// If a prevote for `value` that names `polka` counts.
    [[nodiscard]] bool isReasoned(const Hash &value, const std::optional<Round> &polka) const
    {
        return !polka || holds(*polka, value);
    }

    /// Takes a polka whose signatures hold. Gives those that are held from now on: it, and others
    /// that waited for it. Too many that wait: the oldest is forgotten and comes again by gossip.
    std::vector<SharedPolka> add(Polka polka);

    /// Takes one that was held before a restart, whose reasons may not be here again.
    void restore(const SharedPolka &polka);

private:
    [[nodiscard]] bool isComplete(const Polka &polka) const;
    SharedPolka hold(Polka polka);
    void enter(const SharedPolka &polka);

    std::size_t m_quorum;
    std::vector<SharedPolka> m_held; ///< by round
    std::deque<Polka> m_waiting;
};

} // namespace nlbd::consensus
