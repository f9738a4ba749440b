#include "net/discovery.h"

#include "net/dial_probe.h"
#include "net/udp.h"

#include <algorithm>

namespace nlbd::net {

namespace {

// The rhythm of NET_NOTES 4.3, found at once, then quiet; with three beacons more in the first
// seconds, for networks that lose every third.
constexpr Millis kFirstPause{200};
constexpr std::uint32_t kFirstBeacons = 3;
constexpr Millis kSecondPause{1000};
constexpr std::uint32_t kSecondBeacons = 6;
constexpr Millis kEarlyPause{5000};
constexpr Millis kEarlyTime{60'000};
constexpr Millis kLatePause{15'000};
constexpr Millis kSoon{100};
constexpr Millis kSoonest{1000};      // not more often than this for newcomers
constexpr Millis kLookPause{2000};    // for changed addresses, where nobody tells of them
constexpr Millis kLookSeldom{60'000}; // where the system tells: should it have missed one
constexpr Millis kLookSoonest{200};   // an interface that flaps is no reason to do nothing else
constexpr Millis kNearLife{50'000};   // three late beacons and a bit
constexpr Millis kAskPause{400};
constexpr int kAskTimes = 5;
constexpr std::size_t kQuestionsMax = 8;
constexpr int kReadsPerTurn = 64;

} // namespace

Discovery::Discovery(DiscoveryConfig config, const identity::SecretKey &device, Random &random)
    : m_config(std::move(config))
    , m_device(device.clone())
    , m_random(random)
    , m_names(m_config.names)
    , m_answers(udp::openAnswers(m_config.tcpPort))
{
}

// ---- What is sent -------------------------------------------------------------------------------

void Discovery::setVisible(std::optional<Card> card, MonoTime now)
{
    if (card == m_card)
        return;
    if (!card && m_card)
        send(encodeGoodbye(m_device, m_config.boot));
    m_card = std::move(card);
    m_beacons = 0;
    m_started = m_nextBeacon = now;
    m_wakeAt = now;
}

void Discovery::setWorkspaces(std::vector<WorkspaceTag> workspaces, MonoTime now)
{
    m_workspaces = std::move(workspaces);
    m_members.clear();
    m_beacons = 0;
    m_started = m_nextBeacon = now;
    m_wakeAt = now;
}

void Discovery::sayGoodbye()
{
    if (m_card)
        send(encodeGoodbye(m_device, m_config.boot));
}

Bytes Discovery::card() const
{
    return encodeCard(m_device, {*m_card, m_config.tcpPort, kProtocolVersions, m_config.boot});
}

void Discovery::announce(MonoTime now)
{
    m_lastBeacon = now;
    ++m_beacons;
    m_nextBeacon = now + pause();
    if (m_card)
        send(card());
    std::vector<ByteArray<32>> keys;
    for (std::size_t i = 0; i < std::min(m_workspaces.size(), kSealedSlots); ++i)
        keys.push_back(m_workspaces[(m_firstTag + i) % m_workspaces.size()].discoveryKey);
    if (keys.empty())
        return;
    m_firstTag = (m_firstTag + keys.size()) % m_workspaces.size();
    send(encodeSealed(m_device,
                      {m_device.publicKey(), m_config.tcpPort, m_config.boot, ++m_counter}, keys,
                      m_random));
}

void Discovery::announceSoon(MonoTime now)
{
    const MonoTime soonest = m_lastBeacon + kSoonest;
    m_nextBeacon = std::min(m_nextBeacon, std::max(now + kSoon, soonest));
}

Millis Discovery::pause()
{
    if (m_beacons < kFirstBeacons)
        return kFirstPause;
    if (m_beacons < kSecondBeacons)
        return kSecondPause;
    const Millis base = m_lastBeacon - m_started < kEarlyTime ? kEarlyPause : kLatePause;
    const auto fifth = static_cast<std::uint64_t>(base.count() / 5);
    return base - Millis(fifth) + Millis(m_random.below(2 * fifth + 1));
}

void Discovery::send(ByteView datagram)
{
    m_counts.isMulticastSent = m_counts.isBroadcastSent = m_channels.empty();
    for (const Channel &channel : m_channels)
        sendTo(channel, datagram);
}

void Discovery::sendTo(const Channel &channel, ByteView datagram)
{
    const int fd = channel.socket.fd();
    const bool isSent = udp::sendMulticast(fd, channel.at, m_config.beaconPort, datagram);
    bool isHeardByAll = false;
    if (!channel.at.broadcast.empty() && !channel.at.isLoopback)
        isHeardByAll = udp::sendBroadcast(fd, channel.at, m_config.beaconPort, datagram);
    m_counts.isMulticastSent = m_counts.isMulticastSent || isSent;
    m_counts.isBroadcastSent = m_counts.isBroadcastSent || isHeardByAll;
    m_counts.sent += isSent || isHeardByAll ? 1 : 0;
}

void Discovery::heard(MonoTime now)
{
    ++m_counts.heard;
    m_heardAt = now;
}

bool Discovery::isAsked(const Endpoint &endpoint) const
{
    return std::ranges::any_of(m_questions,
                               [&](const Question &q) { return q.endpoint == endpoint; });
}

void Discovery::tellInto(MeshReport &report, Now now) const
{
    report.discovery = m_counts;
    report.discovery.isOn = true;
    report.discovery.sockets = m_channels.size();
    if (m_heardAt)
        report.discovery.lastHeard = now.wall - (now.mono - *m_heardAt);
    const bool isOut =
        std::ranges::any_of(m_addresses, [](const InterfaceAddress &at) { return !at.isLoopback; });
    if (isOut && m_channels.empty()) // no socket could be made
        report.discovery.isMulticastSent = report.discovery.isBroadcastSent = false;
    report.hasInterface = !m_hasAddresses || isOut || m_config.scope == InterfaceScope::Loopback;
}

void Discovery::ask(const Endpoint &endpoint, MonoTime now)
{
    if (m_questions.size() >= kQuestionsMax)
        m_questions.erase(m_questions.begin());
    Question question{.endpoint = endpoint, .next = now, .left = kAskTimes};
    if (NameLookup::isNumeric(endpoint.host))
        question.host = endpoint.host;
    else
        question.name = m_names.ask(endpoint.host, now);
    if (const auto end = DialProbe::wayTo(endpoint))
        question.refusal =
            *end == LinkEnd::NoNetwork ? Obstacle::NetworkDown : Obstacle::Unreachable;
    m_questions.push_back(std::move(question));
    m_wakeAt = now;
}

void Discovery::askAgain(MonoTime now, std::vector<MeshEvent> &events)
{
    for (Question &question : m_questions) {
        if (question.next > now || question.left == 0 || question.host.empty())
            continue;
        question.next = now + kAskPause;
        --question.left;
        // A fresh socket each time: where several programs share a port, chance picks another.
        question.sockets.push_back(
            udp::ask({question.host, question.endpoint.port}, encodeAsk(question.endpoint.port)));
    }
    std::erase_if(m_questions, [now, &events](const Question &q) {
        const bool isOver = (q.left == 0 && q.next + kAskPause * 4 < now) || q.refusal;
        if (isOver && !q.isAnswered)
            events.emplace_back(AskFailed{q.endpoint, q.refusal.value_or(Obstacle::TimedOut)});
        return isOver;
    });
}

void Discovery::takeNames(MonoTime now)
{
    m_names.clear();
    for (Question &question : m_questions) {
        const auto hosts = question.name ? question.name->answer(now) : std::nullopt;
        if (!hosts)
            continue;
        question.name.reset();
        if (hosts->empty())
            question.refusal = Obstacle::BadAddress;
        else
            question.host = hosts->front();
        question.next = now;
    }
}

// ---- Interfaces ---------------------------------------------------------------------------------

/// At once where the system tells of changes, else every two seconds.
void Discovery::look(MonoTime now, std::vector<MeshEvent> &events)
{
    const bool isTold = m_watch.hasChanged();
    if (isTold)
        m_nextLook = std::min(m_nextLook, std::max(now, m_lastLook + kLookSoonest));
    if ((!m_card && m_workspaces.empty()) || now < m_nextLook)
        return;
    m_lastLook = now;
    m_nextLook = now + (m_watch.fd() >= 0 ? kLookSeldom : kLookPause);
    // The same addresses may be usable only now: one of IPv6 is not before nobody else has it.
    if (!rebuild(now, events) && isTold)
        announceSoon(now);
}

/// False: all is as it was.
bool Discovery::rebuild(MonoTime now, std::vector<MeshEvent> &events)
{
    auto addresses = interfaceAddresses(m_config.scope);
    if (m_hasAddresses && addresses == m_addresses)
        return false;
    m_hasAddresses = true;
    m_addresses = std::move(addresses);
    m_channels.clear();
    std::set<std::pair<unsigned, bool>> built; // one socket per interface and family
    for (const InterfaceAddress &at : m_addresses) {
        const bool isUseless =
            at.isIpv6 && (at.isLoopback || !at.isLinkLocal); // ff02:: goes from fe80::
        if (isUseless || built.contains({at.index, at.isIpv6}))
            continue;
        UdpSocket socket = udp::openBeacons(at, m_config.beaconPort);
        if (!socket.isOpen())
            continue;
        built.insert({at.index, at.isIpv6});
        m_channels.push_back({at, std::move(socket)});
    }
    AddressesChanged changed;
    for (const InterfaceAddress &at : m_addresses)
        if (!at.isLinkLocal)
            changed.endpoints.push_back({at.address, m_config.tcpPort});
    events.emplace_back(std::move(changed));
    m_beacons = 0; // a new network: be found at once
    m_nextBeacon = m_started = now;
    return true;
}

std::vector<int> Discovery::fds() const
{
    std::vector<int> fds;
    for (const Channel &channel : m_channels)
        fds.push_back(channel.socket.fd());
    if (m_answers.isOpen())
        fds.push_back(m_answers.fd());
    for (const int fd : {m_watch.fd(), m_names.fd()})
        if (fd >= 0)
            fds.push_back(fd);
    for (const Question &question : m_questions)
        for (const UdpSocket &socket : question.sockets)
            if (socket.isOpen())
                fds.push_back(socket.fd());
    return fds;
}

// ---- What comes in ------------------------------------------------------------------------------

std::vector<MeshEvent> Discovery::turn(MonoTime now)
{
    std::vector<MeshEvent> events;
    const bool speaks = m_card || !m_workspaces.empty();
    look(now, events);
    takeNames(now);
    for (const Channel &channel : m_channels)
        read(channel.socket.fd(), channel.at.name, now, events);
    if (m_answers.isOpen())
        read(m_answers.fd(), {}, now, events);
    for (Question &question : m_questions)
        readAnswers(question, now, events);
    askAgain(now, events);
    expire(now, events);
    if (speaks && now >= m_nextBeacon)
        announce(now);
    m_wakeAt = now + kLookPause;
    if (speaks)
        m_wakeAt = std::min(m_nextLook, m_nextBeacon);
    for (const Question &question : m_questions)
        m_wakeAt = std::min(m_wakeAt, question.name ? question.name->until() : question.next);
    return events;
}

void Discovery::readAnswers(Question &question, MonoTime now, std::vector<MeshEvent> &events)
{
    const std::size_t before = events.size();
    for (const UdpSocket &socket : question.sockets) {
        const std::uint64_t heard = m_cardsHeard;
        if (socket.isOpen())
            read(socket.fd(), {}, now, events);
        question.isAnswered = question.isAnswered || m_cardsHeard != heard;
        if (const auto refusal = socket.isOpen() ? udp::refusal(socket.fd()) : std::nullopt)
            question.refusal = refusal;
    }
    // Whoever was asked by a name is known by it: it outlives the numbers.
    for (std::size_t i = before; i < events.size(); ++i)
        if (auto *seen = std::get_if<NeighbourSeen>(&events[i]); seen != nullptr
            && question.host != question.endpoint.host
            && seen->endpoint.port == question.endpoint.port)
            seen->endpoint = question.endpoint;
}

bool Discovery::isWithinRate(const std::string &host, MonoTime now)
{
    if (now - m_second >= Millis{1000}) {
        m_second = now;
        m_heard = 0;
        m_heardFrom.clear();
    }
    // Each source by itself first: what is over its share takes nothing from others.
    const bool isCrowd = m_heardFrom.size() >= kDatagramsPerSecond && !m_heardFrom.contains(host);
    return !isCrowd && ++m_heardFrom[host] <= kDatagramsPerSource
        && ++m_heard <= kDatagramsPerSecond;
}

void Discovery::read(int fd, const std::string &interfaceName, MonoTime now,
                     std::vector<MeshEvent> &events)
{
    for (int i = 0; i < kReadsPerTurn; ++i) {
        auto datagram = udp::receive(fd, interfaceName);
        if (!datagram)
            return;
        if (!isWithinRate(datagram->from.host, now))
            continue;
        if (const auto beacon = decodeBeacon(datagram->bytes))
            take(*beacon, fd, datagram->from, datagram->source, now, events);
    }
}

void Discovery::take(const Beacon &beacon, int fd, const Endpoint &from, ByteView source,
                     MonoTime now, std::vector<MeshEvent> &events)
{
    if (const auto *ask = std::get_if<AskBeacon>(&beacon)) {
        if (m_card && ask->port == m_config.tcpPort)
            udp::answer(fd, source, card());
    } else if (const auto *card = std::get_if<CardBeacon>(&beacon)) {
        takeCard(*card, from, now, events);
    } else if (const auto *sealed = std::get_if<SealedBeacon>(&beacon)) {
        takeSealed(*sealed, from, now, events);
    } else if (const auto *goodbye = std::get_if<GoodbyeBeacon>(&beacon)) {
        const auto known = m_near.find(goodbye->device);
        if (known != m_near.end() && known->second.beacon.boot == goodbye->boot) {
            m_near.erase(known);
            events.emplace_back(NeighbourGone{goodbye->device});
        }
    }
}

void Discovery::takeCard(const CardBeacon &card, const Endpoint &from, MonoTime now,
                         std::vector<MeshEvent> &events)
{
    ++m_cardsHeard;
    if (card.card.device == m_device.publicKey())
        return;
    heard(now);
    const Endpoint endpoint{from.host, card.port};
    const auto known = m_near.find(card.card.device);
    const bool isNew = known == m_near.end();
    const auto isHere = [&from](const auto &near) {
        return near.second.endpoint.host == from.host;
    };
    if (isNew
        && (m_near.size() >= kNeighboursMax
            || std::ranges::count_if(m_near, isHere) >= kNeighboursPerSource))
        return;
    // Several addresses of one computer take turns otherwise: the first that was heard stays.
    const bool isChanged = isNew || !(known->second.beacon.card == card.card)
        || known->second.beacon.boot != card.boot || known->second.beacon.port != card.port;
    if (isChanged) {
        m_near[card.card.device] = {card, endpoint, now};
        events.emplace_back(NeighbourSeen{card.card, endpoint, card.versions});
        announceSoon(now);
    } else {
        known->second.heard = now;
    }
}

void Discovery::takeSealed(const SealedBeacon &sealed, const Endpoint &from, MonoTime now,
                           std::vector<MeshEvent> &events)
{
    for (const WorkspaceTag &tag : m_workspaces) {
        const auto member = openSealed(sealed, tag.discoveryKey);
        if (!member)
            continue;
        if (member->device == m_device.publicKey() || !tag.has(member->device))
            return;
        heard(now);
        const std::pair place(member->boot, Endpoint{from.host, member->port});
        auto [known, isNew] = m_members.try_emplace(member->device, place);
        if (isNew || known->second != place)
            announceSoon(now);
        known->second = place;
        events.emplace_back(MemberSeen{member->device, place.second});
        return;
    }
}

void Discovery::expire(MonoTime now, std::vector<MeshEvent> &events)
{
    for (auto near = m_near.begin(); near != m_near.end();) {
        if (now - near->second.heard < kNearLife) {
            ++near;
            continue;
        }
        events.emplace_back(NeighbourGone{near->first});
        near = m_near.erase(near);
    }
}

} // namespace nlbd::net
