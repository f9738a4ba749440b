// Sessions that stand: what comes in, what goes out, and how they end.
#include "net/sessions.h"

#include "core/base/check.h"

#include <algorithm>
#include <utility>

namespace nlbd::net {

namespace {
constexpr Millis kTallyPause{1000};
constexpr std::size_t kCreditStep = 16 * 1024;

/// Who dialled asks a little earlier: one question and its answer tell both ends that all is well.
Millis quietTimeOf(const Session &session)
{
    constexpr Millis kEarlier{500};
    return session.role == Role::Dialler ? Sessions::kQuietTime - kEarlier : Sessions::kQuietTime;
}

/// Questions are put to several at a time: of a hundred sessions some would be due every moment.
MonoTime coalesced(MonoTime time)
{
    constexpr std::int64_t kStep = 250;
    return MonoTime(Millis((time.time_since_epoch().count() + kStep - 1) / kStep * kStep));
}
} // namespace

void Sessions::received(Session &session, ByteView message, Now now)
{
    if (session.stage == Session::Stage::Ending)
        return;
    session.heardAt = now.mono;
    ++session.traffic.framesIn;
    session.traffic.bytesIn += message.size();
    if (std::exchange(session.pingDeadline, std::nullopt))
        m_due.reset();
    const auto frame = decodeFrame(message);
    if (!frame) {
        const bool isVersion = frame.error() == FrameError::Version;
        if (isVersion && session.stage == Session::Stage::Shaking)
            end(session, EndReason::WrongVersion, now);
        else
            offend(session, frame.error() == FrameError::Bounds ? Code::E_BOUNDS : Code::E_CANON,
                   now);
        return;
    }
    if (!session.frames.take(1, now.mono) || !session.bytes.take(message.size(), now.mono)) {
        offend(session, Code::E_RATE, now);
        return;
    }
    if (session.stage == Session::Stage::Shaking) {
        shake(session, *frame, now);
        return;
    }
    if (isOwn(frame->kind)) {
        takeOwn(session, *frame, now);
    } else if (isLobby(frame->kind)) {
        if (frame->body.size() > kLobbyBytesMax)
            offend(session, Code::E_BOUNDS, now);
        else
            takeLobby(session, *frame);
    } else if (!session.workspaces.wasClaimed(frame->alias)) {
        offend(session, Code::E_CANON, now);
    } else {
        takeWorkspace(session, *frame, message.size());
    }
}

void Sessions::takeWorkspace(Session &session, const Frame &frame, std::size_t bytes)
{
    if (frame.lane == Lane::Bulk) {
        session.creditOwed += bytes;
        if (session.creditOwed >= kCreditStep) {
            Writer out;
            out.u32(static_cast<std::uint32_t>(std::exchange(session.creditOwed, 0)));
            say(session, OwnKind::Credit, out.bytes());
        }
    }
    // What was proven and is no longer shared here was sent before they knew.
    if (const auto workspace = session.workspaces.meaningOf(frame.alias))
        m_events.emplace_back(
            FrameReceived{session.peer, *workspace, frame.kind, copyOf(frame.body), true});
}

void Sessions::takeLobby(Session &session, const Frame &frame)
{
    if (!session.isMember() && !mayKnock(session))
        return; // it was let go: it may hear so and nothing else
    m_events.emplace_back(FrameReceived{session.peer, std::nullopt, frame.kind, copyOf(frame.body),
                                        session.isMember()});
}

void Sessions::takeOwn(Session &session, const Frame &frame, Now now)
{
    switch (static_cast<OwnKind>(frame.kind)) {
    case OwnKind::Ping:
        if (!frame.body.empty())
            break;
        say(session, OwnKind::Pong);
        return;
    case OwnKind::Pong:
        if (!frame.body.empty())
            break;
        session.roundTrip.answered(now.mono);
        return;
    case OwnKind::Bye:
        if (frame.body.size() != 1)
            break;
        down(session, endReasonFrom(static_cast<std::uint8_t>(frame.body[0])), now);
        session.stage = Session::Stage::Ending;
        session.deadline = now.mono;
        return;
    case OwnKind::Credit: {
        Reader in(frame.body);
        const std::uint32_t bytes = in.u32();
        if (!in.done() || !session.lanes.credit(bytes))
            break;
        flush(session);
        return;
    }
    case OwnKind::Proofs: {
        const auto proofs = decodeProofs(frame.body);
        if (!proofs || !session.workspaces.takeTheirs(*proofs))
            break;
        const bool wasMember = session.isMember();
        if (!session.workspaces.match(m_tags))
            return;
        if (!wasMember && session.isMember()) {
            session.frames = Budget(kFramesPerSecond, kFramesBurst);
            session.bytes = Budget(kBytesPerSecond, kBytesBurst);
        }
        m_events.emplace_back(SessionShares{session.peer, session.device,
                                            session.workspaces.shared(), session.isMember()});
        return;
    }
    case OwnKind::Hello:
    case OwnKind::Welcome:
    case OwnKind::Proof:
    case OwnKind::Ready:
        break;
    }
    offend(session, Code::E_CANON, now);
}

// ---- Out -----------------------------------------------------------------------------------

void Sessions::send(PeerId peer, const std::optional<WorkspaceId> &workspace, std::uint8_t kind,
                    ByteView body, Lane lane, Now)
{
    CHECK(workspace ? isWorkspace(kind) : isLobby(kind));
    const auto byPeer = m_byPeer.find(peer);
    if (byPeer == m_byPeer.end())
        return;
    Session &session = m_sessions.at(byPeer->second);
    if (session.stage != Session::Stage::Up)
        return;
    Frame frame{kind, workspace ? lane : Lane::Live, 0, body};
    if (workspace) {
        const auto alias = session.workspaces.aliasFor(*workspace);
        if (!alias)
            return;
        frame.alias = *alias;
    }
    if (session.lanes.push(frame.lane, encodeFrame(frame)) == Lanes::Push::Overflowed
        && !std::exchange(session.isOverflowTold, true))
        m_events.emplace_back(Overflowed{peer});
    flush(session);
}

void Sessions::say(Session &session, OwnKind kind, ByteView body)
{
    if (!session.lanes.pushOwn(ownFrame(kind, body)))
        m_transport.cut(session.link); // it asks and does not read; tick() finds it dead
    flush(session);
}

void Sessions::flush(Session &session)
{
    session.isFull = false;
    while (const Bytes *message = session.lanes.front()) {
        const SendResult result = m_transport.send(session.link, *message);
        if (result == SendResult::Full) {
            session.isFull = true;
            m_due.reset();
            return;
        }
        if (result == SendResult::Sent) {
            ++session.traffic.framesOut;
            session.traffic.bytesOut += message->size();
        }
        session.lanes.pop();
        if (result == SendResult::Gone)
            return;
    }
    if (session.lanes.queuedBytes() == 0)
        session.isOverflowTold = false;
}

// ---- Ends ----------------------------------------------------------------------------------

void Sessions::count(Code code, const std::string &address, Now now)
{
    Tally &tally = m_tallies[code];
    ++tally.count;
    tally.address = address;
    if (!tally.wasTold || now.mono - tally.toldAt >= kTallyPause) {
        m_events.emplace_back(Refused{code, address, std::exchange(tally.count, 0)});
        tally.toldAt = now.mono;
        tally.wasTold = true;
    }
}

/// What no correct program does: no farewell, and the key stays out for a while.
void Sessions::offend(Session &session, Code code, Now now)
{
    count(code, session.address, now);
    m_mutes[session.theirKey] = now.mono + kMuteTime;
    applyAdmission();
    end(session, code == Code::E_RATE ? EndReason::TooFast : EndReason::Malformed, now);
    session.deadline = now.mono;
}

/// Says BYE and lets it leave; the link is cut soon after, whatever the other end does.
void Sessions::end(Session &session, EndReason reason, Now now)
{
    if (session.stage == Session::Stage::Ending)
        return;
    down(session, reason, now);
    session.stage = Session::Stage::Ending;
    session.deadline = now.mono + kByeTime;
    session.lanes = Lanes();
    (void)session.lanes.pushOwn(byeFrame(reason));
    flush(session);
}

/// Tells everybody once that the session is no more.
void Sessions::down(Session &session, EndReason reason, Now now)
{
    const Session::Stage stage = std::exchange(session.stage, Session::Stage::Ending);
    m_due.reset();
    session.deadline = std::min(session.deadline, now.mono + kByeTime);
    if (stage == Session::Stage::Up) {
        noteEnd(session, reason, now);
        m_events.emplace_back(SessionDown{session.peer, session.device, reason});
        if (!hasSession(session.device))
            m_dialler.lost(session.device, now.mono);
        return;
    }
    if (stage != Session::Stage::Shaking)
        return;
    if (session.attempt) {
        if (hasSession(session.device.isZero() ? session.attempt->device : session.device))
            m_dialler.connected(session.attempt->device);
        else if (reason == EndReason::Duplicate || reason == EndReason::Stopping)
            m_dialler.failed(session.attempt->device, now.mono);
        else
            failDial(*session.attempt,
                     reason == EndReason::Malformed ? Obstacle::NotOurs : obstacleOf(reason), now);
    } else if (reason != EndReason::Duplicate) {
        VisitorFailed failed{reason, session.address, {}};
        failed.device =
            session.device.isZero() ? deviceWith(session.theirKey) : std::optional(session.device);
        noteVisitor(failed, now);
        m_events.emplace_back(std::move(failed));
    }
}

void Sessions::close(PeerId peer, Now now)
{
    const auto byPeer = m_byPeer.find(peer);
    if (byPeer != m_byPeer.end())
        end(m_sessions.at(byPeer->second), EndReason::ClosedByUs, now);
}

void Sessions::stop(Now now)
{
    m_isStopping = true;
    for (auto &[link, session] : m_sessions)
        end(session, EndReason::Stopping, now);
    for (const auto &[link, dial] : m_dials)
        m_transport.cut(link);
    m_dials.clear();
}

// ---- Time ----------------------------------------------------------------------------------

/// The first that is known by this key: who says nothing of its device has shown a key before.
std::optional<PublicKey> Sessions::deviceWith(const TransportKey &key) const
{
    for (const auto &[device, transport] : m_transportKeys)
        if (transport == key)
            return device;
    return std::nullopt;
}

/// Heartbeats of our own, since libzmq ends the process when its own timer fires on a connection
/// that broke while it was not read (zeromq/libzmq 4841): after a sleep that is any of them.
void Sessions::askIfQuiet(Session &session, Now now)
{
    if (session.stage != Session::Stage::Up)
        return;
    const bool isQuiet =
        !session.pingDeadline && now.mono - session.heardAt >= quietTimeOf(session);
    if (isQuiet)
        session.pingDeadline = now.mono + kAnswerTime;
    if (!isQuiet && session.roundTrip.dueAt() > now.mono)
        return;
    session.roundTrip.asked(now.mono);
    say(session, OwnKind::Ping);
}

void Sessions::tick(Now now)
{
    // Who stood still has not read yet what came meanwhile.
    const bool hasSlept = now.mono - std::exchange(m_tickedAt, now.mono) > kSleptTime;
    if (hasSlept || sessionsDue(now) <= now.mono)
        tickSessions(now, hasSlept);
    const bool isUnmuted =
        std::erase_if(m_mutes, [&](const auto &mute) { return mute.second <= now.mono; }) > 0;
    if (isUnmuted)
        applyAdmission();
    for (auto &[code, tally] : m_tallies) {
        if (tally.count > 0 && now.mono - tally.toldAt >= kTallyPause) {
            m_events.emplace_back(Refused{code, tally.address, std::exchange(tally.count, 0)});
            tally.toldAt = now.mono;
        }
    }
    if (!m_isStopping)
        dialDue(now);
}

void Sessions::tickSessions(Now now, bool hasSlept)
{
    m_due.reset();
    for (auto entry = m_sessions.begin(); entry != m_sessions.end();) {
        Session &session = entry->second;
        if (session.isFull)
            flush(session);
        if (session.stage == Session::Stage::Shaking && session.deadline <= now.mono)
            end(session, EndReason::Timeout, now);
        askIfQuiet(session, now);
        if (hasSlept && session.pingDeadline)
            session.pingDeadline = std::max(*session.pingDeadline, now.mono + kPingTime);
        if (session.stage == Session::Stage::Up && session.pingDeadline
            && *session.pingDeadline <= now.mono) {
            end(session, EndReason::Lost, now);
            session.deadline = now.mono;
        }
        if (session.stage == Session::Stage::Ending && session.deadline <= now.mono) {
            m_transport.cut(session.link);
            m_byPeer.erase(session.peer);
            m_gone += session.traffic;
            entry = m_sessions.erase(entry);
        } else {
            ++entry;
        }
    }
}

/// What stands still for seconds is not looked at with every frame of the others.
MonoTime Sessions::sessionsDue(Now now) const
{
    if (m_due)
        return *m_due;
    MonoTime next = MonoTime::max();
    for (const auto &[link, session] : m_sessions) {
        if (session.stage != Session::Stage::Up)
            next = std::min(next, session.deadline);
        if (session.pingDeadline)
            next = std::min(next, *session.pingDeadline);
        else if (session.stage == Session::Stage::Up)
            next = std::min(next, coalesced(session.heardAt + quietTimeOf(session)));
        if (session.stage == Session::Stage::Up)
            next = std::min(next, coalesced(session.roundTrip.dueAt()));
        if (session.isFull)
            next = std::min(next, now.mono + kFullRetry);
    }
    m_due = next;
    return next;
}

std::optional<MonoTime> Sessions::wakeAt(Now now) const
{
    std::optional<MonoTime> next = m_isStopping ? std::nullopt : m_dialler.wakeAt();
    const auto consider = [&](MonoTime time) { next = next ? std::min(*next, time) : time; };
    if (const MonoTime due = sessionsDue(now); due != MonoTime::max())
        consider(due);
    for (const auto &[key, until] : m_mutes)
        consider(until);
    for (const auto &[code, tally] : m_tallies) {
        if (tally.count > 0)
            consider(tally.toldAt + kTallyPause);
    }
    return next;
}

} // namespace nlbd::net
