#include "net/endpoint.h"
#include "net/frame.h"

#include <cstdlib>

/// A message of the wire; what decodes must encode to the same bytes. Taken for an address as well:
/// people type those, and hints carry them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace nlbd;
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto frame = net::decodeFrame(bytes);
        frame && !std::ranges::equal(net::encodeFrame(*frame), bytes))
        std::abort();
    if (const auto endpoint = net::parseEndpoint(viewOf(bytes))) {
        const auto again = net::parseEndpoint(endpoint->text());
        if (!again || *again != *endpoint)
            std::abort();
    }
    return 0;
}
