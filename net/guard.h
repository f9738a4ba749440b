#pragma once

#include "core/base/codes.h"
#include "core/base/time.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nlbd::net {

/// Who is at the other end of a TCP connection.
struct TcpPeer {
    std::string host; ///< "192.168.1.7", "fe80::1"
    std::uint16_t port = 0;
    std::string group; ///< what one owner usually holds: the IPv4 address, or the /64 of IPv6

    friend bool operator==(const TcpPeer &, const TcpPeer &) = default;
    [[nodiscard]] std::string text() const;
};

/// The little that the guard asks of the system, on descriptors that belong to libzmq.
class TcpProbe {
public:
    virtual ~TcpProbe() = default;

    /// False where the system tells nothing: then only the options of libzmq protect.
    [[nodiscard]] virtual bool isAvailable() const = 0;
    [[nodiscard]] virtual std::optional<TcpPeer> peerOf(int fd) const = 0;
    /// Bytes that the kernel has received on this connection, in all.
    [[nodiscard]] virtual std::optional<std::uint64_t> bytesReceived(int fd) const = 0;
    /// What no other socket has had since this computer started; nothing where the system does not
    /// tell, or `fd` is no socket any more.
    [[nodiscard]] virtual std::optional<std::uint64_t> nameOf(int fd) const = 0;
    /// What this process has in memory; cheap to ask. Nothing where the system does not tell.
    [[nodiscard]] virtual std::optional<std::uint64_t> residentBytes() const = 0;
    /// Ends the connection with RST, if its other end is still `peer`: descriptors are reused.
    virtual void reset(int fd, const TcpPeer &peer) = 0;
};
[[nodiscard]] std::unique_ptr<TcpProbe> systemTcpProbe();

/// How many connections there may be; some descriptors stay for files and our own sockets. Asks the
/// system for more of them.
[[nodiscard]] std::size_t descriptorsForConnections();

/// What libzmq does not bound (NET_NOTES 2.5): connections that wait, messages that never end, and
/// accepts beyond the descriptors. It compares the bytes that the kernel received on a connection
/// with those that reached us as messages, and resets what hoards.
class Guard {
public:
    static constexpr std::uint64_t kUnadmittedBytesMax = 16 * 1024;
    static constexpr std::uint64_t kUndeliveredBytesMax = 8 * 1024 * 1024;
    static constexpr std::uint64_t kBusyBytes = 64 * 1024;    ///< what a link may have under way
    static constexpr std::uint64_t kGrowth = 4 * 1024 * 1024; ///< of memory: somebody may hoard
    static constexpr Millis kRest{500}; ///< between two looks while nothing grows
    static constexpr std::size_t kUnadmittedPerGroup = 16;
    static constexpr Millis kUnadmittedTime{6000};        ///< CURVE 3 s, first frame 3 s
    static constexpr std::uint64_t kMessageOverhead = 64; ///< framing and CURVE around one message
    static constexpr std::uint64_t kIdleBytesPerSecond =
        32; ///< libzmq's own heartbeats are not delivered

    struct Offence {
        int fd = -1;
        Code code = Code::E_BOUNDS;
        std::string address;
    };

    Guard(TcpProbe &probe, std::size_t connectionsMax)
        : m_probe(probe)
        , m_connectionsMax(connectionsMax)
    {
    }

    /// A stranger was accepted. An offence if it was reset at once.
    [[nodiscard]] std::optional<Offence> accepted(int fd, MonoTime now);

    /// We connected: the same bounds on bytes, no bound on number and time.
    void connected(int fd, MonoTime now);

    void closed(int fd) { m_connections.erase(fd); }

    /// A message came over `fd`. From the first on the connection counts as admitted.
    void delivered(int fd, std::size_t bytes);

    [[nodiscard]] bool knows(int fd) const { return m_connections.contains(fd); }
    [[nodiscard]] std::optional<TcpPeer> peerOf(int fd) const;

    /// Resets a connection for the caller's own reason.
    void reset(int fd);

    /// Whether sweep() should look at all: it asks the system about each connection, so it rests
    /// while nobody holds much and the process has not grown. What is hoarded is memory.
    [[nodiscard]] bool isDue(MonoTime now) const;

    /// Looks at every connection; what is over its bound is reset and forgotten.
    [[nodiscard]] std::vector<Offence> sweep(MonoTime now);

    /// When isDue() should be asked again: soon while somebody waits to be admitted, or more came
    /// than was delivered. Who is admitted may begin at any moment, and libzmq takes 300 MB/s.
    [[nodiscard]] Millis pause() const noexcept
    {
        if (m_isBusy)
            return Millis{50};
        return m_connections.empty() ? Millis{250} : Millis{100};
    }

    [[nodiscard]] std::size_t count() const noexcept { return m_connections.size(); }

private:
    struct Connection {
        TcpPeer peer;
        MonoTime since{};
        MonoTime seen{};
        std::uint64_t given = 0; ///< bytes accounted for; never above what was received
        bool isAdmitted = false;
        bool isOurs = false;
    };

    [[nodiscard]] std::optional<Code> judge(int fd, Connection &connection, MonoTime now);

    TcpProbe &m_probe;
    std::size_t m_connectionsMax;
    std::map<int, Connection> m_connections;
    bool m_isBusy = false;
    MonoTime m_looked{};
    std::optional<std::uint64_t> m_resident; ///< at that time
};

} // namespace nlbd::net
