#include "core/base/limits.h"
#include "core/base/random.h"
#include "core/gossip/wants.h"

#include <QTest>

#include <set>

using namespace nlbd;
using namespace std::chrono_literals;
using gossip::HeadPlace;
using gossip::Wants;

namespace {

constexpr auto kFirst = 2 * Wants::kRoundTripGuess; // what a stranger's word waits

HeadPlace place(std::uint16_t device, std::uint64_t seq)
{
    return {DeviceIndex(device), Seq(seq), seq};
}

/// One computer that was told things, and asks.
struct Table {
    void heard(const HeadPlace &what, std::uint64_t from) { wants.heard(what, PeerId(from), now); }
    void hold(std::uint16_t device, std::uint64_t upTo)
    {
        held[device] = upTo;
        wants.settle(DeviceIndex(device),
                     [&](const HeadPlace &what) { return what.seq.value <= upTo; });
    }
    /// What is asked now.
    std::vector<Wants::Request> ask() { return wants.due(now, number); }
    /// Who is asked for something within that time, in order, and how long after its begin.
    std::vector<std::pair<std::uint64_t, Millis>> asked(Millis time)
    {
        std::vector<std::pair<std::uint64_t, Millis>> peers;
        for (const MonoTime begin = now; now < begin + time; now += 1ms)
            if (const auto due = wants.deadline(); due && *due <= now)
                for (const Wants::Request &request : ask()) {
                    peers.emplace_back(request.peer.value,
                                       std::chrono::duration_cast<Millis>(now - begin));
                    last = request;
                }
        return peers;
    }

    /// Who is asked first within that time; 0: nobody.
    std::uint64_t next(Millis time)
    {
        const auto peers = asked(time);
        return peers.empty() ? 0 : peers.front().first;
    }

    Wants wants;
    MonoTime now{Millis(1000)};
    std::uint32_t number = 0;
    std::map<std::uint16_t, std::uint64_t> held;
    Wants::Request last;
};

} // namespace

/// What is announced and asked for: of whom, when, and what liars make of it.
class WantsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatComesInTimeIsNotAskedFor();
    void whatDoesNotComeIsAskedForAfterTwoRoundTrips();
    void anotherIsAskedIfTheFirstStaysSilent();
    void whoAnswersWithNothingMakesWayAtOnce();
    void whoLeavesMakesWayAtOnce();
    void thePatienceFollowsTheRoundTrip();
    void whoStaysSilentIsNotListenedTo();
    void liarsTakeNobodysPlace();
    void aFloodIsBounded();
    void whatIsInventedIsGivenUp();
    void requestsInFlightAreBounded();
    void foreignAnswersCountForNothing();
    void nothingIsAskedForTwiceAtATime();
};

void WantsTest::whatComesInTimeIsNotAskedFor()
{
    Table table;
    table.heard(place(1, 5), 1);
    QVERIFY(table.asked(kFirst - 1ms).empty());
    table.hold(1, 5);
    QVERIFY(table.asked(10s).empty());
    QCOMPARE(table.wants.size(), 0U);
}

void WantsTest::whatDoesNotComeIsAskedForAfterTwoRoundTrips()
{
    Table table;
    table.heard(place(1, 5), 1);
    table.now += 10ms;
    table.heard(place(2, 7), 1);
    const auto asked = table.asked(200ms);
    QVERIFY(!asked.empty() && asked.front() == std::pair(std::uint64_t(1), Millis(kFirst - 10ms)));
    table.wants.heard(place(3, 1), PeerId(2), table.now, Wants::kPatienceMin);
    QCOMPARE(table.asked(1s).front().second, Millis(Wants::kPatienceMin));
}

void WantsTest::anotherIsAskedIfTheFirstStaysSilent()
{
    Table table;
    table.heard(place(1, 5), 1);
    table.heard(place(1, 5), 2);
    table.heard(place(1, 4), 3);
    const auto asked = table.asked(1s);
    QVERIFY(asked.size() >= 3);
    QCOMPARE(asked[0], (std::pair(std::uint64_t(1), Millis(kFirst))));
    QCOMPARE(asked[1], (std::pair(std::uint64_t(2), Millis(kFirst * 2)))); // 60 ms later
    QCOMPARE(asked[2], (std::pair(std::uint64_t(3), Millis(kFirst * 3))));
    QVERIFY(asked.size() >= 5);
    QCOMPARE(asked[4].second - asked[3].second, Millis(kFirst * 2)); // all were asked once
}

void WantsTest::whoAnswersWithNothingMakesWayAtOnce()
{
    Table table;
    table.heard(place(1, 5), 1);
    table.heard(place(1, 5), 2);
    QCOMPARE(table.asked(kFirst + 1ms).size(), 1U);
    const auto places = table.wants.answered(PeerId(1), table.last.number, table.now);
    QVERIFY(places && *places == std::vector{place(1, 5)});
    table.wants.undelivered(PeerId(1), places->front(), table.now);
    QCOMPARE(table.next(1ms), 2U);
    QVERIFY(table.wants.isAskable(PeerId(1), table.now)); // once may be bad luck
}

void WantsTest::whoLeavesMakesWayAtOnce()
{
    Table table;
    table.heard(place(1, 5), 1);
    table.heard(place(1, 5), 2);
    QCOMPARE(table.next(kFirst + 1ms), 1U);
    table.wants.gone(PeerId(1), table.now);
    QCOMPARE(table.next(1ms), 2U);
    table.wants.gone(PeerId(2), table.now);
    QCOMPARE(table.wants.size(), 0U);
    QVERIFY(!table.wants.deadline());
}

void WantsTest::thePatienceFollowsTheRoundTrip()
{
    Table table;
    for (std::uint64_t seq = 1; seq <= 60; ++seq) {
        for (const std::uint64_t peer : {1U, 2U}) {
            const auto device = static_cast<std::uint16_t>(peer);
            table.heard(place(device, seq), peer);
            while (table.asked(1ms).empty())
                continue;
            table.now += peer == 1 ? 2ms : 300ms;
            QVERIFY(table.wants.answered(PeerId(peer), table.last.number, table.now));
            table.hold(device, seq);
        }
    }
    QCOMPARE(table.wants.patienceWith(PeerId(1)), Millis(Wants::kPatienceMin));
    const Millis far = table.wants.patienceWith(PeerId(2));
    QVERIFY(far > 500ms && far <= 604ms);
    QCOMPARE(table.wants.patienceWith(PeerId(3)), Millis(kFirst));
}

void WantsTest::whoStaysSilentIsNotListenedTo()
{
    Table table;
    table.heard(place(1, 5), 1);
    static_cast<void>(table.asked(kFirst + Wants::kSilence + 1ms));
    QVERIFY(!table.wants.isAskable(PeerId(1), table.now));
    table.wants.forget(DeviceIndex(1));
    table.heard(place(2, 5), 1);
    QVERIFY(table.asked(1s).empty());
    table.heard(place(2, 5), 2); // and its word stands in nobody's way
    QCOMPARE(table.next(100ms), 2U);
    table.wants.useful(PeerId(1)); // what it owed came after all
    QVERIFY(table.wants.isAskable(PeerId(1), table.now));
}

/// A third of 30 peers announces what does not exist, first and again and again, and is silent or
/// answers with nothing. The others say what they hold as often as somebody types, and answer
/// within 20 ms.
void WantsTest::liarsTakeNobodysPlace()
{
    Millis longest{0};
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        Table table;
        SeededRandom random(seed);
        const auto isLiar = [](std::uint64_t peer) { return peer <= 10; };
        const MonoTime begin = table.now;
        std::vector<std::pair<MonoTime, Wants::Request>> answers;
        bool hasCome = false;
        for (; !hasCome && table.now < begin + 20s; table.now += 1ms) {
            const auto passed = (table.now - begin).count();
            for (std::uint64_t liar = 1; liar <= 10 && passed % 50 == 0; ++liar)
                table.heard(place(1, 1000 + random.below(1000)), liar);
            for (std::uint64_t peer = 11; peer <= 30 && passed % 200 == 5; ++peer)
                table.heard(place(1, 5 + static_cast<std::uint64_t>(passed) / 200), peer);
            for (const Wants::Request &request : table.ask())
                if (!isLiar(request.peer.value) || random.below(2) == 0)
                    answers.emplace_back(table.now + 20ms, request);
            for (const auto &[when, request] : answers) {
                if (when != table.now
                    || !table.wants.answered(request.peer, request.number, table.now))
                    continue;
                hasCome = hasCome || !isLiar(request.peer.value);
                if (isLiar(request.peer.value))
                    table.wants.undelivered(request.peer, request.places.front(), table.now);
            }
        }
        QVERIFY2(hasCome, std::to_string(seed).c_str());
        longest = std::max(longest, std::chrono::duration_cast<Millis>(table.now - begin));
    }
    QVERIFY2(longest < 2s, std::to_string(longest.count()).c_str()); // comparing may take as long
}

void WantsTest::aFloodIsBounded()
{
    Table table;
    SeededRandom random(1);
    for (int i = 0; i < 200'000; ++i) {
        table.wants.heard(
            place(static_cast<std::uint16_t>(random.below(200)), random.below(1U << 20)),
            PeerId(1 + random.below(127)), table.now);
        if (i % 100 == 0) {
            table.now += 5ms;
            static_cast<void>(table.ask());
        }
    }
    QVERIFY(table.wants.size() <= 200 * Wants::kAnnouncersMax + 127 * limits::kRequestsInFlight);
}

void WantsTest::whatIsInventedIsGivenUp()
{
    Table table;
    table.heard(place(1, 99), 1);
    std::size_t requests = 0;
    for (int i = 0; i < 60; ++i)
        requests += table.asked(1s).size();
    QVERIFY2(requests <= Wants::kAttemptsMax, std::to_string(requests).c_str());
    QCOMPARE(table.wants.size(), 0U);
    QVERIFY(!table.wants.deadline());
}

void WantsTest::requestsInFlightAreBounded()
{
    Table table;
    std::size_t requests = 0;
    for (std::uint16_t device = 0; device < 100; ++device) {
        table.heard(place(device, 1), 1);
        requests += table.asked(5ms).size();
    }
    requests += table.asked(500ms).size();
    QVERIFY2(requests <= limits::kRequestsInFlight, std::to_string(requests).c_str());
}

void WantsTest::foreignAnswersCountForNothing()
{
    Table table;
    table.heard(place(1, 5), 1);
    QCOMPARE(table.asked(kFirst + 1ms).size(), 1U);
    QVERIFY(!table.wants.answered(PeerId(2), table.last.number, table.now));
    QVERIFY(!table.wants.answered(PeerId(1), table.last.number + 1, table.now));
    QVERIFY(table.wants.answered(PeerId(1), table.last.number, table.now));
    QVERIFY(!table.wants.answered(PeerId(1), table.last.number, table.now));
}

void WantsTest::nothingIsAskedForTwiceAtATime()
{
    Table table;
    for (std::uint64_t peer = 1; peer <= 8; ++peer)
        table.heard(place(1, 5), peer);
    QCOMPARE(table.asked(kFirst * 2 - 1ms).size(), 1U); // one of the eight
}

QTEST_APPLESS_MAIN(WantsTest)
#include "wants_test.moc"
