#include "app/backup_file.h"

#include "app/small_file.h"
#include "core/base/codec.h"
#include "core/base/ids.h"
#include "core/store/blob_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nlbd::app {

namespace {

namespace fs = std::filesystem;
using Kind = BackupError::Kind;
using identity::Piece;

constexpr std::size_t kIndexLengthBytes = 4;

BackupError systemFault(Kind kind, const fs::path &file)
{
    return {kind, file.string() + ": " + std::strerror(errno)};
}

/// An open file, closed at the end.
class File {
public:
    File(const fs::path &path, int flags)
        : m_path(path)
        , m_file(::open(path.c_str(), flags | O_CLOEXEC, 0600))
    {
    }
    ~File()
    {
        if (m_file >= 0)
            ::close(m_file);
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;

    [[nodiscard]] bool isOpen() const noexcept { return m_file >= 0; }
    [[nodiscard]] const fs::path &path() const noexcept { return m_path; }
    [[nodiscard]] std::optional<std::uint64_t> size() const
    {
        struct stat about {};
        if (::fstat(m_file, &about) != 0 || !S_ISREG(about.st_mode))
            return std::nullopt;
        return static_cast<std::uint64_t>(about.st_size);
    }
    [[nodiscard]] bool write(ByteView bytes) const { return writeAll(m_file, bytes); }
    /// At most `max`; fewer only at the end. Nothing if the disk does not give them.
    [[nodiscard]] std::optional<Bytes> read(std::size_t max) const
    {
        Bytes bytes(max);
        std::size_t have = 0;
        while (have < max) {
            const ssize_t count = ::read(m_file, bytes.data() + have, max - have);
            if (count < 0 && errno == EINTR)
                continue;
            if (count < 0)
                return std::nullopt;
            if (count == 0)
                break;
            have += static_cast<std::size_t>(count);
        }
        bytes.resize(have);
        return bytes;
    }
    [[nodiscard]] bool sync() const { return ::fsync(m_file) == 0; }

private:
    fs::path m_path;
    int m_file = -1;
};

bool syncFolder(const fs::path &folder)
{
    const File file(folder, O_RDONLY | O_DIRECTORY);
    return file.isOpen() && file.sync();
}

bool isHexOnly(std::string_view digits)
{
    return std::ranges::all_of(
        digits, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool isOurs(std::string_view name)
{
    if (name == "identity" || name == "addresses")
        return true;
    constexpr std::string_view kFolder = "workspaces/";
    constexpr std::size_t kDigits = 64;
    if (!name.starts_with(kFolder))
        return false;
    name.remove_prefix(kFolder.size());
    if (name.size() <= kDigits)
        return false;
    const bool isHex = isHexOnly(name.substr(0, kDigits));
    name.remove_prefix(kDigits);
    if (isHex && (name == "/journal.db" || name == "/text.db"))
        return true;
    constexpr std::string_view kBlobs = "/blobs/";
    const bool isBlob = name.size() == kBlobs.size() + kDigits + store::blob_file::kEnding.size()
        && name.starts_with(kBlobs) && name.ends_with(store::blob_file::kEnding);
    return isHex && isBlob && isHexOnly(name.substr(kBlobs.size(), kDigits));
}

// ---- The stream of bytes inside
// ------------------------------------------------------------------

/// Cuts what is written into pieces and seals them.
class SealedWriter {
public:
    SealedWriter(const File &file, const identity::SecretBytes &key)
        : m_file(file)
        , m_sealer(key)
    {
    }
    [[nodiscard]] const ByteArray<24> &header() const { return m_sealer.header(); }
    [[nodiscard]] bool write(ByteView bytes)
    {
        while (!bytes.empty()) {
            if (m_held.size() == identity::kPieceBytes && !flush(Piece::More))
                return false;
            const std::size_t count = std::min(bytes.size(), identity::kPieceBytes - m_held.size());
            m_held.insert(m_held.end(), bytes.begin(),
                          bytes.begin() + static_cast<std::ptrdiff_t>(count));
            bytes = bytes.subspan(count);
        }
        return true;
    }
    [[nodiscard]] bool flush(Piece piece)
    {
        const Bytes sealed = m_sealer.seal(m_held, piece);
        m_held.clear();
        return m_file.write(sealed);
    }

private:
    const File &m_file;
    identity::StreamSealer m_sealer;
    Bytes m_held;
};

/// Gives back what was sealed, byte after byte.
class SealedReader {
public:
    SealedReader(const File &file, identity::StreamOpener opener)
        : m_file(file)
        , m_opener(std::move(opener))
    {
    }
    /// Between 1 and `max` bytes.
    [[nodiscard]] std::expected<ByteView, BackupError> some(std::size_t max)
    {
        if (m_used == m_held.size())
            if (auto more = open(); !more)
                return std::unexpected(more.error());
        const std::size_t count = std::min(max, m_held.size() - m_used);
        if (count == 0)
            return std::unexpected(BackupError{Kind::Altered});
        const ByteView result = ByteView(m_held).subspan(m_used, count);
        m_used += count;
        return result;
    }
    [[nodiscard]] std::expected<Bytes, BackupError> all(std::size_t count)
    {
        Bytes result;
        while (result.size() < count) {
            const auto next = some(count - result.size());
            if (!next)
                return std::unexpected(next.error());
            result.insert(result.end(), next->begin(), next->end());
        }
        return result;
    }
    /// Nothing is left, in the stream and behind it.
    [[nodiscard]] bool isAtEnd() const
    {
        const auto behind = m_file.read(1);
        return m_used == m_held.size() && m_isLast && behind && behind->empty();
    }

private:
    std::expected<void, BackupError> open()
    {
        if (m_isLast)
            return std::unexpected(BackupError{Kind::Altered});
        const auto sealed = m_file.read(identity::kSealedPieceBytes);
        if (!sealed)
            return std::unexpected(systemFault(Kind::Unreadable, m_file.path()));
        auto opened = m_opener.open(*sealed);
        if (!opened)
            return std::unexpected(BackupError{m_isFirst ? Kind::NotOpened : Kind::Altered});
        m_isFirst = false;
        m_isLast = opened->piece == Piece::Last;
        m_held = std::move(opened->plain);
        m_used = 0;
        return {};
    }

    const File &m_file;
    identity::StreamOpener m_opener;
    Bytes m_held;
    std::size_t m_used = 0;
    bool m_isFirst = true;
    bool m_isLast = false;
};

// ---- Reading ------------------------------------------------------------------------------------

std::expected<std::vector<BackupEntry>, BackupError> readIndex(SealedReader &in)
{
    const auto length = in.all(kIndexLengthBytes);
    if (!length)
        return std::unexpected(length.error());
    Reader number(*length);
    const std::uint32_t bytes = number.u32();
    if (bytes > kBackupIndexBytesMax)
        return std::unexpected(BackupError{Kind::Foreign});
    const auto encoded = in.all(bytes);
    if (!encoded)
        return std::unexpected(encoded.error());
    auto entries = decodeIndex(*encoded);
    if (!entries)
        return std::unexpected(BackupError{Kind::Foreign});
    return std::move(*entries);
}

/// One file out of the stream, to a new file, or to nowhere.
std::expected<void, BackupError> takeOut(SealedReader &in, std::uint64_t bytes, const File *to)
{
    while (bytes > 0) {
        const auto next = in.some(
            static_cast<std::size_t>(std::min<std::uint64_t>(bytes, identity::kPieceBytes)));
        if (!next)
            return std::unexpected(next.error());
        if (to != nullptr && !to->write(*next))
            return std::unexpected(systemFault(Kind::Disk, to->path()));
        bytes -= next->size();
    }
    return {};
}

std::expected<void, BackupError> takeOutInto(SealedReader &in, const BackupEntry &entry,
                                             const fs::path &folder)
{
    const fs::path name = folder / entry.name; // one of ours: it cannot lead out of the folder
    std::error_code error;
    fs::create_directories(name.parent_path(), error);
    const File file(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (!file.isOpen())
        return std::unexpected(systemFault(Kind::Disk, name));
    if (auto done = takeOut(in, entry.bytes, &file); !done)
        return done;
    if (!file.sync() || !syncFolder(name.parent_path()))
        return std::unexpected(systemFault(Kind::Disk, name));
    return {};
}

/// From the head to the end. `folder` empty: only looked at.
std::expected<void, BackupError> readAll(const File &file, const identity::SecretBytes &key,
                                         const ByteArray<24> &header, const fs::path &folder)
{
    auto opener = identity::StreamOpener::begin(key, header);
    if (!opener)
        return std::unexpected(BackupError{Kind::NotOpened});
    SealedReader in(file, std::move(*opener));
    const auto entries = readIndex(in);
    if (!entries)
        return std::unexpected(entries.error());
    for (const BackupEntry &entry : *entries)
        if (auto done =
                folder.empty() ? takeOut(in, entry.bytes, nullptr) : takeOutInto(in, entry, folder);
            !done)
            return done;
    if (!in.isAtEnd())
        return std::unexpected(BackupError{Kind::Altered});
    return {};
}

std::expected<identity::StreamHead, BackupError> readHead(const File &file)
{
    const auto bytes = file.read(identity::kStreamHeadBytes);
    if (!bytes)
        return std::unexpected(systemFault(Kind::Unreadable, file.path()));
    const auto head = identity::StreamHead::decode(*bytes);
    if (!head)
        return std::unexpected(BackupError{Kind::NoBackup});
    return *head;
}

// ---- Writing ------------------------------------------------------------------------------------

std::expected<std::vector<BackupEntry>, BackupError> entriesIn(const fs::path &folder)
{
    std::vector<BackupEntry> entries;
    std::error_code error;
    for (auto it = fs::recursive_directory_iterator(folder, error);
         !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
        if (!it->is_regular_file(error) || error)
            continue;
        entries.push_back(
            {it->path().lexically_relative(folder).generic_string(), it->file_size(error)});
    }
    std::ranges::sort(entries, {}, &BackupEntry::name);
    if (error)
        return std::unexpected(BackupError{Kind::Disk, folder.string() + ": " + error.message()});
    return entries;
}

std::expected<void, BackupError> putIn(SealedWriter &out, const BackupEntry &entry,
                                       const File &target, const fs::path &folder)
{
    const File file(folder / entry.name, O_RDONLY);
    for (std::uint64_t left = entry.bytes; left > 0;) {
        const auto bytes = file.isOpen() ? file.read(static_cast<std::size_t>(
                               std::min<std::uint64_t>(left, identity::kPieceBytes)))
                                         : std::nullopt;
        if (!bytes || bytes->empty())
            return std::unexpected(systemFault(Kind::Disk, file.path()));
        if (!out.write(*bytes))
            return std::unexpected(systemFault(Kind::Disk, target.path()));
        left -= bytes->size();
    }
    return {};
}

std::expected<void, BackupError> writeAll(const File &target, const identity::SecretBytes &key,
                                          identity::StreamHead head, const fs::path &folder)
{
    const auto entries = entriesIn(folder);
    if (!entries)
        return std::unexpected(entries.error());
    SealedWriter out(target, key);
    head.stream = out.header();
    const Bytes index = encodeIndex(*entries);
    Writer length;
    length.u32(static_cast<std::uint32_t>(index.size()));
    if (!target.write(head.encode()) || !out.write(length.bytes()) || !out.write(index))
        return std::unexpected(systemFault(Kind::Disk, target.path()));
    for (const BackupEntry &entry : *entries)
        if (auto done = putIn(out, entry, target, folder); !done)
            return done;
    if (!out.flush(Piece::Last) || !target.sync())
        return std::unexpected(systemFault(Kind::Disk, target.path()));
    return {};
}

/// What the disk gives back is what was written.
std::expected<std::uint64_t, BackupError> readAgain(const fs::path &file,
                                                    const identity::SecretBytes &key)
{
    const File written(file, O_RDONLY | O_NOFOLLOW);
    if (!written.isOpen())
        return std::unexpected(systemFault(Kind::Unreadable, file));
    const auto head = readHead(written);
    if (!head)
        return std::unexpected(head.error());
    if (auto done = readAll(written, key, head->stream, {}); !done)
        return std::unexpected(done.error());
    return written.size().value_or(0);
}

std::expected<std::uint64_t, BackupError> writeFresh(const fs::path &folder, const fs::path &fresh,
                                                     std::string_view passphrase)
{
    identity::StreamHead head;
    SystemRandom().fill(head.salt);
    const auto key = identity::keyFromPassphrase(passphrase, head.salt);
    if (!key)
        return std::unexpected(BackupError{Kind::NoMemory});
    {
        const File target(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
        if (!target.isOpen())
            return std::unexpected(systemFault(Kind::Disk, fresh));
        if (auto done = writeAll(target, *key, head, folder); !done)
            return std::unexpected(done.error());
    }
    return readAgain(fresh, *key);
}

} // namespace

std::string sentenceOf(const BackupError &error)
{
    switch (error.kind) {
    case Kind::Unreadable:
        return "The file cannot be read (" + error.detail + ").";
    case Kind::NoBackup:
        return "This file is no backup of No Leader.";
    case Kind::NotOpened:
        return "The passphrase is another one, or the file was altered.";
    case Kind::Altered:
        return "The file was cut short or altered after it was written. Use another copy of it.";
    case Kind::Foreign:
        return "The file holds what no backup of this version does.";
    case Kind::NoMemory:
        return "There is too little memory: 256 MiB are needed for a moment.";
    case Kind::Disk:
        return "The disk refused it (" + error.detail + ").";
    }
    return error.detail;
}

Bytes encodeIndex(const std::vector<BackupEntry> &entries)
{
    Writer out;
    out.varint(entries.size());
    for (const BackupEntry &entry : entries) {
        out.text(entry.name);
        out.u64(entry.bytes);
    }
    return std::move(out).take();
}

std::optional<std::vector<BackupEntry>> decodeIndex(ByteView bytes)
{
    constexpr std::size_t kNameBytesMax = 160;
    if (bytes.size() > kBackupIndexBytesMax)
        return std::nullopt;
    Reader in(bytes);
    const std::uint64_t count = in.varint();
    std::vector<BackupEntry> entries; // grows with what is there, not with what was said
    while (in.ok() && entries.size() < count) {
        BackupEntry entry;
        entry.name = in.text(kNameBytesMax);
        entry.bytes = in.u64();
        if (!in.ok() || !isOurs(entry.name)
            || (!entries.empty() && entries.back().name >= entry.name))
            return std::nullopt;
        entries.push_back(std::move(entry));
    }
    const bool hasIdentity = std::ranges::any_of(
        entries, [](const BackupEntry &entry) { return entry.name == "identity"; });
    if (!in.done() || !hasIdentity)
        return std::nullopt;
    return entries;
}

std::expected<std::uint64_t, BackupError>
writeBackup(const fs::path &folder, const fs::path &target, std::string_view passphrase)
{
    std::error_code error;
    const fs::file_status before = fs::status(target, error);
    if (fs::exists(before) && !fs::is_regular_file(before))
        return std::unexpected(BackupError{Kind::Disk, target.string() + ": no ordinary file"});
    const fs::path fresh = target.string() + ".new";
    auto written = writeFresh(folder, fresh, passphrase);
    if (written && ::rename(fresh.c_str(), target.c_str()) != 0)
        written = std::unexpected(systemFault(Kind::Disk, target));
    if (written && !syncFolder(target.parent_path()))
        written = std::unexpected(systemFault(Kind::Disk, target));
    if (!written)
        fs::remove(fresh, error);
    return written;
}

std::expected<void, BackupError> readBackup(const fs::path &file, std::string_view passphrase,
                                            const fs::path &folder)
{
    const File from(file, O_RDONLY | O_NONBLOCK); // a pipe would wait for a writer
    if (!from.isOpen())
        return std::unexpected(systemFault(Kind::Unreadable, file));
    if (!from.size())
        return std::unexpected(BackupError{Kind::NoBackup});
    const auto head = readHead(from);
    if (!head)
        return std::unexpected(head.error());
    const auto key = identity::keyFromPassphrase(passphrase, head->salt);
    if (!key)
        return std::unexpected(BackupError{Kind::NoMemory});
    std::error_code error;
    if (!fs::create_directory(folder, error))
        return std::unexpected(BackupError{Kind::Disk, folder.string() + ": " + error.message()});
    fs::permissions(folder, fs::perms::owner_all, error);
    auto done = readAll(from, *key, head->stream, folder);
    if (!done)
        fs::remove_all(folder, error);
    return done;
}

} // namespace nlbd::app
