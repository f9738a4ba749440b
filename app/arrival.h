#pragma once

#include "app/lobby_frames.h"
#include "core/api/lobby.h"
#include "core/base/time.h"
#include "core/engine/engine.h"
#include "core/identity/invitation.h"

namespace nlbd::app {

/// A workspace that I ask to be let into.
struct Arrival {
    identity::Invitation invitation; ///< with a room
    api::JoinInfo info;
    MonoTime askAt{};
    Bytes claim{}; ///< signed once: two would be two wishes. Empty: nobody said that I am known
    Epoch claimLasts{};
};

/// How a newcomer came into a workspace: kept with it, in place of the founders' key.
///
///     u32 epoch | 32 decision | 32 device key of the inviter | 32 discovery key
struct Entrance {
    engine::Anchor anchor;
    PublicKey guide;
    ByteArray<32> discoveryKey{};

    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static std::optional<Entrance> decode(ByteView bytes);
};

/// An invitation to meet, in use.
struct UsedInvitation {
    identity::Invitation invitation;
    std::size_t failures = 0;
};

/// Somebody who shows himself nearby.
struct NearBy {
    Contact contact;
    bool hasSameVersion = true;
};

} // namespace nlbd::app
