#include "core/base/random.h"
#include "net/zmq_transport.h"

#include <filesystem>
#include <QTest>
#include <thread>

using namespace nlbd;
using namespace nlbd::net;
using namespace std::chrono_literals;

namespace {

constexpr Millis kTurn{50};
constexpr Millis kPatience{1000};

/// Two who are linked, each used by this thread alone.
struct Pair {
    Pair()
        : deviceOfOne(identity::SecretKey::generate(random))
        , deviceOfOther(identity::SecretKey::generate(random))
        , one(*ZmqTransport::listen(deviceOfOne, {"127.0.0.1", 0, false}))
        , other(*ZmqTransport::listen(deviceOfOther, {"127.0.0.1", 0, false}))
    {
        Admission admission;
        admission.allowed = {TransportKey{*identity::transportKeyOf(deviceOfOne.publicKey())}};
        other->setAdmission(std::move(admission));
        dialled = one->dial({"127.0.0.1", other->port()},
                            TransportKey{*identity::transportKeyOf(deviceOfOther.publicKey())});
    }

    /// False if they do not come together.
    [[nodiscard]] bool meet()
    {
        const auto end = std::chrono::steady_clock::now() + 20s;
        while (std::chrono::steady_clock::now() < end) {
            for (const LinkEvent &event : one->wait(kTurn, {}))
                if (std::holds_alternative<LinkOpened>(event))
                    static_cast<void>(one->send(dialled, word));
            for (const LinkEvent &event : other->wait(kTurn, {}))
                if (const auto *frame = std::get_if<LinkFrame>(&event)) {
                    accepted = frame->link;
                    return true;
                }
        }
        return false;
    }

    /// Whether the next message comes while nothing else does.
    [[nodiscard]] static bool hears(ZmqTransport &transport)
    {
        const auto end = std::chrono::steady_clock::now() + kPatience;
        while (std::chrono::steady_clock::now() < end)
            for (const LinkEvent &event : transport.wait(kTurn, {}))
                if (std::holds_alternative<LinkFrame>(event))
                    return true;
        return false;
    }

    SystemRandom random;
    identity::SecretKey deviceOfOne;
    identity::SecretKey deviceOfOther;
    std::unique_ptr<ZmqTransport> one;
    std::unique_ptr<ZmqTransport> other;
    LinkId dialled;
    LinkId accepted;
    Bytes word{Bytes(100, std::byte{0x2A})};
};

} // namespace

/// What of libzmq's ways the transport must know about.
class ZmqTransportTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whoSendsHearsWhatCameBefore_data();
    void whoSendsHearsWhatCameBefore();
    void manyMessagesAreAllTaken();
    void aLinkTakesThreeDescriptors();
    void whatCameStandsBeforeTheEnd();
    void aDescriptorThatIsUsedAgainIsNoOldLink();
};

void ZmqTransportTest::whoSendsHearsWhatCameBefore_data()
{
    QTest::addColumn<bool>("isDialler");
    QTest::addRow("dialler") << true;
    QTest::addRow("listener") << false;
}

/// A send takes the sign that something came off the socket's descriptor.
void ZmqTransportTest::whoSendsHearsWhatCameBefore()
{
    QFETCH(bool, isDialler);
    Pair pair;
    QVERIFY(pair.meet());
    ZmqTransport &hearer = isDialler ? *pair.one : *pair.other;
    ZmqTransport &speaker = isDialler ? *pair.other : *pair.one;
    const LinkId toSpeaker = isDialler ? pair.dialled : pair.accepted;
    const LinkId toHearer = isDialler ? pair.accepted : pair.dialled;
    for (int i = 0; i < 10; ++i) {
        QCOMPARE(speaker.send(toHearer, pair.word), SendResult::Sent);
        // Until it is there. Whether it is cannot be asked without taking the sign that this is
        // about; too short a wait makes the test see less, never fail.
        std::this_thread::sleep_for(20ms);
        QCOMPARE(hearer.send(toSpeaker, pair.word), SendResult::Sent);
        QVERIFY2(Pair::hears(hearer), qPrintable(QString::number(i)));
        QVERIFY(Pair::hears(speaker));
    }
}

/// More than one turn takes: what is left is no news to the descriptor either.
void ZmqTransportTest::manyMessagesAreAllTaken()
{
    constexpr std::size_t kMessages = 5000;
    Pair pair;
    QVERIFY(pair.meet());
    std::size_t sent = 0;
    std::size_t taken = 0;
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (taken < kMessages && std::chrono::steady_clock::now() < end) {
        while (sent < kMessages && pair.other->send(pair.accepted, pair.word) == SendResult::Sent)
            ++sent;
        static_cast<void>(pair.other->wait(Millis{1}, {}));
        for (const LinkEvent &event : pair.one->wait(kTurn, {}))
            taken += std::holds_alternative<LinkFrame>(event) ? 1 : 0;
    }
    QCOMPARE(taken, kMessages);
}

/// TCP at both ends, and libzmq's mailbox at the one that dialled.
void ZmqTransportTest::aLinkTakesThreeDescriptors()
{
    const std::filesystem::path mine("/proc/self/fd");
    if (!std::filesystem::exists(mine))
        QSKIP("the system does not list descriptors"); // /proc is Linux's
    const auto count = [&mine] {
        return std::distance(std::filesystem::directory_iterator(mine),
                             std::filesystem::directory_iterator());
    };
    Pair pair;
    QVERIFY(pair.meet());
    const auto before = count();
    constexpr int kMore = 5;
    int opened = 0;
    for (int i = 0; i < kMore; ++i)
        static_cast<void>(pair.one->dial(
            {"127.0.0.1", pair.other->port()},
            TransportKey{*identity::transportKeyOf(pair.deviceOfOther.publicKey())}));
    const auto end = std::chrono::steady_clock::now() + 20s;
    while ((opened < kMore || count() > before + 3 * kMore)
           && std::chrono::steady_clock::now() < end) {
        for (const LinkEvent &event : pair.one->wait(kTurn, {}))
            if (const auto *link = std::get_if<LinkOpened>(&event)) {
                ++opened;
                static_cast<void>(pair.one->send(link->link, pair.word)); // who is silent is cut
            }
        static_cast<void>(pair.other->wait(kTurn, {}));
    }
    QCOMPARE(opened, kMore);
    QCOMPARE(count(), before + 3 * kMore);
}

void ZmqTransportTest::whatCameStandsBeforeTheEnd()
{
    Pair pair;
    QVERIFY(pair.meet());
    for (int i = 0; i < 20; ++i)
        QCOMPARE(pair.other->send(pair.accepted, pair.word), SendResult::Sent);
    QVERIFY(Pair::hears(*pair.one)); // the first; the others came with it, or are lost
    pair.other.reset();
    std::optional<LinkEnd> over;
    const auto end = std::chrono::steady_clock::now() + 5s;
    while (!over && std::chrono::steady_clock::now() < end)
        for (const LinkEvent &event : pair.one->wait(kTurn, {})) {
            QVERIFY(!over); // nothing comes after it
            if (const auto *closed = std::get_if<LinkClosed>(&event)) {
                QCOMPARE(closed->link, pair.dialled);
                over = closed->end;
            }
        }
    QVERIFY(over == LinkEnd::Lost);
}

/// The system gives the number of a closed socket to the next one at once.
void ZmqTransportTest::aDescriptorThatIsUsedAgainIsNoOldLink()
{
    Pair pair;
    QVERIFY(pair.meet());
    pair.other.reset();
    // Until libzmq's own thread has closed the old socket, which tells nobody, so that the next
    // ones take its number. Too short a wait makes the test see less, never fail.
    std::this_thread::sleep_for(100ms);
    const Pair more;
    bool isOver = false;
    const auto end = std::chrono::steady_clock::now() + 5s;
    while (!isOver && std::chrono::steady_clock::now() < end)
        for (const LinkEvent &event : pair.one->wait(kTurn, {}))
            isOver = isOver || std::holds_alternative<LinkClosed>(event);
    QVERIFY(isOver);
}

QTEST_APPLESS_MAIN(ZmqTransportTest)
#include "zmq_transport_test.moc"
