#pragma once

#include "core/base/ids.h"

#include <optional>
#include <utility>
#include <vector>

namespace nlbd {
class Reader;
class Writer;
} // namespace nlbd

/// How the pieces of attachments travel (core/blobs): who has which is told when it is asked or
/// has changed, pieces come to who asks for them one by one, each with its own proof.
namespace nlbd::gossip {

/// Attachments in one question or answer.
inline constexpr std::size_t kBlobsNamedMax = 256;
/// Bytes of all bitmaps in one answer: a frame takes it with room to spare.
inline constexpr std::size_t kBlobBitsMax = 64 * 1024;

/// "Which pieces of these have you?"
struct AskBlobs {
    std::vector<Hash> roots;
    friend bool operator==(const AskBlobs &, const AskBlobs &) = default;
};
/// The answer, or the same unasked when all of one is there.
struct BlobsHeld {
    struct Held {
        Hash root;
        enum class Share : std::uint8_t { None = 0, All = 1, Some = 2 } share = Share::None;
        Bytes bits; ///< blobs::PieceSet, not empty if some, else empty
        friend bool operator==(const Held &, const Held &) = default;
    };
    std::vector<Held> blobs;
    friend bool operator==(const BlobsHeld &, const BlobsHeld &) = default;
};
/// "These pieces, please."
struct PullPieces {
    Hash root;
    std::vector<std::uint32_t> pieces; ///< ascending
    friend bool operator==(const PullPieces &, const PullPieces &) = default;
};
/// One of them; without bytes: it is not to be had here.
struct BlobPiece {
    Hash root;
    std::uint32_t piece = 0;
    Bytes proved; ///< branch and sealed piece, see blobs::Shape
    friend bool operator==(const BlobPiece &, const BlobPiece &) = default;
};

void write(Writer &out, const AskBlobs &m);
void write(Writer &out, const BlobsHeld &m);
void write(Writer &out, const PullPieces &m);
void write(Writer &out, const BlobPiece &m);

/// Which piece the body of a BlobPiece brings, before it is taken apart; nothing if it is none.
[[nodiscard]] std::optional<std::pair<Hash, std::uint32_t>> pieceOf(ByteView body);

[[nodiscard]] AskBlobs readAskBlobs(Reader &in);
[[nodiscard]] BlobsHeld readBlobsHeld(Reader &in);
[[nodiscard]] PullPieces readPullPieces(Reader &in);
[[nodiscard]] BlobPiece readBlobPiece(Reader &in);

} // namespace nlbd::gossip
