#pragma once

#include "core/history/causal_graph.h"
#include "core/identity/configuration.h"

namespace nlbd::history {

/// Where a change stands with regard to the frontier that ended its device's right to write
/// (PROTOCOL C15). Neither clocks nor the epoch that it claims nor who brings it play a part.
enum class Footing : std::uint8_t {
    Inside, ///< its device may write still, or a closing head is the change or follows it
    Beyond, ///< no closing head leads to it: void, for ever
};

/// For a change that is held, or one that comes. The closing frontiers of the configuration are
/// held in full: whoever takes up a decision has them (PROTOCOL C8, C12). Only while a stored
/// history is read again a closing head may be missing yet; what stands below it passes as inside
/// then. The device stands in the configuration. @complexity O(closing heads of the device *
/// branches).
[[nodiscard]] Footing footingOf(const identity::Configuration &configuration,
                                const CausalGraph &graph, DeviceIndex device, Seq seq,
                                const Hash &hash);

} // namespace nlbd::history
