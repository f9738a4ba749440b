#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nlbd::sim {

/// How one change gets around a group: what is asked, and what came of it.
struct NewsOptions {
    std::size_t peers = 16;
    std::uint64_t seed = 1;
    std::size_t records = 10;      ///< changes, one after the other, each of somebody else
    std::uint64_t lossPercent = 0; ///< whole frames, as if links were overloaded or broke
    bool isThirdSilent = false;    ///< a third hears everything and says nothing
    enum class Scheme : std::uint8_t {
        Whole,   ///< what the engine does
        PushOnly ///< without announcements and comparisons: what push alone would reach
    } scheme = Scheme::Whole;
    bool isOneSurrounded = false; ///< all links of one are with silent ones (stub, beyond 128)
    std::size_t have = 0;         ///< who hears of a batch; 0: as the engine does (stub only)
};

/// Of those who talk and did not write it. Kinds are "payload", "news" (announced, asked for),
/// "repair" (compared) and "rest".
struct NewsSpread {
    std::vector<double> milliseconds; ///< until it came, of all records; sorted
    std::vector<double> rounds;       ///< frames one after the other until it came; sorted, or none
    std::vector<double> last;         ///< of each record: milliseconds until all had it
    std::vector<double> lastRounds;
    std::size_t missing = 0;              ///< who never got it, of all records
    double copies = 0;                    ///< payloads per peer and record
    std::map<std::string, double> frames; ///< likewise, by kind, from its writing until all had it
    std::map<std::string, double> bytes;
};

/// The decisions of core/gossip on up to 10,000 peers; a record is a number here. Up to 128 have
/// links with all, as the mesh has; more dial eight each, and look among all for whom to compare
/// with.
[[nodiscard]] NewsSpread spreadStubs(const NewsOptions &asked);

/// The same of whole engines in the simulator's network, 4 to 128 of them.
[[nodiscard]] NewsSpread spreadEngines(const NewsOptions &asked);

/// Bytes that a member's engine sends per hour while nobody types and nobody has anything open.
[[nodiscard]] double idleBytesPerHour(std::size_t peers, std::uint64_t seed);

/// Rounds until all know if each who knows tells one random other per round (Pittel, "On spreading
/// a rumor", SIAM J. Appl. Math. 47, 1987: log2 n + ln n + O(1)).
[[nodiscard]] std::size_t classicRounds(std::size_t peers, std::uint64_t seed);

/// The value below which `share` of the sorted ones are; 0 if there are none.
[[nodiscard]] double quantile(const std::vector<double> &sorted, double share);

} // namespace nlbd::sim
