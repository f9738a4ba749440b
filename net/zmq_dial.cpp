// What ZmqTransport does on the dialling side, and how it finds out why a dial came to nothing.
#include "net/zmq_transport.h"

#include <algorithm>

namespace nlbd::net {

namespace {

constexpr Millis kConnectTime{4500};     // a connect that took longer was not refused
constexpr Millis kSilentTime{2500};      // a handshake that nobody answers ends after 3 s
constexpr Millis kNoNeighbourTime{2500}; // nobody has that address: the system asks for 3 s
constexpr int kDiallerEvents = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED
    | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
    | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED;

std::string tcpAddress(const Endpoint &endpoint)
{
    const std::string host = endpoint.isIpv6() ? "[" + endpoint.host + "]" : endpoint.host;
    return "tcp://" + host + ":" + std::to_string(endpoint.port);
}

} // namespace

LinkId ZmqTransport::dial(const Endpoint &endpoint, const TransportKey &expected)
{
    const LinkId id(m_nextLink++);
    Link link;
    link.role = Role::Dialler;
    link.theirs = expected;
    link.endpoint = endpoint;
    link.since = now();
    const bool isName = !NameLookup::isNumeric(endpoint.host);
    if (isName) // libzmq would look it up itself, and hold all other connections meanwhile
        link.name = m_names.ask(endpoint.host, link.since);
    m_links.emplace(id, std::move(link));
    m_touched.insert(id);
    if (isName)
        m_pending.insert(id);
    else
        connect(id, endpoint.host);
    return id;
}

void ZmqTransport::connect(LinkId id, const std::string &host)
{
    Link &link = m_links.at(id);
    link.dialled = {host, link.endpoint.port};
    link.since = now();
    if (const auto end = DialProbe::wayTo(link.dialled)) {
        close(id, *end);
        return;
    }
    link.dealer = std::make_unique<ZmqSocket>(m_context, ZMQ_DEALER);
    bool isReady = link.dealer->isOpen();
    if (isReady) {
        link.dealer->setMeshOptions();
        isReady = link.dealer->beCurveClient(m_keys, link.theirs);
        link.monitor = std::make_unique<ZmqMonitor>(
            m_context, *link.dealer, "dial-" + std::to_string(id.value), kDiallerEvents);
        isReady = isReady && link.monitor->isOpen() && m_dialled.add(link.dealer->fd(), id.value)
            && m_dialled.add(link.monitor->fd(), id.value)
            && link.dealer->connect(tcpAddress(link.dialled));
    }
    if (!isReady)
        close(id, LinkEnd::BadAddress);
}

/// Of several addresses the first to which there is a way.
void ZmqTransport::takeNames()
{
    m_names.clear();
    std::vector<std::pair<LinkId, std::vector<std::string>>> known;
    for (const LinkId id : m_pending)
        if (const auto &name = m_links.at(id).name)
            if (auto hosts = name->answer(now()))
                known.emplace_back(id, std::move(*hosts));
    for (const auto &[id, hosts] : known) {
        Link &link = m_links.at(id);
        link.name.reset();
        if (hosts.empty()) {
            close(id, LinkEnd::BadAddress);
            continue;
        }
        const auto hasWay = [&link](const std::string &host) {
            return !DialProbe::wayTo({host, link.endpoint.port});
        };
        const auto chosen = std::ranges::find_if(hosts, hasWay);
        connect(id, chosen == hosts.end() ? hosts.front() : *chosen);
    }
}

void ZmqTransport::takeDiallerEvent(LinkId id, const MonitorEvent &event)
{
    Link &link = m_links.at(id);
    switch (event.event) {
    case ZMQ_EVENT_CONNECTED:
        descriptorTaken(event.value);
        link.fd = event.value;
        link.socket = m_probe->nameOf(link.fd);
        link.connected = now();
        m_guard.connected(event.value, link.connected);
        return;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        link.isOpen = true;
        // One name for two: this one is over already, and its monitor is about to tell.
        if (link.socket
            && std::ranges::count_if(
                   m_links,
                   [&link](const auto &other) { return other.second.socket == link.socket; })
                == 1)
            leaveMonitor(link);
        m_events.emplace_back(
            LinkOpened{id, Role::Dialler, link.theirs, link.endpoint.text(), link.endpoint.host});
        return;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        close(id, LinkEnd::NotAllowed);
        return;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        close(id, LinkEnd::NotOurs);
        return;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_DISCONNECTED:
        // A server that cannot read our first word, because it was meant for another key, hangs up
        // at once. What says nothing until libzmq has enough is no server of ours.
        close(id,
              link.isOpen                                 ? LinkEnd::Lost
                  : now() - link.connected >= kSilentTime ? LinkEnd::NotOurs
                                                          : LinkEnd::WrongKey);
        return;
    case ZMQ_EVENT_CLOSED:
        askWhy(id);
        return;
    default:
        return;
    }
}

/// libzmq's own thread must have stopped telling before nobody listens any more: it would wait for
/// ever.
void ZmqTransport::leaveMonitor(Link &link)
{
    if (link.dealer && link.dealer->isOpen())
        zmq_socket_monitor(link.dealer->get(), nullptr, 0);
    if (link.monitor)
        m_dialled.remove(link.monitor->fd());
    link.monitor.reset();
}

/// Another connection has it now: what had it before is over, though nobody looked since.
void ZmqTransport::descriptorTaken(int fd)
{
    std::vector<LinkId> over;
    for (const auto &[id, link] : m_links)
        if (link.isOpen && link.role == Role::Dialler && !link.monitor && link.fd == fd)
            over.push_back(id);
    for (const LinkId id : over) {
        Link &link = m_links.at(id);
        drainDealer(id, link);
        if (!m_links.contains(id))
            continue;
        link.fd = -1; // no longer its own: nothing to forget of it
        close(id, LinkEnd::Lost);
    }
}

/// A monitor takes two descriptors. Links that are open do without: their sockets are asked whether
/// they are still there, as often as the guard asks how much came.
void ZmqTransport::findLost()
{
    std::vector<LinkId> over;
    for (const auto &[id, link] : m_links)
        if (link.role == Role::Dialler && link.isOpen && !link.monitor
            && m_probe->nameOf(link.fd) != link.socket)
            over.push_back(id);
    for (const LinkId id : over) {
        drainDealer(id, m_links.at(id)); // what it brought stands before the news of its end
        if (const auto link = m_links.find(id); link != m_links.end()) {
            m_guard.closed(std::exchange(link->second.fd, -1));
            close(id, LinkEnd::Lost);
        }
    }
}

/// libzmq gave a dial up. How long that took tells some of it, the system the rest.
void ZmqTransport::askWhy(LinkId id)
{
    Link &link = m_links.at(id);
    const MonoTime time = now();
    if (time - link.since >= kConnectTime) {
        close(id, LinkEnd::Timeout);
    } else if (time - link.since >= kNoNeighbourTime) {
        close(id, LinkEnd::Unreachable);
    } else if (!link.probe) {
        link.probe.emplace(link.dialled, time);
        m_pending.insert(id);
        takeAnswers();
    }
}

void ZmqTransport::takeAnswers()
{
    std::vector<std::pair<LinkId, LinkEnd>> answers;
    for (const LinkId id : m_pending)
        if (auto &probe = m_links.at(id).probe)
            if (const auto end = probe->answer(now()))
                answers.emplace_back(id, *end);
    for (const auto &[id, end] : answers)
        close(id, end);
}

} // namespace nlbd::net
