#include "core/base/check.h"
#include "core/crdt/op_batch.h"

// Any bytes as a batch of changes: what decodes is encoded again and decodes to the same.

using namespace nlbd;
using namespace nlbd::crdt;

namespace {

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

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const BatchResolver resolver{resolve, resolve};
    const auto changes = decodeBatch(std::as_bytes(std::span(data, size)), resolver);
    if (!changes)
        return 0;
    const Bytes again = encodeBatch(*changes, nameOf);
    const auto twice = decodeBatch(again, resolver);
    CHECK(twice.has_value() && *twice == *changes);
    CHECK(encodeBatch(*twice, nameOf) == again);
    return 0;
}
