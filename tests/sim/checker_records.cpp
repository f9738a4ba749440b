// What is judged at the moment when an honest computer stores it: decisions (I6), proofs (I9),
// second branches (C6), and what the next look at this computer is about (PROTOCOL D4).

#include "tests/sim/checker.h"

namespace nlbd::sim {

void Checker::noteRow(PeerShell &peer, const store::Row &row)
{
    Memory &memory = m_memory[peer.number()];
    if (const auto *change = std::get_if<store::ChangeRow>(&row)) {
        ++memory.taken;
        memory.mayRatify = true;
        memory.newTexts.insert(change->doc);
        checkForked(peer, change->device);
    } else if (std::holds_alternative<store::AckRow>(row)) {
        memory.mayRatify = true;
    } else if (const auto *evidence = std::get_if<store::EvidenceRow>(&row)) {
        checkEvidenceRow(peer, *evidence);
    } else if (const auto *decision = std::get_if<store::DecisionRow>(&row)) {
        memory.decided = std::pair(decision->closed, peer.generation());
        checkDecisionRow(peer, *decision);
    }
}

/// I6: one decision per epoch, and its certificate convinces a node that knows nothing but the
/// genesis record and the decisions before it.
void Checker::checkDecisionRow(PeerShell &peer, const store::DecisionRow &row)
{
    if (!isWithinTolerance())
        return;
    const auto decision = consensus::Decision::decode(row.record);
    if (!decision || decision->value.epoch != row.closed) {
        fail("I6", &peer, "stored a decision that is not the one it is filed under");
        return;
    }
    m_tables.try_emplace(m_decisions.now().epoch, m_decisions.now());
    const auto added = m_decisions.append(*decision);
    if (!added) {
        fail("I6", &peer,
             "stored a decision that a newcomer would not take: "
                 + std::string(codeName(added.error())));
        return;
    }
    // Others may have signed the certificate that is stored here than the one that came first.
    const auto then = m_tables.find(row.closed);
    const auto isCertified = consensus::quorumCertificates(m_world.scheme);
    if (then == m_tables.end()
        || !isCertified(then->second, decision->value.hash(), decision->certificate))
        fail("I6", &peer, "stored a decision that no quorum signed");
}

/// I9: by the bytes alone, and not by what the engine says of them.
void Checker::checkEvidenceRow(PeerShell &peer, const store::EvidenceRow &row)
{
    const auto proof = consensus::Proof::decode(row.record);
    if (!proof || proof->id() != row.id) {
        fail("I9", &peer, "stored a proof that is not the one it is filed under");
        return;
    }
    if (std::holds_alternative<consensus::DecisionConflict>(proof->bundle)) {
        if (isWithinTolerance())
            fail("I6", &peer, "stored a proof of two decisions about one epoch");
        return;
    }
    // Where decisions may be two, the tables of an epoch may be as well: judged at the end.
    const Epoch epoch = proof->seatEpoch().value_or(m_epochs.newest().epoch);
    const identity::Configuration *then = m_epochs.at(epoch);
    if (then == nullptr || (!isWithinTolerance() && epoch != Epoch(0)))
        return;
    const trust::CheckedEvidence checked = consensus::check(*proof, *then, m_world.scheme);
    if (checked.result == trust::CheckedEvidence::Result::DoesNotHold)
        fail("I9", &peer, "stored a proof that does not hold: " + checked.sentence);
    std::optional<DeviceIndex> accused = proof->device();
    if (const auto seat = proof->seat(); !accused && seat)
        accused = m_epochs.deviceOf(epoch, *seat);
    if (!accused || isHonest(*accused))
        fail("I9", &peer, "stored a proof against an honest device: " + checked.sentence);
}

/// C6: whoever comes to hold two branches of a device holds the proof of it from then on.
void Checker::checkForked(PeerShell &peer, DeviceIndex device)
{
    Memory &memory = m_memory[peer.number()];
    if (!peer.isUp() || !peer.engine().graph().isForked(device)
        || memory.provenForks.contains(device))
        return;
    const identity::Device *row = peer.engine().configuration().device(device);
    if (row != nullptr && row->penEnd)
        return; // decided: nobody need prove it any more
    if (knowsFork(peer, device))
        memory.provenForks.insert(device);
    else
        fail("C6", &peer,
             "took a second branch of " + std::to_string(device.value) + " without a proof of it");
}

} // namespace nlbd::sim
