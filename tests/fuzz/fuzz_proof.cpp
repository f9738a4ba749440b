// Proofs of every kind and evidence files. Against seats that signed nothing no bytes may prove
// anything; what decodes is written again as it was; files are read in bounded memory.
#include "core/consensus/evidence_file.h"
#include "tests/fuzz/any_signature.h"
#include "tests/fuzz/decided_group.h"

#include <algorithm>
#include <cstdlib>

using namespace nlbd;

namespace {

void tryProof(const consensus::Proof &proof, ByteView bytes)
{
    static const identity::Ed25519 kScheme;
    static const fuzz::AnySignature kAny;
    static const identity::Configuration kSilent = fuzz::decidedGroup();
    using Result = trust::CheckedEvidence::Result;
    if (!std::ranges::equal(proof.encode(), bytes))
        std::abort();
    if (check(proof, kSilent, kScheme).result != Result::DoesNotHold)
        std::abort();
    // With signatures that always hold it accuses whom it names and nobody else.
    const auto checked = check(proof, kSilent, kAny);
    const auto seat = proof.seat();
    if (checked.result == Result::Holds && seat && checked.accused != kSilent.seats[seat->value])
        std::abort();
    if (checked.result == Result::Holds && proof.device() && checked.accused != proof.device())
        std::abort();
    if (consensus::epochToShow(proof, kSilent) > kSilent.epoch || proof.records().empty())
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const fuzz::AnySignature kAny;
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto proof = consensus::Proof::decode(bytes))
        tryProof(*proof, bytes);
    if (const auto file = consensus::checkEvidenceFile(bytes, kAny))
        tryProof(file->proof, file->proof.encode());
    return 0;
}
