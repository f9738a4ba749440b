#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/identity/secret_key.h"

#include <optional>
#include <string>
#include <utility>

namespace nlbd::hostile {

/// A TCP connection to this computer, and whatever bytes one likes to put into it.
class RawTcp {
public:
    /// From 127.0.0.1 or another address of the loopback device. Not open if it was refused.
    explicit RawTcp(std::uint16_t port, const std::string &from = "127.0.0.1");
    ~RawTcp();
    RawTcp(RawTcp &&other) noexcept
        : m_socket(std::exchange(other.m_socket, -1))
    {
    }
    RawTcp &operator=(RawTcp &&other) noexcept
    {
        std::swap(m_socket, other.m_socket);
        return *this;
    }

    [[nodiscard]] bool isOpen() const noexcept { return m_socket >= 0; }

    /// All of it; false if the other end has hung up or takes nothing for two seconds.
    [[nodiscard]] bool send(ByteView bytes) const;
    /// Exactly so many; nothing if they do not come within two seconds.
    [[nodiscard]] std::optional<Bytes> read(std::size_t count) const;
    /// The other end has hung up, or does so in time. What it says meanwhile is thrown away.
    [[nodiscard]] bool isCutWithin(Millis time) const;

private:
    int m_socket = -1;
};

/// ZMTP 3.1 with CURVE (RFC 23 and 26) by hand, to say what libzmq would never say. Every step may
/// be left out, said twice or said wrong by its user.
class ZmtpClient {
public:
    struct Setting {
        ByteArray<32> server{}; ///< whom it believes to talk to
        std::string name;       ///< a routing id of its own; empty: none
        std::string from = "127.0.0.1";
    };
    ZmtpClient(std::uint16_t port, const identity::SecretKey &device, Setting setting);

    [[nodiscard]] RawTcp &tcp() noexcept { return m_tcp; }

    [[nodiscard]] static Bytes greeting();
    /// ZMTP's frame around a command of the handshake.
    [[nodiscard]] static Bytes command(ByteView body);
    /// Only its beginning: so many bytes are announced.
    [[nodiscard]] static Bytes announcement(std::uint64_t bytes);

    [[nodiscard]] Bytes hello();
    /// Takes the server's answer to hello(), and gives what comes next; nothing if it was refused.
    [[nodiscard]] std::optional<Bytes> initiate();
    [[nodiscard]] bool isReady() const;
    /// All of it: greeting, HELLO, INITIATE, READY.
    [[nodiscard]] bool shake();

    /// A message, or one part of it, sealed for the server.
    [[nodiscard]] Bytes part(ByteView payload, bool hasMore);
    /// The server's next message; nothing if none comes within two seconds.
    [[nodiscard]] std::optional<Bytes> receive();

private:
    [[nodiscard]] std::uint64_t nextNonce() { return ++m_nonce; }

    RawTcp m_tcp;
    Setting m_setting;
    identity::TransportKeys m_keys;
    ByteArray<32> m_shortPublic{};
    ByteArray<32> m_shortSecret{};
    ByteArray<32> m_shared{}; ///< precomputed, with the server's short key
    std::uint64_t m_nonce = 0;
};

} // namespace nlbd::hostile
