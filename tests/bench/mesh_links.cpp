// What cables do to the mesh: slow ones, lossy ones, ones that are cut. Computers are network
// namespaces at one switch (tests/mesh/networks.h).
#include "app/trace.h"
#include "crowd.h"
#include "mesh_figures.h"
#include "mesh_neighbour.h"
#include "tests/mesh/networks.h"

namespace nlbd::bench {

namespace {

using mesh::Networks;

constexpr int kMegabits = 20;
constexpr Millis kMeeting{60'000};
constexpr double kCaughtUpGoalMs = 5000;
constexpr double kBehindBulkGoalMs = 50;
constexpr double kDeadGoalMs = 15'000;
constexpr double kHealedGoalMs = 10'000;
constexpr double kLossyFoundGoalMs = 10'000;
constexpr double kLostGoal = 0.5; ///< none may be lost

double msSince(std::int64_t begun, std::int64_t end)
{
    return static_cast<double>(end - begun) / 1e6;
}

Figure absent(const std::string &name, const std::string &unit, std::string reason)
{
    return {name, 0, unit, {}, "nlbd", {}, std::move(reason)};
}

std::vector<Place> placesOf(const Networks &networks, int computers)
{
    std::vector<Place> places;
    for (int i = 0; i < computers; ++i)
        places.push_back({networks.namespaceOf(i), networks.hostOf(i).toStdString()});
    return places;
}

/// A line of twenty letters each: what somebody types in a few seconds.
std::shared_ptr<Writing> linesOf(std::size_t changes)
{
    auto writing = std::make_shared<Writing>();
    for (std::size_t i = 0; i < changes; ++i) {
        const std::string number = std::to_string(10'000'000 + i);
        const std::string line = "line no. " + number + " .\n";
        writing->changes.push_back({{static_cast<TextOffset>(writing->text.size()), 0, line}});
        writing->text += line;
    }
    return writing;
}

/// A recording of one author, ten of its edits in a change: what half a second holds.
std::shared_ptr<Writing> recorded(const std::string &file)
{
    constexpr std::size_t kEditsInChange = 10;
    const auto trace = app::readTrace(file);
    if (!trace)
        return nullptr;
    auto writing = std::make_shared<Writing>();
    writing->text = trace->endContent;
    std::size_t edits = kEditsInChange;
    for (const auto &transaction : trace->transactions) {
        if (edits >= kEditsInChange) {
            writing->changes.emplace_back();
            edits = 0;
        }
        TextPatches &change = writing->changes.back();
        change.insert(change.end(), transaction.patches.begin(), transaction.patches.end());
        edits += transaction.patches.size();
    }
    return writing;
}

std::expected<void, std::string> writeAll(Crowd &crowd, const std::shared_ptr<Writing> &writing)
{
    constexpr Millis kWriting{1'800'000}; // a recording: some 26,000 changes
    const std::size_t goal = crowd.at(0).held() + writing->changes.size();
    crowd.at(0).write(writing);
    if (!crowd.until([&] { return crowd.at(0).held() >= goal; }, kWriting))
        return std::unexpected("the author was not done in time, at change "
                               + std::to_string(crowd.at(0).held()));
    if (crowd.at(0).text() != writing->text)
        return std::unexpected("what was written is not what was to be written");
    return {};
}

/// The second comes, and has all that the first has: milliseconds.
std::expected<double, std::string> catchUp(Crowd &crowd, const Writing &writing)
{
    constexpr Millis kCatching{300'000};
    const std::int64_t begun = nowNs();
    if (!crowd.at(1).start())
        return std::unexpected("the second could not listen");
    crowd.at(1).dial(crowd.at(0));
    if (!crowd.until([&] { return crowd.at(1).held() == crowd.at(0).held(); }, kCatching))
        return std::unexpected("the second did not catch up: " + std::to_string(crowd.at(1).held())
                               + " of " + std::to_string(crowd.at(0).held()));
    // That there is a document its view hears a little later.
    if (!crowd.until([&] { return crowd.at(1).isOpen(); }, kMeeting))
        return std::unexpected("the second has no document");
    if (crowd.at(1).text() != writing.text)
        return std::unexpected("the second holds another text");
    return msSince(begun, crowd.at(1).heldAt());
}

} // namespace

Figures measureColdCatchUp(const MeshOptions &options)
{
    const auto writing = options.trace.empty() ? linesOf(2000) : recorded(options.trace);
    if (!writing)
        return std::unexpected("the recording cannot be read: " + options.trace);
    Crowd author(2, {}, options.folder / "cold");
    if (!author.at(0).start())
        return std::unexpected("the author could not listen");
    author.at(0).createDocument();
    if (!author.until([&] { return author.at(0).isOpen(); }, kMeeting))
        return std::unexpected("the author has no document");
    if (const auto done = writeAll(author, writing); !done)
        return std::unexpected(done.error());
    const std::uint64_t before = carriedByLoopback();
    const auto time = catchUp(author, *writing);
    if (!time)
        return std::unexpected(time.error());
    const auto bytes = static_cast<double>(carriedByLoopback() - before);
    const std::string trace =
        options.trace.empty() ? "lines" : std::filesystem::path(options.trace).filename().string();
    const auto changes = static_cast<double>(writing->changes.size());
    return std::vector<Figure>{
        {"mesh_cold_catch_up", *time, "ms", {}, "nlbd", trace},
        {"mesh_cold_catch_up_changes", changes, "changes", {}, "nlbd", trace},
        {"mesh_cold_catch_up_wire", bytes / 1024 / 1024, "MiB", {}, "nlbd", trace}};
}

namespace {

Figures catchUpWhatEightHoursBrought(Networks &networks, const MeshOptions &options)
{
    const std::size_t changes = options.isQuick ? 1000 : 10'000;
    Crowd crowd(2, placesOf(networks, 2), options.folder / "hours");
    if (const auto met = crowd.meet(kMeeting); !met)
        return std::unexpected(met.error());
    if (const auto opened = crowd.openDocument(kMeeting); !opened)
        return std::unexpected(opened.error());
    crowd.at(1).stop();
    const auto writing = linesOf(changes);
    if (const auto done = writeAll(crowd, writing); !done)
        return std::unexpected(done.error());
    if (!networks.setRate(1, kMegabits))
        return std::vector<Figure>{
            absent("mesh_catch_up_10000", "ms", "no tbf in this kernel, or no tc")};
    const auto time = catchUp(crowd, *writing);
    if (!time)
        return std::unexpected(time.error());
    return std::vector<Figure>{{"mesh_catch_up_" + std::to_string(changes), *time, "ms",
                                kCaughtUpGoalMs, "nlbd", "20 Mbit/s"}};
}

/// 10 MiB in frames of that size, and 50 small live frames a second beside them.
Figures editsBesideBulk(const Networks &networks, std::size_t frameBytes)
{
    constexpr std::size_t kBulk = 10 * 1024 * 1024;
    constexpr std::size_t kUnderWay = 4 * 1024 * 1024;
    constexpr std::int64_t kGapNs = 20'000'000;
    constexpr std::int64_t kPatienceNs = 120'000'000'000;
    Neighbour ada("Ada", networks.namespaceOf(0));
    Neighbour ben("Ben", networks.namespaceOf(1));
    if (!ada.isOpen() || !ben.isOpen() || !ada.meets(ben, networks.hostOf(1).toStdString()))
        return std::unexpected("two did not meet");
    sleepUntil(nowNs() + 1'000'000'000); // of two sessions one has ended by then
    std::vector<std::int64_t> typed;
    std::size_t sent = 0;
    std::int64_t due = nowNs();
    const std::int64_t end = due + kPatienceNs;
    while (ben.bulkTaken() < kBulk && nowNs() < end) {
        for (; sent < kBulk && sent - ben.bulkTaken() < kUnderWay; sent += frameBytes)
            ada.send(Bytes(frameBytes), net::Lane::Bulk);
        sleepUntil(due += kGapNs);
        typed.push_back(nowNs());
        ada.send(Bytes(200), net::Lane::Live);
    }
    if (!ben.takes(typed.size(), kMeeting))
        return std::unexpected("edits beside bulk did not come");
    const auto arrived = ben.liveTimes();
    std::vector<double> times;
    for (std::size_t i = 0; i < typed.size(); ++i)
        times.push_back(msSince(typed[i], arrived[i]));
    const std::string name =
        "mesh_edit_beside_bulk_of_" + std::to_string(frameBytes / 1024) + "_KiB";
    const double rate = static_cast<double>(kBulk) * 8 / 1e3 / msSince(typed.front(), nowNs());
    return std::vector<Figure>{
        {name + "_p50", percentile(times, 0.5), "ms", {}, "nlbd", "20 Mbit/s"},
        {name + "_p95", percentile(times, 0.95), "ms", kBehindBulkGoalMs, "nlbd", "20 Mbit/s"},
        {name + "_rate", rate, "Mbit/s", {}, "nlbd", "20 Mbit/s"}};
}

Figures aDeadLinkIsNoticed(Networks &networks)
{
    constexpr Millis kPatience{60'000};
    Crowd crowd(2, placesOf(networks, 2), {});
    if (const auto met = crowd.meet(kMeeting); !met)
        return std::unexpected(met.error());
    sleepUntil(nowNs() + 2'000'000'000);
    const std::int64_t cut = nowNs();
    if (!networks.part({{0}, {1}}))
        return std::unexpected("the switch cannot be parted");
    const auto isNoticed = [&] { return crowd.at(0).lostAt() > cut && crowd.at(1).lostAt() > cut; };
    const bool isDone = crowd.until(isNoticed, kPatience);
    (void)networks.heal();
    if (!isDone)
        return std::unexpected("a dead link was not noticed");
    const std::int64_t last = std::max(crowd.at(0).lostAt(), crowd.at(1).lostAt());
    return std::vector<Figure>{
        {"mesh_dead_link_noticed", msSince(cut, last), "ms", kDeadGoalMs, "nlbd", {}}};
}

bool isEverywhere(Crowd &crowd, std::size_t keys)
{
    for (std::size_t i = 0; i < crowd.size(); ++i)
        for (std::size_t key = 0; key < keys; ++key)
            if (crowd.at(i).mergedAt(key) == 0)
                return false;
    return true;
}

Figures aPartitionHeals(Networks &networks, std::size_t members)
{
    constexpr Millis kPatience{120'000};
    constexpr std::size_t kKeys = 80;
    constexpr std::int64_t kGapNs = 250'000'000; // for twenty seconds: until all is cut
    Crowd crowd(members, placesOf(networks, static_cast<int>(members)), {});
    if (const auto met = crowd.meet(kMeeting); !met)
        return std::unexpected(met.error());
    if (const auto opened = crowd.openDocument(kMeeting); !opened)
        return std::unexpected(opened.error());
    std::vector<std::vector<int>> halves(2);
    for (std::size_t i = 0; i < members; ++i)
        halves[i * 2 / members].push_back(static_cast<int>(i));
    if (!networks.part(halves))
        return std::unexpected("the switch cannot be parted");
    std::int64_t due = nowNs();
    for (std::size_t key = 0; key < kKeys; ++key) {
        sleepUntil(due += kGapNs);
        crowd.at(key % members).type(key);
    }
    sleepUntil(nowNs() + 1'000'000'000);
    if (isEverywhere(crowd, kKeys))
        return std::unexpected("a partition kept nothing apart");
    const std::int64_t begun = nowNs();
    if (!networks.heal())
        return std::unexpected("the switch cannot be healed");
    const bool isDone = crowd.until([&] { return isEverywhere(crowd, kKeys); }, kPatience);
    const double time = msSince(begun, nowNs());
    const bool isSame = crowd.until([&] { return crowd.isConverged(); }, kPatience);
    const std::string at = "_of_" + std::to_string(members);
    return std::vector<Figure>{
        {"mesh_healed" + at, time, "ms", kHealedGoalMs, "nlbd", {}},
        {"mesh_healed_lost" + at, isDone && isSame ? 0.0 : 1.0, "changes", kLostGoal, "nlbd", {}}};
}

Figures foundAlthoughALotIsLost(Networks &networks, std::size_t repetitions)
{
    constexpr int kLossPercent = 30;
    constexpr Millis kPatience{60'000};
    if (!networks.setLoss(0, kLossPercent) || !networks.setLoss(1, kLossPercent))
        return std::vector<Figure>{absent("mesh_found_30_percent_lost", "ms", "no nft numgen")};
    std::vector<double> times;
    for (std::size_t i = 0; i < repetitions; ++i) {
        Neighbour ada("Ada", networks.namespaceOf(0));
        Neighbour ben("Ben", networks.namespaceOf(1));
        ada.appear();
        sleepUntil(nowNs() + 500'000'000); // her first beacons have gone by
        const std::int64_t begun = nowNs();
        ben.appear();
        if (!ada.sees(kPatience) || !ben.sees(kPatience))
            return std::unexpected("two did not find each other, with a third of all lost");
        times.push_back(msSince(begun, nowNs()));
    }
    (void)networks.setLoss(0, 0);
    (void)networks.setLoss(1, 0);
    return std::vector<Figure>{
        {"mesh_found_30_percent_lost_p50", percentile(times, 0.5), "ms", {}, "nlbd", {}},
        {"mesh_found_30_percent_lost_p99",
         percentile(times, 0.99),
         "ms",
         kLossyFoundGoalMs,
         "nlbd",
         {}}};
}

} // namespace

Figures measureLinks(const MeshOptions &options)
{
    const std::size_t members = options.isQuick ? 4 : 10;
    auto opened = Networks::open(static_cast<int>(members));
    if (!opened)
        return std::vector<Figure>{absent("mesh_links", "ms", opened.error().toStdString())};
    Networks &networks = **opened;
    std::vector<Figure> all;
    const auto add = [&all](const Figures &figures) -> std::expected<void, std::string> {
        if (!figures)
            return std::unexpected(figures.error());
        all.insert(all.end(), figures->begin(), figures->end());
        return {};
    };
    std::expected<void, std::string> done = add(aDeadLinkIsNoticed(networks));
    if (done)
        done = add(aPartitionHeals(networks, members));
    if (done)
        done = add(foundAlthoughALotIsLost(networks, options.isQuick ? 3 : 30));
    if (done)
        done = add(catchUpWhatEightHoursBrought(networks, options));
    if (done && networks.setRate(1, kMegabits))
        for (const std::size_t kib : {std::size_t{16}, std::size_t{33}})
            if (done) // frames of an answer or a snapshot, and pieces of attachments with a proof
                done = add(editsBesideBulk(networks, kib * 1024));
    if (!done)
        return std::unexpected(done.error());
    return all;
}

} // namespace nlbd::bench
