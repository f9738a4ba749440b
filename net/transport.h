#pragma once

#include "core/base/codes.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "net/endpoint.h"

#include <memory>
#include <optional>
#include <set>
#include <variant>
#include <vector>

namespace nlbd::net {

/// A Curve25519 key: what a connection is authenticated with.
using TransportKey = StrongBytes<struct TransportKeyTag, 32>;

/// A connection that both ends have authenticated; never reused in this process.
using LinkId = Strong<struct LinkIdTag, std::uint64_t>;

enum class Role : std::uint8_t {
    Dialler = 1,
    Listener = 2,
};

/// Why a link ended, or never came to be.
enum class LinkEnd : std::uint8_t {
    Lost,        ///< the other end went away, or was silent for too long
    Refused,     ///< nobody listens at that address
    NoNetwork,   ///< there is no way to that address
    Unreachable, ///< the network says that nobody is there, or that it is not to be reached
    Timeout,     ///< no answer from that address
    BadAddress,  ///< the host name is unknown or the address cannot be used
    WrongKey,    ///< somebody answered, without the expected key
    NotOurs,     ///< something answered that is not this program
    NotAllowed,  ///< the other end does not admit our key
    Cut,         ///< we ended it
};

struct LinkOpened {
    LinkId link;
    Role role = Role::Listener;
    TransportKey theirs; ///< authenticated by the transport
    std::string address; ///< for people: "192.168.1.7:51234"
    std::string host;    ///< address without port
};
struct LinkFrame {
    LinkId link;
    Bytes message;
};
struct LinkClosed {
    LinkId link;
    LinkEnd end = LinkEnd::Lost;
};
/// A connection that was turned away or cut by the transport itself.
struct LinkRefused {
    Code code = Code::E_ZAP;
    std::string address;
    std::optional<TransportKey> key; ///< if it came far enough to show one
    std::optional<LinkId> link;      ///< if it had one; a LinkClosed follows
};
using LinkEvent = std::variant<LinkOpened, LinkFrame, LinkClosed, LinkRefused>;

enum class SendResult : std::uint8_t { Sent, Full, Gone };

/// Who may connect to us.
struct Admission {
    std::set<TransportKey> allowed;
    std::set<TransportKey> muted; ///< refused whatever else holds
    bool isDoorOpen = false;      ///< unknown keys may connect, to knock
};

/// Authenticated links that carry whole messages, in order, or break. Owned and used by one thread.
/// The real one is ZmqTransport; tests drive the same code over memory
/// (tests/net/memory_transport.h).
class Transport {
public:
    virtual ~Transport() = default;

    /// Replaces the whole table; applies to connections that come later.
    virtual void setAdmission(Admission admission) = 0;

    /// Starts to connect to whoever holds `expected`. One attempt: ends in LinkOpened or
    /// LinkClosed.
    [[nodiscard]] virtual LinkId dial(const Endpoint &endpoint, const TransportKey &expected) = 0;

    /// Hands one message over. Full: nothing was taken, try again later.
    [[nodiscard]] virtual SendResult send(LinkId link, ByteView message) = 0;

    /// Ends a link at once; no LinkClosed follows. Unknown links are ignored.
    virtual void cut(LinkId link) = 0;

    /// Waits until something happens or `timeout` passes; `wakers` are file descriptors of the
    /// caller whose readability ends the wait as well.
    [[nodiscard]] virtual std::vector<LinkEvent> wait(Millis timeout,
                                                      const std::vector<int> &wakers) = 0;
};

} // namespace nlbd::net
