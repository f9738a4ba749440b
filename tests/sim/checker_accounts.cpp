// Accountability (PROTOCOL D4, I10): with more hostile seats than tolerated two decisions may be
// made, but then everybody honest comes to hold proofs against more seats than can be honest
// mistakes, and none of them is honest (I9).

#include "core/consensus/decision.h"
#include "tests/sim/checker.h"

namespace nlbd::sim {

namespace {

/// By epoch, all decisions that somebody honest took up.
std::map<Epoch, std::set<Hash>> decisionsOf(const Checker::Peers &peers)
{
    std::map<Epoch, std::set<Hash>> decisions;
    for (const auto &peer : peers) {
        if (!peer->isHonest())
            continue;
        const auto stored = peer->store().load();
        for (const store::DecisionRow &row : stored->decisions)
            if (const auto decision = consensus::Decision::decode(row.record))
                decisions[row.closed].insert(decision->value.hash());
    }
    return decisions;
}

} // namespace

std::size_t Checker::conflicts(const Peers &peers)
{
    return static_cast<std::size_t>(std::ranges::count_if(
        decisionsOf(peers), [](const auto &entry) { return entry.second.size() > 1; }));
}

std::optional<std::string> Checker::unaccounted(const Peers &peers) const
{
    const bool isBroken = conflicts(peers) > 0;
    for (const auto &peer : peers) {
        if (!peer->isHonest())
            continue;
        const std::string who = "peer " + std::to_string(peer->number());
        if (!isReady(*peer))
            return who + " is not ready";
        std::set<DeviceIndex> accused;
        for (const api::EvidenceInfo &proof : peer->engine().evidence())
            if (proof.accused)
                accused.insert(*proof.accused);
        if (isBroken && accused.size() < identity::toleratedFaults(m_world.profile.peers) + 1)
            return who + " knows of two decisions and accuses " + std::to_string(accused.size());
    }
    return std::nullopt;
}

} // namespace nlbd::sim
