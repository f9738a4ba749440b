// What the sessions tell of themselves: values, bounded, and no step taken.
#include "net/sessions.h"

#include <algorithm>

namespace nlbd::net {

namespace {

SessionReport reportOf(const Session &session)
{
    SessionReport row;
    row.peer = session.peer;
    row.device =
        session.device.isZero() && session.attempt ? session.attempt->device : session.device;
    row.address = session.address;
    row.role = session.role;
    row.by = session.attempt ? session.attempt->by : FoundBy::TheyCame;
    row.stage = session.stage;
    row.isMember = session.isMember();
    row.shared = session.workspaces.shared();
    row.roundTrip = session.roundTrip.last();
    row.roundTripSmoothed = session.roundTrip.smoothed();
    row.own = session.lanes.ownWaiting();
    row.live = session.lanes.liveWaiting();
    row.bulk = session.lanes.bulkWaiting();
    row.traffic = session.traffic;
    row.since = session.since;
    row.clockAhead = session.clockAhead;
    return row;
}

} // namespace

void Sessions::tellInto(MeshReport &report, Now now) const
{
    report.now = now.mono;
    report.at = now.wall;
    report.total = m_gone;
    for (const auto &[link, session] : m_sessions) {
        report.sessions.push_back(reportOf(session));
        report.total += session.traffic;
    }
    report.missing = m_dialler.missing();
    std::erase_if(report.missing, [this](const auto &row) { return hasSession(row.device); });
    for (const auto &[device, ended] : m_ended)
        report.ended.push_back(ended);
    report.visitors = m_visitors;
    report.sessionsSeen = m_seen;
}

/// One row for an address and reason: whoever comes again and again fills no more.
void Sessions::noteVisitor(const VisitorFailed &failed, Now now)
{
    VisitorReport row{obstacleOf(failed.reason), failed.address, failed.device, 1, now.wall};
    row.host = row.host.substr(0, row.host.rfind(':')); // its port is another each time
    const auto known = std::ranges::find_if(m_visitors, [&row](const VisitorReport &other) {
        return other.host == row.host && other.step == row.step && other.device == row.device;
    });
    if (known != m_visitors.end()) {
        row.count += known->count;
        m_visitors.erase(known);
    } else if (m_visitors.size() >= kVisitorsMax) {
        m_visitors.erase(m_visitors.begin());
    }
    m_visitors.push_back(std::move(row));
}

void Sessions::noteEnd(const Session &session, EndReason reason, Now now)
{
    if (reason == EndReason::Duplicate || hasSession(session.device))
        return;
    m_dialler.note(session.device, obstacleOf(reason), now.mono);
    if (!isMember(session.device) && !session.isMember())
        return;
    if (m_ended.size() >= Dialler::kWantedMax && !m_ended.contains(session.device))
        m_ended.erase(m_ended.begin());
    m_ended[session.device] = {session.device, obstacleOf(reason), now.wall};
}

} // namespace nlbd::net
