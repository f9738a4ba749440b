#include "net/sessions.h"

#include "core/base/check.h"
#include "core/identity/secret_key.h"

#include <algorithm>

namespace nlbd::net {

namespace {

Obstacle obstacleOf(LinkEnd end) noexcept
{
    switch (end) {
    case LinkEnd::Refused:
        return Obstacle::Refused;
    case LinkEnd::NoNetwork:
        return Obstacle::NetworkDown;
    case LinkEnd::Unreachable:
        return Obstacle::Unreachable;
    case LinkEnd::Timeout:
        return Obstacle::TimedOut;
    case LinkEnd::BadAddress:
        return Obstacle::BadAddress;
    case LinkEnd::WrongKey:
        return Obstacle::WrongKey;
    case LinkEnd::NotOurs:
        return Obstacle::NotOurs;
    case LinkEnd::NotAllowed:
        return Obstacle::NotMember;
    case LinkEnd::Lost:
    case LinkEnd::Cut:
        return Obstacle::Lost;
    }
    return Obstacle::Lost;
}

} // namespace

Obstacle obstacleOf(EndReason reason) noexcept
{
    switch (reason) {
    case EndReason::WrongVersion:
        return Obstacle::WrongVersion;
    case EndReason::WrongKey:
        return Obstacle::WrongKey;
    case EndReason::NotAllowed:
        return Obstacle::NotMember;
    case EndReason::Malformed:
        return Obstacle::Malformed;
    case EndReason::Timeout:
        return Obstacle::TimedOut;
    case EndReason::NoFreeSession:
        return Obstacle::TooMany;
    case EndReason::TooFast:
        return Obstacle::TooFast;
    case EndReason::ClosedByUs:
    case EndReason::ClosedByThem:
    case EndReason::Stopping:
        return Obstacle::Closed;
    case EndReason::Lost:
    case EndReason::Duplicate:
        return Obstacle::Lost;
    }
    return Obstacle::Lost;
}

Sessions::Sessions(SessionsConfig config, Transport &transport, Random &random)
    : m_config(std::move(config))
    , m_transport(transport)
    , m_random(random)
    , m_dialler(random)
{
}

// ---- Who may come --------------------------------------------------------------------------

void Sessions::setAllowed(std::vector<PublicKey> devices, Now now)
{
    m_allowed = {devices.begin(), devices.end()};
    review(now);
}

void Sessions::setDoorOpen(bool isOpen, Now now)
{
    m_isDoorOpen = isOpen;
    review(now);
}

void Sessions::setWorkspaces(std::vector<WorkspaceTag> workspaces, Now now)
{
    m_tags = std::move(workspaces);
    review(now);
}

void Sessions::mute(const PublicKey &device, Millis time, Now now)
{
    const auto key = identity::transportKeyOf(device);
    if (!key)
        return;
    m_mutes[TransportKey{*key}] = now.mono + time;
    applyAdmission();
    for (auto &[link, session] : m_sessions) {
        if (session.theirKey.value == *key)
            end(session, EndReason::ClosedByUs, now);
    }
}

void Sessions::dismiss(const PublicKey &device, Millis time, Now now)
{
    const Session *session = standing(device);
    if (session == nullptr || !session->isMember())
        mute(device, time, now);
}

void Sessions::applyAdmission()
{
    Admission admission;
    const auto admit = [&](const PublicKey &device) {
        const auto [entry, isNew] = m_transportKeys.try_emplace(device);
        if (isNew) {
            if (const auto key = identity::transportKeyOf(device))
                entry->second = TransportKey{*key};
        }
        if (entry->second && device != m_config.device)
            admission.allowed.insert(*entry->second);
    };
    std::ranges::for_each(m_allowed, admit);
    for (const WorkspaceTag &tag : m_tags)
        for (const auto *devices : {&tag.members, &tag.former})
            std::ranges::for_each(*devices, admit);
    for (const auto &[key, until] : m_mutes)
        admission.muted.insert(key);
    admission.isDoorOpen = m_isDoorOpen;
    std::erase_if(m_transportKeys, [&](const auto &entry) {
        return !entry.second || !admission.allowed.contains(*entry.second);
    });
    m_transport.setAdmission(std::move(admission));
}

/// After any change of who may come: new proofs go out, and who has no reason to stay goes.
void Sessions::review(Now now)
{
    applyAdmission();
    for (auto &[link, session] : m_sessions) {
        if (session.stage != Session::Stage::Up)
            continue;
        const bool isChanged = session.workspaces.match(m_tags);
        for (auto proofs = session.workspaces.proveNew(m_tags, m_random, false); !proofs.empty();
             proofs = session.workspaces.proveNew(m_tags, m_random, false))
            say(session, OwnKind::Proofs, encodeProofs(proofs));
        if (isChanged)
            m_events.emplace_back(SessionShares{session.peer, session.device,
                                                session.workspaces.shared(), session.isMember()});
        if (session.workspaces.shared().empty() && !mayKnock(session))
            end(session, EndReason::NotAllowed, now);
    }
}

bool Sessions::mayKnock(const Session &session) const
{
    return m_isDoorOpen || session.isInvited || m_allowed.contains(session.device);
}

bool Sessions::isMember(const PublicKey &device) const
{
    return std::ranges::any_of(m_tags, [&](const WorkspaceTag &tag) { return tag.has(device); });
}

bool Sessions::hasSession(const PublicKey &device) const
{
    return std::ranges::any_of(m_sessions, [&](const auto &entry) {
        return entry.second.stage == Session::Stage::Up && entry.second.device == device;
    });
}

// ---- Dialling ------------------------------------------------------------------------------

void Sessions::dial(const Endpoint &endpoint, const PublicKey &device,
                    Dialler::Persistence persistence, bool isInvited, Now now, Millis delay,
                    FoundBy by)
{
    if (device == m_config.device || m_isStopping)
        return;
    if (isInvited)
        m_invited.insert(device);
    m_dialler.want(device, endpoint, persistence, now.mono, delay, by);
    if (hasSession(device))
        m_dialler.connected(device);
}

void Sessions::forget(const PublicKey &device)
{
    m_dialler.forget(device);
    m_invited.erase(device);
}

void Sessions::reach(const PublicKey &device, Now now)
{
    if (!m_isStopping && !hasSession(device))
        m_dialler.hurry(device, now.mono);
}

void Sessions::dialDue(Now now)
{
    for (const Dialler::Attempt &attempt : m_dialler.due(now.mono)) {
        if (hasSession(attempt.device)) {
            m_dialler.connected(attempt.device);
            continue;
        }
        const auto key = identity::transportKeyOf(attempt.device);
        if (!key) {
            failDial(attempt, Obstacle::WrongKey, now);
            continue;
        }
        const LinkId link = m_transport.dial(attempt.endpoint, TransportKey{*key});
        m_dials[link] = {attempt, m_invited.contains(attempt.device)};
    }
}

void Sessions::failDial(const Dialler::Attempt &attempt, Obstacle step, Now now)
{
    m_dialler.failed(attempt.device, now.mono, step);
    const bool isRetried = m_dialler.wants(attempt.device);
    if (!isRetried)
        m_invited.erase(attempt.device);
    m_events.emplace_back(DialFailed{step, attempt.device, attempt.endpoint, isRetried});
}

// ---- Links ---------------------------------------------------------------------------------

void Sessions::take(LinkEvent event, Now now)
{
    if (auto *frame = std::get_if<LinkFrame>(&event)) {
        const auto found = m_sessions.find(frame->link);
        if (found != m_sessions.end())
            received(found->second, frame->message, now);
    } else if (auto *fresh = std::get_if<LinkOpened>(&event)) {
        opened(std::move(*fresh), now);
    } else if (const auto *gone = std::get_if<LinkClosed>(&event)) {
        closed(*gone, now);
    } else if (const auto *turned = std::get_if<LinkRefused>(&event)) {
        refused(*turned, now);
    }
}

void Sessions::opened(LinkOpened event, Now now)
{
    const auto dialled = m_dials.find(event.link);
    CHECK((event.role == Role::Dialler) == (dialled != m_dials.end()));
    HandshakeConfig config;
    config.role = event.role;
    config.theirTransport = event.theirs;
    config.ours = {
        m_config.versions, m_config.device, m_config.boot, {}, now.wall.time_since_epoch().count(),
        m_config.port,     event.role};
    m_random.fill(config.ours.nonce.value);
    if (dialled != m_dials.end())
        config.expected = dialled->second.attempt.device;

    const auto [entry, isNew] =
        m_sessions.try_emplace(event.link, event.link, PeerId(m_nextPeer++), std::move(config));
    CHECK(isNew);
    Session &session = entry->second;
    session.theirKey = event.theirs;
    session.address = std::move(event.address);
    session.host = std::move(event.host);
    session.deadline = now.mono + kHandshakeTime;
    m_due.reset();
    session.frames = Budget(kKnockFramesPerSecond, kKnockFramesBurst);
    session.bytes = Budget(kKnockBytesPerSecond, kKnockBytesBurst);
    if (dialled != m_dials.end()) {
        session.attempt = dialled->second.attempt;
        session.isInvited = dialled->second.isInvited;
        m_dials.erase(dialled);
    }
    m_byPeer[session.peer] = session.link;
    if (m_sessions.size() > kSessionsMax || m_isStopping)
        end(session, EndReason::NoFreeSession, now);
    else
        follow(session, session.handshake.start(), now);
}

void Sessions::closed(const LinkClosed &event, Now now)
{
    const auto dialled = m_dials.find(event.link);
    if (dialled != m_dials.end()) {
        const Dialler::Attempt attempt = dialled->second.attempt;
        m_dials.erase(dialled);
        failDial(attempt, obstacleOf(event.end), now);
        return;
    }
    const auto found = m_sessions.find(event.link);
    if (found == m_sessions.end())
        return;
    down(found->second, EndReason::Lost, now);
    m_byPeer.erase(found->second.peer);
    m_gone += found->second.traffic;
    m_sessions.erase(found);
}

void Sessions::refused(const LinkRefused &event, Now now)
{
    count(event.code, event.address, now);
    const bool isOffence = event.code == Code::E_CANON || event.code == Code::E_BOUNDS;
    if (isOffence && event.key) {
        m_mutes[*event.key] = now.mono + kMuteTime;
        applyAdmission();
    }
    if (!event.link)
        return;
    const auto found = m_sessions.find(*event.link);
    if (found != m_sessions.end())
        down(found->second, EndReason::Malformed, now);
}

// ---- Handshakes ----------------------------------------------------------------------------

void Sessions::shake(Session &session, const Frame &frame, Now now)
{
    follow(session, session.handshake.take(frame), now);
}

void Sessions::follow(Session &session, HandshakeStep step, Now now)
{
    for (Bytes &message : step.send)
        (void)session.lanes.pushOwn(std::move(message));
    flush(session);
    switch (step.state) {
    case HandshakeStep::State::Running:
        break;
    case HandshakeStep::State::NeedProofs:
        answerHello(session, now);
        break;
    case HandshakeStep::State::Judge:
        judge(session, now);
        break;
    case HandshakeStep::State::Done:
        goUp(session, now);
        break;
    case HandshakeStep::State::Failed:
        if (step.failure == EndReason::Malformed)
            offend(session, Code::E_CANON, now);
        else
            end(session, step.failure.value_or(EndReason::ClosedByThem), now);
        break;
    }
}

void Sessions::answerHello(Session &session, Now now)
{
    session.device = session.handshake.theirs().device;
    session.workspaces.bind(session.handshake.binding(), session.role, session.device);
    if (session.role == Role::Dialler)
        (void)session.workspaces.takeTheirs(session.handshake.theirProofs());
    follow(session, session.handshake.prove(session.workspaces.proveNew(m_tags, m_random, true)),
           now);
}

/// The listener's decision, before anything is promised.
void Sessions::judge(Session &session, Now now)
{
    (void)session.workspaces.takeTheirs(session.handshake.theirProofs());
    session.workspaces.match(m_tags);
    if (const auto reason = objection(session)) {
        end(session, *reason, now);
        return;
    }
    follow(session, session.handshake.accept(), now);
}

std::optional<EndReason> Sessions::objection(const Session &session) const
{
    if (session.isMember())
        return std::nullopt;
    if (session.workspaces.shared().empty() && !mayKnock(session))
        return EndReason::NotAllowed;
    const auto knockers = std::ranges::count_if(m_sessions, [](const auto &entry) {
        return entry.second.stage == Session::Stage::Up && !entry.second.isMember();
    });
    if (static_cast<std::size_t>(knockers) >= kKnockersMax && !session.isInvited)
        return EndReason::NoFreeSession;
    return std::nullopt;
}

Session *Sessions::standing(const PublicKey &device, const Session *except)
{
    for (auto &[link, session] : m_sessions) {
        if (&session != except && session.stage == Session::Stage::Up && session.device == device)
            return &session;
    }
    return nullptr;
}

/// Of two connections between one pair the one dialled by the smaller device key stays; both ends
/// see it alike. A restarted program and a dialler that dials again have given the old one up.
bool Sessions::yields(const Session &fresh, const Session &old) const
{
    if (fresh.handshake.theirs().boot != old.handshake.theirs().boot || fresh.role == old.role)
        return false;
    const bool isOurs = fresh.role == Role::Dialler;
    const bool isOursSmaller = m_config.device < fresh.device;
    return isOurs != isOursSmaller;
}

void Sessions::goUp(Session &session, Now now)
{
    session.workspaces.match(m_tags);
    if (const auto reason = objection(session)) {
        end(session, *reason, now);
        return;
    }
    m_due.reset();
    Session *const old = standing(session.device, &session);
    if (old != nullptr && yields(session, *old)) {
        old->pingDeadline =
            std::min(old->pingDeadline.value_or(MonoTime::max()), now.mono + kPingTime);
        say(*old, OwnKind::Ping);
        end(session, EndReason::Duplicate, now);
        return;
    }
    const Hello &theirs = session.handshake.theirs();
    session.stage = Session::Stage::Up;
    session.heardAt = now.mono;
    session.since = now.wall;
    m_ended.erase(session.device);
    ++m_seen;
    if (session.isMember()) {
        session.frames = Budget(kFramesPerSecond, kFramesBurst);
        session.bytes = Budget(kBytesPerSecond, kBytesBurst);
    }
    m_dialler.connected(session.device);
    SessionUp up{session.peer, session.device,    session.workspaces.shared(), session.address,
                 {},           session.isMember()};
    if (session.attempt)
        up.reachableAt = session.attempt->endpoint;
    else if (theirs.port != 0)
        up.reachableAt = Endpoint{session.host, theirs.port};
    if (session.isMember() && up.reachableAt)
        m_dialler.proven(session.device, *up.reachableAt);
    m_events.emplace_back(std::move(up));
    // Workspaces that were opened while the two shook hands.
    for (auto proofs = session.workspaces.proveNew(m_tags, m_random, false); !proofs.empty();
         proofs = session.workspaces.proveNew(m_tags, m_random, false))
        say(session, OwnKind::Proofs, encodeProofs(proofs));
    const Millis ours = now.wall.time_since_epoch();
    // Any 64 bits may come: far beyond the calendar is as off as one day.
    constexpr std::int64_t kFar = std::int64_t{1} << 50;
    const Millis difference(std::clamp(theirs.wallMs, -kFar, kFar) - ours.count());
    if (difference > limits::kClockSlack || -difference > limits::kClockSlack) {
        session.clockAhead = difference;
        m_events.emplace_back(ClockOff{session.peer, session.device, difference});
    }
    if (old != nullptr)
        end(*old, EndReason::Duplicate, now);
}

} // namespace nlbd::net
