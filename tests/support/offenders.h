#pragma once

#include "net/session.h"
#include "tests/support/zmtp_client.h"

#include <span>
#include <stop_token>

namespace nlbd::hostile {

/// Whom to attack.
struct Attacked {
    std::uint16_t port = 0;
    PublicKey device;
};
/// Who attacks: a member's key and what he knows of the workspace. Strangers do not use it.
struct Insider {
    const identity::SecretKey *device = nullptr;
    net::WorkspaceTag tag;
};

/// A member's session over a hand-made connection: the handshake of net, and then any frame. It
/// reads nothing afterwards.
class MemberSession {
public:
    MemberSession(const Attacked &victim, const Insider &insider, Random &random);

    /// READY came.
    [[nodiscard]] bool isUp() const noexcept { return m_isUp; }
    [[nodiscard]] ZmtpClient &client() noexcept { return m_client; }
    [[nodiscard]] bool send(std::uint8_t kind, ByteView body, bool isOwn = false);

private:
    [[nodiscard]] bool shake(const Attacked &victim, const Insider &insider, Random &random);

    ZmtpClient m_client;
    std::uint16_t m_alias = 0;
    bool m_isUp = false;
};

/// What came of an attack.
struct Deeds {
    std::size_t tries = 0; ///< connections
    std::size_t cuts = 0;  ///< ended by the victim
    Millis longest{0};     ///< from the offence to its cut
};

struct Offender {
    std::string_view name;
    bool isMember = false;
    /// What it does is an offence of one connection, which ends within a second.
    bool isCut = false;
    /// Goes on until it is told to stop.
    Deeds (*attack)(const std::stop_token &stop, const Attacked &victim, const Insider &insider);
};
[[nodiscard]] std::span<const Offender> offenders();

} // namespace nlbd::hostile
