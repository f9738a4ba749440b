#include "net/endpoint.h"

#include <algorithm>
#include <arpa/inet.h>
#include <optional>

namespace nlbd::net {

namespace {

constexpr std::size_t kHostBytesMax = 253; // RFC 1035, section 2.3.4, without the trailing dot
constexpr std::size_t kLabelBytesMax = 63;

std::string_view trimmed(std::string_view text) noexcept
{
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t from = text.find_first_not_of(kSpace);
    if (from == std::string_view::npos)
        return {};
    return text.substr(from, text.find_last_not_of(kSpace) - from + 1);
}

bool isLetterOrDigit(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// An address, with a zone behind '%' if it is link-local.
bool isIpv6(std::string_view text)
{
    const std::size_t percent = text.find('%');
    if (percent != std::string_view::npos) {
        const std::string_view zone = text.substr(percent + 1);
        const auto fits = [](char c) {
            return isLetterOrDigit(c) || c == '-' || c == '_' || c == '.';
        };
        if (zone.empty() || zone.size() > 15 || !std::ranges::all_of(zone, fits))
            return false;
        text = text.substr(0, percent);
    }
    in6_addr address{};
    return text.size() < INET6_ADDRSTRLEN
        && text.find('\0') == std::string_view::npos // where inet_pton would stop and be content
        && inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

/// A name as DNS and mDNS have it, or an IPv4 address.
bool isHostName(std::string_view host) noexcept
{
    if (!host.empty() && host.back() == '.')
        host.remove_suffix(1);
    std::size_t label = 0;
    for (const char c : host) {
        if (c == '.') {
            if (label == 0)
                return false;
            label = 0;
            continue;
        }
        if (!isLetterOrDigit(c) && c != '-' && c != '_')
            return false;
        if (++label > kLabelBytesMax)
            return false;
    }
    return label > 0 && host.front() != '-';
}

std::optional<std::uint16_t> portFrom(std::string_view digits) noexcept
{
    if (digits.empty() || digits.size() > 5)
        return std::nullopt;
    std::uint32_t port = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9')
            return std::nullopt;
        port = port * 10 + static_cast<std::uint32_t>(c - '0');
    }
    if (port == 0 || port > 65535)
        return std::nullopt;
    return static_cast<std::uint16_t>(port);
}

std::expected<Endpoint, EndpointError> parseBracketed(std::string_view text)
{
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos)
        return std::unexpected(EndpointError::UnclosedBracket);
    const std::string_view host = text.substr(1, close - 1);
    if (!isIpv6(host))
        return std::unexpected(EndpointError::BadHost);
    const std::string_view rest = text.substr(close + 1);
    if (rest.empty())
        return Endpoint{std::string(host), kDefaultPort};
    const auto port = rest.front() == ':' ? portFrom(rest.substr(1)) : std::nullopt;
    if (!port)
        return std::unexpected(EndpointError::BadPort);
    return Endpoint{std::string(host), *port};
}

} // namespace

std::string Endpoint::text() const
{
    const std::string shown = isIpv6() ? "[" + host + "]" : host;
    return shown + ":" + std::to_string(port);
}

std::string_view describe(EndpointError error) noexcept
{
    switch (error) {
    case EndpointError::Empty:
        return "No address was given.";
    case EndpointError::TooLong:
        return "The address is longer than any host name can be.";
    case EndpointError::BadHost:
        return "The address holds a character that no host name has.";
    case EndpointError::BadPort:
        return "The port, behind the last colon, must be a number from 1 to 65535.";
    case EndpointError::UnclosedBracket:
        return "The address begins with [ but has no ].";
    case EndpointError::BareIpv6Port:
        return "Write an IPv6 address with a port as [address]:port.";
    }
    return {};
}

std::expected<Endpoint, EndpointError> parseEndpoint(std::string_view text)
{
    text = trimmed(text);
    if (text.empty())
        return std::unexpected(EndpointError::Empty);
    if (text.size() > kHostBytesMax + 6)
        return std::unexpected(EndpointError::TooLong);
    if (text.front() == '[')
        return parseBracketed(text);
    const auto colons = std::ranges::count(text, ':');
    if (colons > 1) {
        if (!isIpv6(text))
            return std::unexpected(EndpointError::BareIpv6Port);
        return Endpoint{std::string(text), kDefaultPort};
    }
    const std::size_t colon = text.find(':');
    const std::string_view host = text.substr(0, colon);
    if (host.size() > kHostBytesMax)
        return std::unexpected(EndpointError::TooLong);
    if (!isHostName(host))
        return std::unexpected(EndpointError::BadHost);
    if (colon == std::string_view::npos)
        return Endpoint{std::string(host), kDefaultPort};
    const auto port = portFrom(text.substr(colon + 1));
    if (!port)
        return std::unexpected(EndpointError::BadPort);
    return Endpoint{std::string(host), *port};
}

} // namespace nlbd::net
