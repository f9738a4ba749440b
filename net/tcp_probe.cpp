// The guard's view of the system: TCP_INFO on Linux, nothing elsewhere.
#include "net/guard.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdio>
#include <cstring>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#ifdef __linux__
#include <fcntl.h>
#include <linux/tcp.h>
#include <unistd.h>
#endif

namespace nlbd::net {

namespace {

TcpPeer peerFrom(const sockaddr_storage &address)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    TcpPeer peer;
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        peer.host = peer.group = text.data();
        peer.port = ntohs(v4.sin_port);
    } else if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        peer.port = ntohs(v6.sin6_port);
        if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
            inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, text.data(), text.size());
            peer.host = peer.group = text.data();
            return peer;
        }
        inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
        peer.host = text.data();
        in6_addr prefix = v6.sin6_addr;
        std::memset(prefix.s6_addr + 8, 0, 8);
        inet_ntop(AF_INET6, &prefix, text.data(), text.size());
        peer.group = std::string(text.data()) + "/64";
    }
    return peer;
}

#ifdef __linux__

class LinuxTcpProbe final : public TcpProbe {
public:
    LinuxTcpProbe() = default;
    ~LinuxTcpProbe() override
    {
        if (m_memory >= 0)
            close(m_memory);
    }
    LinuxTcpProbe(const LinuxTcpProbe &) = delete;
    LinuxTcpProbe &operator=(const LinuxTcpProbe &) = delete;

    [[nodiscard]] bool isAvailable() const override { return true; }

    [[nodiscard]] std::optional<TcpPeer> peerOf(int fd) const override
    {
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        if (getpeername(fd, reinterpret_cast<sockaddr *>(&address), &size) != 0)
            return std::nullopt;
        if (address.ss_family != AF_INET && address.ss_family != AF_INET6)
            return std::nullopt;
        return peerFrom(address);
    }

    [[nodiscard]] std::optional<std::uint64_t> bytesReceived(int fd) const override
    {
        tcp_info info{};
        socklen_t size = sizeof info;
        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
            return std::nullopt;
        if (size < offsetof(tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received)
            return std::nullopt;
        return info.tcpi_bytes_received;
    }

    [[nodiscard]] std::optional<std::uint64_t> nameOf(int fd) const override
    {
        std::uint64_t name = 0;
        socklen_t size = sizeof name;
        if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &name, &size) != 0 || size != sizeof name)
            return std::nullopt;
        return name;
    }

    [[nodiscard]] std::optional<std::uint64_t> residentBytes() const override
    {
        std::array<char, 64> text{};
        const ssize_t size = pread(m_memory, text.data(), text.size() - 1, 0);
        unsigned long long all = 0;
        unsigned long long resident = 0;
        if (size <= 0 || std::sscanf(text.data(), "%llu %llu", &all, &resident) != 2)
            return std::nullopt;
        return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    }

    void reset(int fd, const TcpPeer &peer) override
    {
        if (peerOf(fd) != peer)
            return;
        const linger hard{1, 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        shutdown(fd, SHUT_RD); // libzmq reads the end and closes, which sends RST
    }

private:
    int m_memory = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
};

#else

class AbsentTcpProbe final : public TcpProbe {
public:
    [[nodiscard]] bool isAvailable() const override { return false; }
    [[nodiscard]] std::optional<TcpPeer> peerOf(int) const override { return std::nullopt; }
    [[nodiscard]] std::optional<std::uint64_t> bytesReceived(int) const override
    {
        return std::nullopt;
    }
    [[nodiscard]] std::optional<std::uint64_t> nameOf(int) const override { return std::nullopt; }
    [[nodiscard]] std::optional<std::uint64_t> residentBytes() const override
    {
        return std::nullopt;
    }
    void reset(int, const TcpPeer &) override {}
};

#endif

} // namespace

std::size_t descriptorsForConnections()
{
    constexpr rlim_t kWanted = 8192;
    constexpr rlim_t kKept = 200;
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return 256;
    if (files.rlim_cur < kWanted) {
        rlimit more = files;
        more.rlim_cur = std::min(kWanted, files.rlim_max);
        if (setrlimit(RLIMIT_NOFILE, &more) == 0)
            files = more;
    }
    const rlim_t usable = std::min(files.rlim_cur, kWanted);
    return usable > 2 * kKept ? static_cast<std::size_t>(usable - kKept)
                              : static_cast<std::size_t>(usable / 2);
}

std::unique_ptr<TcpProbe> systemTcpProbe()
{
#ifdef __linux__
    return std::make_unique<LinuxTcpProbe>();
#else
    return std::make_unique<AbsentTcpProbe>();
#endif
}

} // namespace nlbd::net
