#pragma once

#include "tests/malory/campaign.h"

namespace nlbd::malory {

/// Attacks on how computers find and meet each other. They are made of connections and of what is
/// said outside of any workspace, and so they have no place in the simulator, which knows neither.
[[nodiscard]] const std::vector<hostile::Attack> &networkAttacks();

/// For every other device false addresses, all of them different, in frames as members send them.
[[nodiscard]] std::vector<hostile::Frame>
poisonFor(const PublicKey &victim, const identity::Configuration &configuration, Random &random);

/// Devices that nobody knows connect to every target, some at a time. False if not all of them were
/// turned away in time.
[[nodiscard]] bool knockAsStrangers(const std::vector<Target> &targets, Random &random,
                                    Millis patience);

/// Opens connections to every target that say nothing, and keeps them for a while. How many stood.
[[nodiscard]] std::size_t holdSilentConnections(const std::vector<Target> &targets, Millis time);

} // namespace nlbd::malory
