#pragma once

#include "core/base/ids.h"

namespace nlbd {
class Reader;
class Writer;
} // namespace nlbd

/// How the snapshot of a decided checkpoint travels (PROTOCOL C12, C20): in small pieces that
/// the asker asks for, a few ahead, so that nobody sends what is not wanted any more.
namespace nlbd::gossip {

/// What one piece holds: what is live overtakes between two.
inline constexpr std::size_t kSnapshotPieceBytes = 16 * 1024;
/// Longer is refused: about what a hundred million letters take.
inline constexpr std::uint64_t kSnapshotBytesMax = 256UL * 1024 * 1024;

/// "Of the checkpoint that closed this epoch, from this byte on."
struct PullSnapshot {
    Epoch epoch;
    std::uint64_t from = 0;
    friend bool operator==(const PullSnapshot &, const PullSnapshot &) = default;
};
/// The answer: at most kSnapshotPieceBytes of `size`. Size 0: it is not to be had here.
struct SnapshotPiece {
    Epoch epoch;
    std::uint64_t size = 0;
    std::uint64_t from = 0;
    Bytes bytes;
    friend bool operator==(const SnapshotPiece &, const SnapshotPiece &) = default;
};

void write(Writer &out, const PullSnapshot &m);
void write(Writer &out, const SnapshotPiece &m);

[[nodiscard]] PullSnapshot readPullSnapshot(Reader &in);
[[nodiscard]] SnapshotPiece readSnapshotPiece(Reader &in);

} // namespace nlbd::gossip
