#include "net/udp.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/errqueue.h>
#endif

namespace nlbd::net {

UdpSocket::~UdpSocket()
{
    if (m_fd >= 0)
        close(m_fd);
}

namespace udp {

namespace {

constexpr const char *kGroup4 = "239.192.47.74";   // organisation-local scope, RFC 2365
constexpr const char *kGroup6 = "ff02::6e6c:6264"; // this link only

UdpSocket openSocket(int family)
{
    return UdpSocket(socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

void setInt(int fd, int level, int option, int value)
{
    setsockopt(fd, level, option, &value, sizeof value);
}

sockaddr_in address4(const char *host, std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (host != nullptr)
        inet_pton(AF_INET, host, &address.sin_addr);
    return address;
}

sockaddr_in6 address6(const char *host, std::uint16_t port, unsigned scope)
{
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_scope_id = scope;
    if (host != nullptr)
        inet_pton(AF_INET6, host, &address.sin6_addr);
    return address;
}

template <typename Address>
bool bindTo(int fd, const Address &address)
{
    setInt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
#ifdef SO_REUSEPORT
    setInt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
#endif
    return bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
}

template <typename Address>
bool sendTo(int fd, const Address &address, ByteView datagram)
{
    return sendto(fd, datagram.data(), datagram.size(), 0,
                  reinterpret_cast<const sockaddr *>(&address), sizeof address)
        >= 0;
}

Obstacle obstacleOf(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return Obstacle::Refused;
    case ENETUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
        return Obstacle::NetworkDown;
    default:
        return Obstacle::Unreachable;
    }
}

bool join4(int fd, const InterfaceAddress &at)
{
    ip_mreqn group{};
    inet_pton(AF_INET, kGroup4, &group.imr_multiaddr);
    inet_pton(AF_INET, at.address.c_str(), &group.imr_address);
    group.imr_ifindex = static_cast<int>(at.index);
    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &group, sizeof group);
    setInt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 1);
    setInt(fd, IPPROTO_IP, IP_MULTICAST_TTL, 1);
    setInt(fd, SOL_SOCKET, SO_BROADCAST, 1);
#ifdef IP_MULTICAST_ALL
    setInt(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0); // only what this socket joined
#endif
    return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) == 0;
}

bool join6(int fd, const InterfaceAddress &at)
{
    ipv6_mreq group{};
    inet_pton(AF_INET6, kGroup6, &group.ipv6mr_multiaddr);
    group.ipv6mr_interface = at.index;
    const int index = static_cast<int>(at.index);
    setInt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, index);
    setInt(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1);
    setInt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1);
    return setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof group) == 0;
}

/// Host and port of a sender; link-local ones with the interface they came over.
Endpoint endpointOf(const sockaddr_storage &from, const std::string &interfaceName)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (from.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &from, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        return {text.data(), ntohs(v4.sin_port)};
    }
    sockaddr_in6 v6{};
    std::memcpy(&v6, &from, sizeof v6);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
        inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, text.data(), text.size());
        return {text.data(), ntohs(v6.sin6_port)};
    }
    inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    std::string host = text.data();
    if (IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr) && !interfaceName.empty())
        host += "%" + interfaceName;
    return {std::move(host), ntohs(v6.sin6_port)};
}

} // namespace

UdpSocket openBeacons(const InterfaceAddress &at, std::uint16_t port)
{
    UdpSocket socket = openSocket(at.isIpv6 ? AF_INET6 : AF_INET);
    if (!socket.isOpen())
        return {};
    const int fd = socket.fd();
    if (at.isIpv6)
        setInt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    const bool isBound =
        at.isIpv6 ? bindTo(fd, address6(nullptr, port, 0)) : bindTo(fd, address4(nullptr, port));
    // Where there are no groups, broadcast finds as well.
    const bool isJoined =
        isBound && (at.isIpv6 ? join6(fd, at) : join4(fd, at) || !at.broadcast.empty());
    return isJoined ? std::move(socket) : UdpSocket();
}

UdpSocket openAnswers(std::uint16_t port)
{
    UdpSocket socket = openSocket(AF_INET6);
    if (socket.isOpen()) {
        setInt(socket.fd(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
        if (bindTo(socket.fd(), address6(nullptr, port, 0)))
            return socket;
    }
    socket = openSocket(AF_INET);
    return socket.isOpen() && bindTo(socket.fd(), address4(nullptr, port)) ? std::move(socket)
                                                                           : UdpSocket();
}

UdpSocket ask(const Endpoint &endpoint, ByteView datagram)
{
    // Numbers only: looking up a name would hold the thread. Names are dialled by libzmq.
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo *found = nullptr;
    if (getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found)
        != 0)
        return {};
    UdpSocket socket = openSocket(found->ai_family);
#ifdef __linux__
    // Else only a connected socket hears of it, and that would not hear answers from elsewhere.
    if (socket.isOpen() && found->ai_family == AF_INET)
        setInt(socket.fd(), IPPROTO_IP, IP_RECVERR, 1);
    else if (socket.isOpen())
        setInt(socket.fd(), IPPROTO_IPV6, IPV6_RECVERR, 1);
#endif
    if (socket.isOpen())
        sendto(socket.fd(), datagram.data(), datagram.size(), 0, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return socket;
}

std::optional<Obstacle> refusal(int fd)
{
#ifdef __linux__
    std::array<std::byte, 512> control;
    std::array<std::byte, 64> data;
    iovec part{data.data(), data.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return std::nullopt;
    for (cmsghdr *head = CMSG_FIRSTHDR(&message); head != nullptr;
         head = CMSG_NXTHDR(&message, head)) {
        const bool isError = (head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_RECVERR)
            || (head->cmsg_level == IPPROTO_IPV6 && head->cmsg_type == IPV6_RECVERR);
        if (!isError || head->cmsg_len < CMSG_LEN(sizeof(sock_extended_err)))
            continue;
        sock_extended_err error{};
        std::memcpy(&error, CMSG_DATA(head), sizeof error);
        return obstacleOf(static_cast<int>(error.ee_errno));
    }
#else
    static_cast<void>(fd);
#endif
    return std::nullopt;
}

bool sendMulticast(int fd, const InterfaceAddress &at, std::uint16_t port, ByteView datagram)
{
    return at.isIpv6 ? sendTo(fd, address6(kGroup6, port, at.index), datagram)
                     : sendTo(fd, address4(kGroup4, port), datagram);
}

bool sendBroadcast(int fd, const InterfaceAddress &at, std::uint16_t port, ByteView datagram)
{
    return sendTo(fd, address4(at.broadcast.c_str(), port), datagram);
}

std::optional<Datagram> receive(int fd, const std::string &interfaceName)
{
    std::array<std::byte, kDatagramMax + 1> buffer;
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const ssize_t count =
        recvfrom(fd, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr *>(&from), &size);
    if (count < 0)
        return std::nullopt;
    const auto bytes = std::as_bytes(std::span(&from, 1)).first(size);
    return Datagram{copyOf(ByteView(buffer).first(static_cast<std::size_t>(count))),
                    endpointOf(from, interfaceName), copyOf(bytes)};
}

void answer(int fd, ByteView source, ByteView datagram)
{
    sockaddr_storage to{};
    std::memcpy(&to, source.data(), std::min(source.size(), sizeof to));
    sendto(fd, datagram.data(), datagram.size(), 0, reinterpret_cast<const sockaddr *>(&to),
           static_cast<socklen_t>(source.size()));
}

} // namespace udp

} // namespace nlbd::net
