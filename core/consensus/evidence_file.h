#pragma once

#include "core/consensus/chain_file.h"
#include "core/consensus/proof.h"

namespace nlbd::consensus {

/// The file that "Save evidence" writes: a proof with all that a stranger needs to check it alone,
/// on a machine that never met the group. Drawn byte by byte in RECORDS.md.
///
/// It holds the founding record, signed by all founders, and the decisions from the first one to
/// the epoch in which the accused is known: whoever reads it computes who was who, as every member
/// did. `decisions` are encoded, in order from epoch 0.
[[nodiscard]] Bytes encodeEvidenceFile(const identity::SignedGenesis &genesis,
                                       const std::vector<Bytes> &decisions, const Proof &proof);

/// How many decisions a file of this proof holds, where `now` is the newest configuration: those
/// before the epoch whose seats it names, or before the one in which its device began to write.
[[nodiscard]] Epoch epochToShow(const Proof &proof, const identity::Configuration &now);

struct EvidenceFile {
    identity::SignedGenesis genesis;
    identity::Configuration configuration; ///< after the decisions in it
    Proof proof;
    trust::CheckedEvidence checked;
};

/// Reads a file and checks everything in it. A proof that does not hold is no fault of the file:
/// see `checked`. Memory stays within a few times the size of `bytes`.
[[nodiscard]] std::expected<EvidenceFile, FileFault>
checkEvidenceFile(ByteView bytes, const identity::SignatureScheme &scheme);

inline constexpr std::size_t kEvidenceFileBytesMax = kChainFileBytesMax;

} // namespace nlbd::consensus
