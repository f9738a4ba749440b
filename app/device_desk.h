#pragma once

#include "app/linking.h"
#include "app/loop.h"

namespace nlbd::app {

/// Devices of this profile's person. Both sign with the key of the person, and tell the members;
/// what is decided follows.
[[nodiscard]] api::DeviceAnswered renewDevice(Loop &loop, const WorkspaceId &id);
[[nodiscard]] api::DeviceAnswered revokeDevice(Loop &loop, const WorkspaceId &id,
                                               DeviceIndex device);

/// Asks the members to let the device of the pass in beside me, and gives the invitation by which
/// it finds the workspace. Nothing, where I am no member, or with no address of mine.
[[nodiscard]] std::optional<identity::Invitation> askForCompanion(Loop &loop, WorkspaceHost &host,
                                                                  const Pass &pass);

/// The key under which this program shall meet others from now on: that with which all of its
/// workspaces were renewed. Nothing, while one of them still goes by the key of the profile.
[[nodiscard]] std::optional<identity::SecretKey> renewedKey(Loop &loop);

} // namespace nlbd::app
