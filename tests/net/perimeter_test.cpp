#include "tests/net/perimeter_victim.h"
#include "tests/support/zmtp_client.h"

#include <QTest>

#include <fstream>
#include <optional>
#include <sstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace nlbd;
using namespace nlbd::net;
using hostile::RawTcp;
using hostile::ZmtpClient;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMiB = 1024 * 1024;
constexpr std::size_t kGrowthMax = 64 * kMiB; ///< what an attack may take
constexpr std::size_t kPartBytes = 64 * 1024;
constexpr std::size_t kSentMax = 512 * kMiB; ///< then the attacker gives up
constexpr Millis kPatience{10'000};
constexpr Millis kHandshakeEnd{7'000}; ///< libzmq 3 s, the guard 6 s, and a breath
/// A sanitizer keeps what was freed: then memory tells nothing.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsMemoryMeant = false;
#else
constexpr bool kIsMemoryMeant = true;
#endif

std::size_t statusBytes(std::string_view name)
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name))
            return std::stoul(line.substr(name.size() + 1)) * 1024;
    return 0;
}

/// How much more is resident at most from its making on.
class Growth {
public:
    Growth()
    {
        std::ofstream("/proc/self/clear_refs") << "5"; // the peak begins anew
        m_before = statusBytes("VmRSS");
    }
    [[nodiscard]] std::size_t bytes() const
    {
        const std::size_t peak = statusBytes("VmHWM");
        return peak > m_before ? peak - m_before : 0;
    }

private:
    std::size_t m_before = 0;
};

TransportKey keyOf(const identity::SecretKey &device)
{
    return TransportKey{identity::transportKeysOf(device).publicKey};
}

/// A ROUTER as libzmq makes it and nothing around it, to see that an attack is one. Nothing is read
/// from it: a message that never ends is nothing to read.
class BareRouter {
public:
    explicit BareRouter(const identity::SecretKey &device, bool isBounded)
        : m_router(m_context, ZMQ_ROUTER)
    {
        if (isBounded)
            m_router.setMeshOptions();
        const auto keys = identity::transportKeysOf(device);
        m_router.set(ZMQ_LINGER, 0);
        m_router.set(ZMQ_CURVE_SERVER, 1);
        m_router.set(ZMQ_CURVE_SECRETKEY, keys.secret.view());
        if (!m_router.bind("tcp://127.0.0.1:*"))
            return;
        const std::string bound = m_router.lastEndpoint();
        m_port = static_cast<std::uint16_t>(std::stoul(bound.substr(bound.rfind(':') + 1)));
    }
    [[nodiscard]] std::uint16_t port() const noexcept { return m_port; }
    [[nodiscard]] ZmqSocket &socket() noexcept { return m_router; }

private:
    ZmqContext m_context;
    ZmqSocket m_router;
    std::uint16_t m_port = 0;
};

/// User's and system's, in seconds, of all threads.
double processorTimeOf(pid_t process)
{
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string line;
    std::getline(file, line);
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i)
        fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// Parts of one message that never ends, until the other end hangs up or memory is gone. @return
/// bytes that it took.
std::size_t sendEndlessly(ZmtpClient &client, const Growth &growth)
{
    const Bytes payload(kPartBytes);
    std::size_t sent = 0;
    while (sent < kSentMax && growth.bytes() < 2 * kGrowthMax
           && client.tcp().send(client.part(payload, true)))
        sent += kPartBytes;
    return sent;
}

} // namespace

/// What bare libzmq leaves open to whoever reaches the port, against the real transport: who says
/// what no program of ours would say is cut, takes little, and the honest are served meanwhile.
class PerimeterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void endlessMessage_data();
    void endlessMessage();
    void bareLibzmqTakesAnEndlessMessage();
    void giantFrame_data();
    void giantFrame();
    void bareLibzmqTakesAGiantFrame();
    void descriptorsRunOut();
    void namesAreNotTaken();
    void bareLibzmqLetsNamesBeTaken();
    void framesBeyondTheirSize();
    void strangeHandshakes_data();
    void strangeHandshakes();
    void repliesToNobody();
    void slowlyByteByByte();
    void connectsInAFlood();

private:
    [[nodiscard]] ZmtpClient clientOf(std::uint16_t port, const identity::SecretKey &device,
                                      const std::string &name = {}) const
    {
        return {port, device, {keyOf(m_victim).value, name}};
    }
    [[nodiscard]] double timeWithoutDescriptors(bool isGuarded);
    [[nodiscard]] bool isHonestServed(const Victim &victim) const
    {
        return isServed(m_honest, m_victim, victim.port(), kPatience);
    }

    SeededRandom m_random{1};
    const identity::SecretKey m_victim = identity::SecretKey::generate(m_random);
    const identity::SecretKey m_honest = identity::SecretKey::generate(m_random);
    const identity::SecretKey m_malory = identity::SecretKey::generate(m_random);
    const identity::SecretKey m_stranger = identity::SecretKey::generate(m_random);
    const std::vector<TransportKey> m_members{keyOf(m_honest), keyOf(m_malory)};
};

// ---- One message without an end
// ------------------------------------------------------------------

void PerimeterTest::endlessMessage_data()
{
    QTest::addColumn<bool>("hasSpoken");
    QTest::addColumn<int>("silentMs");
    QTest::newRow("as the first word") << false << 0;
    QTest::newRow("after a word") << true << 0;
    QTest::newRow("after a silence, when the guard looks seldom") << true << 1500;
}

void PerimeterTest::endlessMessage()
{
    QFETCH(bool, hasSpoken);
    QFETCH(int, silentMs);
    Victim victim(m_victim, m_members);
    ZmtpClient client = clientOf(victim.port(), m_malory);
    QVERIFY(client.shake());
    if (hasSpoken) {
        QVERIFY(client.tcp().send(client.part(Bytes(100), false)));
        QTRY_COMPARE(victim.messages(), 1U);
    }
    QTest::qSleep(silentMs);
    const Growth growth;
    const auto begun = Clock::now();
    const std::size_t sent = sendEndlessly(client, growth);
    const auto time = std::chrono::duration_cast<Millis>(Clock::now() - begun);
    qInfo("cut after %lld ms and %zu MiB; %zu MiB more at most",
          static_cast<long long>(time.count()), sent / kMiB, growth.bytes() / kMiB);
    QVERIFY(sent < kSentMax);
    QVERIFY(!kIsMemoryMeant || growth.bytes() <= kGrowthMax);
    QTRY_VERIFY(victim.timesRefused(Code::E_BOUNDS) > 0);
    QVERIFY(isHonestServed(victim));
}

void PerimeterTest::bareLibzmqTakesAnEndlessMessage()
{
    if (!kIsMemoryMeant)
        QSKIP("A sanitizer keeps what was freed.");
    const BareRouter router(m_victim, true);
    ZmtpClient client = clientOf(router.port(), m_malory);
    QVERIFY(client.shake());
    const Growth growth;
    (void)sendEndlessly(client, growth);
    QVERIFY(growth.bytes() > kGrowthMax);
}

// ---- A frame that is announced and never comes
// -----------------------------------------------------

void PerimeterTest::giantFrame_data()
{
    QTest::addColumn<quint64>("announced");
    QTest::newRow("1 GiB") << quint64{1} * 1024 * kMiB;
    QTest::newRow("as much as a frame may have, before anybody knows who it is") << quint64{kMiB};
    QTest::newRow("all there is") << ~quint64{0};
}

void PerimeterTest::giantFrame()
{
    QFETCH(quint64, announced);
    constexpr int kClients = 4;
    Victim victim(m_victim, m_members);
    const Growth growth;
    std::vector<RawTcp> clients;
    for (int i = 0; i < kClients; ++i) {
        const RawTcp &client = clients.emplace_back(victim.port());
        QVERIFY(client.isOpen() && client.send(ZmtpClient::greeting()));
        QVERIFY(client.send(ZmtpClient::announcement(announced)));
    }
    std::size_t sent = 0;
    const Bytes part(kPartBytes);
    for (const RawTcp &client : clients)
        while (sent < kSentMax && client.send(part))
            sent += part.size();
    qInfo("%zu KiB taken, %zu MiB more at most", sent / 1024, growth.bytes() / kMiB);
    QVERIFY(sent < kSentMax);
    for (const RawTcp &client : clients)
        QVERIFY(client.isCutWithin(Millis{1000}));
    QVERIFY(!kIsMemoryMeant || growth.bytes() <= kGrowthMax);
    QVERIFY(isHonestServed(victim));
}

void PerimeterTest::bareLibzmqTakesAGiantFrame()
{
    if (!kIsMemoryMeant)
        QSKIP("A sanitizer keeps what was freed.");
    const BareRouter router(m_victim, false);
    const RawTcp client(router.port());
    QVERIFY(client.send(ZmtpClient::greeting()));
    QVERIFY(client.send(ZmtpClient::announcement(std::uint64_t{1} * 1024 * kMiB)));
    const Growth growth;
    const Bytes part(kPartBytes);
    for (std::size_t sent = 0; sent < 4 * kGrowthMax && client.send(part); sent += part.size())
        ;
    QVERIFY(growth.bytes() > kGrowthMax);
}

// ---- No descriptors left
// ---------------------------------------------------------------------------

/// 280 connections to a program of its own that may have 256 files open. @return how much processor
/// time it takes in a second of two or more once they are there, or -1 if the honest are not
/// served, for which the strangers' handshakes must have run out.
double PerimeterTest::timeWithoutDescriptors(bool isGuarded)
{
    constexpr int kConnections = 280; // what is accepted and what waits to be
    constexpr int kPerAddress = 16;   // no more of one address may wait anyway
    constexpr auto kWatched = std::chrono::seconds(2);
    int said[2];
    int asked[2];
    if (pipe(said) != 0 || pipe(asked) != 0)
        return -1;
    const pid_t child = fork();
    if (child == 0) {
        const rlimit few{256, 256};
        setrlimit(RLIMIT_NOFILE, &few);
        std::optional<Victim> victim;
        std::optional<BareRouter> router;
        const std::uint16_t port = isGuarded ? victim.emplace(m_victim, m_members).port()
                                             : router.emplace(m_victim, false).port();
        char word = 0;
        const bool isAsked =
            write(said[1], &port, sizeof port) == sizeof port && read(asked[0], &word, 1) == 1;
        _exit(isAsked ? 0 : 1);
    }
    std::uint16_t port = 0;
    bool isPort = read(said[0], &port, sizeof port) == static_cast<ssize_t>(sizeof port);
    std::vector<RawTcp> held;
    for (int i = 0; isPort && i < kConnections; ++i)
        held.emplace_back(port, "127.0.1." + std::to_string(1 + i / kPerAddress));
    const double before = processorTimeOf(child);
    const auto begun = Clock::now();
    const bool isServing = isGuarded && isPort && isServed(m_honest, m_victim, port, kHandshakeEnd);
    while (Clock::now() - begun < kWatched)
        QTest::qSleep(50);
    const std::chrono::duration<double> watched = Clock::now() - begun;
    const double used = (processorTimeOf(child) - before) / watched.count();
    isPort = write(asked[1], "", 1) == 1 && isPort;
    int status = 0;
    isPort = waitpid(child, &status, 0) == child && status == 0 && isPort;
    for (const int end : {said[0], said[1], asked[0], asked[1]})
        ::close(end);
    return isPort && isServing == isGuarded ? used : -1;
}

/// libzmq asks again and again for a connection that it has no descriptor for, as fast as it can:
/// beside that, in the same minute on the same machine, ours rests.
void PerimeterTest::descriptorsRunOut()
{
    const double guarded = timeWithoutDescriptors(true);
    const double bare = timeWithoutDescriptors(false);
    qInfo("%.2f s of processor time in a second, bare libzmq %.2f s", guarded, bare);
    QVERIFY(guarded >= 0 && bare >= 0);
    QVERIFY(guarded < 0.75 * bare || !kIsMemoryMeant);
}

// ---- Another's name
// ---------------------------------------------------------------------------------

void PerimeterTest::bareLibzmqLetsNamesBeTaken()
{
    BareRouter router(m_victim, true);
    ZmtpClient malory = clientOf(router.port(), m_malory, "honest");
    ZmtpClient honest = clientOf(router.port(), m_honest, "honest");
    QVERIFY(malory.shake() && malory.tcp().send(malory.part(Bytes(1), false)));
    ZmqMessage name;
    QVERIFY(QTest::qWaitFor([&] { return router.socket().receive(name); }));
    QVERIFY(viewOf(name.view()) == "honest");
    QVERIFY(honest.shake() && honest.tcp().send(honest.part(Bytes(2), false)));
    ZmqMessage rest;
    QVERIFY(router.socket().receive(rest));
    QTest::qSleep(300);
    QVERIFY(!router.socket().receive(name)); // nothing of the honest one comes through
}

/// Who brings a name of his own is no program of ours; who has none is known by his key alone.
void PerimeterTest::namesAreNotTaken()
{
    Victim victim(m_victim, m_members);
    ZmtpClient malory = clientOf(victim.port(), m_malory, "honest");
    QVERIFY(malory.shake());
    QVERIFY(malory.tcp().send(malory.part(Bytes(100), false)));
    QVERIFY(malory.tcp().isCutWithin(Millis{1000}));
    QTRY_COMPARE(victim.timesRefused(Code::E_CANON), 1U);
    QVERIFY(victim.opened().empty());
    QCOMPARE(victim.messages(), 0U);
    QVERIFY(isHonestServed(victim));
    QVERIFY(victim.opened() == std::vector{keyOf(m_honest)});
}

// ---- Words that are too large, wrong, old or slow
// -----------------------------------------------------

void PerimeterTest::framesBeyondTheirSize()
{
    Victim victim(m_victim, m_members);
    ZmtpClient client = clientOf(victim.port(), m_malory);
    QVERIFY(client.shake());
    const Growth growth;
    (void)client.tcp().send(client.part(Bytes(2 * kMiB), false));
    QVERIFY(client.tcp().isCutWithin(Millis{1000}));
    QVERIFY(!kIsMemoryMeant || growth.bytes() <= kGrowthMax);
    QCOMPARE(victim.messages(), 0U);
    QVERIFY(isHonestServed(victim));
}

void PerimeterTest::strangeHandshakes_data()
{
    QTest::addColumn<QByteArray>("said");
    QByteArray greeting(reinterpret_cast<const char *>(ZmtpClient::greeting().data()), 64);
    QTest::newRow("ZMTP 1") << QByteArray("\x01\x00\x05hello", 8);
    QTest::newRow("HTTP") << QByteArray("GET / HTTP/1.1\r\nHost: nlbd\r\n\r\n");
    QTest::newRow("no secrets") << QByteArray(greeting).replace("CURVE", "NULL\0");
    QTest::newRow("a frame instead of HELLO") << greeting + QByteArray("\x00\x04word", 6);
    QTest::newRow("HELLO, cut short") << greeting + QByteArray("\x04\x06\x05HELLO", 8);
    QTest::newRow("HELLO of zeros")
        << greeting + QByteArray("\x04\xC8\x05HELLO\x01\x00", 10) + QByteArray(192, '\0');
    QTest::newRow("INITIATE without HELLO") << greeting
            + QByteArray("\x06\x00\x00\x00\x00\x00\x00\x01\x09\x08INITIATE", 18)
            + QByteArray(256, '\1');
    QTest::newRow("zeros") << QByteArray(1000, '\0');
    QTest::newRow("ones") << QByteArray(1000, '\xFF');
}

void PerimeterTest::strangeHandshakes()
{
    QFETCH(QByteArray, said);
    Victim victim(m_victim, m_members);
    const RawTcp client(victim.port());
    QVERIFY(client.isOpen());
    (void)client.send(
        bytesOf(std::string_view(said.constData(), static_cast<std::size_t>(said.size()))));
    QVERIFY(client.isCutWithin(kHandshakeEnd));
    QVERIFY(victim.opened().empty());
    QVERIFY(isHonestServed(victim));
}

/// A handshake that somebody else overheard, a key that is not the server's, one that nobody knows.
void PerimeterTest::repliesToNobody()
{
    Victim victim(m_victim, m_members);
    ZmtpClient first = clientOf(victim.port(), m_malory);
    QVERIFY(first.tcp().send(ZmtpClient::greeting()) && first.tcp().read(64));
    const Bytes hello = first.hello();
    QVERIFY(first.tcp().send(hello));
    const auto initiate = first.initiate();
    QVERIFY(initiate && first.tcp().send(*initiate) && first.isReady());

    const RawTcp second(victim.port());
    QVERIFY(second.send(ZmtpClient::greeting()) && second.read(64));
    QVERIFY(second.send(hello) && second.read(170));
    (void)second.send(*initiate); // its cookie is the first one's
    QVERIFY(second.isCutWithin(kHandshakeEnd));

    ZmtpClient misled(victim.port(), m_malory, {keyOf(m_stranger).value, {}});
    QVERIFY(!misled.shake());
    QVERIFY(misled.tcp().isCutWithin(kHandshakeEnd));
    ZmtpClient unknown = clientOf(victim.port(), m_stranger);
    QVERIFY(!unknown.shake());
    QVERIFY(unknown.tcp().isCutWithin(kHandshakeEnd)); // libzmq lets it read the answer
    QTRY_COMPARE(victim.timesRefused(Code::E_ZAP), 1U);
    QVERIFY(victim.opened().empty());
    QVERIFY(isHonestServed(victim));
}

void PerimeterTest::slowlyByteByByte()
{
    constexpr Millis kPause{100};
    Victim victim(m_victim, m_members);
    std::vector<RawTcp> clients;
    for (std::size_t i = 0; i < Guard::kUnadmittedPerGroup - 1; ++i)
        clients.emplace_back(victim.port());
    QVERIFY(isHonestServed(victim)); // beside them
    const auto begun = Clock::now();
    std::size_t cut = 0;
    for (const std::byte byte : ZmtpClient::greeting()) {
        for (const RawTcp &client : clients)
            (void)client.send(ByteView(&byte, 1));
        QTest::qSleep(kPause.count());
        cut = static_cast<std::size_t>(std::ranges::count_if(
            clients, [](const RawTcp &client) { return client.isCutWithin(Millis{1}); }));
        if (cut == clients.size())
            break;
    }
    QCOMPARE(cut, clients.size());
    QVERIFY(Clock::now() - begun < kHandshakeEnd);
}

void PerimeterTest::connectsInAFlood()
{
    constexpr int kConnects = 3000;
    Victim victim(m_victim, m_members);
    const Growth growth;
    std::atomic<bool> isServedMeanwhile = false;
    std::jthread honest(
        [&] { isServedMeanwhile = isServed(m_honest, m_victim, victim.port(), kHandshakeEnd); });
    std::vector<RawTcp> held;
    for (int i = 0; i < kConnects; ++i) {
        held.emplace_back(victim.port());
        if (held.size() > 64)
            held.erase(held.begin());
    }
    held.clear();
    honest.join();
    qInfo("%zu turned away, %zu MiB more at most", victim.timesRefused(Code::E_RATE),
          growth.bytes() / kMiB);
    QVERIFY(isServedMeanwhile);
    QVERIFY(!kIsMemoryMeant || growth.bytes() <= kGrowthMax);
}

QTEST_APPLESS_MAIN(PerimeterTest)
#include "perimeter_test.moc"
