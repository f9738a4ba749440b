// Many members in one process: how soon all of them see a key, and what it takes.
#include "crowd.h"
#include "mesh_figures.h"

#include <random>
#include <sys/resource.h>

namespace nlbd::bench {

namespace {

constexpr double kMiB = 1024.0 * 1024.0;
constexpr double kVisibleGoalMs = 200;
constexpr double kCopiesGoal = 4;
constexpr double kLostGoal = 0.5; ///< of all keys none may be lost
constexpr double kSessionGoalMiB = 2;
constexpr Millis kMeeting{300'000};
constexpr Millis kGap{200}; ///< five keys in a second, of everybody together

struct Seen {
    std::vector<double> times; ///< by key: at the last who reads
    std::size_t lost = 0;      ///< not there in time at somebody
};

std::vector<std::size_t> readersOf(Crowd &crowd)
{
    std::vector<std::size_t> readers;
    for (std::size_t i = 0; i < crowd.size(); ++i)
        if (!crowd.at(i).isSilent())
            readers.push_back(i);
    return readers;
}

/// Somebody else types each time.
Seen typeAndSee(Crowd &crowd, std::size_t first, std::size_t keys)
{
    constexpr Millis kPatience{30'000};
    const std::vector<std::size_t> readers = readersOf(crowd);
    std::mt19937 random(7);
    std::int64_t due = nowNs();
    for (std::size_t key = first; key < first + keys; ++key) {
        sleepUntil(due += kGap.count() * 1'000'000);
        crowd.at(readers[random() % readers.size()]).type(key);
    }
    const auto isThere = [&](std::size_t key) {
        return std::ranges::all_of(
            readers, [&](std::size_t reader) { return crowd.at(reader).mergedAt(key) != 0; });
    };
    Seen seen;
    const std::int64_t end = nowNs() + kPatience.count() * 1'000'000;
    for (std::size_t key = first; key < first + keys; ++key) {
        while (!isThere(key) && nowNs() < end)
            sleepUntil(nowNs() + 1'000'000);
        if (!isThere(key)) {
            ++seen.lost;
            continue;
        }
        std::int64_t typed = 0;
        std::int64_t last = 0;
        for (const std::size_t reader : readers) {
            typed = std::max(typed, crowd.at(reader).typedAt(key));
            last = std::max(last, crowd.at(reader).mergedAt(key));
        }
        seen.times.push_back(static_cast<double>(last - typed) / 1e6);
    }
    return seen;
}

std::size_t copiesOf(Crowd &crowd)
{
    std::size_t copies = 0;
    for (const std::size_t reader : readersOf(crowd))
        copies += crowd.at(reader).copies();
    return copies;
}

/// With how many others each can have a session. One takes three descriptors of this process, both
/// ends together, and two more until it is open, and libzmq ends a process that has no more of
/// them.
std::size_t sessionsOfEach(std::size_t members)
{
    constexpr std::size_t kOfSession = 3;
    constexpr std::size_t kOfMember = 20;
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return 0;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    const std::size_t own = members * kOfMember;
    const std::size_t left = files.rlim_cur > own ? files.rlim_cur - own : 0;
    return std::min(members - 1, left * 2 / (members * kOfSession));
}

} // namespace

Figures measureCrowd(const MeshOptions &options, Silence silence)
{
    const std::size_t silent = silence == Silence::Third ? options.crowd / 3 : 0;
    const std::size_t before = residentOf(getpid()).now;
    Crowd crowd(options.crowd, {}, {});
    for (std::size_t i = 0; i < silent; ++i)
        crowd.at(i * 3 + 2).setSilent();
    const std::size_t each = sessionsOfEach(options.crowd);
    if (const auto met = crowd.meet(kMeeting, each); !met)
        return std::unexpected(met.error());
    if (const auto opened = crowd.openDocument(kMeeting); !opened)
        return std::unexpected(opened.error());
    sleepUntil(nowNs() + 3'000'000'000);
    (void)typeAndSee(crowd, 0, 10); // acks and digests take their rhythm
    const std::size_t copiesBefore = copiesOf(crowd);
    const std::uint64_t bytesBefore = carriedByLoopback();
    const Seen seen = typeAndSee(crowd, 10, options.keys);
    const auto bytes = static_cast<double>(carriedByLoopback() - bytesBefore);
    const double readings = static_cast<double>(options.keys * (crowd.size() - silent - 1));
    const double copies = static_cast<double>(copiesOf(crowd) - copiesBefore) / readings;
    const std::string at =
        "_of_" + std::to_string(options.crowd) + (silent > 0 ? "_third_silent" : "");
    std::vector<Figure> figures{
        {"mesh_crowd_lost" + at, static_cast<double>(seen.lost), "keys", kLostGoal, "nlbd", {}},
        {"mesh_crowd_payloads" + at, copies, "copies", kCopiesGoal, "nlbd", {}},
        {"mesh_crowd_wire_per_key_and_member" + at, bytes / readings, "B", {}, "nlbd", {}}};
    if (!seen.times.empty()) {
        figures.push_back({"mesh_crowd_visible" + at + "_p50",
                           percentile(seen.times, 0.5),
                           "ms",
                           {},
                           "nlbd",
                           {}});
        figures.push_back({"mesh_crowd_visible" + at + "_p99",
                           percentile(seen.times, 0.99),
                           "ms",
                           kVisibleGoalMs,
                           "nlbd",
                           {}});
    }
    if (silent > 0)
        return figures;
    std::size_t all = 0;
    for (std::size_t i = 0; i < crowd.size(); ++i)
        all += crowd.at(i).sessions();
    const auto ends = static_cast<double>(all);
    const double grown = static_cast<double>(residentOf(getpid()).now - before);
    figures.push_back({"mesh_crowd_sessions_in_process" + at, ends, "sessions", {}, "nlbd", {}});
    figures.push_back({"mesh_crowd_memory_per_session" + at,
                       grown / ends / kMiB,
                       "MiB",
                       kSessionGoalMiB,
                       "nlbd",
                       {}});
    return figures;
}

} // namespace nlbd::bench
