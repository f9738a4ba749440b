#pragma once

#include "core/history/causal_graph.h"
#include "core/identity/configuration.h"

namespace nlbd::trust {

/// Whether a change is void: its device's right to write ended, and it is outside of the frontier
/// that was closed then. Nothing else matters: not clocks, not the epoch that the change names, not
/// who brings it (PROTOCOL C15). Reports of a closing frontier are causally closed, hence a
/// device's own heads in it say what of the device is inside.
///
/// Nothing while a head is not held that could have the change below it. @complexity O(heads).
[[nodiscard]] std::optional<bool> isVoid(const identity::Configuration &configuration,
                                         const history::CausalGraph &graph, ChangeHandle change);

} // namespace nlbd::trust
