// When the guard looks at connections, and when it rests; what it does to them: perimeter_test.
#include "net/guard.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::net;
using namespace std::chrono_literals;

namespace {

class FakeProbe final : public TcpProbe {
public:
    [[nodiscard]] bool isAvailable() const override { return true; }
    [[nodiscard]] std::optional<TcpPeer> peerOf(int) const override
    {
        return TcpPeer{"10.0.0.7", 7, "10.0.0.7"};
    }
    [[nodiscard]] std::optional<std::uint64_t> bytesReceived(int) const override
    {
        return received;
    }
    [[nodiscard]] std::optional<std::uint64_t> nameOf(int fd) const override
    {
        return static_cast<std::uint64_t>(fd);
    }
    [[nodiscard]] std::optional<std::uint64_t> residentBytes() const override { return resident; }
    void reset(int, const TcpPeer &) override { ++resets; }

    std::uint64_t received = 0;
    std::optional<std::uint64_t> resident = 100U << 20U;
    int resets = 0;
};

/// One connection that is admitted and has nothing under way, just looked at.
struct Watch {
    Watch()
    {
        guard.connected(5, now);
        guard.delivered(5, 0);
        look();
    }
    void look() { offences = guard.sweep(now); }

    MonoTime now{MonoTime(1s)};
    FakeProbe probe;
    Guard guard{probe, 100};
    std::vector<Guard::Offence> offences;
};

} // namespace

class GuardTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void itRestsWhileNothingGrows()
    {
        Watch watch;
        watch.now += 100ms;
        QVERIFY(!watch.guard.isDue(watch.now));
        *watch.probe.resident -= 50U << 20U; // less is no news
        QVERIFY(!watch.guard.isDue(watch.now));
        watch.now += Guard::kRest;
        QVERIFY(watch.guard.isDue(watch.now));
    }
    void itLooksAtOnceWhenMemoryGrows()
    {
        Watch watch;
        watch.now += 100ms;
        *watch.probe.resident += Guard::kGrowth + 1;
        QVERIFY(watch.guard.isDue(watch.now));
        watch.look();
        QVERIFY(!watch.guard.isDue(watch.now)); // that is what it has now
    }
    void itLooksWhereMemoryIsNotTold()
    {
        Watch watch;
        watch.probe.resident.reset();
        QVERIFY(watch.guard.isDue(watch.now));
        watch.look();
        QVERIFY(watch.guard.isDue(watch.now));
    }
    void whoHoldsMuchIsWatched()
    {
        Watch watch;
        watch.probe.received = Guard::kBusyBytes * 2;
        watch.look();
        QVERIFY(watch.guard.isDue(watch.now));
        watch.probe.received = Guard::kUndeliveredBytesMax * 2;
        watch.look();
        QCOMPARE(watch.offences.size(), 1U);
        QCOMPARE(watch.probe.resets, 1);
    }
    void whoIsNotAdmittedIsWatched()
    {
        Watch watch;
        QVERIFY(!watch.guard.accepted(6, watch.now));
        QVERIFY(watch.guard.isDue(watch.now));
        watch.look();
        QVERIFY(watch.guard.isDue(watch.now));
    }
};

QTEST_GUILESS_MAIN(GuardTest)
#include "guard_test.moc"
