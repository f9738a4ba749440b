#include "core/identity/secret_key.h"
#include "net/curve_socket.h"
#include "net/sessions.h"

#include <QtTest>

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
        said.push_back(copyOf(message));
        return SendResult::Sent;
    }
    void cut(LinkId) override { isCut = true; }
    std::vector<LinkEvent> wait(Millis, const std::vector<int> &) override { return {}; }

    std::vector<Bytes> said;
    bool isCut = false;
};

struct Side {
    explicit Side(std::uint64_t seed)
        : random(seed)
        , device(identity::SecretKey::generate(random))
        , sessions({.device = device.publicKey(), .boot = {}}, end, random)
    {
    }
    SeededRandom random;
    identity::SecretKey device;
    End end;
    Sessions sessions;
};

/// Two members with a session, and a clock that the test holds.
struct Pair {
    Pair()
    {
        WorkspaceTag tag;
        tag.id.value[0] = std::byte{7};
        tag.members = {a.device.publicKey(), b.device.publicKey()};
        for (Side *side : {&a, &b})
            side->sessions.setWorkspaces({tag}, now);
        a.sessions.dial({"10.0.0.2", 1}, b.device.publicKey(), Dialler::Persistence::Once, false,
                        now);
        a.sessions.tick(now);
        a.sessions.take(LinkOpened{LinkId(1), Role::Dialler, keyOf(b), "b", "b"}, now);
        b.sessions.take(LinkOpened{LinkId(1), Role::Listener, keyOf(a), "a", "a"}, now);
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
            to.sessions.take(LinkFrame{LinkId(1), std::move(message)}, now);
    }
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
    Side a{1};
    Side b{2};
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
        std::chrono::seconds passed{0};
        for (; pair.isUp() && passed < 60s; passed += 1s) {
            pair.pass(1s);
            pair.b.end.said.clear(); // its end of the wire stands still
        }
        QVERIFY(pair.a.end.isCut);
        QCOMPARE(passed.count(), (Sessions::kQuietTime + Sessions::kAnswerTime).count() / 1000);
    }
    /// Who stood still itself has read nothing of what came: it does not take others for dead.
    void whoSleptListensFirst()
    {
        Pair pair;
        pair.pass(6s);
        QVERIFY(!pair.a.end.said.empty()); // it asks, and sleeps before the answer is read
        pair.pass(1h);
        pair.talk();
        pair.pass(1s);
        QVERIFY(pair.isUp());
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
