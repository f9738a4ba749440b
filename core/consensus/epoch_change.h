#pragma once

#include "core/consensus/proposal.h"

namespace nlbd::consensus {

/// What a set of proposals and a closing frontier make of a configuration: a pure function, so that
/// every member and every newcomer computes the same next epoch (PROTOCOL C7, C8).
///
/// - Proposals apply in the order of their kinds, then of their hashes. One that changes nothing
/// any
///   more is moot: listed, without effect.
/// - Pens end at the closing frontier: of whoever is removed, leaves, becomes a reader, moves its
///   seat away, is fenced, or stands in the closing frontier with two branches. An ended pen never
///   comes back; a person goes on with another device.
/// - Somebody always stays to decide: what would leave no seat is moot, and the last seat keeps its
///   vote when it loses its pen.
struct EpochChange {
    identity::Configuration next;     ///< without key and state root as yet; its decision is zeros
    bool needsKey = false;            ///< a reader leaves, or a new key was asked for
    bool needsStateRoot = false;      ///< with a checkpoint
    std::vector<SeatIndex> departing; ///< seats of the old epoch that lose the right to read
    std::vector<Hash> moot;           ///< ascending
};

/// Preconditions: the proposals passed verify() under this configuration.
[[nodiscard]] EpochChange planChange(const identity::Configuration &now,
                                     std::vector<const Proposal *> proposals,
                                     const identity::ChainHeads &closing);

/// The next configuration with what the value adds. Preconditions: a commitment if and only if the
/// change needs a key, a root if and only if it needs one.
[[nodiscard]] identity::Configuration finished(EpochChange change,
                                               const std::optional<Hash> &keyCommitment,
                                               const std::optional<Hash> &stateRoot);

/// True if the proposal would change nothing in this configuration: no reason to close an epoch.
[[nodiscard]] bool isMoot(const Proposal &proposal, const identity::Configuration &configuration);

/// If the name can be mistaken for that of somebody who is here. E_NAME_CONFUSABLE for those who
/// ask.
[[nodiscard]] bool isNameTaken(std::string_view name, const identity::Configuration &configuration);

/// Departing seats do not check the key offer. An honest one that stays has to be in every polka:
/// Q - f must exceed their number, or they leave in two epochs (PROTOCOL C17).
[[nodiscard]] constexpr bool canDepartTogether(std::size_t departing, std::size_t seats) noexcept
{
    return departing == 0
        || departing < identity::quorumOf(seats) - identity::toleratedFaults(seats);
}

} // namespace nlbd::consensus
