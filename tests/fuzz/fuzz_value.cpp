// Values and key offers: what seats vote about.
#include "core/consensus/offered_key.h"
#include "core/consensus/value_judge.h"
#include "tests/fuzz/any_signature.h"
#include "tests/fuzz/decided_group.h"

#include <cstdlib>

using namespace nlbd;
using namespace nlbd::consensus;

namespace {

class Nothing final : public Ground, public ChainOrder {
public:
    [[nodiscard]] Holding holding(const trust::Frontier &) const override { return Holding::All; }
    [[nodiscard]] const ChainOrder &chains() const override { return *this; }
    [[nodiscard]] std::optional<bool> follows(const identity::ChainHead &,
                                              const identity::ChainHead &) const override
    {
        return std::nullopt;
    }
    [[nodiscard]] std::optional<Hash> stateRoot(const identity::ChainHeads &) const override
    {
        return std::nullopt;
    }
    [[nodiscard]] const OfferedKey *offer(const Hash &) const override { return nullptr; }
    [[nodiscard]] std::vector<const OfferedKey *> offers() const override { return {}; }
    [[nodiscard]] std::optional<Code> keyFault(const OfferedKey &,
                                               const identity::Configuration &) const override
    {
        return std::nullopt;
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const identity::Configuration kNow = fuzz::decidedGroup();
    static const fuzz::AnySignature kScheme;
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto offer = OfferedKey::decode(bytes)) {
        if (!std::ranges::equal(offer->encode(), bytes))
            std::abort();
        (void)verify(*offer, kNow, kScheme);
    }
    auto value = Value::decode(bytes);
    if (!value)
        return 0;
    if (!std::ranges::equal(value->encode(), bytes))
        std::abort();
    // Made to belong here, it is still nothing that an empty computer finds valid.
    value->epoch = kNow.epoch;
    value->previousDecision = kNow.decision;
    const ProposalBook proposals(kNow, kScheme);
    const CloseBook closes(kNow, kScheme);
    const Nothing ground;
    const EpochView view{kNow, proposals, closes, ground, DeviceIndex(0)};
    if (judge(*value, view, ProposalBook::Answers::Standing).verdict == Judgement::Verdict::Valid)
        std::abort();
    return 0;
}
