#pragma once

#include "core/base/reach.h"
#include "net/handshake.h"
#include "net/mesh_report.h"

namespace nlbd::net {

/// Both ends have shown who they are. Frames may flow.
struct SessionUp {
    PeerId peer;
    PublicKey device;
    std::vector<WorkspaceId> shared;     ///< proven by them and known here; empty for a knocker
    std::string address;                 ///< for people
    std::optional<Endpoint> reachableAt; ///< where it can be dialled again
    bool isMember = false;               ///< shares a workspace; otherwise only lobby frames flow
};
/// The set of shared workspaces changed while the session stands.
struct SessionShares {
    PeerId peer;
    PublicKey device;
    std::vector<WorkspaceId> shared;
    bool isMember = false;
};
struct SessionDown {
    PeerId peer;
    PublicKey device;
    EndReason reason = EndReason::Lost;
};

struct FrameReceived {
    PeerId peer;
    std::optional<WorkspaceId> workspace; ///< nothing for lobby kinds
    std::uint8_t kind = 0;
    Bytes body;
    bool isMember = false;
};
/// The live queue of a peer was dropped: what was sent may not have come; compare digests again.
struct Overflowed {
    PeerId peer;
};

/// An attempt to dial ended without a session. Attempts for wishes that last go on by themselves.
struct DialFailed {
    Obstacle step = Obstacle::Refused;
    PublicKey device;
    Endpoint endpoint;
    bool isRetried = false;
};
/// Nobody who shows itself answered at an address that was asked.
struct AskFailed {
    Endpoint endpoint;
    Obstacle step = Obstacle::TimedOut; ///< or what the network said
};
/// Somebody connected and the handshake failed, with a reason that people may want to know.
struct VisitorFailed {
    EndReason reason = EndReason::Malformed;
    std::string address;
    std::optional<PublicKey> device; ///< if it said one that its key bears out
};
/// Turned away by the transport or the wire rules; counted by code, at most one event per code and
/// second.
struct Refused {
    Code code = Code::E_ZAP; ///< E_ZAP, E_BOUNDS, E_CANON or E_RATE
    std::string address;
    std::uint64_t count = 1; ///< since the last event of this code
};
/// The wall clocks differ by more than limits::kClockSlack. Positive: theirs is ahead.
struct ClockOff {
    PeerId peer;
    PublicKey device;
    Millis difference{};
};

/// What a visible computer says about itself, checked against its signature.
struct Card {
    std::string name;
    PublicKey device;
    PublicKey identity;
    Signature certificate; ///< the identity's for the device; not checked by the mesh
    friend bool operator==(const Card &, const Card &) = default;
};
/// A visible computer appeared, or its card or address changed.
struct NeighbourSeen {
    Card card;
    Endpoint endpoint;
    VersionRange versions;
};
struct NeighbourGone {
    PublicKey device;
};
/// A member's beacon was heard. The mesh dials by itself if there is no session.
struct MemberSeen {
    PublicKey device;
    Endpoint endpoint;
};
/// The set of usable network addresses changed; empty: no network.
struct AddressesChanged {
    std::vector<Endpoint> endpoints; ///< what others could type
};

/// What the router answered to our wish that people elsewhere reach us.
struct PortMapped {
    enum class Result : std::uint8_t {
        Off,
        Asking,
        Mapped,
        NoRouter,     ///< no default route of IPv4
        NoAnswer,     ///< it does not speak NAT-PMP, or not to us
        Refused,      ///< it says no
        BehindAnother ///< it has no public address itself
    } result = Result::Off;
    Endpoint outside;                ///< if Mapped
    std::chrono::seconds lifetime{}; ///< likewise: it is renewed long before
    friend bool operator==(const PortMapped &, const PortMapped &) = default;
};

using MeshEvent =
    std::variant<SessionUp, SessionShares, SessionDown, FrameReceived, Overflowed, DialFailed,
                 AskFailed, VisitorFailed, Refused, ClockOff, NeighbourSeen, NeighbourGone,
                 MemberSeen, AddressesChanged, PortMapped, MeshReport>;

} // namespace nlbd::net
