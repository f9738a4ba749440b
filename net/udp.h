#pragma once

#include "net/discovery.h"

/// The system's calls for beacons, each for one socket. A failure is told and changes nothing else:
/// the next beacon comes soon.
namespace nlbd::net::udp {

/// A socket that hears and sends beacons at one address of an interface.
[[nodiscard]] UdpSocket openBeacons(const InterfaceAddress &at, std::uint16_t port);

/// A socket at the number of our TCP port, where typed addresses ask for a card.
[[nodiscard]] UdpSocket openAnswers(std::uint16_t port);

/// Sends a question from a socket of its own, which gets the answer, or what the network says
/// instead (refusal()).
[[nodiscard]] UdpSocket ask(const Endpoint &endpoint, ByteView datagram);

/// What came back in place of an answer, if something did; it is told once.
[[nodiscard]] std::optional<Obstacle> refusal(int fd);

/// False if the system refuses to send.
bool sendMulticast(int fd, const InterfaceAddress &at, std::uint16_t port, ByteView datagram);
bool sendBroadcast(int fd, const InterfaceAddress &at, std::uint16_t port, ByteView datagram);

struct Datagram {
    Bytes bytes;
    Endpoint from;
    Bytes source; ///< the sender's address as the system has it
};
/// The next datagram, without waiting. `interfaceName` scopes link-local senders.
[[nodiscard]] std::optional<Datagram> receive(int fd, const std::string &interfaceName);

void answer(int fd, ByteView source, ByteView datagram);

} // namespace nlbd::net::udp
