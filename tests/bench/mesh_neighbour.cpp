#include "mesh_neighbour.h"

#include "wire_child.h"

#include <sched.h>
#include <thread>

namespace nlbd::bench {

namespace {

constexpr std::uint16_t kBeaconPort = 38'473;
constexpr std::uint8_t kLiveKind = 0x15; // any of a workspace: nothing here reads them
constexpr std::uint8_t kBulkKind = 0x14;

} // namespace

Neighbour::Neighbour(const std::string &name, int networkNamespace)
    : m_device(identity::SecretKey::generate(m_random))
    , m_card{name, m_device.publicKey(), m_device.publicKey(), {}}
{
    // A namespace belongs to a thread, and to those that it starts.
    std::thread([this, networkNamespace] { open(networkNamespace); }).join();
}

void Neighbour::open(int networkNamespace)
{
    const bool isOut = networkNamespace >= 0;
    if (isOut && setns(networkNamespace, CLONE_NEWNET) != 0)
        return;
    net::MeshConfig config;
    config.listen = {isOut ? "" : "127.0.0.1", 0, false};
    config.beaconPort = kBeaconPort;
    config.scope = isOut ? net::InterfaceScope::Networks : net::InterfaceScope::Loopback;
    auto opened = net::Mesh::open(m_device, config, [this](const auto &events) {
        const std::lock_guard lock(m_mutex);
        for (const net::MeshEvent &event : events)
            take(event);
        m_changed.notify_all();
    });
    if (opened)
        m_mesh = std::move(*opened);
}

void Neighbour::take(const net::MeshEvent &event)
{
    if (std::holds_alternative<net::NeighbourSeen>(event)) {
        m_hasSeen = true;
    } else if (const auto *up = std::get_if<net::SessionUp>(&event)) {
        if (!up->shared.empty())
            m_peer = up->peer;
    } else if (const auto *shares = std::get_if<net::SessionShares>(&event)) {
        if (!shares->shared.empty())
            m_peer = shares->peer;
    } else if (const auto *frame = std::get_if<net::FrameReceived>(&event)) {
        if (frame->kind == kBulkKind)
            m_bulk += frame->body.size();
        else
            m_live.push_back(nowNs());
    }
}

template <typename Condition>
bool Neighbour::wait(Millis patience, Condition condition)
{
    std::unique_lock lock(m_mutex);
    return m_changed.wait_for(lock, patience, condition);
}

bool Neighbour::sees(Millis patience)
{
    return wait(patience, [this] { return m_hasSeen; });
}

bool Neighbour::meets(Neighbour &other, const std::string &host)
{
    constexpr Millis kPatience{30'000};
    net::WorkspaceTag tag;
    m_random.fill(tag.id.value);
    m_random.fill(tag.discoveryKey);
    tag.members = {m_device.publicKey(), other.m_device.publicKey()};
    m_shared = other.m_shared = tag.id;
    m_mesh->setWorkspaces({tag});
    other.m_mesh->setWorkspaces({tag});
    m_mesh->dial({host, other.m_mesh->port()}, other.m_device.publicKey(),
                 net::Dialler::Persistence::UntilForgotten, false);
    const auto isUp = [](const Neighbour &one) {
        return [&one] { return one.m_peer.has_value(); };
    };
    return wait(kPatience, isUp(*this)) && other.wait(kPatience, isUp(other));
}

void Neighbour::send(Bytes body, net::Lane lane)
{
    m_mesh->send(*m_peer, m_shared, lane == net::Lane::Bulk ? kBulkKind : kLiveKind,
                 std::move(body), lane);
}

bool Neighbour::takes(std::size_t live, Millis patience)
{
    return wait(patience, [this, live] { return m_live.size() >= live; });
}

std::vector<std::int64_t> Neighbour::liveTimes() const
{
    const std::lock_guard lock(m_mutex);
    return m_live;
}

std::size_t Neighbour::bulkTaken() const
{
    const std::lock_guard lock(m_mutex);
    return m_bulk;
}

} // namespace nlbd::bench
