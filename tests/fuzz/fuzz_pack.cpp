// What a member put away of its history, as a failing disk gives it back: what opens can be put
// away again and comes out the same.
#include "core/history/pack.h"
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

const keys::WorkspaceKey *keyOf(KeyEpoch epoch)
{
    return epoch == KeyEpoch(0) ? &group().key : nullptr;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const ByteView bytes = std::as_bytes(std::span(data, size));
    const auto changes = history::decodePack(bytes, group().configuration, keyOf);
    if (!changes)
        return 0;
    // A header that no reader of single records takes is refused here, and never stored as one.
    const auto again = history::encodePack(*changes, group().configuration, keyOf);
    if (!again && again.error() == Code::E_STRUCT)
        std::abort();
    return 0;
}
