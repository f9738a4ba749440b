// The genesis record, bare and signed.
#include "core/identity/genesis.h"

#include <algorithm>
#include <cstdlib>

using namespace nlbd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto genesis = identity::Genesis::decode(bytes)) {
        if (!std::ranges::equal(genesis->encode(), bytes))
            std::abort();
        if (genesis->configuration().seats.size() != genesis->founders.size())
            std::abort();
    }
    if (const auto genesis = identity::SignedGenesis::decode(bytes)) {
        if (!std::ranges::equal(genesis->encode(), bytes))
            std::abort();
        (void)genesis->verify(identity::Ed25519{});
    }
    return 0;
}
