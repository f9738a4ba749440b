#pragma once

#include "core/base/codes.h"
#include "core/base/ids.h"

#include <expected>

namespace nlbd::blobs {

/// What a document says of a file that is attached to it (BLOBREF of PROTOCOL C3): a field of the
/// document's own map, so that it is signed, sealed, void and closed in as every op is. Byte by
/// byte in this folder's README.
struct BlobRef {
    Hash top; ///< of the tree over its sealed pieces (piece_tree.h)
    std::uint64_t size = 0;
    ByteArray<32> key{};   ///< that its pieces are sealed with: drawn for this blob alone
    std::string mediaType; ///< "image/png": a hint, nothing is decided by it
    std::string name;      ///< as harmlessName() leaves it
    friend bool operator==(const BlobRef &, const BlobRef &) = default;

    /// What names the blob everywhere: follows from top and size.
    [[nodiscard]] Hash root() const;
    /// The name of the field: the same file twice in a document is one attachment.
    [[nodiscard]] std::string field() const;
    /// What stands in it.
    [[nodiscard]] std::string encode() const;
    /// Strict: only what encode() writes, and in its own field. Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<BlobRef, Code> decode(std::string_view field,
                                                             std::string_view value);
};

/// The name of the field in which a document names this blob.
[[nodiscard]] std::string fieldOf(const Hash &root);

/// Whether a field of a document's map speaks of an attachment.
[[nodiscard]] bool isBlobField(std::string_view field) noexcept;

/// A media type as it may stand there; what is none becomes that of any bytes.
[[nodiscard]] std::string plainMediaType(std::string_view type);

} // namespace nlbd::blobs
