// Evidence against seats that signed nothing: no bytes may ever prove anything. And with signatures
// that always hold: what proves must be two votes of one seat that contradict each other.
#include "core/consensus/vote_evidence.h"
#include "tests/fuzz/any_signature.h"
#include "tests/fuzz/decided_group.h"

#include <algorithm>
#include <cstdlib>

using namespace nlbd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const identity::Configuration kSilent = fuzz::decidedGroup();
    static const identity::Ed25519 kScheme;
    static const fuzz::AnySignature kAny;
    using Result = trust::CheckedEvidence::Result;
    const ByteView bytes = std::as_bytes(std::span(data, size));
    const auto evidence = consensus::VoteEvidence::decode(bytes);
    if (!evidence)
        return 0;
    if (!std::ranges::equal(evidence->encode(), bytes))
        std::abort();
    if (check(*evidence, kSilent, kScheme).result != Result::DoesNotHold)
        std::abort();
    if (check(*evidence, kSilent, kAny).result == Result::Holds
        && (evidence->first.seat != evidence->second.seat
            || evidence->first.epoch != evidence->second.epoch
            || saySame(evidence->first, evidence->second)))
        std::abort();
    return 0;
}
