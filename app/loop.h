#pragma once

#include "app/arrival.h"
#include "app/doorkeeper.h"
#include "app/file_desk.h"
#include "app/founding.h"
#include "app/mesh_view.h"
#include "app/runtime.h"
#include "app/session.h"
#include "app/workspace_host.h"

namespace nlbd::app {

/// Everything that the engine loop owns: profile, workspaces, foundings, who is near. One thread,
/// no locks; a handler per input kind.
class Loop {
public:
    Loop(Profile profile, RuntimeOptions options, std::unique_ptr<Network> network,
         std::shared_ptr<LoopMailbox> mailbox, std::shared_ptr<LobbySlot> slot);
    ~Loop();

    /// Until stop() was called and what waits for the disk is stored, or kStopTime has passed.
    void run();
    void stop() { m_isStopping = true; }

    static constexpr Millis kStopTime{5000};
    static constexpr Millis kRepeat{3000}; ///< foundings say again what was not answered

    // ---- for verbs and tests, on the loop ----
    [[nodiscard]] Profile &profile() noexcept { return m_profile; }
    [[nodiscard]] const std::map<WorkspaceId, std::unique_ptr<WorkspaceHost>> &hosts() const
    {
        return m_hosts;
    }
    [[nodiscard]] WorkspaceHost *host(const WorkspaceId &id);
    [[nodiscard]] const net::PortMapped &portMapped() const { return m_mapped; }
    [[nodiscard]] const std::map<Code, std::uint64_t> &refusedByMesh() const
    {
        return m_refusedByMesh;
    }
    [[nodiscard]] std::uint16_t port() const noexcept { return m_port; }
    [[nodiscard]] api::ConnectionsChanged connections() const; ///< as last reported
    void whenReported(std::function<void(Loop &)> then);       ///< anew; see mesh_view.h
    [[nodiscard]] std::vector<net::Endpoint> addresses() const;
    [[nodiscard]] std::vector<api::FoundingInfo> foundings() const;
    [[nodiscard]] std::vector<api::Neighbour> neighbours() const;
    [[nodiscard]] const std::vector<api::LobbyTrouble> &troubles() const { return m_troubles; }
    [[nodiscard]] Contact contact() const; ///< mine. @pre there is an identity
    [[nodiscard]] std::size_t sessionCount() const { return m_sessions.size(); }
    /// Troubles told since the start: grows for ever, while troubles() keeps the newest few.
    [[nodiscard]] std::uint64_t troubleCount() const noexcept { return m_troubleCount; }
    /// Workspaces of this profile that could not be opened, and why.
    [[nodiscard]] const std::map<WorkspaceId, api::LobbyTrouble> &closed() const
    {
        return m_closed;
    }
    /// Why nothing listens, if that was tried.
    [[nodiscard]] const std::optional<api::LobbyTrouble> &networkTrouble() const
    {
        return m_networkTrouble;
    }
    /// Made for one verb: what the disk refuses now is not tried again.
    [[nodiscard]] bool isPassing() const noexcept { return m_network == nullptr; }

    void take(api::LobbyCommand command);

    /// A founding with people known by their cards.
    [[nodiscard]] std::expected<Hash, Code> found(std::string_view name,
                                                  const std::vector<Contact> &others);
    /// The texts of the other come into the new workspace, once it is founded.
    [[nodiscard]] std::expected<void, ProfileError> takeOver(const WorkspaceId &anew,
                                                             const WorkspaceId &past);

    /// Makes an invitation, to meet or into a workspace; nothing if there is no identity, no
    /// address, or I am no member there.
    [[nodiscard]] std::optional<identity::Invitation>
    makeInvitation(const std::optional<WorkspaceId> &workspace = std::nullopt);

    /// Who asks to be let in here, and where I ask.
    [[nodiscard]] std::vector<api::JoinRequest> requests() const;
    [[nodiscard]] std::vector<api::JoinInfo> joins() const;

    /// The two lines of linking.h; nothing: told why.
    [[nodiscard]] std::optional<std::string> lineToLink();
    [[nodiscard]] std::optional<std::string> passFor(const std::string &deviceLine);

    void step(const WorkspaceId &id, engine::Event event);
    [[nodiscard]] const FileDesk &files() const noexcept { return m_files; }

    /// Called after every round of the loop until it is replaced; true asks for another round at
    /// once.
    void afterEachRound(std::function<bool()> work) { m_afterRound = std::move(work); }

private:
    friend class FileDesk;
    // runtime loop: loop.cpp
    void handle(LoopInput input);
    void dispatch(LoopInput input);
    void followMembers(const WorkspaceHost &workspace);
    void openStored();
    void openWorkspace(const WorkspaceId &id);
    void keepClosed(const WorkspaceId &id, api::LobbyTrouble trouble);
    void host(const identity::SignedGenesis &genesis, const identity::SecretKey &device,
              std::optional<keys::WorkspaceKey> key, const std::optional<Entrance> &entrance,
              std::unique_ptr<store::Store> storage, store::StoredWorkspace stored);
    [[nodiscard]] bool storeWorkspace(const WorkspaceId &id, const store::Rows &rows,
                                      const Hints &hints);
    void tick(Now now);
    void takeOverPasts();
    [[nodiscard]] Millis pause(Now now) const;
    [[nodiscard]] bool isSettled() const;
    void beginIdentity();
    void connectAsRenewed();

    // mesh: loop_mesh.cpp
    void ensureNetwork();
    void applyMembers();
    void dialMembers();
    void forgetStrangers(const std::vector<PublicKey> &devices);
    void take(std::vector<net::MeshEvent> events);
    void take(const net::SessionUp &event);
    void take(const net::SessionShares &event);
    void take(const net::SessionDown &event);
    void take(net::FrameReceived &event);
    void take(const net::Overflowed &event);
    void take(const net::DialFailed &event);
    void take(const net::AskFailed &event);
    void take(const net::VisitorFailed &event);
    void take(const net::Refused &event);
    void take(const net::ClockOff &event);
    void take(const net::NeighbourSeen &event);
    void take(const net::NeighbourGone &event);
    void take(const net::MemberSeen &event);
    void take(const net::AddressesChanged &event);
    void take(const net::PortMapped &event);
    void take(net::MeshReport &event);
    void tellConnections();
    void tellReaching();
    void shares(PeerId peer, const std::vector<WorkspaceId> &now);
    void introduce(PeerId peer);
    void say(const PublicKey &device, const LobbyFrame &frame);

    // lobby: loop_lobby.cpp
    void obey(const api::SetName &command);
    void obey(const api::SetVisible &command);
    void obey(const api::FoundWorkspace &command);
    void obey(const api::AnswerFounding &command);
    void obey(const api::WithdrawFounding &command);
    void obey(const api::ConnectTo &command);
    void obey(const api::MakeInvitation &command);
    void obey(const api::UseInvitation &command);
    void obey(const api::WithdrawJoin &command);
    void obey(const api::OpenWorkspace &command);
    void obey(const api::CloseWorkspace &command);
    void obey(const api::RenewDevice &command);
    void obey(const api::RevokeDevice &command);
    void obey(const api::GiveSeat &command);
    void obey(const api::ShowDevice &command);
    void obey(const api::LinkDevice &command);
    void obey(const api::UsePass &command);
    void obey(const api::FoundAnew &command);
    void obey(const api::ShowRecoveryWords &command);
    void obey(const api::Restore &command);
    void obey(const api::WatchConnections &command);
    void obey(const api::MapPort &command);
    void obey(const api::BackUp &command) { m_files.backUp(command); }
    void obey(const api::RestoreBackup &command) { m_files.restore(command); }
    void takeLobbyFrame(const net::FrameReceived &event);
    void knocked(const PublicKey &from, const Knock &knock);
    void welcomed(const PublicKey &from, const Welcome &welcome);
    void met(const PublicKey &from, const Met &met);
    void carryOutFounding();
    [[nodiscard]] bool carryOut(FoundingStep &step);
    [[nodiscard]] bool storeFounded(const Found &found);
    void addNeighbour(const Contact &contact, const net::Endpoint &endpoint, bool hasSameVersion);

    // joining: loop_joining.cpp
    void restoreArrivals();
    void use(const identity::Invitation &invitation);
    void beginArrival(const identity::Invitation &invitation);
    void askAt(Arrival &arrival);
    void askAgain(Now now);
    void metInviter(const PublicKey &device);
    void endArrival(const WorkspaceId &id, api::JoinInfo::State state);
    void takeAnswer(const PublicKey &from, const DoorAnswer &answer);
    void takeEntry(const PublicKey &from, const Entry &entry);
    void takeAsk(PeerId peer, const PublicKey &from, const Ask &ask);
    void takeKnown(const PublicKey &from, const Known &known);
    void takeClaim(PeerId peer, const PublicKey &from, const Claim &claim);
    [[nodiscard]] DoorAnswer answerTo(const Ask &ask, DoorAnswer::Verdict verdict);
    [[nodiscard]] Entry entryInto(const WorkspaceId &id, const PublicKey &guest);
    [[nodiscard]] const IssuedInvitation *issuedWith(const ByteArray<16> &secret) const;
    void settleDoor(const WorkspaceHost &workspace);
    void tellRequests();

    void tell(api::LobbyEvent event);
    void tell(api::LobbyTrouble::Kind kind, std::string detail);
    void tell(const ProfileError &error);
    void tellProfile();
    void tellNeighbours();
    void tellWorkspaces();
    void tellEverything(std::uint64_t ticket);
    void showCard();

    Profile m_profile;
    RuntimeOptions m_options;
    std::unique_ptr<Network> m_network;
    std::shared_ptr<LoopMailbox> m_mailbox;
    std::shared_ptr<LobbySlot> m_slot;
    std::shared_ptr<SecondPlace> m_secondPlace;
    identity::Ed25519 m_scheme;
    SystemRandom m_random;
    std::unique_ptr<StoreThread> m_storage;
    std::unique_ptr<BlobClerks> m_blobClerks;
    std::map<WorkspaceId, std::unique_ptr<WorkspaceHost>> m_hosts;
    std::map<WorkspaceId, net::WorkspaceTag> m_tags;
    std::map<WorkspaceId, std::pair<Epoch, Epoch>> m_epochs; ///< whose members the tags name
    std::map<WorkspaceId, Bytes> m_records;                  ///< signed genesis records
    std::map<WorkspaceId, PublicKey> m_guides;               ///< who let me in
    std::map<WorkspaceId, Arrival> m_arrivals;
    Doorkeeper m_doorkeeper{m_scheme};
    std::map<PublicKey, net::Endpoint> m_heardOf; ///< addresses of people not known as members yet
    std::optional<Self> m_founder; ///< what the desk refers to: a copy that stays where it is
    std::unique_ptr<FoundingDesk> m_desk;
    std::map<PeerId, Session> m_sessions;
    std::map<PublicKey, NearBy> m_nearBy;
    std::map<PublicKey, UsedInvitation> m_knocking; ///< invitations in use, by the inviter's device
    std::map<Code, std::uint64_t> m_refusedByMesh;
    std::map<PublicKey, MonoTime> m_clockTold;
    std::set<std::string> m_versionTold;       ///< hosts
    std::vector<api::LobbyTrouble> m_troubles; ///< the newest few, for status
    std::vector<api::LobbyTrouble> m_untold;   ///< nobody listened; as many at most
    std::uint64_t m_troubleCount = 0;
    std::map<WorkspaceId, api::LobbyTrouble> m_closed;
    std::optional<api::LobbyTrouble> m_networkTrouble;
    std::uint64_t m_turnedAway = 0; ///< connections since a flood was told
    std::optional<MonoTime> m_floodTold;
    std::vector<net::Endpoint> m_endpoints;
    net::PortMapped m_mapped; ///< what the router answered
    MeshView m_view;
    std::uint16_t m_port = 0;
    std::function<bool()> m_afterRound;
    bool m_isNetworkOpen = false;
    bool m_isStopping = false;
    MonoTime m_nextRepeat{};
    std::map<WorkspaceId, WorkspaceId> m_pasts; ///< new -> old, texts to be taken over
    FileDesk m_files{*this};
};

} // namespace nlbd::app
