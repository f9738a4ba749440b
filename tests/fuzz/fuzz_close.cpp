// Reports at the end of an epoch, whole and as they travel.
#include "core/consensus/closing_frontier.h"
#include "core/consensus/short_close.h"
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
        const auto again = shortened(*close, kBase).whole(kBase);
        // An entry of the base that the report leaves out is not said: then nothing comes of it.
        expect(!again || *again == *close);
        const ShortClose bare = shortened(*close, close->frontier);
        expect(bare.hash() == close->hash() && bare.whole(close->frontier) == *close);
        closeWith(kNow, *close);
    }
    if (const auto close = ShortClose::decode(bytes)) {
        expect(std::ranges::equal(close->encode(), bytes));
        for (const trust::Frontier &base : {kBase, trust::Frontier{}})
            if (const auto whole = close->whole(base)) {
                expect(whole->hash() == close->hash());
                closeWith(kNow, *whole);
            }
    }
    return 0;
}
