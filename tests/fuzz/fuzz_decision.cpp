// Decisions, two that contradict each other, and configurations: what a newcomer is sent. Every
// signature and every certificate holds.
#include "core/consensus/configuration_codec.h"
#include "core/consensus/decision_log.h"
#include "tests/fuzz/any_signature.h"
#include "tests/fuzz/decided_group.h"

#include <cstdlib>

using namespace nlbd;
using namespace nlbd::consensus;

namespace {

const fuzz::AnySignature kScheme;

void expect(bool holds)
{
    if (!holds)
        std::abort();
}

/// Follows the decision from a configuration that it says it follows from.
void followFrom(identity::Configuration now, Decision decision)
{
    now.epoch = decision.value.epoch;
    now.decision = decision.value.previousDecision;
    const auto isCertified = [](const auto &, const Hash &, ByteView) { return true; };
    DecisionLog log(now, kScheme, isCertified);
    if (const auto added = log.append(decision)) {
        expect(log.now().epoch == now.epoch.next() && !log.now().seats.empty());
        expect(*log.append(decision) == DecisionLog::Added::Known);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const identity::Configuration kNow = fuzz::decidedGroup();
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (auto decision = Decision::decode(bytes)) {
        expect(std::ranges::equal(decision->encode(), bytes));
        followFrom(kNow, std::move(*decision));
    }
    if (const auto conflict = DecisionConflict::decode(bytes))
        expect(std::ranges::equal(conflict->encode(), bytes));
    if (const auto configuration = decodeConfiguration(bytes, Hash{}))
        expect(std::ranges::equal(encodeConfiguration(*configuration), bytes));
    return 0;
}
