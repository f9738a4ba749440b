#include "core/base/check.h"
#include "core/crdt/snapshot.h"
#include "core/crdt/snapshot_format.h"

#include <cstring>

// Any bytes as a document on disk, the checksum set right so that what is behind it is asked too:
// what opens is whole, can be written and opened again, and takes an edit.

using namespace nlbd;
using namespace nlbd::crdt;

namespace {

constexpr std::size_t kSumAt = 9;
constexpr std::size_t kSeqBits = 20;

/// Every name is known: its handle holds it.
class World final : public ChangeOrder {
public:
    [[nodiscard]] bool isBefore(ChangeHandle a, ChangeHandle b) const override { return a < b; }
    [[nodiscard]] bool isInPast(ChangeHandle past, ChangeHandle change) const override
    {
        return past <= change;
    }
};

std::optional<ChangeHandle> resolve(const SnapshotName &name)
{
    if (name.seq.value == 0 || name.seq.value >> kSeqBits != 0
        || name.device.value >> (31 - kSeqBits) != 0)
        return std::nullopt;
    return ChangeHandle(static_cast<std::uint32_t>(name.seq.value)
                        | static_cast<std::uint32_t>(name.device.value) << kSeqBits);
}

SnapshotName nameOf(ChangeHandle change)
{
    return {DeviceIndex(static_cast<std::uint16_t>(change.value >> kSeqBits)),
            Seq(change.value & ((1U << kSeqBits) - 1)), std::nullopt};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    Bytes bytes = copyOf(std::as_bytes(std::span(data, size)));
    if (bytes.size() >= kSumAt + sizeof(std::uint64_t)) {
        const std::uint64_t sum = checksumOf(ByteView(bytes).subspan(kSumAt + sizeof sum));
        std::memcpy(bytes.data() + kSumAt, &sum, sizeof sum);
    }
    const auto snapshot = Snapshot::open(std::move(bytes));
    if (!snapshot)
        return 0;
    CHECK(snapshot->text(0, snapshot->length()) == snapshot->text());
    const World world;
    auto document = snapshot->document(world, resolve);
    if (!document)
        return 0;
    CHECK(document->text() == snapshot->text() && document->length() == snapshot->length());
    document->checkInvariants();
    const auto saved = saveSnapshot(*document, nameOf, snapshot->note());
    CHECK(saved.has_value());
    const auto again = Snapshot::open(*saved);
    CHECK(again.has_value());
    const auto second = again->document(world, resolve);
    CHECK(second.has_value());
    CHECK(second->content(0, second->length()) == document->content(0, document->length()));
    CHECK(second->keys(kRoot) == document->keys(kRoot));
    CHECK(saveSnapshot(*second, nameOf, again->note()) == saved);
    if (document->length() > 0) {
        Draft draft;
        draft.restart(ChangeHandle(UINT32_MAX - 1));
        document->insert(document->length() / 2, "x", draft);
        document->erase(0, document->length() / 2, draft);
        document->checkInvariants();
    }
    return 0;
}
