#include "core/base/check.h"
#include "core/crdt/document.h"
#include "core/crdt/op_codec.h"

// Any bytes as the ops of a change: what is accepted must be its own encoding; what passes the
// check must apply, with patches that tell the truth, and go away and come back when it turns void.

using namespace nlbd;
using namespace nlbd::crdt;

namespace {

/// Device 0 wrote two changes that everybody has; the input is its third.
class World final : public ChangeOrder, public ChangeNames, public ChangeResolver {
public:
    [[nodiscard]] bool isBefore(ChangeHandle a, ChangeHandle b) const override { return a < b; }
    [[nodiscard]] bool isInPast(ChangeHandle past, ChangeHandle change) const override
    {
        return past <= change;
    }
    [[nodiscard]] ChangeName nameOf(ChangeHandle change) const override
    {
        return {DeviceIndex(0), Seq(change.value), 0};
    }
    [[nodiscard]] std::optional<ChangeHandle> resolve(const ChangeName &name) const override
    {
        if (name.device.value != 0 || name.branch != 0 || name.seq.value < 1 || name.seq.value > 2)
            return std::nullopt;
        return ChangeHandle(static_cast<std::uint32_t>(name.seq.value));
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const World world;
    const OwnChange own{ChangeHandle(3), DeviceIndex(0), Seq(3)};
    const ByteView bytes = std::as_bytes(std::span(data, size));
    const auto ops = decodeOps(bytes, own, world);
    if (!ops)
        return 0;
    const Bytes encoded = encodeOps(*ops, own, world);
    CHECK(std::ranges::equal(encoded, bytes));

    Document document(world);
    (void)document.apply(ChangeHandle(1),
                         {InsertText{kRoot, Side::Right, "a\xC3\xA9\xF0\x9F\x8C\x8D b"}});
    (void)document.apply(
        ChangeHandle(2),
        {DeleteText{{ChangeHandle(1), 1}, 1}, InsertText{{ChangeHandle(1), 2}, Side::Left, "xyz"}});
    const std::string before = document.text();
    if (!document.check(own.handle, *ops, [](ChangeHandle) { return true; }))
        return 0;
    std::string text = before;
    applyTo(text, document.apply(own.handle, *ops));
    CHECK(text == document.text());
    document.checkInvariants();
    const std::string after = text;
    applyTo(text, document.setVoid(own.handle, true));
    CHECK(text == before && document.text() == before);
    applyTo(text, document.setVoid(own.handle, false));
    CHECK(text == after && document.text() == after);
    document.checkInvariants();
    return 0;
}
