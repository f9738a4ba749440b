#include "core/gossip/blob_message.h"

#include "core/base/blob_limits.h"
#include "core/gossip/message_parts.h"

namespace nlbd::gossip {

namespace {

constexpr std::size_t kBitsMax = (limits::kBlobPiecesMax + 7) / 8;
constexpr std::size_t kProvedBytesMax =
    limits::kBlobPieceBytes + 1024; // its seal, and a branch of 15 hashes

using Held = BlobsHeld::Held;

Held readHeld(Reader &in)
{
    Held held;
    held.root = in.fixedBytes<Hash>();
    const std::uint8_t share = in.u8();
    if (share > static_cast<std::uint8_t>(Held::Share::Some))
        in.fail();
    held.share = static_cast<Held::Share>(share);
    if (held.share != Held::Share::Some)
        return held;
    held.bits = copyOf(in.blob(kBitsMax));
    if (held.bits.empty() || held.bits.back() == std::byte{0})
        in.fail();
    return held;
}

} // namespace

void write(Writer &out, const AskBlobs &m)
{
    out.varint(m.roots.size());
    for (const Hash &root : m.roots)
        out.fixedBytes(root);
}
AskBlobs readAskBlobs(Reader &in)
{
    return {readList<Hash>(in, kBlobsNamedMax, Hash::kSize,
                           [](Reader &r) { return r.fixedBytes<Hash>(); })};
}

void write(Writer &out, const BlobsHeld &m)
{
    out.varint(m.blobs.size());
    for (const Held &held : m.blobs) {
        out.fixedBytes(held.root);
        out.u8(static_cast<std::uint8_t>(held.share));
        if (held.share == Held::Share::Some)
            out.blob(held.bits);
    }
}
BlobsHeld readBlobsHeld(Reader &in)
{
    if (in.left() > kBlobBitsMax + kBlobsNamedMax * (Hash::kSize + 4))
        in.fail();
    return {readList<Held>(in, kBlobsNamedMax, Hash::kSize + 1, readHeld)};
}

void write(Writer &out, const PullPieces &m)
{
    out.fixedBytes(m.root);
    out.varint(m.pieces.size());
    for (const std::uint32_t piece : m.pieces)
        out.varint(piece);
}
PullPieces readPullPieces(Reader &in)
{
    PullPieces m;
    m.root = in.fixedBytes<Hash>();
    m.pieces = readList<std::uint32_t>(in, limits::kBlobWantedMax, 1, [](Reader &r) {
        return static_cast<std::uint32_t>(r.varint(limits::kBlobPiecesMax - 1));
    });
    if (m.pieces.empty() || !std::ranges::is_sorted(m.pieces, std::less_equal{}))
        in.fail();
    return m;
}

void write(Writer &out, const BlobPiece &m)
{
    out.fixedBytes(m.root);
    out.varint(m.piece);
    out.blob(m.proved);
}
BlobPiece readBlobPiece(Reader &in)
{
    BlobPiece m;
    m.root = in.fixedBytes<Hash>();
    m.piece = static_cast<std::uint32_t>(in.varint(limits::kBlobPiecesMax - 1));
    m.proved = copyOf(in.blob(kProvedBytesMax));
    return m;
}

std::optional<std::pair<Hash, std::uint32_t>> pieceOf(ByteView body)
{
    Reader in(body);
    const Hash root = in.fixedBytes<Hash>();
    const auto piece = static_cast<std::uint32_t>(in.varint(limits::kBlobPiecesMax - 1));
    return in.ok() ? std::optional(std::pair(root, piece)) : std::nullopt;
}

} // namespace nlbd::gossip
