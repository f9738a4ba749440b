// Names whose lookup takes for ever: nobody waits for them.
#include "core/identity/secret_key.h"
#include "net/discovery.h"
#include "net/zmq_transport.h"

#include <condition_variable>
#include <mutex>
#include <poll.h>
#include <QTest>
#include <thread>

using namespace nlbd;
using namespace nlbd::net;

namespace {

/// The system's servers: for "slow" no answer comes before the test lets it.
class Servers {
public:
    ~Servers() { release(); }
    void release()
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->isReleased = true;
        m_state->changed.notify_all();
    }
    [[nodiscard]] NameLookup::System system() const
    {
        return [state = m_state](const std::string &host) -> std::vector<std::string> {
            if (host == "here.example")
                return {"127.0.0.1"};
            if (host != "slow.example")
                return {};
            std::unique_lock lock(state->mutex);
            state->changed.wait(lock, [&state] { return state->isReleased; });
            return {"127.0.0.1"};
        };
    }

private:
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        bool isReleased = false;
    };
    std::shared_ptr<State> m_state = std::make_shared<State>(); ///< lookups may outlive a test
};

MonoTime realTime()
{
    return MonoTime(
        std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch()));
}

bool isReadable(int fd)
{
    pollfd item{fd, POLLIN, 0};
    return ::poll(&item, 1, 30'000) > 0;
}

/// Both move on until the first has an event of that kind.
template <typename Event>
std::optional<Event> waitFor(ZmqTransport &one, ZmqTransport &other, LinkId link)
{
    for (const QDeadlineTimer end(30'000); !end.hasExpired();) {
        (void)other.wait(Millis(1), {});
        for (const LinkEvent &event : one.wait(Millis(1), {}))
            if (const auto *found = std::get_if<Event>(&event); found && found->link == link)
                return *found;
    }
    return std::nullopt;
}

} // namespace

class NameLookupTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void numbersAreKnown()
    {
        for (const char *host : {"127.0.0.1", "::1", "fe80::1%lo", "2001:db8::7"})
            QVERIFY2(NameLookup::isNumeric(host), host);
        for (const char *host : {"localhost", "anna.local", "127.0.0.one", ""})
            QVERIFY2(!NameLookup::isNumeric(host), host);
    }

    void aNameBecomesAnAddress()
    {
        NameLookup names(Servers().system());
        const auto question = names.ask("here.example", MonoTime(Millis(0)));
        QVERIFY(isReadable(names.fd()));
        names.clear();
        QCOMPARE(question.answer(MonoTime(Millis(1))).value(),
                 std::vector<std::string>{"127.0.0.1"});
        const auto unknown = names.ask("nobody.example", MonoTime(Millis(0)));
        QVERIFY(isReadable(names.fd()));
        QVERIFY(unknown.answer(MonoTime(Millis(1))).value().empty());
    }

    void patienceEnds()
    {
        Servers servers;
        NameLookup names(servers.system());
        const auto question = names.ask("slow.example", MonoTime(Millis(0)));
        QVERIFY(!question.answer(MonoTime(NameLookup::kPatience - Millis(1))));
        QVERIFY(question.answer(MonoTime(NameLookup::kPatience)).value().empty());
    }

    /// However many are asked, no more threads wait than so many, and the rest is answered at once.
    void manyAtOnceAreBounded()
    {
        Servers servers;
        NameLookup names(servers.system());
        std::vector<NameLookup::Question> questions;
        for (std::size_t i = 0; i < NameLookup::kAtOnceMax + 5; ++i)
            questions.push_back(names.ask("slow.example", MonoTime(Millis(0))));
        const auto isAnswered = [](const auto &question) {
            return question.answer(MonoTime(Millis(1))).has_value();
        };
        QCOMPARE(std::ranges::count_if(questions, isAnswered), std::ptrdiff_t(5));
    }

    void whoIsDialledByNameIsReached()
    {
        SeededRandom random(5);
        Servers servers;
        const auto device = identity::SecretKey::generate(random);
        const auto one = ZmqTransport::listen(identity::SecretKey::generate(random),
                                              {"127.0.0.1", 0, false}, servers.system());
        const auto other = ZmqTransport::listen(device, {"127.0.0.1", 0, false});
        (*other)->setAdmission({{}, {}, true});
        const TransportKey key{*identity::transportKeyOf(device.publicKey())};
        const LinkId link = (*one)->dial({"here.example", (*other)->port()}, key);
        const auto opened = waitFor<LinkOpened>(**one, **other, link);
        QVERIFY(opened.has_value());
        QVERIFY(opened->address.starts_with("here.example:"));
        const LinkId nobody = (*one)->dial({"nobody.example", (*other)->port()}, key);
        const auto closed = waitFor<LinkClosed>(**one, **other, nobody);
        QVERIFY(closed && closed->end == LinkEnd::BadAddress);
    }

    /// While a name is looked up others come and go, and what is too late is told as unknown.
    void aSlowNameHoldsNobody()
    {
        SeededRandom random(6);
        Servers servers;
        const auto device = identity::SecretKey::generate(random);
        const auto one = ZmqTransport::listen(identity::SecretKey::generate(random),
                                              {"127.0.0.1", 0, false}, servers.system());
        const auto other = ZmqTransport::listen(device, {"127.0.0.1", 0, false});
        (*other)->setAdmission({{}, {}, true});
        const TransportKey key{*identity::transportKeyOf(device.publicKey())};
        const LinkId slow = (*one)->dial({"slow.example", (*other)->port()}, key);
        const LinkId quick = (*one)->dial({"127.0.0.1", (*other)->port()}, key);
        QVERIFY(waitFor<LinkOpened>(**one, **other, quick)); // its lookup never ends
        const auto closed = waitFor<LinkClosed>(**one, **other, slow);
        QVERIFY(closed && closed->end == LinkEnd::BadAddress);
    }

    void aTypedNameIsAsked()
    {
        SeededRandom random(7);
        Servers servers;
        DiscoveryConfig config{static_cast<std::uint16_t>(40'000 + ::getpid() % 20'000),
                               0,
                               InterfaceScope::Loopback,
                               {},
                               servers.system()};
        Discovery discovery(config, identity::SecretKey::generate(random), random);
        const auto failureOf = [&](const std::string &host) -> std::optional<AskFailed> {
            const MonoTime begun = realTime();
            discovery.ask({host, 9}, begun);
            for (const QDeadlineTimer end(30'000); !end.hasExpired();
                 std::this_thread::sleep_for(Millis(5)))
                for (const MeshEvent &event : discovery.turn(realTime()))
                    if (const auto *failed = std::get_if<AskFailed>(&event))
                        return *failed;
            return std::nullopt;
        };
        const auto unknown = failureOf("nobody.example");
        QVERIFY(unknown && unknown->step == Obstacle::BadAddress);
        QCOMPARE(unknown->endpoint.host, std::string("nobody.example"));
        const auto slow = failureOf("slow.example");
        QVERIFY(slow && slow->step == Obstacle::BadAddress);
        const auto nobodyThere = failureOf("here.example");
        QVERIFY(nobodyThere && nobodyThere->step != Obstacle::BadAddress);
    }
};

QTEST_APPLESS_MAIN(NameLookupTest)
#include "name_lookup_test.moc"
