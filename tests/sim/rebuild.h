#pragma once

#include "core/history/validation.h"
#include "tests/sim/epochs_seen.h"

#include <unordered_map>

namespace nlbd::sim {

/// A short-form record made whole with what a graph holds.
[[nodiscard]] std::optional<history::UnverifiedChange>
rebuiltShort(const history::CausalGraph &graph, const identity::Configuration &configuration,
             ByteView record);

using Records = std::unordered_map<Hash, history::UnverifiedChange>;

struct Rebuilt {
    std::map<DocIndex, std::string> texts;
    std::string fault; ///< why it could not be done; empty if it could
};

/// The texts that a set of changes gives, made anew: validated again in the order (lamport, hash),
/// then put together by a plain Fugue tree of single characters that shares no code with core/crdt.
/// `held` says which of the records count.
[[nodiscard]] Rebuilt rebuild(const EpochsSeen &epochs,
                              const identity::Configuration &configuration,
                              const identity::SignatureScheme &scheme, const Records &records,
                              const history::CausalGraph &held);
/// The same of all these records.
[[nodiscard]] Rebuilt rebuild(const EpochsSeen &epochs,
                              const identity::Configuration &configuration,
                              const identity::SignatureScheme &scheme,
                              std::vector<const history::UnverifiedChange *> records);

/// Feeds the records to fresh replicas in `orders` random orders. Says what differed (I13).
[[nodiscard]] std::optional<std::string>
differsByOrder(const EpochsSeen &epochs, const identity::Configuration &configuration,
               const identity::SignatureScheme &scheme,
               const std::vector<history::UnverifiedChange> &records, std::size_t orders,
               Random &random);

} // namespace nlbd::sim
