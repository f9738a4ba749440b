#include "mesh_figures.h"

#include "tests/malory/membership.h"
#include "tests/support/offenders.h"

#include <algorithm>
#include <fstream>
#include <thread>

namespace nlbd::bench {

namespace {

constexpr double kMiB = 1024.0 * 1024.0;
constexpr double kGrowthGoalMiB = 64;
constexpr double kLatencyGoalMs = 50;
constexpr double kCutGoalMs = 1000;
constexpr std::size_t kVictims = 2;

struct Scene {
    Table table; ///< a typist, a reader
    std::vector<hostile::Attacked> victims;
    /// A member of his own for each attack that needs one: after an offence his key is refused.
    std::vector<identity::SecretKey> keys;
    std::vector<hostile::Insider> insiders;

    [[nodiscard]] std::vector<pid_t> processes() const
    {
        return {table.typist.front().process(), table.readers.front().process()};
    }
};

std::size_t membersNeeded()
{
    return static_cast<std::size_t>(
        std::ranges::count_if(hostile::offenders(), &hostile::Offender::isMember));
}

/// All found a workspace; all but two go, and their keys stay with us.
std::expected<std::unique_ptr<Scene>, std::string> setUp(const MeshOptions &options)
{
    const std::filesystem::path folder = options.folder / "hostile";
    const std::size_t members = kVictims + membersNeeded();
    auto table = nlbdTable(folder, members);
    if (!table)
        return std::unexpected(table.error());
    while (table->readers.size() + 1 > kVictims)
        table->readers.pop_back();
    auto scene = std::make_unique<Scene>(Scene{std::move(*table), {}, {}, {}});
    scene->keys.reserve(members); // the insiders point at them
    for (std::size_t i = kVictims; i < members; ++i) {
        auto profile = app::Profile::open(folder / std::to_string(i + 1));
        const auto membership = profile ? malory::membershipOf(*profile) : std::nullopt;
        if (!membership)
            return std::unexpected("a profile has no workspace");
        scene->keys.push_back(profile->self()->device.clone());
        scene->insiders.push_back({&scene->keys.back(), membership->tag()});
    }
    for (std::size_t i = 0; i < kVictims; ++i) {
        const auto bytes = fromHex(scene->table.contacts[i].device);
        const auto device = bytes ? PublicKey::from(*bytes) : std::nullopt;
        if (!device)
            return std::unexpected("a member did not say who it is");
        scene->victims.push_back({scene->table.contacts[i].port, *device});
    }
    return scene;
}

/// On each victim at once, while it lives.
class Siege {
public:
    Siege(const Scene &scene, const hostile::Offender &offender, const hostile::Insider &insider)
        : m_deeds(scene.victims.size())
    {
        for (std::size_t i = 0; i < scene.victims.size(); ++i)
            m_threads.emplace_back(
                [this, i, &scene, &offender, &insider](const std::stop_token &stop) {
                    m_deeds[i] = offender.attack(stop, scene.victims[i], insider);
                });
    }
    [[nodiscard]] const std::vector<hostile::Deeds> &end()
    {
        for (std::jthread &thread : m_threads)
            thread.request_stop();
        for (std::jthread &thread : m_threads)
            thread.join();
        return m_deeds;
    }

private:
    std::vector<hostile::Deeds> m_deeds;
    std::vector<std::jthread> m_threads;
};

std::expected<double, std::string> typeFor(Scene &scene, std::size_t keys)
{
    const auto series = runSeries(scene.table, briskPace(keys));
    if (!series)
        return std::unexpected(series.error());
    return percentile(series->visible, 0.99);
}

} // namespace

Resident residentOf(pid_t process)
{
    Resident result;
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    const auto bytes = [](const std::string &line) { return std::stoul(line.substr(6)) * 1024; };
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:"))
            result.now = bytes(line);
        else if (line.starts_with("VmHWM:"))
            result.peak = bytes(line);
    }
    return result;
}

void forgetPeak(pid_t process)
{
    std::ofstream("/proc/" + std::to_string(process) + "/clear_refs") << "5";
}

Figures measureHostile(const MeshOptions &options)
{
    auto scene = setUp(options);
    if (!scene)
        return std::unexpected(scene.error());
    Scene &here = **scene;
    if (const auto warm = typeFor(here, 5); !warm)
        return std::unexpected(warm.error());
    const auto calm = typeFor(here, options.keys);
    if (!calm)
        return std::unexpected(calm.error());
    std::vector<Figure> figures{{"mesh_hostile_p99", *calm, "ms", {}, "nlbd", "nobody"}};
    const double goal = std::max(kLatencyGoalMs, 2 * *calm);
    std::size_t nextMember = 0;
    for (const hostile::Offender &offender : hostile::offenders()) {
        std::vector<Resident> before;
        for (const pid_t process : here.processes()) {
            forgetPeak(process);
            before.push_back(residentOf(process));
        }
        Siege siege(here, offender, here.insiders[nextMember]);
        if (offender.isMember && nextMember + 1 < here.insiders.size())
            ++nextMember;
        const auto latency = typeFor(here, options.keys);
        const auto &deeds = siege.end();
        if (!latency)
            return std::unexpected(std::string(offender.name) + ": " + latency.error());
        double growth = 0;
        for (std::size_t i = 0; i < before.size(); ++i)
            growth = std::max(growth,
                              static_cast<double>(residentOf(here.processes()[i]).peak)
                                  - static_cast<double>(before[i].now));
        hostile::Deeds all;
        for (const hostile::Deeds &one : deeds) {
            all.tries += one.tries;
            all.cuts += one.cuts;
            all.longest = std::max(all.longest, one.longest);
        }
        const std::string name(offender.name);
        figures.push_back({"mesh_hostile_p99", *latency, "ms", goal, "nlbd", name});
        figures.push_back(
            {"mesh_hostile_memory", growth / kMiB, "MiB", kGrowthGoalMiB, "nlbd", name});
        figures.push_back(
            {"mesh_hostile_tries", static_cast<double>(all.tries), "1", {}, "nlbd", name});
        figures.push_back(
            {"mesh_hostile_cuts", static_cast<double>(all.cuts), "1", {}, "nlbd", name});
        if (offender.isCut && all.cuts > 0)
            figures.push_back({"mesh_hostile_cut", static_cast<double>(all.longest.count()), "ms",
                               kCutGoalMs, "nlbd", name});
    }
    return figures;
}

} // namespace nlbd::bench
