#include "net/ready_set.h"

#include <array>
#include <memory>
#include <QElapsedTimer>
#include <QTest>
#include <set>
#include <sys/socket.h>
#include <unistd.h>

using namespace nlbd::net;
using std::chrono::milliseconds;

namespace {

/// Two ends of one line.
struct Line {
    Line()
    {
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0)
            qFatal("no sockets");
    }
    ~Line()
    {
        close(ends[0]);
        close(ends[1]);
    }
    Line(const Line &) = delete;
    Line &operator=(const Line &) = delete;
    void say() const { QCOMPARE(write(ends[1], "x", 1), 1); }
    void hear() const
    {
        char byte = 0;
        QCOMPARE(read(ends[0], &byte, 1), 1);
    }
    [[nodiscard]] int fd() const { return ends[0]; }
    std::array<int, 2> ends{-1, -1};
};

constexpr milliseconds kNow{0};
constexpr milliseconds kLong{20'000};

} // namespace

class ReadySetTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tellsWhatIsReadableUntilItIsRead();
    void whatWasTakenOutIsNotTold();
    void aNumberMayBeUsedAgain();
    void manyAreAllToldInTheEnd();
    void othersWakeItAndHaveNoTag();
};

void ReadySetTest::tellsWhatIsReadableUntilItIsRead()
{
    ReadySet set;
    QVERIFY(set.isOpen());
    const Line first;
    const Line second;
    QVERIFY(set.add(first.fd(), 7));
    QVERIFY(set.add(second.fd(), 8));
    QVERIFY(set.wait(kNow, {}, {}).empty());
    second.say();
    QCOMPARE(set.wait(kLong, {}, {}), std::vector<std::uint64_t>{8});
    QCOMPARE(set.wait(kLong, {}, {}), std::vector<std::uint64_t>{8});
    second.hear();
    QVERIFY(set.wait(kNow, {}, {}).empty());
}

void ReadySetTest::whatWasTakenOutIsNotTold()
{
    ReadySet set;
    const Line line;
    QVERIFY(set.add(line.fd(), 7));
    line.say();
    set.remove(line.fd());
    set.remove(line.fd());    // twice is as good as once
    QVERIFY(!set.add(-1, 8)); // no descriptor
    QVERIFY(set.wait(kNow, {}, {}).empty());
}

void ReadySetTest::aNumberMayBeUsedAgain()
{
    ReadySet set;
    int number = -1;
    {
        const Line line;
        number = line.fd();
        QVERIFY(set.add(number, 7));
        set.remove(number);
    }
    const Line line;
    QCOMPARE(line.fd(), number); // the smallest free one
    QVERIFY(set.add(line.fd(), 9));
    line.say();
    QCOMPARE(set.wait(kLong, {}, {}), std::vector<std::uint64_t>{9});
}

void ReadySetTest::manyAreAllToldInTheEnd()
{
    constexpr std::size_t kMany = 400; // more than are asked for at once
    ReadySet set;
    std::vector<std::unique_ptr<Line>> lines;
    for (std::size_t i = 0; i < kMany; ++i) {
        lines.push_back(std::make_unique<Line>());
        QVERIFY(set.add(lines.back()->fd(), i));
        lines.back()->say();
    }
    std::set<std::uint64_t> told;
    for (std::size_t turn = 0; turn < kMany && told.size() < kMany; ++turn)
        for (const std::uint64_t tag : set.wait(kNow, {}, {}))
            if (told.insert(tag).second)
                lines[tag]->hear();
    QCOMPARE(told.size(), kMany);
}

void ReadySetTest::othersWakeItAndHaveNoTag()
{
    ReadySet set;
    const Line own;
    const Line other;
    QVERIFY(set.add(own.fd(), 7));
    other.say();
    QElapsedTimer timer;
    timer.start();
    QVERIFY(set.wait(kLong, {other.fd()}, {}).empty());
    QVERIFY(set.wait(kLong, {}, {other.ends[1]}).empty()); // there is room to write
    QVERIFY(timer.elapsed() < kLong.count());
    own.say();
    QCOMPARE(set.wait(kLong, {other.fd()}, {}), std::vector<std::uint64_t>{7});
}

QTEST_APPLESS_MAIN(ReadySetTest)
#include "ready_set_test.moc"
