#include "core/base/check.h"
#include "core/crdt/document.h"
#include "core/crdt/op_batch.h"

#include <set>

// Any bytes as a batch of changes: what decodes is encoded again and decodes to the same; its
// changes, as far as they pass the check, make a document, which is the same if they come as one
// text, and void and valid again.

using namespace nlbd;
using namespace nlbd::crdt;

namespace {

constexpr auto kQuick = ColumnPacker::Effort::Quick; // small would take most of the time
constexpr std::size_t kSeqBits = 20;

std::optional<ChangeHandle> resolve(std::size_t, const ChangeName &name)
{
    const bool isKnown = name.seq.value != 0 && name.seq.value >> kSeqBits == 0
        && name.device.value >> (31 - kSeqBits) == 0 && name.branch == 0;
    if (!isKnown)
        return std::nullopt;
    return ChangeHandle(static_cast<std::uint32_t>(name.seq.value)
                        | static_cast<std::uint32_t>(name.device.value) << kSeqBits);
}

ChangeName nameOf(std::size_t, ChangeHandle change)
{
    return {DeviceIndex(static_cast<std::uint16_t>(change.value >> kSeqBits)),
            Seq(change.value & ((1U << kSeqBits) - 1)), 0};
}

/// The order of handles, which have all before them in their past.
class World final : public ChangeOrder {
public:
    [[nodiscard]] bool isBefore(ChangeHandle a, ChangeHandle b) const override { return a < b; }
    [[nodiscard]] bool isInPast(ChangeHandle past, ChangeHandle change) const override
    {
        return past <= change;
    }
};

Delta allOf(const Document &document)
{
    return document.content(0, document.length());
}

void use(std::vector<BatchChange> changes)
{
    const World world;
    Document watched(world);
    Document read(world);
    std::vector<ChangeHandle> applied;
    std::ranges::stable_sort(changes, {}, &BatchChange::handle);
    std::set<ChangeHandle> known;
    for (const BatchChange &it : changes) {
        const auto isInPast = [&](ChangeHandle past) { return known.contains(past); };
        if (!known.insert(it.handle).second || !watched.check(it.handle, it.ops, isInPast))
            continue;
        std::string text = watched.text();
        applyTo(text, watched.apply(it.handle, it.ops));
        CHECK(text == watched.text());
        read.integrate(it.handle, it.ops);
        applied.push_back(it.handle);
    }
    watched.checkInvariants();
    const Delta content = allOf(watched);
    CHECK(allOf(read) == content);
    CHECK(read.contentAt([](ChangeHandle) { return true; }) == content);
    for (std::size_t i = 0; i < applied.size(); i += 2)
        (void)watched.setVoid(applied[i], true);
    watched.checkInvariants();
    for (std::size_t i = 0; i < applied.size(); i += 2)
        (void)watched.setVoid(applied[i], false);
    watched.checkInvariants();
    CHECK(allOf(watched) == content);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const BatchResolver resolver{resolve, resolve};
    const auto changes = decodeBatch(std::as_bytes(std::span(data, size)), resolver);
    if (!changes)
        return 0;
    const Bytes again = encodeBatch(*changes, nameOf, kQuick);
    const auto twice = decodeBatch(again, resolver);
    CHECK(twice.has_value() && *twice == *changes);
    CHECK(encodeBatch(*twice, nameOf, kQuick) == again);
    use(*changes);
    return 0;
}
