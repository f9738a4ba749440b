#pragma once

#include "app/verbs.h"

#include <string>

namespace nlbd::app {

/// `verify-decision FILE`: checks a saved decision alone, without profile, workspace and network.
/// Says what was decided, who signed, and what is to be compared to know that it is the workspace
/// one thinks of. `workspace`: the id that it must have, all 64 digits; empty: any.
[[nodiscard]] VerbReply verifyDecision(const std::string &fileName, const std::string &workspace);

} // namespace nlbd::app
