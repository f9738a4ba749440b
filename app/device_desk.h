#pragma once

#include "app/loop.h"

namespace nlbd::app {

/// Devices of this profile's person. Both sign with the key of the person, and tell the members;
/// what is decided follows.
[[nodiscard]] api::DeviceAnswered renewDevice(Loop &loop, const WorkspaceId &id);
[[nodiscard]] api::DeviceAnswered revokeDevice(Loop &loop, const WorkspaceId &id,
                                               DeviceIndex device);

/// The key under which this program shall meet others from now on: that with which all of its
/// workspaces were renewed. Nothing, while one of them still goes by the key of the profile.
[[nodiscard]] std::optional<identity::SecretKey> renewedKey(const Loop &loop);

} // namespace nlbd::app
