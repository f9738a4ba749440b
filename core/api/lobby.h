#pragma once

#include "core/api/connections.h"
#include "core/api/devices.h"
#include "core/api/files.h"
#include "core/api/recovery.h"
#include "core/api/workspace.h"
#include "core/base/alternative.h"

#include <memory>

namespace nlbd::api {

/// A computer on the local network whose owner lets others see it.
struct Neighbour {
    PublicKey device; ///< its key names it
    std::string name;
    std::string words;   ///< four words of the key
    std::string address; ///< host:port, for people who want to know
    bool hasSameVersion = true;
    friend bool operator==(const Neighbour &, const Neighbour &) = default;
};

struct WorkspaceInfo {
    WorkspaceId id;
    std::string name;
    std::vector<std::string> members;
    WallTime lastUsed;
};

/// A founding that somebody asks me to join, or that I asked for.
struct FoundingInfo {
    Hash draft; ///< names the founding
    std::string workspace;
    bool isMine = false;
    enum class Answer : std::uint8_t { Waiting, Accepted, Declined, Unreachable };
    struct Founder {
        std::string name;
        std::string words;
        Answer answer = Answer::Waiting;
        bool isMe = false;
        bool isAsking = false; ///< it was this person's idea
    };
    std::vector<Founder> founders; ///< in the order of the record: it puts nobody first
    enum class State : std::uint8_t { Asking, Founded, Declined, Failed } state = State::Asking;
    std::optional<WorkspaceId> id; ///< once founded
};

/// Somebody with an invitation of mine asks to be let into a workspace. A Wish of kind Admit with
/// these fields asks the members.
struct JoinRequest {
    WorkspaceId workspace;
    PublicKey identity;
    PublicKey device;
    Signature certificate;
    std::string name;
    std::string words; ///< four words of the identity key
    friend bool operator==(const JoinRequest &, const JoinRequest &) = default;
};

/// A workspace that I ask to be let into.
struct JoinInfo {
    WorkspaceId workspace;
    std::string name;
    std::string inviter;
    enum class State : std::uint8_t {
        Asking,  ///< the inviter was not met yet
        Waiting, ///< a member sees the question; nobody put it to the vote
        Voting,
        Returning, ///< I am a member by another computer: they are told that this one votes now
        Inside,    ///< admitted: the workspace is open here, its texts are on their way
        Refused    ///< see the LobbyTrouble that came with it
    } state = State::Asking;
    std::uint16_t yes = 0;
    std::uint16_t needed = 0;
    friend bool operator==(const JoinInfo &, const JoinInfo &) = default;
};

// ---- What the lobby can be asked -------------------------------------------------------------

struct SetName {
    std::string name;
}; ///< creates my identity on the first start
struct SetVisible {
    bool isVisible = false;
}; ///< tell neighbours my name; no packet before
struct FoundWorkspace {
    std::string name;
    std::vector<PublicKey> with;
}; ///< empty: alone
/// Starts a workspace of its own from what is held here of another, when too many of its members
/// are gone for ever to decide anything (PROTOCOL C16). The other goes on as it is. Continues as
/// FoundWorkspace does; the texts come with the names of those who wrote them.
struct FoundAnew {
    WorkspaceId past;
    std::string name;
    std::vector<PublicKey> with; ///< as in FoundWorkspace
};
struct AnswerFounding {
    Hash draft;
    bool accept = false;
};
struct WithdrawFounding {
    Hash draft;
};
struct ConnectTo {
    std::string address;
}; ///< host or host:port typed by a person
struct MakeInvitation {
    /// Of a workspace: whoever uses it asks to be let in. Nothing: only to meet.
    std::optional<WorkspaceId> workspace = std::nullopt;
}; ///< answered by InvitationMade
struct UseInvitation {
    std::string text;
}; ///< meets the inviter, who then sees me as neighbour, or sees a JoinRequest
struct WithdrawJoin {
    WorkspaceId workspace;
}; ///< I ask no more
struct OpenWorkspace {
    WorkspaceId id;
}; ///< answered by WorkspaceOpened
struct CloseWorkspace {
    WorkspaceId id;
};

/// One of what a person does outside of a workspace.
class LobbyCommand
    : public std::variant<SetName, SetVisible, FoundWorkspace, AnswerFounding, WithdrawFounding,
                          ConnectTo, MakeInvitation, UseInvitation, WithdrawJoin, OpenWorkspace,
                          CloseWorkspace, RenewDevice, RevokeDevice, GiveSeat, ShowDevice,
                          LinkDevice, UsePass, FoundAnew, ShowRecoveryWords, Restore,
                          WatchConnections, MapPort, BackUp, RestoreBackup> {
public:
    template <AlternativeOf<variant> T>
    LobbyCommand(T &&value)
        : variant(std::in_place_type<std::remove_cvref_t<T>>, std::forward<T>(value))
    {
    }
    LobbyCommand(const LobbyCommand &other);
    LobbyCommand(LobbyCommand &&other) noexcept;
    LobbyCommand &operator=(const LobbyCommand &other);
    LobbyCommand &operator=(LobbyCommand &&other) noexcept;
    ~LobbyCommand();
};

// ---- What it tells ---------------------------------------------------------------------------

struct ProfileChanged {
    std::string name; ///< empty: no identity yet
    std::string words;
    bool isVisible = false;
    bool isCompanion = false;           ///< another computer of a person who has the key elsewhere
    std::uint16_t port = 0;             ///< 0: not listening
    std::vector<std::string> addresses; ///< host:port of mine that others could type
};
struct WorkspacesChanged {
    std::vector<WorkspaceInfo> workspaces;
};
struct NeighboursChanged {
    std::vector<Neighbour> neighbours;
};
struct FoundingChanged {
    FoundingInfo founding;
};
/// All who ask at my door.
struct JoinRequestsChanged {
    std::vector<JoinRequest> requests;
};
struct JoinChanged {
    JoinInfo join;
};
struct InvitationMade {
    std::string text;
    WallTime expires;
};
struct WorkspaceOpened {
    WorkspaceId id;
    std::shared_ptr<Workspace> workspace;
};

/// Something that did not go as asked: what happened, whether the text is safe, what to do.
struct LobbyTrouble {
    enum class Kind : std::uint8_t {
        PortInUse,
        NoNetwork,
        BadAddress,
        NoAnswer,
        WrongAnswer,
        WrongVersion,
        NotAMember,
        BadInvitation,
        InvitationExpired,
        InvitationUsed,
        FoundingFailed,
        ProfileInUse,
        DiskFull,
        DiskReadOnly,
        DiskFailed,
        StoreDamaged,
        ClockOff,
        Flooded,
        NamesAlike,
        BadName,
        NameTaken,    ///< a member is called like me
        AsksTwice,    ///< another computer of mine asks to be let in already
        DoorCrowded,  ///< I ask to be let in at too many places
        BadLink,      ///< no line of a computer to be linked, or a pass for another one
        NotThePerson, ///< this is a companion, and that takes the person's own key
        HasIdentity,  ///< somebody works here already: this folder can't become a companion
        BadWords,     ///< no recovery words, or another's: `detail` is the sentence that says why
        BackupFailed, ///< nothing was written: `detail` is the sentence that says why
        BadBackup,    ///< nothing was restored: `detail` is the sentence that says why
    } kind = Kind::NoNetwork;
    std::string detail; ///< the address, the file, the time difference: what the sentence fills in
};

/// One of what there is to show there.
class LobbyEvent : public std::variant<ProfileChanged, WorkspacesChanged, NeighboursChanged,
                                       FoundingChanged, JoinRequestsChanged, JoinChanged,
                                       InvitationMade, WorkspaceOpened, DeviceAnswered, DeviceShown,
                                       DeviceLinked, RecoveryWordsShown, ConnectionsChanged,
                                       ReachChanged, BackedUp, BackupRestored, LobbyTrouble> {
public:
    template <AlternativeOf<variant> T>
    LobbyEvent(T &&value)
        : variant(std::in_place_type<std::remove_cvref_t<T>>, std::forward<T>(value))
    {
    }
    LobbyEvent(const LobbyEvent &other);
    LobbyEvent(LobbyEvent &&other) noexcept;
    LobbyEvent &operator=(const LobbyEvent &other);
    LobbyEvent &operator=(LobbyEvent &&other) noexcept;
    ~LobbyEvent();
};

/// The door to everything that is not inside one workspace: who I am, who is near, founding.
class Lobby {
public:
    using Sink = std::function<void(std::vector<LobbyEvent>)>;

    virtual ~Lobby() = default;
    virtual void submit(LobbyCommand command) = 0;

    /// As Workspace::subscribe: the present state first, then changes.
    virtual void subscribe(Sink sink) = 0;
};

} // namespace nlbd::api
