#pragma once

#include "core/consensus/certificate.h"
#include "core/consensus/chain_file.h"

namespace nlbd::consensus {

/// A decision that anyone can check alone, on a machine that never met the group: the founding
/// record and all decisions from the first one to the one that is shown, which is the last. Drawn
/// byte by byte in RECORDS.md. `decisions` are encoded, in order from epoch 0, at least one.
///
/// What it shows rests on two things. That the founders are who they say is for the reader to know:
/// the workspace's id, the hash of the founding record, stands for it. And in no epoch on the way
/// were more seats hostile than the group can bear: a quorum can sign whatever follows the rules,
/// and a second decision about one epoch would be in another file (EV_CONFLICT_DECISION).
[[nodiscard]] Bytes encodeDecisionFile(const identity::SignedGenesis &genesis,
                                       const std::vector<Bytes> &decisions);

struct DecisionFile {
    identity::SignedGenesis genesis;
    identity::Configuration before; ///< whose seats signed
    Decision decision;
    Certificate certificate;
    identity::Configuration after;

    /// Who signed, by rows of `before`.
    [[nodiscard]] std::vector<DeviceIndex> signers() const;
};

/// Reads a file and checks everything in it: no bit of it can be another one. Memory stays within a
/// few times the size of `bytes`.
[[nodiscard]] std::expected<DecisionFile, FileFault>
checkDecisionFile(ByteView bytes, const identity::SignatureScheme &scheme);

} // namespace nlbd::consensus
