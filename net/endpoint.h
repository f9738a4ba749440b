#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace nlbd::net {

/// The port that is tried first, for TCP and for beacons, so that one firewall rule serves both.
inline constexpr std::uint16_t kDefaultPort = 47474;

/// Where a computer can be dialled: a host name or address, and a TCP port.
struct Endpoint {
    std::string host; ///< "192.168.1.7", "fe80::1%eth0", "anna.local"; IPv6 without brackets
    std::uint16_t port = kDefaultPort;

    friend auto operator<=>(const Endpoint &, const Endpoint &) = default;

    [[nodiscard]] bool isIpv6() const noexcept { return host.find(':') != std::string::npos; }

    /// "host:port" or "[v6]:port", as people type it.
    [[nodiscard]] std::string text() const;
};

/// Why a typed address is none.
enum class EndpointError : std::uint8_t {
    Empty,           ///< nothing was typed
    TooLong,         ///< longer than any host name
    BadHost,         ///< a character that no host name or address holds
    BadPort,         ///< not a number from 1 to 65535
    UnclosedBracket, ///< "[" without "]"
    BareIpv6Port,    ///< several colons without brackets, and no valid IPv6 address
};

/// A sentence for people.
[[nodiscard]] std::string_view describe(EndpointError error) noexcept;

/// Reads "host", "host:port", "[v6]:port", "[v6]" or a bare IPv6 address; white space around it is
/// ignored. Only the form is checked: nothing is looked up.
[[nodiscard]] std::expected<Endpoint, EndpointError> parseEndpoint(std::string_view text);

} // namespace nlbd::net
