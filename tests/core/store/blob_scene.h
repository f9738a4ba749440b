#pragma once

#include "core/base/random.h"
#include "core/store/blob_files.h"

#include <csignal>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <sys/resource.h>

namespace nlbd::store::test {

namespace fs = std::filesystem;

inline constexpr std::size_t kPiece = limits::kBlobPieceBytes;

inline Bytes randomBytes(std::size_t count, std::uint64_t seed)
{
    Bytes bytes(count);
    SeededRandom(seed).fill(bytes);
    return bytes;
}

inline bool goesOn(std::uint64_t, std::uint64_t)
{
    return true;
}

/// Within its life no file grows beyond so many bytes: what a full disk looks like from here, short
/// writes included.
class FullDisk {
public:
    explicit FullDisk(std::uint64_t bytes)
    {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        rlimit now = m_before;
        now.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &m_before); }
    FullDisk(const FullDisk &) = delete;
    FullDisk &operator=(const FullDisk &) = delete;

private:
    rlimit m_before{};
};

/// A folder of attachments beside one of a person's files.
struct BlobScene {
    BlobScene() { fs::create_directories(mine()); }

    [[nodiscard]] fs::path root() const { return dir.path().toStdString(); }
    [[nodiscard]] fs::path mine() const { return root() / "mine"; }
    [[nodiscard]] BlobFolder folder() const { return BlobFolder(root() / "blobs"); }
    [[nodiscard]] fs::path write(const std::string &name, const Bytes &bytes) const
    {
        QFile file(QString::fromStdString((mine() / name).string()));
        const auto size = static_cast<qint64>(bytes.size());
        if (!file.open(QIODevice::WriteOnly)
            || file.write(reinterpret_cast<const char *>(bytes.data()), size) != size)
            return {};
        return mine() / name;
    }
    [[nodiscard]] static Bytes read(const fs::path &path)
    {
        QFile file(QString::fromStdString(path.string()));
        if (!file.open(QIODevice::ReadOnly))
            return {};
        const QByteArray all = file.readAll();
        const auto *first = reinterpret_cast<const std::byte *>(all.data());
        return {first, first + all.size()};
    }
    /// Names of all that lies there.
    [[nodiscard]] static QStringList namesIn(const fs::path &path)
    {
        return QDir(QString::fromStdString(path.string()))
            .entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot);
    }
    [[nodiscard]] blobs::BlobRef seal(const Bytes &content, const std::string &name = "a.bin")
    {
        Sealing how;
        how.key.fill(static_cast<std::byte>(++lastKey));
        const auto sealed = sealFile(folder(), write(name, content), how, goesOn);
        return sealed ? sealed->ref : blobs::BlobRef{};
    }
    /// All pieces, as another computer holds them.
    [[nodiscard]] std::vector<Bytes> piecesOf(const blobs::BlobRef &ref) const
    {
        const blobs::Shape shape(ref.size);
        std::vector<Bytes> pieces;
        for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece)
            pieces.push_back(folder().read(ref.root(), shape, piece));
        return pieces;
    }

    QTemporaryDir dir;
    int lastKey = 0;
};

} // namespace nlbd::store::test
