#pragma once

#include "app/founding.h"
#include "core/base/time.h"
#include "core/identity/invitation.h"
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

/// Somebody on the network who lets himself be seen.
struct NearBy {
    Contact contact;
    bool hasSameVersion = true;
};

/// An invitation by which its maker is being looked for.
struct UsedInvitation {
    identity::Invitation invitation;
    std::size_t failures = 0;
};

} // namespace nlbd::app
