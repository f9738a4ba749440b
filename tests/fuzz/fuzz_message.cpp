#include "core/gossip/message.h"

#include <cstdlib>

/// First byte: the kind; the rest: a body. What decodes must encode to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size == 0)
        return 0;
    const nlbd::ByteView body(reinterpret_cast<const std::byte *>(data + 1), size - 1);
    const auto message = nlbd::gossip::decode(data[0], body);
    if (message && !std::ranges::equal(nlbd::gossip::encode(*message), body))
        std::abort();
    return 0;
}
