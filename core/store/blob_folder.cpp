#include "core/store/blob_folder.h"

#include "core/base/codec.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace nlbd::store {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMagic = "nlbdblb1";
constexpr ByteArray<1> kHere{std::byte{1}};
constexpr ByteArray<1> kMissing{std::byte{0}};

std::uint64_t noteOf(std::uint32_t piece)
{
    return blob_file::kHeaderBytes + piece;
}

/// What a file says of itself; nothing if it is none of ours.
std::optional<BlobFolder::Stored> readNotes(const fs::path &path)
{
    const auto named = fromHex(path.stem().string());
    const auto root = named ? Hash::from(*named) : std::nullopt;
    if (!root || root->hex() != path.stem().string())
        return std::nullopt; // in other letters it would not be found again
    const PlacedFile file = PlacedFile::toReadOurs(path);
    const auto bytes = file.size();
    if (!bytes)
        return std::nullopt;
    const Bytes header = file.readAt(0, blob_file::kHeaderBytes);
    Reader in(header);
    const bool isOurs = viewOf(in.raw(kMagic.size())) == kMagic;
    const std::uint64_t size = in.u64();
    if (!isOurs || in.fixedBytes<Hash>() != *root || !in.done() || size > limits::kBlobBytesMax)
        return std::nullopt;
    const blobs::Shape shape(size);
    BlobFolder::Stored stored{*root, size, blobs::PieceSet(shape.pieces())};
    const Bytes notes = file.readAt(blob_file::kHeaderBytes, shape.pieces());
    for (std::uint32_t piece = 0; piece < notes.size(); ++piece)
        if (notes[piece] == kHere[0]
            && blob_file::placeOf(shape, piece) + shape.provedBytes(piece) <= *bytes)
            stored.held.set(piece);
    return stored;
}

} // namespace

// ---- files --------------------------------------------------------------------------------------

PlacedFile::PlacedFile(PlacedFile &&other) noexcept
    : m_file(std::exchange(other.m_file, -1))
{
}
PlacedFile::~PlacedFile()
{
    if (m_file >= 0)
        ::close(m_file);
}

// Without O_NONBLOCK whoever opens a pipe waits for its other end.
PlacedFile PlacedFile::toRead(const fs::path &file)
{
    return PlacedFile(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}
PlacedFile PlacedFile::toReadOurs(const fs::path &file)
{
    return PlacedFile(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
}
PlacedFile PlacedFile::toChange(const fs::path &file)
{
    return PlacedFile(::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
}
PlacedFile PlacedFile::toMakeNew(const fs::path &file)
{
    return PlacedFile(
        ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
}
PlacedFile PlacedFile::toMake(const fs::path &file)
{
    return PlacedFile(
        ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
}

std::optional<PlacedFile::About> PlacedFile::about() const
{
    struct stat about {};
    if (m_file < 0 || ::fstat(m_file, &about) != 0 || !S_ISREG(about.st_mode))
        return std::nullopt;
    return About{static_cast<std::uint64_t>(about.st_size), about.st_mtim.tv_sec,
                 about.st_mtim.tv_nsec};
}

std::optional<std::uint64_t> PlacedFile::size() const
{
    const auto found = about();
    return found ? std::optional(found->size) : std::nullopt;
}

Bytes PlacedFile::readAt(std::uint64_t place, std::size_t count) const
{
    Bytes bytes(count);
    std::size_t have = 0;
    while (have < count) {
        const ssize_t part =
            ::pread(m_file, bytes.data() + have, count - have, static_cast<off_t>(place + have));
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0)
            break;
        have += static_cast<std::size_t>(part);
    }
    bytes.resize(have);
    return bytes;
}

bool PlacedFile::writeAt(std::uint64_t place, ByteView bytes) const
{
    while (!bytes.empty()) {
        const ssize_t part =
            ::pwrite(m_file, bytes.data(), bytes.size(), static_cast<off_t>(place));
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0)
            return false;
        place += static_cast<std::uint64_t>(part);
        bytes = bytes.subspan(static_cast<std::size_t>(part));
    }
    return true;
}

bool PlacedFile::sync() const
{
    return ::fsync(m_file) == 0;
}

bool syncFolder(const fs::path &folder)
{
    const PlacedFile file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return file.isOpen() && file.sync();
}

// ---- the form of a blob -------------------------------------------------------------------------

Bytes blob_file::headerOf(const Hash &root, const blobs::Shape &shape)
{
    Writer out;
    out.raw(bytesOf(kMagic));
    out.u64(shape.size());
    out.fixedBytes(root);
    return std::move(out).take();
}

std::uint64_t blob_file::placeOf(const blobs::Shape &shape, std::uint32_t piece)
{
    return kHeaderBytes + shape.pieces() + std::uint64_t{piece} * shape.provedBytesMax();
}

// ---- a folder -----------------------------------------------------------------------------------

fs::path BlobFolder::fileOf(const Hash &root) const
{
    return m_folder / (root.hex() + std::string(blob_file::kEnding));
}

bool BlobFolder::make() const
{
    std::error_code error;
    fs::create_directories(m_folder, error);
    fs::permissions(m_folder, fs::perms::owner_all, error);
    return !error;
}

std::vector<BlobFolder::Stored> BlobFolder::list() const
{
    std::vector<Stored> all;
    std::error_code error;
    for (fs::directory_iterator it(m_folder, error), end; !error && it != end; it.increment(error))
        if (it->path().extension() == blob_file::kEnding)
            if (auto stored = readNotes(it->path()))
                all.push_back(std::move(*stored));
    std::ranges::sort(all, {}, &Stored::root);
    return all;
}

void BlobFolder::tidy() const
{
    std::error_code error;
    std::vector<fs::path> unfinished;
    for (fs::directory_iterator it(m_folder, error), end; !error && it != end; it.increment(error))
        if (it->path().extension() == blob_file::kBeingSealed)
            unfinished.push_back(it->path());
    for (const fs::path &path : unfinished)
        fs::remove(path, error);
}

/// A power cut may have taken the beginning of a file and left its name.
bool BlobFolder::isThere(const Hash &root, const blobs::Shape &shape) const
{
    const PlacedFile file = PlacedFile::toReadOurs(fileOf(root));
    return file.size() >= blob_file::kHeaderBytes + shape.pieces()
        && file.readAt(0, blob_file::kHeaderBytes) == blob_file::headerOf(root, shape);
}

bool BlobFolder::begin(const Hash &root, const blobs::Shape &shape) const
{
    std::error_code error;
    if (!make())
        return false;
    if (isThere(root, shape))
        return true;
    const fs::path fresh = fileOf(root).string() + std::string(blob_file::kBeingSealed);
    {
        const PlacedFile file = PlacedFile::toMake(fresh);
        if (!file.isOpen() || !file.writeAt(0, blob_file::headerOf(root, shape))
            || !file.writeAt(blob_file::kHeaderBytes, Bytes(shape.pieces()))) {
            fs::remove(fresh, error);
            return false;
        }
    }
    fs::rename(fresh, fileOf(root), error);
    if (!error)
        return true;
    fs::remove(fresh, error);
    return false;
}

bool BlobFolder::keep(const Hash &root, const blobs::Shape &shape, std::uint32_t piece,
                      ByteView proved, Which which) const
{
    if (!isThere(root, shape) && !begin(root, shape))
        return false;
    const PlacedFile file = PlacedFile::toChange(fileOf(root));
    if (!file.isOpen() || !file.writeAt(blob_file::placeOf(shape, piece), proved))
        return false;
    // Who holds all of it says so to others, who may forget it then.
    if (which == Which::Last && (!file.sync() || !syncFolder(m_folder)))
        return false;
    return file.writeAt(noteOf(piece), kHere);
}

Bytes BlobFolder::read(const Hash &root, const blobs::Shape &shape, std::uint32_t piece) const
{
    const PlacedFile file = PlacedFile::toReadOurs(fileOf(root));
    if (!file.size() || piece >= shape.pieces())
        return {};
    Bytes proved = file.readAt(blob_file::placeOf(shape, piece), shape.provedBytes(piece));
    if (blobs::openProved(root, shape, piece, proved).empty())
        return {};
    return proved;
}

void BlobFolder::lose(const Hash &root, const blobs::Shape &shape, std::uint32_t piece) const
{
    const PlacedFile file = PlacedFile::toChange(fileOf(root));
    if (file.isOpen() && piece < shape.pieces())
        static_cast<void>(file.writeAt(noteOf(piece), kMissing));
}

void BlobFolder::drop(const Hash &root) const
{
    std::error_code error; // what stays is removed with the workspace
    fs::remove(fileOf(root), error);
}

} // namespace nlbd::store
