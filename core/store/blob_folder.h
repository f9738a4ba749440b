#pragma once

#include "core/blobs/piece_set.h"
#include "core/blobs/piece_tree.h"

#include <filesystem>

namespace nlbd::store {

/// Attachments of one workspace on the disk, one file each, named by its root; sealed, as they
/// travel. Byte by byte in core/blobs/README.md. Every piece is tried when it is read, so that
/// neither a power cut nor a flipped bit can pass for a piece. Links are never followed. One thread
/// uses it; blobs that are whole may be read by others meanwhile.
class BlobFolder {
public:
    explicit BlobFolder(std::filesystem::path folder)
        : m_folder(std::move(folder))
    {
    }

    struct Stored {
        Hash root;
        std::uint64_t size = 0;
        blobs::PieceSet held; ///< as noted: pieces are tried when they are read
    };
    /// All of them, by root; what else lies there is passed over.
    [[nodiscard]] std::vector<Stored> list() const;
    /// Removes what sealing left behind that did not end. @pre nobody seals
    void tidy() const;

    /// Notes that a blob is wanted. False: the disk refuses. Nothing is done if it is there; what
    /// has its name and is none is replaced.
    [[nodiscard]] bool begin(const Hash &root, const blobs::Shape &shape) const;
    /// Writes a piece that was tried. Once the last one is noted all of them are durable. False:
    /// the disk refuses.
    enum class Which : std::uint8_t { OneOfMany, Last };
    [[nodiscard]] bool keep(const Hash &root, const blobs::Shape &shape, std::uint32_t piece,
                            ByteView proved, Which which = Which::OneOfMany) const;
    /// A proved piece; empty if it is not there, or damaged.
    [[nodiscard]] Bytes read(const Hash &root, const blobs::Shape &shape,
                             std::uint32_t piece) const;
    /// Notes that a piece is missing.
    void lose(const Hash &root, const blobs::Shape &shape, std::uint32_t piece) const;
    void drop(const Hash &root) const;

    [[nodiscard]] const std::filesystem::path &path() const noexcept { return m_folder; }
    [[nodiscard]] std::filesystem::path fileOf(const Hash &root) const;
    /// Makes the folder, for its owner alone. False: the disk refuses.
    [[nodiscard]] bool make() const;

private:
    [[nodiscard]] bool isThere(const Hash &root, const blobs::Shape &shape) const;

    std::filesystem::path m_folder;
};

/// Where in a file what stands.
namespace blob_file {

inline constexpr std::size_t kHeaderBytes = 8 + 8 + Hash::kSize;
inline constexpr std::string_view kEnding = ".blob";
inline constexpr std::string_view kBeingSealed = ".sealing";

[[nodiscard]] Bytes headerOf(const Hash &root, const blobs::Shape &shape);
[[nodiscard]] std::uint64_t placeOf(const blobs::Shape &shape, std::uint32_t piece);

} // namespace blob_file

/// Makes the names in a folder durable.
[[nodiscard]] bool syncFolder(const std::filesystem::path &folder);

/// A file descriptor that closes itself, for reading and writing at places.
class PlacedFile {
public:
    explicit PlacedFile(int descriptor)
        : m_file(descriptor)
    {
    }
    ~PlacedFile();
    PlacedFile(PlacedFile &&other) noexcept;
    PlacedFile(const PlacedFile &) = delete;
    PlacedFile &operator=(const PlacedFile &) = delete;
    PlacedFile &operator=(PlacedFile &&) = delete;

    [[nodiscard]] static PlacedFile toRead(const std::filesystem::path &file);
    /// No link, as below.
    [[nodiscard]] static PlacedFile toReadOurs(const std::filesystem::path &file);
    [[nodiscard]] static PlacedFile toChange(const std::filesystem::path &file);
    [[nodiscard]] static PlacedFile toMake(const std::filesystem::path &file);
    /// Not open if anything has that name.
    [[nodiscard]] static PlacedFile toMakeNew(const std::filesystem::path &file);

    [[nodiscard]] bool isOpen() const noexcept { return m_file >= 0; }
    /// An ordinary file's; nothing of a folder, a pipe, a device.
    struct About {
        std::uint64_t size = 0;
        std::int64_t seconds = 0; ///< last written, as the file system notes it
        std::int64_t nanoseconds = 0;
        friend bool operator==(const About &, const About &) = default;
    };
    [[nodiscard]] std::optional<About> about() const;
    [[nodiscard]] std::optional<std::uint64_t> size() const;
    /// As many bytes as there are, up to `count`.
    [[nodiscard]] Bytes readAt(std::uint64_t place, std::size_t count) const;
    [[nodiscard]] bool writeAt(std::uint64_t place, ByteView bytes) const;
    [[nodiscard]] bool sync() const;

private:
    int m_file;
};

} // namespace nlbd::store
