#include "core/store/blob_files.h"

#include "core/base/harmless_name.h"
#include "core/keys/blob_cipher.h"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

namespace nlbd::store {

namespace fs = std::filesystem;

namespace {

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

std::uint64_t startOf(std::uint32_t piece)
{
    return std::uint64_t{piece} * limits::kBlobPieceBytes;
}

/// Whether a blob holds what a file does, piece by piece up to the first that differs; takes from
/// `budget` what it looked through.
bool holdsTheSame(const BlobFolder &folder, const blobs::BlobRef &ref, const PlacedFile &in,
                  std::uint32_t &budget, const OnTheWay &onTheWay)
{
    const blobs::Shape shape(ref.size);
    const Hash root = ref.root();
    for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
        if (budget == 0 || !onTheWay(0, shape.size()))
            return false;
        --budget;
        const Bytes proved = folder.read(root, shape, piece);
        if (proved.empty())
            return false;
        const auto plain = keys::openPiece(ref.key, piece, shape.size(),
                                           ByteView(proved).last(shape.sealedBytes(piece)));
        if (!plain || *plain != in.readAt(startOf(piece), shape.plainBytes(piece)))
            return false;
    }
    return true;
}

const blobs::BlobRef *sameAmong(const std::vector<blobs::BlobRef> &known, const BlobFolder &folder,
                                const PlacedFile &in, std::uint64_t size, const OnTheWay &onTheWay)
{
    constexpr std::uint32_t kWork = 4; // times what is in the file, however many begin like it
    std::uint32_t budget = kWork * blobs::Shape(size).pieces();
    for (const blobs::BlobRef &ref : known)
        if (ref.size == size && holdsTheSame(folder, ref, in, budget, onTheWay))
            return &ref;
    return nullptr;
}

/// Seals piece after piece into `out`, each behind the room for its branch; the hashes of all.
std::expected<std::vector<Hash>, BlobError> sealPieces(const PlacedFile &in, const PlacedFile &out,
                                                       const blobs::Shape &shape,
                                                       const ByteArray<32> &key,
                                                       const OnTheWay &onTheWay)
{
    std::vector<Hash> leaves;
    for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
        if (!onTheWay(startOf(piece), shape.size()))
            return std::unexpected(BlobError::Stopped);
        const Bytes plain = in.readAt(startOf(piece), shape.plainBytes(piece));
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

std::expected<SealedFile, BlobError> sealFile(const BlobFolder &folder, const fs::path &source,
                                              const Sealing &how, const OnTheWay &onTheWay)
{
    const PlacedFile in = PlacedFile::toRead(source);
    const auto before = in.about();
    if (!before)
        return std::unexpected(BlobError::NoSuchFile);
    if (before->size > limits::kBlobBytesMax)
        return std::unexpected(BlobError::TooLarge);
    const std::string name = harmlessName(source.filename().string());
    const std::string mediaType = blobs::plainMediaType(how.mediaType);
    if (const auto *same = sameAmong(how.known, folder, in, before->size, onTheWay);
        same != nullptr && in.about() == before)
        return SealedFile{{same->top, same->size, same->key, mediaType, name}, true};
    if (!folder.make())
        return std::unexpected(BlobError::DiskRefuses);
    const blobs::Shape shape(before->size);
    // The key is new, so this name of it is.
    Unfinished fresh(folder.fileOf(blobs::leafOf(0, how.key)).string()
                     + std::string(blob_file::kBeingSealed));
    const PlacedFile out = PlacedFile::toMake(fresh.path());
    if (!out.isOpen())
        return std::unexpected(BlobError::DiskRefuses);
    auto leaves = sealPieces(in, out, shape, how.key, onTheWay);
    if (!leaves)
        return std::unexpected(leaves.error());
    if (in.about() != before)
        return std::unexpected(BlobError::Changed);
    const blobs::PieceTree tree(shape, std::move(*leaves));
    const blobs::BlobRef ref{tree.top(), before->size, how.key, mediaType, name};
    if (!writeBranches(out, shape, tree) || !fresh.become(folder.fileOf(ref.root()))
        || !syncFolder(folder.path()))
        return std::unexpected(BlobError::DiskRefuses);
    return SealedFile{ref, false};
}

namespace {

/// A new file beside the one that it is to become, under a name that nothing has.
std::optional<std::pair<fs::path, PlacedFile>> makeBeside(const fs::path &target, const Hash &root)
{
    constexpr int kTries = 64; // what earlier ends left behind
    const std::string start = ".nlbd-" + root.hex().substr(0, 16) + "-";
    for (int i = 0; i < kTries; ++i) {
        fs::path path = target.parent_path() / (start + std::to_string(i) + ".part");
        PlacedFile file = PlacedFile::toMakeNew(path);
        if (file.isOpen())
            return std::pair(std::move(path), std::move(file));
    }
    return std::nullopt;
}

/// What is in one piece; or what to say.
std::expected<Bytes, BlobError> plainPiece(const BlobFolder &folder, const blobs::BlobRef &ref,
                                           const Hash &root, std::uint32_t piece)
{
    const blobs::Shape shape(ref.size);
    const Bytes proved = folder.read(root, shape, piece);
    if (proved.empty())
        return std::unexpected(BlobError::NotHere);
    auto plain = keys::openPiece(ref.key, piece, shape.size(),
                                 ByteView(proved).last(shape.sealedBytes(piece)));
    if (!plain) // the key is not the one that it was sealed with: whoever attached it lied
        return std::unexpected(BlobError::Damaged);
    return std::move(*plain);
}

/// Gives what is in each piece to `use`, in order; its false: the disk refuses. All pieces are
/// tried, so that all that are damaged are told.
template <typename Use>
std::expected<void, BlobFailure> forEachPiece(const BlobFolder &folder, const blobs::BlobRef &ref,
                                              const OnTheWay &onTheWay, Use use)
{
    const blobs::Shape shape(ref.size);
    const Hash root = ref.root();
    BlobFailure failure{BlobError::Damaged, {}};
    for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
        if (!onTheWay(startOf(piece), shape.size()))
            return std::unexpected(BlobFailure{BlobError::Stopped, {}});
        const auto plain = plainPiece(folder, ref, root, piece);
        if (!plain && plain.error() == BlobError::Damaged)
            return std::unexpected(failure);
        if (!plain)
            failure.damaged.push_back(piece);
        else if (!use(startOf(piece), *plain))
            return std::unexpected(BlobFailure{BlobError::DiskRefuses, {}});
    }
    if (!failure.damaged.empty())
        return std::unexpected(failure);
    return {};
}

} // namespace

std::expected<void, BlobFailure> saveBlob(const BlobFolder &folder, const blobs::BlobRef &ref,
                                          const fs::path &target, const OnTheWay &onTheWay)
{
    const auto made = makeBeside(target, ref.root());
    if (!made)
        return std::unexpected(BlobFailure{BlobError::DiskRefuses, {}});
    Unfinished fresh(made->first);
    const PlacedFile &out = made->second;
    const auto written =
        forEachPiece(folder, ref, onTheWay, [&out](std::uint64_t start, const Bytes &plain) {
            return out.writeAt(start, plain);
        });
    if (!written)
        return written;
    if (!out.sync() || !fresh.become(target) || !syncFolder(target.parent_path()))
        return std::unexpected(BlobFailure{BlobError::DiskRefuses, {}});
    return {};
}

std::expected<Bytes, BlobFailure> readBlob(const BlobFolder &folder, const blobs::BlobRef &ref,
                                           std::uint64_t bytesMax, const OnTheWay &onTheWay)
{
    if (ref.size > bytesMax)
        return std::unexpected(BlobFailure{BlobError::TooLarge, {}});
    Bytes content;
    const auto read =
        forEachPiece(folder, ref, onTheWay, [&content](std::uint64_t, const Bytes &plain) {
            content.insert(content.end(), plain.begin(), plain.end());
            return true;
        });
    if (!read)
        return std::unexpected(read.error());
    return content;
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
