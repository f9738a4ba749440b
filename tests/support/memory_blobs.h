#pragma once

#include "core/blobs/blob_ref.h"
#include "core/blobs/piece_tree.h"
#include "core/engine/io.h"
#include "core/keys/blob_cipher.h"

#include <map>

namespace nlbd::testing {

/// Attachments of one computer in memory: what store::BlobFolder does on a disk.
class MemoryBlobs {
public:
    /// What attaching a file ends with.
    [[nodiscard]] blobs::BlobRef seal(ByteView content, std::string name, std::uint8_t key)
    {
        blobs::BlobRef ref;
        ref.size = content.size();
        ref.key.fill(static_cast<std::byte>(key));
        ref.mediaType = "application/octet-stream";
        ref.name = std::move(name);
        const blobs::Shape shape(ref.size);
        std::vector<Hash> leaves;
        std::vector<Bytes> sealed;
        for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
            sealed.push_back(keys::sealPiece(
                ref.key, piece, ref.size,
                content.subspan(piece * limits::kBlobPieceBytes, shape.plainBytes(piece))));
            leaves.push_back(blobs::leafOf(piece, sealed.back()));
        }
        const blobs::PieceTree tree(shape, std::move(leaves));
        ref.top = tree.top();
        Blob &blob = m_blobs[ref.root()];
        blob.size = ref.size;
        for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
            Bytes proved = tree.branch(piece);
            proved.insert(proved.end(), sealed[piece].begin(), sealed[piece].end());
            blob.pieces[piece] = std::move(proved);
        }
        return ref;
    }

    /// In the clear; nothing if it is not all there.
    [[nodiscard]] std::optional<Bytes> content(const blobs::BlobRef &ref) const
    {
        const auto found = m_blobs.find(ref.root());
        const blobs::Shape shape(ref.size);
        Bytes result;
        for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
            if (found == m_blobs.end() || !found->second.pieces.contains(piece))
                return std::nullopt;
            const ByteView sealed =
                blobs::openProved(ref.root(), shape, piece, found->second.pieces.at(piece));
            const auto plain = keys::openPiece(ref.key, piece, ref.size, sealed);
            if (!plain)
                return std::nullopt;
            result.insert(result.end(), plain->begin(), plain->end());
        }
        return result;
    }

    /// Flips a bit of a piece.
    void damage(const Hash &root, std::uint32_t piece)
    {
        m_blobs.at(root).pieces.at(piece).back() ^= std::byte{1};
    }
    /// Its file says another size from now on.
    void restate(const Hash &root, std::uint64_t size) { m_blobs.at(root).size = size; }
    void loseAll() { m_blobs.clear(); }
    [[nodiscard]] std::size_t piecesOf(const Hash &root) const
    {
        const auto found = m_blobs.find(root);
        return found == m_blobs.end() ? 0 : found->second.pieces.size();
    }
    [[nodiscard]] std::size_t count() const { return m_blobs.size(); }
    void refuse(bool isFull) { m_isFull = isFull; }

    [[nodiscard]] engine::BlobsStored stored() const
    {
        engine::BlobsStored event;
        for (const auto &[root, blob] : m_blobs) {
            blobs::PieceSet held(blobs::Shape(blob.size).pieces());
            for (const auto &[piece, bytes] : blob.pieces)
                held.set(piece);
            event.blobs.push_back({root, blob.size, std::move(held)});
        }
        return event;
    }

    /// Carries out what is about attachments; the answer, if there is one.
    [[nodiscard]] std::optional<engine::Event> carryOut(engine::Action &action)
    {
        if (const auto *begin = std::get_if<engine::BeginBlob>(&action)) {
            m_blobs[begin->root].size = begin->size;
        } else if (const auto *drop = std::get_if<engine::DropBlob>(&action)) {
            m_blobs.erase(drop->root);
        } else if (auto *keep = std::get_if<engine::KeepPiece>(&action)) {
            if (!m_isFull) {
                m_blobs[keep->root].size = keep->size;
                m_blobs[keep->root].pieces[keep->piece] = std::move(keep->proved);
            }
            return engine::PieceKept{keep->root, keep->piece, !m_isFull};
        } else if (const auto *read = std::get_if<engine::ReadPiece>(&action)) {
            return this->read(*read);
        }
        return std::nullopt;
    }

private:
    struct Blob {
        std::uint64_t size = 0;
        std::map<std::uint32_t, Bytes> pieces;
    };
    [[nodiscard]] engine::Event read(const engine::ReadPiece &action)
    {
        engine::PieceRead answer{action.peer, action.root, action.piece, {}};
        auto &pieces = m_blobs[action.root].pieces;
        const auto piece = pieces.find(action.piece);
        if (piece != pieces.end()
            && !blobs::openProved(action.root, blobs::Shape(action.size), action.piece,
                                  piece->second)
                    .empty())
            answer.proved = piece->second;
        else
            pieces.erase(action.piece);
        return answer;
    }

    std::map<Hash, Blob> m_blobs;
    bool m_isFull = false;
};

} // namespace nlbd::testing
