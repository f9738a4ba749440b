#include "app/mailbox.h"

#include <QElapsedTimer>
#include <QTest>

#include <atomic>
#include <thread>

using namespace nlbd;
using namespace nlbd::app;

class MailboxTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void valuesComeInOrderFromManySenders();
    void aFullBoxHoldsTheSender();
    void postNeverWaits();
    void closingReleasesEverybody();
    void wakingEndsTheWait();
    void aSlotIsSilentUntilItIsServed();
    void noEventArrivesAfterTheSinkWasTaken();
    void anAnswerIsWaitedFor();
};

void MailboxTest::valuesComeInOrderFromManySenders()
{
    constexpr int kEach = 5000;
    Mailbox<std::pair<int, int>> box(64);
    std::vector<std::thread> senders;
    for (int sender = 0; sender < 3; ++sender)
        senders.emplace_back([&box, sender] {
            for (int i = 0; i < kEach; ++i)
                box.put({sender, i});
        });
    std::array<int, 3> next{};
    int total = 0;
    while (total < 3 * kEach) {
        for (const auto &[sender, i] : box.takeAll(Millis{5000})) {
            QCOMPARE(i, next[static_cast<std::size_t>(sender)]++);
            ++total;
        }
    }
    for (std::thread &sender : senders)
        sender.join();
}

void MailboxTest::aFullBoxHoldsTheSender()
{
    Mailbox<int> box(2);
    std::atomic<int> sent = 0;
    std::thread sender([&] {
        for (int i = 0; i < 5; ++i) {
            box.put(i);
            ++sent;
        }
    });
    int taken = 0;
    while (taken < 5) {
        const auto values = box.takeAll(Millis{5000});
        QVERIFY(values.size() <= 2);
        taken += static_cast<int>(values.size());
        QVERIFY(sent <= taken + 2);
    }
    sender.join();
}

void MailboxTest::postNeverWaits()
{
    Mailbox<int> box(1);
    for (int i = 0; i < 100; ++i)
        QVERIFY(box.post(i));
    QCOMPARE(box.takeAll(Millis{0}).size(), std::size_t{100});
}

void MailboxTest::closingReleasesEverybody()
{
    Mailbox<int> box(1);
    QVERIFY(box.put(1));
    std::thread sender([&] { QVERIFY(!box.put(2)); });
    box.close();
    sender.join();
    QVERIFY(!box.post(3));
    QCOMPARE(box.takeAll(Millis{5000}), std::vector<int>{1});
    QVERIFY(box.takeAll(Millis{5000}).empty());
}

void MailboxTest::wakingEndsTheWait()
{
    Mailbox<int> box(1);
    std::thread other([&] { box.wake(); });
    QElapsedTimer timer;
    timer.start();
    QVERIFY(box.takeAll(Millis{20'000}).empty());
    QVERIFY(timer.elapsed() < 15'000);
    other.join();
}

void MailboxTest::aSlotIsSilentUntilItIsServed()
{
    SinkSlot<int> slot;
    std::vector<int> heard;
    const auto sink = [&](std::vector<int> events) {
        heard.insert(heard.end(), events.begin(), events.end());
    };
    slot.deliver({1});
    const auto first = slot.set(sink);
    slot.deliver({2});
    const auto second = slot.set(sink);
    slot.begin(first); // somebody else was set since
    slot.deliver({3});
    slot.begin(second);
    slot.deliver({4, 5});
    (void)slot.set({});
    slot.deliver({6});
    QCOMPARE(heard, (std::vector{4, 5}));
}

void MailboxTest::noEventArrivesAfterTheSinkWasTaken()
{
    SinkSlot<int> slot;
    std::atomic<bool> isOver = false;
    std::thread server([&] {
        while (!isOver)
            slot.deliver({1});
    });
    for (int round = 0; round < 2000; ++round) {
        auto alive = std::make_unique<std::atomic<int>>(0);
        slot.begin(slot.set([counter = alive.get()](std::vector<int>) { ++*counter; }));
        (void)slot.set({});
        alive.reset(); // a late call would touch freed memory: the sanitizers see it
    }
    isOver = true;
    server.join();
}

void MailboxTest::anAnswerIsWaitedFor()
{
    auto answer = std::make_shared<Answer<int>>();
    int value = 0;
    QVERIFY(!answer->wait(Millis{1}, value));
    std::thread other([answer] { answer->set(7); });
    QVERIFY(answer->wait(Millis{10'000}, value));
    QCOMPARE(value, 7);
    other.join();
}

QTEST_APPLESS_MAIN(MailboxTest)
#include "mailbox_test.moc"
