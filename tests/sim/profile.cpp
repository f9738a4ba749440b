#include "tests/sim/profile.h"

#include "core/identity/configuration.h"

#include <algorithm>

namespace nlbd::sim {

namespace {

constexpr Millis kDecisionMax{180'000}; ///< of rounds whose first wait is a bad hour's

Millis between(Random &random, std::int64_t low, std::int64_t high)
{
    return Millis(
        low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low + 1))));
}

void makeLossy(Profile &p, Random &random)
{
    p.silentLoss = random.below(150);
    p.announcedLoss = random.below(150);
    p.duplicates = random.below(300);
    p.isReordering = random.below(2) == 0;
    p.latencyMax = between(random, 40, 300);
    p.stragglers = random.below(800);
    p.latencyStraggler = between(random, 300, 2000);
}

void makePartitioned(Profile &p, Random &random)
{
    p.partitionEvery = between(random, 3000, 8000);
    p.partitionLasts = between(random, 500, 6000);
    p.linkDropEvery = between(random, 1000, 6000);
}

void makeCrashing(Profile &p, Random &random)
{
    p.crashEvery = between(random, 1500, 6000);
    p.diskMax = between(random, 2, 60);
    p.diskFailures = random.below(3) == 0 ? random.below(300) : 0;
}

void makeSkewed(Profile &p, Random &random)
{
    p.clockSkewMax = between(random, 0, 3'600'000);
    p.clockJumpEvery = between(random, 3000, 10'000);
}

/// `count` hostile devices with injected attacks, twins, or both.
void makeHostile(Profile &p, Random &random, std::size_t count)
{
    p.hostile = std::min(count, p.peers - 1);
    p.hasTwins = random.below(4) == 0;
    if (!p.hasTwins || random.below(2) == 0)
        p.attackEvery = between(random, 300, 2500);
}

std::string drawnName(Random &random)
{
    static const std::vector<std::pair<std::string, std::uint64_t>> kWeights{
        {"calm", 5},     {"lossy", 12},      {"partitions", 12}, {"crashes", 16},
        {"hostile", 20}, {"everything", 30}, {"overrun", 5}};
    std::uint64_t draw = random.below(100);
    for (const auto &[name, weight] : kWeights) {
        if (draw < weight)
            return name;
        draw -= weight;
    }
    return "everything";
}

/// One decision after the other, and whatever goes wrong meanwhile.
void makeStorm(Profile &p, Random &random)
{
    if (random.below(2) == 0)
        makeLossy(p, random);
    if (random.below(2) == 0)
        makeCrashing(p, random);
    if (random.below(2) == 0)
        makeHostile(p, random, identity::toleratedFaults(p.peers));
    p.active = between(random, 40'000, 60'000);
    addDecisions(p, random);
    p.proposeEvery = between(random, 300, 900);
    p.checkpointEvery = 8 + static_cast<std::uint32_t>(p.proposeEvery.count()) % 40;
}

/// Folders are put back and copied. A seat that finds itself a copy is silent for ever.
void makeCopies(Profile &p, Random &random, std::size_t tolerated)
{
    p.active = between(random, 25'000, 40'000);
    p.putBack = std::min<std::size_t>(tolerated, 1 + random.below(2));
    p.clones = random.below(3);
    if (tolerated > p.putBack && random.below(2) == 0)
        makeHostile(p, random, tolerated - p.putBack);
    p.hasTwins = false; // they would be two of three folders
    if (random.below(2) == 0)
        addDecisions(p, random);
}

/// Computers that sleep, disks that are full or slow.
void makeTroubled(Profile &p, Random &random)
{
    p.sleepEvery = between(random, 1500, 8000);
    p.diskFullEvery = between(random, 3000, 12'000);
    p.diskSlowEvery = between(random, 3000, 12'000);
    makeSkewed(p, random);
}

/// People come in while the rest happens.
void makeGrowing(Profile &p, Random &random, std::size_t tolerated)
{
    p.active = between(random, 30'000, 45'000);
    p.newcomers = 1 + random.below(3);
    if (random.below(2) == 0)
        makeLossy(p, random);
    if (random.below(2) == 0)
        makePartitioned(p, random);
    if (random.below(2) == 0)
        makeCrashing(p, random);
    if (random.below(3) == 0)
        makeTroubled(p, random);
    if (random.below(2) == 0)
        makeHostile(p, random, tolerated);
    addDecisions(p, random);
}

/// One hostile seat too many: each half of the honest is a quorum with the hostile twins that it
/// hears, and they decide two things (PROTOCOL D4, I10).
void makeSplit(Profile &p, Random &random, std::size_t tolerated)
{
    p.hostile = std::min(tolerated + 1, p.peers - 2);
    p.hasTwins = p.isSplit = true;
    if (random.below(2) == 0)
        makeLossy(p, random);
    if (random.below(3) == 0)
        makeCrashing(p, random);
    addDecisions(p, random);
    p.hasForgers = false;
    p.proposeEvery = between(random, 1000, 3000);
}

/// Weeks of an office: little is typed, little is decided, little breaks.
void makeSoak(Profile &p, Random &random)
{
    p.hasOfficeHours = true;
    p.editEvery = between(random, 600'000, 1'800'000);
    p.crashEvery = std::chrono::hours(20);
    p.linkDropEvery = std::chrono::hours(3);
    p.silentLoss = random.below(20);
    p.clockSkewMax = between(random, 0, 600'000);
    p.clockJumpEvery = std::chrono::hours(30);
    addDecisions(p, random);
    p.hasForgers = false;
    p.proposeEvery = std::chrono::hours(30);
    setDays(p, 2);
}

} // namespace

void setDays(Profile &profile, std::uint32_t days)
{
    constexpr std::uint64_t kEventsPerPeerAndDay = 400'000;
    profile.active = std::chrono::hours(24) * days;
    profile.eventsMax = 2'000'000 + kEventsPerPeerAndDay * profile.peers * days;
}

std::vector<std::string> profileNames()
{
    return {"calm",  "lossy",  "partitions", "crashes", "hostile", "everything", "overrun",
            "storm", "copies", "troubled",   "growing", "split",   "soak"};
}

void addDecisions(Profile &profile, Random &random)
{
    profile.proposeEvery = between(random, 1500, 8000);
    profile.quietMax = kDecisionMax;
    profile.hasForgers = random.below(2) == 0;
    // Not drawn: a seed's other figures stay what they are.
    const auto pause = static_cast<std::uint32_t>(profile.proposeEvery.count());
    profile.checkpointEvery = pause % 2 == 0 ? 10 + pause % 70 : 0;
}

void addStrategies(Profile &profile, Random &random)
{
    while (profile.hostile > 0 && profile.schemes.empty())
        profile.schemes = drawnSchemes(random);
    // Whoever forks is fenced, which is a decision as any other (seed 40019 of 16: every honest
    // seat is needed, and one of them has measured four seconds and waits six times as long).
    profile.quietMax = std::max(profile.quietMax, kDecisionMax);
}

std::optional<Profile> drawProfile(const std::string &name, std::size_t peers, Random &random)
{
    Profile p;
    p.name = name.empty() ? drawnName(random) : name;
    p.peers = peers;
    p.isRealCrypto = random.below(10) == 0;
    p.active = between(random, 15'000, 30'000);
    p.editEvery = between(random, 400, 2500);
    const std::size_t tolerated = identity::toleratedFaults(peers);
    const bool isAll = p.name == "everything";
    const std::vector<std::string> names = profileNames();
    if (std::ranges::find(names, p.name) == names.end() || peers < 2)
        return std::nullopt;
    if (p.name == "lossy" || isAll)
        makeLossy(p, random);
    if (p.name == "partitions" || isAll)
        makePartitioned(p, random);
    if (p.name == "crashes" || isAll)
        makeCrashing(p, random);
    if (isAll)
        makeSkewed(p, random);
    if (p.name == "hostile" || isAll)
        makeHostile(p, random, tolerated);
    if (p.name == "storm")
        makeStorm(p, random);
    if (p.name == "copies")
        makeCopies(p, random, tolerated);
    if (p.name == "troubled") {
        makeTroubled(p, random);
        makeCrashing(p, random);
        makeHostile(p, random, random.below(2) == 0 ? tolerated : 0);
    }
    if (p.name == "soak")
        makeSoak(p, random);
    if (p.name == "split")
        makeSplit(p, random, tolerated);
    if (p.name == "growing")
        makeGrowing(p, random, tolerated);
    if (p.name == "overrun") {
        makeHostile(p, random, tolerated + 1);
        makeLossy(p, random);
    }
    return p;
}

} // namespace nlbd::sim
