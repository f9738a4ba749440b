// Changes of a computer's network are heard of, not looked for.
#include "core/identity/genesis.h"
#include "net/discovery.h"

#include <functional>
#include <poll.h>
#include <QTest>
#include <sched.h>
#include <thread>

using namespace nlbd;
using namespace nlbd::net;

namespace {

/// In a network of its own with nothing in it. False: this computer does not let us.
bool inOwnNetwork(const std::function<void()> &work)
{
    bool isInside = false;
    std::thread inside([&] {
        isInside = ::unshare(CLONE_NEWNET) == 0;
        if (isInside)
            work();
    });
    inside.join();
    return isInside;
}

bool hasNews(int fd, int patienceMs)
{
    pollfd item{fd, POLLIN, 0};
    return ::poll(&item, 1, patienceMs) > 0;
}

bool ip(const char *command)
{
    return std::system(("ip " + std::string(command)).c_str()) == 0;
}

std::size_t changesIn(const std::vector<MeshEvent> &events)
{
    return static_cast<std::size_t>(std::ranges::count_if(events, [](const MeshEvent &event) {
        return std::holds_alternative<AddressesChanged>(event);
    }));
}

} // namespace

class InterfaceWatchTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatChangesIsTold()
    {
        bool isQuiet = false;
        std::vector<bool> told;
        const bool isInside = inOwnNetwork([&] {
            const InterfaceWatch watch;
            isQuiet = watch.fd() >= 0 && !watch.hasChanged() && !hasNews(watch.fd(), 0);
            for (const char *command :
                 {"link set lo up", "link add name eth0 type veth peer name eth1",
                  "link set eth1 up", "link set eth0 up", "addr add 10.5.0.1/24 dev eth0",
                  "addr del 10.5.0.1/24 dev eth0", "link set eth0 down"}) {
                const bool isDone = ip(command);
                told.push_back(isDone && hasNews(watch.fd(), 30'000) && watch.hasChanged());
            }
        });
        if (!isInside) // it takes root's right to make one
            QSKIP("no network namespaces here");
        QVERIFY(isQuiet);
        QCOMPARE(told, std::vector<bool>(7, true));
    }

    /// The time that passes here is the test's: two seconds of looking again never do.
    void discoveryLooksAtOnce()
    {
        std::vector<std::size_t> changes;
        std::size_t channels = 0;
        const bool isInside = inOwnNetwork([&] {
            SeededRandom random(3);
            const auto device = identity::SecretKey::generate(random);
            Discovery discovery({47'999, 4711, InterfaceScope::Networks, {}}, device, random);
            MonoTime now(Millis(1'000'000));
            discovery.setVisible(Card{"Ada", device.publicKey(), device.publicKey(), {}}, now);
            changes.push_back(changesIn(discovery.turn(now)));
            for (const char *command :
                 {"link add name eth0 type veth peer name eth1", "link set eth1 up",
                  "link set eth0 up", "addr add 10.5.0.1/24 broadcast + dev eth0"})
                (void)ip(command);
            changes.push_back(changesIn(discovery.turn(now + Millis(300))));
            changes.push_back(changesIn(discovery.turn(now + Millis(301))));
            MeshReport report;
            discovery.tellInto(report, {now, {}});
            channels = report.discovery.sockets;
        });
        if (!isInside)
            QSKIP("no network namespaces here");
        QCOMPARE(changes, std::vector<std::size_t>({1, 1, 0}));
        QVERIFY(channels > 0);
    }

    /// Whoever makes an interface come and go does not keep us from everything else.
    void whatFlapsIsLookedAtNowAndThen()
    {
        std::size_t changes = 0;
        const bool isInside = inOwnNetwork([&] {
            SeededRandom random(4);
            const auto device = identity::SecretKey::generate(random);
            Discovery discovery({47'998, 4711, InterfaceScope::Networks, {}}, device, random);
            const MonoTime now(Millis(1'000'000));
            discovery.setVisible(Card{"Ada", device.publicKey(), device.publicKey(), {}}, now);
            changes = changesIn(discovery.turn(now));
            (void)ip("link add name eth0 type veth peer name eth1");
            (void)ip("link set eth1 up");
            (void)ip("link set eth0 up");
            for (int i = 1; i <= 10; ++i) {
                (void)ip(i % 2 != 0 ? "addr add 10.5.0.1/24 dev eth0"
                                    : "addr del 10.5.0.1/24 dev eth0");
                changes += changesIn(discovery.turn(now + Millis(i)));
            }
        });
        if (!isInside)
            QSKIP("no network namespaces here");
        QCOMPARE(changes, std::size_t(1));
    }
};

QTEST_APPLESS_MAIN(InterfaceWatchTest)
#include "interface_watch_test.moc"
