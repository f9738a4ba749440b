#include "mesh_figures.h"

#include "mesh_neighbour.h"

#include <fstream>
#include <sstream>

namespace nlbd::bench {

namespace {

constexpr double kMiB = 1024.0 * 1024.0;
constexpr double kVisibleGoalMs = 100;
constexpr double kSessionGoalMiB = 2;
constexpr double kFoundGoalMs = 2000;

std::vector<pid_t> processesOf(const Table &table)
{
    std::vector<pid_t> processes{table.typist.front().process()};
    for (const Child &reader : table.readers)
        processes.push_back(reader.process());
    return processes;
}

/// Mean of what they hold.
double residentMiB(const Table &table)
{
    double sum = 0;
    const auto processes = processesOf(table);
    for (const pid_t process : processes)
        sum += static_cast<double>(residentOf(process).now);
    return sum / static_cast<double>(processes.size()) / kMiB;
}

} // namespace

std::uint64_t carriedByLoopback()
{
    std::ifstream devices("/proc/self/net/dev");
    for (std::string line; std::getline(devices, line);) {
        std::istringstream words(line);
        std::string name;
        std::uint64_t bytes = 0;
        if (words >> name >> bytes && name == "lo:")
            return bytes;
    }
    return 0;
}

Figures measureFinding(std::size_t repetitions)
{
    constexpr Millis kPatience{20'000};
    std::vector<double> times;
    for (std::size_t i = 0; i < repetitions; ++i) {
        Neighbour ada("Ada");
        Neighbour ben("Ben");
        if (!ada.isOpen() || !ben.isOpen())
            return std::unexpected("no mesh could be opened on the loopback device");
        ada.appear();
        sleepUntil(nowNs() + 50'000'000); // her first beacons have gone by
        const std::int64_t begun = nowNs();
        ben.appear();
        if (!ada.sees(kPatience) || !ben.sees(kPatience))
            return std::unexpected("two on one computer did not find each other");
        times.push_back(static_cast<double>(nowNs() - begun) / 1e6);
    }
    return std::vector<Figure>{
        {"mesh_found_p50", percentile(times, 0.5), "ms", {}, "nlbd", {}},
        {"mesh_found_p99", percentile(times, 0.99), "ms", kFoundGoalMs, "nlbd", {}}};
}

Figures measureTable(const MeshOptions &options)
{
    constexpr double kHourMs = 3'600'000;
    const double members = static_cast<double>(options.members);
    auto pair = nlbdTable(options.folder / "two", 2);
    if (!pair)
        return std::unexpected(pair.error());
    const double ofTwo = residentMiB(*pair);
    pair->typist.clear();
    pair->readers.clear();
    auto table = nlbdTable(options.folder / "all", options.members);
    if (!table)
        return std::unexpected(table.error());
    const double ofAll = residentMiB(*table);
    const Pace pace = briskPace(options.keys);
    if (const auto warm = runSeries(*table, briskPace(5)); !warm)
        return std::unexpected(warm.error());
    const std::uint64_t before = carriedByLoopback();
    const auto series = runSeries(*table, pace);
    if (!series)
        return std::unexpected(series.error());
    const double typed = static_cast<double>(carriedByLoopback() - before);
    sleepUntil(nowNs() + 5'000'000'000); // acks come to rest
    const std::uint64_t quiet = carriedByLoopback();
    sleepUntil(nowNs() + options.idle.count() * 1'000'000);
    const double idle = static_cast<double>(carriedByLoopback() - quiet);
    const std::string at = "_of_" + std::to_string(options.members);
    const double perMember = idle / static_cast<double>(options.idle.count()) * kHourMs / members;
    return std::vector<Figure>{
        {"mesh_key_to_visible" + at + "_p50",
         percentile(series->visible, 0.5),
         "ms",
         {},
         "nlbd",
         pace.trace},
        {"mesh_key_to_visible" + at + "_p99", percentile(series->visible, 0.99), "ms",
         kVisibleGoalMs, "nlbd", pace.trace},
        {"mesh_key_to_merged" + at + "_p99",
         percentile(series->merged, 0.99),
         "ms",
         {},
         "nlbd",
         pace.trace},
        {"mesh_wire_per_key_and_member" + at,
         typed / static_cast<double>(options.keys) / (members - 1),
         "B",
         {},
         "nlbd",
         pace.trace},
        {"mesh_memory_per_session",
         (ofAll - ofTwo) / (members - 2),
         "MiB",
         kSessionGoalMiB,
         "nlbd",
         {}},
        {"mesh_memory_process" + at, ofAll, "MiB", {}, "nlbd", {}},
        {"mesh_idle_per_hour_and_member" + at, perMember / kMiB, "MiB", {}, "nlbd", {}}};
}

} // namespace nlbd::bench
