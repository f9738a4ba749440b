#pragma once

#include "core/crdt/columns.h"
#include "core/crdt/op.h"

#include <array>
#include <optional>

/// What writer and reader of a snapshot agree on (SNAPSHOT.md).
namespace nlbd::crdt {

inline constexpr std::string_view kSnapshotMagic = "nlbd-doc";
inline constexpr std::uint8_t kSnapshotLevel = 1;

/// The columns behind the text, in the order of the bytes; those of EntryColumns follow.
enum class Part : std::uint8_t {
    Devices,
    Seqs,
    Hashes,
    PieceChanges,
    PieceStarts,
    PieceLengths,
    Gaps,
    Voids,
    OtherOps,
};
inline constexpr std::size_t kParts = 9;

/// Of everything behind it: notices what a disk does to bytes. It is no proof against a person.
/// Words of eight bytes, the last filled with zeros, go in turns into four sums that begin at
/// 1, 2, 3, 4: sum = (sum xor word) * 0x9E3779B97F4A7C15, then rotated left by 29. In the end the
/// sums and the count of bytes go into a fifth in the same way.
[[nodiscard]] std::uint64_t checksumOf(ByteView bytes) noexcept;

} // namespace nlbd::crdt
