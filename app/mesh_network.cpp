#include "app/network.h"
#include "net/mesh.h"

namespace nlbd::app {

namespace {

/// The runtime's network over net::Mesh, which exists from open() to stop().
class MeshNetwork final : public Network {
public:
    std::expected<std::uint16_t, api::LobbyTrouble> open(const identity::SecretKey &device,
                                                         const NetworkOptions &options, Sink sink) override
    {
        net::MeshConfig config;
        config.hasBeacons = !options.isLoopbackOnly;
        if (options.isLoopbackOnly)
            config.listen.host = "127.0.0.1";
        if (options.listen) {
            config.listen.host = options.listen->host;
            config.listen.port = options.listen->port;
            config.listen.isPortFixed = options.listen->port != 0;
        }
        auto mesh = net::Mesh::open(device, config, std::move(sink));
        if (!mesh)
            return std::unexpected(troubleOf(mesh.error(), config.listen));
        m_mesh = std::move(*mesh);
        return m_mesh->port();
    }

    void setAllowed(std::vector<PublicKey> devices) override { m_mesh->setAllowed(std::move(devices)); }
    void setDoorOpen(bool isOpen) override { m_mesh->setDoorOpen(isOpen); }
    void setWorkspaces(std::vector<net::WorkspaceTag> workspaces) override
    {
        m_mesh->setWorkspaces(std::move(workspaces));
    }
    void setVisible(std::optional<net::Card> card) override { m_mesh->setVisible(std::move(card)); }
    void dial(const net::Endpoint &endpoint, const PublicKey &device, net::Dialler::Persistence persistence,
              bool isInvited) override
    {
        m_mesh->dial(endpoint, device, persistence, isInvited);
    }
    void ask(const net::Endpoint &endpoint) override { m_mesh->ask(endpoint); }
    void forget(const PublicKey &device) override { m_mesh->forget(device); }
    void send(PeerId peer, std::optional<WorkspaceId> workspace, std::uint8_t kind, Bytes body,
              net::Lane lane) override
    {
        m_mesh->send(peer, workspace, kind, std::move(body), lane);
    }
    void close(PeerId peer) override { m_mesh->close(peer); }
    void mute(const PublicKey &device, Millis time) override { m_mesh->mute(device, time); }
    void stop() override { m_mesh.reset(); }

private:
    static api::LobbyTrouble troubleOf(net::ListenError error, const net::ListenAt &at)
    {
        using Kind = api::LobbyTrouble::Kind;
        switch (error) {
        case net::ListenError::PortInUse: return {Kind::PortInUse, std::to_string(at.port)};
        case net::ListenError::BadAddress: return {Kind::BadAddress, at.host};
        case net::ListenError::NoResources: break;
        }
        return {Kind::NoNetwork, {}};
    }

    std::unique_ptr<net::Mesh> m_mesh;
};

} // namespace

std::unique_ptr<Network> makeNetwork()
{
    return std::make_unique<MeshNetwork>();
}

} // namespace nlbd::app
