#pragma once

#include "tests/sim/network.h"

namespace nlbd::sim {

class Checker;

/// People who are invited while it runs (PROTOCOL C12, D4 I14): somebody invites, asks the others
/// to let the guest in, and the guest dials around until it is let in. Like everybody else it must
/// come to hold what all hold.
class Newcomers {
public:
    using Peers = std::vector<std::unique_ptr<PeerShell>>;
    using Start = std::function<void(std::size_t peer)>;

    Newcomers(World &world, Checker &checker, Peers &peers, Start start);

    /// The shell of one more guest, with number `peers.size()`.
    [[nodiscard]] std::unique_ptr<PeerShell> make();
    void start(Network &network);

private:
    struct Guest {
        std::size_t peer = 0;
        identity::SecretKey identity;
    };
    void inviteLater(std::size_t guest, Millis pause);
    void invite(std::size_t guest);
    void dialLater(std::size_t guest);
    [[nodiscard]] api::Wish admission(const Guest &guest) const;
    [[nodiscard]] PeerShell *someHost();

    World &m_world;
    Checker &m_checker;
    Network *m_network = nullptr;
    Peers &m_peers;
    Start m_start;
    std::vector<Guest> m_guests;
    std::uint64_t m_requests = 0;
};

/// Names of guests; nobody honest lets in anybody else.
inline constexpr std::string_view kGuestName = "Newcomer";

} // namespace nlbd::sim
