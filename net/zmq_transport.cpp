#include "net/zmq_transport.h"

#include "core/base/check.h"
#include "core/base/limits.h"

#include <array>
#include <chrono>
#include <set>

namespace nlbd::net {

namespace {

constexpr Millis kDialTime{8500}; // TCP 5 s, CURVE 3 s, and a breath
constexpr std::size_t kClosedIdsKept = 4096;
constexpr std::size_t kMessagesPerTurn = 256; // then timers and others have their turn
constexpr int kPortsTried = 20;
constexpr int kListenerEvents = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED;
/// A zero and four bytes; names that a peer brings along begin with something else (RFC 23).
bool isGivenByLibzmq(ByteView routingId)
{
    return routingId.size() == 5 && routingId.front() == std::byte{0};
}

} // namespace

ZmqTransport::ZmqTransport(const identity::SecretKey &device, NameLookup::System names)
    : m_keys(identity::transportKeysOf(device))
    , m_probe(systemTcpProbe())
    , m_guard(*m_probe, descriptorsForConnections())
    , m_names(std::move(names))
{
}

ZmqTransport::~ZmqTransport()
{
    while (!m_links.empty())
        forget(m_links.begin()->first);
    if (m_router.isOpen())
        zmq_socket_monitor(m_router.get(), nullptr, 0);
}

std::expected<std::unique_ptr<ZmqTransport>, ListenError>
ZmqTransport::listen(const identity::SecretKey &device, const ListenAt &at,
                     NameLookup::System names)
{
    std::unique_ptr<ZmqTransport> transport(new ZmqTransport(device, std::move(names)));
    if (transport->m_context.get() == nullptr || !transport->m_dialled.isOpen())
        return std::unexpected(ListenError::NoResources);
    if (const auto error = transport->bindRouter(at))
        return std::unexpected(*error);
    return transport;
}

bool ZmqTransport::tryBind(const std::string &host, const std::string &port)
{
    return m_router.bind("tcp://" + host + ":" + port);
}

std::optional<ListenError> ZmqTransport::bindRouter(const ListenAt &at)
{
    // ZAP must answer before the first connection can ask.
    m_zap = ZmqSocket(m_context, ZMQ_REP);
    if (!m_zap.isOpen() || !m_zap.set(ZMQ_LINGER, 0) || !m_zap.bind("inproc://zeromq.zap.01"))
        return ListenError::NoResources;
    m_router = ZmqSocket(m_context, ZMQ_ROUTER);
    if (!m_router.isOpen())
        return ListenError::NoResources;
    m_router.setMeshOptions();
    m_router.set(ZMQ_ROUTER_MANDATORY, 1);
    m_router.set(ZMQ_ROUTER_HANDOVER, 0);
    if (!m_router.beCurveServer(m_keys))
        return ListenError::NoResources;
    m_monitor = ZmqMonitor(m_context, m_router, "listener", kListenerEvents);
    if (!m_monitor.isOpen())
        return ListenError::NoResources;
    const bool isV6 = at.host.find(':') != std::string::npos;
    const std::string host = at.host.empty() ? "*" : isV6 ? "[" + at.host + "]" : at.host;
    bool isBound = at.port == 0 ? tryBind(host, "*") : tryBind(host, std::to_string(at.port));
    if (!isBound && errno != EADDRINUSE && errno != EACCES)
        return ListenError::BadAddress;
    for (int i = 1; !isBound && !at.isPortFixed && i <= kPortsTried && at.port + i <= UINT16_MAX;
         ++i)
        isBound = tryBind(host, std::to_string(at.port + i));
    if (!isBound && !at.isPortFixed)
        isBound = tryBind(host, "*");
    if (!isBound)
        return ListenError::PortInUse;
    const std::string bound = m_router.lastEndpoint();
    m_port = static_cast<std::uint16_t>(std::stoul(bound.substr(bound.rfind(':') + 1)));
    return std::nullopt;
}

MonoTime ZmqTransport::now() const
{
    return MonoTime(
        std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch()));
}

// ---- Links --------------------------------------------------------------------------------------

SendResult ZmqTransport::send(LinkId id, ByteView message)
{
    const auto found = m_links.find(id);
    if (found == m_links.end())
        return SendResult::Gone;
    Link &link = found->second;
    bool isSent = false;
    if (link.role == Role::Dialler) {
        m_touched.insert(id);
        isSent = link.dealer->send(message);
    } else {
        m_isRouterTouched = true;
        isSent = m_router.send(link.routingId, ZmqSocket::More::Yes);
        // After its first part libzmq takes the rest of a message, however full it is.
        if (isSent)
            return m_router.send(message) ? SendResult::Sent : SendResult::Gone;
    }
    if (isSent)
        return SendResult::Sent;
    return errno == EAGAIN ? SendResult::Full : SendResult::Gone;
}

void ZmqTransport::cut(LinkId id)
{
    forget(id);
}

void ZmqTransport::forget(LinkId id)
{
    const auto found = m_links.find(id);
    if (found == m_links.end())
        return;
    Link &link = found->second;
    if (link.fd >= 0 && link.role == Role::Listener)
        m_guard.reset(link.fd);
    if (link.fd >= 0 && link.role == Role::Dialler)
        m_guard.closed(link.fd);
    if (!link.routingId.empty()) {
        m_byRoutingId.erase(link.routingId);
        ignore(link.routingId);
    }
    if (link.dealer)
        m_dialled.remove(link.dealer->fd());
    leaveMonitor(link);
    m_touched.erase(id);
    m_pending.erase(id);
    m_links.erase(found);
}

void ZmqTransport::close(LinkId id, LinkEnd end)
{
    forget(id);
    m_events.emplace_back(LinkClosed{id, end});
}

std::optional<LinkId> ZmqTransport::oldestWith(int fd) const
{
    for (const auto &[id, link] : m_links)
        if (link.fd == fd && link.role == Role::Listener)
            return id;
    return std::nullopt;
}

// ---- Who may come -------------------------------------------------------------------------------

void ZmqTransport::answerZap()
{
    for (;;) {
        // version, request id, domain, address, identity, mechanism, key (RFC 27)
        std::vector<Bytes> parts;
        bool hasMore = true;
        while (hasMore) {
            ZmqMessage part;
            if (!m_zap.receive(part))
                return;
            parts.push_back(copyOf(part.view()));
            hasMore = part.hasMore();
        }
        const auto key = parts.size() == 7 ? TransportKey::from(parts[6]) : std::nullopt;
        const bool isAdmitted = key && viewOf(parts[5]) == "CURVE"
            && !m_admission.muted.contains(*key)
            && (m_admission.isDoorOpen || m_admission.allowed.contains(*key));
        const std::string address =
            parts.size() > 3 ? std::string(viewOf(parts[3])) : std::string();
        if (!isAdmitted)
            m_events.emplace_back(LinkRefused{Code::E_ZAP, address, key, std::nullopt});
        const ByteView request = parts.size() > 1 ? ByteView(parts[1]) : ByteView();
        const std::string user = isAdmitted ? key->hex() : std::string();
        static_cast<void>(
            m_zap.send(bytesOf("1.0"), ZmqSocket::More::Yes)
            && m_zap.send(request, ZmqSocket::More::Yes)
            && m_zap.send(bytesOf(isAdmitted ? "200" : "400"), ZmqSocket::More::Yes)
            && m_zap.send(bytesOf(isAdmitted ? "OK" : "not allowed"), ZmqSocket::More::Yes)
            && m_zap.send(bytesOf(user), ZmqSocket::More::Yes) && m_zap.send({}));
    }
}

// ---- What comes in ------------------------------------------------------------------------------

void ZmqTransport::drainRouter()
{
    m_isRouterTouched = true;
    for (std::size_t i = 0; i < kMessagesPerTurn; ++i) {
        ZmqMessage id;
        if (!m_router.receive(id)) {
            m_isRouterTouched = false;
            return;
        }
        ZmqMessage message;
        if (!id.hasMore() || !m_router.receive(message))
            continue;
        bool hasMore = message.hasMore();
        const bool isMultipart = hasMore;
        while (hasMore) {
            ZmqMessage rest;
            if (!m_router.receive(rest))
                break;
            hasMore = rest.hasMore();
        }
        Bytes routingId = copyOf(id.view());
        takeFromRouter(routingId, message);
        const auto link = m_byRoutingId.find(routingId);
        if (isMultipart && link != m_byRoutingId.end())
            multipart(link->second);
    }
}

void ZmqTransport::takeFromRouter(Bytes routingId, ZmqMessage &message)
{
    if (std::ranges::find(m_closedIds, routingId) != m_closedIds.end())
        return;
    const auto user = fromHex(message.property("User-Id"));
    const auto key = user ? TransportKey::from(*user) : std::nullopt;
    if (!key)
        return; // nothing without a name from ZAP
    auto known = m_byRoutingId.find(routingId);
    if (!isGivenByLibzmq(routingId)) {
        nameTaken(std::move(routingId), message.sourceFd(), *key);
        return;
    }
    if (known != m_byRoutingId.end() && m_links.at(known->second).theirs != *key)
        return; // a name is handed on before the end of its first owner was told
    if (known == m_byRoutingId.end()) {
        const LinkId id(m_nextLink++);
        Link link;
        link.theirs = *key;
        link.fd = message.sourceFd();
        link.routingId = routingId;
        link.since = now();
        link.isOpen = true;
        const auto peer = m_guard.peerOf(link.fd);
        const std::string host = peer ? peer->host : message.property("Peer-Address");
        m_events.emplace_back(
            LinkOpened{id, Role::Listener, *key, peer ? peer->text() : host, host});
        m_links.emplace(id, std::move(link));
        known = m_byRoutingId.emplace(std::move(routingId), id).first;
    }
    const ByteView bytes = message.view();
    m_guard.delivered(m_links.at(known->second).fd, bytes.size());
    m_events.emplace_back(LinkFrame{known->second, copyOf(bytes)});
}

/// Whoever brings a routing id of his own is no program of ours, and wants to be taken for another.
void ZmqTransport::nameTaken(Bytes routingId, int fd, const TransportKey &key)
{
    const auto peer = m_guard.peerOf(fd);
    m_events.emplace_back(
        LinkRefused{Code::E_CANON, peer ? peer->text() : std::string(), key, std::nullopt});
    m_guard.reset(fd);
    ignore(std::move(routingId));
}

void ZmqTransport::ignore(Bytes routingId)
{
    m_closedIds.push_back(std::move(routingId));
    if (m_closedIds.size() > kClosedIdsKept)
        m_closedIds.pop_front();
}

void ZmqTransport::drainDealer(LinkId id, Link &link)
{
    for (std::size_t i = 0; i < kMessagesPerTurn; ++i) {
        ZmqMessage message;
        if (!link.dealer->receive(message)) {
            m_touched.erase(id);
            return;
        }
        if (message.hasMore()) {
            multipart(id);
            return;
        }
        const ByteView bytes = message.view();
        m_guard.delivered(link.fd, bytes.size());
        m_events.emplace_back(LinkFrame{id, copyOf(bytes)});
    }
}

void ZmqTransport::multipart(LinkId id)
{
    const Link &link = m_links.at(id);
    const auto peer = m_guard.peerOf(link.fd);
    m_events.emplace_back(
        LinkRefused{Code::E_CANON, peer ? peer->text() : link.endpoint.text(), link.theirs, id});
    close(id, LinkEnd::Cut);
}

void ZmqTransport::takeListenerEvent(const MonitorEvent &event)
{
    if (event.event == ZMQ_EVENT_ACCEPTED) {
        descriptorTaken(event.value);
        if (const auto offence = m_guard.accepted(event.value, now()))
            m_events.emplace_back(
                LinkRefused{offence->code, offence->address, std::nullopt, std::nullopt});
        // A descriptor may be used again before its last event was read.
        if (oldestWith(event.value))
            m_guard.delivered(event.value, 0);
        return;
    }
    if (event.event != ZMQ_EVENT_DISCONNECTED)
        return;
    const auto link = oldestWith(event.value);
    if (link) {
        m_links.at(*link).fd = -1; // the descriptor is gone: nothing to reset
        close(*link, LinkEnd::Lost);
    }
    m_guard.closed(event.value);
}

void ZmqTransport::sweep()
{
    const MonoTime time = now();
    if (time < m_nextSweep)
        return;
    if (m_guard.isDue(time)) {
        for (const Guard::Offence &offence : m_guard.sweep(time)) {
            const auto link = oldestWith(offence.fd);
            m_events.emplace_back(
                LinkRefused{offence.code, offence.address,
                            link ? std::optional(m_links.at(*link).theirs) : std::nullopt, link});
            if (link)
                close(*link, LinkEnd::Cut);
        }
        findLost();
        closeLate(time);
    }
    m_nextSweep = time + m_guard.pause();
}

void ZmqTransport::closeLate(MonoTime time)
{
    std::vector<LinkId> late;
    for (const auto &[id, link] : m_links)
        if (!link.isOpen && time - link.since >= kDialTime)
            late.push_back(id);
    for (const LinkId id : late)
        close(id, LinkEnd::Timeout);
}

// ---- Waiting ------------------------------------------------------------------------------------

/// Waits until something may have come, and notes where. libzmq's own poll asks every socket
/// several times each turn; with many links that were most of what a mesh does.
void ZmqTransport::poll(Millis timeout, const std::vector<int> &wakers)
{
    bool isDue = m_isRouterTouched && m_router.isReadable();
    std::erase_if(m_touched, [this](LinkId id) {
        const auto &dealer = m_links.at(id).dealer;
        return !dealer || !dealer->isReadable();
    });
    isDue = isDue || !m_touched.empty();
    std::vector<int> others = wakers;
    for (const int fd : {m_zap.fd(), m_router.fd(), m_monitor.fd(), m_names.fd()})
        others.push_back(fd);
    std::vector<int> probes;
    for (const LinkId id : m_pending)
        if (const auto &probe = m_links.at(id).probe)
            probes.push_back(probe->fd());
    for (const std::uint64_t id : m_dialled.wait(isDue ? Millis{0} : timeout, others, probes))
        m_touched.insert(LinkId(id));
}

std::vector<LinkEvent> ZmqTransport::wait(Millis timeout, const std::vector<int> &wakers)
{
    if (m_events.empty())
        poll(std::clamp(std::min(timeout, m_guard.pause()), Millis{0}, Millis{1000}), wakers);
    answerZap();
    // What a connection brought stands before the news of its end: events are read first, messages
    // are taken next, and only then is anything believed to be over.
    std::vector<MonitorEvent> listener;
    while (const auto event = m_monitor.next())
        listener.push_back(*event);
    std::vector<std::pair<LinkId, MonitorEvent>> dialler;
    for (const LinkId id : m_touched)
        if (const auto &monitor = m_links.at(id).monitor)
            while (const auto event = monitor->next())
                dialler.emplace_back(id, *event);
    std::set<int> taken;
    for (const MonitorEvent &event : listener) {
        if (event.event != ZMQ_EVENT_ACCEPTED)
            continue;
        takeListenerEvent(event);
        if (m_guard.knows(event.value))
            taken.insert(event.value);
    }
    for (const auto &[id, event] : dialler)
        if (event.event == ZMQ_EVENT_CONNECTED || event.event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            takeDiallerEvent(id, event);
    drainRouter();
    for (const LinkId id : std::vector(m_touched.begin(), m_touched.end()))
        if (const auto link = m_links.find(id); link != m_links.end() && link->second.isOpen)
            drainDealer(id, link->second);
    for (const MonitorEvent &event : listener)
        if (event.event != ZMQ_EVENT_ACCEPTED)
            takeListenerEvent(event);
    // A descriptor that was closed and taken again within one turn belongs to the newcomer. What
    // was turned away stays so: it is counted once.
    for (const MonitorEvent &event : listener)
        if (event.event == ZMQ_EVENT_ACCEPTED && taken.contains(event.value)
            && !m_guard.knows(event.value))
            takeListenerEvent(event);
    for (const auto &[id, event] : dialler)
        if (event.event != ZMQ_EVENT_CONNECTED && event.event != ZMQ_EVENT_HANDSHAKE_SUCCEEDED
            && m_links.contains(id))
            takeDiallerEvent(id, event);
    takeAnswers();
    takeNames();
    sweep();
    return std::exchange(m_events, {});
}

} // namespace nlbd::net
