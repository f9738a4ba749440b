#include "net/mesh.h"

#include "net/port_mapping.h"

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <unistd.h>

#include <fcntl.h>

namespace nlbd::net {

namespace {

constexpr Millis kWaitMax{1000};
constexpr Millis kGoodbyeTime{250}; // for BYE to leave

Now readClocks()
{
    return {MonoTime(std::chrono::duration_cast<Millis>(
                std::chrono::steady_clock::now().time_since_epoch())),
            std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now())};
}

/// Wakes a thread that waits in poll.
class Doorbell {
public:
    Doorbell()
    {
        if (pipe(m_ends.data()) != 0)
            m_ends = {-1, -1};
        for (const int end : m_ends)
            if (end >= 0)
                fcntl(end, F_SETFL, O_NONBLOCK);
    }
    ~Doorbell()
    {
        for (const int end : m_ends)
            if (end >= 0)
                ::close(end);
    }
    Doorbell(const Doorbell &) = delete;
    Doorbell &operator=(const Doorbell &) = delete;

    void ring() const
    {
        constexpr char kRing = 1;
        static_cast<void>(!write(m_ends[1], &kRing, 1)); // full: it rings already
    }
    void clear() const
    {
        std::array<char, 256> rung{};
        while (read(m_ends[0], rung.data(), rung.size()) > 0) {
        }
    }
    [[nodiscard]] int fd() const noexcept { return m_ends[0]; }

private:
    std::array<int, 2> m_ends{-1, -1};
};

} // namespace

struct Mesh::Actor {
    using Order = std::function<void(Actor &)>;

    Actor(std::unique_ptr<ZmqTransport> zmq, const identity::SecretKey &device,
          const MeshConfig &config, Sink out)
        : transport(std::move(zmq))
        , boot(drawBoot())
        , sessions({device.publicKey(), boot, kProtocolVersions, transport->port()}, *transport,
                   random)
        , mapping(transport->port())
        , wishedPort(config.listen.port == 0 ? transport->port() : config.listen.port)
        , sink(std::move(out))
    {
        if (config.hasBeacons)
            discovery.emplace(
                DiscoveryConfig{config.beaconPort, transport->port(), config.scope, boot}, device,
                random);
        mapping.setWanted(config.isPortMapped, readClocks().mono);
    }

    BootId drawBoot()
    {
        BootId id;
        random.fill(id.value);
        return id;
    }

    void post(Order order)
    {
        bool isFirst = false;
        {
            const std::lock_guard lock(mutex);
            isFirst = orders.empty();
            orders.push_back(std::move(order));
        }
        if (isFirst) // else it rings already
            doorbell.ring();
    }

    void run(const std::stop_token &stop)
    {
        while (!stop.stop_requested())
            turn();
        sessions.stop(readClocks());
        if (discovery)
            discovery->sayGoodbye();
        const MonoTime end = readClocks().mono + kGoodbyeTime;
        while (sessions.count() > 0 && readClocks().mono < end)
            turn();
    }

    void turn()
    {
        std::vector<Order> due;
        {
            const std::lock_guard lock(mutex);
            due.swap(orders);
        }
        for (Order &order : due)
            order(*this);
        Now now = readClocks();
        sessions.tick(now);
        std::vector<int> wakers{doorbell.fd()};
        Millis timeout = kWaitMax;
        const auto consider = [&](MonoTime when) {
            timeout = std::min(timeout, std::max(when - now.mono, Millis{0}));
        };
        if (const auto next = sessions.wakeAt(now))
            consider(*next);
        if (discovery) {
            const auto fds = discovery->fds();
            wakers.insert(wakers.end(), fds.begin(), fds.end());
            consider(discovery->wakeAt());
        }
        if (const auto fd = mapping.fd())
            wakers.push_back(*fd);
        consider(std::min(mapping.wakeAt(), now.mono + kWaitMax));
        if (isWatched)
            consider(reportedAt + kReportPause);
        if (isReportAsked || (isWatched && now.mono - reportedAt >= kReportPause))
            report(now);
        tell(); // before waiting: what the orders brought about
        auto linkEvents = transport->wait(timeout, wakers);
        doorbell.clear();
        now = readClocks();
        for (LinkEvent &event : linkEvents)
            sessions.take(std::move(event), now);
        if (discovery)
            takeDiscovered(discovery->turn(now.mono), now);
        std::ranges::move(mapping.turn(now.mono), std::back_inserter(pending));
        tell();
    }

    void report(Now now)
    {
        isReportAsked = false;
        reportedAt = now.mono;
        MeshReport all;
        all.port = transport->port();
        all.wishedPort = wishedPort;
        sessions.tellInto(all, now);
        if (discovery)
            discovery->tellInto(all, now);
        pending.emplace_back(std::move(all));
    }

    void takeDiscovered(std::vector<MeshEvent> events, Now now)
    {
        for (MeshEvent &event : events) {
            if (const auto *seen = std::get_if<MemberSeen>(&event))
                if (!sessions.hasSession(seen->device))
                    sessions.dial(seen->endpoint, seen->device, Dialler::Persistence::Rumour, false,
                                  now, Millis{0},
                                  discovery->isAsked(seen->endpoint) ? FoundBy::Typed
                                                                     : FoundBy::Beacon);
            if (std::holds_alternative<AddressesChanged>(event))
                mapping.networkChanged(now.mono);
            pending.push_back(std::move(event));
        }
    }

    void tell()
    {
        auto events = sessions.takeEvents();
        std::ranges::move(events, std::back_inserter(pending));
        if (!pending.empty())
            sink(std::exchange(pending, {}));
    }

    SystemRandom random;
    std::unique_ptr<ZmqTransport> transport;
    BootId boot;
    Sessions sessions;
    std::optional<Discovery> discovery;
    PortMapping mapping;
    std::uint16_t wishedPort;
    bool isWatched = false;
    bool isReportAsked = false;
    MonoTime reportedAt{};
    Sink sink;
    std::vector<MeshEvent> pending;
    Doorbell doorbell;
    std::mutex mutex; ///< guards orders
    std::vector<Order> orders;
    std::atomic<std::size_t> queuedBytes = 0;
    std::jthread thread;
};

Mesh::Mesh(std::unique_ptr<Actor> actor)
    : m_actor(std::move(actor))
{
}

Mesh::~Mesh()
{
    stop();
}

std::expected<std::unique_ptr<Mesh>, ListenError> Mesh::open(const identity::SecretKey &device,
                                                             const MeshConfig &config, Sink sink)
{
    auto transport = ZmqTransport::listen(device, config.listen);
    if (!transport)
        return std::unexpected(transport.error());
    auto actor = std::make_unique<Actor>(std::move(*transport), device, config, std::move(sink));
    if (actor->doorbell.fd() < 0)
        return std::unexpected(ListenError::NoResources);
    actor->thread =
        std::jthread([raw = actor.get()](const std::stop_token &stop) { raw->run(stop); });
    return std::unique_ptr<Mesh>(new Mesh(std::move(actor)));
}

std::uint16_t Mesh::port() const noexcept
{
    return m_actor->transport->port();
}

void Mesh::setAllowed(std::vector<PublicKey> devices)
{
    m_actor->post(
        [devices = std::move(devices)](Actor &a) { a.sessions.setAllowed(devices, readClocks()); });
}

void Mesh::setDoorOpen(bool isOpen)
{
    m_actor->post([isOpen](Actor &a) { a.sessions.setDoorOpen(isOpen, readClocks()); });
}

void Mesh::setWorkspaces(std::vector<WorkspaceTag> workspaces)
{
    m_actor->post([workspaces = std::move(workspaces)](Actor &a) {
        const Now now = readClocks();
        a.sessions.setWorkspaces(workspaces, now);
        if (a.discovery)
            a.discovery->setWorkspaces(workspaces, now.mono);
    });
}

void Mesh::setVisible(std::optional<Card> card)
{
    m_actor->post([card = std::move(card)](Actor &a) {
        if (a.discovery)
            a.discovery->setVisible(card, readClocks().mono);
    });
}

void Mesh::dial(const Endpoint &endpoint, const PublicKey &device, Dialler::Persistence persistence,
                bool isInvited, FoundBy by)
{
    m_actor->post([=](Actor &a) {
        a.sessions.dial(endpoint, device, persistence, isInvited, readClocks(), Millis{0}, by);
    });
}

void Mesh::forget(const PublicKey &device)
{
    m_actor->post([device](Actor &a) { a.sessions.forget(device); });
}

void Mesh::reach(const PublicKey &device)
{
    m_actor->post([device](Actor &a) { a.sessions.reach(device, readClocks()); });
}

void Mesh::ask(const Endpoint &endpoint)
{
    m_actor->post([endpoint](Actor &a) {
        if (a.discovery)
            a.discovery->ask(endpoint, readClocks().mono);
        else
            a.pending.emplace_back(
                AskFailed{endpoint, Obstacle::TimedOut}); // nobody can be asked without datagrams
    });
}

void Mesh::send(PeerId peer, std::optional<WorkspaceId> workspace, std::uint8_t kind, Bytes body,
                Lane lane)
{
    const std::size_t bytes = body.size();
    if (m_actor->queuedBytes.fetch_add(bytes) + bytes > kQueuedBytesMax) {
        m_actor->queuedBytes.fetch_sub(bytes);
        m_actor->post([peer](Actor &a) { a.pending.emplace_back(Overflowed{peer}); });
        return;
    }
    m_actor->post([=, body = std::move(body)](Actor &a) {
        a.queuedBytes.fetch_sub(bytes);
        a.sessions.send(peer, workspace, kind, body, lane, readClocks());
    });
}

void Mesh::close(PeerId peer)
{
    m_actor->post([peer](Actor &a) { a.sessions.close(peer, readClocks()); });
}

void Mesh::dismiss(const PublicKey &device, Millis time)
{
    m_actor->post([=](Actor &a) { a.sessions.dismiss(device, time, readClocks()); });
}

void Mesh::mute(const PublicKey &device, Millis time)
{
    m_actor->post([=](Actor &a) { a.sessions.mute(device, time, readClocks()); });
}

void Mesh::setPortMapped(bool isWanted)
{
    m_actor->post([isWanted](Actor &a) { a.mapping.setWanted(isWanted, readClocks().mono); });
}

void Mesh::askReport()
{
    m_actor->post([](Actor &a) { a.isReportAsked = true; });
}

void Mesh::setWatched(bool isWatched)
{
    m_actor->post([isWatched](Actor &a) { a.isWatched = isWatched; });
}

void Mesh::stop()
{
    m_actor->thread.request_stop();
    m_actor->doorbell.ring();
    if (m_actor->thread.joinable())
        m_actor->thread.join();
}

} // namespace nlbd::net
