#include "net/guard.h"

#include <algorithm>

namespace nlbd::net {

std::string TcpPeer::text() const
{
    const bool isV6 = host.find(':') != std::string::npos;
    return (isV6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<Guard::Offence> Guard::accepted(int fd, MonoTime now)
{
    const auto peer = m_probe.peerOf(fd);
    if (!peer)
        return std::nullopt; // gone already
    m_isBusy = true;
    const auto waiting = std::ranges::count_if(m_connections, [&](const auto &entry) {
        return !entry.second.isAdmitted && !entry.second.isOurs
            && entry.second.peer.group == peer->group;
    });
    const bool isTooMany = static_cast<std::size_t>(waiting) >= kUnadmittedPerGroup
        || m_connections.size() >= m_connectionsMax;
    if (isTooMany) {
        m_probe.reset(fd, *peer);
        return Offence{fd, Code::E_RATE, peer->text()};
    }
    Connection connection;
    connection.peer = *peer;
    connection.since = connection.seen = now;
    m_connections.insert_or_assign(fd, std::move(connection));
    return std::nullopt;
}

void Guard::connected(int fd, MonoTime now)
{
    const auto peer = m_probe.peerOf(fd);
    if (!peer)
        return;
    Connection connection;
    connection.peer = *peer;
    connection.since = connection.seen = now;
    connection.isOurs = true;
    m_connections.insert_or_assign(fd, std::move(connection));
}

void Guard::delivered(int fd, std::size_t bytes)
{
    const auto found = m_connections.find(fd);
    if (found == m_connections.end())
        return;
    found->second.isAdmitted = true;
    found->second.given += bytes + kMessageOverhead;
}

std::optional<TcpPeer> Guard::peerOf(int fd) const
{
    const auto found = m_connections.find(fd);
    return found == m_connections.end() ? std::nullopt : std::optional(found->second.peer);
}

void Guard::reset(int fd)
{
    const auto found = m_connections.find(fd);
    if (found == m_connections.end())
        return;
    m_probe.reset(fd, found->second.peer);
    m_connections.erase(found);
}

std::optional<Code> Guard::judge(int fd, Connection &connection, MonoTime now)
{
    const auto received = m_probe.bytesReceived(fd);
    if (!received)
        return std::nullopt;
    const auto idle =
        static_cast<std::uint64_t>((now - connection.seen).count()) * kIdleBytesPerSecond / 1000;
    if (idle > 0)
        connection.seen = now;
    connection.given = std::min(connection.given + idle, *received);
    const std::uint64_t held = *received - connection.given;
    m_isBusy = m_isBusy || !connection.isAdmitted || held > kBusyBytes;
    if (held > (connection.isAdmitted ? kUndeliveredBytesMax : kUnadmittedBytesMax))
        return Code::E_BOUNDS;
    if (!connection.isAdmitted && !connection.isOurs && now - connection.since > kUnadmittedTime)
        return Code::E_RATE;
    return std::nullopt;
}

bool Guard::isDue(MonoTime now) const
{
    if (m_isBusy || now - m_looked >= kRest)
        return true;
    const auto resident = m_probe.residentBytes();
    return !resident || !m_resident || *resident > *m_resident + kGrowth;
}

std::vector<Guard::Offence> Guard::sweep(MonoTime now)
{
    std::vector<Offence> offences;
    m_isBusy = false;
    m_looked = now;
    m_resident = m_probe.residentBytes();
    for (auto entry = m_connections.begin(); entry != m_connections.end();) {
        auto &[fd, connection] = *entry;
        const auto code = judge(fd, connection, now);
        if (!code) {
            ++entry;
            continue;
        }
        m_probe.reset(fd, connection.peer);
        offences.push_back({fd, *code, connection.peer.text()});
        entry = m_connections.erase(entry);
    }
    return offences;
}

} // namespace nlbd::net
