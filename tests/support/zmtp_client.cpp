#include "tests/support/zmtp_client.h"

#include "core/base/check.h"
#include "core/base/limits.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sodium.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace nlbd::hostile {

namespace {

constexpr int kPatienceSeconds = 2;
constexpr std::size_t kWelcomeBytes = 168;
constexpr std::size_t kCookieBytes = 96;

const unsigned char *in(ByteView bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.data());
}
unsigned char *out(std::byte *bytes)
{
    return reinterpret_cast<unsigned char *>(bytes);
}
void append(Bytes &to, ByteView bytes)
{
    to.insert(to.end(), bytes.begin(), bytes.end());
}
void appendNumber(Bytes &to, std::uint64_t number, int bytes)
{
    for (int i = bytes - 1; i >= 0; --i)
        to.push_back(static_cast<std::byte>(number >> (8 * i)));
}
/// "CurveZMQHELLO---" and a counter.
Bytes nonceOf(std::string_view purpose, std::uint64_t counter)
{
    Bytes nonce;
    append(nonce, bytesOf(purpose));
    appendNumber(nonce, counter, 8);
    CHECK(nonce.size() == crypto_box_NONCEBYTES);
    return nonce;
}
Bytes boxFor(ByteView plain, const Bytes &nonce, ByteView theirs, ByteView ours)
{
    Bytes box(plain.size() + crypto_box_MACBYTES);
    CHECK(crypto_box_easy(out(box.data()), in(plain), plain.size(), in(nonce), in(theirs), in(ours))
          == 0);
    return box;
}
void appendProperty(Bytes &to, std::string_view name, std::string_view value)
{
    appendNumber(to, name.size(), 1);
    append(to, bytesOf(name));
    appendNumber(to, value.size(), 4);
    append(to, bytesOf(value));
}

} // namespace

RawTcp::RawTcp(std::uint16_t port, const std::string &from)
    : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in ours{};
    ours.sin_family = AF_INET;
    sockaddr_in to = ours;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{kPatienceSeconds, 0};
    setsockopt(m_socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(m_socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (inet_pton(AF_INET, from.c_str(), &ours.sin_addr) == 1
        && ::bind(m_socket, reinterpret_cast<const sockaddr *>(&ours), sizeof ours) == 0
        && ::connect(m_socket, reinterpret_cast<const sockaddr *>(&to), sizeof to) == 0)
        return;
    ::close(std::exchange(m_socket, -1));
}

RawTcp::~RawTcp()
{
    if (m_socket >= 0)
        ::close(m_socket);
}

bool RawTcp::send(ByteView bytes) const
{
    while (!bytes.empty()) {
        const ssize_t sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return true;
}

std::optional<Bytes> RawTcp::read(std::size_t count) const
{
    Bytes bytes(count);
    for (std::size_t have = 0; have < count;) {
        const ssize_t got = ::recv(m_socket, bytes.data() + have, count - have, 0);
        if (got <= 0)
            return std::nullopt;
        have += static_cast<std::size_t>(got);
    }
    return bytes;
}

bool RawTcp::isCutWithin(Millis time) const
{
    const auto end = std::chrono::steady_clock::now() + time;
    std::array<std::byte, 4096> said{};
    for (;;) {
        const auto left = std::chrono::ceil<Millis>(end - std::chrono::steady_clock::now());
        pollfd socket{m_socket, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&socket, 1, static_cast<int>(left.count())) <= 0)
            return false;
        const ssize_t got = ::recv(m_socket, said.data(), said.size(), MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return true;
    }
}

ZmtpClient::ZmtpClient(std::uint16_t port, const identity::SecretKey &device, Setting setting)
    : m_tcp(port, setting.from)
    , m_setting(std::move(setting))
    , m_keys(identity::transportKeysOf(device))
{
    crypto_box_keypair(out(m_shortPublic.data()), out(m_shortSecret.data()));
}

Bytes ZmtpClient::greeting()
{
    Bytes bytes{std::byte{0xFF}};
    bytes.resize(9);
    for (const int value : {0x7F, 3, 1})
        bytes.push_back(static_cast<std::byte>(value));
    append(bytes, bytesOf("CURVE"));
    bytes.resize(64);
    return bytes;
}

Bytes ZmtpClient::command(ByteView body)
{
    constexpr std::size_t kShortMax = 255;
    const bool isLong = body.size() > kShortMax;
    Bytes frame{static_cast<std::byte>(isLong ? 0x06 : 0x04)};
    appendNumber(frame, body.size(), isLong ? 8 : 1);
    append(frame, body);
    return frame;
}

Bytes ZmtpClient::announcement(std::uint64_t bytes)
{
    Bytes frame{std::byte{0x06}};
    appendNumber(frame, bytes, 8);
    return frame;
}

Bytes ZmtpClient::hello()
{
    const std::uint64_t counter = nextNonce();
    Bytes body;
    append(body, bytesOf("\x05HELLO"));
    appendNumber(body, 0x0100, 2);
    body.resize(body.size() + 72);
    append(body, m_shortPublic);
    appendNumber(body, counter, 8);
    append(
        body,
        boxFor(Bytes(64), nonceOf("CurveZMQHELLO---", counter), m_setting.server, m_shortSecret));
    return command(body);
}

std::optional<Bytes> ZmtpClient::initiate()
{
    const auto welcome = m_tcp.read(2 + kWelcomeBytes); // flags, size
    if (!welcome || (*welcome)[1] != std::byte{kWelcomeBytes})
        return std::nullopt;
    const ByteView body = ByteView(*welcome).subspan(2);
    Bytes nonce;
    append(nonce, bytesOf("WELCOME-"));
    append(nonce, body.subspan(8, 16));
    const ByteView box = body.subspan(24);
    Bytes plain(box.size() - crypto_box_MACBYTES);
    if (crypto_box_open_easy(out(plain.data()), in(box), box.size(), in(nonce),
                             in(m_setting.server), in(m_shortSecret))
        != 0)
        return std::nullopt;
    const ByteView serverShort = ByteView(plain).first(32);
    const ByteView cookie = ByteView(plain).subspan(32, kCookieBytes);
    CHECK(crypto_box_beforenm(out(m_shared.data()), in(serverShort), in(m_shortSecret)) == 0);

    Bytes vouchNonce(16);
    randombytes_buf(vouchNonce.data(), vouchNonce.size());
    Bytes vouchFullNonce;
    append(vouchFullNonce, bytesOf("VOUCH---"));
    append(vouchFullNonce, vouchNonce);
    Bytes vouched;
    append(vouched, m_shortPublic);
    append(vouched, m_setting.server);
    Bytes secret;
    append(secret, m_keys.publicKey);
    append(secret, vouchNonce);
    append(secret, boxFor(vouched, vouchFullNonce, serverShort, m_keys.secret.view()));
    appendProperty(secret, "Socket-Type", "DEALER");
    appendProperty(secret, "Identity", m_setting.name);

    const std::uint64_t counter = nextNonce();
    Bytes said;
    append(said, bytesOf("\x08INITIATE"));
    append(said, cookie);
    appendNumber(said, counter, 8);
    append(said, boxFor(secret, nonceOf("CurveZMQINITIATE", counter), serverShort, m_shortSecret));
    return command(said);
}

bool ZmtpClient::isReady() const
{
    const auto head = m_tcp.read(2);
    if (!head)
        return false;
    const auto body = m_tcp.read(static_cast<std::size_t>((*head)[1]));
    return body && body->size() > 6 && viewOf(ByteView(*body).first(6)) == "\x05READY";
}

bool ZmtpClient::shake()
{
    if (!m_tcp.isOpen() || !m_tcp.send(greeting()) || !m_tcp.read(greeting().size())
        || !m_tcp.send(hello()))
        return false;
    const auto next = initiate();
    return next && m_tcp.send(*next) && isReady();
}

Bytes ZmtpClient::part(ByteView payload, bool hasMore)
{
    const std::uint64_t counter = nextNonce();
    Bytes plain{static_cast<std::byte>(hasMore ? 1 : 0)};
    append(plain, payload);
    Bytes box(plain.size() + crypto_box_MACBYTES);
    const Bytes nonce = nonceOf("CurveZMQMESSAGEC", counter);
    CHECK(crypto_box_easy_afternm(out(box.data()), in(plain), plain.size(), in(nonce), in(m_shared))
          == 0);
    Bytes frame{std::byte{0x02}}; // long
    appendNumber(frame, 8 + 8 + box.size(), 8);
    append(frame, bytesOf("\x07MESSAGE"));
    appendNumber(frame, counter, 8);
    append(frame, box);
    return frame;
}

std::optional<Bytes> ZmtpClient::receive()
{
    constexpr std::size_t kHead = 16; // "\x07MESSAGE" and a counter
    constexpr std::byte kLong{0x02};
    const auto flags = m_tcp.read(1);
    const auto size = flags ? m_tcp.read((flags->front() & kLong) == kLong ? 8 : 1) : std::nullopt;
    if (!size)
        return std::nullopt;
    std::size_t count = 0;
    for (const std::byte byte : *size)
        count = count << 8 | static_cast<std::size_t>(byte);
    if (count < kHead + crypto_box_MACBYTES + 1 || count > 2 * limits::kFrameBytesMax)
        return std::nullopt;
    const auto body = m_tcp.read(count);
    if (!body)
        return std::nullopt;
    Bytes nonce;
    append(nonce, bytesOf("CurveZMQMESSAGES"));
    append(nonce, ByteView(*body).subspan(8, 8));
    const ByteView box = ByteView(*body).subspan(kHead);
    Bytes plain(box.size() - crypto_box_MACBYTES);
    if (crypto_box_open_easy_afternm(out(plain.data()), in(box), box.size(), in(nonce),
                                     in(m_shared))
        != 0)
        return std::nullopt;
    plain.erase(plain.begin()); // flags
    return plain;
}

} // namespace nlbd::hostile
