#pragma once

#include "core/base/codes.h"
#include "core/identity/configuration.h"

#include <expected>

namespace nlbd::consensus {

/// All that is decided, in canonical bytes: what values name by hash, and what a newcomer begins
/// with at a checkpoint. The decision that made the configuration names its hash and so can't stand
/// in it; rows that this decision admitted carry zeros in its place.
[[nodiscard]] Bytes encodeConfiguration(const identity::Configuration &configuration);

/// Puts `decision` in its places again. The caller compares hashes before it believes the bytes;
/// they are checked all the same so that no index leads outside a table. Errors: E_CANON, E_BOUNDS.
[[nodiscard]] std::expected<identity::Configuration, Code>
decodeConfiguration(ByteView bytes, const Hash &decision);

/// H("rt1.config", encodeConfiguration()). The same before and after completed().
[[nodiscard]] Hash hashOf(const identity::Configuration &configuration);

/// A computed configuration with the hash of the decision that made it.
[[nodiscard]] identity::Configuration completed(identity::Configuration configuration,
                                                const Hash &decision);

/// One seat per active member that has one, in the order of members. PROTOCOL leaves it open; this
/// is the order in which the genesis record numbers them.
[[nodiscard]] std::vector<DeviceIndex> seatsOf(const identity::Configuration &configuration);

} // namespace nlbd::consensus
