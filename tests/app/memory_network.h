#pragma once

#include "app/mailbox.h"
#include "app/network.h"

#include <map>
#include <set>
#include <thread>

namespace nlbd::app::testing {

class MemoryNetwork;

/// Connects the networks of one process: what the mesh does over sockets, without its wire. Frames
/// travel in order; who may meet whom follows the mesh's rules.
class MemoryHub {
public:
    [[nodiscard]] std::unique_ptr<Network> makeNetwork();

    /// While cut off, a device has no sessions and gets none.
    void cutOff(const PublicKey &device, bool isCutOff);

    /// Makes the network of a device report something.
    void report(const PublicKey &device, net::MeshEvent event);

private:
    friend class MemoryNetwork;

    struct Link {
        MemoryNetwork *ends[2];
        PeerId peers[2];
        std::vector<WorkspaceId> shared;
    };
    void connect(MemoryNetwork &from, MemoryNetwork &to);
    void drop(MemoryNetwork &network);
    void retryDials();
    void review();
    [[nodiscard]] static std::vector<WorkspaceId> sharedBy(const MemoryNetwork &a,
                                                           const MemoryNetwork &b);
    [[nodiscard]] MemoryNetwork *find(const PublicKey &device) const;
    [[nodiscard]] bool areConnected(const MemoryNetwork &a, const MemoryNetwork &b) const;

    std::recursive_mutex m_mutex;
    std::vector<MemoryNetwork *> m_networks;
    std::vector<Link> m_links;
    std::set<PublicKey> m_cutOff;
    std::uint64_t m_nextPeer = 1;
};

class MemoryNetwork final : public Network {
public:
    explicit MemoryNetwork(MemoryHub &hub)
        : m_hub(hub)
    {
    }
    ~MemoryNetwork() override { stop(); }

    std::expected<std::uint16_t, api::LobbyTrouble>
    open(const identity::SecretKey &device, const NetworkOptions &options, Sink sink) override;
    void setAllowed(std::vector<PublicKey> devices) override;
    void setDoorOpen(bool isOpen) override;
    void setWorkspaces(std::vector<net::WorkspaceTag> workspaces) override;
    void setVisible(std::optional<net::Card> card) override;
    void dial(const net::Endpoint &endpoint, const PublicKey &device,
              net::Dialler::Persistence persistence, bool isInvited, FoundBy by) override;
    void ask(const net::Endpoint &) override {}
    void forget(const PublicKey &device) override;
    void reach(const PublicKey &) override {} ///< it is dialled at once, or never
    void send(PeerId peer, std::optional<WorkspaceId> workspace, std::uint8_t kind, Bytes body,
              net::Lane lane) override;
    void close(PeerId peer) override;
    void mute(const PublicKey &, Millis) override {}
    void dismiss(const PublicKey &, Millis) override {}
    void setPortMapped(bool) override {}
    void askReport() override { tell(net::MeshReport{}); }
    void setWatched(bool) override {}
    void stop() override;

private:
    friend class MemoryHub;
    void tell(net::MeshEvent event) { m_events.post(std::move(event)); }
    [[nodiscard]] net::Endpoint endpoint() const { return {"127.0.0.1", m_port}; }

    MemoryHub &m_hub;
    PublicKey m_device;
    std::uint16_t m_port = 0;
    std::set<PublicKey> m_allowed;
    bool m_isDoorOpen = false;
    std::vector<net::WorkspaceTag> m_tags;
    std::optional<net::Card> m_card;
    std::map<PublicKey, bool> m_wanted; ///< device -> invited
    Mailbox<net::MeshEvent> m_events{1 << 20};
    std::thread m_thread;
};

} // namespace nlbd::app::testing
