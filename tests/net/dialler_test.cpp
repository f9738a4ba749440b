#include "core/base/random.h"
#include "net/dialler.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using net::Dialler;
using net::Endpoint;
using Persistence = net::Dialler::Persistence;

namespace {

PublicKey device(int number)
{
    PublicKey key;
    key.value[0] = static_cast<std::byte>(number);
    return key;
}

Endpoint place(int number)
{
    return {"10.0.0." + std::to_string(number), 9000};
}

/// A dialler whose attempts all fail, but for those at one address.
struct Plan {
    /// How long it takes until the true address is dialled; nothing: not within `patience`.
    std::optional<Millis> reaches(
        const PublicKey &whom, const Endpoint &truth, Millis patience,
        const std::function<void()> &meanwhile = [] {})
    {
        for (const MonoTime begin = now; now < begin + patience; now += 100ms) {
            meanwhile();
            for (const Dialler::Attempt &attempt : dialler.due(now)) {
                if (attempt.device == whom && attempt.endpoint == truth)
                    return std::chrono::duration_cast<Millis>(now - begin);
                dialler.failed(attempt.device, now);
            }
        }
        return std::nullopt;
    }

    SeededRandom random{1};
    Dialler dialler{random};
    MonoTime now{Millis(1'000'000)};
};

} // namespace

/// Whom to dial where. What others say of addresses must not keep two from meeting.
class DiallerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rumoursTakeNoPlace();
    void rumoursWithoutEnd();
    void aRumourIsTried();
    void whereItWasReachedIsKept();
    void whoIsAskedForIsDialledNow();
    void askingWithoutEndIsNoFlood();
};

void DiallerTest::rumoursTakeNoPlace()
{
    Plan plan;
    const Endpoint truth = place(1);
    plan.dialler.want(device(1), truth, Persistence::UntilForgotten, plan.now);
    plan.dialler.connected(device(1));
    for (int i = 2; i < 200; ++i)
        plan.dialler.want(device(1), place(i), Persistence::Rumour, plan.now);
    plan.dialler.lost(device(1), plan.now);
    QVERIFY(plan.reaches(device(1), truth, 2s).has_value());
}

void DiallerTest::rumoursWithoutEnd()
{
    Plan plan;
    const Endpoint truth = place(1);
    plan.dialler.want(device(1), truth, Persistence::UntilForgotten, plan.now);
    int told = 2;
    const auto poison = [&] {
        for (int i = 0; i < 5; ++i)
            plan.dialler.want(device(1), place(2 + told++ % 200), Persistence::Rumour, plan.now);
    };
    for (int i = 0; i < 5; ++i) { // again and again, also when pauses have grown
        QVERIFY(plan.reaches(device(1), truth, 90s, poison).has_value());
        plan.dialler.failed(device(1), plan.now);
    }
}

void DiallerTest::aRumourIsTried()
{
    Plan plan; // it moved: the true address is a rumour
    plan.dialler.want(device(1), place(1), Persistence::UntilForgotten, plan.now);
    plan.dialler.want(device(1), place(2), Persistence::Rumour, plan.now);
    QVERIFY(plan.reaches(device(1), place(2), 2s).has_value());
    plan.dialler.want(device(3), place(3), Persistence::Rumour, plan.now); // and where it is all
    QVERIFY(plan.reaches(device(3), place(3), 2s).has_value());
}

void DiallerTest::whereItWasReachedIsKept()
{
    Plan plan;
    plan.dialler.want(device(1), place(1), Persistence::UntilForgotten, plan.now);
    plan.dialler.want(device(1), place(2), Persistence::Rumour, plan.now);
    QVERIFY(plan.reaches(device(1), place(2), 2s).has_value());
    plan.dialler.proven(device(1), place(2));
    for (int i = 10; i < 20; ++i)
        plan.dialler.want(device(1), place(i), Persistence::Rumour, plan.now);
    plan.dialler.lost(device(1), plan.now);
    QCOMPARE(plan.reaches(device(1), place(2), 2s).value_or(2s) < 1s, true);
}

void DiallerTest::whoIsAskedForIsDialledNow()
{
    Plan plan;
    const Endpoint truth = place(1);
    plan.dialler.want(device(1), truth, Persistence::UntilForgotten, plan.now);
    QVERIFY(!plan.reaches(device(1), place(2), 200s)); // by now it waits half a minute
    plan.dialler.hurry(device(1), plan.now);
    const auto took = plan.reaches(device(1), truth, 30s);
    QVERIFY(took && *took == 0ms);
    plan.dialler.hurry(device(2), plan.now); // nobody wants that one: nothing happens
    QVERIFY(!plan.dialler.wants(device(2)));
}

void DiallerTest::askingWithoutEndIsNoFlood()
{
    Plan plan;
    plan.dialler.want(device(1), place(1), Persistence::UntilForgotten, plan.now);
    int attempts = 0;
    for (const MonoTime end = plan.now + 300s; plan.now < end; plan.now += 100ms) {
        plan.dialler.hurry(device(1), plan.now);
        for (const Dialler::Attempt &attempt : plan.dialler.due(plan.now)) {
            ++attempts;
            plan.dialler.failed(attempt.device, plan.now);
        }
    }
    QVERIFY2(attempts >= 28 && attempts <= 40, std::to_string(attempts).c_str());
}

QTEST_APPLESS_MAIN(DiallerTest)
#include "dialler_test.moc"
