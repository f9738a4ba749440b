#pragma once

#include "core/crdt/op_batch.h"
#include "core/crdt/snapshot.h"
#include "core/crdt/snapshot_format.h"
#include "tests/support/fake_history.h"

#include <cstring>

/// Documents of a FakeHistory as bytes.
namespace nlbd::test {

/// Some changes are named with a hash, as those of a device that forked.
inline std::expected<Bytes, Code> savedWithin(const crdt::Document &document,
                                              const FakeHistory &history, std::size_t bytesMax)
{
    const auto nameOf = [&](ChangeHandle change) {
        const crdt::ChangeName name = history.nameOf(change);
        std::optional<Hash> hash;
        if (change.value % 5 == 0)
            hash.emplace().value[0] = static_cast<std::byte>(change.value);
        return crdt::SnapshotName{name.device, name.seq, hash};
    };
    return saveSnapshot(document, nameOf, bytesOf("frontier"), bytesMax);
}
inline Bytes saved(const crdt::Document &document, const FakeHistory &history)
{
    return savedWithin(document, history, crdt::kColumnBytesMax).value();
}

inline crdt::Snapshot::Resolve resolverOf(const FakeHistory &history)
{
    return [&history](const crdt::SnapshotName &name) {
        return history.resolve({name.device, name.seq, 0});
    };
}

inline std::expected<crdt::Document, Code> opened(Bytes bytes, const FakeHistory &history)
{
    const auto snapshot = crdt::Snapshot::open(std::move(bytes));
    if (!snapshot)
        return std::unexpected(snapshot.error());
    return snapshot->document(history, resolverOf(history));
}

/// Makes the checksum fit again.
inline void setSum(Bytes &bytes)
{
    constexpr std::size_t kSumAt = 9; // behind magic and level
    if (bytes.size() < kSumAt + 8)
        return;
    const std::uint64_t sum = crdt::checksumOf(ByteView(bytes).subspan(kSumAt + 8));
    std::memcpy(bytes.data() + kSumAt, &sum, sizeof sum);
}

inline crdt::BatchNames batchNamesOf(const FakeHistory &history)
{
    return [&history](std::size_t, ChangeHandle change) { return history.nameOf(change); };
}

inline crdt::BatchResolver batchResolverOf(const FakeHistory &history)
{
    const auto resolve = [&history](std::size_t, const crdt::ChangeName &name) {
        return history.resolve(name);
    };
    return {resolve, resolve};
}

} // namespace nlbd::test
