#pragma once

#include "net/mesh_event.h"
#include "net/mesh_report.h"
#include "net/session.h"

#include <utility>

namespace nlbd::net {

/// The step that failed, if a session or its handshake ended for `reason`.
[[nodiscard]] Obstacle obstacleOf(EndReason reason) noexcept;

/// How this computer introduces itself.
struct SessionsConfig {
    PublicKey device;
    BootId boot;
    VersionRange versions = kProtocolVersions;
    std::uint16_t port = 0; ///< where we listen
};

/// All sessions of this computer: handshakes, who may stay, which of two connections stays, lanes,
/// budgets. A state machine over a Transport: no sockets, no clock, no thread of its own.
class Sessions {
public:
    static constexpr std::size_t kSessionsMax = 512;
    static constexpr std::size_t kKnockersMax = 32;          ///< unknown devices at an open door
    static constexpr std::size_t kLobbyBytesMax = 64 * 1024; ///< one lobby frame
    static constexpr Millis kByeTime{250};                   ///< BYE gets this long to leave
    static constexpr Millis kPingTime{1000};   ///< an old link that answers within it stays
    static constexpr Millis kQuietTime{8000};  ///< who says nothing so long is asked
    static constexpr Millis kAnswerTime{6500}; ///< and is gone if it says nothing to that
    static constexpr Millis kSleptTime{2000};  ///< no turn takes so long: this computer stood still
    static constexpr Millis kMuteTime{60'000}; ///< after an offence
    static constexpr std::size_t kVisitorsMax = 16; ///< of whom the report tells
    static constexpr Millis kFullRetry{5};          ///< the transport was full
    // Far above what honest peers send: the engine's own budgets delay, these cut.
    static constexpr std::uint64_t kFramesPerSecond = 10'000;
    static constexpr std::uint64_t kFramesBurst = 20'000;
    static constexpr std::uint64_t kBytesPerSecond = 32ULL * 1024 * 1024;
    static constexpr std::uint64_t kBytesBurst = 64ULL * 1024 * 1024;
    static constexpr std::uint64_t kKnockFramesPerSecond = 50;
    static constexpr std::uint64_t kKnockFramesBurst = 200;
    static constexpr std::uint64_t kKnockBytesPerSecond = 64 * 1024;
    static constexpr std::uint64_t kKnockBytesBurst = 512 * 1024;

    Sessions(SessionsConfig config, Transport &transport, Random &random);

    // ---- What the shell asks ----------------------------------------------------------------

    void setAllowed(std::vector<PublicKey> devices, Now now);
    void setDoorOpen(bool isOpen, Now now);
    void setWorkspaces(std::vector<WorkspaceTag> workspaces, Now now);
    void mute(const PublicKey &device, Millis time, Now now);
    /// Mutes it, unless it is a member of another workspace here.
    void dismiss(const PublicKey &device, Millis time, Now now);

    /// `isInvited`: the user asked for this device, so it may come without a shared workspace.
    void dial(const Endpoint &endpoint, const PublicKey &device, Dialler::Persistence persistence,
              bool isInvited, Now now, Millis delay = Millis{0}, FoundBy by = FoundBy::Given);
    void forget(const PublicKey &device);
    /// Dials a device that is wanted and not here now, not when its pause is over.
    void reach(const PublicKey &device, Now now);

    /// Frames for sessions or workspaces that are gone are dropped: SessionDown tells.
    void send(PeerId peer, const std::optional<WorkspaceId> &workspace, std::uint8_t kind,
              ByteView body, Lane lane, Now now);
    void close(PeerId peer, Now now);

    /// BYE to everybody; afterwards nothing is accepted.
    void stop(Now now);

    // ---- What the transport tells -----------------------------------------------------------

    void take(LinkEvent event, Now now);

    /// Timeouts, dials that are due, frames that wait.
    void tick(Now now);
    [[nodiscard]] std::optional<MonoTime> wakeAt(Now now) const;

    /// What happened since the last call.
    [[nodiscard]] std::vector<MeshEvent> takeEvents() { return std::exchange(m_events, {}); }

    /// Adds what it knows: sessions, who is missing, who was turned away, totals. Takes no step.
    void tellInto(MeshReport &report, Now now) const;

    [[nodiscard]] bool hasSession(const PublicKey &device) const;
    [[nodiscard]] bool isMember(const PublicKey &device) const;
    [[nodiscard]] const std::vector<WorkspaceTag> &workspaces() const noexcept { return m_tags; }
    [[nodiscard]] std::size_t count() const noexcept { return m_sessions.size(); }

private:
    // Links and handshakes: sessions.cpp
    void opened(LinkOpened event, Now now);
    void closed(const LinkClosed &event, Now now);
    void refused(const LinkRefused &event, Now now);
    void shake(Session &session, const Frame &frame, Now now);
    void follow(Session &session, HandshakeStep step, Now now);
    void answerHello(Session &session, Now now);
    void judge(Session &session, Now now);
    void goUp(Session &session, Now now);
    [[nodiscard]] std::optional<EndReason> objection(const Session &session) const;
    [[nodiscard]] Session *standing(const PublicKey &device, const Session *except = nullptr);
    [[nodiscard]] bool yields(const Session &fresh, const Session &old) const;
    void failDial(const Dialler::Attempt &attempt, Obstacle step, Now now);
    void applyAdmission();
    void review(Now now);
    void dialDue(Now now);

    // Sessions that stand: session_frames.cpp
    void received(Session &session, ByteView message, Now now);
    void takeOwn(Session &session, const Frame &frame, Now now);
    void takeWorkspace(Session &session, const Frame &frame, std::size_t bytes);
    void takeLobby(Session &session, const Frame &frame);
    void offend(Session &session, Code code, Now now);
    void askIfQuiet(Session &session, Now now);
    void tickSessions(Now now, bool hasSlept);
    [[nodiscard]] MonoTime sessionsDue(Now now) const;
    void noteVisitor(const VisitorFailed &failed, Now now);
    void noteEnd(const Session &session, EndReason reason, Now now);
    [[nodiscard]] std::optional<PublicKey> deviceWith(const TransportKey &key) const;
    void say(Session &session, OwnKind kind, ByteView body = {});
    void flush(Session &session);
    void end(Session &session, EndReason reason, Now now);
    void down(Session &session, EndReason reason, Now now);
    void count(Code code, const std::string &address, Now now);
    [[nodiscard]] bool mayKnock(const Session &session) const;

    SessionsConfig m_config;
    Transport &m_transport;
    Random &m_random;
    Dialler m_dialler;
    std::map<LinkId, Session> m_sessions;
    std::map<PeerId, LinkId> m_byPeer;
    struct PendingDial {
        Dialler::Attempt attempt;
        bool isInvited = false;
    };
    std::map<LinkId, PendingDial> m_dials;
    std::set<PublicKey> m_invited; ///< devices that the user dialled
    std::set<PublicKey> m_allowed;
    std::vector<WorkspaceTag> m_tags;
    std::map<TransportKey, MonoTime> m_mutes;
    std::map<PublicKey, std::optional<TransportKey>> m_transportKeys; ///< conversions, 60 us each
    bool m_isDoorOpen = false;
    MonoTime m_tickedAt{};
    mutable std::optional<MonoTime> m_due; ///< of sessions; nothing: one may be due earlier now
    bool m_isStopping = false;
    std::uint64_t m_nextPeer = 1;
    std::uint64_t m_seen = 0;
    Traffic m_gone; ///< of sessions that are over
    std::map<PublicKey, EndedReport> m_ended;
    std::vector<VisitorReport> m_visitors; ///< newest last
    struct Tally {
        std::uint64_t count = 0;
        MonoTime toldAt{};
        bool wasTold = false;
        std::string address;
    };
    std::map<Code, Tally> m_tallies;
    std::vector<MeshEvent> m_events;
};

} // namespace nlbd::net
