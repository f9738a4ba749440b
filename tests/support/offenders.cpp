#include "tests/support/offenders.h"

#include "core/gossip/message.h"
#include "net/guard.h"

#include <functional>
#include <thread>

namespace nlbd::hostile {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPartBytes = 64 * 1024;
constexpr Millis kCut{2'000};                         ///< so long is waited for it
constexpr Millis kPause{20};                          ///< before the next try
constexpr std::size_t kSentMax = 256UL * 1024 * 1024; ///< in one connection

ByteArray<32> transportKey(const PublicKey &device)
{
    return identity::transportKeyOf(device).value_or(ByteArray<32>{});
}

void rest(Millis time)
{
    std::this_thread::sleep_for(time);
}

/// Commits `offence` again and again, each in a connection of its own. It returns false when the
/// connection takes no more.
template <typename Connection>
Deeds repeat(const std::stop_token &stop, const std::function<Connection()> &connect,
             const std::function<RawTcp *(Connection &)> &tcpOf,
             const std::function<bool(Connection &, const std::stop_token &)> &offence)
{
    Deeds deeds;
    while (!stop.stop_requested()) {
        Connection connection = connect();
        ++deeds.tries;
        if (RawTcp *const tcp = tcpOf(connection)) {
            const auto begun = Clock::now();
            const bool isTaken = offence(connection, stop);
            if (!isTaken || tcp->isCutWithin(kCut)) {
                ++deeds.cuts;
                deeds.longest = std::max(deeds.longest,
                                         std::chrono::duration_cast<Millis>(Clock::now() - begun));
            }
        }
        rest(kPause);
    }
    return deeds;
}

Deeds strangely(const std::stop_token &stop, const Attacked &victim,
                const std::function<bool(RawTcp &, const std::stop_token &)> &offence)
{
    return repeat<RawTcp>(
        stop, [&] { return RawTcp(victim.port); },
        [](RawTcp &tcp) { return tcp.isOpen() ? &tcp : nullptr; }, offence);
}

/// As a member, whose key is refused for a while after each offence.
Deeds asMember(const std::stop_token &stop, const Attacked &victim, const Insider &insider,
               const std::function<bool(MemberSession &, const std::stop_token &)> &offence)
{
    SystemRandom random;
    return repeat<std::unique_ptr<MemberSession>>(
        stop, [&] { return std::make_unique<MemberSession>(victim, insider, random); },
        [](std::unique_ptr<MemberSession> &session) {
            return session->isUp() ? &session->client().tcp() : nullptr;
        },
        [&](std::unique_ptr<MemberSession> &session, const std::stop_token &told) {
            return offence(*session, told);
        });
}

/// So many connections that say what `word` says, over and over; who is cut comes again.
Deeds hold(const std::stop_token &stop, const Attacked &victim, std::size_t count,
           const std::function<void(RawTcp &, std::size_t turn)> &word)
{
    constexpr Millis kTurn{100};
    Deeds deeds;
    std::vector<std::pair<RawTcp, std::size_t>> held;
    while (!stop.stop_requested()) {
        while (held.size() < count) {
            held.emplace_back(
                RawTcp(victim.port, "127.0.2." + std::to_string(1 + deeds.tries % 200)), 0);
            ++deeds.tries;
        }
        for (auto &[tcp, turn] : held)
            if (tcp.isOpen())
                word(tcp, turn++);
        rest(kTurn);
        deeds.cuts += std::erase_if(held, [](auto &one) {
            return !one.first.isOpen() || one.first.isCutWithin(Millis{1});
        });
    }
    return deeds;
}

// ---- Strangers
// -----------------------------------------------------------------------------------

Deeds hang(const std::stop_token &stop, const Attacked &victim, const Insider &)
{
    return hold(stop, victim, 60, [](RawTcp &, std::size_t) {});
}

Deeds dribble(const std::stop_token &stop, const Attacked &victim, const Insider &)
{
    const Bytes greeting = ZmtpClient::greeting();
    return hold(stop, victim, 60, [&](RawTcp &tcp, std::size_t turn) {
        (void)tcp.send(ByteView(greeting).subspan(turn % greeting.size(), 1));
    });
}

Deeds connectOften(const std::stop_token &stop, const Attacked &victim, const Insider &)
{
    Deeds deeds;
    for (; !stop.stop_requested(); ++deeds.tries, rest(Millis{1}))
        for (int i = 0; i < 4; ++i)
            (void)RawTcp(victim.port).send(bytesOf("?"));
    return deeds;
}

Deeds announceGiants(const std::stop_token &stop, const Attacked &victim, const Insider &)
{
    return strangely(stop, victim, [](RawTcp &tcp, const std::stop_token &told) {
        const Bytes part(kPartBytes);
        bool isTaken = tcp.send(ZmtpClient::greeting())
            && tcp.send(ZmtpClient::announcement(std::uint64_t{1} << 30));
        for (std::size_t sent = 0; isTaken && sent < kSentMax && !told.stop_requested();
             sent += kPartBytes)
            isTaken = tcp.send(part);
        return isTaken;
    });
}

/// Handshakes that cost the victim four multiplications each, by keys that nobody knows.
Deeds knock(const std::stop_token &stop, const Attacked &victim, const Insider &)
{
    SystemRandom random;
    Deeds deeds;
    for (; !stop.stop_requested(); ++deeds.tries) {
        ZmtpClient client(victim.port, identity::SecretKey::generate(random),
                          {transportKey(victim.device), {}});
        (void)client.shake();
    }
    return deeds;
}

/// One HELLO, recorded once.
Deeds replay(const std::stop_token &stop, const Attacked &victim, const Insider &)
{
    SystemRandom random;
    ZmtpClient recorded(victim.port, identity::SecretKey::generate(random),
                        {transportKey(victim.device), {}});
    const Bytes hello = recorded.hello();
    Deeds deeds;
    for (; !stop.stop_requested(); ++deeds.tries) {
        const RawTcp tcp(victim.port);
        if (tcp.isOpen() && tcp.send(ZmtpClient::greeting()) && tcp.send(hello))
            (void)tcp.read(ZmtpClient::greeting().size());
    }
    return deeds;
}

// ---- Members
// -------------------------------------------------------------------------------------

Deeds neverEnd(const std::stop_token &stop, const Attacked &victim, const Insider &insider)
{
    return asMember(stop, victim, insider, [](MemberSession &session, const std::stop_token &told) {
        const Bytes part(kPartBytes);
        bool isTaken = true;
        for (std::size_t sent = 0; isTaken && sent < kSentMax && !told.stop_requested();
             sent += kPartBytes)
            isTaken = session.client().tcp().send(session.client().part(part, true));
        return isTaken;
    });
}

Deeds saySomethingTooLarge(const std::stop_token &stop, const Attacked &victim,
                           const Insider &insider)
{
    return asMember(stop, victim, insider, [](MemberSession &session, const std::stop_token &) {
        const Bytes part(2 * limits::kFrameBytesMax);
        return session.client().tcp().send(session.client().part(part, false));
    });
}

Deeds sayAgain(const std::stop_token &stop, const Attacked &victim, const Insider &insider,
               std::uint8_t kind, const Bytes &body, bool isOwn)
{
    return asMember(stop, victim, insider,
                    [&](MemberSession &session, const std::stop_token &told) {
                        bool isTaken = true;
                        while (isTaken && !told.stop_requested())
                            isTaken = session.send(kind, body, isOwn);
                        return isTaken;
                    });
}

constexpr auto kindOf(gossip::Kind kind)
{
    return static_cast<std::uint8_t>(kind);
}

/// "I have nothing": all that is there is what follows.
Deeds askForEverything(const std::stop_token &stop, const Attacked &victim, const Insider &insider)
{
    return sayAgain(stop, victim, insider, kindOf(gossip::Kind::Summary),
                    gossip::encode(gossip::Summary{}), false);
}
Deeds pullEverything(const std::stop_token &stop, const Attacked &victim, const Insider &insider)
{
    gossip::PullRanges pull{1, {}};
    for (std::uint16_t device = 0; device < 3; ++device)
        pull.ranges.push_back({DeviceIndex(device), Seq(1), Seq(256), 0});
    return sayAgain(stop, victim, insider, kindOf(gossip::Kind::PullRanges), gossip::encode(pull),
                    false);
}
Deeds sayNonsense(const std::stop_token &stop, const Attacked &victim, const Insider &insider)
{
    return sayAgain(stop, victim, insider, kindOf(gossip::Kind::Push),
                    Bytes(32 * 1024, std::byte{0x5A}), false);
}
Deeds pingAndNeverRead(const std::stop_token &stop, const Attacked &victim, const Insider &insider)
{
    return sayAgain(stop, victim, insider, static_cast<std::uint8_t>(net::OwnKind::Ping), {}, true);
}

constexpr Offender kOffenders[] = {
    {"hang", false, false, hang},
    {"dribble", false, false, dribble},
    {"connect-often", false, false, connectOften},
    {"giant-frame", false, true, announceGiants},
    {"unknown-keys", false, false, knock},
    {"replayed-hello", false, false, replay},
    {"endless-message", true, true, neverEnd},
    {"oversized-frame", true, true, saySomethingTooLarge},
    {"ask-for-everything", true, true, askForEverything},
    {"pull-everything", true, true, pullEverything},
    {"nonsense", true, true, sayNonsense},
    {"never-read", true, true, pingAndNeverRead},
};

} // namespace

MemberSession::MemberSession(const Attacked &victim, const Insider &insider, Random &random)
    : m_client(victim.port, *insider.device, {transportKey(victim.device), {}})
    , m_isUp(shake(victim, insider, random))
{
}

bool MemberSession::shake(const Attacked &victim, const Insider &insider, Random &random)
{
    if (!m_client.shake())
        return false;
    net::HandshakeConfig config;
    config.role = net::Role::Dialler;
    config.theirTransport = net::TransportKey{transportKey(victim.device)};
    config.expected = victim.device;
    config.ours.device = insider.device->publicKey();
    random.fill(config.ours.boot.value);
    random.fill(config.ours.nonce.value);
    config.ours.wallMs =
        std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    net::Handshake handshake(config);
    net::SharedWorkspaces workspaces;
    net::HandshakeStep step = handshake.start();
    for (;;) {
        for (const Bytes &message : step.send)
            if (!m_client.tcp().send(m_client.part(message, false)))
                return false;
        if (step.state == net::HandshakeStep::State::Done)
            break;
        if (step.state == net::HandshakeStep::State::NeedProofs) {
            workspaces.bind(handshake.binding(), net::Role::Dialler, victim.device);
            if (!workspaces.takeTheirs(handshake.theirProofs()))
                return false;
            step = handshake.prove(workspaces.proveNew({insider.tag}, random, true));
            continue;
        }
        const auto message = m_client.receive();
        const auto frame =
            message ? net::decodeFrame(*message) : std::unexpected(net::FrameError::Bounds);
        if (!frame || step.state != net::HandshakeStep::State::Running)
            return false;
        step = handshake.take(*frame);
    }
    (void)workspaces.match({insider.tag});
    m_alias = workspaces.aliasFor(insider.tag.id).value_or(0);
    return m_alias != 0;
}

bool MemberSession::send(std::uint8_t kind, ByteView body, bool isOwn)
{
    const Bytes frame =
        net::encodeFrame({kind, net::Lane::Live, isOwn ? std::uint16_t{0} : m_alias, body});
    return m_client.tcp().send(m_client.part(frame, false));
}

std::span<const Offender> offenders()
{
    return kOffenders;
}

} // namespace nlbd::hostile
