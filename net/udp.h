#pragma once

#include "net/discovery.h"

/// The system's calls for beacons, each for one socket. Failures are silence: a beacon more or less
/// changes nothing.
namespace nlbd::net::udp {

/// A socket that hears and sends beacons at one address of an interface.
[[nodiscard]] UdpSocket openBeacons(const InterfaceAddress &at, std::uint16_t port);

/// A socket at the number of our TCP port, where typed addresses ask for a card.
[[nodiscard]] UdpSocket openAnswers(std::uint16_t port);

/// Sends a question from a socket of its own, which gets the answer.
[[nodiscard]] UdpSocket ask(const Endpoint &endpoint, ByteView datagram);

void sendMulticast(int fd, const InterfaceAddress &at, std::uint16_t port, ByteView datagram);
void sendBroadcast(int fd, const InterfaceAddress &at, std::uint16_t port, ByteView datagram);

struct Datagram {
    Bytes bytes;
    Endpoint from;
    Bytes source; ///< the sender's address as the system has it
};
/// The next datagram, without waiting. `interfaceName` scopes link-local senders.
[[nodiscard]] std::optional<Datagram> receive(int fd, const std::string &interfaceName);

void answer(int fd, ByteView source, ByteView datagram);

} // namespace nlbd::net::udp
