#pragma once

#include "core/api/lobby.h"
#include "core/identity/secret_key.h"
#include "net/dialler.h"
#include "net/mesh_event.h"

#include <expected>
#include <functional>
#include <memory>

namespace nlbd::app {

/// Where to listen. Nothing chosen: the usual port on every interface, or the next free one.
struct NetworkOptions {
    std::optional<net::Endpoint> listen;
    bool isLoopbackOnly = false; ///< this computer only, and no beacons: for tests
    bool isPortMapped = false;   ///< the router is asked to pass the port on
};

/// The mesh as the runtime sees it. Calls return at once; events come in batches on a thread of the
/// network's own, which may be held for a moment so that pressure travels back to the sockets.
class Network {
public:
    using Sink = std::function<void(std::vector<net::MeshEvent>)>;

    virtual ~Network() = default;

    /// Starts to listen. The port, or what to tell the user.
    [[nodiscard]] virtual std::expected<std::uint16_t, api::LobbyTrouble>
    open(const identity::SecretKey &device, const NetworkOptions &options, Sink sink) = 0;

    virtual void setAllowed(std::vector<PublicKey> devices) = 0;
    virtual void setDoorOpen(bool isOpen) = 0;
    virtual void setWorkspaces(std::vector<net::WorkspaceTag> workspaces) = 0;
    /// Shows this card to neighbours; nothing: invisible.
    virtual void setVisible(std::optional<net::Card> card) = 0;
    virtual void dial(const net::Endpoint &endpoint, const PublicKey &device,
                      net::Dialler::Persistence persistence, bool isInvited, FoundBy by) = 0;
    /// Asks whoever is at the address to show its card: answered by NeighbourSeen, or not at all.
    virtual void ask(const net::Endpoint &endpoint) = 0;
    virtual void forget(const PublicKey &device) = 0;
    /// Dials a member with whom there is no session now, where it was met last.
    virtual void reach(const PublicKey &device) = 0;
    virtual void send(PeerId peer, std::optional<WorkspaceId> workspace, std::uint8_t kind,
                      Bytes body, net::Lane lane) = 0;
    virtual void close(PeerId peer) = 0;
    virtual void mute(const PublicKey &device, Millis time) = 0;
    /// Mutes a device that a workspace let go, unless it is a member of another one.
    virtual void dismiss(const PublicKey &device, Millis time) = 0;

    /// From now on or no longer the router is asked to pass the port on: PortMapped tells.
    virtual void setPortMapped(bool isWanted) = 0;
    /// A MeshReport now, or one every second.
    virtual void askReport() = 0;
    virtual void setWatched(bool isWatched) = 0;

    /// Says goodbye and ends the thread. No event comes after it returns.
    virtual void stop() = 0;
};

/// The real one: net::Mesh.
[[nodiscard]] std::unique_ptr<Network> makeNetwork();

} // namespace nlbd::app
