#include "app/loop.h"

#include "app/system_clock.h"

#include <algorithm>
#include <set>

namespace nlbd::app {

namespace {

/// "12 minutes", "3 hours", "2 days": as exactly as somebody needs who sets a clock.
std::string lengthText(std::chrono::minutes time)
{
    constexpr std::int64_t kHour = 60;
    constexpr std::int64_t kDay = 24 * kHour;
    const std::int64_t count = time.count();
    if (count < 2 * kHour)
        return std::to_string(count) + " minutes";
    return count < 2 * kDay ? std::to_string(count / kHour) + " hours"
                            : std::to_string(count / kDay) + " days";
}

} // namespace

// Nothing listens and no packet leaves before somebody asks for company (PRODUCT J1).
void Loop::ensureNetwork()
{
    if (!m_network || m_isNetworkOpen || m_profile.self() == nullptr)
        return;
    NetworkOptions options = m_options.network;
    options.isPortMapped = m_view.isPortWanted;
    auto opened = m_network->open(
        m_profile.self()->device, options,
        [box = m_mailbox](std::vector<net::MeshEvent> events) { box->put(std::move(events)); });
    if (!opened) {
        m_networkTrouble = opened.error();
        tell(opened.error().kind, opened.error().detail);
        return;
    }
    m_networkTrouble.reset();
    m_isNetworkOpen = true;
    m_port = *opened;
    m_network->setWatched(m_view.isWatched);
    m_network->askReport();
    applyMembers();
    dialMembers();
    showCard();
    tellProfile();
}

void Loop::applyMembers()
{
    if (!m_isNetworkOpen)
        return;
    std::set<PublicKey> devices;
    std::vector<net::WorkspaceTag> tags;
    for (const auto &[id, tag] : m_tags) {
        devices.insert(tag.members.begin(), tag.members.end());
        tags.push_back(tag);
    }
    devices.erase(m_profile.self()->device.publicKey());
    m_network->setAllowed({devices.begin(), devices.end()});
    m_network->setWorkspaces(std::move(tags));
}

// Whoever is a member nowhere any more is not dialled; it may come.
void Loop::forgetStrangers(const std::vector<PublicKey> &devices)
{
    if (!m_isNetworkOpen)
        return;
    for (const PublicKey &device : devices)
        if (std::ranges::none_of(m_tags,
                                 [&](const auto &entry) { return entry.second.has(device); }))
            m_network->forget(device);
}

void Loop::dialMembers()
{
    if (!m_isNetworkOpen)
        return;
    using Persistence = net::Dialler::Persistence;
    const auto dial = [this](const PublicKey &device, const net::Endpoint &endpoint, FoundBy by,
                             Persistence persistence = Persistence::UntilForgotten) {
        m_network->dial(endpoint, device, persistence, false, by);
    };
    for (const auto &[device, endpoint] : m_options.peers)
        dial(device, endpoint, FoundBy::Given);
    for (const auto &[id, tag] : m_tags)
        for (const PublicKey &device : tag.members) {
            if (const auto heard = m_heardOf.extract(device))
                dial(device, heard.mapped(), FoundBy::Member, Persistence::Rumour);
            const auto known = m_profile.addresses().find(device);
            if (device == m_profile.self()->device.publicKey()
                || known == m_profile.addresses().end())
                continue;
            for (const net::Endpoint &endpoint : known->second)
                dial(device, endpoint, FoundBy::LastAddress);
        }
}

std::vector<net::Endpoint> Loop::addresses() const
{
    if (m_mapped.result == net::PortMapped::Result::Mapped) {
        auto all = m_endpoints; // not last: those who are told take a few
        all.insert(all.begin() + (all.empty() ? 0 : 1), m_mapped.outside);
        return all;
    }
    if (!m_endpoints.empty() || !m_isNetworkOpen)
        return m_endpoints;
    if (m_options.network.listen)
        return {{m_options.network.listen->host, m_port}};
    if (m_options.network.isLoopbackOnly)
        return {{"127.0.0.1", m_port}};
    return {};
}

void Loop::take(std::vector<net::MeshEvent> events)
{
    for (net::MeshEvent &event : events)
        std::visit([this](auto &what) { take(what); }, event);
}

void Loop::take(const net::SessionUp &event)
{
    m_sessions[event.peer] = {event.device, {}, event.reachableAt, event.address};
    shares(event.peer, event.shared);
    if (event.isMember && event.reachableAt)
        if (const auto kept = m_profile.rememberAddress(event.device, *event.reachableAt); !kept)
            tell(kept.error());
    if (const auto used = m_knocking.find(event.device); used != m_knocking.end())
        say(event.device, Knock{contact(), used->second.invitation.secret});
    metInviter(event.device);
    if (event.reachableAt)
        m_view.reaching.answered(*event.reachableAt);
    tellReaching();
    if (event.isMember)
        introduce(event.peer);
    if (m_desk) {
        m_desk->up(event.device);
        carryOutFounding();
    }
}

void Loop::take(const net::SessionShares &event)
{
    shares(event.peer, event.shared);
    if (event.isMember)
        introduce(event.peer);
}

void Loop::take(const net::SessionDown &event)
{
    shares(event.peer, {});
    m_sessions.erase(event.peer);
}

void Loop::shares(PeerId peer, const std::vector<WorkspaceId> &shared)
{
    const auto found = m_sessions.find(peer);
    if (found == m_sessions.end())
        return;
    Session &session = found->second;
    const Now now = readClocks();
    for (const WorkspaceId &id : session.shared)
        if (WorkspaceHost *workspace = host(id);
            workspace != nullptr && !std::ranges::count(shared, id))
            workspace->peerDown(peer, now);
    session.shared = shared;
    for (const WorkspaceId &id : shared) {
        if (WorkspaceHost *workspace = host(id); workspace != nullptr)
            workspace->peerUp(peer, session.device, now);
        if (m_desk)
            m_desk->seen(id, session.device);
    }
    carryOutFounding();
}

// Tells a member where the other members of our shared workspaces were met, and those where it was:
// who knows one of them soon knows all.
void Loop::introduce(PeerId peer)
{
    const Session &fresh = m_sessions.at(peer);
    Met forFresh;
    for (const auto &[other, session] : m_sessions) {
        const bool isShared = std::ranges::any_of(session.shared, [&fresh](const WorkspaceId &id) {
            return std::ranges::count(fresh.shared, id) > 0;
        });
        if (other == peer || !isShared)
            continue;
        if (session.endpoint)
            forFresh.hints.push_back({session.device, *session.endpoint});
        if (fresh.endpoint)
            say(session.device, Met{{{fresh.device, *fresh.endpoint}}});
    }
    if (m_mapped.result == net::PortMapped::Result::Mapped)
        forFresh.hints.push_back({m_profile.self()->device.publicKey(), m_mapped.outside});
    if (!forFresh.hints.empty())
        say(fresh.device, forFresh);
}

void Loop::met(const PublicKey &from, const Met &met)
{
    std::set<PublicKey> members;
    for (const auto &[id, tag] : m_tags)
        members.insert(tag.members.begin(), tag.members.end());
    members.erase(m_profile.self()->device.publicKey());
    for (const Hint &hint : met.hints) {
        if (members.contains(hint.device))
            m_network->dial(hint.endpoint, hint.device, net::Dialler::Persistence::Rumour, false,
                            hint.device == from ? FoundBy::MappedPort : FoundBy::Member);
        else if (m_heardOf.size() < kHintsMax) // a member here may know more members than I do
            m_heardOf.insert_or_assign(hint.device, hint.endpoint);
    }
}

void Loop::take(net::FrameReceived &event)
{
    if (!event.workspace) {
        takeLobbyFrame(event);
        return;
    }
    if (WorkspaceHost *workspace = host(*event.workspace); workspace != nullptr)
        workspace->step(engine::FrameIn{event.peer, event.kind, std::move(event.body)},
                        readClocks());
}

void Loop::take(const net::Overflowed &event)
{
    for (auto &[id, workspace] : m_hosts)
        if (workspace->peers().contains(event.peer))
            workspace->step(engine::Overflowed{event.peer}, readClocks());
}

void Loop::take(const net::DialFailed &event)
{
    m_view.reaching.failed(event.endpoint, event.step);
    tellReaching();
    if (m_desk) {
        m_desk->unreachable(event.device);
        carryOutFounding();
    }
    const auto used = m_knocking.find(event.device);
    if (used == m_knocking.end())
        return;
    if (event.step == Obstacle::WrongVersion) {
        m_knocking.erase(used);
        tell(api::LobbyTrouble::Kind::WrongVersion, event.endpoint.text());
    } else if (++used->second.failures >= used->second.invitation.addresses.size()) {
        m_knocking.erase(used);
        const bool isSomebody = event.step == Obstacle::WrongKey || event.step == Obstacle::NotOurs;
        tell(isSomebody ? api::LobbyTrouble::Kind::WrongAnswer : api::LobbyTrouble::Kind::NoAnswer,
             event.endpoint.text());
    }
}

void Loop::take(const net::AskFailed &event)
{
    const bool isMet = std::ranges::any_of(m_sessions, [&event](const auto &session) {
        return session.second.endpoint == event.endpoint;
    });
    if (isMet) // a member there answers by coming, whether or not it shows itself to strangers
        m_view.reaching.answered(event.endpoint);
    else if (!m_view.reaching.failed(event.endpoint, event.step))
        tell(api::LobbyTrouble::Kind::NoAnswer, event.endpoint.text());
    tellReaching();
}

void Loop::take(const net::VisitorFailed &event)
{
    constexpr std::size_t kToldMax = 64; // anybody can come from anywhere: some are told, not all
    if (event.reason != net::EndReason::WrongVersion || m_versionTold.size() >= kToldMax)
        return;
    const std::string host = event.address.substr(0, event.address.rfind(':'));
    if (m_versionTold.insert(host).second)
        tell(api::LobbyTrouble::Kind::WrongVersion, event.address);
}

void Loop::take(const net::Refused &event)
{
    constexpr std::uint64_t kMany = 100; // fewer are a port scan or a browser gone astray
    constexpr Millis kHour{3'600'000};
    m_refusedByMesh[event.code] += event.count;
    m_turnedAway += event.count;
    const MonoTime now = readClocks().mono;
    if (m_turnedAway < kMany || (m_floodTold && now - *m_floodTold < kHour))
        return;
    m_floodTold = now;
    m_turnedAway = 0;
    tell(api::LobbyTrouble::Kind::Flooded, event.address);
}

void Loop::take(const net::ClockOff &event)
{
    constexpr Millis kHour{3'600'000};
    const MonoTime now = readClocks().mono;
    const auto told = m_clockTold.find(event.device);
    if (told != m_clockTold.end() && now - told->second < kHour)
        return;
    m_clockTold[event.device] = now;
    const auto minutes =
        std::chrono::duration_cast<std::chrono::minutes>(std::chrono::abs(event.difference));
    tell(api::LobbyTrouble::Kind::ClockOff, lengthText(minutes));
}

void Loop::take(const net::NeighbourSeen &event)
{
    const identity::Founder person{event.card.identity, event.card.name, event.card.device,
                                   event.card.certificate};
    m_view.reaching.answered(event.endpoint);
    tellReaching();
    if (isCertified(m_scheme, person.identity, person.device, person.certificate))
        addNeighbour({person, {event.endpoint}}, event.endpoint,
                     event.versions.min <= net::kProtocolVersions.max
                         && event.versions.max >= net::kProtocolVersions.min);
}

void Loop::take(const net::NeighbourGone &event)
{
    if (m_nearBy.erase(event.device) > 0)
        tellNeighbours();
}

// Any member can say so of another. The mesh dials it, and what answers with the device's key is
// remembered then.
void Loop::take(const net::MemberSeen &) {}

void Loop::take(const net::AddressesChanged &event)
{
    m_endpoints = event.endpoints;
    tellProfile();
}

// Members learn where they reach us from elsewhere; those who come later do when they come.
void Loop::take(const net::PortMapped &event)
{
    m_mapped = event;
    tellProfile();
    tellConnections();
    if (event.result != net::PortMapped::Result::Mapped)
        return;
    for (const auto &[peer, session] : m_sessions)
        if (!session.shared.empty())
            say(session.device, Met{{{m_profile.self()->device.publicKey(), m_mapped.outside}}});
}

void Loop::say(const PublicKey &device, const LobbyFrame &frame)
{
    constexpr std::size_t kLobbyBytesMax = 64 * 1024;
    Bytes body = encode(frame);
    if (!m_isNetworkOpen || body.size() > kLobbyBytesMax)
        return;
    for (const auto &[peer, session] : m_sessions)
        if (session.device == device) {
            m_network->send(peer, std::nullopt, kindOf(frame), std::move(body), net::Lane::Live);
            return;
        }
}

} // namespace nlbd::app
