#include "core/identity/secret_key.h"
#include "net/curve_socket.h"
#include "net/sessions.h"

#include <QTest>

#include <zmq.h>

using namespace nlbd;
using namespace nlbd::net;
using namespace std::chrono_literals;

namespace {

/// One end of a wire: what is said lies here until the test carries it over, or does not.
class End final : public Transport {
public:
    void setAdmission(Admission) override {}
    LinkId dial(const Endpoint &, const TransportKey &) override { return LinkId(1); }
    SendResult send(LinkId, ByteView message) override
    {
        if (isFull)
            return SendResult::Full;
        said.push_back(copyOf(message));
        return SendResult::Sent;
    }
    void cut(LinkId) override { isCut = true; }
    std::vector<LinkEvent> wait(Millis, const std::vector<int> &) override { return {}; }

    std::vector<Bytes> said;
    bool isCut = false;
    bool isFull = false;
};

struct Side {
    explicit Side(std::uint64_t seed, VersionRange versions = kProtocolVersions)
        : random(seed)
        , device(identity::SecretKey::generate(random))
        , sessions({.device = device.publicKey(), .boot = {}, .versions = versions}, end, random)
    {
    }
    SeededRandom random;
    identity::SecretKey device;
    End end;
    Sessions sessions;
};

/// Two members with a session, and a clock that the test holds.
struct Pair {
    explicit Pair(VersionRange versionsOfB = kProtocolVersions, Millis clockOfB = {},
                  std::optional<PublicKey> notB = {})
        : b(2, versionsOfB)
    {
        WorkspaceTag room;
        room.id = tag;
        room.members = {a.device.publicKey(), b.device.publicKey()};
        a.sessions.setWorkspaces({room}, now);
        if (notB)
            room.members[0] = *notB; // as b has it: a is nobody
        b.sessions.setWorkspaces({room}, now);
        ahead = clockOfB;
        a.sessions.dial({"10.0.0.2", 1}, b.device.publicKey(), Dialler::Persistence::UntilForgotten,
                        false, now, Millis{0}, FoundBy::Typed);
        a.sessions.tick(now);
        a.sessions.take(LinkOpened{LinkId(1), Role::Dialler, keyOf(b), "b", "b"}, now);
        b.sessions.take(LinkOpened{LinkId(1), Role::Listener, keyOf(a), "10.0.0.1:7", "10.0.0.1"},
                        nowAt(b));
        talk();
    }
    static TransportKey keyOf(const Side &side)
    {
        return TransportKey{*identity::transportKeyOf(side.device.publicKey())};
    }
    /// Everything that was said comes over.
    void talk()
    {
        while (!a.end.said.empty() || !b.end.said.empty()) {
            carry(a, b);
            carry(b, a);
        }
    }
    void carry(Side &from, Side &to) const
    {
        for (Bytes &message : std::exchange(from.end.said, {}))
            to.sessions.take(LinkFrame{LinkId(1), std::move(message)}, nowAt(to));
    }
    [[nodiscard]] Now nowAt(const Side &side) const
    {
        return {now.mono, now.wall + (&side == &b ? ahead : Millis{0})};
    }
    [[nodiscard]] static MeshReport reportOf(const Side &side, Now now)
    {
        MeshReport report;
        side.sessions.tellInto(report, now);
        return report;
    }
    [[nodiscard]] MeshReport reportOfA() const { return reportOf(a, now); }
    void pass(Millis time)
    {
        now.mono += time;
        now.wall += time;
        a.sessions.tick(now);
        b.sessions.tick(now);
    }
    [[nodiscard]] bool isUp() const
    {
        return a.sessions.hasSession(b.device.publicKey())
            && b.sessions.hasSession(a.device.publicKey());
    }

    Now now{MonoTime(1s), WallTime(Millis(1'767'225'600'000))};
    WorkspaceId tag = [] {
        WorkspaceId id;
        id.value[0] = std::byte{7};
        return id;
    }();
    Millis ahead{}; ///< b's wall clock
    Side a{1};
    Side b;
};

} // namespace

class SessionsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whoIsQuietIsAskedAndAnswers()
    {
        Pair pair;
        QVERIFY(pair.isUp());
        for (int i = 0; i < 600; ++i) { // ten minutes in which nobody has anything to say
            pair.pass(1s);
            pair.talk();
            QVERIFY(pair.isUp());
        }
    }
    void whoSaysNothingIsGone()
    {
        Pair pair;
        QVERIFY(pair.isUp());
        Millis passed{0};
        for (; pair.isUp() && passed < 60s; passed += 500ms) {
            pair.pass(500ms);
            pair.b.end.said.clear(); // its end of the wire stands still
        }
        QVERIFY(pair.a.end.isCut);
        QVERIFY(passed >= Sessions::kQuietTime && passed < 15s);
        QVERIFY(passed <= Sessions::kQuietTime + Sessions::kAnswerTime);
    }
    /// Who dialled asks first, and the answer tells both: one question for each pair.
    void oneOfTwoAsks()
    {
        Pair pair;
        pair.pass(1s);
        pair.talk(); // the first question measures the way
        std::size_t ofA = 0;
        std::size_t ofB = 0;
        for (int i = 0; i < 40; ++i) {
            pair.pass(250ms);
            ofA += pair.a.end.said.size();
            ofB += pair.b.end.said.size();
            pair.talk();
        }
        QCOMPARE(ofA, 1U);
        QCOMPARE(ofB, 0U); // its answer is said while the two talk
    }
    void whoAnsweredOnceIsAskedAgainAsSoon()
    {
        Pair pair;
        QVERIFY(pair.isUp());
        for (Millis passed{0}; passed <= Sessions::kQuietTime; passed += 1s)
            pair.pass(1s); // asks, and waits
        pair.talk();
        Millis passed{0};
        for (; pair.isUp() && passed < 60s; passed += 500ms) {
            pair.pass(500ms);
            pair.b.end.said.clear();
        }
        QVERIFY(passed >= Sessions::kQuietTime && passed < 15s);
    }
    /// Who stood still itself has read nothing of what came: it does not take others for dead.
    void whoSleptListensFirst()
    {
        Pair pair;
        for (Millis passed{0}; passed <= Sessions::kQuietTime; passed += 1s)
            pair.pass(1s);
        QVERIFY(!pair.a.end.said.empty()); // it asks, and sleeps before the answer is read
        pair.pass(1h);
        pair.talk();
        pair.pass(1s);
        QVERIFY(pair.isUp());
    }
    void theHeartbeatMeasuresTheWay()
    {
        Pair pair;
        pair.pass(0ms); // asks at once
        pair.now.mono += 40ms;
        pair.talk();
        auto row = pair.reportOfA().sessions.front();
        QCOMPARE(row.roundTrip.value(), Millis(40));
        QCOMPARE(row.roundTripSmoothed.value(), Millis(40));
        // Somebody who talks without a pause is asked as well, and one slow answer moves little.
        for (Millis passed{1s}; passed <= RoundTrip::kAskAgain; passed += 1s) {
            pair.pass(1s);
            pair.b.sessions.send(PeerId(1), pair.tag, 0x15, Bytes(3), Lane::Live, pair.now);
            if (passed < RoundTrip::kAskAgain)
                pair.talk();
        }
        pair.now.mono += 120ms;
        pair.talk();
        row = pair.reportOfA().sessions.front();
        QCOMPARE(row.roundTrip.value(), Millis(120));
        QCOMPARE(row.roundTripSmoothed.value(), Millis(50)); // 7/8 of 40 and 1/8 of 120
    }
    void anAnswerThatNobodyAskedForMeasuresNothing()
    {
        Pair pair;
        pair.a.sessions.take(LinkFrame{LinkId(1), ownFrame(OwnKind::Pong)}, pair.now);
        QVERIFY(!pair.reportOfA().sessions.front().roundTrip);
    }
    void bytesAndQueuesAreCounted()
    {
        Pair pair;
        pair.pass(0ms);
        pair.talk();
        const Traffic before = pair.reportOfA().sessions.front().traffic;
        pair.a.sessions.send(PeerId(1), pair.tag, 0x15, Bytes(1000), Lane::Live, pair.now);
        QCOMPARE(pair.a.end.said.size(), std::size_t(1));
        const std::size_t size = pair.a.end.said.front().size();
        auto row = pair.reportOfA().sessions.front();
        QCOMPARE(row.traffic.framesOut, before.framesOut + 1);
        QCOMPARE(row.traffic.bytesOut, before.bytesOut + size);
        pair.talk();
        const auto atB = Pair::reportOf(pair.b, pair.now);
        QCOMPARE(atB.total.bytesIn, row.traffic.bytesOut); // all that left came in
        QCOMPARE(atB.sessions.front().traffic.framesIn, row.traffic.framesOut);
        // Nothing leaves any more: what waits is told by lane.
        pair.a.end.isFull = true;
        pair.a.sessions.send(PeerId(1), pair.tag, 0x15, Bytes(500), Lane::Live, pair.now);
        pair.a.sessions.send(PeerId(1), pair.tag, 0x14, Bytes(70), Lane::Bulk, pair.now);
        pair.a.sessions.send(PeerId(1), pair.tag, 0x14, Bytes(70), Lane::Bulk, pair.now);
        row = pair.reportOfA().sessions.front();
        QCOMPARE(row.live.frames, std::size_t(1));
        QVERIFY(row.live.bytes >= 500 && row.live.bytes < 600);
        QCOMPARE(row.bulk.frames, std::size_t(2));
        QCOMPARE(row.own.frames, std::size_t(0));
        QCOMPARE(row.traffic.framesOut, before.framesOut + 1);
    }
    void theReportTellsWhoAndHow()
    {
        Pair pair;
        const auto report = pair.reportOfA();
        QCOMPARE(report.sessions.size(), std::size_t(1));
        QVERIFY(report.missing.empty());
        const SessionReport &row = report.sessions.front();
        QVERIFY(row.device == pair.b.device.publicKey() && row.isMember);
        QVERIFY(row.role == Role::Dialler && row.by == FoundBy::Typed);
        QVERIFY(row.stage == Session::Stage::Up);
        QVERIFY(row.since == pair.now.wall);
        const auto atB = Pair::reportOf(pair.b, pair.now).sessions.front();
        QVERIFY(atB.role == Role::Listener && atB.by == FoundBy::TheyCame);
        QCOMPARE(report.sessionsSeen, std::uint64_t(1));
    }
    void whatFailedIsKeptForWhoIsMissing_data()
    {
        QTest::addColumn<int>("versions");
        QTest::addColumn<bool>("isKnown");
        QTest::addColumn<int>("step");
        QTest::newRow("version") << 7 << true << int(Obstacle::WrongVersion);
        QTest::newRow("no member") << 1 << false << int(Obstacle::NotMember);
    }
    void whatFailedIsKeptForWhoIsMissing()
    {
        QFETCH(int, versions);
        QFETCH(bool, isKnown);
        QFETCH(int, step);
        const auto version = static_cast<std::uint16_t>(versions);
        Pair pair({version, version}, {},
                  isKnown ? std::optional<PublicKey>() : std::optional(PublicKey{}));
        QVERIFY(!pair.isUp());
        const auto report = pair.reportOfA();
        QCOMPARE(report.missing.size(), std::size_t(1));
        const Dialler::Missing &row = report.missing.front();
        QVERIFY(row.device == pair.b.device.publicKey());
        QVERIFY(row.last.has_value());
        QCOMPARE(int(row.last->step), step);
        QCOMPARE(row.last->endpoint.text(), std::string("10.0.0.2:1"));
        QCOMPARE(row.failures, std::uint64_t(1));
        QVERIFY(row.nextAt > pair.now.mono && row.nextAt <= pair.now.mono + 400ms);
        // The other end says who came, though it never said its name.
        const auto visitors = Pair::reportOf(pair.b, pair.now).visitors;
        QCOMPARE(visitors.size(), std::size_t(1));
        QCOMPARE(int(visitors.front().step), step);
        QCOMPARE(visitors.front().host, std::string("10.0.0.1"));
        QVERIFY(!isKnown || visitors.front().device == pair.a.device.publicKey());
    }
    void aClockThatIsFarOffIsTold()
    {
        Pair pair(kProtocolVersions, 2h);
        QVERIFY(pair.isUp());
        QCOMPARE(pair.reportOfA().sessions.front().clockAhead.value(), Millis(2h));
        QVERIFY(!Pair().reportOfA().sessions.front().clockAhead);
    }
    void whySomebodyLeftIsTold()
    {
        Pair pair;
        pair.b.sessions.stop(pair.now);
        pair.talk();
        pair.pass(1ms);
        const auto report = pair.reportOfA();
        QVERIFY(report.sessions.empty());
        QCOMPARE(report.ended.size(), std::size_t(1));
        QVERIFY(report.ended.front().step == Obstacle::Closed);
        QCOMPARE(report.missing.size(), std::size_t(1));
        QVERIFY(report.missing.front().last->step == Obstacle::Closed);
        QVERIFY(report.total.bytesIn > 0); // what is over still counts
    }
    /// Whoever comes again and again fills no more than one row, and many no more than a few.
    void visitorsAreBounded()
    {
        Side b(2);
        const Now now{MonoTime(1s), WallTime(Millis(1'767'225'600'000))};
        for (std::uint64_t i = 1; i <= 45; ++i) {
            const std::string host = "10.0.0." + std::to_string(std::min<std::uint64_t>(i, 40));
            const LinkId link(i);
            b.sessions.take(LinkOpened{link, Role::Listener, TransportKey{},
                                       host + ":" + std::to_string(i), host},
                            now);
            b.sessions.take(LinkFrame{link, Bytes(10, std::byte{9})}, now);
        }
        const auto report = Pair::reportOf(b, now);
        QCOMPARE(report.visitors.size(), Sessions::kVisitorsMax);
        QCOMPARE(report.visitors.back().host, std::string("10.0.0.40"));
        QCOMPARE(report.visitors.back().count, std::uint64_t(6));
    }
    /// libzmq 4.3 ends the process if its own heartbeat falls due on a connection that broke while
    /// it was not read: nobody may bring that about.
    void libzmqHasNoHeartbeat()
    {
        const ZmqContext context;
        ZmqSocket socket(context, ZMQ_ROUTER);
        socket.setMeshOptions();
        int interval = -1;
        std::size_t size = sizeof interval;
        QCOMPARE(zmq_getsockopt(socket.get(), ZMQ_HEARTBEAT_IVL, &interval, &size), 0);
        QCOMPARE(interval, 0);
    }
};

QTEST_APPLESS_MAIN(SessionsTest)
#include "sessions_test.moc"
