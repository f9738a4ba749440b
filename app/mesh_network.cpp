#include "app/network.h"
#include "net/mesh.h"

namespace nlbd::app {

namespace {

/// Hands every call on; calls before open() have nobody to reach yet.
class MeshNetwork final : public Network {
public:
    std::expected<std::uint16_t, api::LobbyTrouble>
    open(const identity::SecretKey &device, const NetworkOptions &options, Sink sink) override
    {
        net::MeshConfig config;
        if (options.listen)
            config.listen = {options.listen->host, options.listen->port, options.listen->port != 0};
        else if (options.isLoopbackOnly)
            config.listen = {"127.0.0.1", 0, false};
        config.isPortMapped = options.isPortMapped;
        config.hasBeacons = !options.isLoopbackOnly;
        config.scope =
            options.isLoopbackOnly ? net::InterfaceScope::Loopback : net::InterfaceScope::Networks;
        auto opened = net::Mesh::open(device, config, std::move(sink));
        if (!opened)
            return std::unexpected(troubleOf(opened.error(), config.listen));
        m_mesh = std::move(*opened);
        return m_mesh->port();
    }
    void setAllowed(std::vector<PublicKey> devices) override
    {
        if (m_mesh)
            m_mesh->setAllowed(std::move(devices));
    }
    void setDoorOpen(bool isOpen) override
    {
        if (m_mesh)
            m_mesh->setDoorOpen(isOpen);
    }
    void setWorkspaces(std::vector<net::WorkspaceTag> workspaces) override
    {
        if (m_mesh)
            m_mesh->setWorkspaces(std::move(workspaces));
    }
    void setVisible(std::optional<net::Card> card) override
    {
        if (m_mesh)
            m_mesh->setVisible(std::move(card));
    }
    void dial(const net::Endpoint &endpoint, const PublicKey &device,
              net::Dialler::Persistence persistence, bool isInvited, FoundBy by) override
    {
        if (m_mesh)
            m_mesh->dial(endpoint, device, persistence, isInvited, by);
    }
    void ask(const net::Endpoint &endpoint) override
    {
        if (m_mesh)
            m_mesh->ask(endpoint);
    }
    void forget(const PublicKey &device) override
    {
        if (m_mesh)
            m_mesh->forget(device);
    }
    void reach(const PublicKey &device) override
    {
        if (m_mesh)
            m_mesh->reach(device);
    }
    void send(PeerId peer, std::optional<WorkspaceId> workspace, std::uint8_t kind, Bytes body,
              net::Lane lane) override
    {
        if (m_mesh)
            m_mesh->send(peer, workspace, kind, std::move(body), lane);
    }
    void close(PeerId peer) override
    {
        if (m_mesh)
            m_mesh->close(peer);
    }
    void mute(const PublicKey &device, Millis time) override
    {
        if (m_mesh)
            m_mesh->mute(device, time);
    }
    void dismiss(const PublicKey &device, Millis time) override
    {
        if (m_mesh)
            m_mesh->dismiss(device, time);
    }
    void setPortMapped(bool isWanted) override
    {
        if (m_mesh)
            m_mesh->setPortMapped(isWanted);
    }
    void askReport() override
    {
        if (m_mesh)
            m_mesh->askReport();
    }
    void setWatched(bool isWatched) override
    {
        if (m_mesh)
            m_mesh->setWatched(isWatched);
    }
    void stop() override
    {
        if (m_mesh)
            m_mesh->stop();
    }

private:
    [[nodiscard]] static api::LobbyTrouble troubleOf(net::ListenError error,
                                                     const net::ListenAt &at)
    {
        using Kind = api::LobbyTrouble::Kind;
        switch (error) {
        case net::ListenError::PortInUse:
            return {Kind::PortInUse, std::to_string(at.port)};
        case net::ListenError::BadAddress:
            return {Kind::BadAddress, at.host + ": this computer has no such address"};
        case net::ListenError::NoResources:
            return {Kind::NoNetwork, "the system gives no more sockets"};
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
