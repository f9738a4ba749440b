#pragma once

#include "app/lobby_frames.h"
#include "app/profile.h"
#include "core/api/lobby.h"
#include "core/identity/configuration.h"

#include <map>
#include <set>

namespace nlbd::app {

/// Who asks at this computer to be let into its workspaces. Everything that a stranger says is held
/// against what it proved by its session, against the invitation that it uses, and against the
/// members' names. What is kept of a question is bounded, and a question asked again is the same.
/// Nobody is let in here: members turn a question into a proposal, and the quorum decides.
class Doorkeeper {
public:
    explicit Doorkeeper(const identity::SignatureScheme &scheme)
        : m_scheme(scheme)
    {
    }

    /// What becomes of a question.
    struct Ruling {
        DoorAnswer::Verdict verdict = DoorAnswer::Verdict::Waiting;
        bool mayEnter = false; ///< it was admitted: an Entry goes instead of an answer
        bool isNew = false;    ///< to be kept, see keep(), and its invitation to be used up
        /// It is that member, by another device: its own word moves its seat, see judge(Claim).
        std::optional<MemberIndex> member = std::nullopt;
    };

    /// `from` is what the session proved. `issued`: the invitation with the secret of the question,
    /// if one was made here. `room`: the workspace as decided, if this computer is a member of it.
    /// Errors: E_SIG, if it asks with keys that are not its own.
    [[nodiscard]] std::expected<Ruling, Code> judge(const PublicKey &from, const Ask &ask,
                                                    const IssuedInvitation *issued,
                                                    const identity::Configuration *room,
                                                    WallTime now) const;

    /// The word of a member, kept as asking, that its seat moves to the device that asks. Errors:
    /// E_NOT_MEMBER if it asks nothing here, E_CANON, E_BOUNDS, E_STRUCT if it is another wish, or
    /// for another device or person; those of consensus::verify().
    [[nodiscard]] std::expected<void, Code> judge(const PublicKey &from, const Claim &claim,
                                                  const identity::Configuration &room) const;
    /// It was told that it is a member: one claim is looked at for each of its questions.
    void invites(const WorkspaceId &workspace, const PublicKey &device)
    {
        m_invited.insert({workspace, device});
    }
    [[nodiscard]] bool takesClaim(const WorkspaceId &workspace, const PublicKey &device)
    {
        return m_invited.erase({workspace, device}) > 0;
    }
    /// It comes by its own word: nobody has to be shown that it asks.
    void returns(const WorkspaceId &workspace, const PublicKey &device)
    {
        m_returning.insert({workspace, device});
    }

    void keep(const Ask &ask);
    /// Forgets those of the workspace that have rows in it now; gives their devices.
    std::vector<PublicKey> settle(const identity::Configuration &room);

    [[nodiscard]] std::vector<api::JoinRequest> requests() const;
    [[nodiscard]] bool isEmpty() const noexcept { return m_asks.empty(); }

    static constexpr std::size_t kAsksMax = 32; ///< more than people want to vote on
    /// A used invitation is worth asking with for so long: votes take days.
    static constexpr Millis kUsedLife = std::chrono::hours(24 * 14);

    /// An invitation ends with decisions (PROTOCOL B): a clock that was set back prolongs none. So
    /// many may be made before it is used, and before whoever used it is let in.
    static constexpr std::uint32_t kLifeEpochs = 16;
    static constexpr std::uint32_t kUsedLifeEpochs = 64; ///< no proposal lasts longer
    /// The clock of who made it ends it as well: a day is what people expect. `room` as in judge().
    [[nodiscard]] static bool isOver(const IssuedInvitation &issued,
                                     const identity::Configuration *room, WallTime now);

private:
    [[nodiscard]] static std::optional<DoorAnswer::Verdict>
    objectionTo(const PublicKey &from, const Ask &ask, const IssuedInvitation *issued,
                const identity::Configuration *room, WallTime now);

    const identity::SignatureScheme &m_scheme;
    std::map<std::pair<WorkspaceId, PublicKey>, identity::Founder> m_asks; ///< by device
    std::set<std::pair<WorkspaceId, PublicKey>> m_returning; ///< of those, who sent a good claim
    std::set<std::pair<WorkspaceId, PublicKey>> m_invited;   ///< and who may send one
};

} // namespace nlbd::app
