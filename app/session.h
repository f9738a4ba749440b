#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "net/endpoint.h"

#include <optional>
#include <string>
#include <vector>

namespace nlbd::app {

/// Another computer with which a session is up.
struct Session {
    PublicKey device;
    std::vector<WorkspaceId> shared;
    std::optional<net::Endpoint> endpoint;
    std::string address;
    std::optional<MonoTime> askedAt = std::nullopt; ///< to be let in
};

} // namespace nlbd::app
