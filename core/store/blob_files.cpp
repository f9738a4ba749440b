#include "core/store/blob_files.h"

#include "core/base/harmless_name.h"
#include "core/keys/blob_cipher.h"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

namespace nlbd::store {

namespace fs = std::filesystem;

namespace {

bool syncFolder(const fs::path &folder)
{
    const PlacedFile file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return file.isOpen() && file.sync();
}

/// Removes a file, unless it was given its name.
class Unfinished {
public:
    explicit Unfinished(fs::path path)
        : m_path(std::move(path))
    {
    }
    ~Unfinished()
    {
        std::error_code error;
        if (!m_path.empty())
            fs::remove(m_path, error);
    }
    Unfinished(const Unfinished &) = delete;
    Unfinished &operator=(const Unfinished &) = delete;

    [[nodiscard]] const fs::path &path() const noexcept { return m_path; }
    [[nodiscard]] bool become(const fs::path &name)
    {
        std::error_code error;
        fs::rename(m_path, name, error);
        if (!error)
            m_path.clear();
        return !error;
    }

private:
    fs::path m_path;
};

/// Seals piece after piece into `out`, each behind the room for its branch; the hashes of all.
std::expected<std::vector<Hash>, BlobError> sealPieces(const PlacedFile &in, const PlacedFile &out,
                                                       const blobs::Shape &shape,
                                                       const ByteArray<32> &key,
                                                       const MayGoOn &mayGoOn)
{
    std::vector<Hash> leaves;
    for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
        if (!mayGoOn())
            return std::unexpected(BlobError::Stopped);
        const Bytes plain =
            in.readAt(std::uint64_t{piece} * limits::kBlobPieceBytes, shape.plainBytes(piece));
        if (plain.size() != shape.plainBytes(piece))
            return std::unexpected(BlobError::Changed);
        const Bytes sealed = keys::sealPiece(key, piece, shape.size(), plain);
        leaves.push_back(blobs::leafOf(piece, sealed));
        if (!out.writeAt(blob_file::placeOf(shape, piece) + shape.branchBytes(piece), sealed))
            return std::unexpected(BlobError::DiskRefuses);
    }
    return leaves;
}

/// What stands in front of the pieces once all hashes are known.
bool writeBranches(const PlacedFile &out, const blobs::Shape &shape, const blobs::PieceTree &tree)
{
    for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece)
        if (!out.writeAt(blob_file::placeOf(shape, piece), tree.branch(piece)))
            return false;
    const Hash root = blobs::rootOf(shape.size(), tree.top());
    return out.writeAt(0, blob_file::headerOf(root, shape))
        && out.writeAt(blob_file::kHeaderBytes, Bytes(shape.pieces(), std::byte{1})) && out.sync();
}

} // namespace

std::expected<blobs::BlobRef, BlobError> sealFile(const BlobFolder &folder, const fs::path &source,
                                                  const ByteArray<32> &key,
                                                  std::string_view mediaType,
                                                  const MayGoOn &mayGoOn)
{
    const PlacedFile in = PlacedFile::toRead(source);
    const auto size = in.size();
    if (!size)
        return std::unexpected(BlobError::NoSuchFile);
    if (*size > limits::kBlobBytesMax)
        return std::unexpected(BlobError::TooLarge);
    if (!folder.make())
        return std::unexpected(BlobError::DiskRefuses);
    const blobs::Shape shape(*size);
    // The key is new, so this name of it is.
    const Hash name = blobs::leafOf(0, key);
    Unfinished fresh(folder.fileOf(name).string() + std::string(blob_file::kBeingSealed));
    const PlacedFile out = PlacedFile::toMake(fresh.path());
    if (!out.isOpen())
        return std::unexpected(BlobError::DiskRefuses);
    auto leaves = sealPieces(in, out, shape, key, mayGoOn);
    if (!leaves)
        return std::unexpected(leaves.error());
    if (in.size() != size)
        return std::unexpected(BlobError::Changed);
    const blobs::PieceTree tree(shape, std::move(*leaves));
    blobs::BlobRef ref{tree.top(), *size, key, blobs::plainMediaType(mediaType),
                       harmlessName(source.filename().string())};
    if (!writeBranches(out, shape, tree) || !fresh.become(folder.fileOf(ref.root()))
        || !syncFolder(folder.path()))
        return std::unexpected(BlobError::DiskRefuses);
    return ref;
}

std::expected<void, BlobFailure> saveBlob(const BlobFolder &folder, const blobs::BlobRef &ref,
                                          const fs::path &target, const MayGoOn &mayGoOn)
{
    const blobs::Shape shape(ref.size);
    const Hash root = ref.root();
    Unfinished fresh(target.string() + ".part");
    const PlacedFile out = PlacedFile::toMake(fresh.path());
    if (!out.isOpen())
        return std::unexpected(BlobFailure{BlobError::DiskRefuses, {}});
    BlobFailure failure{BlobError::Damaged, {}};
    for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
        if (!mayGoOn())
            return std::unexpected(BlobFailure{BlobError::Stopped, {}});
        const Bytes proved = folder.read(root, shape, piece);
        if (proved.empty()) {
            failure.damaged.push_back(piece);
            continue;
        }
        const ByteView sealed = ByteView(proved).last(shape.sealedBytes(piece));
        const auto plain = keys::openPiece(ref.key, piece, shape.size(), sealed);
        if (!plain) // the key is not the one that it was sealed with: whoever attached it lied
            return std::unexpected(failure);
        if (!out.writeAt(std::uint64_t{piece} * limits::kBlobPieceBytes, *plain))
            return std::unexpected(BlobFailure{BlobError::DiskRefuses, {}});
    }
    if (!failure.damaged.empty())
        return std::unexpected(failure);
    if (!out.sync() || !fresh.become(target))
        return std::unexpected(BlobFailure{BlobError::DiskRefuses, {}});
    return {};
}

std::string_view mediaTypeOf(std::string_view name)
{
    struct Known {
        std::string_view ending;
        std::string_view type;
    };
    static constexpr Known kKnown[]{
        {".pdf", "application/pdf"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".gif", "image/gif"},
        {".webp", "image/webp"},
        {".txt", "text/plain"},
        {".md", "text/markdown"},
        {".csv", "text/csv"},
        {".zip", "application/zip"},
        {".mp4", "video/mp4"},
        {".webm", "video/webm"},
        {".mp3", "audio/mpeg"},
        {".ogg", "audio/ogg"},
        {".flac", "audio/flac"},
        {".odt", "application/vnd.oasis.opendocument.text"},
        {".ods", "application/vnd.oasis.opendocument.spreadsheet"},
        {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}};
    std::string lower(name);
    for (char &c : lower)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    for (const Known &known : kKnown)
        if (lower.ends_with(known.ending))
            return known.type;
    return "application/octet-stream";
}

} // namespace nlbd::store
