// Votes, and what a seat keeps of them over a crash.
#include "core/consensus/seat_state.h"

#include <algorithm>
#include <cstdlib>

using namespace nlbd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto vote = consensus::Vote::decode(bytes)) {
        if (!std::ranges::equal(vote->encode(), bytes))
            std::abort();
        (void)vote->hash();
        if (!consensus::saySame(*vote, *vote))
            std::abort();
    }
    if (const auto state = consensus::SeatState::decode(bytes))
        if (!std::ranges::equal(state->encode(), bytes))
            std::abort();
    return 0;
}
