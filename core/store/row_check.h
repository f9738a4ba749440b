#pragma once

#include "core/store/store.h"

namespace nlbd::store {

/// Eight bytes that tell whether a row is what was written: a digest over its columns. They protect
/// against failing disks, not against people; records carry their signatures for those.
[[nodiscard]] Bytes rowDigest(const ChangeRow &row);
[[nodiscard]] Bytes rowDigest(const PackRow &row);
[[nodiscard]] Bytes rowDigest(const AckRow &row);
[[nodiscard]] Bytes rowDigest(const EvidenceRow &row);
[[nodiscard]] Bytes rowDigest(const RefusalRow &row);
[[nodiscard]] Bytes rowDigest(const JournalRow &row);
[[nodiscard]] Bytes rowDigest(const MetaRow &row);
[[nodiscard]] Bytes rowDigest(const ControlRow &row);
[[nodiscard]] Bytes rowDigest(const DecisionRow &row);

/// Bytes that the row's values take together.
[[nodiscard]] std::size_t sizeOf(const Row &row);

} // namespace nlbd::store
