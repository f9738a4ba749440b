#pragma once

#include "tests/sim/peer_shell.h"

#include <map>
#include <unordered_map>

namespace nlbd::sim {

/// The wires between the computers: sessions that come up and break, frames that are late, lost,
/// doubled and out of order, partitions that form and heal.
class Network {
public:
    Network(World &world, std::vector<std::unique_ptr<PeerShell>> &peers);

    /// Lets sessions come up and trouble begin.
    void start();

    void send(std::size_t from, PeerId to, std::uint8_t kind, Bytes body);
    /// The far end's place in the table, if the session is up.
    [[nodiscard]] std::optional<std::size_t> peerBehind(std::size_t from, PeerId session) const;
    /// The session that `from` has with `to`, if it is up.
    [[nodiscard]] std::optional<PeerId> sessionWith(std::size_t from, std::size_t to) const;

    void disconnect(std::size_t from, PeerId session, Millis pause);
    void peerStopped(std::size_t peer);
    void peerStarted(std::size_t peer);
    /// Its links break, and it hears of that when it wakes.
    void peerSlept(std::size_t peer);

    /// Asks for a session with whoever has that key, as the dialler of the app does.
    void reach(std::size_t from, const PublicKey &device);

    /// Two that never talk: the twins of one device, and those whom a twin avoids.
    void forbid(std::size_t a, std::size_t b, bool isForbidden);

    /// Ends partitions and their makers: the quiet phase.
    void heal();

    /// Sees every frame that reaches a computer, and says whether its engine does.
    using Tap =
        std::function<bool(std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body)>;
    void setTap(Tap tap) { m_tap = std::move(tap); }

    [[nodiscard]] std::uint64_t framesSent() const noexcept { return m_framesSent; }
    [[nodiscard]] std::uint64_t bytesSent() const noexcept { return m_bytesSent; }

private:
    struct End {
        std::size_t peer = 0;
        PeerId id;           ///< how this end calls the session
        bool isTold = false; ///< PeerUp was delivered, PeerDown not yet
        MonoTime arrivals{}; ///< nothing arrives here before
    };
    struct Session {
        End ends[2];
        bool isOpen = false;
    };
    struct Pair {
        std::shared_ptr<Session> session;
        MonoTime blockedUntil{};
        bool isForbidden = false;
        bool isConnecting = false;
    };

    [[nodiscard]] Pair &pairOf(std::size_t a, std::size_t b);
    [[nodiscard]] bool mayTalk(std::size_t a, std::size_t b);
    [[nodiscard]] bool isKnownTo(std::size_t a, std::size_t b) const;
    void connectSoon(std::size_t a, std::size_t b);
    void open(std::size_t a, std::size_t b);
    void close(std::size_t a, std::size_t b, Millis noticedWithin);
    void deliver(const std::shared_ptr<Session> &session, std::size_t to, std::uint8_t kind,
                 Bytes body);
    [[nodiscard]] Millis latency();
    void loseLoudly(std::size_t from, PeerId session, std::size_t to);
    void partitionLater();
    void dropLinkLater();

    World &m_world;
    std::vector<std::unique_ptr<PeerShell>> &m_peers;
    std::map<std::pair<std::size_t, std::size_t>, Pair> m_pairs;
    std::unordered_map<PeerId, std::pair<std::shared_ptr<Session>, std::size_t>>
        m_sessions;                    ///< id -> (session, my end)
    std::vector<std::size_t> m_groups; ///< partition that each peer is in
    Tap m_tap;
    std::uint64_t m_nextId = 1;
    std::uint64_t m_framesSent = 0;
    std::uint64_t m_bytesSent = 0;
};

} // namespace nlbd::sim
