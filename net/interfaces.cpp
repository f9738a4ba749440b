#include "net/interfaces.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <optional>

namespace nlbd::net {

namespace {

std::string textOf(const sockaddr *address)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address == nullptr)
        return {};
    if (address->sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, address, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    } else if (address->sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, address, sizeof v6);
        inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    }
    return text.data();
}

std::optional<InterfaceAddress> read(const ifaddrs &entry)
{
    const bool isUsable = entry.ifa_addr != nullptr && (entry.ifa_flags & IFF_UP) != 0
        && (entry.ifa_flags & IFF_RUNNING) != 0;
    if (!isUsable
        || (entry.ifa_addr->sa_family != AF_INET && entry.ifa_addr->sa_family != AF_INET6))
        return std::nullopt;
    InterfaceAddress result;
    result.name = entry.ifa_name;
    result.index = if_nametoindex(entry.ifa_name);
    result.isIpv6 = entry.ifa_addr->sa_family == AF_INET6;
    result.isLoopback = (entry.ifa_flags & IFF_LOOPBACK) != 0;
    result.address = textOf(entry.ifa_addr);
    result.isLinkLocal =
        result.address.starts_with("fe80:") || result.address.starts_with("169.254.");
    const bool hasBroadcast = (entry.ifa_flags & IFF_BROADCAST) != 0;
    if (!result.isIpv6 && hasBroadcast)
        result.broadcast = textOf(entry.ifa_broadaddr);
    const bool hasMulticast = (entry.ifa_flags & IFF_MULTICAST) != 0;
    if (!result.isLoopback && !hasMulticast && !hasBroadcast)
        return std::nullopt;
    return result;
}

} // namespace

std::vector<InterfaceAddress> interfaceAddresses(InterfaceScope scope)
{
    std::vector<InterfaceAddress> all;
    ifaddrs *first = nullptr;
    if (getifaddrs(&first) != 0)
        return all;
    for (const ifaddrs *entry = first; entry != nullptr; entry = entry->ifa_next)
        if (auto address = read(*entry))
            all.push_back(std::move(*address));
    freeifaddrs(first);
    const bool hasNetwork = std::ranges::any_of(all, [](const auto &a) { return !a.isLoopback; });
    const bool wantsLoopback = scope == InterfaceScope::Loopback || !hasNetwork;
    std::erase_if(all, [wantsLoopback](const auto &a) { return a.isLoopback != wantsLoopback; });
    std::ranges::sort(all);
    return all;
}

} // namespace nlbd::net
