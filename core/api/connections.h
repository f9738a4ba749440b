#pragma once

#include "core/base/codes.h"
#include "core/base/ids.h"
#include "core/base/reach.h"
#include "core/base/time.h"

#include <optional>
#include <string>
#include <vector>

namespace nlbd::api {

/// What the mesh does, for people who want to see: who is connected and how, who is not and why.
/// Told at most once a second while somebody looks (WatchConnections), and never of texts.
struct Connection {
    PublicKey device;
    std::string name;      ///< of the person; empty: somebody who is no member of anything here
    bool isMyself = false; ///< another computer of mine
    std::vector<std::string> workspaces;
    enum class State : std::uint8_t {
        Away,
        Dialling, ///< an answer is awaited
        Greeting, ///< it answers, and both show who they are
        Here,
        Leaving
    } state = State::Away;
    std::string address;    ///< where it is, is being looked for, or was looked for last
    bool isDialled = false; ///< we connected to it; else it to us
    std::optional<FoundBy> foundBy;
    std::optional<Millis> roundTrip;         ///< the last one measured
    std::optional<Millis> roundTripSmoothed; ///< of the last few
    struct Queue {
        std::uint64_t frames = 0;
        std::uint64_t bytes = 0;
        friend bool operator==(const Queue &, const Queue &) = default;
    };
    Queue own;  ///< the mesh's own words
    Queue live; ///< what was typed just now
    Queue bulk; ///< what is caught up with
    std::uint64_t framesIn = 0;
    std::uint64_t framesOut = 0;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;
    std::optional<WallTime> since;       ///< Here
    std::optional<std::uint64_t> behind; ///< changes it has not signed for; seats only
    std::uint64_t files = 0;             ///< attached in what is shared
    std::uint64_t filesHeld = 0;         ///< of these it told that it has all of; Here alone
    std::optional<Obstacle> failed;      ///< the last step that failed; Here: Clock alone
    std::optional<WallTime> failedAt;
    std::uint64_t failures = 0;       ///< since it was here
    std::optional<Millis> nextTryIn;  ///< Away, and it will be dialled
    std::optional<Millis> clockAhead; ///< theirs, if far from ours
    friend bool operator==(const Connection &, const Connection &) = default;
};

/// Somebody who came and was turned away, or hung up.
struct Visitor {
    std::string name; ///< empty: not known here
    std::string host;
    Obstacle step = Obstacle::Malformed;
    std::uint64_t count = 0;
    WallTime last{};
    friend bool operator==(const Visitor &, const Visitor &) = default;
};

/// Whether the router passes our port on.
struct RouterAnswer {
    enum class State : std::uint8_t {
        Off,
        Asking,
        Mapped,
        NoRouter,     ///< no default route of IPv4
        NoAnswer,     ///< it does not speak NAT-PMP, or not to us
        Refused,      ///< it says no
        BehindAnother ///< it has no public address itself
    } state = State::Off;
    bool isWanted = false;
    std::string outside;             ///< Mapped: host:port
    std::chrono::seconds lifetime{}; ///< Mapped: renewed long before
    friend bool operator==(const RouterAnswer &, const RouterAnswer &) = default;
};

struct ConnectionsChanged {
    WallTime at{};
    std::uint16_t port = 0;       ///< 0: nothing listens
    std::uint16_t wishedPort = 0; ///< another one: it was taken, `port` is used instead
    std::vector<std::string> addresses;
    std::vector<Obstacle> here;     ///< what is wrong with this computer's own network, worst first
    std::vector<Connection> others; ///< those who are here first
    std::vector<Visitor> visitors;  ///< newest first
    std::vector<std::pair<Code, std::uint64_t>> refused; ///< connections turned away, by code
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;
    std::uint64_t framesIn = 0;
    std::uint64_t framesOut = 0;
    std::uint64_t sessions = 0; ///< since the start
    bool looksAround = false;   ///< beacons are sent and heard
    std::uint64_t beaconsHeard = 0;
    std::optional<WallTime> beaconHeardAt;
    RouterAnswer router;
};

/// How it goes with an address that a person typed, or that an invitation named.
struct ReachChanged {
    std::string address;
    FoundBy foundBy = FoundBy::Typed;
    enum class State : std::uint8_t {
        Trying,
        StillTrying, ///< two seconds, and no answer
        Answered,
        Failed
    } state = State::Trying;
    std::optional<Obstacle> step; ///< Failed: why; StillTrying: what one way there said
    friend bool operator==(const ReachChanged &, const ReachChanged &) = default;
};

/// ConnectionsChanged every second, from now on or no longer.
struct WatchConnections {
    bool isWatched = false;
};
/// The router is asked to pass our port on, also after the next start.
struct MapPort {
    bool isWanted = false;
};

} // namespace nlbd::api
