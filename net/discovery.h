#pragma once

#include "net/beacon.h"
#include "net/interface_watch.h"
#include "net/interfaces.h"
#include "net/mesh_report.h"
#include "net/name_lookup.h"

#include <map>
#include <set>
#include <utility>

namespace nlbd::net {

/// A UDP socket, closed with its owner.
class UdpSocket {
public:
    UdpSocket() = default;
    explicit UdpSocket(int fd) noexcept
        : m_fd(fd)
    {
    }
    ~UdpSocket();
    UdpSocket(UdpSocket &&other) noexcept
        : m_fd(std::exchange(other.m_fd, -1))
    {
    }
    UdpSocket &operator=(UdpSocket &&other) noexcept
    {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    [[nodiscard]] int fd() const noexcept { return m_fd; }
    [[nodiscard]] bool isOpen() const noexcept { return m_fd >= 0; }

private:
    int m_fd = -1;
};

struct DiscoveryConfig {
    std::uint16_t beaconPort = kDefaultPort;
    std::uint16_t tcpPort = 0; ///< told in every beacon
    InterfaceScope scope = InterfaceScope::Networks;
    BootId boot;
    NameLookup::System names = NameLookup::systemLookup;
};

/// Beacons on every interface and family, and what they bring. Sends nothing before it is given a
/// card or a workspace. One thread uses it; the caller waits on fds().
class Discovery {
public:
    static constexpr std::size_t kNeighboursMax = 256;
    static constexpr std::ptrdiff_t kNeighboursPerSource = 32; ///< one liar hides nobody
    static constexpr std::size_t kDatagramsPerSecond = 500;
    static constexpr std::size_t kDatagramsPerSource = 50;

    Discovery(DiscoveryConfig config, const identity::SecretKey &device, Random &random);

    /// Shows this card to neighbours, or says goodbye.
    void setVisible(std::optional<Card> card, MonoTime now);
    void setWorkspaces(std::vector<WorkspaceTag> workspaces, MonoTime now);

    /// Asks a typed address for its card, a few times.
    void ask(const Endpoint &endpoint, MonoTime now);

    [[nodiscard]] std::vector<int> fds() const;

    /// Reads what came and does what is due.
    [[nodiscard]] std::vector<MeshEvent> turn(MonoTime now);
    [[nodiscard]] MonoTime wakeAt() const noexcept { return m_wakeAt; }

    void sayGoodbye();

    /// Whether somebody types that address now, or did a moment ago.
    [[nodiscard]] bool isAsked(const Endpoint &endpoint) const;
    void tellInto(MeshReport &report, Now now) const;

private:
    struct Channel {
        InterfaceAddress at;
        UdpSocket socket;
    };
    struct Near {
        CardBeacon beacon;
        Endpoint endpoint;
        MonoTime heard{};
    };
    struct Question {
        Endpoint endpoint;
        MonoTime next{};
        int left = 0;
        bool isAnswered = false;
        std::optional<NameLookup::Question> name = std::nullopt; ///< being looked up
        std::string host = {};                                   ///< in numbers; empty: unknown yet
        std::optional<Obstacle> refusal = std::nullopt;          ///< then nobody answers any more
        std::vector<UdpSocket> sockets = {}; ///< answers come to where the question left
    };

    void look(MonoTime now, std::vector<MeshEvent> &events);
    [[nodiscard]] bool rebuild(MonoTime now, std::vector<MeshEvent> &events);
    void readAnswers(Question &question, MonoTime now, std::vector<MeshEvent> &events);
    void takeNames(MonoTime now);
    void read(int fd, const std::string &interfaceName, MonoTime now,
              std::vector<MeshEvent> &events);
    void take(const Beacon &beacon, int fd, const Endpoint &from, ByteView source, MonoTime now,
              std::vector<MeshEvent> &events);
    void takeCard(const CardBeacon &card, const Endpoint &from, MonoTime now,
                  std::vector<MeshEvent> &events);
    void takeSealed(const SealedBeacon &sealed, const Endpoint &from, MonoTime now,
                    std::vector<MeshEvent> &events);
    void send(ByteView datagram);
    void sendTo(const Channel &channel, ByteView datagram);
    void heard(MonoTime now);
    void announce(MonoTime now);
    void announceSoon(MonoTime now);
    void expire(MonoTime now, std::vector<MeshEvent> &events);
    void askAgain(MonoTime now, std::vector<MeshEvent> &events);
    [[nodiscard]] bool isWithinRate(const std::string &host, MonoTime now);
    [[nodiscard]] Millis pause();
    [[nodiscard]] Bytes card() const;

    DiscoveryConfig m_config;
    identity::SecretKey m_device;
    Random &m_random;
    std::optional<Card> m_card;
    std::vector<WorkspaceTag> m_workspaces;
    InterfaceWatch m_watch;
    NameLookup m_names;
    std::vector<Channel> m_channels;
    UdpSocket m_answers; ///< bound to the number of the TCP port: where typed addresses ask
    std::vector<InterfaceAddress> m_addresses;
    bool m_hasAddresses = false;
    std::map<PublicKey, Near> m_near;
    std::map<PublicKey, std::pair<BootId, Endpoint>> m_members;
    std::vector<Question> m_questions;
    std::uint64_t m_cardsHeard = 0;
    DiscoveryReport m_counts;
    std::optional<MonoTime> m_heardAt;
    std::map<std::string, std::size_t> m_heardFrom; ///< datagrams of this second
    std::size_t m_heard = 0;
    MonoTime m_second{};
    MonoTime m_started{};
    MonoTime m_nextBeacon{};
    MonoTime m_nextLook{};
    MonoTime m_lastLook{};
    MonoTime m_lastBeacon{};
    MonoTime m_wakeAt{};
    std::uint32_t m_beacons = 0; ///< since something changed
    std::uint32_t m_counter = 0;
    std::size_t m_firstTag = 0; ///< more workspaces than slots take turns
};

} // namespace nlbd::net
