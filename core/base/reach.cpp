#include "core/base/reach.h"

namespace nlbd {

std::string_view nameOf(FoundBy how) noexcept
{
    constexpr std::array<std::string_view, 8> kNames{"given",       "typed",        "invitation",
                                                     "beacon",      "last-address", "member",
                                                     "mapped-port", "they-came"};
    return kNames[static_cast<std::size_t>(how)];
}

std::string_view nameOf(Obstacle step) noexcept
{
    constexpr std::array<std::string_view, kObstacles> kNames{
        "no-interface",  "no-multicast", "no-address", "bad-address", "network-down",
        "unreachable",   "refused",      "timed-out",  "not-ours",    "wrong-key",
        "wrong-version", "not-a-member", "removed",    "clock",       "too-many",
        "too-fast",      "malformed",    "lost",       "closed",      "port-taken"};
    return kNames[static_cast<std::size_t>(step)];
}

} // namespace nlbd
