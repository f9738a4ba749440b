#pragma once

#include "net/dialler.h"
#include "net/handshake.h"
#include "net/lanes.h"

#include <map>

namespace nlbd::net {

/// A bucket of tokens that fills with time.
class Budget {
public:
    Budget(std::uint64_t perSecond, std::uint64_t burst)
        : m_perSecond(perSecond)
        , m_burst(burst)
        , m_left(burst)
    {
    }

    /// Takes `amount`; false if there is not that much, and then takes nothing.
    [[nodiscard]] bool take(std::uint64_t amount, MonoTime now) noexcept;

private:
    std::uint64_t m_perSecond;
    std::uint64_t m_burst;
    std::uint64_t m_left;
    MonoTime m_filled{};
};

/// The proofs of one session in both directions, and what they stand for.
class SharedWorkspaces {
public:
    /// Fixes whom the proofs bind. `ours` is our role.
    void bind(const SessionBinding &binding, Role ours, const PublicKey &theirDevice);

    /// Proofs for the workspaces that have the other device as member and are not proven yet,
    /// filled up with noise; empty if there is nothing new and `isFirst` is false. At most
    /// kProofsMax.
    [[nodiscard]] std::vector<Hash> proveNew(const std::vector<WorkspaceTag> &tags, Random &random,
                                             bool isFirst);

    /// Takes their next list. False if a session never holds that many.
    [[nodiscard]] bool takeTheirs(const std::vector<Hash> &proofs);

    /// Compares their proofs with the workspaces known now. @return true if the shared set changed.
    /// @complexity one keyed digest per unknown proof and unmatched workspace.
    bool match(const std::vector<WorkspaceTag> &tags);

    /// Former devices share a workspace as well, but are no members of it.
    [[nodiscard]] const std::vector<WorkspaceId> &shared() const noexcept { return m_shared; }
    [[nodiscard]] bool isMember() const noexcept { return m_isMember; }

    /// Our alias for frames to them; nothing if the workspace is not shared.
    [[nodiscard]] std::optional<std::uint16_t> aliasFor(const WorkspaceId &id) const;

    /// What their alias means now; nothing if it is noise, or its workspace is no longer shared.
    [[nodiscard]] std::optional<WorkspaceId> meaningOf(std::uint16_t alias) const;

    /// True if they sent a proof under this alias, whatever it meant.
    [[nodiscard]] bool wasClaimed(std::uint16_t alias) const noexcept
    {
        return alias >= 1 && alias <= m_theirs.size();
    }

private:
    SessionBinding m_binding;
    Role m_ours = Role::Dialler;
    PublicKey m_theirDevice;
    std::uint16_t m_nextAlias = 1;
    std::map<WorkspaceId, std::uint16_t> m_ourAliases;
    std::vector<Hash> m_theirs; ///< by alias - 1
    std::map<std::uint16_t, WorkspaceId> m_meanings;
    std::vector<WorkspaceId> m_shared; ///< sorted
    bool m_isMember = false;           ///< of one of them
};

/// What the heartbeat tells of the way: from asking to the answer, smoothed as RFC 6298 does.
class RoundTrip {
public:
    static constexpr Millis kAskAgain{60'000}; ///< also of who talks without a pause

    void asked(MonoTime now) noexcept { m_askedAt = m_waitsSince = now; }
    /// False answers are those that nobody asked for.
    void answered(MonoTime now) noexcept;
    [[nodiscard]] MonoTime dueAt() const noexcept
    {
        return m_askedAt ? *m_askedAt + kAskAgain : MonoTime{};
    }
    [[nodiscard]] std::optional<Millis> last() const noexcept { return m_last; }
    [[nodiscard]] std::optional<Millis> smoothed() const noexcept;

private:
    std::optional<MonoTime> m_askedAt;
    std::optional<MonoTime> m_waitsSince;
    std::optional<Millis> m_last;
    std::int64_t m_eighths = 0;
};

struct Traffic {
    std::uint64_t framesIn = 0;
    std::uint64_t framesOut = 0;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;

    Traffic &operator+=(const Traffic &more) noexcept;
    friend bool operator==(const Traffic &, const Traffic &) = default;
};

/// One link and what the mesh knows of it.
struct Session {
    enum class Stage : std::uint8_t {
        Shaking,
        Up,
        Ending, ///< BYE is on its way; nothing is read any more
    };

    Session(LinkId linkId, PeerId peerId, HandshakeConfig config)
        : link(linkId)
        , peer(peerId)
        , role(config.role)
        , handshake(std::move(config))
    {
    }

    LinkId link;
    PeerId peer;
    Role role;
    Handshake handshake;
    Stage stage = Stage::Shaking;
    TransportKey theirKey;
    std::string address;
    std::string host;
    std::optional<Dialler::Attempt> attempt; ///< dialler: what led here
    bool isInvited = false;                  ///< we asked for this device: it may knock
    PublicKey device;                        ///< from NeedProofs on
    SharedWorkspaces workspaces;
    Lanes lanes;
    bool isFull = false; ///< the transport takes nothing now
    bool isOverflowTold = false;
    std::size_t creditOwed = 0;
    Traffic traffic; ///< of whole messages, before encryption
    RoundTrip roundTrip;
    WallTime since{};                     ///< Up
    std::optional<Millis> clockAhead{};   ///< theirs, if it is far from ours
    MonoTime deadline{};                  ///< Shaking, Ending: then it is cut
    MonoTime heardAt{};                   ///< Up: when the last frame came
    std::optional<MonoTime> pingDeadline; ///< Up: any frame before it shows that the link lives
    Budget frames{0, 0};
    Budget bytes{0, 0};

    [[nodiscard]] bool isMember() const noexcept { return workspaces.isMember(); }
};

} // namespace nlbd::net
