#include "net/mesh.h"
#include "net/zmq_transport.h"

#include <QTest>

#include <arpa/inet.h>
#include <condition_variable>
#include <future>
#include <mutex>
#include <sys/socket.h>
#include <unistd.h>

using namespace nlbd;
using namespace nlbd::net;

namespace {

/// A mesh on loopback that remembers what it was told.
class Host {
public:
    explicit Host(std::uint64_t seed, bool hasBeacons = false, std::uint16_t beaconPort = 0)
        : m_random(seed)
        , device(identity::SecretKey::generate(m_random))
    {
        MeshConfig config;
        config.listen = {"127.0.0.1", 0, false};
        config.hasBeacons = hasBeacons;
        config.beaconPort = beaconPort;
        config.scope = InterfaceScope::Loopback;
        auto opened = Mesh::open(device, config, [this](std::vector<MeshEvent> events) {
            const std::lock_guard lock(m_mutex);
            std::ranges::move(events, std::back_inserter(m_events));
            m_changed.notify_all();
        });
        if (opened)
            mesh = std::move(*opened);
    }
    ~Host() { mesh.reset(); }

    template <typename Event, typename Match>
    std::optional<Event> waitFor(Match match)
    {
        std::unique_lock lock(m_mutex);
        std::optional<Event> found;
        // A dial that got no answer is given up after 8.5 s and made again.
        m_changed.wait_for(lock, std::chrono::seconds(30), [&] {
            for (const MeshEvent &event : m_events)
                if (const auto *it = std::get_if<Event>(&event); it != nullptr && match(*it))
                    found = *it;
            return found.has_value();
        });
        return found;
    }
    template <typename Event>
    std::optional<Event> waitFor()
    {
        return waitFor<Event>([](const Event &) { return true; });
    }
    template <typename Event>
    [[nodiscard]] std::size_t count()
    {
        const std::lock_guard lock(m_mutex);
        return static_cast<std::size_t>(std::ranges::count_if(
            m_events, [](const MeshEvent &e) { return std::holds_alternative<Event>(e); }));
    }
    [[nodiscard]] Endpoint endpoint() const { return {"127.0.0.1", mesh->port()}; }

private:
    SeededRandom m_random;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<MeshEvent> m_events;

public:
    identity::SecretKey device;
    std::unique_ptr<Mesh> mesh;
};

WorkspaceTag tagOf(const std::vector<const Host *> &hosts)
{
    WorkspaceTag tag;
    tag.id.value[0] = std::byte{7};
    tag.discoveryKey[0] = std::byte{9};
    for (const Host *host : hosts)
        tag.members.push_back(host->device.publicKey());
    return tag;
}

} // namespace

class MeshTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void membersMeetAndFramesFlow()
    {
        Host a(1);
        Host b(2);
        QVERIFY(a.mesh && b.mesh);
        const WorkspaceTag tag = tagOf({&a, &b});
        a.mesh->setWorkspaces({tag});
        b.mesh->setWorkspaces({tag});
        a.mesh->dial(b.endpoint(), b.device.publicKey(), Dialler::Persistence::UntilForgotten,
                     false);
        const auto atA = a.waitFor<SessionUp>();
        const auto atB = b.waitFor<SessionUp>();
        QVERIFY(atA && atB);
        QVERIFY(atA->isMember && atA->device == b.device.publicKey());
        QVERIFY(atB->shared == std::vector{tag.id});
        a.mesh->send(atA->peer, tag.id, 0x15, Bytes(100), Lane::Live);
        const auto frame = b.waitFor<FrameReceived>();
        QVERIFY(frame && frame->workspace == tag.id);
        QCOMPARE(frame->body.size(), 100U);
        b.mesh->send(atB->peer, tag.id, 0x14, Bytes(200'000), Lane::Bulk);
        QVERIFY(a.waitFor<FrameReceived>([](const auto &f) { return f.body.size() == 200'000; }));
    }
    void bothDialAtOnceAndOneSessionStays()
    {
        for (std::uint64_t round = 0; round < 10; ++round) {
            Host a(10 + round * 2);
            Host b(11 + round * 2);
            const WorkspaceTag tag = tagOf({&a, &b});
            a.mesh->setWorkspaces({tag});
            b.mesh->setWorkspaces({tag});
            a.mesh->dial(b.endpoint(), b.device.publicKey(), Dialler::Persistence::UntilForgotten,
                         false);
            b.mesh->dial(a.endpoint(), a.device.publicKey(), Dialler::Persistence::UntilForgotten,
                         false);
            QVERIFY(a.waitFor<SessionUp>() && b.waitFor<SessionUp>());
        }
    }
    void strangersAreTurnedAway()
    {
        Host a(50);
        Host stranger(51);
        a.mesh->setWorkspaces({tagOf({&a})});
        stranger.mesh->dial(a.endpoint(), a.device.publicKey(), Dialler::Persistence::Once, true);
        const auto failed = stranger.waitFor<DialFailed>();
        QVERIFY(failed && failed->step == Obstacle::NotMember);
        QVERIFY(a.waitFor<Refused>([](const auto &r) { return r.code == Code::E_ZAP; }));
    }
    void whoIsTurnedAwayIsCountedOnce()
    {
        SeededRandom random(52);
        const auto transport =
            ZmqTransport::listen(identity::SecretKey::generate(random), {"127.0.0.1", 0, false});
        QVERIFY(transport.has_value());
        constexpr std::size_t kTooMany = 8;
        std::vector<int> silent;
        for (std::size_t i = 0; i < Guard::kUnadmittedPerGroup + kTooMany; ++i) {
            sockaddr_in to{};
            to.sin_family = AF_INET;
            to.sin_port = htons((*transport)->port());
            to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            silent.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            QCOMPARE(::connect(silent.back(), reinterpret_cast<sockaddr *>(&to), sizeof to), 0);
        }
        std::map<std::string, int> refused;
        while (refused.size() < kTooMany) // ctest ends it if they never come
            for (const LinkEvent &event : (*transport)->wait(Millis(100), {}))
                if (const auto *told = std::get_if<LinkRefused>(&event)) {
                    QCOMPARE(told->code, Code::E_RATE);
                    ++refused[told->address];
                }
        for (const auto &[address, times] : refused)
            QCOMPARE(times, 1);
        for (const int socket : silent)
            ::close(socket);
    }
    void wrongKeysAreNoticed()
    {
        Host a(60);
        Host b(61);
        Host c(62);
        b.mesh->setDoorOpen(true);
        a.mesh->dial(b.endpoint(), c.device.publicKey(), Dialler::Persistence::Once, true);
        const auto failed = a.waitFor<DialFailed>();
        QVERIFY(failed && failed->step == Obstacle::WrongKey);
    }
    void whoDoesNotListenIsToldAtOnce()
    {
        Host a(63);
        Host b(64);
        const Endpoint gone = b.endpoint();
        b.mesh.reset();
        const auto begin = std::chrono::steady_clock::now();
        a.mesh->dial(gone, b.device.publicKey(), Dialler::Persistence::UntilForgotten, false,
                     FoundBy::LastAddress);
        const auto failed = a.waitFor<DialFailed>();
        QVERIFY(failed && failed->step == Obstacle::Refused && failed->isRetried);
        QVERIFY(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
        a.mesh->askReport();
        const auto report = a.waitFor<MeshReport>();
        QVERIFY(report && report->missing.size() == 1);
        const Dialler::Missing &row = report->missing.front();
        QVERIFY(row.last && row.last->step == Obstacle::Refused);
        QVERIFY(row.endpoint == gone && row.by == FoundBy::LastAddress);
    }
    void whoAcceptsAndSaysNothingIsNotOurs()
    {
        Host a(65);
        Host b(66);
        const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        QCOMPARE(::bind(silent, reinterpret_cast<sockaddr *>(&at), size), 0);
        QCOMPARE(::listen(silent, 8), 0);
        QCOMPARE(::getsockname(silent, reinterpret_cast<sockaddr *>(&at), &size), 0);
        a.mesh->dial({"127.0.0.1", ntohs(at.sin_port)}, b.device.publicKey(),
                     Dialler::Persistence::Once, false);
        const auto failed = a.waitFor<DialFailed>();
        QVERIFY(failed && failed->step == Obstacle::NotOurs);
        ::close(silent);
    }
    void theReportCountsWhatWasSent()
    {
        Host a(67);
        Host b(68);
        const WorkspaceTag tag = tagOf({&a, &b});
        a.mesh->setWorkspaces({tag});
        b.mesh->setWorkspaces({tag});
        a.mesh->dial(b.endpoint(), b.device.publicKey(), Dialler::Persistence::UntilForgotten,
                     false, FoundBy::Typed);
        const auto up = a.waitFor<SessionUp>();
        QVERIFY(up && b.waitFor<SessionUp>());
        a.mesh->send(up->peer, tag.id, 0x14, Bytes(100'000), Lane::Bulk);
        QVERIFY(b.waitFor<FrameReceived>());
        a.mesh->setWatched(true);
        const auto report = a.waitFor<MeshReport>([](const MeshReport &r) {
            return r.sessions.size() == 1 && r.sessions.front().roundTrip
                && r.total.bytesOut > 100'000;
        });
        QVERIFY(report.has_value());
        const SessionReport &row = report->sessions.front();
        QVERIFY(row.by == FoundBy::Typed && row.role == Role::Dialler && row.isMember);
        QVERIFY(row.roundTripSmoothed && *row.roundTripSmoothed < Millis(10'000));
        QCOMPARE(row.address, b.endpoint().text());
        QVERIFY(report->total == row.traffic);
    }
    void whoWatchesIsToldOnceASecond()
    {
        Host a(69);
        a.mesh->setWatched(true);
        QVERIFY(a.waitFor<MeshReport>());
        QTest::qWait(2500);
        const std::size_t told = a.count<MeshReport>();
        QVERIFY2(told >= 2 && told <= 4, qPrintable(QString::number(told)));
        a.mesh->setWatched(false);
        QTest::qWait(100);
        const std::size_t before = a.count<MeshReport>();
        QTest::qWait(1500);
        QCOMPARE(a.count<MeshReport>(), before);
    }
    void aTakenPortMakesRoomForTheNext()
    {
        Host a(72);
        SeededRandom random(73);
        MeshConfig config;
        config.listen = {"127.0.0.1", a.mesh->port(), false};
        config.hasBeacons = false;
        std::promise<MeshReport> told;
        const auto opened =
            Mesh::open(identity::SecretKey::generate(random), config,
                       [&told](const std::vector<MeshEvent> &events) {
                           for (const MeshEvent &event : events)
                               if (const auto *report = std::get_if<MeshReport>(&event))
                                   told.set_value(*report);
                       });
        QVERIFY(opened.has_value());
        (*opened)->askReport();
        const MeshReport report = told.get_future().get();
        QCOMPARE(report.wishedPort, a.mesh->port());
        QCOMPARE(report.port, (*opened)->port());
        QVERIFY(report.port != report.wishedPort);
    }
    void takenPortsAreSaid()
    {
        Host a(70);
        MeshConfig config;
        config.listen = {"127.0.0.1", a.mesh->port(), true};
        config.hasBeacons = false;
        SeededRandom random(71);
        const auto opened = Mesh::open(identity::SecretKey::generate(random), config,
                                       [](std::vector<MeshEvent>) {});
        QVERIFY(!opened);
        QVERIFY(opened.error() == ListenError::PortInUse);
    }
    void neighboursSeeEachOther()
    {
        constexpr std::uint16_t kPort = 38'471;
        Host a(80, true, kPort);
        Host b(81, true, kPort);
        a.mesh->setVisible(Card{"Ada", a.device.publicKey(), a.device.publicKey(), {}});
        b.mesh->setVisible(Card{"Ben", b.device.publicKey(), b.device.publicKey(), {}});
        const auto atA = a.waitFor<NeighbourSeen>();
        const auto atB = b.waitFor<NeighbourSeen>();
        QVERIFY(atA && atB);
        QCOMPARE(atA->card.name, std::string("Ben"));
        QCOMPARE(atB->endpoint.port, a.mesh->port());
        b.mesh->setVisible(std::nullopt);
        QVERIFY(a.waitFor<NeighbourGone>());
    }
};

QTEST_APPLESS_MAIN(MeshTest)
#include "mesh_test.moc"
