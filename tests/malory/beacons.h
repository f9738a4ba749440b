#pragma once

#include "core/base/time.h"
#include "core/identity/configuration.h"
#include "core/identity/secret_key.h"
#include "core/keys/payload_cipher.h"
#include "net/interfaces.h"

namespace nlbd::malory {

/// False beacons on the loopback device, or on every network of this computer, for a while: people
/// who do not exist and bear members' names, members at addresses where they are not, others' own
/// beacons sent again from here, questions, noise; more of them than anybody reads. How many were
/// sent.
[[nodiscard]] std::size_t sendFalseBeacons(const identity::Configuration &configuration,
                                           const identity::SecretKey &device,
                                           const keys::WorkspaceKey &key, net::InterfaceScope scope,
                                           Random &random, Millis time);

} // namespace nlbd::malory
