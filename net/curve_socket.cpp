#include "net/curve_socket.h"

#include "core/base/limits.h"

#include <array>
#include <cstring>
#include <utility>

namespace nlbd::net {

namespace {
constexpr int kSocketsMax = 4096;
constexpr int kHandshakeMs = 3000;
constexpr int kConnectMs = 5000;
constexpr int kMessagesWaiting = 64; ///< the byte-counted queues above are the real bound
constexpr int kKernelBytes = 256 * 1024;
constexpr int kBacklog = 64;
constexpr int kLingerMs = 200; ///< for the last BYE
} // namespace

ZmqContext::ZmqContext()
    : m_context(zmq_ctx_new())
{
    if (m_context != nullptr)
        zmq_ctx_set(m_context, ZMQ_MAX_SOCKETS, kSocketsMax);
}

ZmqContext::~ZmqContext()
{
    if (m_context != nullptr)
        zmq_ctx_term(m_context);
}

ByteView ZmqMessage::view() noexcept
{
    return {static_cast<const std::byte *>(zmq_msg_data(&m_message)), zmq_msg_size(&m_message)};
}

std::string ZmqMessage::property(const char *name) const
{
    const char *value = zmq_msg_gets(&m_message, name);
    return value != nullptr ? std::string(value) : std::string();
}

ZmqSocket::ZmqSocket(const ZmqContext &context, int type)
    : m_socket(zmq_socket(context.get(), type))
{
    std::size_t size = sizeof m_fd;
    if (m_socket != nullptr && zmq_getsockopt(m_socket, ZMQ_FD, &m_fd, &size) != 0)
        m_fd = -1;
}

ZmqSocket::~ZmqSocket()
{
    if (m_socket != nullptr)
        zmq_close(m_socket);
}

ZmqSocket &ZmqSocket::operator=(ZmqSocket &&other) noexcept
{
    std::swap(m_socket, other.m_socket);
    std::swap(m_fd, other.m_fd);
    return *this;
}

bool ZmqSocket::isReadable() const noexcept
{
    int events = 0;
    std::size_t size = sizeof events;
    return zmq_getsockopt(m_socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN) != 0;
}

bool ZmqSocket::set(int option, int value) noexcept
{
    return zmq_setsockopt(m_socket, option, &value, sizeof value) == 0;
}

bool ZmqSocket::set(int option, ByteView value) noexcept
{
    return zmq_setsockopt(m_socket, option, value.data(), value.size()) == 0;
}

void ZmqSocket::setMeshOptions() noexcept
{
    const std::int64_t frameMax = limits::kFrameBytesMax;
    zmq_setsockopt(m_socket, ZMQ_MAXMSGSIZE, &frameMax, sizeof frameMax);
    set(ZMQ_HANDSHAKE_IVL, kHandshakeMs);
    set(ZMQ_HEARTBEAT_IVL, 0); // sessions ask themselves, see Sessions::askIfQuiet
    set(ZMQ_CONNECT_TIMEOUT, kConnectMs);
    // Every dial is one attempt of one socket: when to try again is decided by net/dialler.
    set(ZMQ_RECONNECT_IVL, -1);
    set(ZMQ_SNDHWM, kMessagesWaiting);
    set(ZMQ_RCVHWM, kMessagesWaiting);
    set(ZMQ_SNDBUF, kKernelBytes);
    set(ZMQ_RCVBUF, kKernelBytes);
    set(ZMQ_LINGER, kLingerMs);
    set(ZMQ_IMMEDIATE, 1);
    set(ZMQ_BACKLOG, kBacklog);
    set(ZMQ_IPV6, 1);
}

bool ZmqSocket::beCurveServer(const identity::TransportKeys &keys) noexcept
{
    // The domain makes libzmq refuse everybody, should the ZAP handler be missing.
    return set(ZMQ_CURVE_SERVER, 1) && set(ZMQ_CURVE_SECRETKEY, keys.secret.view())
        && set(ZMQ_ZAP_DOMAIN, bytesOf("nlbd"));
}

bool ZmqSocket::beCurveClient(const identity::TransportKeys &keys,
                              const TransportKey &server) noexcept
{
    return set(ZMQ_CURVE_SERVERKEY, server.view()) && set(ZMQ_CURVE_PUBLICKEY, keys.publicKey)
        && set(ZMQ_CURVE_SECRETKEY, keys.secret.view());
}

bool ZmqSocket::bind(const std::string &address) noexcept
{
    return zmq_bind(m_socket, address.c_str()) == 0;
}

bool ZmqSocket::connect(const std::string &address) noexcept
{
    return zmq_connect(m_socket, address.c_str()) == 0;
}

std::string ZmqSocket::lastEndpoint() const
{
    std::array<char, 256> text{};
    std::size_t size = text.size();
    if (zmq_getsockopt(m_socket, ZMQ_LAST_ENDPOINT, text.data(), &size) != 0)
        return {};
    return text.data();
}

bool ZmqSocket::receive(ZmqMessage &message) noexcept
{
    return zmq_msg_recv(message.raw(), m_socket, ZMQ_DONTWAIT) >= 0;
}

bool ZmqSocket::send(ByteView part, More more) noexcept
{
    const int flags = ZMQ_DONTWAIT | (more == More::Yes ? ZMQ_SNDMORE : 0);
    return zmq_send(m_socket, part.data(), part.size(), flags) >= 0;
}

ZmqMonitor::ZmqMonitor(const ZmqContext &context, ZmqSocket &socket, const std::string &name,
                       int events)
    : m_pair(context, ZMQ_PAIR)
{
    const std::string address = "inproc://" + name;
    if (!m_pair.isOpen())
        return;
    // The sending end is libzmq's own thread: it must never wait for us.
    m_pair.set(ZMQ_RCVHWM, 0);
    m_pair.set(ZMQ_LINGER, 0);
    if (zmq_socket_monitor(socket.get(), address.c_str(), events) != 0 || !m_pair.connect(address))
        m_pair = ZmqSocket();
    else
        static_cast<void>(m_pair.isReadable()); // who never looked is not woken: see fd()
}

std::optional<MonitorEvent> ZmqMonitor::next() noexcept
{
    ZmqMessage head;
    if (!m_pair.receive(head))
        return std::nullopt;
    MonitorEvent event;
    const ByteView bytes = head.view();
    if (bytes.size() >= sizeof event.event + sizeof event.value) {
        std::memcpy(&event.event, bytes.data(), sizeof event.event);
        std::memcpy(&event.value, bytes.data() + sizeof event.event, sizeof event.value);
    }
    bool hasMore = head.hasMore();
    while (hasMore) {
        ZmqMessage rest;
        if (!m_pair.receive(rest))
            break;
        hasMore = rest.hasMore();
    }
    return event;
}

} // namespace nlbd::net
