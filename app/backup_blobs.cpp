#include "app/backup_blobs.h"

#include "core/store/blob_folder.h"

namespace nlbd::app {

namespace fs = std::filesystem;

namespace {

/// False: it is gone, or `error` says why.
bool nameAgain(const fs::path &file, const fs::path &name, std::error_code &error)
{
    fs::create_hard_link(file, name, error);
    if (!error)
        return true;
    if (!fs::exists(file)) {
        error.clear();
        return false;
    }
    fs::copy_file(file, name, error); // a disk without second names
    return !error;
}

} // namespace

std::expected<BackupBlobs, std::string> addBlobs(const fs::path &from, const fs::path &to,
                                                 std::uint64_t max)
{
    BackupBlobs added;
    const store::BlobFolder blobs(from);
    const auto all = blobs.list();
    if (all.empty())
        return added;
    const store::BlobFolder copies(to);
    if (!copies.make())
        return std::unexpected(to.string());
    for (const store::BlobFolder::Stored &blob : all) {
        if (added.files == max) {
            ++added.leftOut;
            continue;
        }
        std::error_code error;
        if (nameAgain(blobs.fileOf(blob.root), copies.fileOf(blob.root), error)) {
            ++added.files;
            added.whole += blob.held.isFull() ? 1 : 0;
        } else if (error) {
            return std::unexpected(copies.fileOf(blob.root).string() + ": " + error.message());
        }
    }
    return added;
}

} // namespace nlbd::app
