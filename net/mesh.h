#pragma once

#include "net/discovery.h"
#include "net/sessions.h"
#include "net/zmq_transport.h"

#include <functional>

namespace nlbd::net {

struct MeshConfig {
    ListenAt listen;
    bool hasBeacons = true;
    std::uint16_t beaconPort = kDefaultPort;
    InterfaceScope scope = InterfaceScope::Networks;
    bool isPortMapped = false; ///< the router is asked to pass the port on, until the end
};

/// Sessions with other computers: one thread of its own, which owns every socket. Calls return at
/// once, from any thread; events come in batches on the mesh's thread. Nothing is sent before
/// somebody is dialled, a card is shown or a workspace is set.
///
/// What waits to be sent is bounded: beyond kQueuedBytesMax a frame is dropped and Overflowed
/// tells.
class Mesh {
public:
    static constexpr Millis kReportPause{1000};
    static constexpr std::size_t kQueuedBytesMax = 64 * 1024 * 1024;

    using Sink = std::function<void(std::vector<MeshEvent>)>;

    /// Listens, and starts the thread.
    [[nodiscard]] static std::expected<std::unique_ptr<Mesh>, ListenError>
    open(const identity::SecretKey &device, const MeshConfig &config, Sink sink);

    /// As stop().
    ~Mesh();

    [[nodiscard]] std::uint16_t port() const noexcept;

    /// Devices that may connect; members of workspaces may without being named here.
    void setAllowed(std::vector<PublicKey> devices);
    /// Unknown devices may connect as well, to speak lobby frames.
    void setDoorOpen(bool isOpen);
    void setWorkspaces(std::vector<WorkspaceTag> workspaces);
    void setVisible(std::optional<Card> card);

    void dial(const Endpoint &endpoint, const PublicKey &device, Dialler::Persistence persistence,
              bool isInvited, FoundBy by = FoundBy::Given);
    void forget(const PublicKey &device);
    void reach(const PublicKey &device); ///< dials whoever is wanted and not here, now
    void ask(const Endpoint &endpoint);

    void send(PeerId peer, std::optional<WorkspaceId> workspace, std::uint8_t kind, Bytes body,
              Lane lane);
    void close(PeerId peer);
    void mute(const PublicKey &device, Millis time);
    void dismiss(const PublicKey &device, Millis time); ///< likewise, but see Sessions

    /// From now on or no longer: the router is asked to pass the port on. PortMapped tells.
    void setPortMapped(bool isWanted);

    /// A MeshReport now; or one every second while somebody looks.
    void askReport();
    void setWatched(bool isWatched);

    /// Says goodbye and ends the thread. No event comes after it returns.
    void stop();

private:
    struct Actor;
    explicit Mesh(std::unique_ptr<Actor> actor);
    std::unique_ptr<Actor> m_actor;
};

} // namespace nlbd::net
