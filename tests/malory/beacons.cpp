#include "tests/malory/beacons.h"

#include "core/identity/genesis.h"
#include "net/udp.h"

#include <thread>

namespace nlbd::malory {

namespace {

constexpr Millis kTurn{20};
constexpr std::size_t kHeardMax = 32;
constexpr std::size_t kNoiseEach = 4;

struct Channel {
    net::InterfaceAddress at;
    net::UdpSocket socket;
};

std::vector<Channel> openChannels(net::InterfaceScope scope)
{
    std::vector<Channel> channels;
    for (const net::InterfaceAddress &at : net::interfaceAddresses(scope)) {
        const bool isUseless = at.isIpv6 && (at.isLoopback || !at.isLinkLocal);
        auto socket = isUseless ? net::UdpSocket() : net::udp::openBeacons(at, net::kDefaultPort);
        if (socket.isOpen())
            channels.push_back({at, std::move(socket)});
    }
    return channels;
}

/// Makes them up, one turn after the other.
class Liar {
public:
    Liar(const identity::Configuration &configuration, const identity::SecretKey &device,
         const keys::WorkspaceKey &key, Random &random)
        : m_configuration(configuration)
        , m_device(device)
        , m_key(key)
        , m_random(random)
    {
    }

    void hear(Bytes datagram)
    {
        const auto beacon = net::decodeBeacon(datagram);
        if (beacon && std::holds_alternative<net::SealedBeacon>(*beacon)
            && m_heard.size() < kHeardMax && std::ranges::find(m_mine, datagram) == m_mine.end())
            m_heard.push_back(std::move(datagram));
    }

    [[nodiscard]] std::vector<Bytes> turn()
    {
        std::vector<Bytes> datagrams = m_heard; // said by others, there; said again, from here
        m_mine.clear();
        for (const identity::Device &member : m_configuration.devices) {
            m_mine.push_back(sealed(member.key));
            datagrams.push_back(personCalled(m_configuration.members[member.member.value].name));
        }
        m_mine.push_back(sealed(m_device.publicKey()));
        datagrams.insert(datagrams.end(), m_mine.begin(), m_mine.end());
        datagrams.push_back(net::encodeAsk(port()));
        for (std::size_t i = 0; i < kNoiseEach; ++i) {
            Bytes cut = datagrams[m_random.below(datagrams.size())];
            cut.resize(m_random.below(cut.size() + 1));
            Bytes noise(m_random.below(net::kDatagramMax + 100));
            m_random.fill(noise);
            datagrams.push_back(std::move(cut));
            datagrams.push_back(std::move(noise));
        }
        return datagrams;
    }

private:
    [[nodiscard]] std::uint16_t port()
    {
        return static_cast<std::uint16_t>(1024 + m_random.below(UINT16_MAX - 1024));
    }
    [[nodiscard]] net::BootId boot()
    {
        net::BootId id;
        m_random.fill(id.value);
        return id;
    }
    /// Under the members' key, as whoever it names would send it; signed by me.
    [[nodiscard]] Bytes sealed(const PublicKey &named)
    {
        return net::encodeSealed(m_device, {named, port(), boot(), ++m_counter},
                                 {m_key.discoveryKey()}, m_random);
    }
    [[nodiscard]] Bytes personCalled(const std::string &name)
    {
        const auto device = identity::SecretKey::generate(m_random);
        const auto identity = identity::SecretKey::generate(m_random);
        const net::Card card{
            name, device.publicKey(), identity.publicKey(),
            identity::certifyDevice(identity::Ed25519(), identity, device.publicKey())};
        return net::encodeCard(device, {card, port(), net::kProtocolVersions, boot()});
    }

    const identity::Configuration &m_configuration;
    const identity::SecretKey &m_device;
    const keys::WorkspaceKey &m_key;
    Random &m_random;
    std::vector<Bytes> m_heard;
    std::vector<Bytes> m_mine; ///< of this turn: what I hear of it is no news
    std::uint32_t m_counter = 0;
};

} // namespace

std::size_t sendFalseBeacons(const identity::Configuration &configuration,
                             const identity::SecretKey &device, const keys::WorkspaceKey &key,
                             net::InterfaceScope scope, Random &random, Millis time)
{
    const std::vector<Channel> channels = openChannels(scope);
    Liar liar(configuration, device, key, random);
    std::size_t sent = 0;
    for (Millis passed{0}; passed < time; passed += kTurn) {
        for (const Channel &channel : channels)
            while (auto heard = net::udp::receive(channel.socket.fd(), channel.at.name))
                liar.hear(std::move(heard->bytes));
        const std::vector<Bytes> datagrams = liar.turn();
        for (const Channel &channel : channels)
            for (const Bytes &datagram : datagrams) {
                net::udp::sendMulticast(channel.socket.fd(), channel.at, net::kDefaultPort,
                                        datagram);
                if (!channel.at.broadcast.empty() && !channel.at.isLoopback)
                    net::udp::sendBroadcast(channel.socket.fd(), channel.at, net::kDefaultPort,
                                            datagram);
                ++sent;
            }
        std::this_thread::sleep_for(kTurn);
    }
    return sent;
}

} // namespace nlbd::malory
