// Accountability (PROTOCOL D4, I10): with more hostile seats than tolerated two decisions may be
// made, but then everybody honest comes to hold proofs against more seats than can be honest
// mistakes, and none of them is honest (I9).

#include "core/consensus/certificate.h"
#include "core/consensus/decision.h"
#include "core/trust/sign_journal.h"
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

bool isConflict(const Decisions::value_type &entry)
{
    return entry.second.size() > 1;
}

/// Whoever signed two decisions of one round stands in both certificates.
bool isOfOneRound(const Decisions::mapped_type &decided)
{
    std::set<std::uint32_t> rounds;
    for (const auto &[hash, some] : decided)
        rounds.insert(some.begin(), some.end());
    return rounds.size() == 1;
}

} // namespace

std::size_t Checker::conflicts(const Peers &peers)
{
    return static_cast<std::size_t>(std::ranges::count_if(decisionsOf(peers), isConflict));
}

/// Of two rounds the prevotes that led to the later one are needed as well, with their reasons
/// (PROTOCOL C11.5). Who precommitted there saw them, and keeps them until the epoch after is
/// decided or the power goes: whatever he hears of until then he can prove.
bool Checker::isWitness(PeerShell &peer, Epoch closed, std::uint32_t before) const
{
    const auto memory = m_memory.find(peer.number());
    if (!peer.isHonest() || memory == m_memory.end()
        || memory->second.decided != std::pair(closed, peer.generation()))
        return false;
    const auto stored = peer.store().load();
    const auto decision = std::ranges::find(stored->decisions, closed, &store::DecisionRow::closed);
    if (decision == stored->decisions.end())
        return false;
    const auto value = consensus::Decision::decode(decision->record);
    const auto proof = consensus::Certificate::decode(value->certificate);
    const auto isSigned = [&](const store::JournalRow &row) {
        return row.plane == static_cast<std::uint8_t>(trust::SignJournal::Plane::Precommit)
            && row.epoch == closed && row.round == proof->round.value;
    };
    return proof->round.value > before && std::ranges::any_of(stored->journal, isSigned);
}

/// The first epoch that ended in two ways: from there on histories part, and nothing later counts.
bool Checker::isProvable(const Peers &peers) const
{
    const Decisions decisions = decisionsOf(peers);
    const auto first = std::ranges::find_if(decisions, isConflict);
    if (first == decisions.end())
        return false;
    std::uint32_t earliest = UINT32_MAX;
    for (const auto &[hash, rounds] : first->second)
        earliest = std::min(earliest, *rounds.rbegin());
    return isOfOneRound(first->second) || std::ranges::any_of(peers, [&](const auto &peer) {
               return isWitness(*peer, first->first, earliest);
           });
}

std::optional<std::string> Checker::unaccounted(const Peers &peers) const
{
    const bool isBroken = isProvable(peers);
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
