#pragma once

#include "core/base/bytes.h"
#include "core/identity/secret_key.h"
#include "net/transport.h"

#include <expected>
#include <utility>
#include <zmq.h>

namespace nlbd::net {

/// libzmq's context; ends after its last socket. One per process, apart from tests.
class ZmqContext {
public:
    ZmqContext();
    ~ZmqContext();
    ZmqContext(const ZmqContext &) = delete;
    ZmqContext &operator=(const ZmqContext &) = delete;

    /// Null if the system gave no resources.
    [[nodiscard]] void *get() const noexcept { return m_context; }

private:
    void *m_context = nullptr;
};

/// One message part as it came, with what libzmq knows of its sender.
class ZmqMessage {
public:
    ZmqMessage() { zmq_msg_init(&m_message); }
    ~ZmqMessage() { zmq_msg_close(&m_message); }
    ZmqMessage(const ZmqMessage &) = delete;
    ZmqMessage &operator=(const ZmqMessage &) = delete;

    [[nodiscard]] ByteView view() noexcept;
    [[nodiscard]] bool hasMore() const noexcept { return zmq_msg_more(&m_message) != 0; }

    /// Metadata such as "User-Id", set by ZAP and not by the sender; empty if absent.
    [[nodiscard]] std::string property(const char *name) const;

    /// The descriptor it came over; -1 if unknown.
    [[nodiscard]] int sourceFd() noexcept { return zmq_msg_get(&m_message, ZMQ_SRCFD); }

    [[nodiscard]] zmq_msg_t *raw() noexcept { return &m_message; }

private:
    zmq_msg_t m_message{};
};

/// A socket of libzmq, closed with its owner. Used by one thread at a time.
class ZmqSocket {
public:
    ZmqSocket() = default;
    ZmqSocket(const ZmqContext &context, int type);
    ~ZmqSocket();
    ZmqSocket(ZmqSocket &&other) noexcept
        : m_socket(std::exchange(other.m_socket, nullptr))
        , m_fd(std::exchange(other.m_fd, -1))
    {
    }
    ZmqSocket &operator=(ZmqSocket &&other) noexcept;

    [[nodiscard]] bool isOpen() const noexcept { return m_socket != nullptr; }
    [[nodiscard]] void *get() const noexcept { return m_socket; }

    /// True if libzmq took the option.
    bool set(int option, int value) noexcept;
    bool set(int option, ByteView value) noexcept;

    /// The options that NET_NOTES 8.1 found right for every socket of the mesh.
    void setMeshOptions() noexcept;

    /// CURVE with our key; as server, or as client of whoever holds `server`.
    [[nodiscard]] bool beCurveServer(const identity::TransportKeys &keys) noexcept;
    [[nodiscard]] bool beCurveClient(const identity::TransportKeys &keys,
                                     const TransportKey &server) noexcept;

    [[nodiscard]] bool bind(const std::string &address) noexcept;
    [[nodiscard]] bool connect(const std::string &address) noexcept;
    [[nodiscard]] std::string lastEndpoint() const;

    /// Readable when something came since the socket was last asked in vain. Whatever else is done
    /// with it may take that sign, a send too, and who never asked is not woken: after all that
    /// isReadable() has the word. -1: there is none.
    [[nodiscard]] int fd() const noexcept { return m_fd; }
    [[nodiscard]] bool isReadable() const noexcept;

    /// Takes the next part without waiting; false if there is none.
    [[nodiscard]] bool receive(ZmqMessage &message) noexcept;

    enum class More : std::uint8_t { No, Yes };
    /// Sends one part without waiting; false with errno otherwise.
    [[nodiscard]] bool send(ByteView part, More more = More::No) noexcept;

private:
    void *m_socket = nullptr;
    int m_fd = -1;
};

/// What happens to a socket's connections (zmq_socket_monitor(3)).
struct MonitorEvent {
    std::uint16_t event = 0;
    std::int32_t value = 0;
};
class ZmqMonitor {
public:
    ZmqMonitor() = default;
    /// Watches `socket`, which must outlive this; `name` is unique in the context.
    ZmqMonitor(const ZmqContext &context, ZmqSocket &socket, const std::string &name, int events);

    [[nodiscard]] bool isOpen() const noexcept { return m_pair.isOpen(); }
    /// Readable when there are events that next() was not asked for.
    [[nodiscard]] int fd() const noexcept { return m_pair.fd(); }
    [[nodiscard]] std::optional<MonitorEvent> next() noexcept;

private:
    ZmqSocket m_pair;
};

} // namespace nlbd::net
