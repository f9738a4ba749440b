#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace nlbd::net {

/// One address of a network interface that can carry beacons.
struct InterfaceAddress {
    std::string name; ///< "eth0"
    unsigned index = 0;
    bool isIpv6 = false;
    bool isLoopback = false;
    bool isLinkLocal = false;
    std::string address;   ///< without scope
    std::string broadcast; ///< IPv4 only; empty if there is none

    friend auto operator<=>(const InterfaceAddress &, const InterfaceAddress &) = default;
};

/// Which interfaces count.
enum class InterfaceScope : std::uint8_t {
    Networks, ///< up, running, with multicast or broadcast; loopback only if there is nothing else
    Loopback,
};

/// The addresses now, sorted. Ask again when InterfaceWatch tells, or every two seconds where it
/// cannot, and build sockets anew when the set differs; those of an old address hear nothing any
/// more (NET_NOTES 4.1).
[[nodiscard]] std::vector<InterfaceAddress> interfaceAddresses(InterfaceScope scope);

} // namespace nlbd::net
