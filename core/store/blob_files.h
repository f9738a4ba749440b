#pragma once

#include "core/blobs/blob_ref.h"
#include "core/store/blob_folder.h"

#include <functional>

namespace nlbd::store {

/// Why a file could not be attached or saved.
enum class BlobError : std::uint8_t {
    NoSuchFile, ///< or it may not be read, or is no file
    TooLarge,
    Changed, ///< while it was read
    NotHere, ///< not all pieces are here
    Damaged, ///< a piece is not what it was, see SavedBlob
    DiskRefuses,
    Stopped
};

/// Asked between two pieces.
using MayGoOn = std::function<bool()>;

/// Copies a file into the folder, sealed with a key that was drawn for it; durable when this
/// returns. Piece by piece: memory is that of the hashes, 2 MiB for the largest. `ref` names it as
/// the file is called.
[[nodiscard]] std::expected<blobs::BlobRef, BlobError>
sealFile(const BlobFolder &folder, const std::filesystem::path &source, const ByteArray<32> &key,
         std::string_view mediaType, const MayGoOn &mayGoOn);

struct BlobFailure {
    BlobError error = BlobError::NotHere;
    std::vector<std::uint32_t> damaged; ///< pieces that are to be fetched again
};
/// Writes what is in a blob to a file, in the clear, whole or not at all: in the place of what was
/// there.
[[nodiscard]] std::expected<void, BlobFailure> saveBlob(const BlobFolder &folder,
                                                        const blobs::BlobRef &ref,
                                                        const std::filesystem::path &target,
                                                        const MayGoOn &mayGoOn);

/// By the ending of a name: what most people attach.
[[nodiscard]] std::string_view mediaTypeOf(std::string_view name);

} // namespace nlbd::store
