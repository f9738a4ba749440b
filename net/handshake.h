#pragma once

#include "core/base/digest.h"
#include "core/base/time.h"
#include "net/frame.h"
#include "net/transport.h"

#include <span>

namespace nlbd::net {

/// A run of the program: two of them with one device key are two computers.
using BootId = StrongBytes<struct BootIdTag, 8>;
using Nonce = StrongBytes<struct NonceTag, 32>;

/// What the mesh knows of a workspace: enough to prove and check membership.
struct WorkspaceTag {
    WorkspaceId id;
    ByteArray<32> discoveryKey{};   ///< known to the members of the present key epoch only
    std::vector<PublicKey> members; ///< devices
    /// Devices that were let go: they may come to hear so, and share nothing else with us.
    std::vector<PublicKey> former{};

    [[nodiscard]] bool has(const PublicKey &device) const noexcept;
    [[nodiscard]] bool knows(const PublicKey &device) const noexcept; ///< or had
};

struct VersionRange {
    std::uint16_t min = 1;
    std::uint16_t max = 1;
    friend bool operator==(const VersionRange &, const VersionRange &) = default;
};
inline constexpr VersionRange kProtocolVersions{1, 1};

inline constexpr std::size_t kProofsMax = 32; ///< in one frame
inline constexpr std::size_t kProofsStep = 4; ///< lists are filled up with noise to a multiple
inline constexpr std::size_t kProofsPerSession = 1024; ///< in one direction, noise included
inline constexpr Millis kHandshakeTime{3000};

/// Why a session ended or did not come to be. Numbers travel in BYE.
enum class EndReason : std::uint8_t {
    Lost = 1, ///< connection broke, or silence
    ClosedByUs = 2,
    ClosedByThem = 3,
    Duplicate = 4, ///< another session with the same device stays
    WrongVersion = 5,
    WrongKey = 6,       ///< device key and transport key do not belong together
    NotAllowed = 7,     ///< no shared workspace, and the door is shut
    Malformed = 8,      ///< broke the rules of the wire: E_CANON or E_BOUNDS
    TooFast = 9,        ///< E_RATE
    Timeout = 10,       ///< the handshake took too long
    Stopping = 11,      ///< the program ends
    NoFreeSession = 12, ///< too many sessions here
};
[[nodiscard]] std::string_view describe(EndReason reason) noexcept;
[[nodiscard]] EndReason endReasonFrom(std::uint8_t number) noexcept; ///< unknown: ClosedByThem

/// HELLO and WELCOME begin alike; WELCOME goes on with a proof list. The first two fields keep
/// their place in every version to come.
///
///     u16 version min | u16 version max | 32 device key | 8 boot id | 32 nonce
///     i64 wall clock, ms | u16 TCP port, 0 = does not listen | u8 role
struct Hello {
    VersionRange versions;
    PublicKey device;
    BootId boot;
    Nonce nonce;
    std::int64_t wallMs = 0;
    std::uint16_t port = 0;
    Role role = Role::Dialler;
    friend bool operator==(const Hello &, const Hello &) = default;
};

/// One direction of a session's proofs. A list travels as `varint count | count x 32`. The n-th
/// proof of a session, counted from 1 over all its lists, is the workspace's alias in the frames
/// of its sender:
///
///     proof = keyedDigest(rt1.hello, discovery key,
///             dialler's key | listener's key | dialler's nonce | listener's nonce
///             | workspace id | u8 prover's role | u16 alias)
///
/// To everybody without the discovery key it is noise; so are the entries that fill the list up.
struct SessionBinding {
    PublicKey dialler;
    PublicKey listener;
    Nonce diallerNonce;
    Nonce listenerNonce;
};
[[nodiscard]] Hash proofOf(const SessionBinding &binding, const WorkspaceTag &tag, Role prover,
                           std::uint16_t alias);

/// Reads or writes a proof list; decode refuses more than kProofsMax.
[[nodiscard]] Bytes encodeProofs(const std::vector<Hash> &proofs);
[[nodiscard]] std::optional<std::vector<Hash>> decodeProofs(ByteView body);

struct HandshakeConfig {
    Role role = Role::Dialler;
    Hello ours;                        ///< all but role, which is set here
    TransportKey theirTransport;       ///< as the transport authenticated it
    std::optional<PublicKey> expected; ///< dialler: whom it dialled
};

/// What to send after a step, and how it stands.
struct HandshakeStep {
    enum class State : std::uint8_t {
        Running,
        NeedProofs, ///< answer with prove(): their Hello is known now
        Judge,      ///< all proofs are here; call accept() or end it
        Done,
        Failed,
    } state = State::Running;
    std::optional<EndReason> failure;
    std::vector<Bytes> send;
};

/// The handshake as a state machine: no sockets, no clock, no chance.
///
///     dialler                         listener
///     HELLO            ------------>              transport key known from CURVE
///                      <------------  WELCOME     with proofs
///     PROOF            ------------>              with proofs
///                      <------------  READY       or BYE(reason)
///
/// Each message comes exactly once and in this order; anything else fails with Malformed.
class Handshake {
public:
    explicit Handshake(HandshakeConfig config);

    /// The dialler's first word; nothing for the listener.
    [[nodiscard]] HandshakeStep start();

    /// Takes one frame. After Failed or Done it must not be called again.
    [[nodiscard]] HandshakeStep take(const Frame &frame);

    /// After NeedProofs: our list, in the order of aliases.
    [[nodiscard]] HandshakeStep prove(const std::vector<Hash> &ours);

    /// After Judge at the listener: lets the other in. The dialler is Done only with READY.
    [[nodiscard]] HandshakeStep accept();

    /// Valid from NeedProofs on.
    [[nodiscard]] const Hello &theirs() const noexcept { return m_theirs; }
    [[nodiscard]] SessionBinding binding() const noexcept;

    /// Their proofs; valid from Judge (listener) or NeedProofs (dialler) on.
    [[nodiscard]] const std::vector<Hash> &theirProofs() const noexcept { return m_theirProofs; }

private:
    enum class Expect : std::uint8_t { Hello, Welcome, Prove, Proof, Judgement, Ready, Nothing };

    [[nodiscard]] HandshakeStep fail(EndReason reason);
    [[nodiscard]] HandshakeStep takeHello(ByteView body);
    [[nodiscard]] HandshakeStep takeProof(ByteView body);
    [[nodiscard]] std::optional<EndReason> check(Reader &in, Role theirRole);

    HandshakeConfig m_config;
    Hello m_theirs;
    std::vector<Hash> m_theirProofs;
    Expect m_expect;
};

/// BYE, ready to send.
[[nodiscard]] Bytes byeFrame(EndReason reason);

/// One of the mesh's own frames, ready to send.
[[nodiscard]] Bytes ownFrame(OwnKind kind, ByteView body = {});

} // namespace nlbd::net
