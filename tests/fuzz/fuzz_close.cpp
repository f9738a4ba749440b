// Reports at the end of an epoch, in full and against a frontier that is known.
#include "core/consensus/closing_frontier.h"
#include "tests/fuzz/any_signature.h"
#include "tests/fuzz/decided_group.h"

#include <cstdlib>

using namespace nlbd;
using namespace nlbd::consensus;

namespace {

/// Chains that never fork.
class Straight final : public ChainOrder {
public:
    [[nodiscard]] std::optional<bool> follows(const identity::ChainHead &,
                                              const identity::ChainHead &) const override
    {
        return true;
    }
};

void expect(bool holds)
{
    if (!holds)
        std::abort();
}

void closeWith(const identity::Configuration &now, const Close &close)
{
    static const fuzz::AnySignature kScheme;
    if (!verify(close, now, kScheme))
        return;
    const auto heads = closingFrontier(now, {&close}, Straight{});
    expect(heads.has_value() && heads->size() == close.frontier.size());
    (void)hashOfHeads(*heads);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const identity::Configuration kNow = fuzz::decidedGroup();
    static const trust::Frontier kBase{{DeviceIndex(0), Seq(5), {}}, {DeviceIndex(2), Seq(1), {}}};
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto close = Close::decode(bytes)) {
        expect(std::ranges::equal(close->encode(), bytes));
        const auto again = Close::decodeAgainst({}, close->encodeAgainst({}));
        expect(again.has_value() && *again == *close);
        closeWith(kNow, *close);
    }
    if (const auto close = Close::decodeAgainst(kBase, bytes)) {
        expect(std::ranges::equal(close->encodeAgainst(kBase), bytes));
        closeWith(kNow, *close);
    }
    return 0;
}
