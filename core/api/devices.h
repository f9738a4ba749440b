#pragma once

#include "core/base/ids.h"

#include <string>
#include <vector>

namespace nlbd::api {

/// A computer of somebody: a key that writes a chain of its own. One device of a person has the
/// seat and votes, the others are companions.
struct DeviceInfo {
    DeviceIndex device;
    MemberIndex member;
    PublicKey key;
    std::string words;   ///< four words of the key
    bool isMine = false; ///< my person's
    bool isHere = false; ///< the key that signs in this folder
    bool isCopy = false; ///< here, and known to be in use elsewhere: it signs nothing any more
    bool hasSeat = false;
    bool mayWrite = false;
    bool mayRead = false; ///< false: revoked, or its member went
    friend bool operator==(const DeviceInfo &, const DeviceInfo &) = default;
};

/// All devices that ever were, by their number: sent on subscribe and whenever it differs.
struct DevicesChanged {
    std::vector<DeviceInfo> devices;
    friend bool operator==(const DevicesChanged &, const DevicesChanged &) = default;
};

// ---- What the lobby is asked, as only a profile holds the key of the person -------------------

/// Goes on in a copied folder with a new key; answered by DeviceAnswered, like the next two.
struct RenewDevice {
    WorkspaceId workspace;
};
/// Lets another device of mine vote in place of the one that does, whose right to write ends.
struct GiveSeat {
    WorkspaceId workspace;
    DeviceIndex device;
};
/// Ends the right of a device of mine to write and to read.
struct RevokeDevice {
    WorkspaceId workspace;
    DeviceIndex device;
};

/// What became of it here. Decided it is later: see DevicesChanged.
struct DeviceAnswered {
    WorkspaceId workspace;
    enum class Answer : std::uint8_t {
        Asked,        ///< signed and told to the members
        AskPerson,    ///< a companion's new key is drawn: `line` goes to LinkDevice
        NothingWrong, ///< renewing: this folder may write with the key that it has
        NotMine,      ///< no device of mine has that number here
        GoneAlready,
        HasSeat,       ///< it votes already
        CannotVote,    ///< its right to write has ended
        IsHere,        ///< it is the one that this folder signs with: leave instead
        UsedToConnect, ///< this program still meets others under that key: start it anew first
        NoWorkspace,
        NotThePerson, ///< a companion has no say in its person's other devices
    } answer = Answer::Asked;
    std::string line = {};
    friend bool operator==(const DeviceAnswered &, const DeviceAnswered &) = default;
};

// ---- A second computer of a person: two lines are carried by hand ------------------------------

/// On the new computer, before anybody has a name there: answered by DeviceShown.
struct ShowDevice {};
struct DeviceShown {
    std::string text; ///< to be given to LinkDevice
};
/// On the first computer: says that the other is mine and asks the members of my workspaces to let
/// it in, which their computers do by themselves. Answered by DeviceLinked.
struct LinkDevice {
    std::string text;
};
struct DeviceLinked {
    PublicKey device;
    std::string pass; ///< to be given to UsePass on the new one; good for that one only
};
/// On the new computer: answered by ProfileChanged, and JoinChanged for each workspace.
struct UsePass {
    std::string text;
};

} // namespace nlbd::api
