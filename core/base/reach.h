#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// How computers come to each other and what stands between them: the names that the mesh, the
/// verbs and the windows share.
namespace nlbd {

/// How the address of another computer came to be known.
enum class FoundBy : std::uint8_t {
    Given,       ///< when the program was started
    Typed,       ///< by a person
    Invitation,  ///< or a card, or the record of a founding
    Beacon,      ///< heard on a network
    LastAddress, ///< where it was met before
    Member,      ///< another member told it
    MappedPort,  ///< it told it itself: its router passes a port on
    TheyCame,    ///< it connected to us
};

/// The step that failed on the way to another computer, or here.
enum class Obstacle : std::uint8_t {
    NoInterface,  ///< this computer is on no network
    NoMulticast,  ///< no beacon could be sent: neighbours are not found by themselves
    NoAddress,    ///< nobody told where it is, and no beacon of it was heard
    BadAddress,   ///< the name is unknown, or the address cannot be used
    NetworkDown,  ///< there is no way to that network
    Unreachable,  ///< the network says that this computer is not there, or not to be spoken to
    Refused,      ///< the computer is there, and nothing listens at that port
    TimedOut,     ///< no answer at all
    NotOurs,      ///< something answers that is another program
    WrongKey,     ///< a No Leader answers, and is not the computer that was looked for
    WrongVersion, ///< its version and ours have nothing in common
    NotMember,    ///< no workspace in common, so one of the two hangs up
    Removed,      ///< it was let go, or we were
    Clock,        ///< the clocks are far apart
    TooMany,      ///< it has as many connections as it takes
    TooFast,      ///< more was sent than a budget allows
    Malformed,    ///< what no correct program sends
    Lost,         ///< the connection broke
    Closed,       ///< the other program was ended, or closed the connection
    PortTaken,    ///< another program listens where we wanted to
};
inline constexpr std::size_t kObstacles = 20;

/// "last-address", "port-taken": for machines, and so never changed.
[[nodiscard]] std::string_view nameOf(FoundBy how) noexcept;
[[nodiscard]] std::string_view nameOf(Obstacle step) noexcept;

} // namespace nlbd
