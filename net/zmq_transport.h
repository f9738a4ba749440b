#pragma once

#include "net/curve_socket.h"
#include "net/dial_probe.h"
#include "net/guard.h"
#include "net/name_lookup.h"
#include "net/ready_set.h"

#include <deque>
#include <map>
#include <set>

namespace nlbd::net {

/// Where to listen. Nothing in `host`: every interface, IPv4 and IPv6.
struct ListenAt {
    std::string host;
    std::uint16_t port = kDefaultPort;
    bool isPortFixed = false; ///< else the next free one serves as well
};

enum class ListenError : std::uint8_t { PortInUse, BadAddress, NoResources };

/// Links over ZeroMQ: one ROUTER that listens, one DEALER per dial, CURVE on both, ZAP answered by
/// the thread that waits. Who a peer is comes from ZAP alone; routing ids are libzmq's own, so that
/// nobody can take another's. What libzmq does not bound, the guard does.
class ZmqTransport final : public Transport {
public:
    [[nodiscard]] static std::expected<std::unique_ptr<ZmqTransport>, ListenError>
    listen(const identity::SecretKey &device, const ListenAt &at,
           NameLookup::System names = NameLookup::systemLookup);
    ~ZmqTransport() override;

    [[nodiscard]] std::uint16_t port() const noexcept { return m_port; }

    void setAdmission(Admission admission) override { m_admission = std::move(admission); }
    [[nodiscard]] LinkId dial(const Endpoint &endpoint, const TransportKey &expected) override;
    [[nodiscard]] SendResult send(LinkId link, ByteView message) override;
    void cut(LinkId link) override;
    [[nodiscard]] std::vector<LinkEvent> wait(Millis timeout,
                                              const std::vector<int> &wakers) override;

private:
    struct Link {
        Role role = Role::Listener;
        TransportKey theirs;
        int fd = -1;
        std::optional<std::uint64_t> socket; ///< dialler: the one that `fd` was, if that is known
        Bytes routingId;                     ///< listener: libzmq's name of the connection
        std::unique_ptr<ZmqSocket> dealer;
        std::unique_ptr<ZmqMonitor> monitor; ///< none once it is open, where findLost() can see
        Endpoint endpoint;                   ///< dialler: what was to be dialled
        Endpoint dialled;                    ///< the same in numbers
        std::optional<NameLookup::Question> name; ///< dialler: its address is being looked up
        MonoTime since{};
        MonoTime connected{};           ///< dialler: TCP stands
        std::optional<DialProbe> probe; ///< the dial has failed, and why is being asked
        bool isOpen = false;            ///< LinkOpened was told
    };

    ZmqTransport(const identity::SecretKey &device, NameLookup::System names);
    [[nodiscard]] std::optional<ListenError> bindRouter(const ListenAt &at);
    [[nodiscard]] bool tryBind(const std::string &host, const std::string &port);
    void poll(Millis timeout, const std::vector<int> &wakers);
    void answerZap();
    void drainRouter();
    void drainDealer(LinkId id, Link &link);
    void takeFromRouter(Bytes routingId, ZmqMessage &message);
    void nameTaken(Bytes routingId, int fd, const TransportKey &key);
    void ignore(Bytes routingId);
    void takeListenerEvent(const MonitorEvent &event);
    void takeDiallerEvent(LinkId id, const MonitorEvent &event);
    void connect(LinkId id, const std::string &host);
    void leaveMonitor(Link &link);
    void descriptorTaken(int fd);
    void findLost();
    void askWhy(LinkId id);
    void takeAnswers();
    void takeNames();
    void multipart(LinkId id);
    void sweep();
    void closeLate(MonoTime time);
    void close(LinkId id, LinkEnd end);
    void forget(LinkId id);
    [[nodiscard]] std::optional<LinkId> oldestWith(int fd) const;
    [[nodiscard]] MonoTime now() const;

    identity::TransportKeys m_keys;
    std::unique_ptr<TcpProbe> m_probe;
    Guard m_guard;
    NameLookup m_names;
    ZmqContext m_context; ///< ends after the sockets below
    ZmqSocket m_zap;
    ZmqSocket m_router;
    ZmqMonitor m_monitor;
    Admission m_admission;
    std::map<LinkId, Link> m_links;
    std::map<Bytes, LinkId> m_byRoutingId;
    std::deque<Bytes> m_closedIds; ///< what still comes from them is dropped
    std::vector<LinkEvent> m_events;
    ReadySet m_dialled;         ///< their sockets and monitors, by link
    std::set<LinkId> m_touched; ///< dialled: something may have come
    std::set<LinkId> m_pending; ///< dialled: a name is looked up, or why it failed is asked
    bool m_isRouterTouched = true;
    std::uint64_t m_nextLink = 1;
    std::uint16_t m_port = 0;
    MonoTime m_nextSweep{};
};

} // namespace nlbd::net
