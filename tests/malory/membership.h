#pragma once

#include "app/profile.h"
#include "core/identity/genesis.h"
#include "core/keys/payload_cipher.h"
#include "net/handshake.h"

namespace nlbd::malory {

/// What a profile knows of its one workspace.
struct Membership {
    identity::Configuration configuration;
    keys::WorkspaceKey key;

    /// All that a session needs to prove it.
    [[nodiscard]] net::WorkspaceTag tag() const;
};

/// As the profile knows it, while the device has its seat and the key is the first one: a pen has
/// one key. Beyond that it is the last epoch that was its own, as the removed go on.
[[nodiscard]] std::optional<Membership> membershipOf(const app::Profile &profile);

} // namespace nlbd::malory
