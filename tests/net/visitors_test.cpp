// Who comes and may not stay, over real sockets: another version, nobody's guest, somebody who was
// let go, one too many.
#include "core/identity/secret_key.h"
#include "net/sessions.h"
#include "net/zmq_transport.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::net;

namespace {

constexpr std::uint8_t kWorkspaceKind = 0x15;
constexpr std::uint8_t kLobbyKind = 0x70;

/// A computer: real sockets on the loopback device, moved on by the test's own thread.
class Computer {
public:
    explicit Computer(std::uint64_t seed, VersionRange versions = kProtocolVersions)
        : m_random(seed)
        , device(identity::SecretKey::generate(m_random))
        , m_transport(*ZmqTransport::listen(device, {"127.0.0.1", 0, false}))
        , sessions({device.publicKey(), bootOf(seed), versions, m_transport->port()}, *m_transport,
                   m_random)
    {
    }
    void turn()
    {
        sessions.tick(now());
        for (LinkEvent &event : m_transport->wait(Millis(1), {}))
            sessions.take(std::move(event), now());
        for (MeshEvent &event : sessions.takeEvents())
            events.push_back(std::move(event));
    }
    void dial(const Computer &other, bool isInvited = false)
    {
        sessions.dial({"127.0.0.1", other.m_transport->port()}, other.device.publicKey(),
                      Dialler::Persistence::Once, isInvited, now());
    }
    void shareWith(const std::vector<const Computer *> &others)
    {
        WorkspaceTag tag;
        tag.id = workspace();
        tag.discoveryKey[0] = std::byte{9};
        tag.members = {device.publicKey()};
        for (const Computer *other : others)
            tag.members.push_back(other->device.publicKey());
        sessions.setWorkspaces({tag}, now());
    }
    [[nodiscard]] static WorkspaceId workspace()
    {
        WorkspaceId id;
        id.value[0] = std::byte{7};
        return id;
    }
    template <typename Event>
    [[nodiscard]] std::optional<Event> heard() const
    {
        for (const MeshEvent &event : events)
            if (const auto *found = std::get_if<Event>(&event))
                return *found;
        return std::nullopt;
    }
    [[nodiscard]] static Now now()
    {
        using namespace std::chrono;
        return {MonoTime(duration_cast<Millis>(steady_clock::now().time_since_epoch())),
                time_point_cast<Millis>(system_clock::now())};
    }

private:
    static BootId bootOf(std::uint64_t seed)
    {
        BootId boot;
        boot.value[0] = static_cast<std::byte>(seed);
        return boot;
    }
    SeededRandom m_random;

public:
    identity::SecretKey device;

private:
    std::unique_ptr<ZmqTransport> m_transport;

public:
    Sessions sessions;
    std::vector<MeshEvent> events;
};

/// Until it is so. ctest ends the test if it never is; this ends it before.
bool turnUntil(const std::vector<Computer *> &all, const std::function<bool()> &isTrue)
{
    const QDeadlineTimer end(30'000);
    while (!isTrue() && !end.hasExpired())
        for (Computer *computer : all)
            computer->turn();
    return isTrue();
}

} // namespace

class VisitorsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anotherVersionIsToldAtBothEnds()
    {
        Computer a(1);
        Computer b(2, {7, 9});
        a.shareWith({&b});
        b.shareWith({&a});
        a.dial(b);
        QVERIFY(
            turnUntil({&a, &b}, [&] { return a.heard<DialFailed>() && b.heard<VisitorFailed>(); }));
        QVERIFY(a.heard<DialFailed>()->step == Obstacle::WrongVersion);
        QVERIFY(b.heard<VisitorFailed>()->reason == EndReason::WrongVersion);
        QVERIFY(!a.heard<SessionUp>() && !b.heard<SessionUp>());
    }

    void aShutDoorIsShut()
    {
        Computer host(10);
        Computer stranger(11);
        host.shareWith({});
        stranger.dial(host, true);
        QVERIFY(turnUntil({&host, &stranger},
                          [&] { return stranger.heard<DialFailed>().has_value(); }));
        QVERIFY(stranger.heard<DialFailed>()->step == Obstacle::NotMember);
        QVERIFY(!host.heard<SessionUp>());
    }

    /// Whoever knocks at an open door without an invitation may say so, and nothing of a workspace
    /// goes either way.
    void whoKnocksSpeaksOfNoWorkspace()
    {
        Computer host(20);
        Computer member(21);
        Computer stranger(22);
        host.shareWith({&member});
        host.sessions.setDoorOpen(true, Computer::now());
        stranger.shareWith({&host}); // it says so; the host knows better
        stranger.dial(host, true);
        const auto isUp = [&] { return host.heard<SessionUp>() && stranger.heard<SessionUp>(); };
        QVERIFY(turnUntil({&host, &stranger}, isUp));
        QVERIFY(!host.heard<SessionUp>()->isMember && host.heard<SessionUp>()->shared.empty());
        const PeerId toHost = stranger.heard<SessionUp>()->peer;
        const PeerId toStranger = host.heard<SessionUp>()->peer;
        const Now now = Computer::now();
        stranger.sessions.send(toHost, Computer::workspace(), kWorkspaceKind, Bytes(50), Lane::Live,
                               now);
        host.sessions.send(toStranger, Computer::workspace(), kWorkspaceKind, Bytes(50), Lane::Live,
                           now);
        stranger.sessions.send(toHost, std::nullopt, kLobbyKind, Bytes(5), Lane::Live, now);
        host.sessions.send(toStranger, std::nullopt, kLobbyKind, Bytes(6), Lane::Live, now);
        QVERIFY(turnUntil({&host, &stranger}, [&] {
            return host.heard<FrameReceived>() && stranger.heard<FrameReceived>();
        }));
        // Frames keep their order: what came first is what was let through.
        QVERIFY(!host.heard<FrameReceived>()->workspace && !host.heard<FrameReceived>()->isMember);
        QCOMPARE(host.heard<FrameReceived>()->body.size(), std::size_t(5));
        QVERIFY(!stranger.heard<FrameReceived>()->workspace);
        QCOMPARE(stranger.heard<FrameReceived>()->body.size(), std::size_t(6));
    }

    /// A removed member's session ends, and it is not let in again.
    void whoWasLetGoStaysOut()
    {
        Computer a(30);
        Computer b(31);
        a.shareWith({&b});
        b.shareWith({&a});
        a.dial(b);
        const auto isUp = [&] { return a.heard<SessionUp>() && b.heard<SessionUp>(); };
        QVERIFY(turnUntil({&a, &b}, isUp));
        QVERIFY(b.heard<SessionUp>()->isMember);
        b.events.clear();
        b.shareWith({}); // decided: a is no member any more
        QVERIFY(turnUntil({&a, &b}, [&] { return a.heard<SessionDown>().has_value(); }));
        QVERIFY(!b.sessions.hasSession(a.device.publicKey()));
        a.events.clear();
        a.dial(b);
        QVERIFY(turnUntil({&a, &b}, [&] { return a.heard<DialFailed>().has_value(); }));
        QVERIFY(a.heard<DialFailed>()->step == Obstacle::NotMember);
        QVERIFY(!b.heard<SessionUp>() && !b.heard<FrameReceived>());
    }

    /// Strangers take each other's places at most: whoever is a member comes in.
    void oneTooManyIsTurnedAwayAndAMemberIsNot()
    {
        Computer host(40);
        Computer member(41);
        host.shareWith({&member});
        member.shareWith({&host});
        host.sessions.setDoorOpen(true, Computer::now());
        std::vector<std::unique_ptr<Computer>> strangers;
        std::vector<Computer *> all{&host};
        for (std::uint64_t i = 0; i < Sessions::kKnockersMax; ++i) {
            Computer &stranger = *strangers.emplace_back(std::make_unique<Computer>(100 + i));
            all.push_back(&stranger);
            stranger.dial(host, true);
            QVERIFY(turnUntil({&host, &stranger},
                              [&] { return stranger.heard<SessionUp>().has_value(); }));
        }
        Computer late(90);
        all.push_back(&late);
        late.dial(host, true);
        QVERIFY(turnUntil(all, [&] { return late.heard<DialFailed>().has_value(); }));
        QVERIFY(late.heard<DialFailed>()->step == Obstacle::TooMany);
        all.push_back(&member);
        member.dial(host);
        QVERIFY(turnUntil(all, [&] { return member.heard<SessionUp>().has_value(); }));
        QVERIFY(member.heard<SessionUp>()->isMember);
        QVERIFY(turnUntil( // who was turned away goes in its own time
            all, [&] { return host.sessions.count() == Sessions::kKnockersMax + 1; }));
    }
};

QTEST_APPLESS_MAIN(VisitorsTest)
#include "visitors_test.moc"
