#include "app/lobby_frames.h"

#include <cstdlib>

/// First byte: the kind; the rest: a body. What decodes must encode to the same bytes. The whole
/// input is taken for the text of a card as well.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace nlbd;
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto card = app::readCard(viewOf(bytes)))
        static_cast<void>(app::cardText(*card));
    if (size == 0)
        return 0;
    const auto frame = app::decodeLobbyFrame(data[0], bytes.subspan(1));
    if (frame && !std::ranges::equal(app::encode(*frame), bytes.subspan(1)))
        std::abort();
    return 0;
}
