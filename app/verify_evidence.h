#pragma once

#include "app/verbs.h"

#include <string>

namespace nlbd::app {

/// `verify-evidence FILE`: checks a saved proof alone, without profile, workspace and network. Says
/// what is proven about whom, and who that is by the words of his key: names can be chosen freely.
[[nodiscard]] VerbReply verifyEvidence(const std::string &fileName);

} // namespace nlbd::app
