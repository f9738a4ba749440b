#include "tests/app/memory_network.h"

#include <algorithm>

namespace nlbd::app::testing {

namespace {

bool hasMember(const net::WorkspaceTag &tag, const PublicKey &device)
{
    return std::ranges::find(tag.members, device) != tag.members.end();
}

} // namespace

std::unique_ptr<Network> MemoryHub::makeNetwork()
{
    return std::make_unique<MemoryNetwork>(*this);
}

void MemoryHub::cutOff(const PublicKey &device, bool isCutOff)
{
    const std::lock_guard lock(m_mutex);
    if (!isCutOff) {
        m_cutOff.erase(device);
        retryDials();
        return;
    }
    m_cutOff.insert(device);
    if (MemoryNetwork *network = find(device); network != nullptr)
        drop(*network);
}

void MemoryHub::report(const PublicKey &device, net::MeshEvent event)
{
    const std::lock_guard lock(m_mutex);
    if (MemoryNetwork *network = find(device); network != nullptr)
        network->tell(std::move(event));
}

MemoryNetwork *MemoryHub::find(const PublicKey &device) const
{
    const auto found = std::ranges::find(m_networks, device, &MemoryNetwork::m_device);
    return found == m_networks.end() ? nullptr : *found;
}

bool MemoryHub::areConnected(const MemoryNetwork &a, const MemoryNetwork &b) const
{
    return std::ranges::any_of(m_links, [&](const Link &link) {
        return (link.ends[0] == &a && link.ends[1] == &b)
            || (link.ends[0] == &b && link.ends[1] == &a);
    });
}

std::vector<WorkspaceId> MemoryHub::sharedBy(const MemoryNetwork &a, const MemoryNetwork &b)
{
    std::vector<WorkspaceId> result;
    for (const net::WorkspaceTag &mine : a.m_tags)
        for (const net::WorkspaceTag &theirs : b.m_tags)
            if (mine.id == theirs.id && mine.discoveryKey == theirs.discoveryKey
                && hasMember(mine, b.m_device) && hasMember(theirs, a.m_device))
                result.push_back(mine.id);
    return result;
}

void MemoryHub::connect(MemoryNetwork &from, MemoryNetwork &to)
{
    if (m_cutOff.contains(from.m_device) || m_cutOff.contains(to.m_device)
        || areConnected(from, to))
        return;
    const auto shared = sharedBy(from, to);
    if (shared.empty() && !to.m_isDoorOpen)
        return;
    const PeerId atFrom(m_nextPeer++);
    const PeerId atTo(m_nextPeer++);
    m_links.push_back({{&from, &to}, {atFrom, atTo}, shared});
    from.tell(
        net::SessionUp{atFrom, to.m_device, shared, "memory", to.endpoint(), !shared.empty()});
    to.tell(
        net::SessionUp{atTo, from.m_device, shared, "memory", from.endpoint(), !shared.empty()});
}

void MemoryHub::drop(MemoryNetwork &network)
{
    std::erase_if(m_links, [&](const Link &link) {
        if (link.ends[0] != &network && link.ends[1] != &network)
            return false;
        for (int i = 0; i < 2; ++i)
            link.ends[i]->tell(
                net::SessionDown{link.peers[i], link.ends[1 - i]->m_device, net::EndReason::Lost});
        return true;
    });
}

void MemoryHub::retryDials()
{
    for (MemoryNetwork *from : m_networks)
        for (const auto &[device, isInvited] : from->m_wanted)
            if (MemoryNetwork *to = find(device); to != nullptr)
                connect(*from, *to);
}

void MemoryHub::review()
{
    for (Link &link : m_links) {
        auto shared = sharedBy(*link.ends[0], *link.ends[1]);
        if (shared == link.shared)
            continue;
        link.shared = shared;
        for (int i = 0; i < 2; ++i)
            link.ends[i]->tell(net::SessionShares{link.peers[i], link.ends[1 - i]->m_device, shared,
                                                  !shared.empty()});
    }
    retryDials();
}

std::expected<std::uint16_t, api::LobbyTrouble>
MemoryNetwork::open(const identity::SecretKey &device, const NetworkOptions &options, Sink sink)
{
    m_device = device.publicKey();
    m_port = options.listen ? options.listen->port : 1000;
    m_thread = std::thread([this, sink = std::move(sink)] {
        for (;;) {
            auto events = m_events.takeAll(Millis{1000});
            if (events.empty() && m_events.isClosed())
                return;
            if (!events.empty())
                sink(std::move(events));
        }
    });
    const std::lock_guard lock(m_hub.m_mutex);
    m_hub.m_networks.push_back(this);
    m_hub.retryDials();
    return m_port;
}

void MemoryNetwork::setAllowed(std::vector<PublicKey> devices)
{
    const std::lock_guard lock(m_hub.m_mutex);
    m_allowed = {devices.begin(), devices.end()};
}

void MemoryNetwork::setDoorOpen(bool isOpen)
{
    const std::lock_guard lock(m_hub.m_mutex);
    m_isDoorOpen = isOpen;
    m_hub.retryDials();
}

void MemoryNetwork::setWorkspaces(std::vector<net::WorkspaceTag> workspaces)
{
    const std::lock_guard lock(m_hub.m_mutex);
    m_tags = std::move(workspaces);
    m_hub.review();
}

void MemoryNetwork::setVisible(std::optional<net::Card> card)
{
    const std::lock_guard lock(m_hub.m_mutex);
    m_card = std::move(card);
    for (MemoryNetwork *other : m_hub.m_networks)
        if (other != this && m_card)
            other->tell(net::NeighbourSeen{*m_card, endpoint(), {}});
    for (MemoryNetwork *other : m_hub.m_networks)
        if (other != this && other->m_card)
            tell(net::NeighbourSeen{*other->m_card, other->endpoint(), {}});
}

void MemoryNetwork::dial(const net::Endpoint &endpoint, const PublicKey &device,
                         net::Dialler::Persistence persistence, bool isInvited, FoundBy)
{
    const std::lock_guard lock(m_hub.m_mutex);
    if (persistence != net::Dialler::Persistence::Once)
        m_wanted[device] = isInvited;
    MemoryNetwork *to = m_hub.find(device);
    if (to != nullptr)
        m_hub.connect(*this, *to);
    if (to == nullptr || !m_hub.areConnected(*this, *to))
        tell(net::DialFailed{Obstacle::Refused, device, endpoint, true});
}

void MemoryNetwork::forget(const PublicKey &device)
{
    const std::lock_guard lock(m_hub.m_mutex);
    m_wanted.erase(device);
}

void MemoryNetwork::send(PeerId peer, std::optional<WorkspaceId> workspace, std::uint8_t kind,
                         Bytes body, net::Lane)
{
    const std::lock_guard lock(m_hub.m_mutex);
    for (const MemoryHub::Link &link : m_hub.m_links)
        for (int i = 0; i < 2; ++i)
            if (link.ends[i] == this && link.peers[i] == peer)
                link.ends[1 - i]->tell(net::FrameReceived{link.peers[1 - i], workspace, kind,
                                                          std::move(body), !link.shared.empty()});
}

void MemoryNetwork::close(PeerId peer)
{
    const std::lock_guard lock(m_hub.m_mutex);
    std::erase_if(m_hub.m_links, [&](const MemoryHub::Link &link) {
        for (int i = 0; i < 2; ++i) {
            if (link.ends[i] != this || link.peers[i] != peer)
                continue;
            link.ends[1 - i]->tell(
                net::SessionDown{link.peers[1 - i], m_device, net::EndReason::ClosedByThem});
            tell(net::SessionDown{peer, link.ends[1 - i]->m_device, net::EndReason::ClosedByUs});
            return true;
        }
        return false;
    });
}

void MemoryNetwork::stop()
{
    {
        const std::lock_guard lock(m_hub.m_mutex);
        m_hub.drop(*this);
        std::erase(m_hub.m_networks, this);
    }
    m_events.close();
    if (m_thread.joinable())
        m_thread.join();
}

} // namespace nlbd::app::testing
