// The full form of a change, and the signed header that stands at its front.
#include "core/history/change_codec.h"

#include <cstdlib>

using namespace nlbd;

namespace {

void requireSame(ByteView a, ByteView b)
{
    if (!std::ranges::equal(a, b))
        std::abort();
}

/// Answers every question about parents with facts that depend on the place alone.
std::optional<history::KnownParent> parentAt(DeviceIndex device, Seq seq)
{
    history::KnownParent parent;
    parent.hash.value[0] = static_cast<std::byte>(device.value);
    parent.hash.value[1] = static_cast<std::byte>(seq.value);
    parent.lamport = Lamport(seq.value);
    return parent;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto change = history::decodeFull(bytes)) {
        requireSame(history::encodeFull(*change), bytes);
        if (change->hash != change->header.hash()
            || change->payload.size() > limits::kPayloadBytesMax)
            std::abort();
    }
    if (const auto header = history::decodeSignedHeader(bytes))
        requireSame(history::encodeSignedHeader(*header), bytes);
    const auto admittedBy = [](DeviceIndex) { return std::optional(Hash{}); };
    if (const auto change = history::decodeShort(bytes, parentAt, admittedBy))
        requireSame(history::encodeShort(*change), bytes);
    return 0;
}
