// Accountability (PROTOCOL D4, I10): with more hostile seats than tolerated two decisions may be
// made, but then everybody honest comes to hold proofs against more seats than can be honest
// mistakes, and none of them is honest (I9).

#include "core/consensus/certificate.h"
#include "core/consensus/decision.h"
#include "tests/sim/checker.h"

namespace nlbd::sim {

namespace {

/// By epoch, all decisions that somebody honest took up, and the rounds that they were made in.
using Decisions = std::map<Epoch, std::map<Hash, std::set<std::uint32_t>>>;

Decisions decisionsOf(const Checker::Peers &peers)
{
    Decisions decisions;
    for (const auto &peer : peers) {
        if (!peer->isHonest())
            continue;
        const auto stored = peer->store().load();
        for (const store::DecisionRow &row : stored->decisions)
            if (const auto decision = consensus::Decision::decode(row.record))
                if (const auto proof = consensus::Certificate::decode(decision->certificate))
                    decisions[row.closed][decision->value.hash()].insert(proof->round.value);
    }
    return decisions;
}

/// Whoever signed two decisions of one round stands in both certificates. Of two rounds the
/// prevotes that led to the later one are needed, which nobody keeps for ever (PROTOCOL C11.5).
bool isOfOneRound(const Decisions::mapped_type &decisions)
{
    std::set<std::uint32_t> rounds;
    for (const auto &[hash, some] : decisions)
        rounds.insert(some.begin(), some.end());
    return rounds.size() == 1;
}

} // namespace

std::size_t Checker::conflicts(const Peers &peers)
{
    return static_cast<std::size_t>(std::ranges::count_if(
        decisionsOf(peers), [](const auto &entry) { return entry.second.size() > 1; }));
}

std::optional<std::string> Checker::unaccounted(const Peers &peers) const
{
    const Decisions decisions = decisionsOf(peers);
    const auto isConflict = [](const auto &entry) { return entry.second.size() > 1; };
    const bool isBroken = std::ranges::any_of(decisions, isConflict)
        && std::ranges::none_of(decisions, [&](const auto &entry) {
                              return isConflict(entry) && !isOfOneRound(entry.second);
                          });
    for (const auto &peer : peers) {
        if (!peer->isHonest())
            continue;
        const std::string who = "peer " + std::to_string(peer->number());
        if (!isReady(*peer))
            return who + " is not ready";
        // Of having voted for both: forks and acknowledgements of twins are another matter.
        std::set<DeviceIndex> accused;
        for (const api::EvidenceInfo &proof : peer->engine().evidence())
            if (proof.accused
                && (proof.code == Code::EV_DOUBLE_VOTE || proof.code == Code::EV_AMNESIA))
                accused.insert(*proof.accused);
        if (isBroken && accused.size() < identity::toleratedFaults(m_world.profile.peers) + 1)
            return who + " knows of two decisions and accuses " + std::to_string(accused.size());
    }
    return std::nullopt;
}

} // namespace nlbd::sim
