#pragma once

#include "core/consensus/epoch_change.h"
#include "core/consensus/ground.h"
#include "core/consensus/value.h"

namespace nlbd::consensus {

/// What a seat proposes: all eligible proposals and all reports that it can stand for.
struct BuiltValue {
    enum class Lack : std::uint8_t {
        Nothing,
        Reports,  ///< of a quorum whose closure is held
        KeyOffer, ///< `change.next` says whom to seal a new key to
        StateRoot,
    } lack = Lack::Nothing;
    std::optional<Value> value; ///< if nothing lacks; judge() finds it valid
    EpochChange change;         ///< from Lack::KeyOffer on
    identity::ChainHeads closing;
};

/// What to do with proposals that need a new key while no good offer is there. Whoever waited
/// for one in vain postpones them rather than be silent.
enum class NewKeys : std::uint8_t { Await, Postpone };

/// Pure. More departures than can go together wait for the next epoch, and so do more proposals
/// than a value holds: those with the smallest hashes come first, the same at every seat.
[[nodiscard]] BuiltValue buildValue(const EpochView &view, NewKeys newKeys);

} // namespace nlbd::consensus
