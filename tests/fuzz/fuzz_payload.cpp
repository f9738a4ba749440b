// A sealed payload: what opens is the one sealing of what comes out.
#include "core/keys/payload_cipher.h"

#include "core/base/check.h"

#include <algorithm>

using namespace nlbd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const keys::WorkspaceKey kKey = keys::WorkspaceKey::from(ByteArray<32>{});
    const keys::PayloadContext context{DocIndex(1), DeviceIndex(2), Seq(3), Hash{}};
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto opened = keys::openPayload(kKey, context, bytes))
        CHECK(std::ranges::equal(keys::sealPayload(kKey, context, *opened), bytes));
    if (size <= keys::kPlaintextBytesMax) {
        const auto again =
            keys::openPayload(kKey, context, keys::sealPayload(kKey, context, bytes));
        CHECK(again && std::ranges::equal(*again, bytes));
    }
    return 0;
}
