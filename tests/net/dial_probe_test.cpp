#include "net/dial_probe.h"
#include "net/udp.h"

#include <QTest>

#include <sched.h>
#include <thread>

using namespace nlbd;
using namespace nlbd::net;

namespace {

/// Runs in a network of its own, in which there is nothing but what `commands` make. Nothing: this
/// computer does not let us.
template <typename T>
std::optional<T> inOwnNetwork(const QStringList &commands, const std::function<T()> &work)
{
    std::optional<T> result;
    std::thread inside([&] {
        if (::unshare(CLONE_NEWNET) != 0)
            return;
        for (const QString &command : commands)
            if (std::system(qPrintable(command + QStringLiteral(" 2>/dev/null"))) != 0)
                return;
        result = work();
    });
    inside.join();
    return result;
}

LinkEnd answerOf(const Endpoint &endpoint)
{
    DialProbe probe(endpoint, MonoTime(Millis(0)));
    for (int i = 0; i < 100; ++i) {
        if (const auto end = probe.answer(MonoTime(Millis(i * 3))))
            return *end;
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
    return probe.answer(MonoTime(DialProbe::kPatience)).value_or(LinkEnd::Lost);
}

const QString kUp = QStringLiteral("ip link set lo up");

} // namespace

/// What the system answers is told by its name. The causes are real ones.
class DialProbeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whereThereIsAWayNothingIsSaid()
    {
        QVERIFY(!DialProbe::wayTo({"127.0.0.1", 9}));
        QVERIFY(!DialProbe::wayTo({"a-name.example", 9})); // not looked up
    }
    void nobodyListens() { QCOMPARE(answerOf({"127.0.0.1", 1}), LinkEnd::Refused); }
    void aNetworkThatIsDown()
    {
        using Way = std::optional<LinkEnd>;
        const auto way = inOwnNetwork<Way>({}, [] { return DialProbe::wayTo({"10.1.2.3", 9}); });
        if (!way) // it takes root's right to make one
            QSKIP("no network namespaces here");
        QCOMPARE(*way, Way(LinkEnd::NoNetwork));
        const auto six = inOwnNetwork<Way>({}, [] { return DialProbe::wayTo({"2001:db8::7", 9}); });
        QCOMPARE(six.value(), Way(LinkEnd::NoNetwork));
    }
    void aRouteThatForbids()
    {
        using Way = std::optional<LinkEnd>;
        const auto way = inOwnNetwork<Way>({kUp, "ip route add unreachable 10.1.2.0/24"}, [] {
            return DialProbe::wayTo({"10.1.2.3", 9});
        });
        if (!way) // it takes root's right to make one
            QSKIP("no network namespaces here");
        QCOMPARE(*way, Way(LinkEnd::Unreachable));
    }
    /// As firewalld refuses: by ICMP, which libzmq takes for a refusal like any other.
    void aFirewallThatTurnsAway()
    {
        const auto end = inOwnNetwork<LinkEnd>(
            {kUp, "nft add table ip t",
             "nft add chain ip t c '{ type filter hook input priority 0; }'",
             "nft add rule ip t c tcp dport 4747 reject with icmp type admin-prohibited"},
            [] {
                return answerOf({"127.0.0.1", 4747});
            });
        if (!end) // it takes root's right to make one, and a kernel with nftables
            QSKIP("no network namespaces here, or no nftables");
        QCOMPARE(*end, LinkEnd::Unreachable);
    }
    void aFirewallThatIsSilent()
    {
        const auto end =
            inOwnNetwork<LinkEnd>({kUp, "nft add table ip t",
                                   "nft add chain ip t c '{ type filter hook input priority 0; }'",
                                   "nft add rule ip t c tcp dport 4747 drop"},
                                  [] {
                                      return answerOf({"127.0.0.1", 4747});
                                  });
        if (!end) // it takes root's right to make one, and a kernel with nftables
            QSKIP("no network namespaces here, or no nftables");
        QCOMPARE(*end, LinkEnd::Unreachable); // it was refused a moment ago, and is silent now
    }
    void aQuestionThatIsRefusedIsHeardOf()
    {
        const UdpSocket socket = udp::ask({"127.0.0.1", 1}, bytesOf("?"));
        QVERIFY(socket.isOpen());
        std::optional<Obstacle> refusal;
        QVERIFY(QTest::qWaitFor([&] {
            refusal = udp::refusal(socket.fd());
            return refusal.has_value();
        }));
        QCOMPARE(int(*refusal), int(Obstacle::Refused));
        QVERIFY(!udp::refusal(socket.fd())); // once
    }
};

QTEST_GUILESS_MAIN(DialProbeTest)
#include "dial_probe_test.moc"
