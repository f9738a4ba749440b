// The snapshot of a checkpoint: what decodes goes in again and comes out the same, and is laid out
// without harm, whatever it holds; nothing of it has a root that nobody decided.
#include "core/history/checkpoint.h"
#include "tests/core/history/group.h"

#include <cstdlib>

using namespace nlbd;

namespace {

const identity::Ed25519 kScheme;

/// The corpus is of its workspace.
const test::Group &group()
{
    static const test::Group kGroup(3, kScheme);
    return kGroup;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const ByteView bytes = std::as_bytes(std::span(data, size));
    const auto changes = history::decodeCheckpoint(bytes, group().configuration);
    const auto opened = history::openCheckpoint(bytes, group().configuration, Hash{});
    if (opened)
        std::abort();
    if (!changes)
        return 0;
    for (const history::DecidedChange &change : *changes) {
        const auto again = history::decodeDecided(history::encodeDecided(change));
        const bool isReadable = change.header.deps.size() <= 64;
        if (isReadable && (!again || *again != change))
            std::abort();
    }
    const auto packed = history::encodeCheckpoint(*changes, group().configuration);
    const auto back = packed ? history::decodeCheckpoint(*packed, group().configuration)
                             : std::unexpected(packed.error());
    if (!back || *back != *changes)
        std::abort();
    return 0;
}
