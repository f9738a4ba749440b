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

/// Called between two pieces with the bytes that are done and all there are; false: stop.
using OnTheWay = std::function<bool(std::uint64_t done, std::uint64_t size)>;

/// How a file is to be sealed.
struct Sealing {
    ByteArray<32> key{};   ///< drawn for it
    std::string mediaType; ///< a hint
    /// Blobs that are whole in the folder: if the same is in one of them, that one is named and
    /// nothing is written.
    std::vector<blobs::BlobRef> known{};
};
struct SealedFile {
    blobs::BlobRef ref; ///< as the file is called
    bool isReused = false;
};
/// Copies a file into the folder, sealed; durable when this returns. Piece by piece: memory is that
/// of the hashes, 2 MiB for the largest.
[[nodiscard]] std::expected<SealedFile, BlobError> sealFile(const BlobFolder &folder,
                                                            const std::filesystem::path &source,
                                                            const Sealing &how,
                                                            const OnTheWay &onTheWay);

struct BlobFailure {
    BlobError error = BlobError::NotHere;
    std::vector<std::uint32_t> damaged; ///< pieces that are to be fetched again
};
/// Writes what is in a blob to a file, in the clear, whole or not at all: in the place of what was
/// there, and of nothing else. Durable when this returns.
[[nodiscard]] std::expected<void, BlobFailure> saveBlob(const BlobFolder &folder,
                                                        const blobs::BlobRef &ref,
                                                        const std::filesystem::path &target,
                                                        const OnTheWay &onTheWay);

/// What is in a blob of at most `bytesMax` bytes, in the clear.
/// @returns the bytes; TooLarge before any is read.
[[nodiscard]] std::expected<Bytes, BlobFailure> readBlob(const BlobFolder &folder,
                                                         const blobs::BlobRef &ref,
                                                         std::uint64_t bytesMax,
                                                         const OnTheWay &onTheWay);

/// By the ending of a name: what most people attach.
[[nodiscard]] std::string_view mediaTypeOf(std::string_view name);

} // namespace nlbd::store
