#pragma once

#include "core/crdt/columns.h"
#include "core/crdt/op.h"

#include <array>
#include <optional>

/// What writer and reader of a snapshot agree on (SNAPSHOT.md).
namespace nlbd::crdt {

inline constexpr std::string_view kSnapshotMagic = "nlbd-doc";
inline constexpr std::uint8_t kSnapshotLevel = 1;

/// The columns behind the text, in the order of the bytes.
enum class Part : std::uint8_t {
    Devices,
    Seqs,
    Hashes,
    PieceChanges,
    PieceStarts,
    PieceLengths,
    Heads,
    Gaps,
    Counts,
    Lengths,
    Parents,
    Targets,
    Voids,
    OtherOps,
};
inline constexpr std::size_t kParts = 14;

// The head of an entry. Targets are told as distances from where the entry before left off: an
// insertion at its last letter, a deletion at its first.
inline constexpr unsigned kHeadDeletion = 0x01;
inline constexpr unsigned kHeadRight = 0x02; ///< of an insertion: side
inline constexpr unsigned kHeadLong = 0x02;  ///< of a deletion: more than one letter
inline constexpr unsigned kHeadNear = 0x04;  ///< distance 0: nothing in the column
inline constexpr unsigned kHeadNext = 0x08;  ///< distance 1: the same
inline constexpr unsigned kHeadGap = 0x10;   ///< its number is not the next: see the column Gaps
inline constexpr unsigned kHeadMask = 0x1F;

/// Of everything behind it: notices what a disk does to bytes. It is no proof against a person.
/// Words of eight bytes, the last filled with zeros, go in turns into four sums that begin at
/// 1, 2, 3, 4: sum = (sum xor word) * 0x9E3779B97F4A7C15, then rotated left by 29. In the end the
/// sums and the count of bytes go into a fifth in the same way.
[[nodiscard]] std::uint64_t checksumOf(ByteView bytes) noexcept;

} // namespace nlbd::crdt
