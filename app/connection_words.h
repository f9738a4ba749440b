#pragma once

#include "core/api/connections.h"

#include <nlohmann/json_fwd.hpp>

namespace nlbd::app {

/// What a failed step means and what to do about it, for terminals.
[[nodiscard]] std::string sentenceOf(Obstacle step);

/// For `status --json`: names and numbers, nothing that is text.
[[nodiscard]] nlohmann::json jsonOf(const api::ConnectionsChanged &connections);
/// For `status`: a line for everybody who is or should be connected, and for what is wrong here.
[[nodiscard]] std::string textOf(const api::ConnectionsChanged &connections);

} // namespace nlbd::app
