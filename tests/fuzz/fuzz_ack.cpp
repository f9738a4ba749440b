// Acknowledgements and the frontiers that they digest.
#include "core/trust/ack.h"

#include <algorithm>
#include <cstdlib>

using namespace nlbd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto ack = trust::Ack::decode(bytes))
        if (!std::ranges::equal(ack->encode(), bytes))
            std::abort();
    if (const auto frontier = trust::decodeFrontier(bytes)) {
        if (!std::ranges::equal(trust::encodeFrontier(*frontier), bytes))
            std::abort();
        if (trust::withChanges({}, *frontier) != *frontier
            || !trust::changedEntries(*frontier, *frontier).empty())
            std::abort();
    }
    return 0;
}
