// What the mesh does, as people see it: its counters with the names of persons and workspaces.

#include "app/loop.h"
#include "app/system_clock.h"

#include <algorithm>

namespace nlbd::app {

namespace {

using State = api::Connection::State;

State stateOf(net::Session::Stage stage)
{
    switch (stage) {
    case net::Session::Stage::Shaking:
        return State::Greeting;
    case net::Session::Stage::Up:
        return State::Here;
    case net::Session::Stage::Ending:
        return State::Leaving;
    }
    return State::Leaving;
}

api::RouterAnswer::State stateOf(net::PortMapped::Result result)
{
    using Result = net::PortMapped::Result;
    using Router = api::RouterAnswer::State;
    switch (result) {
    case Result::Off:
        return Router::Off;
    case Result::Asking:
        return Router::Asking;
    case Result::Mapped:
        return Router::Mapped;
    case Result::NoRouter:
        return Router::NoRouter;
    case Result::NoAnswer:
        return Router::NoAnswer;
    case Result::Refused:
        return Router::Refused;
    case Result::BehindAnother:
        return Router::BehindAnother;
    }
    return Router::Off;
}

api::Connection::Queue queueOf(const net::Lanes::Waiting &waiting)
{
    return {waiting.frames, waiting.bytes};
}

void fill(api::Connection &row, const net::SessionReport &session)
{
    row.state = stateOf(session.stage);
    row.address = session.address;
    row.isDialled = session.role == net::Role::Dialler;
    row.foundBy = session.by;
    row.roundTrip = session.roundTrip;
    row.roundTripSmoothed = session.roundTripSmoothed;
    row.own = queueOf(session.own);
    row.live = queueOf(session.live);
    row.bulk = queueOf(session.bulk);
    row.framesIn = session.traffic.framesIn;
    row.framesOut = session.traffic.framesOut;
    row.bytesIn = session.traffic.bytesIn;
    row.bytesOut = session.traffic.bytesOut;
    row.clockAhead = session.clockAhead;
    row.failed.reset();
    row.failedAt.reset();
    row.failures = 0;
    row.nextTryIn.reset();
    if (session.stage != net::Session::Stage::Up)
        return;
    row.since = session.since;
    if (!session.isMember && !session.shared.empty())
        row.failed = Obstacle::Removed; // it may come to hear so, and nothing else
    else if (session.clockAhead)
        row.failed = Obstacle::Clock;
}

void fill(api::Connection &row, const net::Dialler::Missing &missing, const net::MeshReport &report)
{
    row.address = missing.endpoint.text();
    row.foundBy = missing.by;
    row.isDialled = true;
    row.failures = missing.failures;
    if (missing.isDialling)
        row.state = State::Dialling;
    else
        row.nextTryIn = std::max(missing.nextAt - report.now, Millis{0});
    if (!missing.last) {
        row.failed.reset(); // not tried to the end yet
        return;
    }
    row.failed = missing.last->step;
    row.failedAt = report.at - (report.now - missing.last->at);
    if (!missing.isDialling)
        row.address = missing.last->endpoint.text();
}

bool isBetter(const net::SessionReport &session, const api::Connection &row)
{
    return row.state != State::Here || session.stage == net::Session::Stage::Up;
}

using Others = std::map<PublicKey, api::Connection>;
using Hosts = std::map<WorkspaceId, std::unique_ptr<WorkspaceHost>>;

/// Members of the workspaces here, apart from this computer: nobody of them is connected yet.
Others membersOf(const Hosts &hosts, const PublicKey &myself)
{
    Others others;
    for (const auto &[id, workspace] : hosts) {
        const engine::Engine &engine = workspace->engine();
        const identity::Configuration &table = engine.configuration();
        const identity::Device *mine = engine.myDevice();
        const bool isRemoved = mine != nullptr && !mine->mayRead;
        for (const DeviceIndex index : table.readers()) {
            const identity::Device &device = table.devices[index.value];
            if (index == engine.me() || device.key == myself)
                continue;
            api::Connection &row = others[device.key];
            row.device = device.key;
            row.name = table.memberOf(index)->name;
            row.isMyself = mine != nullptr && device.member == mine->member;
            row.workspaces.push_back(table.name);
            row.failed = isRemoved ? Obstacle::Removed : Obstacle::NoAddress;
            if (const auto seat = table.seatOf(index); seat && !isRemoved)
                row.behind = row.behind.value_or(0) + engine.behind(*seat);
        }
    }
    return others;
}

/// Who has what of the files that are attached.
void addFiles(Others &others, const Hosts &hosts)
{
    for (const auto &[id, workspace] : hosts) {
        const engine::Engine &engine = workspace->engine();
        const identity::Configuration &table = engine.knownConfiguration();
        std::map<Hash, std::vector<DeviceIndex>> holders;
        for (api::AttachmentInfo &info : engine.attachments())
            holders.try_emplace(info.blob, std::move(info.holders));
        if (holders.empty())
            continue;
        for (const DeviceIndex reader : table.readers())
            if (const auto row = others.find(table.devices[reader.value].key); row != others.end())
                row->second.files += holders.size();
        for (const auto &[blob, devices] : holders)
            for (const DeviceIndex device : devices)
                if (const auto row = others.find(table.devices[device.value].key);
                    row != others.end())
                    ++row->second.filesHeld;
    }
}

/// What hinders this computer itself, once it listens.
std::vector<Obstacle> obstaclesIn(const net::MeshReport &report)
{
    std::vector<Obstacle> result;
    if (!report.hasInterface)
        result.push_back(Obstacle::NoInterface);
    const net::DiscoveryReport &found = report.discovery;
    if (found.isOn && report.hasInterface && !found.isMulticastSent && !found.isBroadcastSent)
        result.push_back(Obstacle::NoMulticast);
    if (report.wishedPort != report.port)
        result.push_back(Obstacle::PortTaken);
    return result;
}

api::Connection &rowOf(Others &others, const PublicKey &device)
{
    api::Connection &row = others[device];
    row.device = device;
    return row;
}

void addEnded(Others &others, const net::MeshReport &report)
{
    for (const net::EndedReport &ended : report.ended)
        if (const auto row = others.find(ended.device); row != others.end()) {
            row->second.failed = ended.step;
            row->second.failedAt = ended.at;
        }
}

/// Who came and went: named where the key is a member's, who is perhaps not found otherwise.
std::vector<api::Visitor> addVisitors(Others &others, const net::MeshReport &report)
{
    std::vector<api::Visitor> visitors;
    for (const net::VisitorReport &visitor : report.visitors) {
        const auto row = others.find(visitor.device.value_or(PublicKey{}));
        const bool isKnown = row != others.end();
        visitors.push_back({isKnown ? row->second.name : std::string(), visitor.host, visitor.step,
                            visitor.count, visitor.last});
        if (!isKnown || row->second.failed != Obstacle::NoAddress)
            continue;
        row->second.failed = visitor.step;
        row->second.failedAt = visitor.last;
        row->second.address = visitor.host;
    }
    std::ranges::reverse(visitors); // the newest first
    return visitors;
}

std::vector<api::Connection> sorted(Others others)
{
    std::vector<api::Connection> rows;
    for (auto &[device, row] : others)
        rows.push_back(std::move(row));
    std::ranges::stable_sort(rows, [](const auto &a, const auto &b) {
        const bool isHere = a.state == State::Here;
        return isHere != (b.state == State::Here) ? isHere : a.name < b.name;
    });
    return rows;
}

void addTotals(api::ConnectionsChanged &all, const net::MeshReport &report)
{
    all.bytesIn = report.total.bytesIn;
    all.bytesOut = report.total.bytesOut;
    all.framesIn = report.total.framesIn;
    all.framesOut = report.total.framesOut;
    all.sessions = report.sessionsSeen;
    all.looksAround = report.discovery.isOn;
    all.beaconsHeard = report.discovery.heard;
    all.beaconHeardAt = report.discovery.lastHeard;
}

} // namespace

api::ConnectionsChanged Loop::connections() const
{
    const net::MeshReport &report = m_view.report;
    api::ConnectionsChanged all;
    all.at = readClocks().wall;
    all.port = m_port;
    all.wishedPort = m_isNetworkOpen && report.wishedPort != 0 ? report.wishedPort : m_port;
    for (const net::Endpoint &endpoint : addresses())
        all.addresses.push_back(endpoint.text());
    if (m_networkTrouble)
        all.here.push_back(m_networkTrouble->kind == api::LobbyTrouble::Kind::PortInUse
                               ? Obstacle::PortTaken
                               : Obstacle::NoInterface);
    else if (m_isNetworkOpen)
        all.here = obstaclesIn(report);
    const Self *self = m_profile.self();
    Others others = self != nullptr ? membersOf(m_hosts, self->device.publicKey()) : Others{};
    addFiles(others, m_hosts);
    for (const auto &[device, used] : m_knocking)
        rowOf(others, device).name = used.invitation.name;
    for (const auto &[id, arrival] : m_arrivals)
        rowOf(others, arrival.invitation.device).name = arrival.invitation.name;
    addEnded(others, report);
    for (const net::Dialler::Missing &missing : report.missing)
        fill(rowOf(others, missing.device), missing, report);
    for (const net::SessionReport &session : report.sessions) {
        if (session.device.isZero())
            continue; // it has said nothing yet
        api::Connection &row = rowOf(others, session.device);
        if (isBetter(session, row))
            fill(row, session);
        const auto near = m_nearBy.find(session.device);
        if (row.name.empty() && near != m_nearBy.end())
            row.name = near->second.contact.person.name;
    }
    all.visitors = addVisitors(others, report);
    all.others = sorted(std::move(others));
    all.refused.assign(m_refusedByMesh.begin(), m_refusedByMesh.end());
    addTotals(all, report);
    all.router = {stateOf(m_mapped.result), m_view.isPortWanted, {}, m_mapped.lifetime};
    if (m_mapped.result == net::PortMapped::Result::Mapped)
        all.router.outside = m_mapped.outside.text();
    return all;
}

void Loop::whenReported(std::function<void(Loop &)> then)
{
    if (!m_isNetworkOpen || m_view.waiters.size() >= MeshView::kWaitersMax) {
        then(*this);
        return;
    }
    m_view.waiters.push_back(std::move(then));
    m_network->askReport();
}

void Loop::take(net::MeshReport &event)
{
    m_view.report = std::move(event);
    for (const auto &then : std::exchange(m_view.waiters, {}))
        then(*this);
    tellConnections();
}

void Loop::tellConnections()
{
    if (m_view.isWatched)
        tell(connections());
}

void Loop::obey(const api::WatchConnections &command)
{
    m_view.isWatched = command.isWatched;
    if (m_isNetworkOpen) {
        m_network->setWatched(m_view.isWatched);
        if (m_view.isWatched)
            m_network->askReport();
    }
    tellConnections();
}

// Asked for by the person, and so kept: an address that members were told is to stay true.
void Loop::obey(const api::MapPort &command)
{
    if (const auto done = m_profile.setPortMapped(command.isWanted); !done)
        tell(done.error());
    m_view.isPortWanted = command.isWanted;
    if (command.isWanted)
        ensureNetwork();
    if (m_isNetworkOpen)
        m_network->setPortMapped(command.isWanted);
    tellConnections();
}

void Loop::tellReaching()
{
    for (api::ReachChanged &news : m_view.reaching.takeNews()) {
        const bool isTypedInVain =
            news.foundBy == FoundBy::Typed && news.state == api::ReachChanged::State::Failed;
        if (isTypedInVain)
            tell(news.step == Obstacle::WrongVersion ? api::LobbyTrouble::Kind::WrongVersion
                                                     : api::LobbyTrouble::Kind::NoAnswer,
                 news.address);
        tell(std::move(news));
    }
}

} // namespace nlbd::app
