#pragma once

#include "app/linking.h"
#include "app/loop.h"

namespace nlbd::app {

/// Devices of this profile's person. All sign with the key of the person, and tell the members;
/// what is decided follows. A companion has not that key: where it is renewed, its new key is drawn
/// and shown, and the person's first computer asks for it as for any companion (passFor).
[[nodiscard]] api::DeviceAnswered renewDevice(Loop &loop, const WorkspaceId &id);
[[nodiscard]] api::DeviceAnswered giveSeat(Loop &loop, const WorkspaceId &id, DeviceIndex device);
[[nodiscard]] api::DeviceAnswered revokeDevice(Loop &loop, const WorkspaceId &id,
                                               DeviceIndex device);

/// Asks the members to let the device of the pass in beside me, and gives the invitation by which
/// it finds the workspace. Nothing, where I am no member, or with no address of mine.
[[nodiscard]] std::optional<identity::Invitation> askForCompanion(Loop &loop, WorkspaceHost &host,
                                                                  const Pass &pass);

/// The key under which this program shall meet others from now on: that with which all of its
/// workspaces were renewed. Nothing, while one of them still goes by the key of the profile.
[[nodiscard]] std::optional<identity::SecretKey> renewedKey(Loop &loop);

/// The person's word for a device of this profile, as it stands in the decision that let it in.
[[nodiscard]] std::optional<Signature> certificateOf(Loop &loop, const PublicKey &device);

} // namespace nlbd::app
