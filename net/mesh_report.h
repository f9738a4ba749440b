#pragma once

#include "net/dialler.h"
#include "net/session.h"

namespace nlbd::net {

/// What the mesh counts, at one moment. Values of at most kSessionsMax, kWantedMax and kVisitorsMax
/// rows; made on the mesh's thread, at most once a second or when somebody asks.
struct SessionReport {
    PeerId peer;
    PublicKey device; ///< zero until it has said who it is
    std::string address;
    Role role = Role::Listener;
    FoundBy by = FoundBy::TheyCame;
    Session::Stage stage = Session::Stage::Shaking;
    bool isMember = false;
    std::vector<WorkspaceId> shared;
    std::optional<Millis> roundTrip; ///< nothing was measured yet
    std::optional<Millis> roundTripSmoothed;
    Lanes::Waiting own;
    Lanes::Waiting live;
    Lanes::Waiting bulk;
    Traffic traffic;
    WallTime since{};
    std::optional<Millis> clockAhead;
};

/// Somebody came, and went before there was a session.
struct VisitorReport {
    Obstacle step = Obstacle::Malformed;
    std::string host;
    std::optional<PublicKey> device;
    std::uint64_t count = 0;
    WallTime last{};
};

/// A session that was, of somebody who is not here now.
struct EndedReport {
    PublicKey device;
    Obstacle step = Obstacle::Lost;
    WallTime at{};
};

struct DiscoveryReport {
    bool isOn = false;           ///< else neighbours are not looked for
    std::size_t sockets = 0;     ///< one for an interface and family
    std::uint64_t sent = 0;      ///< beacons, one for a socket
    bool isMulticastSent = true; ///< of the last round; true if there was none
    bool isBroadcastSent = true;
    std::uint64_t heard = 0; ///< beacons of others
    std::optional<WallTime> lastHeard;
};

struct MeshReport {
    WallTime at{};
    std::uint16_t port = 0;
    std::uint16_t wishedPort = 0; ///< another than `port`: it was taken
    bool hasInterface = true;     ///< some address that is not this computer's own alone
    std::vector<SessionReport> sessions;
    std::vector<Dialler::Missing> missing;
    MonoTime now{}; ///< what the times of `missing` count from
    std::vector<EndedReport> ended;
    std::vector<VisitorReport> visitors;
    Traffic total; ///< since the start, of all sessions
    std::uint64_t sessionsSeen = 0;
    DiscoveryReport discovery;
};

} // namespace nlbd::net
